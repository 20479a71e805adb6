// The shapes of single values. Each returns nothing for a text that does not have the shape.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time_text.h"

namespace aigw::config {

char to_lower(char c);
std::string to_lower(Bytes text);

// A token of RFC 9110, which is what a header's name is.
bool is_token(Bytes text);

// What HTTP can carry as a header's value: no CR, LF or NUL.
bool is_header_value(Bytes text);

// The name of an environment variable: letters, digits and _, not a digit first.
bool is_variable_name(Bytes text);

// Labels of letters, digits, - and _, with dots between; at most 253 bytes.
bool is_dns_name(Bytes text);

// Without brackets.
bool is_ipv4(Bytes text);
bool is_ipv6(Bytes text);

// "500ms", "10s", "5m", "1h": a whole number and a unit, up to a year.
std::optional<std::chrono::milliseconds> parse_duration(Bytes text);

struct HostPort {
  std::string host;  // lower case, without brackets
  bool is_ip = false;
  std::optional<uint16_t> port;  // 1 to 65535
};

// host, host:port, [v6], [v6]:port
std::optional<HostPort> parse_host_port(Bytes text);

// A pattern of modelsByHost: a host without port, IPv6 with or without brackets; or "*." and a
// name.
bool is_host_pattern(Bytes text);

// The host of an `:authority`: without port and brackets. A view of `authority`.
Bytes host_of(Bytes authority);

}  // namespace aigw::config
