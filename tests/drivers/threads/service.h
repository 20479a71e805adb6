// What the gateway calls by itself, and who calls it: a token service that is a collector too, and
// a reader of the admin address. Both over plain sockets, on threads of the test's own.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace aigw::tests {

// Answers every POST with another token, and counts them.
class Service {
 public:
  Service();
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // "http://127.0.0.1:1064"
  std::string url() const;
  uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }

 private:
  void run();
  void answer(int connection);

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> answered_{0};
  std::thread thread_;
};

// The whole answer of 127.0.0.1 to a request without a body, with its head; "" where there is none.
std::string http_ask(uint16_t port, const std::string& method, const std::string& target);

}  // namespace aigw::tests
