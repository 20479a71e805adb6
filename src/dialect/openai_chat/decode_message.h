// Messages and their content parts as blocks, for requests and for answers.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/block.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"
#include "json/reader.h"

namespace aigw::dialect::openai_chat {

// Which types of content part there are depends on who speaks.
enum class Speaker : uint8_t { system, user, assistant, tool };

class MessageDecoder {
 public:
  // All three outlive the decoder. What is not as it must be is noted in `reader`.
  MessageDecoder(json::Reader& reader, Arena& arena, chat::Drops& drops)
      : reader_(reader),
        arena_(arena),
        drops_(drops),
        messages_(arena),
        system_(arena),
        results_(arena),
        freeform_calls_(arena) {}

  // A request's messages, in order.
  void request_message(const json::Value& message);
  // After the last one.
  void finish();
  chat::Blocks system() const { return system_.items(); }
  std::span<const chat::Message> messages() const { return messages_.items(); }

  // What a message of the assistant says, in this order: reasoning, content, refusal, tool calls.
  void assistant_blocks(const json::Value& message, ArenaVector<chat::Block>& to);

  // The marker {"type":"ephemeral"} below `object`; another type is a drop at `path`.
  std::optional<chat::CachePoint> cache_point(const json::Value& object, Bytes path);

  // Adds `head` with the name of each member of `object` that is not null and not among `known`.
  void drop_others(const json::Value& object, std::initializer_list<Bytes> known, Bytes head);

 private:
  void content(const json::Value& content, Speaker speaker, ArenaVector<chat::Block>& to);
  void part(const json::Value& part, Speaker speaker, ArenaVector<chat::Block>& to);
  bool text_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to);
  bool media_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to);
  bool assistant_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to);
  void image(const json::Value& part, ArenaVector<chat::Block>& to);
  void file(const json::Value& part, ArenaVector<chat::Block>& to);
  chat::Source url_source(const json::Value& url);

  void system_message(const json::Value& message);
  void assistant_message(const json::Value& message);
  void tool_message(const json::Value& message);
  void flush_results();
  void reasoning(const json::Value& message, ArenaVector<chat::Block>& to);
  void thinking_block(const json::Value& entry, Bytes& spare, ArenaVector<chat::Block>& to);
  void tool_call(const json::Value& call, ArenaVector<chat::Block>& to);
  void add_cache_point(const json::Value& object, Bytes path, ArenaVector<chat::Block>& to);
  bool answers_freeform_call(Bytes id) const;

  json::Reader& reader_;
  Arena& arena_;
  chat::Drops& drops_;
  ArenaVector<chat::Message> messages_;
  ArenaVector<chat::Block> system_;
  ArenaVector<chat::Block> results_;   // of the run of tool messages that is not over yet
  ArenaVector<Bytes> freeform_calls_;  // their ids
};

// What `reasoning_content` holds: text, or
// {"reasoningContent":{"reasoningText":{"text","signature"} | "redactedContent"}}. All is empty
// where it holds nothing.
chat::Reasoning read_reasoning_content(json::Reader& reader, const json::Value& value);

}  // namespace aigw::dialect::openai_chat
