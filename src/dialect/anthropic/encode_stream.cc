#include "dialect/anthropic/encode_stream.h"

#include "dialect/anthropic/answer_parts.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/language.h"
#include "dialect/anthropic/raw_json.h"
#include "dialect/anthropic/stop_reason.h"
#include "dialect/anthropic/usage.h"
#include "json/text.h"

namespace aigw::dialect::anthropic {

namespace event = chat::event;

template <class Fill>
void StreamEncoder::emit(Bytes type, Fill&& fill) {
  out_ += "event: ";
  out_ += type;
  out_ += "\ndata: ";
  json::Writer writer(out_);
  writer.begin_object();
  writer.member("type", type);
  fill(writer);
  writer.end_object();
  writer.finish();
  out_ += "\n\n";
}

template <class Fill>
void StreamEncoder::emit_delta(Bytes type, Fill&& fill) {
  emit("content_block_delta", [&](json::Writer& writer) {
    writer.member_number("index", index_);
    writer.member_object("delta");
    writer.member("type", type);
    fill(writer);
    writer.end_object();
  });
}

template <class Fill>
void StreamEncoder::emit_block_start(Bytes type, Fill&& fill) {
  emit("content_block_start", [&](json::Writer& writer) {
    writer.member_number("index", index_);
    writer.member_object("content_block");
    writer.member("type", type);
    fill(writer);
    writer.end_object();
  });
}

void StreamEncoder::on_event(const chat::Event& event) {
  if (const auto* report = std::get_if<event::UsageReport>(&event)) {
    usage_.merge(report->usage);
    if (!report->service_tier.empty()) service_tier_ = report->service_tier;
    if (start_waits_) message_start();
    return;
  }
  if (start_waits_ && !std::holds_alternative<event::Fault>(event)) message_start();
  std::visit(
      chat::Overload{
          [&](const event::Start& e) { start(e); }, [&](const event::BlockOpen& e) { open(e); },
          [&](const event::TextDelta& e) { text("text_delta", "text", e.text); },
          [&](const event::Citation& e) { citation(e.raw); },
          [&](const event::ArgsDelta& e) { arguments(e.arguments); },
          [&](const event::ReasoningDelta& e) {
            open_thinking();
            text("thinking_delta", "thinking", e.text);
          },
          [&](const event::SignatureDelta& e) { signature(e.signature); },
          [&](const event::Redacted& e) { redacted(e.data); },
          [&](const event::BlockClose&) { close(); },
          [&](const event::BlockWhole& e) { whole(*e.block); },
          [](const event::UsageReport&) {},  // above
          [&](const event::AnswerExtra& e) { extra(e.extra); },
          [&](const event::Finish& e) { finish(e); }, [&](const event::Done&) { done(); },
          [&](const event::Fault& e) { fault(e); },
          [&](const event::Ping&) { emit("ping", [](json::Writer&) {}); }},
      event);
}

void StreamEncoder::start(const event::Start& start) {
  own_ = start.language == kLanguage;
  id_ = start.id;
  if (!start.model.empty()) model_ = start.model;
  start_waits_ = true;
  if (!own_) message_start();
}

void StreamEncoder::message_start() {
  start_waits_ = false;
  tier_told_ = !service_tier_.empty();
  emit("message_start", [&](json::Writer& writer) {
    writer.member_object("message");
    writer.member("id", id_);
    writer.member("type", "message");
    writer.member("role", "assistant");
    writer.member_array("content");
    writer.end_array();
    writer.member("model", model_);
    writer.member_null("stop_reason");
    writer.member_null("stop_sequence");
    writer.key("usage");
    write_usage(writer, usage_, service_tier_, CacheCounts::when_reported);
    writer.end_object();
  });
}

void StreamEncoder::open(const event::BlockOpen& open) {
  kind_ = open.kind;
  freeform_ = open.freeform;
  switch (open.kind) {
    case Kind::text:
      emit_block_start("text", [](json::Writer& writer) { writer.member("text", ""); });
      break;
    case Kind::reasoning:
      thinking_waits_ = true;  // it may be a redacted one
      break;
    case Kind::tool_call:
      emit_block_start("tool_use", [&](json::Writer& writer) {
        writer.member("id", open.id);
        writer.member("name", open.name);
        writer.member_raw("input", "{}");
      });
      // A freeform tool's text goes into one member of an object, a part at a time.
      if (freeform_) text("input_json_delta", "partial_json", R"({"input":")");
      break;
  }
}

void StreamEncoder::open_thinking() {
  if (!thinking_waits_) return;
  thinking_waits_ = false;
  emit_block_start("thinking", [](json::Writer& writer) {
    writer.member("thinking", "");
    writer.member("signature", "");
  });
}

void StreamEncoder::text(Bytes type, Bytes member, Bytes text) {
  if (text.empty()) return;
  emit_delta(type, [&](json::Writer& writer) { writer.member(member, text); });
}

void StreamEncoder::arguments(Bytes arguments) {
  if (!freeform_) return text("input_json_delta", "partial_json", arguments);
  std::string escaped;
  json::append_escaped(escaped, arguments);
  text("input_json_delta", "partial_json", escaped);
}

void StreamEncoder::citation(Bytes raw) {
  if (!own_) return drops_.add("citations of the answer");
  std::string line;
  append_one_line(line, raw);
  emit_delta("citations_delta",
             [&](json::Writer& writer) { writer.member_raw("citation", line); });
}

void StreamEncoder::signature(Bytes signature) {
  if (kind_ != Kind::reasoning) return drops_.add("signature of a tool call");
  open_thinking();
  text("signature_delta", "signature", signature);
}

void StreamEncoder::redacted(Bytes data) {
  thinking_waits_ = false;
  emit_block_start("redacted_thinking", [&](json::Writer& writer) { writer.member("data", data); });
}

void StreamEncoder::close() {
  open_thinking();
  if (kind_ == Kind::tool_call && freeform_) text("input_json_delta", "partial_json", "\"}");
  emit("content_block_stop",
       [&](json::Writer& writer) { writer.member_number("index", index_); });
  ++index_;
}

void StreamEncoder::whole(const chat::Block& block) {
  if (!answer_holds(block, own_, drops_)) return;
  const auto* opaque = std::get_if<chat::Opaque>(&block.value);
  if (opaque == nullptr) return;  // the others come in deltas
  std::string line;
  append_one_line(line, opaque->raw);
  emit("content_block_start", [&](json::Writer& writer) {
    writer.member_number("index", index_);
    writer.member_raw("content_block", line);
  });
  kind_ = Kind::text;
  close();
}

void StreamEncoder::extra(const chat::Extra& extra) {
  if (!own_) return drops_.add(extra.name);
  extras_ += ',';
  json::append_quoted(extras_, extra.name);
  extras_ += ':';
  append_one_line(extras_, extra.raw);
}

void StreamEncoder::finish(const event::Finish& finish) {
  stop_reason_ = encode_stop_reason(finish.reason, finish.raw, own_);
  stop_sequence_ = finish.stop_sequence;
}

void StreamEncoder::done() {
  emit("message_delta", [&](json::Writer& writer) {
    std::string delta = R"({"stop_reason":)";
    json::append_quoted(delta, stop_reason_);
    delta += R"(,"stop_sequence":)";
    if (stop_sequence_.empty()) {
      delta += "null";
    } else {
      json::append_quoted(delta, stop_sequence_);
    }
    delta += extras_;
    delta += '}';
    writer.member_raw("delta", delta);
    writer.key("usage");
    write_usage(writer, usage_, {}, CacheCounts::when_reported);
  });
  if (!tier_told_ && !service_tier_.empty()) drops_.add("service_tier");
  emit("message_stop", [](json::Writer&) {});
}

void StreamEncoder::fault(const event::Fault& fault) {
  out_ += "event: error\ndata: ";
  out_ += error_body(fault.status, fault.message.empty() ? fault.type : fault.message);
  out_ += "\n\n";
}

}  // namespace aigw::dialect::anthropic
