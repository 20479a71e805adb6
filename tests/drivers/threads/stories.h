// What the tests with several threads ask, of a configuration and of credential files that change
// meanwhile, and how they hold what they get to it. From any thread, where nothing else is said.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "drivers/core/carrier.h"

namespace aigw::tests {

// Something is not as it has to be; the first few are told on stdout.
void fail(const std::string& what);
// How often it was called.
uint64_t failures();

void sleep_ms(int milliseconds);

// A folder that goes with all that is in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string at(const std::string& name) const { return (path_ / name).string(); }
  // As Kubernetes and editors do it: the file is there at any time, old or new. One thread at a
  // time for each name.
  void replace(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

// Of one letter each, so that one that is made of two shows.
std::string key(int number);

// The files "document", "key", "aws" and "proof" of this number: another key each time, another
// model for every second, another proof for the token. `service` is the URL of the token service.
// `more` goes to the end of the document's backends.
void write_files(const Folder& folder, const std::string& service, int number,
                 const std::string& more = "");

struct Story {
  Case told;
  std::string path;        // that the last provider is asked at; "" for a request that none is
  std::string key_begins;  // the beginning of its authorization
  bool rotates = false;    // what follows is the key of some time
  bool fetches = false;    // what follows is a token, which the gateway may not have yet
};

Story story(const std::string& path, const std::string& request,
            const std::vector<std::string>& backends, const std::vector<Message>& answers);

// The backend `delivered`, for write_files(): its key is the SDS secret "provider".
extern const char* const kDelivered;

// For the backends that write_files() configures; `delivered`: for that one, too.
std::vector<Story> all_stories(bool delivered = false);

// What of the changes one worker has seen. Counted and read without any order, which would hide races between workers.
struct Seen {
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> tokens{0};  // requests that went out with one
  std::atomic<uint64_t> early{0};   // requests that were refused as long as there was none
  std::atomic<uint32_t> models{0};  // one bit each
  std::atomic<uint32_t> keys{0};
  std::atomic<uint32_t> delivered{0};  // keys by SDS
};

// Fails where the outcome is not the story's.
void check(const Story& story, const Outcome& outcome, Seen& seen);

// All that the workers have seen, at any time.
struct Sum {
  uint64_t requests = 0, tokens = 0, early = 0;
  uint32_t models = 0;  // one bit each
  int keys = 0, delivered = 0;
};
Sum sum_of(std::span<const Seen> all);

}  // namespace aigw::tests
