// Content blocks, as they stand in messages, tool results, system prompts and answers, for the hub.
#pragma once

#include <optional>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/block.h"
#include "chat/drops.h"
#include "json/cursor.h"
#include "json/reader.h"

namespace aigw::dialect::anthropic {

class BlockDecoder {
 public:
  // All of them outlive the decoder. What the blocks show is the document's or the arena's.
  BlockDecoder(json::Reader& reader, Arena& arena, chat::Drops& drops)
      : reader_(reader), arena_(arena), drops_(drops) {}

  // A string or an array of blocks; null and "" are no block at all. `path` names a block for the
  // report of what is dropped and ends with a dot: "system[].".
  chat::Blocks content(const json::Value& content, Bytes path);

  // A cache_control member; nothing when it is absent or null.
  std::optional<chat::CachePoint> cache_point(const json::Value& marker, Bytes path);

  // Adds one block, and its cache point after it.
  void append(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);

 private:
  void text(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);
  void image(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);
  void document(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);
  void tool_use(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);
  void tool_result(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);
  void thinking(const json::Value& block, Bytes path, ArenaVector<chat::Block>& to);
  void opaque(const json::Value& block, ArenaVector<chat::Block>& to);
  std::optional<chat::Source> source(const json::Value& source);

  json::Reader& reader_;
  Arena& arena_;
  chat::Drops& drops_;
};

}  // namespace aigw::dialect::anthropic
