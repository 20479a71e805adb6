// What an exemplar says of the request that it shows, as it stands in the block (block.h).
#pragma once

#include "base/bytes.h"
#include "observe/labels.h"
#include "observe/trace.h"

namespace aigw::observe {

// Its id, and its span where that is recorded: `trace` may be null. Ids of the usual 36 characters leave room for both;
// beside a longer one the span is left out.
Labels exemplar_labels(Bytes request_id, const TraceContext* trace);

// Views of the labels; the ids of trace and span in hexadecimal. Empty: it does not say.
struct ExemplarIds {
  Bytes request_id;
  Bytes trace_id;
  Bytes span_id;
};
ExemplarIds read_exemplar_labels(Bytes labels);

}  // namespace aigw::observe
