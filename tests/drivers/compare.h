// Holds what a driver saw of a case to what the case says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "drivers/case_file.h"
#include "drivers/core/carrier.h"
#include "host/aws/sigv4.h"

namespace aigw::tests {

// A key whose signatures are verified.
struct AwsKey {
  host::aws::Credentials credentials;
  std::string region;
};

// What all cases share.
struct World {
  std::filesystem::path cases;
  std::set<std::string> ignored_metadata;
  std::set<std::string> durations;  // members of bodies
  std::vector<AwsKey> keys;
  uint32_t seed = 1;
};

// Reads tests/nondeterministic.txt, and sets the clock to its time.
void read_nondeterministic(const std::string& path, World& world);

// The path below the folder of the cases, with points between its parts and without the ending.
std::string name_of(const std::filesystem::path& path, const std::filesystem::path& cases);

// The first value of a header, "" for none.
std::string value_of(const Headers& headers, const std::string& name);

// `body` where it is what the case states, and otherwise with 0 in the place of each duration, JSON or an AWS event
// stream: a duration of our own, which a case states as 0, is settled, and one that a provider has stated must pass.
std::string settled(const std::string& body, const std::string& stated, const World& world);

// Reports every difference as a failure of the running test.
void compare(const Case& story, const Outcome& outcome, const World& world);

}  // namespace aigw::tests
