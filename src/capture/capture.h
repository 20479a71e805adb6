// Writes what a request and its answer said into the span of that request, in OpenInference's convention or in
// OpenTelemetry's for generative AI (peer's facts, 6.5 and 6.6). For a thread that serves no requests.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "capture/said.h"
#include "endpoint/table.h"
#include "json/cursor.h"
#include "observe/content.h"
#include "observe/otlp.h"
#include "observe/span_attributes.h"

namespace aigw::capture {

// Appends to `span`, which is the request's. What cannot be read is left out. May throw std::bad_alloc: the span has
// lost nothing then that it had.
void append_content(const observe::Content& content, const observe::SpanOptions& options, observe::EncodedSpan& span);

// One side of it, read as far as it can be. An absent `root`: it is no JSON, or was cut.
struct Document {
  endpoint::EndpointKind endpoint;
  Bytes text;             // as it is shown whole
  json::Value root = {};
  uint64_t size = 0;      // of all that was sent, even where `text` is the beginning
  Bytes type = {};        // the content-type of an answer
};

void show_request_as_openinference(const Document& request, const observe::ContentOptions& options, Arena& arena,
                                   observe::SpanAttributes& to);
void show_answer_as_openinference(const Document& answer, const observe::ContentOptions& options, Arena& arena,
                                  observe::SpanAttributes& to);
void show_request_as_gen_ai(const Document& request, const observe::ContentOptions& options, Arena& arena,
                            observe::SpanAttributes& to);
void show_answer_as_gen_ai(const Document& answer, const observe::ContentOptions& options, Arena& arena,
                           observe::SpanAttributes& to);

}  // namespace aigw::capture
