// The order of members is the peer's: id choices created model service_tier object usage in a
// chunk, index delta finish_reason in a choice, content role tool_calls reasoning_content
// thinking_blocks in a delta (its facts, 13.2).

#include <algorithm>
#include <variant>

#include "dialect/openai_chat/answer_words.h"
#include "dialect/openai_chat/encode_answer.h"
#include "dialect/openai_chat/fault.h"
#include "dialect/openai_chat/language.h"

namespace aigw::dialect::openai_chat {
namespace {

using Kind = chat::event::BlockOpen::Kind;

Bytes name_of(const chat::Block& block) {
  return std::visit(chat::Overload{[](const chat::Opaque& opaque) { return opaque.type; },
                                   [](const chat::Image&) { return Bytes("image"); },
                                   [](const chat::File&) { return Bytes("file"); },
                                   [](const chat::Audio&) { return Bytes("audio"); },
                                   // These never come whole.
                                   [](const chat::Text&) { return Bytes(); },
                                   [](const chat::ToolCall&) { return Bytes(); },
                                   [](const chat::ToolResult&) { return Bytes(); },
                                   [](const chat::Reasoning&) { return Bytes(); },
                                   [](const chat::CachePoint&) { return Bytes(); }},
                    block.value);
}

}  // namespace

void StreamEncoder::on_event(const chat::Event& event) {
  namespace e = chat::event;
  std::visit(chat::Overload{
                 [&](const e::Start& x) { start(x); },
                 [&](const e::BlockOpen& x) { open(x); },
                 [&](const e::TextDelta& x) { text(x.text); },
                 [&](const e::Citation& x) { citation(x.raw); },
                 [&](const e::ArgsDelta& x) { arguments(x.arguments); },
                 [&](const e::ReasoningDelta& x) { reasoning(x.text); },
                 [&](const e::SignatureDelta& x) { signature(x.signature); },
                 [&](const e::Redacted& x) { redacted(x.data); },
                 [&](const e::BlockClose&) { close(); },
                 [&](const e::BlockWhole& x) {
                   drops_.add("content[] of type ", name_of(*x.block));
                 },
                 [&](const e::UsageReport& x) { report(x); },
                 [&](const e::AnswerExtra& x) { extra(x.extra); },
                 [&](const e::Finish& x) { finish(x); },
                 [&](const e::Done&) { done(); },
                 [&](const e::Fault& x) { fault(x); },
                 [](const e::Ping&) {},  // nothing that a chunk could say
             },
             event);
}

void StreamEncoder::start(const chat::event::Start& start) {
  own_ = start.language == kLanguage;
  id_ = start.id.empty() ? context_.id : start.id;
  const bool clients = style_.clients_model_in_chunks || start.model.empty();
  model_ = clients ? context_.model : start.model;
  created_ = start.created;
  if (!created_ && !style_.created_per_chunk) created_ = now_;
  if (style_.opening_chunk) {
    json::Writer writer(out_);
    begin_delta(writer);
    writer.member("content", "");
    role(writer);
    end_delta(writer);
  }
}

void StreamEncoder::begin_chunk(json::Writer& writer) {
  out_ += "data: ";
  writer.begin_object();
  writer.member_unless_empty("id", id_);
  writer.member_array("choices");
}

void StreamEncoder::begin_delta(json::Writer& writer) {
  begin_chunk(writer);
  writer.begin_object();
  writer.member_number("index", 0u);
  writer.member_object("delta");
}

void StreamEncoder::role(json::Writer& writer) {
  if (role_sent_ && !style_.role_in_every_delta) return;
  role_sent_ = true;
  writer.member("role", "assistant");
}

void StreamEncoder::end_delta(json::Writer& writer, Bytes finish_reason, Bytes logprobs) {
  writer.end_object();
  writer.member_unless_empty("finish_reason", finish_reason);
  writer.member_raw_unless_empty("logprobs", logprobs);
  writer.end_object();
  end_chunk(writer, nullptr);
}

void StreamEncoder::end_chunk(json::Writer& writer, const chat::Usage* usage) {
  writer.end_array();
  const uint64_t created = created_.value_or(now_);
  if (created != 0) writer.member_number("created", created);
  writer.member("model", model_);
  if (usage != nullptr && style_.service_tier) {
    writer.member_unless_empty("service_tier", service_tier_);
  }
  writer.member("object", "chat.completion.chunk");
  if (usage != nullptr) {
    writer.key("usage");
    write_usage(writer, *usage, style_.details_always);
  }
  writer.end_object();
  writer.finish();
  out_ += "\n\n";
}

void StreamEncoder::open(const chat::event::BlockOpen& open) {
  open_ = {.index = open.index,
           .kind = open.kind,
           .refusal = open.refusal,
           .freeform = open.freeform};
  any_arguments_ = any_thought_ = false;
  if (open.kind != Kind::tool_call) return;
  ++tool_calls_;
  if (!style_.whole_calls) return tool_delta(open, true, {});
  call_id_ = open.id;
  call_name_ = open.name;
  call_arguments_.clear();
}

// A call without any argument has to say that it has none: its text must be JSON in the end.
void StreamEncoder::close() {
  if (open_.kind == Kind::tool_call && style_.whole_calls) {
    open_.id = call_id_;
    open_.name = call_name_;
    return tool_delta(open_, true, call_arguments_);
  }
  if (open_.kind == Kind::tool_call && !open_.freeform && !any_arguments_ && !own_) arguments("{}");
}

void StreamEncoder::tool_delta(const chat::event::BlockOpen& call, bool opening, Bytes arguments) {
  json::Writer writer(out_);
  begin_delta(writer);
  role(writer);
  writer.member_array("tool_calls");
  writer.begin_object();
  writer.member_number("index", tool_calls_ - 1);
  if (opening) {
    writer.member("id", call.id);
  } else {
    writer.member_null("id");
  }
  const Bytes type = call.freeform ? "custom" : "function";
  writer.member_object(type);
  writer.member(call.freeform ? "input" : "arguments", arguments);
  writer.member("name", call.name);
  writer.end_object();
  if (opening || style_.type_in_every_tool_delta) writer.member("type", type);
  writer.end_object();
  writer.end_array();
  end_delta(writer);
}

void StreamEncoder::arguments(Bytes arguments) {
  if (arguments.empty()) return;
  any_arguments_ = true;
  if (style_.whole_calls) {
    call_arguments_ += arguments;
    return;
  }
  tool_delta(open_, false, arguments);
}

void StreamEncoder::text(Bytes text) {
  if (text.empty()) return;
  json::Writer writer(out_);
  begin_delta(writer);
  writer.member(open_.refusal ? "refusal" : "content", text);
  role(writer);
  end_delta(writer);
}

void StreamEncoder::citation(Bytes raw) {
  if (!own_) return drops_.add("content[].citations");
  json::Writer writer(out_);
  begin_delta(writer);
  role(writer);
  writer.member_array("annotations");
  writer.raw(raw);
  writer.end_array();
  end_delta(writer);
}

void StreamEncoder::reasoning(Bytes text) {
  if (text.empty()) return;
  any_thought_ = true;
  json::Writer writer(out_);
  begin_delta(writer);
  role(writer);
  writer.member("reasoning_content", text);
  end_delta(writer);
}

void StreamEncoder::signature(Bytes signature) {
  if (open_.kind != Kind::reasoning) return drops_.add("tool_calls[].signature");
  if (signature.empty()) return;
  json::Writer writer(out_);
  begin_delta(writer);
  role(writer);
  writer.member_array("thinking_blocks");
  writer.begin_object();
  writer.member("type", "thinking");
  // This is what shows that it is not more of the signature of the thought before.
  if (!any_thought_ && any_signature_) writer.member("thinking", "");
  any_thought_ = any_signature_ = true;
  writer.member("signature", signature);
  writer.end_object();
  writer.end_array();
  end_delta(writer);
}

void StreamEncoder::redacted(Bytes data) {
  json::Writer writer(out_);
  begin_delta(writer);
  role(writer);
  writer.member_array("thinking_blocks");
  writer.begin_object();
  writer.member("type", "redacted_thinking");
  writer.member("data", data);
  writer.end_object();
  writer.end_array();
  end_delta(writer);
}

void StreamEncoder::extra(const chat::Extra& extra) {
  const bool of_message = std::find(std::begin(kMessageExtras), std::end(kMessageExtras),
                                    extra.name) != std::end(kMessageExtras);
  if (!of_message && extra.name != kChoiceExtra) return drops_.add(extra.name);
  json::Writer writer(out_);
  begin_delta(writer);
  role(writer);
  if (of_message) writer.member_raw(extra.name, extra.raw);
  end_delta(writer, {}, of_message ? Bytes() : extra.raw);
}

// An answer that says nothing still says whose it is.
void StreamEncoder::finish(const chat::event::Finish& finish) {
  json::Writer writer(out_);
  begin_delta(writer);
  if (style_.content_with_finish) writer.member("content", "");
  if (style_.content_with_finish || !role_sent_) role(writer);
  const bool own_word = own_ && !finish.raw.empty();
  end_delta(writer, own_word ? finish.raw
                             : finish_reason(finish.reason, style_.other_finish_reason));
}

void StreamEncoder::usage() {
  if (!any_tokens(usage_)) return;
  json::Writer writer(out_);
  begin_chunk(writer);
  end_chunk(writer, &usage_);
}

void StreamEncoder::report(const chat::event::UsageReport& report) {
  usage_.merge(report.usage);
  if (!report.service_tier.empty()) service_tier_ = report.service_tier;
  if (style_.usage_per_report && report.usage.input.value_or(0) > 0) usage();
}

void StreamEncoder::done() {
  if (!style_.usage_per_report) usage();
  out_ += "data: [DONE]\n\n";
}

void StreamEncoder::fault(const chat::event::Fault& fault) {
  out_ += "data: ";
  out_ += encode_error(fault);
  out_ += "\n\n";
}

}  // namespace aigw::dialect::openai_chat
