// Trace contexts: what crosses from a client through the gateway to a provider.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace aigw::observe {

struct TraceContext {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};    // of the gateway's span
  std::array<uint8_t, 8> parent_id{};  // all zero: it is the first of its trace
  bool sampled = false;
};

// The forms in which a context stands in headers, by the names of OTEL_PROPAGATORS.
struct Propagators {
  bool tracecontext = true;  // W3C: traceparent
  bool b3 = false;           // b3
  bool b3multi = false;      // x-b3-traceid, x-b3-spanid, x-b3-sampled
  bool jaeger = false;       // uber-trace-id
  bool xray = false;         // x-amzn-trace-id
  bool ottrace = false;      // ot-tracer-traceid, ot-tracer-spanid, ot-tracer-sampled
};

// The first value of a header, empty where there is none; what it shows lives until the next call.
using ReadHeader = std::function<Bytes(Bytes name)>;
// Replaces a header.
using SetHeader = std::function<void(Bytes name, Bytes value)>;

// A value of traceparent. Anything that is none of version 00's form is refused.
bool parse_traceparent(Bytes value, TraceContext& into);
// {trace id}-{span id}[-{sampled}[-{parent}]]
bool parse_b3(Bytes value, TraceContext& into);
// {trace id}:{span id}:{parent}:{flags}; ids may lack zeros in front
bool parse_jaeger(Bytes value, TraceContext& into);
// Root=1-{8}-{24};Parent={span id};Sampled={0|1}, in any order
bool parse_xray(Bytes value, TraceContext& into);

// A value of traceparent.
std::array<char, 55> to_traceparent(const TraceContext& context);
std::string to_b3(const TraceContext& context);
std::string to_jaeger(const TraceContext& context);
std::string to_xray(const TraceContext& context);
// Writes 2 * `size` lower-case digits to `to`.
void put_hex(char* to, const uint8_t* bytes, size_t size);
std::string to_hex(const uint8_t* bytes, size_t size);
// An id of `size` bytes in lower-case hexadecimal, exactly. False for what is none, and for all zeros.
bool read_id(Bytes text, uint8_t* into, size_t size);

enum class Sampler : uint8_t { always_on, always_off, ratio };

struct TraceOptions {
  Propagators propagators;
  Sampler sampler = Sampler::always_on;
  double ratio = 1;            // of Sampler::ratio
  bool parent_decides = true;  // where there is one
  bool keeps_content = false;  // spans show something of requests and answers
};

// Begins spans: chooses their ids, and whether they are recorded. From any thread, without a lock.
class Tracer {
 public:
  Tracer(const TraceOptions& options, uint64_t seed) : options_(options), state_(seed) {}

  // Below the parent that the request's headers name, if one does; where several do, the last of Propagators wins.
  TraceContext start(const ReadHeader& read);
  // Writes the context into the headers of what goes on.
  void inject(const TraceContext& context, const SetHeader& set) const;
  bool keeps_content() const { return options_.keeps_content; }

 private:
  bool extract(const ReadHeader& read, TraceContext& into) const;
  uint64_t random();

  const TraceOptions options_;
  std::atomic<uint64_t> state_;
};

}  // namespace aigw::observe
