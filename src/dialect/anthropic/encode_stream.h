// Streamed answers for clients of the Messages API.
//
// Whatever the provider, the client gets the whole grammar of the API: message_start, each block
// with its start, deltas and stop, message_delta with the stop reason and the last counts,
// message_stop; or `event: error` at the point where the answer fails. Counts mostly come after the
// stop reason, so message_delta waits for Done. An answer of this language has its first counts
// right behind its start, so message_start waits for them, and for others it holds zeros.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/usage.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {

class StreamEncoder final : public chat::EventSink {
 public:
  // Appends whole server-sent events to `out`, which the caller may empty between events. `model`
  // stands in where the provider names none. `out` and `drops` outlive the encoder, `model` need
  // not.
  StreamEncoder(std::string& out, Bytes model, chat::Drops& drops)
      : out_(out), drops_(drops), model_(model) {}

  void on_event(const chat::Event& event) override;

 private:
  using Kind = chat::event::BlockOpen::Kind;

  void start(const chat::event::Start& start);
  void message_start();
  void open(const chat::event::BlockOpen& open);
  void open_thinking();
  void text(Bytes type, Bytes member, Bytes text);
  void arguments(Bytes arguments);
  void citation(Bytes raw);
  void signature(Bytes signature);
  void redacted(Bytes data);
  void close();
  void whole(const chat::Block& block);
  void extra(const chat::Extra& extra);
  void finish(const chat::event::Finish& finish);
  void done();
  void fault(const chat::event::Fault& fault);

  // Writes one event; `fill(json::Writer&)` adds members behind its type.
  template <class Fill>
  void emit(Bytes type, Fill&& fill);
  // Writes a content_block_delta; `fill` adds members behind the type of the delta.
  template <class Fill>
  void emit_delta(Bytes type, Fill&& fill);
  template <class Fill>
  void emit_block_start(Bytes type, Fill&& fill);

  std::string& out_;
  chat::Drops& drops_;
  std::string model_;
  std::string id_;
  bool own_ = false;
  bool start_waits_ = false;

  uint32_t index_ = 0;  // of the open block, or of the next one
  Kind kind_ = Kind::text;
  bool freeform_ = false;
  bool thinking_waits_ = false;  // a block of thoughts whose start is not written

  chat::Usage usage_;
  std::string service_tier_;
  bool tier_told_ = false;  // in message_start, which alone has a place for it
  std::string extras_;  // members of message_delta's delta, each with a comma before it
  std::string stop_reason_;
  std::string stop_sequence_;
};

}  // namespace aigw::dialect::anthropic
