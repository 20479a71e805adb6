// A GET to 127.0.0.1, for Envoy's admin interface.
#pragma once

#include <cstdint>
#include <string>

namespace aigw::control {

struct LocalReply {
  int status = 0;  // 0: no answer within the time
  std::string body;
};

// Blocks, for `timeout_ms` at each step at most.
LocalReply local_get(uint16_t port, const std::string& path, int timeout_ms);

}  // namespace aigw::control
