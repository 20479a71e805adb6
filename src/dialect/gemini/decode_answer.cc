#include "dialect/gemini/decode_answer.h"

#include <algorithm>

#include "base/limits.h"
#include "dialect/gemini/answer_words.h"
#include "dialect/gemini/error.h"
#include "dialect/gemini/language.h"
#include "dialect/gemini/logprobs.h"
#include "dialect/gemini/members.h"

namespace aigw::dialect::gemini {

namespace event = chat::event;
using json::Value;

void ChunkDecoder::chunk(const Value& root) {
  start(root);
  const Value* first = nullptr;
  for (const Value& candidate : root["candidates"].elements()) {
    const Value& index = candidate["index"];
    if (first == nullptr && (!index.exists_and_not_null() || index.raw() == "0")) {
      first = &candidate;
    }
  }
  if (first != nullptr) candidate(*first);
  const Value& feedback = root["promptFeedback"];
  if (feedback.is_object()) {
    keep_extra("promptFeedback", feedback.raw());
    // The prompt itself was refused, so there is no candidate.
    const Bytes reason = feedback["blockReason"].text();
    if (!reason.empty()) finish(chat::StopReason::content_filter, reason);
  }
  const Value& usage = root["usageMetadata"];
  if (usage.is_object()) sink_.on_event(event::UsageReport{.usage = decode_usage(usage)});
}

void ChunkDecoder::done(chat::StopReason reason) {
  finish(reason, {});
  emit_extras();
  sink_.on_event(event::Done{});
}

void ChunkDecoder::start(const Value& root) {
  if (started_) return;
  started_ = true;
  id_ = root["responseId"].text();
  sink_.on_event(event::Start{.language = kLanguage,
                              .id = id_,
                              .model = root["modelVersion"].text(),
                              .created = decode_time(root["createTime"].text())});
}

void ChunkDecoder::candidate(const Value& candidate) {
  for (const Value& part : candidate["content"]["parts"].elements()) this->part(part);
  collect_extras(candidate);
  const Bytes word = candidate["finishReason"].text();
  if (!word.empty()) finish(decode_finish_reason(word, calls_ > 0), word);
}

void ChunkDecoder::finish(chat::StopReason reason, Bytes word) {
  if (finished_) return;
  close();
  emit_extras();
  finished_ = true;
  sink_.on_event(event::Finish{.reason = reason, .raw = word});
}

void ChunkDecoder::part(const Value& part) {
  if (finished_) return drops_.add("candidates[].content.parts[] after finishReason");
  if (part["functionCall"].is_object()) return call(part);
  const bool thinks = part["thought"].is_true();
  if (part["text"].is_string()) return thinks ? thought(part) : text(part);
  if (part["inlineData"].is_object()) {
    if (thinks) return drops_.add("candidates[].content.parts[].inlineData of thoughts");
    return inline_data(part["inlineData"]);
  }
  for (const Value& member : part.members()) {
    if (member.name() == "thought" || member.name() == "thoughtSignature") continue;
    whole(chat::Opaque{.type = member.name(), .raw = part.raw()});
    break;
  }
  const Bytes signature = part["thoughtSignature"].text();
  if (!signature.empty()) sign(signature);
}

void ChunkDecoder::text(const Value& part) {
  emit_text(part["text"].text());
  const Bytes signature = part["thoughtSignature"].text();
  if (signature.empty()) return;
  close();
  sign(signature);
}

void ChunkDecoder::thought(const Value& part) {
  if (signed_) close();
  ensure_open(Kind::reasoning);
  const Bytes text = part["text"].text();
  const Bytes signature = part["thoughtSignature"].text();
  if (!text.empty()) sink_.on_event(event::ReasoningDelta{next_index_ - 1, text});
  if (!signature.empty()) sign(signature);
}

// Signs the thought that is open, or one without words.
void ChunkDecoder::sign(Bytes signature) {
  if (open_ != Kind::reasoning || signed_) {
    close();
    ensure_open(Kind::reasoning);
  }
  signed_ = true;
  sink_.on_event(event::SignatureDelta{next_index_ - 1, signature});
}

void ChunkDecoder::call(const Value& part) {
  const Value& call = part["functionCall"];
  const Bytes signature = part["thoughtSignature"].text();
  if (!signature.empty()) sign(signature);
  close();
  std::string id(call["id"].text());
  if (id.empty()) id = call_id(part.raw());
  ++calls_;
  const uint32_t index = next_index_++;
  sink_.on_event(event::BlockOpen{
      .index = index, .kind = Kind::tool_call, .id = id, .name = call["name"].text()});
  const Value& arguments = call["args"];
  sink_.on_event(event::ArgsDelta{index, arguments.is_object() ? arguments.raw() : Bytes("{}")});
  sink_.on_event(event::BlockClose{index});
}

// Unique in a conversation, since every answer has an id of its own; and short, with no more than
// what other providers take in an id.
std::string ChunkDecoder::call_id(Bytes raw) {
  std::string id = "call_";
  for (char c : Bytes(id_).substr(0, limits::gemini_call_id_max)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    id += plain ? c : '_';
  }
  if (id_.empty()) {
    uint64_t hash = 0xcbf29ce484222325 ^ context_.salt;  // FNV-1a
    for (char c : raw) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    for (int i = 0; i < 16; ++i, hash >>= 4) id += "0123456789abcdef"[hash & 15];
  }
  id += '_';
  id += std::to_string(calls_);
  return id;
}

void ChunkDecoder::inline_data(const Value& data) {
  const Bytes type = data["mimeType"].text();
  const chat::Source source{.data = data["data"].text(), .media_type = type};
  if (type.starts_with("image/")) return whole(chat::Image{source});
  if (type.starts_with("audio/")) return whole(chat::Audio{source});
  whole(chat::File{.source = source});
}

void ChunkDecoder::whole(const chat::Block& block) {
  close();
  sink_.on_event(event::BlockWhole{next_index_++, &block});
}

void ChunkDecoder::ensure_open(Kind kind) {
  if (open_ == kind) return;
  close();
  open_ = kind;
  sink_.on_event(event::BlockOpen{.index = next_index_++, .kind = kind});
}

void ChunkDecoder::close() {
  if (!open_) return;
  if (open_ == Kind::text && !held_.empty() && context_.form == TextForm::quoted &&
      held_ != "\"") {
    sink_.on_event(event::TextDelta{next_index_ - 1, held_});
  }
  sink_.on_event(event::BlockClose{next_index_ - 1});
  open_.reset();
  signed_ = text_begun_ = false;
  held_.clear();
}

// What may turn out to stand at the end of the text, and not to belong to it, is held back.
void ChunkDecoder::emit_text(Bytes text) {
  if (text.empty()) return;
  ensure_open(Kind::text);
  if (context_.form == TextForm::plain) {
    sink_.on_event(event::TextDelta{next_index_ - 1, text});
    return;
  }
  constexpr Bytes kBlank = " \t\r\n";
  const Bytes outer = context_.form == TextForm::choice ? kBlank : Bytes("\"");
  std::string all = held_ + std::string(text);
  held_.clear();
  if (!text_begun_) {
    const size_t begin = context_.form == TextForm::choice
                             ? std::min(all.find_first_not_of(kBlank), all.size())
                             : (all.front() == '"' ? 1 : 0);
    all.erase(0, begin);
    text_begun_ = !all.empty() || context_.form == TextForm::quoted;
  }
  const size_t last = all.find_last_not_of(outer);
  size_t end = last == std::string::npos ? 0 : last + 1;
  // Of several quotes only the last is an outer one.
  if (context_.form == TextForm::quoted && end < all.size()) end = all.size() - 1;
  held_ = all.substr(end);
  all.resize(end);
  if (!all.empty()) sink_.on_event(event::TextDelta{next_index_ - 1, all});
}

void ChunkDecoder::collect_extras(const Value& candidate) {
  for (const Value& member : candidate.members()) {
    if (!member.exists_and_not_null()) continue;
    const Bytes name = member.name();
    if (is_one_of(name, {"content", "finishReason", "index", "tokenCount"})) continue;
    if (name == "safetyRatings") {
      keep_extra("safety_ratings", member.raw());
    } else if (name == "groundingMetadata") {
      keep_extra("grounding_metadata", member.raw());
    } else if (name == "logprobsResult") {
      keep_extra("logprobs", chat_logprobs(member));
    } else {
      keep_extra(name, member.raw());
    }
  }
}

void ChunkDecoder::keep_extra(Bytes name, Bytes raw) {
  for (auto& [known, value] : extras_) {
    if (known == name) {
      value = raw;
      return;
    }
  }
  extras_.emplace_back(name, raw);
}

void ChunkDecoder::emit_extras() {
  for (const auto& [name, raw] : extras_) {
    sink_.on_event(event::AnswerExtra{{.name = name, .raw = raw}});
  }
  extras_.clear();
}

Result<void> decode_answer(const Value& root, const AnswerContext& context, Arena& arena,
                           chat::Drops& drops, chat::EventSink& sink) {
  if (is_error(root)) {
    sink.on_event(read_error(root, arena));
    return {};
  }
  if (!root["candidates"].is_array() && !root["promptFeedback"].is_object() &&
      !root["usageMetadata"].is_object()) {
    return Failure{FailureKind::bad_upstream, "Gemini's answer has no candidates"};
  }
  ChunkDecoder decoder(context, drops, sink);
  decoder.chunk(root);
  decoder.done();
  return {};
}

StreamDecoder::StreamDecoder(const AnswerContext& context, json::Parser& parser,
                             chat::Drops& drops, chat::EventSink& sink)
    : parser_(parser),
      sink_(sink),
      chunks_(context, drops, sink),
      arena_(limits::hub_arena_max(limits::sse_event_max)) {}

void StreamDecoder::finish() {
  sse_.finish(*this);
  if (ended_) return;
  if (!chunks_.finished()) return fault("the provider's stream ended before its finishReason");
  ended_ = true;
  chunks_.done();
}

void StreamDecoder::fault(Bytes message, Limit limit) {
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

void StreamDecoder::on_event(Bytes) {
  if (ended_) return;
  if (too_large_) return fault("an event of the provider's stream is too large", Limit::sse_event);
  if (data_.empty() || data_ == "[DONE]") return data_.clear();
  {
    const Result<Value> root = parser_.parse(data_, arena_, FailureKind::bad_upstream);
    if (!root || !(root->is_object() || is_error(*root))) {
      fault("an event of the provider's stream is no JSON object", root ? Limit::none : root.error().limit);
    } else if (is_error(*root)) {
      ended_ = true;
      sink_.on_event(read_error(*root, arena_));
    } else {
      chunks_.chunk(*root);
    }
  }
  data_.clear();
  arena_.reset();
}

}  // namespace aigw::dialect::gemini
