#include "dialect/gemini/error.h"

#include <optional>

#include "base/limits.h"
#include "json/text.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {
namespace {

struct Name {
  uint16_t status;
  Bytes name;
};

// google/rpc/code.proto. The first name of a status is the one that is written for it.
constexpr Name kNames[] = {
    {400, "INVALID_ARGUMENT"},  {400, "FAILED_PRECONDITION"}, {400, "OUT_OF_RANGE"},
    {401, "UNAUTHENTICATED"},   {403, "PERMISSION_DENIED"},   {404, "NOT_FOUND"},
    {409, "ABORTED"},           {409, "ALREADY_EXISTS"},      {429, "RESOURCE_EXHAUSTED"},
    {499, "CANCELLED"},         {500, "INTERNAL"},            {500, "UNKNOWN"},
    {500, "DATA_LOSS"},         {501, "UNIMPLEMENTED"},       {503, "UNAVAILABLE"},
    {504, "DEADLINE_EXCEEDED"},
};

// An error may come as the only element of an array: a stream is one without `alt=sse`.
const json::Value& unwrapped(const json::Value& root) {
  return root.elements().empty() ? root : root.elements().front();
}

uint16_t status_of(const json::Value& error) {
  const std::optional<uint64_t> code = json::to_uint64(error["code"].raw());
  if (code && *code >= 400 && *code <= 599) return static_cast<uint16_t>(*code);
  for (const Name& known : kNames) {
    if (known.name == error["status"].text()) return known.status;
  }
  return 500;
}

Bytes message_of(const json::Value& error, Arena& arena) {
  const Bytes message = error["message"].text();
  const json::Value& details = error["details"];
  if (!details.exists_and_not_null()) return message;
  std::string text = "Error: ";
  text += message;
  text += "\nDetails: ";
  text += details.raw();
  return arena.copy(text);
}

}  // namespace

Bytes error_status_name(uint32_t status) {
  for (const Name& known : kNames) {
    if (known.status == status) return known.name;
  }
  if (status == 502 || status == 529) return "UNAVAILABLE";
  return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
}

std::string error_body(uint32_t status, Bytes message) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  writer.member_object("error");
  writer.member_number("code", status);
  writer.member("message", message);
  writer.member("status", error_status_name(status));
  writer.end_object();
  writer.end_object();
  writer.finish();
  return body;
}

bool is_error(const json::Value& root) { return unwrapped(root)["error"].is_object(); }

chat::event::Fault read_error(const json::Value& root, Arena& arena) {
  const json::Value& error = unwrapped(root)["error"];
  return {.status = status_of(error),
          .type = error["status"].text(),
          .message = message_of(error, arena)};
}

chat::event::Fault decode_error(uint16_t status, Bytes body, json::Parser& parser, Arena& arena) {
  const Result<json::Value> root = parser.parse(body, arena, FailureKind::bad_upstream);
  if (!root) {
    return {.status = status,
            .type = "GCPVertexAIBackendError",
            .message = body.substr(0, limits::error_text_max)};
  }
  chat::event::Fault fault = read_error(*root, arena);
  fault.status = status;
  return fault;
}

}  // namespace aigw::dialect::gemini
