#include "dialect/openai_chat/fault.h"

#include <optional>

#include "base/limits.h"
#include "json/text.h"
#include "json/writer.h"

namespace aigw::dialect::openai_chat {
namespace {

struct Word {
  Bytes word;
  uint16_t status;
};

// Types and codes of the OpenAI API reference ("Error codes") and of servers compatible with it.
constexpr Word kWords[] = {
    {"invalid_request_error", 400}, {"context_length_exceeded", 400},
    {"BadRequestError", 400},       {"content_filter", 400},
    {"authentication_error", 401},  {"invalid_api_key", 401},
    {"permission_error", 403},      {"permission_denied", 403},
    {"not_found_error", 404},       {"model_not_found", 404},
    {"NotFoundError", 404},         {"request_too_large", 413},
    {"rate_limit_error", 429},      {"rate_limit_exceeded", 429},
    {"insufficient_quota", 429},    {"tokens", 429},
    {"requests", 429},              {"server_error", 500},
    {"api_error", 500},             {"internal_server_error", 500},
    {"bad_gateway", 502},           {"service_unavailable", 503},
    {"service_unavailable_error", 503}, {"server_overloaded", 503},
    {"timeout", 504},               {"overloaded_error", 529},
};

std::optional<uint16_t> status_of_word(Bytes word) {
  for (const Word& known : kWords) {
    if (known.word == word) return known.status;
  }
  return std::nullopt;
}

// A code may be an HTTP status, as a number or as text.
std::optional<uint16_t> status_in(Bytes code) {
  const std::optional<uint64_t> number = json::to_uint64(code);
  if (!number || *number < 400 || *number > 599) return std::nullopt;
  return static_cast<uint16_t>(*number);
}

uint16_t status_of(Bytes type, Bytes code) {
  for (const std::optional<uint16_t>& status :
       {status_in(code), status_of_word(code), status_of_word(type)}) {
    if (status) return *status;
  }
  return 500;
}

Bytes type_for(uint16_t status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

Bytes text_or_number(const json::Value& value) {
  return value.is_number() ? value.raw() : value.text();
}

// At most `max` bytes of `text`, without a part of a character at its end.
Bytes cut(Bytes text, size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xc0) == 0x80) --max;
  return text.substr(0, max);
}

}  // namespace

bool is_error(const json::Value& root) {
  return root["error"].exists_and_not_null() || root["object"].text() == "error" ||
         root["type"].text() == "error";
}

chat::event::Fault read_error(const json::Value& root, uint16_t status) {
  const json::Value& inner = root["error"];
  const json::Value& error = inner.is_object() ? inner : root;
  chat::event::Fault fault{.status = status};
  fault.type = error["type"].text();
  fault.message = error["message"].text();
  fault.code = text_or_number(error["code"]);
  fault.param = error["param"].text();
  if (fault.message.empty() && inner.is_string()) fault.message = inner.text();
  if (fault.message.empty()) fault.message = error["detail"].text();
  if (fault.type == "error" && &error == &root) fault.type = {};
  if (fault.status == 0) fault.status = status_of(fault.type, fault.code);
  return fault;
}

chat::event::Fault decode_error(uint16_t status, Bytes body, Bytes fallback_type,
                                json::Parser& parser, Arena& arena) {
  if (body.size() <= limits::error_text_max) {
    const Result<json::Value> root = parser.parse(body, arena, FailureKind::bad_upstream);
    if (root && root.value().is_object()) {
      const chat::event::Fault fault = read_error(root.value(), status);
      if (!fault.type.empty() || !fault.message.empty()) return fault;
    }
  }
  return {.status = status,
          .type = fallback_type,
          .message = arena.copy(cut(body, limits::error_text_max))};
}

std::string encode_error(const chat::event::Fault& fault) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  writer.member("type", "error");
  writer.member_object("error");
  writer.member("type", fault.type.empty() ? type_for(fault.status) : fault.type);
  writer.member("code", std::to_string(fault.status));
  writer.member_unless_empty("message", fault.message);
  writer.member_unless_empty("param", fault.param);
  writer.end_object();
  writer.end_object();
  writer.finish();
  return body;
}

}  // namespace aigw::dialect::openai_chat
