// A request and its answer, whatever they are, as a span shows them: nothing that a client or a provider says ends the
// exporter's thread, and it has no more attributes than it may.
#include <string>

#include "capture/capture.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using aigw::endpoint::EndpointKind;
  aigw::fuzz::Input input(data, size);
  const uint8_t kinds = static_cast<uint8_t>(EndpointKind::models) + 1;
  aigw::observe::Content content;
  content.endpoint = static_cast<uint8_t>(input.byte() % kinds);
  const uint8_t flags = input.byte();
  content.streaming = (flags & 1) == 0;
  content.answer_type = content.streaming ? "text/event-stream" : "application/json";
  const aigw::Bytes rest = input.rest();
  const size_t cut = rest.find('\xff');
  content.request = rest.substr(0, cut);
  content.answer = cut == aigw::Bytes::npos ? rest : rest.substr(cut + 1);
  content.request_size = content.request.size() + ((flags & 2) != 0 ? 1 : 0);
  content.answer_size = content.answer.size() + ((flags & 4) != 0 ? 1 : 0);
  aigw::observe::SpanOptions options;
  options.semconv = (flags & 8) != 0 ? aigw::observe::Semconv::gen_ai : aigw::observe::Semconv::openinference;
  options.content.capture_messages = true;
  options.limits.attributes = (flags & 16) != 0 ? 5 : SIZE_MAX;
  aigw::observe::EncodedSpan span;
  aigw::capture::append_content(content, options, span);
  aigw::fuzz::require(span.attributes <= options.limits.attributes, "a span has more attributes than it may");
  return 0;
}
