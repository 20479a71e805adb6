#include "exchange/errors.h"

#include "base/limits.h"
#include "dialect/anthropic/error.h"
#include "dialect/openai_chat/error.h"
#include "endpoint/rerank.h"

namespace aigw::exchange {
std::string error_body(endpoint::Dialect dialect, uint32_t status, Bytes message) {
  if (dialect == endpoint::Dialect::openai) {
    return dialect::openai_chat::error_body(status, traits(kind_of_status(status)).type, message);
  }
  if (dialect == endpoint::Dialect::cohere) return endpoint::cohere_error_body(message);
  return dialect::anthropic::error_body(status, message);
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
