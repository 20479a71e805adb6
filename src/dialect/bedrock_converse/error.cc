#include "dialect/bedrock_converse/error.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "json/writer.h"

namespace aigw::dialect::bedrock_converse {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The bare name: of "com.amazon#ThrottlingException:http://…", ThrottlingException.
Bytes bare(Bytes type) {
  type = type.substr(0, type.find(':'));
  const size_t hash = type.rfind('#');
  return hash == Bytes::npos ? type : type.substr(hash + 1);
}

Bytes message_of(const json::Value& root) {
  const Bytes message = root["message"].text();
  return message.empty() ? root["Message"].text() : message;
}

}  // namespace

uint16_t error_status(Bytes type) {
  struct Entry {
    Bytes name;  // in small letters
    uint16_t status;
  };
  constexpr std::array<Entry, 17> kErrors = {{
      {"accessdeniedexception", 403},
      {"conflictexception", 400},
      {"expiredtokenexception", 403},
      {"internalfailure", 500},
      {"internalserverexception", 500},
      {"invalidsignatureexception", 403},
      {"missingauthenticationtokenexception", 403},
      {"modelerrorexception", 500},
      {"modelnotreadyexception", 429},
      {"modelstreamerrorexception", 500},
      {"modeltimeoutexception", 504},
      {"resourcenotfoundexception", 404},
      {"servicequotaexceededexception", 400},
      {"serviceunavailableexception", 503},
      {"throttlingexception", 429},
      {"unrecognizedclientexception", 403},
      {"validationexception", 400},
  }};
  const Bytes name = bare(type);
  const auto same = [name](Bytes known) {
    return std::ranges::equal(name, known, [](char a, char b) { return lower(a) == b; });
  };
  for (const Entry& entry : kErrors) {
    if (same(entry.name)) return entry.status;
  }
  return 500;
}

Bytes error_type(uint32_t status) {
  switch (status) {
    case 401:
    case 403:
      return "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 408:
    case 504:
      return "ModelTimeoutException";
    case 424:
      return "ModelErrorException";
    case 429:
      return "ThrottlingException";
    case 502:
    case 503:
    case 529:
      return "ServiceUnavailableException";
    default:
      return status < 500 ? "ValidationException" : "InternalServerException";
  }
}

std::string error_body(Bytes message) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  writer.member("message", message);
  writer.end_object();
  writer.finish();
  return body;
}

Bytes stream_exception(uint16_t status) {
  if (status == 429) return "throttlingException";
  if (status == 503 || status == 529) return "serviceUnavailableException";
  if (status == 502 || status == 504) return "modelStreamErrorException";
  return status < 500 ? "validationException" : "internalServerException";
}

chat::event::Fault decode_error(uint16_t status, Bytes type_header, Bytes body,
                                json::Parser& parser, Arena& arena) {
  chat::event::Fault fault{.status = status, .message = body.substr(0, limits::error_text_max)};
  const Result<json::Value> root = parser.parse(body, arena, FailureKind::bad_upstream);
  if (!root) {
    fault.type = "AWSBedrockBackendError";
    return fault;
  }
  fault.type = type_header;
  const Bytes message = message_of(*root);
  if (!message.empty()) fault.message = message;
  return fault;
}

chat::event::Fault decode_exception(Bytes type, const json::Value& root) {
  chat::event::Fault fault{.status = error_status(type), .type = type};
  fault.message = message_of(root);
  if (fault.message.empty()) fault.message = root["originalMessage"].text();
  return fault;
}

}  // namespace aigw::dialect::bedrock_converse
