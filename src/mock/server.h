// The embedded provider's HTTP/1.1 server: one thread, keep-alive, streams sent event by event.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"
#include "mock/provider.h"

namespace aigw::mock {

struct ServerOptions {
  std::string host = "127.0.0.1";  // an IP literal
  uint16_t port = 0;               // 0: any free one
  std::chrono::milliseconds event_delay{
      0};  // before each event of a stream, and before a unary reply
  Options provider;
};

// Serves until SIGINT or SIGTERM. Calls `on_listening` once, with "host:port", when connections are
// taken. Fails when it cannot listen.
Result<void> serve(const ServerOptions& options,
                   const std::function<void(const std::string&)>& on_listening);

}  // namespace aigw::mock
