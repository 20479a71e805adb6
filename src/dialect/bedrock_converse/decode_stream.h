// Streamed answers of ConverseStream as events of the hub.
//
// The wire has messageStart, then for each block contentBlockStart, contentBlockDelta …,
// contentBlockStop, then messageStop with the stop reason and metadata with usage, which is the
// last. Only tool calls and images are sure to have a contentBlockStart: a text or a thought begins
// with its first delta. Framing is not seen here: the caller takes each message of the event stream
// apart and says of what kind it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "dialect/bedrock_converse/answer_parts.h"
#include "json/cursor.h"

namespace aigw::dialect::bedrock_converse {

// What a message's header :message-type says.
enum class FrameKind : uint8_t { event, exception, error };

class StreamDecoder {
 public:
  // All of them outlive the decoder, also what `identity` shows.
  StreamDecoder(const AnswerIdentity& identity, json::Parser& parser, chat::Drops& drops,
                chat::EventSink& sink);

  // One message of the stream. `type` is its header :event-type, :exception-type or :error-code;
  // `payload` is its payload, JSON, or of an error its header :error-message. Events go to the sink
  // before it returns. What cannot be read, and exceptions and errors, end the answer with a Fault;
  // what comes after the end is passed over.
  void on_frame(FrameKind kind, Bytes type, Bytes payload);

  // The stream cannot be read on, `message` says why: a Fault, unless the answer has ended.
  void fail(Bytes message, Limit limit = Limit::none);

  // Nothing follows. A stream that has not come to messageStop ends with a Fault.
  void finish();

  // Done or Fault has been emitted.
  bool ended() const { return ended_; }

 private:
  enum class Kind : uint8_t { text, reasoning, tool_call, image, dropped };

  struct Open {
    uint64_t wire_index;
    uint32_t index;  // of the hub
    Kind kind;
    bool any_delta = false;
    bool redacted = false;
  };

  void event(Bytes type, const json::Value& root);
  void start();
  void block_start(const json::Value& root);
  void block_delta(const json::Value& root);
  void delta(uint64_t wire_index, const json::Value& member);
  void text_delta(uint64_t wire_index, Bytes text);
  void arguments_delta(uint64_t wire_index, const json::Value& tool_use);
  void reasoning_delta(uint64_t wire_index, const json::Value& content);
  void redacted(uint64_t wire_index, Bytes data);
  void image_delta(uint64_t wire_index, const json::Value& image);
  void block_stop(const json::Value& root);
  void message_stop(const json::Value& root);
  void metadata(const json::Value& root);

  // Makes a block of that kind the open one, going on with the one that is open where it is the
  // same. False after a Fault.
  bool ensure_open(uint64_t wire_index, Kind kind);
  // Closes the block that is open, if one is, and opens another. False after a Fault.
  bool open(uint64_t wire_index, Kind kind, Bytes id = {}, Bytes name = {});
  void close();
  bool is_open(uint64_t wire_index, Kind kind) const;
  uint64_t wire_index(const json::Value& root) const;
  void end_with(const chat::event::Fault& fault);

  AnswerIdentity identity_;
  json::Parser& parser_;
  chat::Drops& drops_;
  chat::EventSink& sink_;
  Arena arena_;  // of one event

  bool started_ = false;
  bool finished_ = false;
  bool ended_ = false;
  uint32_t next_index_ = 0;
  std::optional<Open> open_;
  // The highest index on the wire of a block that was closed because another one came: it may not
  // go on.
  std::optional<uint64_t> interrupted_;
  std::string image_format_;  // of the open image
  std::string image_data_;
};

}  // namespace aigw::dialect::bedrock_converse
