// A unary answer is the event list folded: both directions, so that a decoder of unary bodies can
// go through an Answer and an encoder of unary bodies can wait for one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/block.h"
#include "chat/event.h"
#include "chat/usage.h"

namespace aigw::chat {

// An answer that came whole. Views as in block.h.
struct Answer {
  Bytes language = {};
  Bytes id = {};
  Bytes model = {};
  std::optional<uint64_t> created = {};
  Blocks blocks = {};  // Text, Reasoning, ToolCall, Image, Audio, File, Opaque
  Usage usage = {};
  Bytes service_tier = {};
  StopReason stop = StopReason::end_turn;
  Bytes stop_raw = {};
  Bytes stop_sequence = {};
  std::span<const Extra> extras = {};
};

// Builds an answer from events. Everything it keeps is copied into the arena.
class Fold final : public EventSink {
 public:
  explicit Fold(Arena& arena) : arena_(arena), blocks_(arena), extras_(arena) {}

  // The events are a list as Grammar has it: anything else is a broken invariant of the decoder.
  void on_event(const Event& event) override;

  // Done or Fault has come.
  bool complete() const { return done_ || fault_; }
  // The answer, after Done; the blocks that are closed so far, before.
  const Answer& answer();
  // Set when the list ended with one.
  const std::optional<event::Fault>& fault() const { return fault_; }

 private:
  void start(const event::Start& start);
  void open(const event::BlockOpen& open);
  void text(uint32_t index, event::BlockOpen::Kind kind, Bytes more);
  void citation(const event::Citation& citation);
  void signature(const event::SignatureDelta& delta);
  void redacted(const event::Redacted& redacted);
  void close(uint32_t index);
  void whole(const event::BlockWhole& whole);
  void usage(const event::UsageReport& report);
  void finish(const event::Finish& finish);
  void fail(const event::Fault& fault);

  Arena& arena_;
  Answer answer_;
  ArenaVector<Block> blocks_;
  ArenaVector<Extra> extras_;
  std::optional<event::BlockOpen> open_;  // its views are in the arena
  std::string text_;                      // of the open block: its text, or its arguments
  std::string signature_;
  std::string citations_;  // without the closing bracket
  Bytes redacted_;
  std::optional<event::Fault> fault_;
  bool done_ = false;
};

// Emits `answer` as the events of a stream, each block in one delta, ending with Done. The answer's
// blocks are of the kinds that it may hold.
void unfold(const Answer& answer, EventSink& sink);

// A copy of `block`, and of everything it shows, in `arena`.
Block copy_block(const Block& block, Arena& arena);

}  // namespace aigw::chat
