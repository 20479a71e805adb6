#include "policy/redact.h"

#include <algorithm>
#include <array>

namespace aigw::policy {
namespace {

constexpr std::array<Bytes, 13> kNames{
    "authorization",  "proxy-authorization",  "x-api-key", "api-key",    "x-goog-api-key",
    "cookie",         "set-cookie",           "x-auth-token",            "x-amz-security-token",
    "x-ai-eg-internal-req-id",                "authentication-info",     "www-authenticate",
    "x-goog-iam-authorization-token"};
constexpr std::array<Bytes, 3> kEndings{"-access-key-id", "-secret-access-key", "-session-token"};
constexpr std::array<Bytes, 5> kParameters{"key", "access_token", "api_key", "api-key", "token"};

template <class List>
bool has(const List& list, Bytes name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

bool is_secret_header(Bytes name) {
  if (has(kNames, name) || name.starts_with("x-aigw-")) return true;
  return std::any_of(kEndings.begin(), kEndings.end(), [&](Bytes end) { return name.ends_with(end); });
}

std::string redacted_path(Bytes path) {
  const size_t question = path.find('?');
  std::string out(path.substr(0, question));
  if (question == Bytes::npos) return out;
  Bytes query = path.substr(question + 1);
  for (char before = '?';; before = '&') {
    const Bytes pair = query.substr(0, query.find('&'));
    const size_t equals = pair.find('=');
    out += before;
    if (equals != Bytes::npos && has(kParameters, pair.substr(0, equals))) {
      out += pair.substr(0, equals + 1);
      out += kRedacted;
    } else {
      out += pair;
    }
    if (pair.size() == query.size()) return out;
    query.remove_prefix(pair.size() + 1);
  }
}

std::string describe_headers(std::span<const http::HeaderView> headers, std::span<const Bytes> more) {
  std::string out;
  for (const http::HeaderView& header : headers) {
    if (!out.empty()) out += ", ";
    out += header.name;
    out += ": ";
    if (is_secret_header(header.name) || has(more, header.name)) {
      out += kRedacted;
    } else if (header.name == ":path") {
      out += redacted_path(header.value);
    } else {
      out += header.value;
    }
  }
  return out;
}

}  // namespace aigw::policy
