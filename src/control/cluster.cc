// Envoy chooses the HTTP version for a cluster and not for an endpoint: ALPN where every backend of
// the route speaks TLS (Envoy refuses it in a cluster that has a plaintext endpoint), HTTP/2 with
// prior knowledge where every backend asks for it, else HTTP/1.1. What cannot be met is refused
// here, in words of the document.
#include "control/cluster.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>

namespace aigw::control {
namespace {

using config::Upstream;

// Connections to a provider are let go before its load balancer does (60 s is a common limit), so
// that a request does not meet one that is being closed.
constexpr const char* upstream_idle_timeout = "55s";

// High enough never to be met: Envoy's defaults (1024 requests, 3 retries at a time) are for other
// traffic.
constexpr uint32_t unlimited = 1'000'000'000;

enum class HttpVersion { alpn, http1, http2 };

struct Member {
  const config::RouteBackend* backend;
  const Upstream* upstream;
};

Result<HttpVersion> choose_version(const config::Route& route, const std::vector<Member>& members) {
  const Member* http1 = nullptr;  // speaks nothing else
  const Member* http2 = nullptr;
  for (const Member& member : members) {
    const Upstream& upstream = *member.upstream;
    if (upstream.http2.value_or(false)) {
      http2 = &member;
    } else if (upstream.http2.has_value() || !upstream.tls) {
      http1 = &member;
    }
  }
  if (http1 != nullptr && http2 != nullptr) {
    return Failure{FailureKind::unprocessable,
                   "route " + route.name + ": backend " + http2->backend->name +
                       " takes only HTTP/2 and " + http1->backend->name +
                       " only HTTP/1.1; put them into different routes"};
  }
  if (http2 != nullptr) return HttpVersion::http2;
  return http1 != nullptr ? HttpVersion::http1 : HttpVersion::alpn;
}

bool is_ip(const std::string& name) {
  char binary[16];
  return inet_pton(AF_INET, name.c_str(), binary) == 1 ||
         inet_pton(AF_INET6, name.c_str(), binary) == 1;
}

Json alpn(HttpVersion version) {
  switch (version) {
    case HttpVersion::http1:
      return Json::array({"http/1.1"});
    case HttpVersion::http2:
      return Json::array({"h2"});
    case HttpVersion::alpn:
      break;
  }
  return Json::array({"h2", "http/1.1"});
}

Json transport_socket(const Upstream& upstream, HttpVersion version, const std::string& system_ca) {
  if (!upstream.tls) {
    return {{"name", "envoy.transport_sockets.raw_buffer"},
            {"typed_config",
             {{"@type",
               "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"}}}};
  }
  const bool by_ip = is_ip(upstream.server_name);
  const Json name = {{"san_type", by_ip ? "IP_ADDRESS" : "DNS"},
                     {"matcher", {{"exact", upstream.server_name}}}};
  Json tls = {{"@type",
               "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"}};
  if (!by_ip) tls["sni"] = upstream.server_name;
  tls["common_tls_context"] = {
      {"tls_params",
       {{"tls_minimum_protocol_version", "TLSv1_2"}, {"tls_maximum_protocol_version", "TLSv1_3"}}},
      {"alpn_protocols", alpn(version)},
      {"validation_context",
       {{"trusted_ca", {{"filename", upstream.ca.empty() ? system_ca : upstream.ca}}},
        {"match_typed_subject_alt_names", Json::array({name})}}}};
  return {{"name", "envoy.transport_sockets.tls"}, {"typed_config", std::move(tls)}};
}

// What the provider gets as its host: the port only where it is not the scheme's.
std::string authority(const Upstream& upstream) {
  std::string text =
      upstream.host.find(':') == std::string::npos ? upstream.host : "[" + upstream.host + "]";
  if (upstream.port != (upstream.tls ? 443 : 80))
    text.append(":").append(std::to_string(upstream.port));
  return text;
}

Json locality(const Member& member) {
  const config::RouteBackend& backend = *member.backend;
  const Upstream& upstream = *member.upstream;
  const Json endpoint = {
      {"endpoint",
       {{"hostname", authority(upstream)},
        {"address",
         {{"socket_address", {{"address", upstream.host}, {"port_value", upstream.port}}}}}}},
      {"metadata",
       {{"filter_metadata",
         {{"aigateway.envoy.io",
           {{"per_route_rule_backend_name", backend.name}, {"upstream_host", authority(upstream)}}},
          {"envoy.transport_socket_match", {{"backend", backend.name}}}}}}},
      {"load_balancing_weight", 1}};
  // Envoy tells localities apart by their names only.
  return {{"locality", {{"region", backend.name}}},
          {"priority", backend.priority},
          {"load_balancing_weight", backend.weight},
          {"lb_endpoints", Json::array({endpoint})}};
}

Json protocol_options(HttpVersion version, const Json& upstream_filters) {
  Json options = {
      {"@type", "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"},
      {"common_http_protocol_options", {{"idle_timeout", upstream_idle_timeout}}}};
  switch (version) {
    case HttpVersion::alpn:
      options["auto_config"] = {{"http_protocol_options", Json::object()},
                                {"http2_protocol_options", Json::object()}};
      break;
    case HttpVersion::http1:
      options["explicit_http_config"] = {{"http_protocol_options", Json::object()}};
      break;
    case HttpVersion::http2:
      options["explicit_http_config"] = {{"http2_protocol_options", Json::object()}};
      break;
  }
  const Json codec = {
      {"name", "envoy.filters.http.upstream_codec"},
      {"typed_config",
       {{"@type",
         "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"}}}};
  options["http_filters"] = upstream_filters;
  options["http_filters"].push_back(codec);
  return {{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions", std::move(options)}};
}

Json circuit_breakers() {
  Json thresholds = Json::array();
  for (const char* priority : {"DEFAULT", "HIGH"}) {
    thresholds.push_back({{"priority", priority},
                          {"max_connections", unlimited},
                          {"max_pending_requests", unlimited},
                          {"max_requests", unlimited},
                          {"max_retries", unlimited}});
  }
  return {{"thresholds", std::move(thresholds)}};
}

}  // namespace

std::string duration(std::chrono::milliseconds time) {
  char text[40];
  const long long count = time.count();
  if (count % 1000 == 0) {
    std::snprintf(text, sizeof text, "%llds", count / 1000);
  } else {
    std::snprintf(text, sizeof text, "%lld.%03llds", count / 1000, count % 1000);
  }
  return text;
}

std::string cluster_name(const config::Route& route) { return "route/" + route.name; }

Result<Json> make_cluster(const config::GatewayDocument& document, const config::Route& route,
                          const ClusterOptions& options) {
  std::vector<Member> members;
  for (const config::RouteBackend& backend : route.backends) {
    const Upstream* upstream = document.find_upstream(backend.name);
    AIGW_CHECK(upstream != nullptr);  // the loader refuses a document without it
    members.push_back({&backend, upstream});
  }
  Result<HttpVersion> version = choose_version(route, members);
  if (!version) return std::move(version).error();
  std::chrono::milliseconds connect_timeout{0};
  Json localities = Json::array();
  Json sockets = Json::array();
  // What an endpoint would get that no match fits: never plaintext where a backend has TLS. Envoy
  // also wants it of a cluster with ALPN.
  Json fallback_socket;
  for (const Member& member : members) {
    if (member.upstream->tls && member.upstream->ca.empty() && options.system_ca.empty()) {
      return Failure{FailureKind::unprocessable,
                     "backend " + member.backend->name +
                         ": no system CA bundle found; name one as its upstream's ca"};
    }
    connect_timeout = std::max(connect_timeout, member.upstream->connect_timeout);
    localities.push_back(locality(member));
    const Json socket = transport_socket(*member.upstream, *version, options.system_ca);
    if (member.upstream->tls && fallback_socket.is_null()) fallback_socket = socket;
    sockets.push_back({{"name", member.backend->name},
                       {"match", {{"backend", member.backend->name}}},
                       {"transport_socket", socket}});
  }
  Json cluster = {
      {"name", cluster_name(route)},
      {"type", "STRICT_DNS"},
      {"dns_lookup_family", "V4_PREFERRED"},
      {"connect_timeout", duration(connect_timeout)},
      {"lb_policy", "ROUND_ROBIN"},
      {"common_lb_config", {{"locality_weighted_lb_config", Json::object()}}},
      {"circuit_breakers", circuit_breakers()},
      {"typed_extension_protocol_options", protocol_options(*version, options.upstream_filters)},
      {"load_assignment",
       {{"cluster_name", cluster_name(route)}, {"endpoints", std::move(localities)}}},
      {"transport_socket_matches", std::move(sockets)}};
  if (!fallback_socket.is_null()) cluster["transport_socket"] = std::move(fallback_socket);
  return cluster;
}

}  // namespace aigw::control
