#include "credential/answer.h"

#include <algorithm>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::credential {
namespace {

constexpr size_t kArena = 2 * limits::token_answer_max + (1u << 20);

bool is_code(Bytes text) {
  if (text.empty() || text.size() > limits::token_error_code_max) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

// Of the arena, which is writable.
void erase_view(Bytes view) { erase_bytes(const_cast<char*>(view.data()), view.size()); }

// A text with escapes stands beside the document's copy. No deeper than limits::json_depth_max.
void erase_texts(const json::Value& value) {
  if (value.is_string()) erase_view(value.text());
  for (const json::Value& member : value.members()) erase_texts(member);
  for (const json::Value& element : value.elements()) erase_texts(element);
}

Bytes code_of(const JsonAnswer& answer) {
  // OAuth: {"error":"invalid_grant"}. Google's APIs: {"error":{"status":"PERMISSION_DENIED"}}.
  for (Bytes code : {answer.text("error"), answer.root()["error"]["status"].text(), answer.text("Code"),
                     answer.text("code")}) {
    if (is_code(code)) return code;
  }
  return {};
}

}  // namespace

JsonAnswer::JsonAnswer(Bytes document) : arena_(kArena) {
  const Result<json::Value> root = parser_.parse(document, arena_);
  if (root && root->is_object()) root_ = *root;
}

JsonAnswer::~JsonAnswer() {
  erase_texts(root_);
  erase_view(root_.raw());
}

std::optional<uint64_t> JsonAnswer::count(Bytes name) const {
  const json::Value& value = root_[name];
  if (value.is_number()) return json::to_uint64(value.raw());
  if (value.is_string()) return json::to_uint64(value.text());
  return std::nullopt;
}

Bytes xml_element(Bytes document, Bytes name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  const size_t start = document.find(open);
  if (start == Bytes::npos) return {};
  const Bytes rest = document.substr(start + open.size());
  const size_t end = rest.find(close);
  return end == Bytes::npos ? Bytes() : rest.substr(0, end);
}

Failure refusal(const std::string& service, const net::HttpResponse& response) {
  std::string message = service + " answers " + std::to_string(response.status);
  const Bytes body = response.body.reveal();
  std::string code;
  if (body.find_first_not_of(" \r\n\t") != Bytes::npos && body[body.find_first_not_of(" \r\n\t")] == '<') {
    const Bytes element = xml_element(body, "Code");
    if (is_code(element)) code = element;
  } else {
    code = code_of(JsonAnswer(body));
  }
  if (!code.empty()) message += " (" + code + ")";
  const bool fails = response.status >= 500 || response.status == 429;
  return Failure{fails ? FailureKind::unavailable : FailureKind::unauthorized, std::move(message)};
}

Failure no_token(const std::string& service) {
  return Failure{FailureKind::bad_upstream, service + " answers without a token in it"};
}

Result<Token> access_token(const std::string& service, const Result<net::HttpResponse>& response, int64_t now) {
  if (!response) return response.error();
  if (!response->ok()) return refusal(service, *response);
  const JsonAnswer answer(response->body.reveal());
  const Bytes token = answer.text("access_token");
  if (token.empty()) return no_token(service);
  const std::optional<uint64_t> lives = answer.count("expires_in");
  if (!lives) return Token{Secret(token), 0};
  return Token{Secret(token), now + static_cast<int64_t>(std::min(*lives, limits::token_seconds_max))};
}

}  // namespace aigw::credential
