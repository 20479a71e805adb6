#include "observe/exemplar.h"

#include <string>

#include "observe/block.h"

namespace aigw::observe {
namespace {

constexpr Bytes kRequest = "request_id";
// The trace's id and the span's, in one label: two would find no room beside a request's id.
constexpr Bytes kSpan = "span";
constexpr size_t kTraceDigits = 32, kSpanDigits = 16;

}  // namespace

Labels exemplar_labels(Bytes request_id, const TraceContext* trace) {
  Labels labels;
  if (!request_id.empty()) labels.add(kRequest, request_id);
  if (trace == nullptr || !trace->sampled) return labels;
  const size_t before = labels.bytes().size();
  labels.add(kSpan, to_hex(trace->trace_id.data(), 16) + to_hex(trace->span_id.data(), 8));
  if (labels.bytes().size() > Exemplar::kTextMax) labels.cut(before);
  return labels;
}

ExemplarIds read_exemplar_labels(Bytes labels) {
  ExemplarIds ids;
  ids.request_id = label(labels, kRequest);
  const Bytes both = label(labels, kSpan);
  if (both.size() != kTraceDigits + kSpanDigits) return ids;
  ids.trace_id = both.substr(0, kTraceDigits);
  ids.span_id = both.substr(kTraceDigits);
  return ids;
}

}  // namespace aigw::observe
