// The events of one item, in order (OpenAI API reference, "Streaming events"):
//
//   output_item.added
//     message:   content_part.added, output_text.delta … output_text.done, content_part.done
//                (or refusal.delta … refusal.done)
//     call:      function_call_arguments.delta … .done (or custom_tool_call_input.delta … .done)
//     reasoning: reasoning_summary_part.added, reasoning_summary_text.delta … .done,
//                reasoning_summary_part.done
//   output_item.done
//
// Texts in a row are parts of one message, so an item ends when another one begins, or the answer.

#include <algorithm>
#include <variant>

#include "base/limits.h"
#include "dialect/openai_responses/answer_words.h"
#include "dialect/openai_responses/encode_answer.h"
#include "dialect/openai_responses/language.h"
#include "dialect/openai_responses/namespace.h"
#include "dialect/openai_responses/seal.h"

namespace aigw::dialect::openai_responses {
namespace {

// Who knows no other tiers gets none; Anthropic's "standard" is OpenAI's "default".
Bytes answered_tier(Bytes tier) {
  if (tier == "standard") return "default";
  for (Bytes known : {"auto", "default", "flex", "scale", "priority"}) {
    if (tier == known) return tier;
  }
  return {};
}

constexpr uint16_t kBadUpstream = 502;

constexpr Bytes kFailed = "the model's answer is malformed";

// An event is one line, and line ends in JSON mean nothing.
std::string one_line(Bytes json) {
  std::string line(json);
  std::erase_if(line, [](char c) { return c == '\n' || c == '\r'; });
  return line;
}

void append_listed(std::string& list, Bytes json) {
  if (!list.empty()) list += ',';
  list += json;
}

void write_list(json::Writer& writer, Bytes name, Bytes listed) {
  writer.member_array(name);
  if (!listed.empty()) writer.raw(listed);
  writer.end_array();
}

}  // namespace

template <class Fill>
void StreamEncoder::emit(Bytes type, Fill&& fill) {
  if (form_ == Form::response_only) return;
  out_ += "event: ";
  out_ += type;
  out_ += "\ndata: ";
  json::Writer writer(out_);
  writer.begin_object();
  writer.member("type", type);
  writer.member_number("sequence_number", sequence_++);
  fill(writer);
  writer.end_object();
  writer.finish();
  out_ += "\n\n";
}

template <class Fill>
void StreamEncoder::emit_of_item(Bytes type, Fill&& fill) {
  emit(type, [&](json::Writer& writer) {
    writer.member("item_id", item_id_);
    writer.member_number("output_index", items_);
    fill(writer);
  });
}

template <class Fill>
void StreamEncoder::emit_of_part(Bytes type, Fill&& fill) {
  emit_of_item(type, [&](json::Writer& writer) {
    writer.member_number(kind_ == Kind::reasoning ? "summary_index" : "content_index", parts_);
    fill(writer);
  });
}

void StreamEncoder::on_event(const chat::Event& event) {
  namespace e = chat::event;
  if (ended_) return;
  std::visit(chat::Overload{
                 [&](const e::Start& x) { start(x); },
                 [&](const e::BlockOpen& x) { open(x); },
                 [&](const e::TextDelta& x) { text(x.text); },
                 [&](const e::Citation& x) { citation(x.raw); },
                 [&](const e::ArgsDelta& x) { arguments(x.arguments); },
                 [&](const e::ReasoningDelta& x) { reasoning(x.text); },
                 [&](const e::SignatureDelta& x) {
                   if (!too_large(x.signature.size())) signature_ += x.signature;
                 },
                 [&](const e::Redacted& x) {
                   if (!too_large(x.data.size())) redacted_ = x.data;
                 },
                 [&](const e::BlockClose&) { close(); },
                 [&](const e::BlockWhole& x) { whole(*x.block); },
                 [&](const e::UsageReport& x) {
                   usage_.merge(x.usage);
                   if (!x.service_tier.empty()) service_tier_ = x.service_tier;
                 },
                 [&](const e::AnswerExtra& x) { drops_.add(x.extra.name); },
                 [&](const e::Finish& x) { finish(x); },
                 [&](const e::Done&) { done(); },
                 [&](const e::Fault& x) { fault(x); },
                 [](const e::Ping&) {},  // the language has no event for it
             },
             event);
}

void StreamEncoder::start(const chat::event::Start& start) {
  started_ = true;
  own_ = start.language == kLanguage;
  const Bytes id = start.id.empty() ? context_.id : start.id;
  id_ = id.starts_with("resp_") ? std::string(id) : "resp_" + std::string(id);
  model_ = start.model.empty() ? context_.model : start.model;
  created_ = start.created.value_or(context_.now);
  const auto beginning = [&](json::Writer& writer) {
    writer.key("response");
    write_response(writer, {.status = "in_progress"});
  };
  emit("response.created", beginning);
  emit("response.in_progress", beginning);
}

bool StreamEncoder::too_large(size_t more) {
  const size_t size = output_.size() + content_.size() + text_.size() + annotations_.size() +
                      signature_.size();
  if (size + more <= limits::hub_answer_max) return false;
  if (context_.limit != nullptr) *context_.limit = Limit::hub_answer;
  fault({.status = kBadUpstream, .message = "the provider's answer is too large"});
  return true;
}

void StreamEncoder::begin_item(Kind kind, Bytes prefix) {
  end_item("completed");
  if (ended_) return;
  in_item_ = true;
  kind_ = kind;
  parts_ = 0;
  content_.clear();
  signature_.clear();
  redacted_.clear();
  item_id_ = prefix;
  item_id_ += id_.substr(0, limits::responses_id_base_max);
  item_id_ += '_';
  item_id_ += std::to_string(items_);
}

void StreamEncoder::open(const chat::event::BlockOpen& open) {
  switch (open.kind) {
    case Kind::text:
      open_text(open);
      break;
    case Kind::tool_call:
      open_call(open);
      break;
    case Kind::reasoning:
      open_reasoning();
      break;
  }
  in_block_ = true;
  text_.clear();
  annotations_.clear();
}

void StreamEncoder::open_text(const chat::event::BlockOpen& open) {
  refusal_ = open.refusal;
  if (!in_item_ || kind_ != Kind::text) {
    begin_item(Kind::text, "msg_");
    emit("response.output_item.added", [&](json::Writer& writer) {
      writer.member_number("output_index", items_);
      writer.key("item");
      write_item(writer, "in_progress", {});
    });
  }
  emit_of_part("response.content_part.added", [&](json::Writer& writer) {
    writer.key("part");
    write_part(writer, {}, {});
  });
}

void StreamEncoder::open_call(const chat::event::BlockOpen& open) {
  begin_item(Kind::tool_call, open.freeform ? "ctc_" : "fc_");
  freeform_ = open.freeform;
  call_id_ = open.id;
  const SpacedName name = spaced_name(open.name, context_.namespaces);
  name_ = name.name;
  namespace_ = name.space;
  emit("response.output_item.added", [&](json::Writer& writer) {
    writer.member_number("output_index", items_);
    writer.key("item");
    write_item(writer, "in_progress", {});
  });
}

void StreamEncoder::open_reasoning() {
  begin_item(Kind::reasoning, "rs_");
  emit("response.output_item.added", [&](json::Writer& writer) {
    writer.member_number("output_index", items_);
    writer.key("item");
    write_item(writer, "in_progress", {});
  });
}

void StreamEncoder::text(Bytes more) {
  if (more.empty() || too_large(more.size())) return;
  text_ += more;
  emit_of_part(refusal_ ? "response.refusal.delta" : "response.output_text.delta",
               [&](json::Writer& writer) {
                 writer.member("delta", more);
                 if (!refusal_) write_list(writer, "logprobs", {});
               });
}

void StreamEncoder::citation(Bytes raw) {
  if (!own_ || refusal_) return drops_.add("citations of the answer");
  const std::string line = one_line(raw);
  if (too_large(line.size())) return;
  emit_of_part("response.output_text.annotation.added", [&](json::Writer& writer) {
    const auto before = static_cast<size_t>(std::count(annotations_.begin(), annotations_.end(),
                                                       '\n'));
    writer.member_number("annotation_index", annotations_.empty() ? 0 : before + 1);
    writer.member_raw("annotation", line);
  });
  // White space between two, by which they are counted.
  if (!annotations_.empty()) annotations_ += ",\n";
  annotations_ += line;
}

void StreamEncoder::arguments(Bytes more) {
  if (more.empty() || too_large(more.size())) return;
  text_ += more;
  emit_of_item(freeform_ ? "response.custom_tool_call_input.delta"
                         : "response.function_call_arguments.delta",
               [&](json::Writer& writer) { writer.member("delta", more); });
}

void StreamEncoder::reasoning(Bytes more) {
  if (more.empty() || too_large(more.size())) return;
  if (text_.empty()) {
    emit_of_part("response.reasoning_summary_part.added", [](json::Writer& writer) {
      writer.member_raw("part", R"({"type":"summary_text","text":""})");
    });
  }
  text_ += more;
  emit_of_part("response.reasoning_summary_text.delta",
               [&](json::Writer& writer) { writer.member("delta", more); });
}

void StreamEncoder::close() {
  switch (kind_) {
    case Kind::text:
      close_text();
      break;
    case Kind::tool_call:
      close_call();
      break;
    case Kind::reasoning:
      close_reasoning();
      break;
  }
  in_block_ = false;
}

void StreamEncoder::close_text() {
  emit_of_part(refusal_ ? "response.refusal.done" : "response.output_text.done",
               [&](json::Writer& writer) {
                 writer.member(refusal_ ? "refusal" : "text", text_);
                 if (!refusal_) write_list(writer, "logprobs", {});
               });
  std::erase(annotations_, '\n');
  emit_of_part("response.content_part.done", [&](json::Writer& writer) {
    writer.key("part");
    write_part(writer, text_, annotations_);
  });
  std::string part;
  json::Writer writer(part);
  write_part(writer, text_, annotations_);
  append_listed(content_, part);
  ++parts_;
  text_.clear();
  annotations_.clear();
}

// A function without arguments is called with an object that has none.
void StreamEncoder::close_call() {
  if (text_.empty() && !freeform_) arguments("{}");
  emit_of_item(freeform_ ? "response.custom_tool_call_input.done"
                         : "response.function_call_arguments.done",
               [&](json::Writer& writer) {
                 if (!freeform_) writer.member("name", name_);
                 writer.member(freeform_ ? "input" : "arguments", text_);
               });
}

void StreamEncoder::close_reasoning() {
  if (text_.empty()) return;
  emit_of_part("response.reasoning_summary_text.done",
               [&](json::Writer& writer) { writer.member("text", text_); });
  const auto part = [&](json::Writer& writer) {
    writer.begin_object();
    writer.member("type", "summary_text");
    writer.member("text", text_);
    writer.end_object();
  };
  emit_of_part("response.reasoning_summary_part.done", [&](json::Writer& writer) {
    writer.key("part");
    part(writer);
  });
  json::Writer writer(content_);
  part(writer);
}

void StreamEncoder::write_part(json::Writer& writer, Bytes text, Bytes annotations) const {
  writer.begin_object();
  if (refusal_) {
    writer.member("type", "refusal");
    writer.member("refusal", text);
  } else {
    writer.member("type", "output_text");
    writer.member("text", text);
    write_list(writer, "annotations", annotations);
    write_list(writer, "logprobs", {});
  }
  writer.end_object();
}

void StreamEncoder::write_item(json::Writer& writer, Bytes status, Bytes content) const {
  writer.begin_object();
  writer.member("id", item_id_);
  switch (kind_) {
    case Kind::text:
      writer.member("type", "message");
      writer.member("status", status);
      writer.member("role", "assistant");
      write_list(writer, "content", content);
      break;
    case Kind::tool_call:
      writer.member("type", freeform_ ? "custom_tool_call" : "function_call");
      writer.member("status", status);
      writer.member("call_id", call_id_);
      writer.member_unless_empty("namespace", namespace_);
      writer.member("name", name_);
      writer.member(freeform_ ? "input" : "arguments", content);
      break;
    case Kind::reasoning:
      writer.member("type", "reasoning");
      write_list(writer, "summary", content);
      if (!redacted_.empty()) {
        writer.member("encrypted_content", std::string(kSealedRedacted) + redacted_);
      } else if (!signature_.empty()) {
        writer.member("encrypted_content", std::string(kSealedSignature) + signature_);
      }
      break;
  }
  writer.end_object();
}

void StreamEncoder::end_item(Bytes status) {
  if (!in_item_) return;
  in_item_ = false;
  std::string item;
  json::Writer writer(item);
  write_item(writer, status, kind_ == Kind::tool_call ? Bytes(text_) : Bytes(content_));
  emit("response.output_item.done", [&](json::Writer& event) {
    event.member_number("output_index", items_);
    event.member_raw("item", item);
  });
  append_listed(output_, item);
  ++items_;
  if (kind_ == Kind::tool_call && !signature_.empty()) call_signature();
  content_.clear();
  text_.clear();
}

// A call has no place for what proves the reasoning behind it: a reasoning item follows that has.
void StreamEncoder::call_signature() {
  std::string sealed(kSealedCall);
  sealed += call_id_;
  sealed += ':';
  sealed += signature_;
  signature_.clear();
  std::string item;
  json::Writer writer(item);
  writer.begin_object();
  writer.member("id", "rs_" + id_.substr(0, limits::responses_id_base_max) + "_" + std::to_string(items_));
  writer.member("type", "reasoning");
  write_list(writer, "summary", {});
  writer.member("encrypted_content", sealed);
  writer.end_object();
  for (Bytes type : {Bytes("response.output_item.added"), Bytes("response.output_item.done")}) {
    emit(type, [&](json::Writer& event) {
      event.member_number("output_index", items_);
      event.member_raw("item", item);
    });
  }
  append_listed(output_, item);
  ++items_;
}

// What comes whole: an item of this dialect, or a picture.
void StreamEncoder::whole(const chat::Block& block) {
  const auto* opaque = std::get_if<chat::Opaque>(&block.value);
  const auto* image = std::get_if<chat::Image>(&block.value);
  const bool picture = image != nullptr && image->source.kind == chat::Source::Kind::base64;
  if (!picture && (opaque == nullptr || !own_)) {
    return drops_.add("content[] of type ", opaque != nullptr ? opaque->type : Bytes("media"));
  }
  end_item("completed");
  if (too_large(picture ? image->source.data.size() : opaque->raw.size())) return;
  std::string item;
  if (picture) {
    json::Writer writer(item);
    writer.begin_object();
    writer.member("id", "ig_" + id_.substr(0, limits::responses_id_base_max) + "_" + std::to_string(items_));
    writer.member("type", "image_generation_call");
    writer.member("status", "completed");
    writer.member("result", image->source.data);
    writer.end_object();
  } else {
    item = one_line(opaque->raw);
  }
  for (Bytes type : {Bytes("response.output_item.added"), Bytes("response.output_item.done")}) {
    emit(type, [&](json::Writer& event) {
      event.member_number("output_index", items_);
      event.member_raw("item", item);
    });
  }
  append_listed(output_, item);
  ++items_;
}

void StreamEncoder::finish(const chat::event::Finish& finish) {
  stop_ = finish.reason;
  end_item(ending(stop_).status == "completed" ? "completed" : "incomplete");
}

void StreamEncoder::done() {
  const Ending how = ending(stop_);
  if (how.status == "failed") {
    const chat::event::Fault failed{.status = 500, .message = kFailed};
    return end_response("response.failed", {.status = how.status, .fault = &failed});
  }
  end_response(how.status == "completed" ? "response.completed" : "response.incomplete",
               {.status = how.status, .incomplete_reason = how.incomplete_reason});
}

void StreamEncoder::end_response(Bytes type, const Ended& ended) {
  ended_ = true;
  if (form_ == Form::response_only) {
    json::Writer writer(out_);
    write_response(writer, ended);
    writer.finish();
    return;
  }
  emit(type, [&](json::Writer& writer) {
    writer.key("response");
    write_response(writer, ended);
  });
}

void StreamEncoder::fault(const chat::event::Fault& fault) {
  const Bytes message = fault.message.empty() ? fault.type : fault.message;
  emit("error", [&](json::Writer& writer) {
    writer.member("code", error_code(fault.status));
    writer.member("message", message);
    if (fault.param.empty()) {
      writer.member_null("param");
    } else {
      writer.member("param", fault.param);
    }
  });
  ended_ = true;
  if (started_) end_response("response.failed", {.status = "failed", .fault = &fault});
}

void StreamEncoder::write_response(json::Writer& writer, const Ended& ended) const {
  const bool over = ended.status != "in_progress";
  writer.begin_object();
  writer.member("id", id_);
  writer.member("object", "response");
  writer.member_number("created_at", created_);
  writer.member("status", ended.status);
  writer.member_boolean("background", false);
  if (ended.fault != nullptr) {
    const chat::event::Fault& fault = *ended.fault;
    writer.member_object("error");
    writer.member("code", error_code(fault.status));
    writer.member("message", fault.message.empty() ? fault.type : fault.message);
    writer.end_object();
  } else {
    writer.member_null("error");
  }
  if (ended.incomplete_reason.empty()) {
    writer.member_null("incomplete_details");
  } else {
    writer.member_object("incomplete_details");
    writer.member("reason", ended.incomplete_reason);
    writer.end_object();
  }
  writer.member("model", model_);
  write_list(writer, "output", over ? Bytes(output_) : Bytes());
  writer.member_null("previous_response_id");
  writer.member_unless_empty("service_tier", answered_tier(service_tier_));
  writer.member_boolean("store", false);
  writer.key("usage");
  if (over && ended.fault == nullptr) {
    write_usage(writer, usage_);
  } else {
    writer.null();
  }
  if (!context_.echo.empty()) writer.raw(context_.echo);
  writer.end_object();
}

void encode_answer(const chat::Answer& answer, const AnswerContext& context, chat::Drops& drops,
                   std::string& out) {
  StreamEncoder encoder(context, drops, out, StreamEncoder::Form::response_only);
  chat::unfold(answer, encoder);
}

}  // namespace aigw::dialect::openai_responses
