// Sends spans and metrics to a collector, on a thread of its own. A collector that is slow, down or
// wrong costs spans, which are counted, and nothing else: who hands one over never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/http_client.h"
#include "net/interrupt.h"
#include "observe/block.h"
#include "runtime/otel_options.h"

namespace aigw::runtime {

class OtelExporter {
 public:
  // `exporter` is traces or metrics: so many of them reached nobody. From any thread.
  using Dropped = std::function<void(Bytes exporter, uint64_t count)>;

  OtelExporter(OtelOptions options, const observe::Block& block, Dropped dropped);
  // Sends what waits, for a moment at most.
  ~OtelExporter();
  OtelExporter(const OtelExporter&) = delete;
  OtelExporter& operator=(const OtelExporter&) = delete;

  bool takes_spans() const { return options_.traces.to != ExportTo::nowhere; }

  // The span of a request that has a trace. Takes no lock.
  void span(const observe::RequestRecord& request);

 private:
  struct Node;

  void run();
  void send_spans();
  void send_metrics();
  std::vector<std::string> take_all();
  bool post(const OtelExport& to, std::string body);

  const OtelOptions options_;
  const observe::Block& block_;
  const Dropped dropped_;
  const uint64_t began_ns_;
  std::atomic<Node*> newest_{nullptr};
  std::atomic<size_t> waiting_{0};
  net::Interrupt interrupt_;
  const net::HttpClient client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_{false};
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace aigw::runtime
