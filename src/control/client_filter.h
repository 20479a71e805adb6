// The filter in front of the gateway that knows the clients: Envoy's own, for API keys or for signed tokens. It puts
// the client's name into the header x-ai-eg-client, over whatever a client has put there itself, and takes the key out
// of the request.
//
// Keys would show in Envoy's configuration dump and in a printed bootstrap. So the filter's configuration is a file of
// its own, which Envoy reads as a resource and watches: a key that changes is live without a restart. The filter takes
// keys as they stand there and from nowhere else, so a key that comes by SDS is read here, out of the file that an
// agent keeps for Envoy.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/gateway.h"
#include "control/filterapi_json.h"
#include "control/runtime_directory.h"

namespace aigw::control {

// The name of that file within the directory.
inline constexpr const char* kClientsFile = "clients.json";

// What stands in the list of filters.
Json client_filter(const config::Clients& clients, const std::string& directory);

// The content of the file, with every key read. Fails on a key that cannot be had, or that two clients share; the
// message names the clients and never a key.
Result<std::string> client_resource(const config::Clients& clients);

// Writes the file anew whenever a key changes, as long as it lives. One that cannot be read leaves the file as it is.
class ClientKeyWatcher {
 public:
  // Both outlive the watcher. `written` is what stands in the file now.
  ClientKeyWatcher(const config::Clients& clients, const RuntimeDirectory& directory, std::string written);
  ~ClientKeyWatcher();
  ClientKeyWatcher(const ClientKeyWatcher&) = delete;
  ClientKeyWatcher& operator=(const ClientKeyWatcher&) = delete;

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace aigw::control
