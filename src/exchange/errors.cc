#include "exchange/errors.h"

#include "base/limits.h"
#include "dialect/openai_chat/error.h"
#include "json/text.h"

namespace aigw::exchange {
namespace {

// The error types of the Anthropic API by status (peer's facts, 4.8).
Bytes anthropic_type(uint32_t status) {
  switch (status) {
    case 400:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "service_unavailable_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "internal_server_error";
  }
}

}  // namespace

std::string error_body(endpoint::Dialect dialect, uint32_t status, Bytes message) {
  if (dialect == endpoint::Dialect::openai) {
    return dialect::openai_chat::error_body(status, traits(kind_of_status(status)).type, message);
  }
  std::string body = R"({"error":{"message":)";
  json::append_quoted(body, message);
  body += R"(,"type":)";
  json::append_quoted(body, anthropic_type(status));
  body += R"(},"request_id":"","type":"error"})";
  return body;
}

LocalReply error_reply(endpoint::Dialect dialect, FailureKind kind, Bytes message) {
  LocalReply reply;
  reply.status = traits(kind).status;
  reply.kind = kind;
  reply.body = error_body(dialect, reply.status, message);
  return reply;
}

std::string quoted(Bytes text) {
  if (text.size() <= limits::quoted_in_error_max) return std::string(text);
  return std::string(text.substr(0, limits::quoted_in_error_max)) + "…";
}

}  // namespace aigw::exchange
