// Messages and the system prompt of the hub, as Gemini takes them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "dialect/gemini/language.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {

class ContentEncoder {
 public:
  // All references outlive the encoder. `own`: the conversation was decoded from this language, so
  // that parts keep their order, their ids and their signatures.
  ContentEncoder(json::Writer& writer, const ModelFamily& family, chat::Drops& drops, bool own)
      : writer_(writer), family_(family), drops_(drops), own_(own) {}

  // Writes the array of `contents`, or null where there is nothing to say. Messages of the user
  // that stand in a row become one.
  Result<void> contents(std::span<const chat::Message> messages);

  // Whether contents() has written more than null.
  bool wrote_any() const { return any_; }

  // Writes one content of what the user says, without a role. Messages of others, and what tools
  // gave back, are passed over. Fails with unprocessable where that leaves nothing.
  Result<void> user_parts(std::span<const chat::Message> messages);

  // Whether system() has anything to write.
  bool writes_system(chat::Blocks blocks) const;
  // Writes the value of `systemInstruction`. Only text can stand in it.
  Result<void> system(chat::Blocks blocks);

 private:
  Result<void> user(const chat::Message& message);
  Result<void> model(const chat::Message& message);
  Result<void> block(const chat::Block& block);

  void text(const chat::Text& text);
  Result<void> image(const chat::Image& image);
  Result<void> file(const chat::File& file);
  Result<void> audio(const chat::Audio& audio);
  Result<void> source(const chat::Source& source, Bytes media_type, Bytes resolution);
  Result<void> call(const chat::ToolCall& call, Bytes signature);
  Result<void> result(const chat::ToolResult& result);
  Result<void> thought(const chat::Reasoning& reasoning, bool signs);
  void opaque(const chat::Opaque& opaque);

  // Opens a content for this turn, unless one of its role is open.
  void open();
  void close();

  json::Writer& writer_;
  const ModelFamily& family_;
  chat::Drops& drops_;
  const bool own_;
  enum class Open : uint8_t { none, user, model };
  Open open_ = Open::none;
  Open turn_ = Open::user;  // whose message is being written
  bool any_ = false;  // content
  std::unordered_map<std::string_view, Bytes> names_;  // of the calls so far, by their ids
};

}  // namespace aigw::dialect::gemini
