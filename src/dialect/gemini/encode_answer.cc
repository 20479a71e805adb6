#include "dialect/gemini/encode_answer.h"

#include "dialect/gemini/answer_parts.h"
#include "dialect/gemini/answer_words.h"
#include "dialect/gemini/error.h"
#include "dialect/gemini/language.h"
#include "json/text.h"

namespace aigw::dialect::gemini {
namespace {

void write_block(json::Writer& writer, const chat::Block& block, bool own, chat::Drops& drops) {
  if (const auto* text = std::get_if<chat::Text>(&block.value)) {
    if (!text->citations.empty()) drops.add("citations of the answer");
    return write_text_part(writer, text->text);
  }
  if (const auto* call = std::get_if<chat::ToolCall>(&block.value)) {
    return write_call_part(writer, *call, drops);
  }
  if (const auto* thought = std::get_if<chat::Reasoning>(&block.value)) {
    return write_thought_part(writer, thought->text, thought->signature, thought->redacted);
  }
  if (holds_whole(block, own, drops)) write_whole_part(writer, block);
}

// The member `name` behind a comma, on one line: a line end would end a line of a stream.
void append_member(std::string& out, Bytes name, Bytes raw) {
  out += ",\"";
  out += name;
  out += "\":";
  for (char c : raw) out += c == '\n' || c == '\r' ? ' ' : c;
}

// What a candidate has behind its content: `extras` as append_member wrote them.
void finish_candidate(json::Writer& writer, std::string& out, Bytes finish_reason,
                      const std::string& extras) {
  writer.member("finishReason", finish_reason);
  writer.member_number("index", 0);
  out += extras;
  writer.end_object();
}

}  // namespace

void encode_answer(const chat::Answer& answer, const AnswerNames& names, chat::Drops& drops,
                   std::string& out) {
  const bool own = answer.language == kLanguage;
  std::string extras;
  for (const chat::Extra& extra : answer.extras) {
    const Bytes name = candidate_member(extra.name, own);
    name.empty() ? drops.add(extra.name) : append_member(extras, name, extra.raw);
  }
  json::Writer writer(out);
  writer.begin_object();
  writer.member_array("candidates");
  writer.begin_object();
  writer.member_object("content");
  writer.member_array("parts");
  for (const chat::Block& block : answer.blocks) write_block(writer, block, own, drops);
  writer.end_array();
  writer.member("role", "model");
  writer.end_object();
  finish_candidate(writer, out, encode_finish_reason(answer.stop), extras);
  writer.end_array();
  writer.key("usageMetadata");
  write_usage(writer, answer.usage);
  writer.member("modelVersion", answer.model.empty() ? names.model : answer.model);
  writer.member_unless_empty("responseId", answer.id.empty() ? names.id : answer.id);
  writer.end_object();
  writer.finish();
  if (!answer.service_tier.empty()) drops.add("service_tier");
}

void StreamEncoder::on_event(const chat::Event& event) {
  namespace e = chat::event;
  std::visit(chat::Overload{
                 [&](const e::Start& x) { start(x); },
                 [&](const e::BlockOpen& x) { open(x); },
                 [&](const e::TextDelta& x) {
                   if (x.text.empty()) return;
                   emit_part([&](json::Writer& writer) { write_text_part(writer, x.text); });
                 },
                 [&](const e::Citation&) { drops_.add("citations of the answer"); },
                 [&](const e::ArgsDelta& x) { arguments_ += x.arguments; },
                 [&](const e::ReasoningDelta& x) {
                   if (x.text.empty()) return;
                   emit_part(
                       [&](json::Writer& writer) { write_thought_part(writer, x.text, {}, {}); });
                 },
                 [&](const e::SignatureDelta& x) { signature_ += x.signature; },
                 [&](const e::Redacted& x) { redacted_ = x.data; },
                 [&](const e::BlockClose&) { close(); },
                 [&](const e::BlockWhole& x) { whole(*x.block); },
                 [&](const e::UsageReport& x) {
                   usage_.merge(x.usage);
                   if (!x.service_tier.empty()) drops_.add("service_tier");
                 },
                 [&](const e::AnswerExtra& x) { extra(x.extra); },
                 [&](const e::Finish& x) { finish_reason_ = encode_finish_reason(x.reason); },
                 [&](const e::Done&) { done(); },
                 [&](const e::Fault& x) { fault(x); },
                 [](const e::Ping&) {},  // nothing that an object could say
             },
             event);
}

void StreamEncoder::start(const chat::event::Start& start) {
  own_ = start.language == kLanguage;
  if (!start.model.empty()) model_ = start.model;
  if (!start.id.empty()) id_ = start.id;
}

void StreamEncoder::begin_item() {
  if (framing_ == Framing::events) {
    out_ += "data: ";
  } else {
    out_ += any_item_ ? ",\r\n" : "[";
  }
  any_item_ = true;
}

void StreamEncoder::end_item() {
  if (framing_ == Framing::events) out_ += "\r\n\r\n";
}

void StreamEncoder::names(json::Writer& writer) {
  writer.member("modelVersion", model_);
  writer.member_unless_empty("responseId", id_);
}

template <class Fill>
void StreamEncoder::emit_part(Fill&& fill) {
  begin_item();
  json::Writer writer(out_);
  writer.begin_object();
  writer.member_array("candidates");
  writer.begin_object();
  writer.member_object("content");
  writer.member_array("parts");
  fill(writer);
  writer.end_array();
  writer.member("role", "model");
  writer.end_object();
  writer.member_number("index", 0);
  writer.end_object();
  writer.end_array();
  names(writer);
  writer.end_object();
  writer.finish();
  end_item();
}

void StreamEncoder::open(const chat::event::BlockOpen& open) {
  kind_ = open.kind;
  call_id_ = open.id;
  call_name_ = open.name;
  freeform_ = open.freeform;
  arguments_.clear();
  signature_.clear();
  redacted_.clear();
}

// What comes whole: a call, and the signature of a thought, which is a part of its own behind it.
void StreamEncoder::close() {
  if (kind_ == Kind::tool_call) {
    const chat::ToolCall call{.id = call_id_,
                              .name = call_name_,
                              .arguments = arguments_,
                              .freeform = freeform_,
                              .signature = signature_};
    emit_part([&](json::Writer& writer) { write_call_part(writer, call, drops_); });
  } else if (!signature_.empty() || !redacted_.empty()) {
    emit_part(
        [&](json::Writer& writer) { write_thought_part(writer, {}, signature_, redacted_); });
  }
}

void StreamEncoder::whole(const chat::Block& block) {
  if (!holds_whole(block, own_, drops_)) return;
  emit_part([&](json::Writer& writer) { write_whole_part(writer, block); });
}

void StreamEncoder::extra(const chat::Extra& extra) {
  const Bytes name = candidate_member(extra.name, own_);
  name.empty() ? drops_.add(extra.name) : append_member(extras_, name, extra.raw);
}

void StreamEncoder::done() {
  begin_item();
  json::Writer writer(out_);
  writer.begin_object();
  writer.member_array("candidates");
  writer.begin_object();
  writer.member_object("content");
  writer.member_array("parts");
  write_text_part(writer, {});
  writer.end_array();
  writer.member("role", "model");
  writer.end_object();
  finish_candidate(writer, out_, finish_reason_, extras_);
  writer.end_array();
  writer.key("usageMetadata");
  write_usage(writer, usage_);
  names(writer);
  writer.end_object();
  writer.finish();
  end_item();
  if (framing_ == Framing::array) out_ += "]";
}

void StreamEncoder::fault(const chat::event::Fault& fault) {
  begin_item();
  out_ += error_body(fault.status, fault.message.empty() ? fault.type : fault.message);
  end_item();
  if (framing_ == Framing::array) out_ += "]";
}

}  // namespace aigw::dialect::gemini
