#include "dialect/openai_chat/error.h"

#include "json/text.h"

namespace aigw::dialect::openai_chat {

std::string error_body(uint32_t status, Bytes type, Bytes message) {
  std::string body = R"({"type":"error","error":{"type":)";
  json::append_quoted(body, type);
  body += R"(,"code":")";
  body += std::to_string(status);
  body += R"(","message":)";
  json::append_quoted(body, message);
  body += "}}";
  return body;
}

}  // namespace aigw::dialect::openai_chat
