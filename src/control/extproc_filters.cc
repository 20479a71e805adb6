// Names, modes and windows are those of the peer's control plane, and its timeouts but for that of a message, so that
// its server and ours fit under the same configuration. Two things are added: our server is told which answers are
// Envoy's own and for which path (response_attributes), and may set the authority (mutation_rules), for which the peer
// uses a rewrite by the route.
#include "control/extproc_filters.h"

#include <set>
#include <string>

namespace aigw::control {
namespace {

constexpr const char* filter_name = "envoy.filters.http.ext_proc/aigateway";
constexpr const char* cluster_name = "ai-gateway-extproc-uds";
constexpr const char* metadata_namespace = "io.envoy.ai_gateway";
// Of the server's answer to one message, which may be a body of request_body_max on a busy machine.
constexpr const char* message_timeout = "60s";
constexpr unsigned stream_window = 65'536;
constexpr unsigned connection_window = 1'048'576;

Json backend_attribute(const char* of, const char* key) {
  return std::string("xds.") + of + ".filter_metadata['aigateway.envoy.io']['" + key + "']";
}

Json processor(Json mode, Json members) {
  Json config = {
      {"@type", "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor"},
      {"grpc_service", {{"envoy_grpc", {{"cluster_name", cluster_name}}}}},
      {"processing_mode", std::move(mode)},
      {"message_timeout", message_timeout},
      {"allow_mode_override", true},
      {"metadata_options",
       {{"receiving_namespaces", {{"untyped", Json::array({metadata_namespace})}}}}}};
  config.update(members);
  return {{"name", filter_name}, {"typed_config", std::move(config)}};
}

// Behind the server's filter, since Envoy takes off the length of a body that is replaced.
Json length_filter() {
  const Json header = {
      {"key", "content-length"},
      {"value", std::string("%DYNAMIC_METADATA(") + metadata_namespace + ":content_length)%"}};
  const Json append = {{"append", {{"header", header}, {"append_action", "ADD_IF_ABSENT"}}}};
  return {{"name", "envoy.filters.http.header_mutation"},
          {"typed_config",
           {{"@type",
             "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"},
            {"mutations", {{"request_mutations", Json::array({append})}}}}}};
}

}  // namespace

Json extproc_router_filter() {
  return processor({{"request_header_mode", "SEND"},
                    {"request_body_mode", "BUFFERED"},
                    {"response_header_mode", "SEND"},
                    {"response_body_mode", "BUFFERED"},
                    {"request_trailer_mode", "SKIP"},
                    {"response_trailer_mode", "SKIP"}},
                   {{"response_attributes",
                     Json::array({"response.code_details", "request.path"})}});
}

Json extproc_upstream_filters(const config::Document& document) {
  Json filter = processor(
      {{"request_header_mode", "SEND"},
       {"request_body_mode", "NONE"},
       {"response_header_mode", "SKIP"},
       {"response_body_mode", "NONE"},
       {"request_trailer_mode", "SKIP"},
       {"response_trailer_mode", "SKIP"}},
      {{"request_attributes",
        Json::array({backend_attribute("upstream_host_metadata", "per_route_rule_backend_name"),
                     backend_attribute("cluster_metadata", "per_route_rule_backend_name"),
                     backend_attribute("upstream_host_metadata", "upstream_host"),
                     backend_attribute("route_metadata", "aigw_route_name")})},
       {"mutation_rules", {{"allow_all_routing", true}}}});
  std::set<std::string> namespaces;
  for (const config::BackendSpec& backend : document.backends) {
    if (!backend.auth || !backend.auth->credential_override) continue;
    const std::string& name = backend.auth->credential_override->metadata_namespace;
    if (!name.empty()) namespaces.insert(name);
  }
  if (!namespaces.empty()) {
    filter["typed_config"]["metadata_options"]["forwarding_namespaces"] = {{"untyped", Json(namespaces)}};
  }
  return Json::array({std::move(filter), length_filter()});
}

Json extproc_cluster(const std::string& socket_path) {
  const Json endpoint = {{"endpoint", {{"address", {{"pipe", {{"path", socket_path}}}}}}}};
  const Json locality = {{"lb_endpoints", Json::array({endpoint})}};
  const Json http2 = {{"initial_stream_window_size", stream_window},
                      {"initial_connection_window_size", connection_window}};
  return {
      {"name", cluster_name},
      {"type", "STATIC"},
      {"connect_timeout", "10s"},
      {"per_connection_buffer_limit_bytes", extproc_buffer_limit},
      {"load_assignment", {{"cluster_name", cluster_name}, {"endpoints", Json::array({locality})}}},
      {"typed_extension_protocol_options",
       {{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
         {{"@type", "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"},
          {"explicit_http_config", {{"http2_protocol_options", http2}}}}}}}};
}

}  // namespace aigw::control
