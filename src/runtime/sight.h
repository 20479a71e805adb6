// What is seen of the requests of a process: counts them, tells of them, and shows both.
//
// Counts and events stand in memory that the process keeps (shared_memory.h), so that they go on
// across runtimes and builds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "observe/block.h"
#include "observe/feed.h"
#include "observe/meter.h"
#include "observe/prometheus.h"
#include "observe/records.h"
#include "runtime/shared_memory.h"

namespace aigw::runtime {

class Sight {
 public:
  // The name of the block in the registry; its layout's number is part of it.
  static constexpr Bytes kMemory = "ai_gateway.metrics.1";

  // Takes spans; never waits.
  using SpanSink = std::function<void(const observe::RequestRecord&)>;

  Sight(const SharedRegistry& registry, uint32_t workers);
  ~Sight();

  // For the worker of this index: its requests share no lock with those of others.
  observe::Recorder& recorder(uint32_t worker);

  // Counts one, from any thread.
  void count(observe::Family family, const observe::Labels& labels, uint64_t amount = 1);

  // Every series, without the end of the exposition.
  std::string metrics(observe::TextFormat format) const;

  observe::Block& block() { return block_; }
  // Every request and attempt, while somebody wants them; and requests that went wrong, always.
  observe::Feed& events() { return events_; }
  observe::Feed& errors() { return errors_; }

  // Where every request is published besides, for a log; null for nowhere. Set before the first request.
  void log_requests(observe::Feed* to) { log_ = to; }
  // Where requests that have a trace go besides. Set before the first request.
  void export_spans(SpanSink to) { spans_ = std::move(to); }

 private:
  class Shard;

  SharedMemory memory_;
  SharedMemory events_memory_;
  SharedMemory errors_memory_;
  observe::Block block_;
  observe::Meter meter_;
  observe::Feed events_;
  observe::Feed errors_;
  observe::Feed* log_ = nullptr;
  SpanSink spans_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace aigw::runtime
