// What `aigw run` reads: a filterapi document plus where to listen, how to reach each backend, and
// what goes where. load.h fills in every default, so that whoever generates a configuration from it
// has no rule of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/document.h"

namespace aigw::config {

// What carries the core: the module inside Envoy, or an ext_proc server beside it.
enum class Dataplane : uint8_t { module, extproc };
inline constexpr Dataplane default_dataplane = Dataplane::module;

struct Listen {
  std::string host = "127.0.0.1";  // an IP address, without brackets
  uint16_t port = 1975;
  bool operator==(const Listen&) const = default;
};

// One for each backend; listed in the order of the document.
struct Upstream {
  std::string backend;      // names a BackendSpec
  bool tls = false;         // the url's scheme is https
  std::string host;         // a name or an IP address, without brackets, lower case
  bool host_is_ip = false;  // no DNS, and no SNI unless serverName names one
  uint16_t port = 0;        // the scheme's default where the url has none
  std::string ca;           // path of a PEM bundle; "" = the system's
  // https: for SNI and the name check, `host` where not written; "" for http.
  std::string server_name;
  // Absent: ALPN decides for https, HTTP/1.1 for http. True over http is prior knowledge.
  std::optional<bool> http2;
  std::chrono::milliseconds connect_timeout{10'000};
  bool operator==(const Upstream&) const = default;
};

struct RouteBackend {
  // Names a BackendSpec; once a route. Where the route has mutations of its own for the backend, that is one made for
  // it, with both merged, see merge_rules.h.
  std::string name;
  uint32_t priority = 0;  // 0 is tried first; without gaps over a route
  uint32_t weight = 1;    // at least 1
  bool operator==(const RouteBackend&) const = default;
};

struct Route {
  std::string name;                    // unique; "route-<index>" where not written
  std::vector<std::string> models;     // exact, or a prefix and a final "*", or "*"; at least one
  std::vector<RouteBackend> backends;  // at least one, ordered by priority
  uint32_t retries = 1;                // extra attempts over all backends
  std::chrono::milliseconds idle_timeout{300'000};
  bool operator==(const Route&) const = default;
};

// A client that is known by a key of its own.
struct ClientKey {
  std::string name;  // unique
  SecretSpec key;
  bool operator==(const ClientKey&) const = default;
};

// Clients that are known by a token that somebody else signed.
struct ClientJwt {
  std::string issuer;
  std::vector<std::string> audiences;  // one of them has to be the token's; none: any
  std::string jwks_file;               // the issuer's public keys
  std::string claim = "sub";           // the client's name
  bool operator==(const ClientJwt&) const = default;
};

// Who may call; exactly one of the two. What each may do stands in Document::client_rules.
struct Clients {
  std::vector<ClientKey> keys;
  std::string sds_file;  // where keys by SDS are; as Envoy's PathConfigSource. "" where there are none
  std::optional<ClientJwt> jwt;
  bool operator==(const Clients&) const = default;
};

struct GatewayDocument {
  Document filter;  // the filterapi part
  // Read only where LoadOptions::gateway_keys is set; `routes` is then never empty unless there is
  // no backend.
  Listen listen;
  Dataplane dataplane = default_dataplane;
  std::optional<Clients> clients;  // absent: anybody
  std::vector<Upstream> upstreams;
  std::vector<Route> routes;  // the first that matches wins

  // The upstream of a backend, or null.
  const Upstream* find_upstream(Bytes backend) const {
    for (const Upstream& upstream : upstreams) {
      if (upstream.backend == backend) return &upstream;
    }
    return nullptr;
  }
  bool operator==(const GatewayDocument&) const = default;
};

}  // namespace aigw::config
