// The client's side of the hub lane: its request decoded, and answers and errors in its dialect.
#pragma once

#include <memory>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/fold.h"
#include "config/names.h"
#include "endpoint/table.h"
#include "exchange/client_request.h"
#include "json/cursor.h"

namespace aigw::exchange {

// A request of the hub lane.
struct ClientConversation {
  chat::Conversation conversation;
  std::string echo;  // what the answer has to repeat of it; empty where the dialect's answers repeat nothing
  std::string namespaces = {};  // in which its tools stand, see openai_responses/namespace.h
};

// The conversation and what it shows live in `arena`, and the model in `request`. Fails with unprocessable where it
// needs what only a backend of the client's own dialect can do.
Result<ClientConversation> decode_client_request(endpoint::Dialect dialect, const ClientRequest& request, Slices body,
                                                 json::Parser& parser, Arena& arena, chat::Drops& drops);

// What decides how an answer looks besides what it says. Views outlive the writing.
struct AnswerForm {
  endpoint::Dialect dialect;         // the client's
  bool events = true;                // a stream of Gemini goes as server-sent events, see ClientRequest
  config::SchemaName source;         // whose answer it is
  Bytes model;                       // that the provider was asked for
  Bytes id;                          // where the answer has none of its own
  uint64_t unix_seconds = 0;
  Bytes echo = {};                   // ClientConversation::echo
  Bytes namespaces = {};             // ClientConversation::namespaces
  MonotonicNow now = nullptr;        // may be null
  uint64_t started_ns = 0;           // of the attempt, by it
  Limit* limit = nullptr;            // where that of ours is noted which ends the writing; may be null
};

// Appends a whole answer to `out`.
void encode_whole_answer(const AnswerForm& form, const chat::Answer& answer, chat::Drops& drops, std::string& out);

// Writes events as a stream of the client's dialect, behind what `out` holds; the caller empties it whenever
// it likes. Both references outlive the sink.
std::unique_ptr<chat::EventSink> open_client_stream(const AnswerForm& form, chat::Drops& drops, std::string& out);

// The content type of such a stream.
inline Bytes stream_content_type(const AnswerForm& form) {
  if (form.dialect == endpoint::Dialect::converse) return "application/vnd.amazon.eventstream";
  return form.events ? "text/event-stream" : "application/json";
}

// The body of an error.
std::string encode_client_error(endpoint::Dialect dialect, const chat::event::Fault& fault);

}  // namespace aigw::exchange
