// What an exemplar says of the request that it shows, as it stands in the block (block.h).
#pragma once

#include "base/bytes.h"
#include "observe/labels.h"
#include "observe/trace.h"

namespace aigw::observe {

// Which request an exemplar shows, and when that was.
struct Shown {
  Bytes request_id;
  const TraceContext* trace = nullptr;  // null: it has no span
  uint64_t unix_milliseconds = 0;
};

// Its id, and its span where that is recorded. Ids of the usual 36 characters leave room for both;
// beside a longer one the span is left out.
Labels exemplar_labels(const Shown& shown);

// Views of the labels; the ids of trace and span in hexadecimal. Empty: it does not say.
struct ExemplarIds {
  Bytes request_id;
  Bytes trace_id;
  Bytes span_id;
};
ExemplarIds read_exemplar_labels(Bytes labels);

}  // namespace aigw::observe
