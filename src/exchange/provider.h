// The provider's side of an attempt: where it goes, how it is authenticated, and its language for the hub lane.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "config/config.h"
#include "dialect/anthropic/envelope.h"
#include "dialect/gemini/decode_answer.h"
#include "endpoint/table.h"
#include "json/cursor.h"

namespace aigw::exchange {

// What a path may have to say of a request.
struct PathWish {
  endpoint::EndpointKind endpoint;  // what the client called
  Bytes model;                      // as the provider calls it
  bool stream = false;
  bool events = true;  // a stream comes as server-sent events, where the provider leaves the choice
};

// The path at which `backend` takes a conversation. Where it speaks another dialect than the endpoint's clients, that
// is the path of its own. Fails where its configuration lacks what stands there.
Result<std::string> provider_path(const config::Backend& backend, const PathWish& wish);

// The envelope in which `backend` takes Anthropic's dialect.
dialect::anthropic::Envelope envelope_of(const config::Backend& backend);

// How the provider's text is read after what `conversation` asked for.
using dialect::gemini::TextForm;
TextForm text_form_of(const chat::Conversation& conversation);

// What the hub needs besides the conversation to write a request.
struct RequestTarget {
  const config::Backend& backend;
  Bytes model;              // as the provider calls it
  Bytes anthropic_version;  // of an Anthropic backend
  endpoint::Dialect client = endpoint::Dialect::openai;
};

// Whether the provider's dialect has tools that take plain text. Another gets functions for them.
bool takes_freeform_tools(config::SchemaName schema);

// Appends the body in the provider's dialect to `out`. Fails with unprocessable where the client asked for what the
// provider cannot do.
Result<void> encode_for_provider(const chat::Conversation& conversation, const RequestTarget& target, Arena& arena,
                                 chat::Drops& drops, std::string& out);

// What an answer's body does not say of itself. The views outlive the decoding.
struct AnswerContext {
  config::SchemaName schema;
  Bytes id;     // from a header, empty for none
  Bytes model;  // that was asked for
  TextForm text_form = TextForm::plain;
  uint64_t salt = 0;  // see gemini::AnswerContext
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

// The failure of a stream of AWS, see host::aws::InvokeSink. Its views are the arguments'.
chat::event::Fault invoke_fault(Bytes type, Bytes message, Limit limit);

// Whether a content type is that of AWS's framing.
bool is_aws_stream_type(Bytes content_type);

// Whether a content type is that of a stream in any provider's framing.
bool is_stream_type(Bytes content_type);

// A failure to read an answer, saying whose fault it is before what is wrong.
Failure unreadable(const Failure& why);

// Emits a whole answer. Fails with bad_upstream when it is none.
Result<void> decode_whole_answer(const AnswerContext& context, Bytes body, json::Parser& parser, Arena& arena,
                                 chat::Drops& drops, chat::EventSink& sink);

// The type of an error of Anthropic's models on GCP that says none.
inline constexpr Bytes kGcpFallbackType = "GCPBackendError";

// The body of an answer with an error status. `aws_type` is the header x-amzn-errortype. Views live in `arena` or are
// those of the arguments.
chat::event::Fault decode_provider_error(config::SchemaName schema, uint16_t status, Bytes aws_type, Bytes body,
                                         json::Parser& parser, Arena& arena);

}  // namespace aigw::exchange
