// A conversation's messages as the elements of `messages`.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/writer.h"

namespace aigw::dialect::openai_chat {

// Writes {"role":"assistant"…} and the like; used up by one conversation.
class MessageEncoder {
 public:
  struct Manner {
    // The conversation was decoded from this dialect, so that everything is kept; otherwise texts
    // are joined as the peer does.
    bool own;
    bool no_reasoning;  // leaves out what the assistant thought, and turns in which it did nothing else
  };

  // Both references outlive the encoder.
  MessageEncoder(json::Writer& writer, chat::Drops& drops, Manner manner)
      : writer_(writer), drops_(drops), own_(manner.own), no_reasoning_(manner.no_reasoning) {}

  void system(chat::Blocks blocks);
  void message(const chat::Message& message);

  // The first thing that cannot be said.
  const Result<void>& result() const { return result_; }

 private:
  // A block and the marker after it.
  struct Marked {
    const chat::Block* block;
    const chat::CachePoint* cache;
  };

  void user(const chat::Message& message);
  void assistant(const chat::Message& message);
  void tool_result(const chat::ToolResult& result, const chat::CachePoint* cache);
  void plain_message(Bytes role, const std::vector<Marked>& blocks, Bytes name);

  void system_message(chat::Blocks blocks, Bytes name);
  std::vector<Marked> marked(chat::Blocks blocks);
  bool is_one_string(const std::vector<Marked>& blocks) const;
  void joined_text(const std::vector<Marked>& blocks);
  void assistant_content(const std::vector<Marked>& content);
  void assistant_part(const Marked& marked);
  void drop(const chat::Block& block);
  void tool_calls(const std::vector<Marked>& calls);
  void parts(const std::vector<Marked>& blocks);
  void part(const Marked& marked);
  void image(const chat::Image& image, const chat::CachePoint* cache);
  // Reports what a document has beside its bytes and has no place.
  void beside(const chat::File& file);
  void file(const chat::File& file, const chat::CachePoint* cache);
  void audio(const chat::Audio& audio, const chat::CachePoint* cache);
  void data_url(const chat::Source& source, Bytes media_type);
  void cache_control(const chat::CachePoint* cache);
  void refuse(Bytes what);

  json::Writer& writer_;
  chat::Drops& drops_;
  bool own_;
  bool no_reasoning_;
  Result<void> result_;
};

// "cache_control":{"type":"ephemeral","ttl":…}, as a member of the open object.
void write_cache_control(json::Writer& writer, const chat::CachePoint& cache);

inline constexpr Bytes kTarget = "OpenAI chat completions";

}  // namespace aigw::dialect::openai_chat
