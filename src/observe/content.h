// What a span shows of a request and its answer, and what is kept of them until it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/limits.h"

namespace aigw::observe {

enum class Semconv : uint8_t { openinference, gen_ai };

// The beginning of a request's body and of its answer, up to limits::span_content_max each.
struct Content {
  uint8_t endpoint = 0;        // an endpoint::EndpointKind
  std::string request;         // as the client sent it
  uint64_t request_size = 0;   // of the whole body
  std::string answer;          // as the client got it
  uint64_t answer_size = 0;    // of the whole answer
  std::string answer_type;     // its content-type
  std::string answer_coding;   // its content-encoding; empty for none
  bool streaming = false;      // the answer is a stream of events

  size_t size() const { return request.size() + answer.size(); }
  bool answer_is_whole() const { return answer.size() == answer_size; }
  bool request_is_whole() const { return request.size() == request_size; }
};

// What is shown: OPENINFERENCE_HIDE_* and OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH in OpenInference's convention, and
// OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT in OpenTelemetry's.
struct ContentOptions {
  bool hide_inputs = false;
  bool hide_outputs = false;
  bool hide_input_messages = false;
  bool hide_output_messages = false;
  bool hide_input_text = false;
  bool hide_output_text = false;
  bool hide_input_images = false;
  bool hide_invocation_parameters = false;
  bool hide_embeddings_text = false;
  bool hide_embeddings_vectors = false;
  bool hide_prompts = false;
  bool hide_choices = false;
  size_t base64_image_max = limits::span_image_max;  // characters of a data: URL
  bool capture_messages = false;  // gen_ai
};

// The limits of OpenTelemetry's SDKs (OTEL_SPAN_ATTRIBUTE_*).
struct SpanLimits {
  size_t attributes = limits::span_attributes_max;
  size_t value_characters = SIZE_MAX;
};

struct SpanOptions {
  Semconv semconv = Semconv::openinference;
  ContentOptions content;
  SpanLimits limits;

  // Whether anything that is shown is read from a body.
  bool keeps_content() const {
    return semconv == Semconv::gen_ai || !content.hide_inputs || !content.hide_outputs ||
           !content.hide_invocation_parameters;
  }
  // Whether an error may be shown in the words of whoever answered it.
  bool shows_answers() const {
    return semconv == Semconv::gen_ai ? content.capture_messages : !content.hide_outputs;
  }
};

// In the place of what is hidden, as OpenInference has it.
inline constexpr char kHidden[] = "__REDACTED__";

}  // namespace aigw::observe
