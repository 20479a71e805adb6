// The response side of the hub: an answer as a list of events. A stream's decoder emits them as it
// reads, a unary body's decoder emits the same list in one go, and an encoder writes either form
// from them. Which event may follow which is in README.md and held by Grammar (grammar.h).
//
// Every view is valid only during on_event: who keeps something copies it.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/block.h"
#include "chat/usage.h"

namespace aigw::chat {

enum class StopReason : uint8_t {
  end_turn,       // it said what it had to say
  stop_sequence,  // the client's stop sequence came up
  max_tokens,
  tool_use,          // it waits for the results of its tool calls
  content_filter,    // a filter of the provider cut it off
  refusal,           // the model would not
  pause,             // a long turn: send it back to go on
  context_exceeded,  // the context window is full
  guardrail,         // a guardrail that the customer configured stepped in
  recitation,        // it was about to quote something protected
  malformed_tool_call,
  unexpected_tool_call,
  malformed_output,
  language,  // it fell into a language that the provider does not serve
  no_image,
  unknown  // see Finish::raw
};

namespace event {

// First, once. A provider that does not name the answer leaves id empty, and so on.
struct Start {
  Bytes language = {};  // the dialect of opaque blocks and extras, as Conversation::language
  Bytes id = {};
  Bytes model = {};
  std::optional<uint64_t> created = {};  // seconds since 1970
};

// Opens a block that comes in deltas. Indexes count all blocks, from 0, without a gap; one block is
// open at a time.
struct BlockOpen {
  enum class Kind : uint8_t { text, reasoning, tool_call };
  uint32_t index;
  Kind kind;
  Bytes id = {};          // of a tool call or of reasoning
  Bytes name = {};        // of a tool call
  bool refusal = false;   // of text
  bool freeform = false;  // of a tool call
};

struct TextDelta {
  uint32_t index;
  Bytes text = {};  // whole characters
};

// One citation of the open text block, as a raw JSON value.
struct Citation {
  uint32_t index;
  Bytes raw = {};
};

// Arguments of the open tool call: fragments of JSON text (of a freeform call, plain text), cut
// anywhere between characters.
struct ArgsDelta {
  uint32_t index;
  Bytes arguments = {};
};

struct ReasoningDelta {
  uint32_t index;
  Bytes text = {};
};

// Of reasoning or of a tool call. Fragments are appended.
struct SignatureDelta {
  uint32_t index;
  Bytes signature = {};
};

// The whole of a redacted reasoning block.
struct Redacted {
  uint32_t index;
  Bytes data = {};
};

struct BlockClose {
  uint32_t index;
};

// A block that comes in one piece: an image, a sound, a file or an opaque one. Open and closed by
// this.
struct BlockWhole {
  uint32_t index;
  const Block* block;
};

// Counts so far; a later report replaces what it reports. Any number of times, also after Finish.
struct UsageReport {
  Usage usage = {};
  Bytes service_tier = {};  // empty: unsaid
};

// A member of the answer that the hub has no word for: ratings, grounding, log probabilities.
struct AnswerExtra {
  Extra extra = {};
};

// Why the model stopped. Once, after the last block is closed.
struct Finish {
  StopReason reason = StopReason::end_turn;
  Bytes raw = {};            // the provider's word for it
  Bytes stop_sequence = {};  // which one came up, if the provider says so
};

// Last, of an answer that came whole.
struct Done {};

// Last, instead of Finish and Done, at any point: the provider reported an error or its stream was
// cut. Blocks may be open.
struct Fault {
  // As HTTP counts: 400, 401, 403, 404, 413, 429, 500, 503, 504, 529 … The decoder maps the
  // provider's type of error to it where the wire carries no status; encoders choose their own type
  // by it.
  uint16_t status;
  Bytes type = {};     // the provider's word for it; may be empty
  Bytes message = {};  // for a person; may be empty
  Bytes code = {};
  Bytes param = {};
  Limit limit = Limit::none;  // of ours that the answer ran into
  bool cut = false;  // the provider reports nothing: its answer came to no end, or could not be read on
};

// The provider shows that it is alive.
struct Ping {};

}  // namespace event

using Event =
    std::variant<event::Start, event::BlockOpen, event::TextDelta, event::Citation,
                 event::ArgsDelta, event::ReasoningDelta, event::SignatureDelta, event::Redacted,
                 event::BlockClose, event::BlockWhole, event::UsageReport, event::AnswerExtra,
                 event::Finish, event::Done, event::Fault, event::Ping>;

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace aigw::chat
