#include "dialect/anthropic/error.h"

#include "base/limits.h"
#include "json/text.h"

namespace aigw::dialect::anthropic {

Bytes error_type(uint32_t status) {
  switch (status) {
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

uint16_t error_status(Bytes type) {
  struct Entry {
    Bytes type;
    uint16_t status;
  };
  static constexpr Entry kEntries[] = {
      {"invalid_request_error", 400},
      {"authentication_error", 401},
      {"billing_error", 402},
      {"permission_error", 403},
      {"not_found_error", 404},
      {"request_too_large", 413},
      {"rate_limit_error", 429},
      {"api_error", 500},
      {"internal_server_error", 500},
      {"service_unavailable_error", 503},
      {"timeout_error", 504},
      {"overloaded_error", 529},
  };
  for (const Entry& entry : kEntries) {
    if (entry.type == type) return entry.status;
  }
  return 500;
}

std::string error_body(uint32_t status, Bytes message) {
  std::string body = R"({"error":{"message":)";
  json::append_quoted(body, message);
  body += R"(,"type":)";
  json::append_quoted(body, error_type(status));
  body += R"(},"request_id":"","type":"error"})";
  return body;
}

chat::event::Fault decode_error(uint16_t status, Bytes body, json::Parser& parser, Arena& arena) {
  chat::event::Fault fault{.status = status};
  if (const Result<json::Value> root = parser.parse(body, arena, FailureKind::bad_upstream)) {
    const json::Value& error = (*root)["error"];
    fault.type = error["type"].text();
    fault.message = error["message"].text();
    if (fault.message.empty()) fault.message = (*root)["message"].text();
  }
  if (fault.message.empty()) fault.message = body.substr(0, limits::error_text_max);
  return fault;
}

chat::event::Fault decode_error_event(const json::Value& root) {
  const json::Value& error = root["error"];
  const Bytes type = error["type"].text();
  return {.status = error_status(type), .type = type, .message = error["message"].text()};
}

}  // namespace aigw::dialect::anthropic
