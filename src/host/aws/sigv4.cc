#include "host/aws/sigv4.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "crypto/hex.h"
#include "crypto/hmac.h"

namespace aigw::host::aws {
namespace {

constexpr Bytes kAlgorithm = "AWS4-HMAC-SHA256";
constexpr Bytes kScopeTail = "/bedrock/aws4_request";

void append(std::string& out, std::initializer_list<Bytes> pieces) {
  for (Bytes piece : pieces) out += piece;
}

void append_digits(std::string& out, int64_t number, int width) {
  int64_t unit = 1;
  for (int i = 1; i < width; ++i) unit *= 10;
  for (; unit > 0; unit /= 10) out += static_cast<char>('0' + number / unit % 10);
}

// "20260101T000000Z"
std::string timestamp(int64_t unix_seconds) {
  std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  int64_t second = (time - day).count();
  std::string out;
  append_digits(out, static_cast<int>(date.year()), 4);
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, second / 3600, 2);
  append_digits(out, second / 60 % 60, 2);
  append_digits(out, second % 60, 2);
  out += 'Z';
  return out;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

void append_escaped(std::string& out, Bytes text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

void append_canonical_path(std::string& out, Bytes path) {
  const size_t start = out.size();
  for (size_t at = 0; at < path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    Bytes segment = path.substr(at, end - at);
    at = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      // What is left of the path ends with a segment, or is empty.
      if (out.size() > start) out.resize(out.rfind('/'));
      continue;
    }
    out += '/';
    append_escaped(out, segment);
  }
  if (out.size() == start || path.ends_with('/')) out += '/';
}

void append_canonical_query(std::string& out, Bytes query) {
  std::vector<std::pair<Bytes, Bytes>> pairs;
  for (size_t at = 0; !query.empty() && at <= query.size();) {
    size_t end = std::min(query.find('&', at), query.size());
    Bytes pair = query.substr(at, end - at);
    at = end + 1;
    size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
  }
  std::sort(pairs.begin(), pairs.end());
  for (size_t i = 0; i < pairs.size(); ++i) {
    append(out, {i == 0 ? "" : "&", pairs[i].first, "=", pairs[i].second});
  }
}

// The value without white space at its ends and with one space for each run of it inside.
void append_header_value(std::string& out, Bytes value) {
  bool any = false;
  bool space = false;
  for (char c : value) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      space = true;
      continue;
    }
    if (space && any) out += ' ';
    space = false;
    any = true;
    out += c;
  }
}

// Appends the headers' lines to `out` and their names, as they are listed, to `names`.
void append_canonical_headers(std::string& out, std::string& names,
                              std::vector<http::HeaderView>& headers) {
  std::stable_sort(headers.begin(), headers.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  for (size_t i = 0; i < headers.size(); ++i) {
    const bool again = i > 0 && headers[i].name == headers[i - 1].name;
    if (again) {
      out.back() = ',';  // in place of the line end: one line for all values of a name
    } else {
      append(out, {headers[i].name, ":"});
      append(names, {i == 0 ? "" : ";", headers[i].name});
    }
    append_header_value(out, headers[i].value);
    out += '\n';
  }
}

// The canonical request; `names` becomes the list of the signed headers.
std::string canonical_request(const Credentials& credentials, const RequestToSign& request,
                              Bytes date, std::string& names) {
  std::vector<http::HeaderView> headers(request.headers.begin(), request.headers.end());
  headers.push_back({"host", request.host});
  headers.push_back({"x-amz-date", date});
  if (!credentials.session_token.empty()) {
    headers.push_back({"x-amz-security-token", credentials.session_token.reveal()});
  }
  size_t question = std::min(request.path.find('?'), request.path.size());
  std::string out;
  out.reserve(512 + request.path.size() + credentials.session_token.size());
  append(out, {request.method, "\n"});
  append_canonical_path(out, request.path.substr(0, question));
  out += '\n';
  append_canonical_query(out, request.path.substr(std::min(question + 1, request.path.size())));
  out += '\n';
  append_canonical_headers(out, names, headers);
  append(out, {"\n", names, "\n"});
  crypto::append_hex(out, crypto::as_bytes(request.payload_sha256));
  return out;
}

void make_key(SigningKey& key, const Secret& secret, Bytes region, Bytes day) {
  if (key.secret == secret && key.region == region &&
      Bytes(key.day.data(), key.day.size()) == day) {
    return;
  }
  key.secret = secret;
  key.region = region;
  day.copy(key.day.data(), key.day.size());
  SecretBuilder first(4 + secret.size());
  first.append("AWS4").append(secret.reveal());
  key.key = crypto::hmac_sha256(first.reveal(), day);
  key.key = crypto::hmac_sha256(crypto::as_bytes(key.key), region);
  key.key = crypto::hmac_sha256(crypto::as_bytes(key.key), "bedrock");
  key.key = crypto::hmac_sha256(crypto::as_bytes(key.key), "aws4_request");
}

}  // namespace

Signature sign(const Credentials& credentials, Bytes region, const RequestToSign& request,
               int64_t unix_seconds, SigningKey& key) {
  Signature out;
  out.date = timestamp(unix_seconds);
  const Bytes day = Bytes(out.date).substr(0, 8);
  std::string names;
  std::string canonical = canonical_request(credentials, request, out.date, names);
  const crypto::Digest hash = crypto::sha256(canonical);
  erase_bytes(canonical.data(), canonical.size());  // the session token stands in it

  std::string to_sign;
  append(to_sign, {kAlgorithm, "\n", out.date, "\n", day, "/", region, kScopeTail, "\n"});
  crypto::append_hex(to_sign, crypto::as_bytes(hash));
  make_key(key, credentials.secret_access_key, region, day);
  crypto::Digest signature = crypto::hmac_sha256(crypto::as_bytes(key.key), to_sign);

  append(out.authorization, {kAlgorithm, " Credential=", credentials.access_key_id, "/", day, "/",
                             region, kScopeTail, ", SignedHeaders=", names, ", Signature="});
  crypto::append_hex(out.authorization, crypto::as_bytes(signature));
  return out;
}

}  // namespace aigw::host::aws
