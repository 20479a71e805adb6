// Streamed answers of the Responses API as events of the hub.
//
// The wire opens an item, within it parts, within these come deltas; then each says once more, in
// its `done`, all that it was. A server may leave out deltas and say only that, or leave out the
// opening: what was not said before is taken from the `done`. response.completed (or .incomplete)
// has usage and the reason to stop, and is the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "chat/event.h"
#include "json/cursor.h"
#include "json/reader.h"
#include "wire/sse.h"

namespace aigw::dialect::openai_responses {

class StreamDecoder final : private wire::SseSink {
 public:
  // Both outlive the decoder; the parser may be shared with others between calls.
  StreamDecoder(json::Parser& parser, chat::EventSink& sink) : parser_(parser), sink_(sink) {}
  StreamDecoder(const StreamDecoder&) = delete;
  StreamDecoder& operator=(const StreamDecoder&) = delete;

  // The next bytes of the stream. Nothing fails: an error in the stream, an event that cannot be
  // read or is larger than limits::sse_event_max, and a stream that ends too early are a Fault,
  // after which input is ignored.
  void feed(Bytes piece);
  void finish();

  // Done or Fault was emitted.
  bool ended() const { return ended_; }

 private:
  using Kind = chat::event::BlockOpen::Kind;
  enum class ItemKind : uint8_t { none, message, reasoning, call, other };

  // The item that is coming.
  struct Item {
    ItemKind kind = ItemKind::none;
    uint64_t index = 0;          // output_index
    std::string id;              // of reasoning
    bool any_delta = false;      // of arguments
    uint64_t parts_said = 0;     // of a message: parts that have become blocks
    std::optional<uint64_t> part;  // of reasoning: the part whose text came last
  };

  void on_data(Bytes piece) override;
  void on_event(Bytes type) override;

  void dispatch(Bytes type, const json::Value& root, json::Reader& reader);
  void item_event(Bytes type, const json::Value& root, json::Reader& reader);
  void start(const json::Value& response, json::Reader& reader);
  void item_added(const json::Value& root, json::Reader& reader);
  void item_done(const json::Value& root, json::Reader& reader);
  void call_done(const json::Value& item, json::Reader& reader);
  void reasoning_done(const json::Value& item, json::Reader& reader);
  void part_done(const json::Value& root, json::Reader& reader);
  void rest_of_message(const json::Value& item, json::Reader& reader);
  void whole_part(const json::Value& part, json::Reader& reader);
  void text(const json::Value& root, bool refusal, json::Reader& reader);
  void thought(const json::Value& root, bool summary, json::Reader& reader);
  void arguments(const json::Value& root, json::Reader& reader);
  void citation(const json::Value& root);
  void completed(const json::Value& response, json::Reader& reader);
  bool is_current(const json::Value& root, json::Reader& reader);

  void open(const chat::event::BlockOpen& block);
  void close();
  void unreadable(Bytes why, Limit limit = Limit::none);
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
  bool ended_ = false;
  bool called_ = false;        // a tool
  Item item_;
  std::optional<Kind> open_;
  bool refusal_ = false;       // of the open text block
  bool any_text_ = false;      // in the open block
  uint64_t citations_ = 0;     // of the open text block
  uint32_t blocks_ = 0;        // opened so far
  uint64_t next_item_ = 0;     // the least output_index that has not been opened
};

}  // namespace aigw::dialect::openai_responses
