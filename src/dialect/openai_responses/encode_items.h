// A conversation's messages as the elements of `input`.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/writer.h"

namespace aigw::dialect::openai_responses {

class ItemEncoder {
 public:
  // Both references outlive the encoder. `own`: the conversation was decoded from this dialect.
  ItemEncoder(json::Writer& writer, chat::Drops& drops, bool own)
      : writer_(writer), drops_(drops), own_(own) {}

  // {"role":…,"content":…} with the blocks of one speaker, but for the assistant.
  void spoken(Bytes role, chat::Blocks blocks);
  void message(const chat::Message& message);

  // The first thing that cannot be said.
  const Result<void>& result() const { return result_; }

 private:
  void user(const chat::Message& message);
  void assistant(const chat::Message& message);
  void assistant_text(const chat::Text& text);
  void tool_result(const chat::ToolResult& result);
  void tool_call(const chat::ToolCall& call);
  void reasoning(const chat::Reasoning& reasoning);
  void content(chat::Blocks blocks);
  void part(const chat::Block& block);
  void text_part(Bytes text);
  void image(const chat::Image& image);
  void file(const chat::File& file);
  void audio(const chat::Audio& audio);
  void base64(const chat::Source& source, Bytes media_type);
  void opaque(const chat::Opaque& opaque);
  void refuse(Bytes what);

  json::Writer& writer_;
  chat::Drops& drops_;
  bool own_;
  uint32_t ids_ = 0;  // given to items that need one
  Result<void> result_;
};

}  // namespace aigw::dialect::openai_responses
