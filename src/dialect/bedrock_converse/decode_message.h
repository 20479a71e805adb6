// Messages and the system prompt of a client's request, for the hub.
#pragma once

#include <optional>
#include <span>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/block.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"
#include "json/reader.h"

namespace aigw::dialect::bedrock_converse {

class MessageDecoder {
 public:
  // All of them outlive the decoder. What the blocks show is the document's or the arena's.
  MessageDecoder(json::Reader& reader, Arena& arena, chat::Drops& drops)
      : reader_(reader), arena_(arena), drops_(drops) {}

  std::span<const chat::Message> messages(const json::Value& messages);
  chat::Blocks system(const json::Value& system);

  // A cachePoint's value.
  chat::CachePoint cache_point(const json::Value& point, Bytes path);

  // What was asked for and only Bedrock can do; the first of it.
  const std::optional<Failure>& refused() const { return refused_; }

 private:
  using Value = json::Value;

  // `path` names an element of the list in reports and refusals: "messages[].content[]".
  void block(const Value& block, Bytes path, ArenaVector<chat::Block>& to);
  // True where `member`, the only one of its block, is of a kind that is known here.
  bool known(const Value& member, Bytes path, ArenaVector<chat::Block>& to);
  void text(const Value& text, ArenaVector<chat::Block>& to);
  void image(const Value& image, Bytes path, ArenaVector<chat::Block>& to);
  void document(const Value& document, Bytes path, ArenaVector<chat::Block>& to);
  void audio(const Value& audio, Bytes path, ArenaVector<chat::Block>& to);
  void tool_use(const Value& call, ArenaVector<chat::Block>& to);
  void tool_result(const Value& result, ArenaVector<chat::Block>& to);
  void guarded(const Value& content, Bytes path, ArenaVector<chat::Block>& to);
  void reasoning(const Value& content, ArenaVector<chat::Block>& to);
  void cited(const Value& content, ArenaVector<chat::Block>& to);
  // The bytes of a source; empty after a refusal or a failure.
  Bytes bytes(const Value& media, Bytes path);
  // The texts of {text} elements, joined.
  Bytes joined_texts(const Value& parts);
  void refuse(Bytes path, Bytes name);

  json::Reader& reader_;
  Arena& arena_;
  chat::Drops& drops_;
  std::optional<Failure> refused_;
};

}  // namespace aigw::dialect::bedrock_converse
