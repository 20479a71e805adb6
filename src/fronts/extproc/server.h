// The gRPC server: Envoy's streams, and the health service. It uses gRPC's callback API: no stream
// has a thread.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "fronts/extproc/gateway.h"

namespace aigw::extproc {

struct ServerOptions {
  std::string address;   // as the peer's -extProcAddr: ":1063", "host:port", "unix:///path"
  int receive_max = -1;  // bytes of one message; -1: gRPC's largest
};

class Server {
 public:
  // Listens. A socket file that is in the way is replaced.
  static Result<std::unique_ptr<Server>> start(Gateway& gateway, const ServerOptions& options);
  // Cuts what still runs.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // From then on the health service says that this server is leaving.
  void begin_drain();
  // Whether every stream that was open when the drain began has ended.
  bool drained() const;
  // Takes no more streams; those that are open may go on for `milliseconds`, then they are cut.
  void stop(unsigned milliseconds);

  size_t streams_open() const;
  // Asks the health service by way of the listener, as a probe does.
  bool answers_health_check(unsigned milliseconds) const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace aigw::extproc
