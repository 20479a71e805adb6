// Streamed answers of the Messages API as events of the hub.
//
// The wire has message_start, then for each block content_block_start, content_block_delta …,
// content_block_stop, then message_delta with the stop reason and the last counts, message_stop;
// pings and an error may come anywhere. Blocks that the hub has no word for (a server's tools and
// their results) are gathered and go out whole; of the others each delta is one event at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "dialect/anthropic/usage.h"
#include "json/cursor.h"
#include "wire/sse.h"

namespace aigw::dialect::anthropic {

class StreamDecoder final : private wire::SseSink {
 public:
  // All of them outlive the decoder.
  StreamDecoder(json::Parser& parser, chat::Drops& drops, chat::EventSink& sink);

  // The next bytes of the stream, decoded. Events go to the sink before it returns. An event that
  // cannot be read, or is larger than limits::sse_event_max, ends the answer with a Fault; what
  // comes after the end is passed over.
  void feed(Bytes piece) { sse_.feed(piece, *this); }

  // Nothing follows. A stream that has not come to message_stop ends with a Fault.
  void finish();

  // Done or Fault has been emitted.
  bool ended() const { return ended_; }

 private:
  enum class Kind : uint8_t { text, thinking, redacted, tool_use, opaque };

  struct Open {
    uint64_t wire_index;
    uint32_t index;
    Kind kind;
  };

  void on_data(Bytes piece) override;
  void on_event(Bytes type) override;

  void dispatch(Bytes type, const json::Value& root);
  void message_start(const json::Value& message);
  void block_start(const json::Value& root);
  void open(const json::Value& block);
  void block_delta(const json::Value& root);
  void delta(Bytes type, const json::Value& delta);
  void block_stop(const json::Value& root);
  void close_block();
  void close_opaque();
  void message_delta(const json::Value& root);
  void message_stop();
  void report_usage(const json::Value& usage);
  void fault(Bytes message, Limit limit = Limit::none);

  json::Parser& parser_;
  chat::Drops& drops_;
  chat::EventSink& sink_;
  wire::SseDecoder sse_;
  Arena arena_;  // of one event
  std::string data_;
  bool too_large_ = false;

  bool started_ = false;
  bool finished_ = false;
  bool ended_ = false;
  Counts counts_;
  uint32_t next_index_ = 0;
  std::optional<Open> open_;
  std::string input_;       // of an opaque block: its input as it comes; of a tool call: the input
                            // given at its start
  bool any_input_ = false;  // a delta of input has come
  std::string opaque_;      // the open opaque block as it was at its start
};

}  // namespace aigw::dialect::anthropic
