#include "exchange/errors.h"

#include "base/limits.h"
#include "dialect/anthropic/error.h"
#include "dialect/bedrock_converse/error.h"
#include "dialect/gemini/error.h"
#include "dialect/openai_chat/error.h"
#include "endpoint/rerank.h"

namespace aigw::exchange {
namespace {

constexpr uint16_t kForbidden = 403;

}  // namespace

Bytes failed_body(endpoint::Dialect dialect) {
  switch (dialect) {
    case endpoint::Dialect::openai:
    case endpoint::Dialect::responses:
      break;
    case endpoint::Dialect::anthropic:
      return R"({"error":{"message":"the gateway failed","type":"internal_server_error"},)"
             R"("request_id":"","type":"error"})";
    case endpoint::Dialect::cohere:
      return R"({"message":"the gateway failed"})";
    case endpoint::Dialect::gemini:
      return R"({"error":{"code":500,"message":"the gateway failed","status":"INTERNAL"}})";
    case endpoint::Dialect::converse:
      return R"({"message":"the gateway failed"})";
  }
  return R"({"type":"error","error":{"type":"InternalServerError","code":"500","message":"the gateway failed"}})";
}

std::string error_body(endpoint::Dialect dialect, uint32_t status, Bytes message) {
  switch (dialect) {
    case endpoint::Dialect::openai:
    case endpoint::Dialect::responses:
      break;  // OpenAI's two languages have one way to say it
    case endpoint::Dialect::anthropic:
      return dialect::anthropic::error_body(status, message);
    case endpoint::Dialect::cohere:
      return endpoint::cohere_error_body(message);
    case endpoint::Dialect::gemini:
      return dialect::gemini::error_body(status, message);
    case endpoint::Dialect::converse:
      return dialect::bedrock_converse::error_body(message);
  }
  const char* type = status == kForbidden ? "Forbidden" : traits(kind_of_status(status)).type;
  return dialect::openai_chat::error_body(status, type, message);
}

Bytes aws_error_type(endpoint::Dialect dialect, uint32_t status) {
  return dialect == endpoint::Dialect::converse ? dialect::bedrock_converse::error_type(status) : Bytes();
}

LocalReply error_reply(endpoint::Dialect dialect, FailureKind kind, Bytes message) {
  LocalReply reply;
  reply.status = traits(kind).status;
  reply.kind = kind;
  reply.aws_type = aws_error_type(dialect, reply.status);
  reply.body = error_body(dialect, reply.status, message);
  return reply;
}

LocalReply forbidden_reply(endpoint::Dialect dialect, Bytes message) {
  LocalReply reply;
  reply.status = kForbidden;
  reply.kind = FailureKind::unauthorized;  // what it is counted as
  reply.body = error_body(dialect, kForbidden, message);
  return reply;
}

Failure too_much_held() {
  return {FailureKind::unavailable, "the gateway is busy with other requests and can hold no more: try again later",
          Limit::buffered};
}

std::string quoted(Bytes text) {
  if (text.size() <= limits::quoted_in_error_max) return std::string(text);
  return std::string(text.substr(0, limits::quoted_in_error_max)) + "…";
}

}  // namespace aigw::exchange
