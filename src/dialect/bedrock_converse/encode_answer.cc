#include "dialect/bedrock_converse/encode_answer.h"

#include "dialect/bedrock_converse/error.h"
#include "dialect/bedrock_converse/language.h"
#include "dialect/bedrock_converse/media.h"
#include "dialect/bedrock_converse/redacted.h"
#include "dialect/bedrock_converse/write_answer.h"
#include "json/text.h"
#include "json/writer.h"
#include "wire/eventstream.h"

namespace aigw::dialect::bedrock_converse {
namespace {

constexpr Bytes kResponseFields = "additionalModelResponseFields";

void write_image_source(json::Writer& writer, const chat::Image& image) {
  writer.member_object("source");
  writer.member("bytes", image.source.data);
  writer.end_object();
}

class AnswerEncoder {
 public:
  AnswerEncoder(json::Writer& writer, bool own, chat::Drops& drops) : writer_(writer), own_(own), drops_(drops) {}

  void block(const chat::Block& block) {
    if (const auto* text = std::get_if<chat::Text>(&block.value)) {
      write(*text);
    } else if (const auto* call = std::get_if<chat::ToolCall>(&block.value)) {
      write(*call);
    } else if (const auto* thought = std::get_if<chat::Reasoning>(&block.value)) {
      write(*thought);
    } else if (holds_whole(block, drops_)) {
      write(std::get<chat::Image>(block.value));
    }
  }

 private:
  void write(const chat::Text& text) {
    writer_.begin_object();
    if (own_ && !text.citations.empty()) {
      writer_.member_object("citationsContent");
      writer_.member_array("content");
      writer_.begin_object();
      writer_.member("text", text.text);
      writer_.end_object();
      writer_.end_array();
      writer_.member_raw("citations", text.citations);
      writer_.end_object();
    } else {
      if (!text.citations.empty()) drops_.add("citations of the answer");
      writer_.member("text", text.text);
    }
    writer_.end_object();
  }

  void write(const chat::ToolCall& call) {
    if (!call.signature.empty()) drops_.add("signature of a tool call");
    writer_.begin_object();
    writer_.member_object("toolUse");
    writer_.key("input");
    write_input(writer_, call, drops_);
    writer_.member("name", call.name);
    writer_.member("toolUseId", call.id);
    writer_.end_object();
    writer_.end_object();
  }

  void write(const chat::Reasoning& thought) {
    writer_.begin_object();
    writer_.member_object("reasoningContent");
    if (!thought.redacted.empty()) {
      writer_.member("redactedContent", wire_redacted(thought.redacted));
    } else {
      writer_.member_object("reasoningText");
      writer_.member_unless_empty("signature", thought.signature);
      writer_.member("text", thought.text);
      writer_.end_object();
    }
    writer_.end_object();
    writer_.end_object();
  }

  void write(const chat::Image& image) {
    writer_.begin_object();
    writer_.member_object("image");
    writer_.member("format", image_format(image.source.media_type));
    write_image_source(writer_, image);
    writer_.end_object();
    writer_.end_object();
  }

  json::Writer& writer_;
  const bool own_;
  chat::Drops& drops_;
};

void write_metrics(json::Writer& writer, const Latency& latency) {
  writer.member_object("metrics");
  writer.member_number("latencyMs", latency.milliseconds());
  writer.end_object();
}

}  // namespace

void encode_answer(const chat::Answer& answer, const Latency& latency, chat::Drops& drops, std::string& out) {
  const bool own = answer.language == kLanguage;
  json::Writer writer(out);
  AnswerEncoder encoder(writer, own, drops);
  writer.begin_object();
  write_metrics(writer, latency);
  writer.member_object("output");
  writer.member_object("message");
  writer.member_array("content");
  for (const chat::Block& block : answer.blocks) encoder.block(block);
  writer.end_array();
  writer.member("role", "assistant");
  writer.end_object();
  writer.end_object();
  writer.member("stopReason", encode_stop_reason(answer.stop));
  writer.key("usage");
  write_usage(writer, answer.usage);
  write_service_tier(writer, answer.service_tier, drops);
  for (const chat::Extra& extra : answer.extras) {
    if (own && is_answer_member(extra.name)) {
      writer.member_raw(extra.name, extra.raw);
    } else if (!own || extra.name != "metrics") {
      drops.add(extra.name);
    }
  }
  writer.end_object();
  writer.finish();
  if (!answer.stop_sequence.empty()) drops.add("stop_sequence of the answer");
}

void StreamEncoder::on_event(const chat::Event& event) {
  namespace e = chat::event;
  std::visit(chat::Overload{
                 [&](const e::Start& x) {
                   own_ = x.language == kLanguage;
                   text_ = R"({"role":"assistant"})";
                   emit("messageStart");
                 },
                 [&](const e::BlockOpen& x) { open(x); },
                 [&](const e::TextDelta& x) {
                   emit_delta([&](json::Writer& writer) { writer.member("text", x.text); });
                 },
                 [&](const e::Citation& x) {
                   if (!own_) return drops_.add("citations of the answer");
                   emit_delta([&](json::Writer& writer) { writer.member_raw("citation", x.raw); });
                 },
                 [&](const e::ArgsDelta& x) { arguments(x.arguments); },
                 [&](const e::ReasoningDelta& x) {
                   emit_delta([&](json::Writer& writer) {
                     writer.member_object("reasoningContent");
                     writer.member("text", x.text);
                     writer.end_object();
                   });
                 },
                 [&](const e::SignatureDelta& x) {
                   if (kind_ == Kind::tool_call) return drops_.add("signature of a tool call");
                   emit_delta([&](json::Writer& writer) {
                     writer.member_object("reasoningContent");
                     writer.member("signature", x.signature);
                     writer.end_object();
                   });
                 },
                 [&](const e::Redacted& x) {
                   emit_delta([&](json::Writer& writer) {
                     writer.member_object("reasoningContent");
                     writer.member("redactedContent", wire_redacted(x.data));
                     writer.end_object();
                   });
                 },
                 [&](const e::BlockClose&) { close(); },
                 [&](const e::BlockWhole& x) { whole(*x.block); },
                 [&](const e::UsageReport& x) {
                   usage_.merge(x.usage);
                   if (!x.service_tier.empty()) tier_ = x.service_tier;
                 },
                 [&](const e::AnswerExtra& x) { extra(x.extra); },
                 [&](const e::Finish& x) { finish(x); },
                 [&](const e::Done&) { done(); },
                 [&](const e::Fault& x) { fault(x); },
                 [](const e::Ping&) {},  // the API has none
             },
             event);
}

void StreamEncoder::emit(Bytes type) {
  using wire::HeaderType;
  const wire::EventHeader headers[] = {{":event-type", HeaderType::string, type},
                                       {":content-type", HeaderType::string, "application/json"},
                                       {":message-type", HeaderType::string, "event"}};
  wire::append_event(out_, headers, text_);
  text_.clear();
}

template <class Fill>
void StreamEncoder::emit_delta(Fill&& fill) {
  any_delta_ = true;
  json::Writer writer(text_);
  writer.begin_object();
  writer.member_number("contentBlockIndex", index_);
  writer.member_object("delta");
  fill(writer);
  writer.end_object();
  writer.end_object();
  writer.finish();
  emit("contentBlockDelta");
}

// Only a call is announced, as the service itself does it.
void StreamEncoder::open(const chat::event::BlockOpen& open) {
  kind_ = open.kind;
  freeform_ = open.freeform;
  any_delta_ = false;
  if (kind_ != Kind::tool_call) return;
  json::Writer writer(text_);
  writer.begin_object();
  writer.member_number("contentBlockIndex", index_);
  writer.member_object("start");
  writer.member_object("toolUse");
  writer.member("name", open.name);
  writer.member("toolUseId", open.id);
  writer.end_object();
  writer.end_object();
  writer.end_object();
  writer.finish();
  emit("contentBlockStart");
}

void StreamEncoder::arguments(Bytes fragment) {
  const auto input = [&](Bytes text) {
    emit_delta([&](json::Writer& writer) {
      writer.member_object("toolUse");
      writer.member("input", text);
      writer.end_object();
    });
  };
  if (!freeform_) return input(fragment);
  std::string piece = any_delta_ ? "" : R"({"input":")";
  json::append_escaped(piece, fragment);
  input(piece);
}

// A block that says nothing is one all the same, and arguments that never came are those of none.
void StreamEncoder::close() {
  if (kind_ == Kind::tool_call && freeform_) {
    const bool empty = !any_delta_;
    emit_delta([&](json::Writer& writer) {
      writer.member_object("toolUse");
      writer.member("input", empty ? R"({"input":""})" : "\"}");
      writer.end_object();
    });
  } else if (!any_delta_) {
    emit_delta([&](json::Writer& writer) {
      if (kind_ == Kind::text) return writer.member("text", "");
      writer.member_object(kind_ == Kind::tool_call ? "toolUse" : "reasoningContent");
      writer.member(kind_ == Kind::tool_call ? "input" : "text", kind_ == Kind::tool_call ? "{}" : "");
      writer.end_object();
    });
  }
  text_ = R"({"contentBlockIndex":)" + std::to_string(index_) + "}";
  emit("contentBlockStop");
  ++index_;
}

void StreamEncoder::whole(const chat::Block& block) {
  if (!holds_whole(block, drops_)) return;
  const auto& image = std::get<chat::Image>(block.value);
  json::Writer writer(text_);
  writer.begin_object();
  writer.member_number("contentBlockIndex", index_);
  writer.member_object("start");
  writer.member_object("image");
  writer.member("format", image_format(image.source.media_type));
  writer.end_object();
  writer.end_object();
  writer.end_object();
  writer.finish();
  emit("contentBlockStart");
  emit_delta([&](json::Writer& inside) {
    inside.member_object("image");
    write_image_source(inside, image);
    inside.end_object();
  });
  text_ = R"({"contentBlockIndex":)" + std::to_string(index_) + "}";
  emit("contentBlockStop");
  ++index_;
}

void StreamEncoder::extra(const chat::Extra& extra) {
  if (own_ && extra.name == kResponseFields) {
    response_fields_ = extra.raw;
  } else if (own_ && is_answer_member(extra.name)) {
    extras_ += ",\"";
    extras_ += extra.name;
    extras_ += "\":";
    extras_ += extra.raw;
  } else if (!own_ || extra.name != "metrics") {
    drops_.add(extra.name);
  }
}

void StreamEncoder::finish(const chat::event::Finish& finish) {
  if (!finish.stop_sequence.empty()) drops_.add("stop_sequence of the answer");
  json::Writer writer(text_);
  writer.begin_object();
  writer.member("stopReason", encode_stop_reason(finish.reason));
  writer.member_raw_unless_empty(kResponseFields, response_fields_);
  writer.end_object();
  writer.finish();
  emit("messageStop");
}

void StreamEncoder::done() {
  json::Writer writer(text_);
  writer.begin_object();
  write_metrics(writer, latency_);
  writer.key("usage");
  write_usage(writer, usage_);
  write_service_tier(writer, tier_, drops_);
  text_ += extras_;
  writer.end_object();
  writer.finish();
  emit("metadata");
}

void StreamEncoder::fault(const chat::event::Fault& fault) {
  using wire::HeaderType;
  const wire::EventHeader headers[] = {
      {":exception-type", HeaderType::string, stream_exception(fault.status)},
      {":content-type", HeaderType::string, "application/json"},
      {":message-type", HeaderType::string, "exception"}};
  wire::append_event(out_, headers, error_body(fault.message.empty() ? fault.type : fault.message));
}

}  // namespace aigw::dialect::bedrock_converse
