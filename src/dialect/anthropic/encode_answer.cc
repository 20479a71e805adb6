#include "dialect/anthropic/encode_answer.h"

#include "dialect/anthropic/answer_parts.h"
#include "dialect/anthropic/language.h"
#include "dialect/anthropic/raw_json.h"
#include "dialect/anthropic/stop_reason.h"
#include "dialect/anthropic/usage.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {
namespace {

class AnswerEncoder {
 public:
  AnswerEncoder(json::Writer& writer, bool own, chat::Drops& drops)
      : writer_(writer), own_(own), drops_(drops) {}

  void block(const chat::Block& block) {
    if (!answer_holds(block, own_, drops_)) return;
    if (const auto* text = std::get_if<chat::Text>(&block.value)) return write(*text);
    if (const auto* call = std::get_if<chat::ToolCall>(&block.value)) return write(*call);
    if (const auto* reasoning = std::get_if<chat::Reasoning>(&block.value)) {
      return write(*reasoning);
    }
    if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) writer_.raw(opaque->raw);
  }

 private:
  void write(const chat::Text& text) {
    begin("text");
    writer_.member("text", text.text);
    if (own_) {
      writer_.member_raw_unless_empty("citations", text.citations);
    } else if (!text.citations.empty()) {
      drops_.add("citations of the answer");
    }
    writer_.end_object();
  }

  void write(const chat::Reasoning& reasoning) {
    if (!reasoning.redacted.empty()) {
      begin("redacted_thinking");
      writer_.member("data", reasoning.redacted);
    } else {
      begin("thinking");
      writer_.member("thinking", reasoning.text);
      writer_.member("signature", reasoning.signature);
    }
    writer_.end_object();
  }

  // The input is an object in any case: {} for arguments that are broken, and for those of a
  // freeform tool one with the text as its member `input`.
  void write(const chat::ToolCall& call) {
    begin("tool_use");
    writer_.member("id", call.id);
    writer_.member("name", call.name);
    writer_.key("input");
    if (call.freeform) {
      writer_.begin_object();
      writer_.member("input", call.arguments);
      writer_.end_object();
    } else if (object_has(call.arguments, ObjectMember::any)) {
      writer_.raw(call.arguments);
    } else {
      if (!call.arguments.empty()) drops_.add("tool arguments that are no JSON object");
      writer_.raw("{}");
    }
    if (!call.signature.empty()) drops_.add("signature of a tool call");
    writer_.end_object();
  }

  void begin(Bytes type) {
    writer_.begin_object();
    writer_.member("type", type);
  }

  json::Writer& writer_;
  bool own_;
  chat::Drops& drops_;
};

}  // namespace

void encode_answer(const chat::Answer& answer, Bytes model, chat::Drops& drops, std::string& out) {
  const bool own = answer.language == kLanguage;
  json::Writer writer(out);
  AnswerEncoder encoder(writer, own, drops);
  writer.begin_object();
  writer.member("id", answer.id);
  writer.member("type", "message");
  writer.member("role", "assistant");
  writer.member_array("content");
  for (const chat::Block& block : answer.blocks) encoder.block(block);
  writer.end_array();
  writer.member("model", answer.model.empty() ? model : answer.model);
  writer.member("stop_reason", encode_stop_reason(answer.stop, answer.stop_raw, own));
  writer.member_unless_empty("stop_sequence", answer.stop_sequence);
  writer.key("usage");
  write_usage(writer, answer.usage, used_service_tier(answer.service_tier, own, drops),
              CacheCounts::always);
  for (const chat::Extra& extra : answer.extras) {
    if (own) {
      writer.member_raw(extra.name, extra.raw);
    } else {
      drops.add(extra.name);
    }
  }
  writer.end_object();
  writer.finish();
}

}  // namespace aigw::dialect::anthropic
