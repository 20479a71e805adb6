// How deltas become blocks. The wire has no blocks: it says which member of the message grows. A
// block begins where another member begins to grow than before, and ends there too. Within one
// delta reasoning comes before text, and text before tool calls.
//
// Empty strings begin nothing: providers send "" with every role and every end.

#include "dialect/openai_chat/answer_words.h"
#include "dialect/openai_chat/decode_answer.h"
#include "dialect/openai_chat/decode_message.h"
#include "dialect/openai_chat/fault.h"
#include "dialect/openai_chat/language.h"

namespace aigw::dialect::openai_chat {
namespace {

constexpr uint16_t kBadUpstream = 502;

}  // namespace

void StreamDecoder::feed(Bytes piece) {
  if (!ended_) decoder_.feed(piece, *this);
}

void StreamDecoder::finish() {
  if (!ended_) decoder_.finish(*this);
  if (ended_) return;
  if (finished_) {
    end(chat::event::Done{});
  } else {
    fault(kBadUpstream, "the provider's stream ended before the answer did");
  }
}

void StreamDecoder::on_data(Bytes piece) {
  if (ended_ || too_large_) return;
  too_large_ = piece.size() > limits::sse_event_max - data_.size();
  if (!too_large_) data_ += piece;
}

void StreamDecoder::on_event(Bytes type) {
  if (ended_) return;
  if (too_large_) {
    return fault(kBadUpstream, "an event of the provider's stream is too large", Limit::sse_event);
  }
  if (data_ == "[DONE]") {
    if (finished_) return end(chat::event::Done{});
    return fault(kBadUpstream, "the provider's stream ended without a reason to stop");
  }
  if (data_.empty() || data_ == "null") {
    data_.clear();
    if (type == "ping") sink_.on_event(chat::event::Ping{});
    return;
  }
  arena_.reset();
  const Result<json::Value> root = parser_.parse(data_, arena_, FailureKind::bad_upstream);
  if (!root) {
    const std::string message = "an event of the provider's stream cannot be read: " +
                                root.error().message;
    return fault(kBadUpstream, message, root.error().limit);
  }
  data_.clear();
  if (type == "ping") return sink_.on_event(chat::event::Ping{});
  if (!root->is_object()) {
    return fault(kBadUpstream, "an event of the provider's stream is no JSON object");
  }
  if (type == "error" || is_error(root.value())) return end(read_error(root.value(), 0));
  json::Reader reader(root.value(), FailureKind::bad_upstream);
  chunk(root.value(), reader);
  if (ended_ || reader.ok()) return;
  fault(kBadUpstream, "an event of the provider's stream cannot be read: " +
                          reader.result().error().message);
}

void StreamDecoder::chunk(const json::Value& root, json::Reader& reader) {
  const json::Value* first = first_choice(reader.elements(root["choices"]));
  if (!started_) {
    // Some providers open with a chunk that has no id yet and says nothing of the answer.
    if (first == nullptr && root["id"].text().empty() && !root["usage"].is_object()) return;
    start(root, reader);
  }
  if (first != nullptr) choice(*first, reader);
  if (!ended_) usage(root, reader);
}

void StreamDecoder::start(const json::Value& root, json::Reader& reader) {
  started_ = true;
  sink_.on_event(chat::event::Start{.language = kLanguage,
                                    .id = reader.string(root["id"]),
                                    .model = reader.string(root["model"]),
                                    .created = reader.count(root["created"])});
}

void StreamDecoder::choice(const json::Value& choice, json::Reader& reader) {
  const json::Value& said = choice["delta"];
  reader.members(said);
  delta(said, reader);
  if (ended_) return;
  for (Bytes name : kMessageExtras) {
    const json::Value& extra = said[name];
    if (extra.exists_and_not_null()) sink_.on_event(chat::event::AnswerExtra{{name, extra.raw()}});
  }
  const json::Value& logprobs = choice[kChoiceExtra];
  if (logprobs.exists_and_not_null()) {
    sink_.on_event(chat::event::AnswerExtra{{kChoiceExtra, logprobs.raw()}});
  }
  const Bytes reason = reader.string(choice["finish_reason"]);
  if (reason.empty() || finished_) return;
  close();
  finished_ = true;
  sink_.on_event(chat::event::Finish{.reason = stop_reason(reason), .raw = reason});
}

void StreamDecoder::delta(const json::Value& delta, json::Reader& reader) {
  reasoning(delta, reader);
  text(reader.string(delta["content"]), false);
  text(reader.string(delta["refusal"]), true);
  for (const json::Value& annotation : reader.elements(delta["annotations"])) {
    if (!open_is(Kind::text)) break;
    sink_.on_event(chat::event::Citation{blocks_ - 1, annotation.raw()});
  }
  for (const json::Value& call : reader.elements(delta["tool_calls"])) {
    if (!ended_) tool_call(call, reader);
  }
}

// Where `thinking_blocks` holds text, `reasoning_content` beside it says the same once more.
void StreamDecoder::reasoning(const json::Value& delta, json::Reader& reader) {
  const std::span<const json::Value> entries = reader.elements(delta["thinking_blocks"]);
  bool said_twice = false;
  for (const json::Value& entry : entries) {
    said_twice = said_twice || !entry["thinking"].text().empty();
  }
  if (!said_twice) {
    const json::Value& content = delta["reasoning_content"];
    const chat::Reasoning beside = read_reasoning_content(
        reader, content.exists_and_not_null() ? content : delta["reasoning"]);
    thought(beside.text);
    signature(beside.signature);
    redacted(beside.redacted);
  }
  for (const json::Value& entry : entries) thinking_block(entry, reader);
}

void StreamDecoder::thinking_block(const json::Value& entry, json::Reader& reader) {
  if (!entry.is_object()) return reader.fail(entry, "must be an object");
  if (reader.string(entry["type"]) == "redacted_thinking") {
    redacted(reader.string(entry["data"]));
  } else {
    const json::Value& text = entry["thinking"];
    const Bytes signed_by = reader.string(entry["signature"]);
    // Behind a signature, one whose text is said to be empty belongs to another thought.
    const bool another = text.is_string() && text.text().empty() && !signed_by.empty();
    if (another && open_is(Kind::reasoning) && signed_) close();
    thought(reader.string(text));
    signature(signed_by);
  }
}

// A call goes on where its index is that of the open one and no other id is given. Servers that
// give every call the index 0 tell them apart by their ids.
void StreamDecoder::tool_call(const json::Value& call, json::Reader& reader) {
  if (!call.is_object()) return reader.fail(call, "must be an object");
  const bool freeform = call["custom"].is_object();
  const json::Value& function = call[freeform ? "custom" : "function"];
  reader.members(function);
  const std::optional<uint64_t> index = reader.count(call["index"]);
  const Bytes id = reader.string(call["id"]);
  const Bytes name = reader.string(function["name"]);
  const json::Value& given = function[freeform ? "input" : "arguments"];
  const Bytes arguments = given.is_object() ? given.raw() : reader.string(given);
  const bool goes_on = open_is(Kind::tool_call) && index.value_or(tool_index_) == tool_index_ &&
                       (id.empty() || id == tool_id_);
  if (!goes_on) {
    if (id.empty() && name.empty()) {
      if (arguments.empty()) return;
      return fault(kBadUpstream, "the provider goes on with a tool call that is not open");
    }
    tool_index_ = index.value_or(0);
    tool_id_ = id;
    open({.index = 0, .kind = Kind::tool_call, .id = id, .name = name, .freeform = freeform});
  }
  if (!arguments.empty()) sink_.on_event(chat::event::ArgsDelta{blocks_ - 1, arguments});
}

void StreamDecoder::usage(const json::Value& root, json::Reader& reader) {
  if (!started_) return;
  const Bytes tier = reader.string(root["service_tier"]);
  const json::Value& usage = root["usage"];
  const chat::Usage counts = read_usage(reader, usage);
  const bool tier_told = tier.empty() || tier == service_tier_;
  if (!usage.is_object() && tier_told) return;
  service_tier_ = tier_told ? service_tier_ : std::string(tier);
  sink_.on_event(chat::event::UsageReport{counts, tier});
}

void StreamDecoder::text(Bytes text, bool refusal) {
  if (text.empty() || ended_) return;
  if (!open_is(Kind::text) || refusal_ != refusal) {
    open({.index = 0, .kind = Kind::text, .refusal = refusal});
    refusal_ = refusal;
  }
  if (!ended_) sink_.on_event(chat::event::TextDelta{blocks_ - 1, text});
}

// Text behind a signature is another thought.
void StreamDecoder::thought(Bytes text) {
  if (text.empty() || ended_) return;
  if (!open_is(Kind::reasoning) || signed_) open({.index = 0, .kind = Kind::reasoning});
  if (!ended_) sink_.on_event(chat::event::ReasoningDelta{blocks_ - 1, text});
}

void StreamDecoder::signature(Bytes signature) {
  if (signature.empty() || ended_) return;
  if (!open_is(Kind::reasoning)) open({.index = 0, .kind = Kind::reasoning});
  if (ended_) return;
  signed_ = true;
  sink_.on_event(chat::event::SignatureDelta{blocks_ - 1, signature});
}

void StreamDecoder::redacted(Bytes data) {
  if (data.empty() || ended_) return;
  open({.index = 0, .kind = Kind::reasoning});
  if (ended_) return;
  sink_.on_event(chat::event::Redacted{blocks_ - 1, data});
  close();
}

void StreamDecoder::open(const chat::event::BlockOpen& block) {
  if (finished_) return fault(kBadUpstream, "the provider goes on after a reason to stop");
  close();
  chat::event::BlockOpen numbered = block;
  numbered.index = blocks_++;
  open_ = block.kind;
  signed_ = false;
  sink_.on_event(numbered);
}

void StreamDecoder::close() {
  if (!open_) return;
  open_.reset();
  sink_.on_event(chat::event::BlockClose{blocks_ - 1});
}

void StreamDecoder::fault(uint16_t status, Bytes message, Limit limit) {
  end(chat::event::Fault{.status = status, .message = message, .limit = limit, .cut = true});
}

void StreamDecoder::end(const chat::Event& event) {
  ended_ = true;
  sink_.on_event(event);
}

}  // namespace aigw::dialect::openai_chat
