// One route's Envoy cluster: a locality for each backend, with its priority, weight, TLS and
// metadata.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "config/gateway.h"
#include "control/filterapi_json.h"

namespace aigw::control {

// As protobuf's JSON writes it: "1.500s".
std::string duration(std::chrono::milliseconds time);

std::string cluster_name(const config::Route& route);

struct ClusterOptions {
  std::string system_ca;                  // for upstreams that name no bundle
  Json upstream_filters = Json::array();  // go before the codec
};

Result<Json> make_cluster(const config::GatewayDocument& document, const config::Route& route,
                          const ClusterOptions& options);

}  // namespace aigw::control
