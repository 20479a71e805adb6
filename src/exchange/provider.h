// The provider's side of an attempt: where it goes, how it is authenticated, and its language for the hub lane.
#pragma once

#include <memory>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "config/config.h"
#include "json/cursor.h"

namespace aigw::exchange {

// The path at which `backend` takes a conversation with `model`.
std::string provider_path(const config::Backend& backend, Bytes model, bool stream);

// What the hub needs besides the conversation to write a request.
struct RequestTarget {
  const config::Backend& backend;
  Bytes model;              // as the provider calls it
  Bytes anthropic_version;  // of an Anthropic backend
};

// Appends the body in the provider's dialect to `out`. Fails with unprocessable where the client asked for what the
// provider cannot do.
Result<void> encode_for_provider(const chat::Conversation& conversation, const RequestTarget& target, Arena& arena,
                                 chat::Drops& drops, std::string& out);

// What an answer's body does not say of itself. The views outlive the decoding.
struct AnswerContext {
  config::SchemaName schema;
  Bytes id;     // from a header, empty for none
  Bytes model;  // that was asked for
};

// A streamed answer, as its bytes come.
class ProviderStream {
 public:
  virtual ~ProviderStream() = default;
  virtual void feed(Bytes piece) = 0;
  // Nothing follows; a stream that is not complete becomes a Fault.
  virtual void finish() = 0;
};

// All references outlive the stream.
std::unique_ptr<ProviderStream> open_provider_stream(const AnswerContext& context, json::Parser& parser,
                                                     chat::Drops& drops, chat::EventSink& sink);

// Whether a content type is that of a stream in any provider's framing.
bool is_stream_type(Bytes content_type);

// Emits a whole answer. Fails with bad_upstream when it is none.
Result<void> decode_whole_answer(const AnswerContext& context, Bytes body, json::Parser& parser, Arena& arena,
                                 chat::Drops& drops, chat::EventSink& sink);

// The body of an answer with an error status. `aws_type` is the header x-amzn-errortype. Views live in `arena` or are
// those of the arguments.
chat::event::Fault decode_provider_error(config::SchemaName schema, uint16_t status, Bytes aws_type, Bytes body,
                                         json::Parser& parser, Arena& arena);

}  // namespace aigw::exchange
