#include "config/checks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace aigw::config {
namespace {

constexpr int64_t kYearMs = 366LL * 24 * 3600 * 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

template <class Number>
std::optional<Number> to_number(Bytes text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  Number value = 0;
  const auto [at, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc()) return std::nullopt;
  return value;
}

std::optional<uint16_t> to_port(Bytes text) {
  const auto port = to_number<uint16_t>(text);
  return port && *port > 0 ? port : std::nullopt;
}

}  // namespace

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string to_lower(Bytes text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return to_lower(c); });
  return out;
}

bool is_token(Bytes text) {
  constexpr Bytes kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || kMarks.find(c) != Bytes::npos;
  });
}

bool is_header_value(Bytes text) {
  return text.find_first_of(Bytes("\r\n\0", 3)) == Bytes::npos;
}

bool is_variable_name(Bytes text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_dns_name(Bytes text) {
  if (text.empty() || text.size() > limits::dns_name_max) return false;
  if (text.front() == '.' || text.find("..") != Bytes::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

bool is_ipv4(Bytes text) {
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool is_ipv6(Bytes text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

std::optional<std::chrono::milliseconds> parse_duration(Bytes text) {
  const auto unit_at = std::find_if_not(text.begin(), text.end(), is_digit);
  const Bytes unit = text.substr(static_cast<size_t>(unit_at - text.begin()));
  const auto count = to_number<int64_t>(text.substr(0, text.size() - unit.size()));
  const int64_t scale = unit == "ms"  ? 1
                        : unit == "s" ? 1000
                        : unit == "m" ? 60'000
                        : unit == "h" ? 3'600'000
                                      : 0;
  if (!count || scale == 0 || *count > kYearMs / scale) return std::nullopt;
  return std::chrono::milliseconds(*count * scale);
}

std::optional<HostPort> parse_host_port(Bytes text) {
  HostPort out;
  Bytes host = text;
  Bytes port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == Bytes::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!is_ipv6(host) || !(port.empty() || port.front() == ':')) return std::nullopt;
    out.is_ip = true;
  } else {
    const size_t colon = text.find(':');
    if (colon != Bytes::npos) {
      host = text.substr(0, colon);
      port = text.substr(colon);
    }
    out.is_ip = is_ipv4(host);
    if (!out.is_ip && !is_dns_name(host)) return std::nullopt;
  }
  if (!port.empty()) {
    out.port = to_port(port.substr(1));
    if (!out.port) return std::nullopt;
  }
  out.host = to_lower(host);
  return out;
}

bool is_host_pattern(Bytes text) {
  if (text.starts_with("*.")) return is_dns_name(text.substr(2));
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return is_dns_name(text) || is_ipv6(text);
}

Bytes host_of(Bytes authority) {
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    return end == Bytes::npos ? authority : authority.substr(1, end - 1);
  }
  const size_t colon = authority.find(':');
  // More than one colon and no brackets: a bare IPv6 address, which has no port.
  if (colon == Bytes::npos || authority.find(':', colon + 1) != Bytes::npos) return authority;
  return authority.substr(0, colon);
}

}  // namespace aigw::config
