// OpenTelemetry's protocol: spans and metrics as protobuf messages (opentelemetry-proto 1.x).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "observe/block.h"
#include "observe/records.h"

namespace aigw::observe {

enum class Semconv : uint8_t { openinference, gen_ai };

struct Resource {
  std::vector<std::pair<std::string, std::string>> attributes;
};

// One Span message, of a request that has a trace context. `end_ns` since 1970.
std::string encode_span(const RequestRecord& request, Semconv semconv, uint64_t end_ns);

// ExportTraceServiceRequest; `spans` as encode_span gives them.
std::string encode_traces(const Resource& resource, std::span<const std::string> spans);

// ExportMetricsServiceRequest of all series, cumulative since `start_ns`. Empty where there is none.
std::string encode_metrics(const Resource& resource, const Block& block, uint64_t start_ns,
                           uint64_t now_ns);

}  // namespace aigw::observe
