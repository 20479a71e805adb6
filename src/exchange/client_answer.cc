#include "exchange/client_answer.h"

#include "base/check.h"
#include "dialect/anthropic/decode_request.h"
#include "dialect/anthropic/encode_answer.h"
#include "dialect/anthropic/encode_stream.h"
#include "dialect/anthropic/error.h"
#include "dialect/bedrock_converse/decode_request.h"
#include "dialect/bedrock_converse/encode_answer.h"
#include "dialect/bedrock_converse/error.h"
#include "dialect/gemini/decode_request.h"
#include "dialect/gemini/encode_answer.h"
#include "dialect/gemini/error.h"
#include "dialect/openai_chat/answer_style.h"
#include "dialect/openai_chat/decode_request.h"
#include "dialect/openai_chat/encode_answer.h"
#include "dialect/openai_chat/fault.h"
#include "dialect/openai_responses/decode_request.h"
#include "dialect/openai_responses/echo.h"
#include "dialect/openai_responses/encode_answer.h"
#include "dialect/openai_responses/namespace.h"
#include "dialect/openai_responses/portable.h"
#include "endpoint/rerank.h"

namespace aigw::exchange {
namespace {

namespace openai = dialect::openai_chat;
namespace anthropic = dialect::anthropic;
namespace converse = dialect::bedrock_converse;
namespace gemini = dialect::gemini;
namespace responses = dialect::openai_responses;
using config::SchemaName;
using endpoint::Dialect;

// Of sources that no client's code has grown around.
constexpr openai::AnswerStyle kPlainStyle = {};

bool is_gemini(SchemaName source) {
  return source == SchemaName::gcp_vertex_ai || source == SchemaName::gemini_api;
}

const openai::AnswerStyle& style_of(SchemaName source) {
  if (source == SchemaName::aws_bedrock) return openai::kConverseStyle;
  if (source == SchemaName::openai_responses) return kPlainStyle;
  return is_gemini(source) ? openai::kGeminiStyle : openai::kMessagesStyle;
}

// Gemini's answers say when they were made, or nobody does.
openai::AnswerContext chat_context(const AnswerForm& form) {
  return {.model = form.model, .id = form.id, .now = is_gemini(form.source) ? 0 : form.unix_seconds};
}

gemini::AnswerNames gemini_names(const AnswerForm& form) { return {.model = form.model, .id = form.id}; }

// Keeps the context that the encoder refers to.
class ChatStream final : public chat::EventSink {
 public:
  ChatStream(const AnswerForm& form, chat::Drops& drops, std::string& out)
      : context_(chat_context(form)),
        encoder_(style_of(form.source), context_, drops, out) {}
  void on_event(const chat::Event& event) override { encoder_.on_event(event); }

 private:
  const openai::AnswerContext context_;
  openai::StreamEncoder encoder_;
};

responses::AnswerContext responses_context(const AnswerForm& form) {
  return {.model = form.model, .id = form.id, .now = form.unix_seconds, .echo = form.echo,
          .namespaces = form.namespaces, .limit = form.limit};
}

class ResponsesStream final : public chat::EventSink {
 public:
  ResponsesStream(const AnswerForm& form, chat::Drops& drops, std::string& out)
      : context_(responses_context(form)), encoder_(context_, drops, out) {}
  void on_event(const chat::Event& event) override { encoder_.on_event(event); }

 private:
  const responses::AnswerContext context_;
  responses::StreamEncoder encoder_;
};

Result<chat::Conversation> decode_document(Dialect dialect, const ClientRequest& request, const json::Value& root,
                                           Arena& arena, chat::Drops& drops) {
  switch (dialect) {
    case Dialect::responses:
      return responses::decode_request(root, arena, drops);
    case Dialect::gemini:
      return gemini::decode_request(root, request.model(), request.stream(), arena, drops);
    case Dialect::converse:
      return converse::decode_request(root, request.model(), request.stream(), arena, drops);
    case Dialect::openai:
    case Dialect::cohere:
    case Dialect::anthropic:
      break;
  }
  return anthropic::decode_request(root, arena, drops);
}

converse::Latency latency_of(const AnswerForm& form) { return {.now = form.now, .started_ns = form.started_ns}; }

}  // namespace

Result<ClientConversation> decode_client_request(Dialect dialect, const ClientRequest& request, Slices body,
                                                 json::Parser& parser, Arena& arena, chat::Drops& drops) {
  AIGW_CHECK(dialect != Dialect::cohere);  // no language of conversations
  if (dialect == Dialect::openai) {
    Result<chat::Conversation> decoded = openai::decode_request(body, parser, arena, drops);
    if (!decoded) return std::move(decoded).error();
    return ClientConversation{*decoded, {}};
  }
  Result<json::Value> root = parser.parse(body, arena);
  if (!root) return std::move(root).error();
  const bool is_responses = dialect == Dialect::responses;
  Result<chat::Conversation> decoded = decode_document(dialect, request, *root, arena, drops);
  if (!decoded) return std::move(decoded).error();
  AIGW_TRY(responses::check_portable(*decoded));
  if (!is_responses) return ClientConversation{*decoded, {}};
  return ClientConversation{*decoded, responses::request_echo(*root), responses::request_namespaces(*root)};
}

void encode_whole_answer(const AnswerForm& form, const chat::Answer& answer, chat::Drops& drops, std::string& out) {
  switch (form.dialect) {
    case Dialect::openai:
      return openai::encode_answer(answer, style_of(form.source), chat_context(form), drops, out);
    case Dialect::responses:
      return responses::encode_answer(answer, responses_context(form), drops, out);
    case Dialect::anthropic:
      return anthropic::encode_answer(answer, form.model, drops, out);
    case Dialect::gemini:
      return gemini::encode_answer(answer, gemini_names(form), drops, out);
    case Dialect::converse:
      return converse::encode_answer(answer, latency_of(form), drops, out);
    case Dialect::cohere:
      AIGW_CHECK(false);
  }
}

std::unique_ptr<chat::EventSink> open_client_stream(const AnswerForm& form, chat::Drops& drops, std::string& out) {
  switch (form.dialect) {
    case Dialect::openai:
    case Dialect::cohere:
      break;
    case Dialect::responses:
      return std::make_unique<ResponsesStream>(form, drops, out);
    case Dialect::anthropic:
      return std::make_unique<anthropic::StreamEncoder>(out, form.model, drops);
    case Dialect::converse:
      return std::make_unique<converse::StreamEncoder>(latency_of(form), drops, out);
    case Dialect::gemini: {
      const gemini::Framing framing = form.events ? gemini::Framing::events : gemini::Framing::array;
      return std::make_unique<gemini::StreamEncoder>(framing, gemini_names(form), drops, out);
    }
  }
  return std::make_unique<ChatStream>(form, drops, out);
}

std::string encode_client_error(Dialect dialect, const chat::event::Fault& fault) {
  switch (dialect) {
    case Dialect::openai:
    case Dialect::responses:
      break;  // OpenAI's two languages have one way to say it
    case Dialect::cohere:
      return endpoint::cohere_error_body(fault.message);
    case Dialect::gemini:
      return gemini::error_body(fault.status, fault.message.empty() ? fault.type : fault.message);
    case Dialect::anthropic:
      return anthropic::error_body(fault.status, fault.message);
    case Dialect::converse:
      return converse::error_body(fault.message.empty() ? fault.type : fault.message);
  }
  return openai::encode_error(fault);
}

}  // namespace aigw::exchange
