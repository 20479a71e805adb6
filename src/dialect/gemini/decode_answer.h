// Answers of Gemini, whole or streamed, as events of the hub.
//
// A stream is a row of objects that look like whole answers, each with the next parts of its
// candidate: a text goes on from one to the next, a function call comes in one piece. So one
// decoder reads both. The reason to stop is in the last or among the last, counts of tokens are in
// many of them, and nothing ends the stream but its end.
//
// A signature belongs to a part; the hub has it with thoughts. One on a function call becomes that
// of the thoughts before it, one on a text that of a thought without words behind it: so clients of
// every language that has thoughts carry it there and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "json/cursor.h"
#include "wire/sse.h"

namespace aigw::dialect::gemini {

// What was asked for decides how the text is read.
enum class TextForm : uint8_t {
  plain,
  choice,  // one of several words: white space around it means nothing
  quoted   // a JSON string: its quotes are not a part of the answer
};

struct AnswerContext {
  TextForm form = TextForm::plain;
  uint64_t salt = 0;  // goes into the ids of tool calls where the answer has no id of its own
};

class ChunkDecoder {
 public:
  // Both references outlive the decoder.
  ChunkDecoder(const AnswerContext& context, chat::Drops& drops, chat::EventSink& sink)
      : context_(context), drops_(drops), sink_(sink) {}

  // The next object. Its views are not kept.
  void chunk(const json::Value& root);

  // The reason to stop has come.
  bool finished() const { return finished_; }

  // Nothing follows. `reason` stands in where none has come.
  void done(chat::StopReason reason = chat::StopReason::unknown);

 private:
  using Kind = chat::event::BlockOpen::Kind;

  void start(const json::Value& root);
  void candidate(const json::Value& candidate);
  void part(const json::Value& part);
  void text(const json::Value& part);
  void thought(const json::Value& part);
  void call(const json::Value& part);
  void inline_data(const json::Value& data);
  void sign(Bytes signature);
  void whole(const chat::Block& block);
  void collect_extras(const json::Value& candidate);
  void keep_extra(Bytes name, Bytes raw);
  void emit_extras();
  void finish(chat::StopReason reason, Bytes word);

  void ensure_open(Kind kind);
  void close();
  void emit_text(Bytes text);
  std::string call_id(Bytes raw);

  const AnswerContext context_;
  chat::Drops& drops_;
  chat::EventSink& sink_;

  bool started_ = false;
  bool finished_ = false;
  std::string id_;
  uint32_t next_index_ = 0;
  uint32_t calls_ = 0;
  std::optional<Kind> open_;   // with the index next_index_ - 1
  bool signed_ = false;        // the open thought has a signature
  bool text_begun_ = false;    // with another form than plain
  std::string held_;           // the end of the text so far, which may have to go
  std::vector<std::pair<std::string, std::string>> extras_;  // the last of each name
};

// Emits the answer `root` as a stream of it would be. A body that is an error although its status
// was not becomes a Fault. Fails with bad_upstream, before any event, when the body is no answer.
Result<void> decode_answer(const json::Value& root, const AnswerContext& context, Arena& arena,
                           chat::Drops& drops, chat::EventSink& sink);

// A stream in server-sent events.
class StreamDecoder final : private wire::SseSink {
 public:
  // All references outlive the decoder.
  StreamDecoder(const AnswerContext& context, json::Parser& parser, chat::Drops& drops,
                chat::EventSink& sink);

  // The next bytes of the stream, decoded. Events go to the sink before it returns. An event that
  // cannot be read, or is larger than limits::sse_event_max, ends the answer with a Fault; what
  // comes after the end is passed over.
  void feed(Bytes piece) { sse_.feed(piece, *this); }

  // Nothing follows. A stream without a reason to stop ends with a Fault.
  void finish();

  // Done or Fault has been emitted.
  bool ended() const { return ended_; }

 private:
  void on_data(Bytes piece) override;
  void on_event(Bytes type) override;
  void fault(Bytes message, Limit limit = Limit::none);

  json::Parser& parser_;
  chat::EventSink& sink_;
  ChunkDecoder chunks_;
  wire::SseDecoder sse_;
  Arena arena_;  // of one event
  std::string data_;
  bool too_large_ = false;
  bool ended_ = false;
};

}  // namespace aigw::dialect::gemini
