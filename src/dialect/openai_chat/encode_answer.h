// An answer for clients that speak this dialect: whole, or as chunks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/fold.h"
#include "chat/usage.h"
#include "dialect/openai_chat/answer_style.h"
#include "json/writer.h"

namespace aigw::dialect::openai_chat {

// Appends the chat.completion to `out`. Texts are joined into one; what the language cannot say
// goes to `drops`.
void encode_answer(const chat::Answer& answer, const AnswerStyle& style,
                   const AnswerContext& context, chat::Drops& drops, std::string& out);

// Appends each event's chunks to `out` as server-sent events; the caller takes them out whenever it
// likes. Usage goes into a chunk of its own before `[DONE]`, whether or not the client asked for
// it. A Fault becomes an error event, and no `[DONE]` follows: that word says that all went well.
class StreamEncoder final : public chat::EventSink {
 public:
  // All references, and the views in `context`, outlive the encoder.
  StreamEncoder(const AnswerStyle& style, const AnswerContext& context, chat::Drops& drops,
                std::string& out)
      : style_(style), context_(context), drops_(drops), out_(out), now_(context.now) {}

  // The time of the events that follow, in seconds since 1970.
  void set_now(uint64_t now) { now_ = now; }

  void on_event(const chat::Event& event) override;

 private:
  void start(const chat::event::Start& start);
  void open(const chat::event::BlockOpen& open);
  void close();
  void text(Bytes text);
  void arguments(Bytes arguments);
  void reasoning(Bytes text);
  void signature(Bytes signature);
  void redacted(Bytes data);
  void citation(Bytes raw);
  void extra(const chat::Extra& extra);
  void finish(const chat::event::Finish& finish);
  void report(const chat::event::UsageReport& report);
  void usage();
  void done();
  void fault(const chat::event::Fault& fault);

  void begin_chunk(json::Writer& writer);
  void begin_delta(json::Writer& writer);
  void role(json::Writer& writer);
  void end_delta(json::Writer& writer, Bytes finish_reason = {}, Bytes logprobs = {});
  void end_chunk(json::Writer& writer, const chat::Usage* usage);
  void tool_delta(const chat::event::BlockOpen& call, bool opening, Bytes arguments);

  const AnswerStyle& style_;
  const AnswerContext& context_;
  chat::Drops& drops_;
  std::string& out_;
  uint64_t now_;

  std::string id_;
  std::string model_;
  std::optional<uint64_t> created_;
  bool own_ = false;  // the answer comes from this dialect
  bool role_sent_ = false;
  chat::event::BlockOpen open_{};  // kind, refusal and freeform of the open block
  bool any_arguments_ = false;  // of the open tool call
  bool any_thought_ = false;    // of the open reasoning: some of its text or its signature
  bool any_signature_ = false;  // of any reasoning
  std::string call_id_;         // of one that is written whole
  std::string call_name_;
  std::string call_arguments_;
  uint32_t tool_calls_ = 0;     // opened so far
  chat::Usage usage_;
  std::string service_tier_;
};

}  // namespace aigw::dialect::openai_chat
