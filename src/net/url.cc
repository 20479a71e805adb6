#include "net/url.h"

#include <algorithm>
#include <charconv>

namespace aigw::net {
namespace {

Failure unusable(const char* what) {
  return Failure{FailureKind::internal, std::string("not a usable URL: ") + what};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has_prefix(Bytes text, Bytes prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return a == lower(b); });
}

bool is_host(Bytes host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
           c == ':';
  });
}

// "host", "host:port", "[v6]:port"
Result<void> parse_authority(Bytes authority, Url& url) {
  if (authority.find('@') != Bytes::npos) return unusable("it has a user name");
  Bytes port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == Bytes::npos) return unusable("a bracket is open");
    url.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), lower);
  if (!is_host(url.host)) return unusable("it names no host");
  if (port.empty()) return {};
  const char* const end = port.data() + port.size();
  const auto parsed = std::from_chars(port.data() + 1, end, url.port);
  if (port.front() != ':' || parsed.ec != std::errc() || parsed.ptr != end || url.port == 0) {
    return unusable("its port is none");
  }
  return {};
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) text.append(":").append(std::to_string(port));
  return text;
}

Result<Url> parse_url(Bytes text) {
  Url url;
  for (char c : text) {
    if (c <= ' ' || c == 0x7f) return unusable("it holds a space or a control character");
  }
  if (has_prefix(text, "https://")) {
    url.tls = true;
    text.remove_prefix(8);
  } else if (has_prefix(text, "http://")) {
    text.remove_prefix(7);
  } else {
    return unusable("it is neither http nor https");
  }
  url.port = url.tls ? 443 : 80;
  text = text.substr(0, text.find('#'));
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  AIGW_TRY(parse_authority(text.substr(0, end), url));
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

std::string percent_encoded(Bytes text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (char c : text) {
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (stays) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace aigw::net
