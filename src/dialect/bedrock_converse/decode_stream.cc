#include "dialect/bedrock_converse/decode_stream.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "dialect/bedrock_converse/error.h"
#include "dialect/bedrock_converse/media.h"
#include "json/text.h"

namespace aigw::dialect::bedrock_converse {
namespace {

namespace event = chat::event;

constexpr uint16_t kBadGateway = 502;

constexpr std::array<Bytes, 6> kEventTypes = {"messageStart",     "contentBlockStart",
                                              "contentBlockDelta", "contentBlockStop",
                                              "messageStop",      "metadata"};

}  // namespace

StreamDecoder::StreamDecoder(const AnswerIdentity& identity, json::Parser& parser,
                             chat::Drops& drops, chat::EventSink& sink)
    : identity_(identity),
      parser_(parser),
      drops_(drops),
      sink_(sink),
      arena_(limits::hub_arena_max(limits::eventstream_payload_max)) {}

void StreamDecoder::on_frame(FrameKind kind, Bytes type, Bytes payload) {
  if (ended_) return;
  if (kind == FrameKind::error) {
    return end_with({.status = error_status(type), .type = type, .message = payload});
  }
  if (kind == FrameKind::event && std::ranges::find(kEventTypes, type) == kEventTypes.end()) {
    return drops_.add("events of type ", type);
  }
  arena_.reset();
  const Result<json::Value> root = parser_.parse(payload, arena_, FailureKind::bad_upstream);
  if (kind == FrameKind::exception) {
    return end_with(decode_exception(type, root ? *root : json::Value()));
  }
  root ? event(type, *root) : fail("an event of Bedrock's stream is not JSON", root.error().limit);
}

void StreamDecoder::fail(Bytes message, Limit limit) {
  if (!ended_) end_with({.status = kBadGateway, .message = message, .limit = limit, .cut = true});
}

void StreamDecoder::finish() {
  if (ended_) return;
  if (!finished_) return fail("Bedrock's stream ended in the middle of the answer");
  ended_ = true;
  sink_.on_event(event::Done{});
}

void StreamDecoder::end_with(const event::Fault& fault) {
  ended_ = true;
  sink_.on_event(fault);
}

void StreamDecoder::event(Bytes type, const json::Value& root) {
  start();
  if (type == "contentBlockStart") {
    block_start(root);
  } else if (type == "contentBlockDelta") {
    block_delta(root);
  } else if (type == "contentBlockStop") {
    block_stop(root);
  } else if (type == "messageStop") {
    message_stop(root);
  } else if (type == "metadata") {
    metadata(root);
  }
}

void StreamDecoder::start() {
  if (started_) return;
  started_ = true;
  sink_.on_event(decode_start(identity_));
}

// A block that says nothing of its index is the one that is open.
uint64_t StreamDecoder::wire_index(const json::Value& root) const {
  const json::Value& index = root["contentBlockIndex"];
  const std::optional<uint64_t> known =
      index.is_number() ? json::to_uint64(index.raw()) : std::nullopt;
  return known ? *known : open_ ? open_->wire_index : next_index_;
}

void StreamDecoder::block_start(const json::Value& root) {
  const uint64_t index = wire_index(root);
  for (const json::Value& member : root["start"].members()) {
    if (!member.exists_and_not_null()) continue;
    if (member.name() == "toolUse" && !member["type"].exists_and_not_null()) {
      const Bytes id = member["toolUseId"].text();
      const Bytes name = member["name"].text();
      if (id.empty() || name.empty()) return fail("a toolUse of Bedrock's has no id or name");
      open(index, Kind::tool_call, id, name);
    } else if (member.name() == "image") {
      if (!open(index, Kind::image)) return;
      image_format_ = member["format"].text();
      image_data_.clear();
    } else {
      drops_.add("contentBlockStart.start.", member.name());
      open(index, Kind::dropped);
    }
    if (ended_) return;
  }
}

void StreamDecoder::block_delta(const json::Value& root) {
  const uint64_t index = wire_index(root);
  if (is_open(index, Kind::dropped)) return;
  for (const json::Value& member : root["delta"].members()) {
    if (ended_) return;
    if (member.exists_and_not_null()) delta(index, member);
  }
}

void StreamDecoder::delta(uint64_t wire_index, const json::Value& member) {
  if (member.name() == "text") {
    if (!member.is_string()) return fail("a text of Bedrock's is none");
    text_delta(wire_index, member.text());
  } else if (member.name() == "toolUse") {
    arguments_delta(wire_index, member);
  } else if (member.name() == "reasoningContent") {
    reasoning_delta(wire_index, member);
  } else if (member.name() == "citation") {
    if (!ensure_open(wire_index, Kind::text)) return;
    sink_.on_event(event::Citation{open_->index, member.raw()});
  } else if (member.name() == "image") {
    image_delta(wire_index, member);
  } else {
    drops_.add("contentBlockDelta.delta.", member.name());
  }
}

void StreamDecoder::text_delta(uint64_t wire_index, Bytes text) {
  if (!ensure_open(wire_index, Kind::text) || text.empty()) return;
  sink_.on_event(event::TextDelta{open_->index, text});
}

void StreamDecoder::arguments_delta(uint64_t wire_index, const json::Value& tool_use) {
  if (!is_open(wire_index, Kind::tool_call)) {
    return fail("arguments of Bedrock's belong to no open tool call");
  }
  const Bytes input = tool_use["input"].text();
  if (input.empty()) return;
  open_->any_delta = true;
  sink_.on_event(event::ArgsDelta{open_->index, input});
}

void StreamDecoder::reasoning_delta(uint64_t wire_index, const json::Value& content) {
  const Bytes data = content["redactedContent"].text();
  if (!data.empty()) return redacted(wire_index, data);
  const Bytes text = content["text"].text();
  const Bytes signature = content["signature"].text();
  // What follows redacted thoughts is another block.
  if (is_open(wire_index, Kind::reasoning) && open_->redacted) {
    if (text.empty() && signature.empty()) return;
    close();
  }
  if (!ensure_open(wire_index, Kind::reasoning)) return;
  open_->any_delta = true;
  if (!text.empty()) sink_.on_event(event::ReasoningDelta{open_->index, text});
  if (!signature.empty()) sink_.on_event(event::SignatureDelta{open_->index, signature});
}

void StreamDecoder::redacted(uint64_t wire_index, Bytes data) {
  if (is_open(wire_index, Kind::reasoning) && open_->any_delta) close();
  if (!ensure_open(wire_index, Kind::reasoning)) return;
  open_->any_delta = open_->redacted = true;
  sink_.on_event(event::Redacted{open_->index, data});
}

// The pieces of an image are base64 by themselves: they can be put together as long as none but the
// last is padded.
void StreamDecoder::image_delta(uint64_t wire_index, const json::Value& image) {
  if (!is_open(wire_index, Kind::image)) return fail("a piece of an image belongs to none");
  const Bytes piece = image["source"]["bytes"].text();
  if (piece.empty()) return drops_.add("contentBlockDelta.delta.image");
  if (image_data_.ends_with('=')) return fail("an image comes in pieces that do not fit");
  if (piece.size() > limits::streamed_image_max - image_data_.size()) {
    return fail("an image of the answer is too large", Limit::streamed_image);
  }
  image_data_ += piece;
}

void StreamDecoder::block_stop(const json::Value& root) {
  if (open_ && open_->wire_index == wire_index(root)) close();
}

void StreamDecoder::message_stop(const json::Value& root) {
  if (finished_) return;
  close();
  finished_ = true;
  const Bytes reason = root["stopReason"].text();
  sink_.on_event(event::Finish{decode_stop_reason(reason), reason, {}});
  emit_extra(root, "additionalModelResponseFields", sink_);
}

void StreamDecoder::metadata(const json::Value& root) {
  emit_usage(root, sink_);
  emit_metadata_extras(root, sink_);
  if (!finished_) return;
  ended_ = true;
  sink_.on_event(event::Done{});
}

bool StreamDecoder::is_open(uint64_t wire_index, Kind kind) const {
  return open_ && open_->wire_index == wire_index && open_->kind == kind;
}

bool StreamDecoder::ensure_open(uint64_t wire_index, Kind kind) {
  return is_open(wire_index, kind) || open(wire_index, kind);
}

bool StreamDecoder::open(uint64_t wire_index, Kind kind, Bytes id, Bytes name) {
  if (finished_) return fail("a block of Bedrock's comes after messageStop"), false;
  if (open_ && open_->wire_index != wire_index) {
    interrupted_ = std::max(interrupted_.value_or(0), open_->wire_index);
  }
  close();
  if (interrupted_ && wire_index <= *interrupted_) {
    return fail("the blocks of Bedrock's answer are interleaved"), false;
  }
  open_ = Open{wire_index, next_index_, kind};
  if (kind == Kind::image || kind == Kind::dropped) return true;
  using HubKind = event::BlockOpen::Kind;
  const HubKind hub_kind = kind == Kind::text        ? HubKind::text
                           : kind == Kind::reasoning ? HubKind::reasoning
                                                     : HubKind::tool_call;
  ++next_index_;
  sink_.on_event(
      event::BlockOpen{.index = open_->index, .kind = hub_kind, .id = id, .name = name});
  return true;
}

// A call without arguments comes without a delta, or with an empty one; whole answers say {} then.
void StreamDecoder::close() {
  if (!open_) return;
  const Open block = *open_;
  open_.reset();
  switch (block.kind) {
    case Kind::tool_call:
      if (!block.any_delta) sink_.on_event(event::ArgsDelta{block.index, "{}"});
      [[fallthrough]];
    case Kind::text:
    case Kind::reasoning:
      sink_.on_event(event::BlockClose{block.index});
      break;
    case Kind::image: {
      if (image_data_.empty()) break;
      ++next_index_;
      const chat::Block image = chat::Image{
          {.data = image_data_, .media_type = image_media_type(image_format_, arena_)}};
      sink_.on_event(event::BlockWhole{block.index, &image});
      break;
    }
    case Kind::dropped:
      break;
  }
}

}  // namespace aigw::dialect::bedrock_converse
