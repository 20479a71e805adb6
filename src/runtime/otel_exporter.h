// Sends spans and metrics to a collector, on a thread of its own. A collector that is slow, down or
// wrong costs spans, which are counted, and nothing else: who hands one over never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/http_client.h"
#include "net/interrupt.h"
#include "observe/block.h"
#include "observe/otlp.h"
#include "runtime/otel_options.h"

namespace aigw::runtime {

// A way to collectors besides HTTP, for one thread.
class OtlpChannel {
 public:
  virtual ~OtlpChannel() = default;
  // Sends the bytes of one export request of the signal; false where the collector did not take it.
  enum class Signal : uint8_t { traces, metrics };
  virtual bool send(Signal signal, const OtelExport& to, const std::string& body,
                    std::chrono::milliseconds timeout) = 0;
  // From any thread: a send that goes on comes to its end, and later ones fail.
  virtual void interrupt() = 0;
};

class OtelExporter {
 public:
  // `exporter` is traces or metrics: so many of them reached nobody. From any thread.
  using Dropped = std::function<void(Bytes exporter, uint64_t count)>;

  // `grpc`: for what the options want to go that way; null where they want nothing so.
  OtelExporter(OtelOptions options, const observe::Block& block, Dropped dropped,
               std::unique_ptr<OtlpChannel> grpc = nullptr);
  // Sends what waits, for a moment at most.
  ~OtelExporter();
  OtelExporter(const OtelExporter&) = delete;
  OtelExporter& operator=(const OtelExporter&) = delete;

  bool takes_spans() const { return options_.traces.to != ExportTo::nowhere; }

  // The span of a request that has a trace; moves out of its content. Takes no lock.
  void span(const observe::RequestRecord& request);

 private:
  struct Node;

  void run();
  void send_spans();
  void send_batch(std::vector<std::string>& batch);
  void send_metrics();
  std::vector<std::unique_ptr<Node>> take_all();
  std::string complete(Node& node);
  bool post(OtlpChannel::Signal signal, const OtelExport& to, const std::string& body);

  const OtelOptions options_;
  const observe::Block& block_;
  const Dropped dropped_;
  const uint64_t began_ns_;
  std::atomic<Node*> newest_{nullptr};
  std::atomic<size_t> waiting_{0};
  std::atomic<size_t> waiting_bytes_{0};
  net::Interrupt interrupt_;
  const net::HttpClient client_;
  const std::unique_ptr<OtlpChannel> grpc_;
  observe::Sent sent_;  // what the collector has of the metrics
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_{false};
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace aigw::runtime
