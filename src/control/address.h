// "host:port" as the command line and the documents write it: an IP literal, IPv6 in brackets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw::control {

struct Address {
  std::string host;  // an IP literal without brackets
  uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

// "localhost" stands for 127.0.0.1, and an empty host (":1975") for 0.0.0.0.
Result<Address> parse_address(std::string_view text);

std::string to_string(const Address& address);

// Whether only this machine can reach it.
bool is_loopback(const Address& address);

// Whether a listener could be bound there; the failure says why not, naming the address.
Result<void> check_bindable(const Address& address);

}  // namespace aigw::control
