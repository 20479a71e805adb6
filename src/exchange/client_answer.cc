#include "exchange/client_answer.h"

#include "dialect/anthropic/decode_request.h"
#include "dialect/anthropic/encode_answer.h"
#include "dialect/anthropic/encode_stream.h"
#include "dialect/anthropic/error.h"
#include "dialect/openai_chat/answer_style.h"
#include "dialect/openai_chat/decode_request.h"
#include "dialect/openai_chat/encode_answer.h"
#include "dialect/openai_chat/fault.h"
#include "endpoint/rerank.h"

namespace aigw::exchange {
namespace {

namespace openai = dialect::openai_chat;
namespace anthropic = dialect::anthropic;

const openai::AnswerStyle& style_of(config::SchemaName source) {
  return source == config::SchemaName::aws_bedrock ? openai::kConverseStyle : openai::kMessagesStyle;
}

// Keeps the context that the encoder refers to.
class ChatStream final : public chat::EventSink {
 public:
  ChatStream(const AnswerForm& form, chat::Drops& drops, std::string& out)
      : context_{.model = form.model, .id = form.id, .now = form.unix_seconds},
        encoder_(style_of(form.source), context_, drops, out) {}
  void on_event(const chat::Event& event) override { encoder_.on_event(event); }

 private:
  const openai::AnswerContext context_;
  openai::StreamEncoder encoder_;
};

}  // namespace

Result<chat::Conversation> decode_client_request(endpoint::Dialect dialect, Slices body, json::Parser& parser,
                                                 Arena& arena, chat::Drops& drops) {
  if (dialect == endpoint::Dialect::openai) return openai::decode_request(body, parser, arena, drops);
  Result<json::Value> root = parser.parse(body, arena);
  if (!root) return std::move(root).error();
  return anthropic::decode_request(*root, arena, drops);
}

void encode_whole_answer(const AnswerForm& form, const chat::Answer& answer, chat::Drops& drops, std::string& out) {
  if (form.dialect == endpoint::Dialect::anthropic) {
    anthropic::encode_answer(answer, form.model, drops, out);
    return;
  }
  const openai::AnswerContext context{.model = form.model, .id = form.id, .now = form.unix_seconds};
  openai::encode_answer(answer, style_of(form.source), context, drops, out);
}

std::unique_ptr<chat::EventSink> open_client_stream(const AnswerForm& form, chat::Drops& drops, std::string& out) {
  if (form.dialect == endpoint::Dialect::anthropic) {
    return std::make_unique<anthropic::StreamEncoder>(out, form.model, drops);
  }
  return std::make_unique<ChatStream>(form, drops, out);
}

std::string encode_client_error(endpoint::Dialect dialect, const chat::event::Fault& fault) {
  if (dialect == endpoint::Dialect::openai) return openai::encode_error(fault);
  if (dialect == endpoint::Dialect::cohere) return endpoint::cohere_error_body(fault.message);
  return anthropic::error_body(fault.status, fault.message);
}

}  // namespace aigw::exchange
