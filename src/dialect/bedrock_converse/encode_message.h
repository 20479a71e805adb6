// Messages and the system prompt of the hub, as Converse takes them.
#pragma once

#include <span>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "dialect/bedrock_converse/media.h"
#include "json/writer.h"

namespace aigw::dialect::bedrock_converse {

class MessageEncoder {
 public:
  // Both references outlive the encoder. `own`: the conversation was decoded from this language, so
  // that opaque blocks are written as they are.
  MessageEncoder(json::Writer& writer, chat::Drops& drops, bool own)
      : writer_(writer), drops_(drops), own_(own) {}

  // Writes the array of `system`. Only text can stand in it.
  Result<void> system(chat::Blocks blocks);

  // Whether system() has anything to write.
  bool writes_system(chat::Blocks blocks) const;

  // Writes the array of `messages`, without the system's. Messages of one role become one
  // where they stand in a row, and the assistant's that say nothing are left out.
  Result<void> messages(std::span<const chat::Message> messages);

  // {"cachePoint":{type ttl?}}.
  void cache_point(const chat::CachePoint& point);

 private:
  Result<void> contents(const chat::Message& message);
  Result<void> block(const chat::Block& block, chat::Role role);
  Result<void> result_content(const chat::Block& block);

  Result<void> text(const chat::Text& text, chat::Role role);
  Result<void> image(const chat::Image& image);
  Result<void> document(const chat::File& file);
  Result<void> tool_use(const chat::ToolCall& call);
  Result<void> tool_result(const chat::ToolResult& result);
  Result<void> reasoning(const chat::Reasoning& reasoning);
  void opaque(const chat::Opaque& opaque);

  // A cache point in a list of blocks: it covers what is before it, so it is not written where
  // nothing is, and once where two stand together.
  void cache_point_in_list(const chat::CachePoint& point);
  // Opens the next element of the list: {"name":
  void begin_item(Bytes name);
  void end_item() { writer_.end_object(); }

  json::Writer& writer_;
  chat::Drops& drops_;
  bool own_;
  DocumentNames names_;
  bool any_item_ = false;        // in the list being written
  bool after_cache_ = false;     // its last element is a cache point
};

}  // namespace aigw::dialect::bedrock_converse
