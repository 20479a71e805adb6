// An answer for clients of this dialect: whole, or as a stream.
//
// A stream is a row of objects that look like whole answers. It comes in one of two framings: as
// server-sent events where the client asked for `alt=sse`, else as one JSON array whose elements
// come one by one. A call comes in one piece, so its arguments are gathered; the last object has the
// reason to stop and the counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/fold.h"
#include "chat/usage.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {

enum class Framing : uint8_t { events, array };

struct AnswerNames {
  Bytes model = {};  // where the provider names none
  Bytes id = {};     // where the answer has none of its own
};

// Appends the whole answer to `out`.
void encode_answer(const chat::Answer& answer, const AnswerNames& names, chat::Drops& drops,
                   std::string& out);

class StreamEncoder final : public chat::EventSink {
 public:
  // Appends to `out`, which the caller may empty between events. `out` and `drops` outlive the
  // encoder, `names` need not.
  StreamEncoder(Framing framing, const AnswerNames& names, chat::Drops& drops, std::string& out)
      : framing_(framing), out_(out), drops_(drops), model_(names.model), id_(names.id) {}

  void on_event(const chat::Event& event) override;

 private:
  using Kind = chat::event::BlockOpen::Kind;

  void start(const chat::event::Start& start);
  void open(const chat::event::BlockOpen& open);
  void close();
  void whole(const chat::Block& block);
  void extra(const chat::Extra& extra);
  void done();
  void fault(const chat::event::Fault& fault);

  // An object with one part, written by `fill(json::Writer&)`.
  template <class Fill>
  void emit_part(Fill&& fill);
  void begin_item();
  void end_item();
  void names(json::Writer& writer);

  const Framing framing_;
  std::string& out_;
  chat::Drops& drops_;
  std::string model_;
  std::string id_;
  bool own_ = false;
  bool any_item_ = false;

  Kind kind_ = Kind::text;  // of the open block
  std::string call_id_;
  std::string call_name_;
  bool freeform_ = false;
  std::string arguments_;
  std::string signature_;
  std::string redacted_;

  std::string extras_;  // members of the last candidate, each with a comma before it
  chat::Usage usage_;
  Bytes finish_reason_;  // a constant
};

}  // namespace aigw::dialect::gemini
