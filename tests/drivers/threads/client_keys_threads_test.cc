// The thread of `aigw run` that follows clients' keys, under ThreadSanitizer. Keys change in a file and in one of SDS
// while it writes them, the resource is read beside it, and it is stopped and started, also at once. Every key has to
// be seen, and there must be no race: at the first one ThreadSanitizer ends the program, with 66.
//
//   client_keys_threads_test SECONDS [race]
//
// `race`: a client gets another name while the thread reads it, which `aigw run` never does. It shows that a race with
// that thread would be found.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "control/client_filter.h"

extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options() {
  return "halt_on_error=1:second_deadlock_stack=1";
}

namespace aigw::tests {
namespace {

using Clock = std::chrono::steady_clock;
using config::SecretSpec;

constexpr std::chrono::seconds kPatience{120};

[[noreturn]] void fail(const std::string& why) {
  std::cerr << why << "\n";
  std::exit(1);
}

// At once for whoever reads it.
void put(const std::string& path, const std::string& content) {
  std::ofstream(path + ".new") << content;
  if (std::rename((path + ".new").c_str(), path.c_str()) != 0) fail("cannot write " + path);
}

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Run {
 public:
  explicit Run(control::RuntimeDirectory directory) : directory_(std::move(directory)) {
    clients_.keys = {{"alice", SecretSpec::of_file(key_)}, {"bob", SecretSpec::of_sds("key-of-bob")}};
    clients_.sds_file = sds_;
    change();
  }

  int go(int seconds) {
    const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
    size_t seen = 0;
    while (Clock::now() < end || seen == 0) {
      start();
      watcher_.reset();  // before it has looked once
      start();
      for (int i = 0; i < 3; ++i, ++seen) {
        change();
        wait_for_keys();
      }
      watcher_.reset();
    }
    std::cout << seen << " changes of two keys were seen\n";
    return 0;
  }

  int race(int seconds) {
    start();
    const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
    for (uint64_t i = 0; Clock::now() < end; ++i) clients_.keys[0].name = "alice-" + std::to_string(i);
    std::cout << "no race was found\n";
    return 0;
  }

 private:
  void start() {
    const Result<std::string> resource = control::client_resource(clients_);
    if (!resource || !directory_.replace(control::kClientsFile, *resource)) fail("there are no keys");
    watcher_.emplace(clients_, directory_, *resource);
  }

  void change() {
    ++era_;
    put(key_, "alice-" + std::to_string(era_));
    put(sds_, R"({"resources":[{"name":"key-of-bob","generic_secret":{"secret":{"inline_string":"bob-)" +
                  std::to_string(era_) + "\"}}}]}");
  }

  // The thread may write the one before it sees the other.
  void wait_for_keys() const {
    const Clock::time_point end = Clock::now() + kPatience;
    while (Clock::now() < end) {
      const Result<std::string> wanted = control::client_resource(clients_);
      if (!wanted) fail("a key cannot be read: " + wanted.error().message);
      if (content(directory_.path() + "/" + control::kClientsFile) == *wanted) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    fail("keys of era " + std::to_string(era_) + " were not written");
  }

  const control::RuntimeDirectory directory_;
  const std::string key_ = directory_.path() + "/key", sds_ = directory_.path() + "/sds.json";
  config::Clients clients_;
  size_t era_ = 0;
  std::optional<control::ClientKeyWatcher> watcher_;
};

}  // namespace
}  // namespace aigw::tests

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: client_keys_threads_test SECONDS [race]\n";
    return 2;
  }
  aigw::Result<aigw::control::RuntimeDirectory> directory =
      aigw::control::RuntimeDirectory::make(aigw::control::RuntimeDirectory::default_path());
  if (!directory) {
    std::cerr << directory.error().message << "\n";
    return 1;
  }
  aigw::tests::Run run(std::move(*directory));
  return argc == 3 ? run.race(std::atoi(argv[1])) : run.go(std::atoi(argv[1]));
}
