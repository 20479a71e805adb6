// An answer for clients: the body of Converse, or the event stream of ConverseStream.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/fold.h"
#include "chat/usage.h"

namespace aigw::dialect::bedrock_converse {

// How long the answer took. A stream says it at its end.
struct Latency {
  MonotonicNow now = nullptr;  // null: nobody knows, and 0 is said
  uint64_t started_ns = 0;

  uint64_t milliseconds() const { return now == nullptr ? 0 : (now() - started_ns) / 1'000'000; }
};

// Appends the whole answer to `out`.
void encode_answer(const chat::Answer& answer, const Latency& latency, chat::Drops& drops, std::string& out);

// Writes messages of an AWS event stream. A call's arguments go on as they come, so they may turn out to be broken.
class StreamEncoder final : public chat::EventSink {
 public:
  // Appends to `out`, which the caller may empty between events. `drops` and `out` outlive the encoder.
  StreamEncoder(const Latency& latency, chat::Drops& drops, std::string& out)
      : latency_(latency), drops_(drops), out_(out) {}

  void on_event(const chat::Event& event) override;

 private:
  using Kind = chat::event::BlockOpen::Kind;

  void open(const chat::event::BlockOpen& open);
  void arguments(Bytes fragment);
  void close();
  void whole(const chat::Block& block);
  void extra(const chat::Extra& extra);
  void finish(const chat::event::Finish& finish);
  void done();
  void fault(const chat::event::Fault& fault);

  // A contentBlockDelta; `fill(json::Writer&)` writes what is inside of `delta`.
  template <class Fill>
  void emit_delta(Fill&& fill);
  // The payload is text_.
  void emit(Bytes type);

  const Latency latency_;
  chat::Drops& drops_;
  std::string& out_;
  std::string text_;
  bool own_ = false;

  uint32_t index_ = 0;  // of the open block, on the wire
  Kind kind_ = Kind::text;
  bool freeform_ = false;
  bool any_delta_ = false;

  std::string extras_;  // members of the last message, each with a comma before it
  std::string response_fields_;
  std::string tier_;
  chat::Usage usage_;
};

}  // namespace aigw::dialect::bedrock_converse
