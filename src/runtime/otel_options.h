// What OpenTelemetry's environment variables say, as the peer reads them (its facts, 6.3).
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "net/tls.h"
#include "observe/content.h"
#include "observe/otlp.h"
#include "observe/trace.h"

namespace aigw::runtime {

enum class ExportTo : uint8_t { nowhere, console, otlp };

// One kind of signal on its way out.
struct OtelExport {
  ExportTo to = ExportTo::nowhere;
  bool grpc = false;  // over gRPC, to the host and port of the URL; else over HTTP
  std::string url;    // of otlp
  net::TlsFiles tls;  // of https
  std::vector<std::pair<std::string, std::string>> headers;  // may hold keys
  std::chrono::milliseconds timeout{10'000};
  bool gzip = false;  // what is sent is compressed
};

struct OtelOptions {
  OtelExport traces;
  OtelExport metrics;
  observe::TraceOptions tracing;
  observe::SpanOptions spans;
  observe::Resource resource;
  size_t queue_max = limits::spans_queued_max;
  size_t batch_max = limits::spans_of_batch_max;
  std::chrono::milliseconds schedule_delay{5'000};
  std::chrono::milliseconds metrics_interval{60'000};
  observe::Temporality temporality = observe::Temporality::cumulative;
  std::vector<std::string> warnings;

  bool exports() const { return traces.to != ExportTo::nowhere || metrics.to != ExportTo::nowhere; }
};

// The value of a variable; empty where it is not set.
using Environment = std::function<std::string(const char* name)>;

// Fails on an unknown AI_GATEWAY_TRACING_SEMCONV, as the peer does. What this process cannot do is left off with a
// warning: gRPC where it does not speak that, above all.
Result<OtelOptions> read_otel_options(const Environment& environment, bool speaks_grpc = false);

}  // namespace aigw::runtime
