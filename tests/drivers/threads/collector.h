// A collector of OTLP over gRPC, on one thread of its own.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

namespace aigw::tests {

// Takes every export, whatever is in it, and counts them.
class Collector {
 public:
  Collector();
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // "http://127.0.0.1:1064"
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  uint64_t exports() const { return exports_.load(std::memory_order_relaxed); }

 private:
  struct Call;
  void run();
  // The call that comes next.
  void expect();

  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::atomic<uint64_t> exports_{0};
  std::thread thread_;
};

}  // namespace aigw::tests
