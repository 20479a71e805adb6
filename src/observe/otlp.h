// OpenTelemetry's protocol: spans and metrics as protobuf messages (opentelemetry-proto 1.x).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "observe/block.h"
#include "observe/content.h"
#include "observe/records.h"

namespace aigw::observe {

struct Resource {
  std::vector<std::pair<std::string, std::string>> attributes;
};

// One Span message.
struct EncodedSpan {
  std::string bytes;
  uint32_t attributes = 0;  // that it has, and
  uint32_t dropped = 0;     // that are beyond the limit
};

// Of a request that has a trace context; of its content, an error's text only. `end_ns` since 1970.
EncodedSpan encode_span(const RequestRecord& request, const SpanOptions& options, uint64_t end_ns);

// Says in a span that ends here how many attributes it lacks; what was said before counts no longer.
void finish_span(std::string& span, uint32_t dropped);

// ExportTraceServiceRequest; `spans` as encode_span gives them.
std::string encode_traces(const Resource& resource, std::span<const std::string> spans);

enum class Temporality : uint8_t { cumulative, delta };

// What a collector has got of the series of a block, so that the next export says what is new. For one thread.
class Sent {
 public:
  // What the block counts by now is not told to a collector that takes deltas.
  Sent(Temporality temporality, const Block& block);

  // ExportMetricsServiceRequest of all series: cumulative since `start_ns`, or since the last export that was taken.
  // Empty where there is nothing to tell.
  std::string encode(const Resource& resource, const Block& block, uint64_t start_ns, uint64_t now_ns);
  // The collector has what was encoded last.
  void taken();

 private:
  friend class MetricsWriter;
  using Values = std::unordered_map<const Series*, std::vector<uint64_t>>;

  const Temporality temporality_;
  Values before_;      // of deltas: what the last export that was taken reached to
  Values now_;
  uint64_t until_ns_ = 0;  // when that was; 0: nothing was taken yet
  uint64_t now_ns_ = 0;
};

}  // namespace aigw::observe
