#include "capture/capture.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "capture/collapse.h"
#include "wire/content_coding.h"

namespace aigw::capture {
namespace {

using endpoint::EndpointKind;

// The kept bytes out of their content coding, as far as they go.
std::string decoded(const observe::Content& content) {
  const std::optional<wire::ContentCoding> coding = wire::content_coding(content.answer_coding);
  if (!coding || *coding == wire::ContentCoding::identity) return content.answer;
  std::string text;
  wire::Decoder decoder(*coding);
  // What a corrupt body has given before it failed stands.
  static_cast<void>(decoder.feed(content.answer, [&](Bytes piece) {
    text.append(piece.substr(0, limits::span_content_max - std::min(limits::span_content_max, text.size())));
  }));
  return text;
}

// Without the white space that JSON may begin with.
Bytes stripped(Bytes text) {
  return text.substr(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
}

json::Value parsed(Bytes text, json::Parser& parser, Arena& arena) {
  if (!text.starts_with('{') && !text.starts_with('[')) return {};
  const Result<json::Value> root = parser.parse(text, arena);
  return root ? *root : json::Value();
}

}  // namespace

void append_content(const observe::Content& content, const observe::SpanOptions& options,
                    observe::EncodedSpan& span) {
  const auto endpoint = static_cast<EndpointKind>(content.endpoint);
  const bool inference = options.semconv == observe::Semconv::openinference;
  const size_t before = span.bytes.size();
  observe::SpanAttributes to(span.bytes, options.limits, span.attributes);
  try {
    json::Parser parser;
    {
      Arena arena(limits::hub_arena_max(content.request.size()));
      Document request{.endpoint = endpoint, .text = stripped(content.request), .size = content.request_size};
      if (content.request_is_whole()) request.root = parsed(request.text, parser, arena);
      (inference ? show_request_as_openinference : show_request_as_gen_ai)(request, options.content, arena, to);
    }
    if (content.answer_size > 0) {
      std::string text = decoded(content);
      if (content.streaming) text = collapse(endpoint, text, !content.answer_is_whole());
      Arena arena(limits::hub_arena_max(text.size()));
      Document answer{.endpoint = endpoint, .text = stripped(text), .size = content.answer_size};
      answer.type = content.streaming ? Bytes("application/json") : Bytes(content.answer_type);
      answer.root = parsed(answer.text, parser, arena);
      (inference ? show_answer_as_openinference : show_answer_as_gen_ai)(answer, options.content, arena, to);
    }
  } catch (...) {
    span.bytes.resize(before);
    throw;
  }
  span.attributes = to.written();
  span.dropped += to.dropped();
  if (to.dropped() > 0) observe::finish_span(span.bytes, span.dropped);
}

}  // namespace aigw::capture
