#include "dialect/openai_responses/decode_stream.h"

#include "dialect/openai_responses/answer_words.h"
#include "dialect/openai_responses/decode_items.h"
#include "dialect/openai_responses/language.h"

namespace aigw::dialect::openai_responses {
namespace {

constexpr uint16_t kBadUpstream = 502;

bool is_error_event(Bytes type, const json::Value& root) {
  return type == "error" || (type.empty() && root["error"].exists_and_not_null());
}

}  // namespace

void StreamDecoder::feed(Bytes piece) {
  if (!ended_) decoder_.feed(piece, *this);
}

void StreamDecoder::finish() {
  if (!ended_) decoder_.finish(*this);
  if (!ended_) fault(kBadUpstream, "the provider's stream ended before the answer did");
}

void StreamDecoder::on_data(Bytes piece) {
  if (ended_ || too_large_) return;
  too_large_ = piece.size() > limits::sse_event_max - data_.size();
  if (!too_large_) data_ += piece;
}

void StreamDecoder::on_event(Bytes) {
  if (ended_) return;
  if (too_large_) {
    return fault(kBadUpstream, "an event of the provider's stream is too large", Limit::sse_event);
  }
  if (data_.empty() || data_ == "[DONE]") return data_.clear();
  arena_.reset();
  const Result<json::Value> root = parser_.parse(data_, arena_, FailureKind::bad_upstream);
  if (!root) return unreadable(root.error().message, root.error().limit);
  data_.clear();
  if (!root->is_object()) return unreadable("it is no JSON object");
  const Bytes type = root.value()["type"].text();
  if (is_error_event(type, *root)) {
    const json::Value& nested = root.value()["error"];
    return end(read_error(nested.exists_and_not_null() ? nested : *root));
  }
  json::Reader reader(*root, FailureKind::bad_upstream);
  dispatch(type, *root, reader);
  if (!ended_ && !reader.ok()) unreadable(reader.result().error().message);
}

void StreamDecoder::dispatch(Bytes type, const json::Value& root, json::Reader& reader) {
  const json::Value& response = root["response"];
  if (type == "keepalive" || type == "ping") return sink_.on_event(chat::event::Ping{});
  if (type == "response.created" || type == "response.in_progress" || type == "response.queued") {
    return start(response, reader);
  }
  if (type == "response.failed") {
    const json::Value& error = response["error"];
    if (error.exists_and_not_null()) return end(read_error(error));
    return end(chat::event::Fault{.status = 500, .message = "the provider's answer has failed"});
  }
  if (!started_) start(response, reader);
  if (type == "response.completed" || type == "response.incomplete") {
    return completed(response, reader);
  }
  item_event(type, root, reader);
}

void StreamDecoder::item_event(Bytes type, const json::Value& root, json::Reader& reader) {
  if (type == "response.output_item.added") return item_added(root, reader);
  if (type == "response.output_item.done") return item_done(root, reader);
  if (type == "response.output_text.delta") return text(root, false, reader);
  if (type == "response.refusal.delta") return text(root, true, reader);
  if (type == "response.content_part.done") return part_done(root, reader);
  if (type == "response.output_text.annotation.added") return citation(root);
  if (type == "response.reasoning_summary_text.delta") return thought(root, true, reader);
  if (type == "response.reasoning_text.delta") return thought(root, false, reader);
  if (type == "response.function_call_arguments.delta" ||
      type == "response.custom_tool_call_input.delta") {
    arguments(root, reader);
  }
  // The others say once more what was said, or how a hosted tool gets on.
}

void StreamDecoder::start(const json::Value& response, json::Reader& reader) {
  if (started_) return;
  started_ = true;
  sink_.on_event(chat::event::Start{.language = kLanguage,
                                    .id = reader.string(response["id"]),
                                    .model = reader.string(response["model"]),
                                    .created = reader.count(response["created_at"])});
}

// Items come one after the other. An event for one that is over cannot be carried.
bool StreamDecoder::is_current(const json::Value& root, json::Reader& reader) {
  const uint64_t index = reader.count(root["output_index"]).value_or(item_.index);
  if (item_.kind != ItemKind::none && index == item_.index) return true;
  fault(kBadUpstream, "the provider goes on with an item that is not open");
  return false;
}

void StreamDecoder::item_added(const json::Value& root, json::Reader& reader) {
  const uint64_t index = reader.count(root["output_index"]).value_or(next_item_);
  if (index < next_item_) {
    return fault(kBadUpstream, "the provider goes back to an item that is over");
  }
  close();
  next_item_ = index + 1;
  item_ = Item();
  item_.index = index;
  const json::Value& item = root["item"];
  const Bytes type = reader.required_string(item, "type");
  const bool freeform = type == "custom_tool_call";
  if (type == "message") {
    item_.kind = ItemKind::message;
  } else if (type == "reasoning") {
    item_.kind = ItemKind::reasoning;
    item_.id = reader.string(item["id"]);
  } else if (type == "function_call" || freeform) {
    item_.kind = ItemKind::call;
    called_ = true;
    open({.index = 0,
          .kind = Kind::tool_call,
          .id = reader.required_string(item, "call_id"),
          .name = reader.required_string(item, "name"),
          .freeform = freeform});
  } else {
    item_.kind = ItemKind::other;
  }
}

void StreamDecoder::item_done(const json::Value& root, json::Reader& reader) {
  const uint64_t index = reader.count(root["output_index"]).value_or(item_.index);
  if (item_.kind == ItemKind::none || index >= next_item_) item_added(root, reader);
  if (ended_ || !reader.ok() || !is_current(root, reader)) return;
  const json::Value& item = root["item"];
  switch (item_.kind) {
    case ItemKind::message:
      rest_of_message(item, reader);
      break;
    case ItemKind::reasoning:
      reasoning_done(item, reader);
      break;
    case ItemKind::call:
      call_done(item, reader);
      break;
    case ItemKind::other: {
      if (!item.is_object()) break;  // it ends without saying what it was
      const chat::Block block = chat::Opaque{reader.string(item["type"]), item.raw()};
      sink_.on_event(chat::event::BlockWhole{blocks_++, &block});
      break;
    }
    case ItemKind::none:
      break;
  }
  close();
  item_.kind = ItemKind::none;
}

void StreamDecoder::call_done(const json::Value& item, json::Reader& reader) {
  const bool freeform = item["type"].text() == "custom_tool_call";
  const Bytes all = reader.string(item[freeform ? "input" : "arguments"]);
  if (item_.any_delta || all.empty()) return;
  sink_.on_event(chat::event::ArgsDelta{blocks_ - 1, all});
}

void StreamDecoder::arguments(const json::Value& root, json::Reader& reader) {
  if (!is_current(root, reader)) return;
  const Bytes more = reader.string(root["delta"]);
  if (more.empty() || open_ != Kind::tool_call) return;
  item_.any_delta = true;
  sink_.on_event(chat::event::ArgsDelta{blocks_ - 1, more});
}

void StreamDecoder::thought(const json::Value& root, bool summary, json::Reader& reader) {
  if (!is_current(root, reader) || item_.kind != ItemKind::reasoning) return;
  const Bytes more = reader.string(root["delta"]);
  if (more.empty()) return;
  if (open_ != Kind::reasoning) open({.index = 0, .kind = Kind::reasoning});
  // Parts of the summary and of the content are counted apart.
  const uint64_t place = reader.count(root[summary ? "summary_index" : "content_index"]).value_or(0);
  const uint64_t part = place * 2 + (summary ? 0 : 1);
  if (item_.part && *item_.part != part) {
    sink_.on_event(chat::event::ReasoningDelta{blocks_ - 1, kBetweenParts});
  }
  item_.part = part;
  sink_.on_event(chat::event::ReasoningDelta{blocks_ - 1, more});
}

void StreamDecoder::reasoning_done(const json::Value& item, json::Reader& reader) {
  const bool opened = open_ == Kind::reasoning;
  const Bytes all = opened ? Bytes() : reasoning_text(item, reader, arena_);
  const Bytes id = reader.string(item["id"]);
  const chat::Reasoning seal = reasoning_seal(id.empty() ? Bytes(item_.id) : id,
                                              reader.string(item["encrypted_content"]),
                                              opened || !all.empty(), arena_);
  if (!opened && all.empty() && seal.redacted.empty() && seal.signature.empty()) return;
  if (!opened) open({.index = 0, .kind = Kind::reasoning});
  const uint32_t block = blocks_ - 1;
  if (!all.empty()) sink_.on_event(chat::event::ReasoningDelta{block, all});
  if (!seal.signature.empty()) sink_.on_event(chat::event::SignatureDelta{block, seal.signature});
  if (!seal.redacted.empty()) sink_.on_event(chat::event::Redacted{block, seal.redacted});
}

// An item that is no message has no text: a block opened for it would stand in the way of its own.
void StreamDecoder::text(const json::Value& root, bool refusal, json::Reader& reader) {
  if (!is_current(root, reader) || item_.kind != ItemKind::message) return;
  const Bytes more = reader.string(root["delta"]);
  if (more.empty()) return;
  const uint64_t part = reader.count(root["content_index"]).value_or(item_.parts_said);
  const bool other_part = part > item_.parts_said;
  if (open_ != Kind::text || refusal_ != refusal || other_part) {
    open({.index = 0, .kind = Kind::text, .refusal = refusal});
    refusal_ = refusal;
    item_.parts_said = part;
  }
  any_text_ = true;
  sink_.on_event(chat::event::TextDelta{blocks_ - 1, more});
}

void StreamDecoder::citation(const json::Value& root) {
  const json::Value& annotation = root["annotation"];
  if (open_ != Kind::text || !annotation.exists_and_not_null()) return;
  ++citations_;
  sink_.on_event(chat::event::Citation{blocks_ - 1, annotation.raw()});
}

void StreamDecoder::part_done(const json::Value& root, json::Reader& reader) {
  if (item_.kind != ItemKind::message || !is_current(root, reader)) return;
  const uint64_t index = reader.count(root["content_index"]).value_or(item_.parts_said);
  if (index < item_.parts_said) return;
  item_.parts_said = index;
  whole_part(root["part"], reader);
}

// Says what of a part was not said in deltas, and ends it.
void StreamDecoder::whole_part(const json::Value& part, json::Reader& reader) {
  const bool refusal = part["type"].text() == "refusal";
  if (!refusal && part["type"].text() != "output_text") return;
  if (open_ != Kind::text) {
    open({.index = 0, .kind = Kind::text, .refusal = refusal});
    refusal_ = refusal;
  }
  const Bytes all = reader.string(part[refusal ? "refusal" : "text"]);
  if (!any_text_ && !all.empty()) sink_.on_event(chat::event::TextDelta{blocks_ - 1, all});
  const std::span<const json::Value> annotations = reader.elements(part["annotations"]);
  for (size_t i = citations_; i < annotations.size(); ++i) {
    sink_.on_event(chat::event::Citation{blocks_ - 1, annotations[i].raw()});
  }
  close();
  ++item_.parts_said;
}

void StreamDecoder::rest_of_message(const json::Value& item, json::Reader& reader) {
  const std::span<const json::Value> parts = reader.elements(item["content"]);
  for (size_t i = item_.parts_said; i < parts.size(); ++i) whole_part(parts[i], reader);
}

void StreamDecoder::completed(const json::Value& response, json::Reader& reader) {
  close();
  const chat::Usage usage = read_usage(reader, response["usage"]);
  const Bytes tier = reader.string(response["service_tier"]);
  if (!reader.ok()) return;
  if (response["usage"].is_object() || !tier.empty()) {
    sink_.on_event(chat::event::UsageReport{usage, tier});
  }
  sink_.on_event(read_finish(response, called_));
  end(chat::event::Done{});
}

void StreamDecoder::open(const chat::event::BlockOpen& block) {
  close();
  chat::event::BlockOpen numbered = block;
  numbered.index = blocks_++;
  open_ = block.kind;
  any_text_ = false;
  citations_ = 0;
  sink_.on_event(numbered);
}

void StreamDecoder::close() {
  if (!open_) return;
  open_.reset();
  sink_.on_event(chat::event::BlockClose{blocks_ - 1});
}

void StreamDecoder::unreadable(Bytes why, Limit limit) {
  std::string message = "an event of the provider's stream cannot be read: ";
  message += why;
  fault(kBadUpstream, message, limit);
}

void StreamDecoder::fault(uint16_t status, Bytes message, Limit limit) {
  end(chat::event::Fault{.status = status, .message = message, .limit = limit, .cut = true});
}

void StreamDecoder::end(const chat::Event& event) {
  ended_ = true;
  sink_.on_event(event);
}

}  // namespace aigw::dialect::openai_responses
