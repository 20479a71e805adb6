#include "base/check.h"
#include "chat/fold.h"

namespace aigw::chat {
namespace {

using Kind = event::BlockOpen::Kind;

// The elements of a raw JSON array, one by one: the hub has no parser, so it counts brackets
// outside of strings. `array` is valid JSON.
template <class Visit>
void for_each_element(Bytes array, Visit&& visit) {
  size_t depth = 0;
  bool in_string = false;
  size_t begin = 1;
  const auto element = [&](size_t end) {
    const Bytes text = array.substr(begin, end - begin);
    if (text.find_first_not_of(" \t\r\n") != Bytes::npos) visit(text);
    begin = end + 1;
  };
  for (size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (--depth == 0) element(i);
    } else if (c == ',' && depth == 1) {
      element(i);
    }
  }
}

class Unfold {
 public:
  Unfold(EventSink& sink, uint32_t index) : sink_(sink), index_(index) {}

  void operator()(const Text& text) const {
    emit(event::BlockOpen{.index = index_, .kind = Kind::text, .refusal = text.refusal});
    if (!text.text.empty()) emit(event::TextDelta{index_, text.text});
    for_each_element(text.citations, [&](Bytes raw) { emit(event::Citation{index_, raw}); });
    emit(event::BlockClose{index_});
  }

  void operator()(const Reasoning& reasoning) const {
    emit(event::BlockOpen{.index = index_, .kind = Kind::reasoning, .id = reasoning.id});
    if (!reasoning.redacted.empty()) {
      emit(event::Redacted{index_, reasoning.redacted});
    } else {
      if (!reasoning.text.empty()) emit(event::ReasoningDelta{index_, reasoning.text});
      if (!reasoning.signature.empty()) emit(event::SignatureDelta{index_, reasoning.signature});
    }
    emit(event::BlockClose{index_});
  }

  void operator()(const ToolCall& call) const {
    emit(event::BlockOpen{.index = index_,
                          .kind = Kind::tool_call,
                          .id = call.id,
                          .name = call.name,
                          .freeform = call.freeform});
    if (!call.arguments.empty()) emit(event::ArgsDelta{index_, call.arguments});
    if (!call.signature.empty()) emit(event::SignatureDelta{index_, call.signature});
    emit(event::BlockClose{index_});
  }

  void operator()(const Image& block) const { whole(block); }
  void operator()(const File& block) const { whole(block); }
  void operator()(const Audio& block) const { whole(block); }
  void operator()(const Opaque& block) const { whole(block); }

  // No answer holds these.
  void operator()(const ToolResult&) const { AIGW_CHECK(false); }
  void operator()(const CachePoint&) const { AIGW_CHECK(false); }

 private:
  void emit(const Event& event) const { sink_.on_event(event); }
  void whole(const Block& block) const { emit(event::BlockWhole{index_, &block}); }

  EventSink& sink_;
  uint32_t index_;
};

}  // namespace

void unfold(const Answer& answer, EventSink& sink) {
  sink.on_event(event::Start{answer.language, answer.id, answer.model, answer.created});
  uint32_t index = 0;
  for (const Block& block : answer.blocks) std::visit(Unfold(sink, index++), block.value);
  for (const Extra& extra : answer.extras) sink.on_event(event::AnswerExtra{extra});
  sink.on_event(event::UsageReport{answer.usage, answer.service_tier});
  sink.on_event(event::Finish{answer.stop, answer.stop_raw, answer.stop_sequence});
  sink.on_event(event::Done{});
}

}  // namespace aigw::chat
