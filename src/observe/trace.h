// Trace contexts: what crosses from a client through the gateway to a provider.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace aigw::observe {

struct TraceContext {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};    // of the gateway's span
  std::array<uint8_t, 8> parent_id{};  // all zero: it is the first of its trace
  bool sampled = false;
};

// The forms in which a context stands in headers.
struct Propagators {
  bool tracecontext = true;  // W3C: traceparent
  bool b3 = false;           // b3
  bool b3multi = false;      // x-b3-traceid, x-b3-spanid, x-b3-sampled
};

// What stood in a request's headers; empty where nothing did.
struct IncomingTrace {
  Bytes traceparent;
  Bytes b3;
  Bytes b3_trace_id;
  Bytes b3_span_id;
  Bytes b3_sampled;
};

// A value of traceparent. Anything that is none of version 00's form is refused.
bool parse_traceparent(Bytes value, TraceContext& into);
// {trace id}-{span id}[-{sampled}[-{parent}]]
bool parse_b3(Bytes value, TraceContext& into);

std::string to_traceparent(const TraceContext& context);
std::string to_b3(const TraceContext& context);
std::string to_hex(const uint8_t* bytes, size_t size);

enum class Sampler : uint8_t { always_on, always_off, ratio };

struct TraceOptions {
  Propagators propagators;
  Sampler sampler = Sampler::always_on;
  double ratio = 1;            // of Sampler::ratio
  bool parent_decides = true;  // where there is one
};

// Begins spans: chooses their ids, and whether they are recorded. From any thread, without a lock.
class Tracer {
 public:
  Tracer(const TraceOptions& options, uint64_t seed) : options_(options), state_(seed) {}

  TraceContext start(const IncomingTrace& incoming);
  const Propagators& propagators() const { return options_.propagators; }

 private:
  uint64_t random();

  const TraceOptions options_;
  std::atomic<uint64_t> state_;
};

}  // namespace aigw::observe
