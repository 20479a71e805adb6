// Plays the carrier that Envoy is in real life: one header map for all attempts, headers of its own
// added to it, bodies in pieces that die after the call, retries from the original body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "drivers/case_file.h"
#include "endpoint/table.h"

namespace aigw::tests {

// How a body is cut.
struct Chunking {
  enum class Mode : uint8_t {
    whole,
    split,   // in two calls, the first with `size` bytes
    fixed,   // in calls of `size` bytes
    slices,  // in one call, as slices of `size` bytes
  };
  Mode mode = Mode::whole;
  size_t size = 0;
};

std::string to_string(const Chunking& chunking);

using Headers = std::vector<std::pair<std::string, std::string>>;

// What a provider received.
struct Sent {
  std::string backend;
  Headers headers;
  std::string body;
};

// What the core told its recorder.
struct Told {
  int began = 0;
  int ended = 0;
  int status = 0;  // that the client got
  std::string outcome;
  uint32_t attempts = 0;
  std::vector<std::string> attempt_outcomes;
  std::map<std::string, uint64_t> costs;
  std::set<std::string> limited;
};

struct Outcome {
  std::vector<Sent> sent;
  int status = 0;
  Headers headers;
  std::string body;
  bool cut = false;
  std::string model;  // x-ai-eg-model when the route was chosen, "" for none
  std::map<std::string, std::string> metadata;  // values as JSON texts
  std::set<std::string> dropped;                // members that translations dropped
  Headers request_at_end;                       // as an access log sees it
  Told told;
};

// The request headers that the client of a case sends, with the pseudo-headers.
Headers client_headers(const Case& story);

// Those that Envoy adds on the way, and to each attempt.
inline constexpr const char* kCarrierHeaders[] = {"x-request-id", "x-forwarded-proto",
                                                  "x-envoy-attempt-count"};

// The clock of the core: seconds since 1970, the same in every run.
void set_clock(uint64_t unix_seconds);
uint64_t clock();

// Throws std::logic_error where the core breaks the rules of its own interface.
Outcome carry(const Case& story, const std::shared_ptr<const config::Config>& config,
              const std::shared_ptr<const endpoint::Table>& endpoints, Chunking request_chunking,
              Chunking response_chunking);

// A content coding, as case files name it, as a provider sends it, and back; the text "(not gzip)" and the like for
// what is none.
std::string compress(const std::string& coding, const std::string& text);
std::string decompress(const std::string& coding, const std::string& bytes);

}  // namespace aigw::tests
