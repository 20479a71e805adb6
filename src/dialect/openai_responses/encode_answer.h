// An answer for clients that speak the Responses API: whole, or as a stream.
//
// Both are made by one writer: a whole answer is the response that the last event of its stream
// would carry. Items and responses get ids of their own where the provider has none, made of the
// answer's id, so that the same answer is always the same text.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/fold.h"
#include "chat/usage.h"
#include "json/writer.h"

namespace aigw::dialect::openai_responses {

struct AnswerContext {
  Bytes model = {};  // that the client named, where the provider names none
  Bytes id = {};     // where the answer has none of its own, as from a header
  uint64_t now = 0;  // seconds since 1970, where the answer does not say when it was made
  Bytes echo = {};   // request_echo() of the request
  Bytes namespaces = {};  // request_namespaces() of it
  Limit* limit = nullptr;  // where it is noted that the answer is too large; may be null
};

// Appends the response to `out`. What the language cannot say goes to `drops`.
void encode_answer(const chat::Answer& answer, const AnswerContext& context, chat::Drops& drops,
                   std::string& out);

// Appends each event's server-sent events to `out`; the caller takes them out whenever it likes.
//
// The last event repeats the whole answer, so all of it is kept, up to limits::hub_answer_max: what
// is larger ends in an error. So does a Fault: as the event `error`, and as response.failed where
// the response had begun.
class StreamEncoder final : public chat::EventSink {
 public:
  enum class Form : uint8_t {
    events,
    response_only  // nothing before the response at the end, and that as bare JSON
  };

  // All references, and the views in `context`, outlive the encoder.
  StreamEncoder(const AnswerContext& context, chat::Drops& drops, std::string& out,
                Form form = Form::events)
      : context_(context), drops_(drops), out_(out), form_(form) {}

  void on_event(const chat::Event& event) override;

 private:
  using Kind = chat::event::BlockOpen::Kind;

  void start(const chat::event::Start& start);
  void open(const chat::event::BlockOpen& open);
  void open_text(const chat::event::BlockOpen& open);
  void open_call(const chat::event::BlockOpen& open);
  void open_reasoning();
  void open_summary();
  void text(Bytes text);
  void citation(Bytes raw);
  void arguments(Bytes arguments);
  void reasoning(Bytes text);
  void close();
  void close_text();
  void close_call();
  void close_reasoning();
  void whole(const chat::Block& block);
  void call_signature();
  void finish(const chat::event::Finish& finish);
  void done();
  void fault(const chat::event::Fault& fault);

  // Ends the item whose blocks are all closed, if there is one.
  void end_item(Bytes status);
  void write_item(json::Writer& writer, Bytes status, Bytes content) const;
  void write_part(json::Writer& writer, Bytes text, Bytes annotations) const;
  void begin_item(Kind kind, Bytes prefix);
  bool too_large(size_t more);

  // Writes one event; `fill(json::Writer&)` adds members.
  template <class Fill>
  void emit(Bytes type, Fill&& fill);
  // The same about the item that is coming.
  template <class Fill>
  void emit_of_item(Bytes type, Fill&& fill);
  // The same about the part of it that is coming.
  template <class Fill>
  void emit_of_part(Bytes type, Fill&& fill);

  struct Ended {
    Bytes status;
    Bytes incomplete_reason = {};
    const chat::event::Fault* fault = nullptr;
  };
  void write_response(json::Writer& writer, const Ended& ended) const;
  void end_response(Bytes type, const Ended& ended);

  const AnswerContext& context_;
  chat::Drops& drops_;
  std::string& out_;
  Form form_;
  uint64_t sequence_ = 0;
  bool started_ = false;
  bool ended_ = false;

  bool own_ = false;  // the answer comes from this dialect
  std::string id_;
  std::string model_;
  uint64_t created_ = 0;
  chat::Usage usage_;
  std::string service_tier_;
  chat::StopReason stop_ = chat::StopReason::end_turn;

  std::string output_;  // the items that have ended, with commas between them
  uint32_t items_ = 0;  // that have ended

  // The item that is coming.
  bool in_item_ = false;
  Kind kind_ = Kind::text;
  std::string item_id_;
  std::string call_id_;
  std::string name_;
  std::string namespace_;
  bool freeform_ = false;
  std::string content_;  // of a message: the parts that have ended, with commas between them
  uint32_t parts_ = 0;   // that have ended

  // The block that is open in it.
  bool in_block_ = false;
  bool refusal_ = false;
  std::string text_;         // its text, or its arguments
  std::string annotations_;  // with commas between them
  std::string signature_;
  std::string redacted_;
};

}  // namespace aigw::dialect::openai_responses
