#include "observe/exemplar.h"

#include "observe/block.h"

namespace aigw::observe {
namespace {

constexpr Bytes kRequest = "request_id";
// The trace's id and the span's, in one label: two would find no room beside a request's id.
constexpr Bytes kSpan = "span";
constexpr size_t kTraceDigits = 32, kSpanDigits = 16;

}  // namespace

Labels exemplar_labels(const Shown& shown) {
  Labels labels;
  labels.reserve(Exemplar::kTextMax);
  if (!shown.request_id.empty()) labels.add(kRequest, shown.request_id);
  const TraceContext* const trace = shown.trace;
  if (trace == nullptr || !trace->sampled) return labels;
  const size_t before = labels.bytes().size();
  char digits[kTraceDigits + kSpanDigits];
  put_hex(digits, trace->trace_id.data(), trace->trace_id.size());
  put_hex(digits + kTraceDigits, trace->span_id.data(), trace->span_id.size());
  labels.add(kSpan, Bytes(digits, sizeof digits));
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
