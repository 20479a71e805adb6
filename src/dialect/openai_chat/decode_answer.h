// A provider's chat completion, whole or as a stream, as events. Both forms of one answer give the
// same once folded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "json/cursor.h"
#include "json/reader.h"
#include "wire/sse.h"

namespace aigw::dialect::openai_chat {

// Emits the whole list, ending with Done; or with Fault where the body is an error. Fails with
// bad_upstream, and emits nothing, where it is neither: no JSON, of wrong types, without a choice.
// Only the choice with index 0 is read. What the tree needs is kept in `arena`.
Result<void> decode_answer(Slices body, json::Parser& parser, Arena& arena, chat::Drops& drops,
                           chat::EventSink& sink);

// A stream's server-sent events, in any slices. Nothing fails: an error in the stream, an event
// that cannot be read and a stream that ends too early are a Fault, after which input is ignored.
//
// One event is in memory at a time, bounded by limits::sse_event_max.
class StreamDecoder final : private wire::SseSink {
 public:
  // Both outlive the decoder; the parser may be shared with others between calls.
  StreamDecoder(json::Parser& parser, chat::EventSink& sink) : parser_(parser), sink_(sink) {}
  StreamDecoder(const StreamDecoder&) = delete;
  StreamDecoder& operator=(const StreamDecoder&) = delete;

  void feed(Bytes piece);
  // The stream has ended. After a reason to stop this is Done, `[DONE]` or not; otherwise a Fault.
  void finish();

  // Done or Fault was emitted.
  bool ended() const { return ended_; }

 private:
  using Kind = chat::event::BlockOpen::Kind;

  void on_data(Bytes piece) override;
  void on_event(Bytes type) override;

  void chunk(const json::Value& root, json::Reader& reader);
  void start(const json::Value& root, json::Reader& reader);
  void choice(const json::Value& choice, json::Reader& reader);
  void delta(const json::Value& delta, json::Reader& reader);
  void reasoning(const json::Value& delta, json::Reader& reader);
  void thinking_block(const json::Value& entry, json::Reader& reader);
  void tool_call(const json::Value& call, json::Reader& reader);
  void usage(const json::Value& root, json::Reader& reader);

  void text(Bytes text, bool refusal);
  void thought(Bytes text);
  void signature(Bytes signature);
  void redacted(Bytes data);
  bool open_is(Kind kind) const { return open_ == kind; }
  void open(const chat::event::BlockOpen& block);
  void close();
  void fault(uint16_t status, Bytes message, Limit limit = Limit::none);
  void end(const chat::Event& event);

  json::Parser& parser_;
  chat::EventSink& sink_;
  wire::SseDecoder decoder_;
  std::string data_;  // of the event that is coming
  bool too_large_ = false;
  // The tree of one event, given back before the next.
  Arena arena_{limits::hub_arena_max(limits::sse_event_max)};

  bool started_ = false;
  bool finished_ = false;
  bool ended_ = false;
  std::optional<Kind> open_;
  bool refusal_ = false;     // of the open text block
  bool signed_ = false;      // the open reasoning has a signature
  uint64_t tool_index_ = 0;  // the provider's, of the open tool call
  std::string tool_id_;
  uint32_t blocks_ = 0;       // opened so far
  std::string service_tier_;  // as last reported
};

}  // namespace aigw::dialect::openai_chat
