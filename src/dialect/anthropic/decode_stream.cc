#include "dialect/anthropic/decode_stream.h"

#include "base/limits.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/language.h"
#include "dialect/anthropic/members.h"
#include "dialect/anthropic/stop_reason.h"
#include "json/text.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {

using json::Value;
namespace event = chat::event;

StreamDecoder::StreamDecoder(json::Parser& parser, chat::Drops& drops, chat::EventSink& sink)
    : parser_(parser),
      drops_(drops),
      sink_(sink),
      arena_(limits::hub_arena_max(limits::sse_event_max)) {}

void StreamDecoder::finish() {
  sse_.finish(*this);
  if (!ended_) fault("the provider's stream ended before its message_stop");
}

void StreamDecoder::fault(Bytes message, Limit limit) {
  if (ended_) return;
  ended_ = true;
  sink_.on_event(event::Fault{.status = traits(FailureKind::bad_upstream).status,
                              .message = message,
                              .limit = limit,
                              .cut = true});
}

void StreamDecoder::on_data(Bytes piece) {
  if (ended_) return;
  too_large_ = too_large_ || piece.size() > limits::sse_event_max - data_.size();
  if (!too_large_) data_ += piece;
}

void StreamDecoder::on_event(Bytes type) {
  if (ended_) return;
  if (too_large_) return fault("an event of the provider's stream is too large", Limit::sse_event);
  // Some gateways that imitate the API end their streams as OpenAI does.
  if (data_.empty() || data_ == "[DONE]") return data_.clear();
  {
    const Result<Value> root = parser_.parse(data_, arena_, FailureKind::bad_upstream);
    if (!root || !root->is_object()) {
      fault("an event of the provider's stream is no JSON object", root ? Limit::none : root.error().limit);
    } else {
      const Bytes named = (*root)["type"].text();
      dispatch(named.empty() ? type : named, *root);
    }
  }
  data_.clear();
  arena_.reset();
}

void StreamDecoder::dispatch(Bytes type, const Value& root) {
  if (type == "ping") return sink_.on_event(event::Ping{});
  if (type == "error") {
    ended_ = true;
    return sink_.on_event(decode_error_event(root));
  }
  if (type == "message_start") return message_start(root["message"]);
  const bool known = is_one_of(type, {"content_block_start", "content_block_delta",
                                      "content_block_stop", "message_delta", "message_stop"});
  if (!known) return drops_.add("event ", type);
  if (!started_) return fault("the provider's stream does not begin with message_start");
  if (type == "content_block_start") return block_start(root);
  if (type == "content_block_delta") return block_delta(root);
  if (type == "content_block_stop") return block_stop(root);
  if (type == "message_delta") return message_delta(root);
  message_stop();
}

void StreamDecoder::message_start(const Value& message) {
  if (started_) return fault("the provider's stream has a second message_start");
  started_ = true;
  sink_.on_event(event::Start{
      .language = kLanguage, .id = message["id"].text(), .model = message["model"].text()});
  report_usage(message["usage"]);
  for (const Value& member : message.members()) {
    if (member.exists_and_not_null() &&
        !is_one_of(member.name(), {"id", "type", "role", "content", "model", "stop_reason",
                                   "stop_sequence", "usage"})) {
      sink_.on_event(event::AnswerExtra{{.name = member.name(), .raw = member.raw()}});
    }
  }
}

void StreamDecoder::report_usage(const Value& usage) {
  counts_.take(usage, drops_);
  sink_.on_event(event::UsageReport{.usage = counts_.unified(),
                                    .service_tier = usage["service_tier"].text()});
}

void StreamDecoder::block_start(const Value& root) {
  if (finished_) return fault("the provider's stream has a block after its stop reason");
  close_block();
  if (ended_) return;
  open_ = Open{.wire_index = json::to_uint64(root["index"].raw()).value_or(next_index_),
               .index = next_index_++,
               .kind = Kind::opaque};
  input_.clear();
  any_input_ = false;
  const Value& block = root["content_block"];
  if (!block.is_object()) return fault("a content_block_start of the provider has no block");
  open(block);
}

void StreamDecoder::open(const Value& block) {
  using Opened = event::BlockOpen::Kind;
  const Bytes type = block["type"].text();
  const uint32_t index = open_->index;
  if (type == "text") {
    open_->kind = Kind::text;
    sink_.on_event(event::BlockOpen{.index = index, .kind = Opened::text});
    delta("text_delta", block);
    for (const Value& citation : block["citations"].elements()) {
      sink_.on_event(event::Citation{index, citation.raw()});
    }
  } else if (type == "thinking") {
    open_->kind = Kind::thinking;
    sink_.on_event(event::BlockOpen{.index = index, .kind = Opened::reasoning});
    delta("thinking_delta", block);
    delta("signature_delta", block);
  } else if (type == "redacted_thinking") {
    open_->kind = Kind::redacted;
    sink_.on_event(event::BlockOpen{.index = index, .kind = Opened::reasoning});
    sink_.on_event(event::Redacted{index, block["data"].text()});
  } else if (type == "tool_use") {
    open_->kind = Kind::tool_use;
    report_unknown(block, {"type", "id", "name", "input"}, "content[].", drops_);
    sink_.on_event(event::BlockOpen{.index = index,
                                    .kind = Opened::tool_call,
                                    .id = block["id"].text(),
                                    .name = block["name"].text()});
    input_ = block["input"].is_object() ? block["input"].raw() : Bytes("{}");
  } else {
    opaque_ = block.raw();
  }
}

void StreamDecoder::block_delta(const Value& root) {
  const std::optional<uint64_t> index = json::to_uint64(root["index"].raw());
  if (!open_ || index != open_->wire_index) {
    return fault("a delta of the provider's stream is for no open block");
  }
  const Value& what = root["delta"];
  delta(what["type"].text(), what);
}

// Also called for what a block has at its start, which stands under the same names.
void StreamDecoder::delta(Bytes type, const Value& delta) {
  const uint32_t index = open_->index;
  const auto is = [&](Bytes name, Kind kind) { return type == name && open_->kind == kind; };
  if (is("text_delta", Kind::text)) {
    const Bytes text = delta["text"].text();
    if (!text.empty()) sink_.on_event(event::TextDelta{index, text});
  } else if (is("citations_delta", Kind::text)) {
    const Value& citation = delta["citation"];
    if (citation.is_object()) sink_.on_event(event::Citation{index, citation.raw()});
  } else if (is("thinking_delta", Kind::thinking)) {
    const Bytes text = delta["thinking"].text();
    if (!text.empty()) sink_.on_event(event::ReasoningDelta{index, text});
  } else if (is("signature_delta", Kind::thinking)) {
    const Bytes signature = delta["signature"].text();
    if (!signature.empty()) sink_.on_event(event::SignatureDelta{index, signature});
  } else if (is("input_json_delta", Kind::tool_use)) {
    const Bytes json = delta["partial_json"].text();
    if (json.empty()) return;
    any_input_ = true;
    sink_.on_event(event::ArgsDelta{index, json});
  } else if (is("input_json_delta", Kind::opaque)) {
    const Bytes json = delta["partial_json"].text();
    if (input_.size() + json.size() > limits::sse_event_max) {
      return fault("a block of the provider's stream is too large", Limit::sse_event);
    }
    input_ += json;
  } else {
    drops_.add("content_block_delta of type ", type);
  }
}

void StreamDecoder::block_stop(const Value& root) {
  const std::optional<uint64_t> index = json::to_uint64(root["index"].raw());
  if (!open_ || index != open_->wire_index) {
    return fault("a content_block_stop of the provider's stream is for no open block");
  }
  close_block();
}

void StreamDecoder::close_block() {
  if (!open_) return;
  if (open_->kind == Kind::opaque) return close_opaque();
  if (open_->kind == Kind::tool_use && !any_input_) {
    sink_.on_event(event::ArgsDelta{open_->index, input_});
  }
  sink_.on_event(event::BlockClose{open_->index});
  open_.reset();
}

// The block as a unary answer would have it: the input that came in deltas in its place.
void StreamDecoder::close_opaque() {
  const uint32_t index = open_->index;
  open_.reset();
  const Result<Value> start = parser_.parse(opaque_, arena_, FailureKind::bad_upstream);
  if (!start) return fault("a block of the provider's stream cannot be read");
  std::string whole;
  if (input_.empty()) {
    whole = opaque_;
  } else {
    if (!parser_.parse(input_, arena_, FailureKind::bad_upstream)) {
      return fault("the input of a block of the provider's stream is no JSON");
    }
    json::Writer writer(whole);
    writer.begin_object();
    for (const Value& member : start->members()) {
      writer.member_raw(member.name(), member.name() == "input" ? Bytes(input_) : member.raw());
    }
    writer.end_object();
  }
  const chat::Block block = chat::Opaque{.type = (*start)["type"].text(), .raw = whole};
  sink_.on_event(event::BlockWhole{index, &block});
}

void StreamDecoder::message_delta(const Value& root) {
  close_block();
  if (ended_) return;
  const Value& delta = root["delta"];
  for (const Value& member : delta.members()) {
    if (member.exists_and_not_null() &&
        !is_one_of(member.name(), {"stop_reason", "stop_sequence"})) {
      sink_.on_event(event::AnswerExtra{{.name = member.name(), .raw = member.raw()}});
    }
  }
  if (root["usage"].is_object()) report_usage(root["usage"]);
  const Bytes reason = delta["stop_reason"].text();
  if (reason.empty() || finished_) return;
  finished_ = true;
  sink_.on_event(event::Finish{.reason = decode_stop_reason(reason),
                               .raw = reason,
                               .stop_sequence = delta["stop_sequence"].text()});
}

void StreamDecoder::message_stop() {
  close_block();
  if (ended_) return;
  if (!finished_) sink_.on_event(event::Finish{.reason = chat::StopReason::unknown});
  ended_ = true;
  sink_.on_event(event::Done{});
}

}  // namespace aigw::dialect::anthropic
