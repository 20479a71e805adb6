// The Envoy configuration of the ext_proc carrier: the two filters, and the cluster of the server.
#pragma once

#include <cstdint>
#include <string>

#include "base/limits.h"
#include "control/filterapi_json.h"

namespace aigw::control {

// How much of a body Envoy holds for the server, in bytes, as the peer configures it.
inline constexpr uint64_t extproc_buffer_limit = limits::request_body_max;

// The filter of the connection manager.
Json extproc_router_filter();

// The filters of a route's cluster, in order. The server is sent the dynamic metadata that credentials of
// requests come in.
Json extproc_upstream_filters(const config::Document& document);

// The server listens on a Unix socket.
Json extproc_cluster(const std::string& socket_path);

}  // namespace aigw::control
