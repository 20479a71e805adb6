#include "exchange/provider.h"

#include <algorithm>

#include "chat/freeform/request.h"
#include "dialect/anthropic/decode_answer.h"
#include "dialect/anthropic/decode_stream.h"
#include "dialect/anthropic/encode_request.h"
#include "dialect/anthropic/error.h"
#include "dialect/bedrock_converse/decode_answer.h"
#include "dialect/bedrock_converse/encode_request.h"
#include "dialect/bedrock_converse/error.h"
#include "dialect/bedrock_converse/read_stream.h"
#include "dialect/gemini/encode_request.h"
#include "dialect/gemini/error.h"
#include "dialect/openai_chat/decode_answer.h"
#include "dialect/openai_chat/encode_request.h"
#include "dialect/openai_chat/fault.h"
#include "dialect/openai_responses/decode_answer.h"
#include "dialect/openai_responses/decode_stream.h"
#include "dialect/openai_responses/encode_request.h"
#include "dialect/openai_responses/portable.h"
#include "host/anthropic/anthropic.h"
#include "host/aws/endpoint.h"
#include "host/aws/invoke_stream.h"
#include "host/azure/azure.h"
#include "host/gcp/gcp.h"
#include "host/openai/openai.h"
#include "host/services/services.h"
#include "http/media_type.h"

namespace aigw::exchange {
namespace {

namespace openai = dialect::openai_chat;
namespace anthropic = dialect::anthropic;
namespace converse = dialect::bedrock_converse;
namespace gemini = dialect::gemini;
namespace responses = dialect::openai_responses;
using config::SchemaName;
using endpoint::EndpointKind;

class OpenAiStream final : public ProviderStream {
 public:
  OpenAiStream(json::Parser& parser, chat::EventSink& sink) : decoder_(parser, sink) {}
  void feed(Bytes piece) override { decoder_.feed(piece); }
  void finish() override { decoder_.finish(); }

 private:
  openai::StreamDecoder decoder_;
};

class ResponsesStream final : public ProviderStream {
 public:
  ResponsesStream(json::Parser& parser, chat::EventSink& sink) : decoder_(parser, sink) {}
  void feed(Bytes piece) override { decoder_.feed(piece); }
  void finish() override { decoder_.finish(); }

 private:
  responses::StreamDecoder decoder_;
};

class AnthropicStream final : public ProviderStream {
 public:
  AnthropicStream(json::Parser& parser, chat::Drops& drops, chat::EventSink& sink) : decoder_(parser, drops, sink) {}
  void feed(Bytes piece) override { decoder_.feed(piece); }
  void finish() override { decoder_.finish(); }

 private:
  anthropic::StreamDecoder decoder_;
};

class ConverseStream final : public ProviderStream {
 public:
  ConverseStream(const AnswerContext& context, json::Parser& parser, chat::Drops& drops, chat::EventSink& sink)
      : reader_({.id = context.id, .model = context.model}, parser, drops, sink) {}
  void feed(Bytes piece) override { reader_.feed(piece); }
  void finish() override { reader_.finish(); }

 private:
  converse::StreamReader reader_;
};

class GeminiStream final : public ProviderStream {
 public:
  GeminiStream(const AnswerContext& context, json::Parser& parser, chat::Drops& drops, chat::EventSink& sink)
      : decoder_({.form = context.text_form, .salt = context.salt}, parser, drops, sink) {}
  void feed(Bytes piece) override { decoder_.feed(piece); }
  void finish() override { decoder_.finish(); }

 private:
  gemini::StreamDecoder decoder_;
};

// Anthropic's events out of AWS's frames.
class InvokedAnthropicStream final : public ProviderStream, private host::aws::InvokeSink {
 public:
  InvokedAnthropicStream(json::Parser& parser, chat::Drops& drops, chat::EventSink& sink)
      : sink_(sink), decoder_(parser, drops, sink), frames_(*this) {}
  void feed(Bytes piece) override { frames_.feed(piece); }
  void finish() override {
    frames_.finish();
    if (!failed_) decoder_.finish();
  }

 private:
  void on_event(Bytes event) override {
    // Line ends in JSON are blanks, and would end a line of the stream.
    event_ = event;
    std::replace(event_.begin(), event_.end(), '\n', ' ');
    std::replace(event_.begin(), event_.end(), '\r', ' ');
    decoder_.feed("data: ");
    decoder_.feed(event_);
    decoder_.feed("\n\n");
  }
  void on_failure(Bytes type, Bytes message, Limit limit) override {
    failed_ = true;
    if (decoder_.ended()) return;
    sink_.on_event(invoke_fault(type, message, limit));
  }

  chat::EventSink& sink_;
  anthropic::StreamDecoder decoder_;
  host::aws::InvokeStream frames_;
  std::string event_;
  bool failed_ = false;
};

bool speaks_anthropic(SchemaName schema) {
  return schema == SchemaName::anthropic || schema == SchemaName::aws_anthropic || schema == SchemaName::gcp_anthropic;
}

bool speaks_gemini(SchemaName schema) {
  return schema == SchemaName::gcp_vertex_ai || schema == SchemaName::gemini_api;
}

Result<void> encode_for_anthropic(const chat::Conversation& conversation, const RequestTarget& target, Arena& arena,
                                  chat::Drops& drops, std::string& out) {
  anthropic::Target to;
  to.model = target.model;
  to.envelope = envelope_of(target.backend);
  if (to.envelope != anthropic::Envelope::none) {
    to.envelope_version = anthropic::envelope_version(to.envelope, target.backend.version);
    // What the peer sends for chat completions; the service refuses it.
    if (target.client == endpoint::Dialect::openai) to.default_max_tokens = 0;
  } else if (!host::anthropic::takes_sampling(target.anthropic_version)) {
    to.version = anthropic::Version::v2026_10_21;
  }
  if (target.backend.default_max_tokens) to.default_max_tokens = *target.backend.default_max_tokens;
  return anthropic::encode_request(conversation, to, arena, drops, out);
}

// Anthropic's own shape, or Google's where the request did not come through to it.
chat::event::Fault decode_gcp_anthropic_error(uint16_t status, Bytes body, json::Parser& parser, Arena& arena) {
  if (body.starts_with('[')) return gemini::decode_error(status, body, parser, arena);
  chat::event::Fault fault = anthropic::decode_error(status, body, parser, arena);
  if (fault.type.empty()) fault.type = kGcpFallbackType;
  return fault;
}

constexpr Bytes kChatCompletions = "/chat/completions";
constexpr Bytes kResponses = "/responses";
constexpr Bytes kMessages = "/messages";

// Where a conversation goes by the language of a schema that services have.
Bytes tail_of(SchemaName schema) {
  if (schema == SchemaName::anthropic) return kMessages;
  return schema == SchemaName::openai_responses ? kResponses : kChatCompletions;
}

}  // namespace

Result<std::string> provider_path(const config::Backend& backend, const PathWish& wish) {
  const auto action = [&](Bytes whole, Bytes stream) { return wish.stream ? stream : whole; };
  const auto generate = [&](Result<std::string> path) {
    if (path && wish.stream && wish.events) {
      *path += '?';
      *path += host::gcp::kEvents;
    }
    return path;
  };
  // Of a provider that speaks both of OpenAI's languages.
  const bool is_responses = wish.endpoint == EndpointKind::responses;
  if (backend.service != config::Service::none) {
    return host::services::path(backend, {.model = wish.model, .tail = tail_of(backend.schema)});
  }
  switch (backend.schema) {
    case SchemaName::azure_openai:
      // Only the older of its languages has the deployment in the path.
      if (is_responses && host::azure::serves_responses(backend.version)) {
        return host::azure::service_path(backend.version, kResponses);
      }
      return host::azure::path(wish.model, backend.version, kChatCompletions);
    case SchemaName::openai_chat:
      return host::openai::path(backend, kChatCompletions);
    case SchemaName::openai_responses:
      return host::openai::path(backend, kResponses);
    case SchemaName::anthropic:
      return host::anthropic::path(backend.prefix, kMessages);
    case SchemaName::aws_bedrock:
      return host::aws::path(wish.model, action(host::aws::kConverse, host::aws::kConverseStream));
    case SchemaName::aws_anthropic:
      return host::aws::path(wish.model, action(host::aws::kInvoke, host::aws::kInvokeStream));
    case SchemaName::gcp_anthropic:
      return host::gcp::vertex_path(backend, "anthropic", wish.model,
                                    action(host::gcp::kRawPredict, host::gcp::kStreamRawPredict));
    case SchemaName::gcp_vertex_ai:
      return generate(host::gcp::vertex_path(backend, "google", wish.model,
                                             action(host::gcp::kGenerate, host::gcp::kStreamGenerate)));
    case SchemaName::gemini_api:
      return generate(
          host::gcp::gemini_path(backend, wish.model, action(host::gcp::kGenerate, host::gcp::kStreamGenerate)));
    case SchemaName::openai:
    case SchemaName::cohere:
      break;
  }
  return host::openai::path(backend, is_responses ? kResponses : kChatCompletions);
}

anthropic::Envelope envelope_of(const config::Backend& backend) {
  if (backend.schema == SchemaName::aws_anthropic) return anthropic::Envelope::aws;
  return backend.schema == SchemaName::gcp_anthropic ? anthropic::Envelope::gcp : anthropic::Envelope::none;
}

TextForm text_form_of(const chat::Conversation& conversation) {
  if (conversation.output.kind == chat::OutputFormat::Kind::choice) return TextForm::choice;
  return conversation.output.kind == chat::OutputFormat::Kind::regex ? TextForm::quoted : TextForm::plain;
}

chat::event::Fault invoke_fault(Bytes type, Bytes message, Limit limit) {
  // What is no event stream at all has no type.
  const uint16_t status = type.empty() ? traits(FailureKind::bad_upstream).status : converse::error_status(type);
  return {.status = status, .type = type, .message = message, .limit = limit, .cut = type.empty()};
}

bool takes_freeform_tools(SchemaName schema) {
  return schema != SchemaName::aws_bedrock && !speaks_anthropic(schema) && !speaks_gemini(schema);
}

Result<void> encode_for_provider(const chat::Conversation& from, const RequestTarget& target, Arena& arena,
                                 chat::Drops& drops, std::string& out) {
  const SchemaName schema = target.backend.schema;
  if (schema == SchemaName::openai_responses) {
    return responses::encode_request(from, {.model = target.model}, drops, out);
  }
  chat::Conversation conversation = responses::without_own_seals(from, arena, drops);
  if (!takes_freeform_tools(schema)) conversation = chat::freeform::as_functions(conversation, arena);
  if (schema == SchemaName::aws_bedrock) return converse::encode_request(conversation, {}, arena, drops, out);
  if (speaks_anthropic(schema)) return encode_for_anthropic(conversation, target, arena, drops, out);
  if (speaks_gemini(schema)) {
    // Clients of Anthropic's that ask for thinking are shown it.
    const bool shows = target.client == endpoint::Dialect::anthropic;
    const gemini::Target to{.model = target.model, .thoughts_by_default = shows};
    return gemini::encode_request(conversation, to, arena, drops, out);
  }
  // The peer's shape where the peer has the cell (its facts, 4.11); there `OpenAI` is mostly another's server that
  // takes `thinking`. What is OpenAI's own, and nothing else, takes an effort alone.
  const bool messages = target.client == endpoint::Dialect::anthropic;
  const openai::RequestOptions to{.model = target.model,
                                  .zero_for_no_max_tokens = messages,
                                  .effort_alone = !messages || schema != SchemaName::openai};
  return openai::encode_request(conversation, to, drops, out);
}

Failure unreadable(const Failure& why) {
  return {FailureKind::bad_upstream, "the provider's answer cannot be read: " + why.message, why.limit};
}

std::unique_ptr<ProviderStream> open_provider_stream(const AnswerContext& context, json::Parser& parser,
                                                     chat::Drops& drops, chat::EventSink& sink) {
  if (context.schema == SchemaName::aws_bedrock) {
    return std::make_unique<ConverseStream>(context, parser, drops, sink);
  }
  if (context.schema == SchemaName::aws_anthropic) {
    return std::make_unique<InvokedAnthropicStream>(parser, drops, sink);
  }
  if (speaks_anthropic(context.schema)) return std::make_unique<AnthropicStream>(parser, drops, sink);
  if (speaks_gemini(context.schema)) return std::make_unique<GeminiStream>(context, parser, drops, sink);
  if (context.schema == SchemaName::openai_responses) return std::make_unique<ResponsesStream>(parser, sink);
  return std::make_unique<OpenAiStream>(parser, sink);
}

bool is_aws_stream_type(Bytes content_type) {
  return http::equals_ignoring_case(http::essence(content_type), "application/vnd.amazon.eventstream");
}

bool is_stream_type(Bytes content_type) {
  return http::is_event_stream(content_type) || is_aws_stream_type(content_type);
}

Result<void> decode_whole_answer(const AnswerContext& context, Bytes body, json::Parser& parser, Arena& arena,
                                 chat::Drops& drops, chat::EventSink& sink) {
  const SchemaName schema = context.schema;
  const bool is_responses = schema == SchemaName::openai_responses;
  if (schema != SchemaName::aws_bedrock && !is_responses && !speaks_anthropic(schema) && !speaks_gemini(schema)) {
    return openai::decode_answer(Slices(&body, 1), parser, arena, drops, sink);
  }
  Result<json::Value> root = parser.parse(body, arena, FailureKind::bad_upstream);
  if (!root) return unreadable(root.error());
  if (is_responses) {
    Result<void> decoded = responses::decode_answer(*root, arena, drops, sink);
    if (!decoded) return unreadable(decoded.error());
    return {};
  }
  if (speaks_anthropic(schema)) {
    Result<void> decoded = anthropic::decode_answer(*root, arena, drops, sink);
    if (!decoded) return unreadable(decoded.error());
    return {};
  }
  if (speaks_gemini(schema)) {
    Result<void> decoded =
        gemini::decode_answer(*root, {.form = context.text_form, .salt = context.salt}, arena, drops, sink);
    if (!decoded) return unreadable(decoded.error());
    return {};
  }
  return converse::decode_answer(*root, {.id = context.id, .model = context.model}, arena, drops, sink);
}

chat::event::Fault decode_provider_error(SchemaName schema, uint16_t status, Bytes aws_type, Bytes body,
                                         json::Parser& parser, Arena& arena) {
  switch (schema) {
    case SchemaName::aws_bedrock:
    case SchemaName::aws_anthropic:
      return converse::decode_error(status, aws_type, body, parser, arena);
    case SchemaName::anthropic:
      return anthropic::decode_error(status, body, parser, arena);
    case SchemaName::gcp_anthropic:
      return decode_gcp_anthropic_error(status, body, parser, arena);
    case SchemaName::gcp_vertex_ai:
    case SchemaName::gemini_api:
      return gemini::decode_error(status, body, parser, arena);
    case SchemaName::cohere:
      return openai::decode_error(status, body, "CohereBackendError", parser, arena);
    case SchemaName::openai:
    case SchemaName::openai_chat:
    case SchemaName::openai_responses:
    case SchemaName::azure_openai:
      break;
  }
  return openai::decode_error(status, body, "OpenAIBackendError", parser, arena);
}

}  // namespace aigw::exchange
