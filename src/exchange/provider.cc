#include "exchange/provider.h"

#include "dialect/anthropic/decode_answer.h"
#include "dialect/anthropic/decode_stream.h"
#include "dialect/anthropic/encode_request.h"
#include "dialect/anthropic/error.h"
#include "dialect/bedrock_converse/decode_answer.h"
#include "dialect/bedrock_converse/encode_request.h"
#include "dialect/bedrock_converse/error.h"
#include "dialect/bedrock_converse/read_stream.h"
#include "dialect/openai_chat/decode_answer.h"
#include "dialect/openai_chat/encode_request.h"
#include "dialect/openai_chat/fault.h"
#include "host/anthropic/anthropic.h"
#include "host/aws/endpoint.h"
#include "host/azure/azure.h"
#include "host/openai/openai.h"
#include "http/media_type.h"

namespace aigw::exchange {
namespace {

namespace openai = dialect::openai_chat;
namespace anthropic = dialect::anthropic;
namespace converse = dialect::bedrock_converse;
using config::SchemaName;

// Says whose fault it is before what is wrong.
Failure unreadable(const Failure& why) {
  return {FailureKind::bad_upstream, "the provider's answer cannot be read: " + why.message};
}

class OpenAiStream final : public ProviderStream {
 public:
  OpenAiStream(json::Parser& parser, chat::EventSink& sink) : decoder_(parser, sink) {}
  void feed(Bytes piece) override { decoder_.feed(piece); }
  void finish() override { decoder_.finish(); }

 private:
  openai::StreamDecoder decoder_;
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

}  // namespace

std::string provider_path(const config::Backend& backend, Bytes model, bool stream) {
  switch (backend.schema) {
    case SchemaName::azure_openai:
      return host::azure::path(model, backend.version, "/chat/completions");
    case SchemaName::anthropic:
      return host::anthropic::path(backend.prefix, "/messages");
    case SchemaName::aws_bedrock:
      return host::aws::path(model, stream ? host::aws::kConverseStream : host::aws::kConverse);
    case SchemaName::openai:
    case SchemaName::cohere:
    case SchemaName::gcp_vertex_ai:
    case SchemaName::gcp_anthropic:
    case SchemaName::aws_anthropic:
      break;
  }
  return host::openai::path(backend, "/chat/completions");
}

Result<void> encode_for_provider(const chat::Conversation& conversation, const RequestTarget& target, Arena& arena,
                                 chat::Drops& drops, std::string& out) {
  if (target.backend.schema == SchemaName::aws_bedrock) {
    return converse::encode_request(conversation, {}, arena, drops, out);
  }
  if (target.backend.schema == SchemaName::anthropic) {
    anthropic::Target to;
    to.model = target.model;
    to.version = host::anthropic::takes_sampling(target.anthropic_version) ? anthropic::Version::v2023_06_01
                                                                            : anthropic::Version::v2026_10_21;
    return anthropic::encode_request(conversation, to, arena, drops, out);
  }
  return openai::encode_request(conversation, {.model = target.model, .zero_for_no_max_tokens = true}, drops, out);
}

std::unique_ptr<ProviderStream> open_provider_stream(const AnswerContext& context, json::Parser& parser,
                                                     chat::Drops& drops, chat::EventSink& sink) {
  if (context.schema == SchemaName::aws_bedrock) {
    return std::make_unique<ConverseStream>(context, parser, drops, sink);
  }
  if (context.schema == SchemaName::anthropic) return std::make_unique<AnthropicStream>(parser, drops, sink);
  return std::make_unique<OpenAiStream>(parser, sink);
}

bool is_stream_type(Bytes content_type) {
  return http::is_event_stream(content_type) ||
         http::equals_ignoring_case(http::essence(content_type), "application/vnd.amazon.eventstream");
}

Result<void> decode_whole_answer(const AnswerContext& context, Bytes body, json::Parser& parser, Arena& arena,
                                 chat::Drops& drops, chat::EventSink& sink) {
  if (context.schema != SchemaName::aws_bedrock && context.schema != SchemaName::anthropic) {
    return openai::decode_answer(Slices(&body, 1), parser, arena, drops, sink);
  }
  Result<json::Value> root = parser.parse(body, arena, FailureKind::bad_upstream);
  if (!root) return unreadable(root.error());
  if (context.schema == SchemaName::anthropic) {
    Result<void> decoded = anthropic::decode_answer(*root, arena, drops, sink);
    if (!decoded) return unreadable(decoded.error());
    return {};
  }
  return converse::decode_answer(*root, {.id = context.id, .model = context.model}, arena, drops, sink);
}

chat::event::Fault decode_provider_error(SchemaName schema, uint16_t status, Bytes aws_type, Bytes body,
                                         json::Parser& parser, Arena& arena) {
  if (schema == SchemaName::aws_bedrock) return converse::decode_error(status, aws_type, body, parser, arena);
  if (schema == SchemaName::anthropic) return anthropic::decode_error(status, body, parser, arena);
  return openai::decode_error(status, body, "OpenAIBackendError", parser, arena);
}

}  // namespace aigw::exchange
