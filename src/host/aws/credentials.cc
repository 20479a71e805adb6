#include "host/aws/credentials.h"

#include <algorithm>
#include <array>
#include <optional>

#include "http/media_type.h"

namespace aigw::host::aws {
namespace {

constexpr Bytes kAccessKeyId = "aws_access_key_id";
constexpr Bytes kSecretAccessKey = "aws_secret_access_key";
constexpr Bytes kSessionToken = "aws_session_token";
constexpr std::array<Bytes, 3> kSettings{kAccessKeyId, kSecretAccessKey, kSessionToken};

void take(Bytes name, Bytes value, Credentials& out) {
  if (name == kAccessKeyId) out.access_key_id = value;
  if (name == kSecretAccessKey) out.secret_access_key = Secret(value);
  if (name == kSessionToken) out.session_token = Secret(value);
}

bool starts_comment(char c) { return c == '#' || c == ';'; }

// The line up to a comment, without white space at its ends.
Bytes content_of(Bytes line) {
  for (size_t i = 0; i < line.size(); ++i) {
    bool after_space = i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t';
    if (starts_comment(line[i]) && after_space) {
      line = line.substr(0, i);
      break;
    }
  }
  return http::trimmed(line);
}

Bytes next_line(Bytes& rest) {
  size_t end = rest.find('\n');
  Bytes line = rest.substr(0, end);
  rest = end == Bytes::npos ? Bytes() : rest.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The name in "[name]"; none for another line.
std::optional<Bytes> section_of(Bytes line) {
  if (line.size() < 2 || line.front() != '[' || line.back() != ']') return std::nullopt;
  return http::trimmed(line.substr(1, line.size() - 2));
}

Bytes unquoted(Bytes value) {
  bool quoted = value.size() >= 2 && value.front() == value.back() &&
                (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

bool is_visible_ascii(Bytes value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Failure failure(Bytes profile, Bytes what, Bytes name) {
  std::string message = "AWS credentials: profile [";
  message += profile;
  message += "] ";
  message += what;
  message += name;
  return {FailureKind::internal, std::move(message)};
}

}  // namespace

Result<Credentials> parse_credentials(Bytes file, Bytes profile) {
  constexpr Bytes kByteOrderMark = "\xef\xbb\xbf";
  if (file.starts_with(kByteOrderMark)) file.remove_prefix(kByteOrderMark.size());
  Credentials out;
  bool found = false;
  bool inside = false;
  while (!file.empty()) {
    Bytes line = content_of(next_line(file));
    if (std::optional<Bytes> section = section_of(line)) {
      inside = *section == profile;
      found = found || inside;
      continue;
    }
    size_t equals = line.find('=');
    if (!inside || equals == Bytes::npos) continue;
    Bytes name = http::trimmed(line.substr(0, equals));
    for (Bytes setting : kSettings) {
      if (!http::equals_ignoring_case(name, setting)) continue;
      Bytes value = unquoted(http::trimmed(line.substr(equals + 1)));
      if (!is_visible_ascii(value)) {
        return failure(profile, "has characters that no header can carry in ", setting);
      }
      take(setting, value, out);
    }
  }
  if (!found) return failure(profile, "is missing", "");
  if (out.access_key_id.empty()) return failure(profile, "has no ", kAccessKeyId);
  if (out.secret_access_key.empty()) return failure(profile, "has no ", kSecretAccessKey);
  return out;
}

}  // namespace aigw::host::aws
