#include "control/bootstrap.h"

#include <algorithm>

#include "control/client_filter.h"
#include "control/cluster.h"
#include "control/extproc_filters.h"

namespace aigw::control {
namespace {

constexpr const char* model_header = "x-ai-eg-model";
constexpr const char* no_route_text =
    "No matching route found. It is likely because the model specified in your request is not "
    "configured in the "
    "Gateway.";

// How much longer a stream may stand still than all attempts of its route together: the retry comes
// first.
constexpr std::chrono::milliseconds idle_slack{10'000};

Json typed(const char* type, Json members = Json::object()) {
  Json config = {{"@type", std::string("type.googleapis.com/") + type}};
  config.update(members);
  return config;
}

Json socket_address(const std::string& host, uint16_t port) {
  return {{"socket_address", {{"address", host}, {"port_value", port}}}};
}

Json module_filter(const char* name, Json config, const BootstrapOptions& options) {
  Json module;
  const std::string module_file = module_name(options.module_path);
  if (options.module_by_path || module_file.empty()) {
    module["module"] = {{"local", {{"filename", options.module_path}}}};
  } else {
    module["name"] = module_file;
  }
  Json value = typed("google.protobuf.Struct", {{"value", std::move(config)}});
  return {
      {"name", name},
      {"typed_config", typed("envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter",
                             {{"dynamic_module_config", std::move(module)},
                              {"filter_name", name},
                              {"filter_config", std::move(value)}})}};
}

Json model_match(const std::string& model) {
  Json header = {{"name", model_header}};
  if (model == "*") {
    header["present_match"] = true;
  } else if (model.ends_with('*')) {
    header["string_match"] = {{"prefix", model.substr(0, model.size() - 1)}};
  } else {
    header["string_match"] = {{"exact", model}};
  }
  return {{"prefix", "/"}, {"headers", Json::array({header})}};
}

Json retry_policy(const config::Route& route) {
  // An attempt that says nothing for the idle timeout is given up, and retried if it was still
  // silent.
  Json policy = {{"per_try_idle_timeout", duration(route.idle_timeout)}};
  if (route.retries == 0) return policy;
  policy["retry_on"] = "5xx,reset,connect-failure,retriable-status-codes";
  policy["retriable_status_codes"] = Json::array({429});
  policy["num_retries"] = route.retries;
  if (route.backends.size() > 1) {
    policy["retry_host_predicate"] = Json::array(
        {{{"name", "envoy.retry_host_predicates.previous_hosts"},
          {"typed_config",
           typed("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate")}}});
    policy["host_selection_retry_max_attempts"] = 5;
  }
  if (route.backends.back().priority > 0) {
    policy["retry_priority"] = {
        {"name", "envoy.retry_priorities.previous_priorities"},
        {"typed_config",
         typed("envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
               {{"update_frequency", 1}})}};
  }
  return policy;
}

Json route_action(const config::Route& route) {
  return {{"cluster", cluster_name(route)},
          {"timeout", "0s"},
          {"idle_timeout", duration(route.idle_timeout * (route.retries + 1) + idle_slack)},
          {"retry_policy", retry_policy(route)}};
}

Json routes(const config::GatewayDocument& document) {
  Json list = Json::array();
  for (const config::Route& route : document.routes) {
    for (const std::string& model : route.models) {
      list.push_back(
          {{"name", route.name},
           {"match", model_match(model)},
           {"metadata",
            {{"filter_metadata", {{"aigateway.envoy.io", {{"aigw_route_name", route.name}}}}}}},
           {"route", route_action(route)}});
    }
  }
  list.push_back(
      {{"name", "no-route"},
       {"match", {{"prefix", "/"}}},
       {"direct_response", {{"status", 404}, {"body", {{"inline_string", no_route_text}}}}}});
  return list;
}

// A member of the access log: Envoy's command for it, and what the module can say in its place, in the words of its
// option accessLog.
struct LogField {
  std::string name;
  std::string command;
  std::string source;        // empty: Envoy says it, and it needs no escape
  bool number = false;
  std::string told = {};     // what stands for it in the line of a request that was answered at once; "": the command
};

std::vector<LogField> log_fields(bool extproc, const config::Document& filter) {
  const auto metadata_command = [](const std::string& key) {
    return "%DYNAMIC_METADATA(io.envoy.ai_gateway:" + key + ")%";
  };
  const auto header_command = [](const std::string& key) { return "%REQ(" + key + ")%"; };
  const auto metadata = [&](std::string name, const std::string& key) -> LogField {
    return {std::move(name), metadata_command(key), "metadata:" + key};
  };
  const auto header = [&](std::string name, const std::string& key) -> LogField {
    return {std::move(name), header_command(key), "header:" + key};
  };
  std::vector<LogField> fields = {
      {"start_time", "%START_TIME%", "time"},
      header("method", ":method"),
      // Without the query, which can hold a key. The server of ext_proc says what
      // the headers do not any more once an attempt has edited them.
      extproc ? metadata("request.path", "original_path") : LogField{"request.path", "%PATH(NQ:PATH)%", "path"},
      header("user-agent", "user-agent"),
      header("x-request-id", "x-request-id"),
      {"response_code", "%RESPONSE_CODE%", "", true},
      // Its blanks need no escape, and to look for them takes Envoy a while.
      {"response_code_details", "%RESPONSE_CODE_DETAILS%", "", false,
       "\"%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%\""},
      {"response_flags", "%RESPONSE_FLAGS%", ""},
      {"duration", "%DURATION%", "", true},
      {"bytes_received", "%BYTES_RECEIVED%", "", true},
      {"bytes_sent", "%BYTES_SENT%", "", true},
      {"attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "", true},
      {"upstream_host", "%UPSTREAM_HOST%", ""},
      {"upstream_cluster", "%UPSTREAM_CLUSTER%", ""},
      {"upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%", "", false, "null"},
      {"downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%", ""},
      {"gen_ai.request.model",
       extproc ? metadata_command("request_model") : header_command(model_header),
       "metadata:request_model"},
      metadata("gen_ai.response.model", "response_model"),
      metadata("gen_ai.provider.name", "backend_name"),
      metadata("gen_ai.usage.input_tokens", "llm_input_token"),
      metadata("gen_ai.usage.output_tokens", "llm_output_token"),
      metadata("gen_ai.usage.total_tokens", "llm_total_token"),
      metadata("gen_ai.usage.cached_input_tokens", "llm_cached_input_token"),
      metadata("gen_ai.usage.reasoning_tokens", "llm_reasoning_token"),
      metadata("session.id", "session.id")};
  if (!filter.client_rules.empty()) fields.push_back(metadata("client", "client"));
  if (filter.prices) fields.push_back(metadata("gen_ai.cost.micro", filter.prices->metadata_key));
  return fields;
}

Json json_format(const std::vector<LogField>& fields) {
  Json format = Json::object();
  for (const LogField& field : fields) format[field.name] = field.command;
  return {{"json_format", std::move(format)}};
}

// The same members as text, those of the module out of one text of its own (exchange/access_line.h). It writes that for
// requests that the first backend answered.
Json text_format(const std::vector<LogField>& fields) {
  std::string line;
  for (const LogField& field : fields) {
    if (!field.source.empty()) continue;
    std::string value = field.told;
    if (value.empty()) value = field.number ? field.command : '"' + field.command + '"';
    line += (line.empty() ? "{\"" : ",\"") + field.name + "\":" + value;
  }
  line += "%FILTER_STATE(io.envoy.ai_gateway.access_log:PLAIN)%}\n";
  return {{"text_format_source", {{"inline_string", std::move(line)}}}};
}

// Requests of which the gateway has left this in dynamic metadata, or the others. Envoy compares what it finds and
// looks at no `invert`, so the others are those of which it finds nothing, and a text is not null.
Json with_metadata(const std::string& key, bool present) {
  const Json value = present ? Json{{"present_match", true}} : Json{{"null_match", Json::object()}};
  const Json matcher = {
      {"filter", "io.envoy.ai_gateway"}, {"path", Json::array({{{"key", key}}})}, {"value", value}};
  return {{"metadata_filter", {{"matcher", matcher}, {"match_if_key_not_found", !present}}}};
}

// Requests of which the module has written that text, or the others (exchange/access_line.h).
Json told_by_module(bool told) {
  const Json filters =
      Json::array({with_metadata("access_log_by_envoy", !told), with_metadata("backend_name", told)});
  return {{told ? "and_filter" : "or_filter", {{"filters", filters}}}};
}

Json access_log(const std::string& to, Json format) {
  Json config = {{"log_format", std::move(format)}};
  if (to == "-") {
    return {{"name", "envoy.access_loggers.stdout"},
            {"typed_config", typed("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
                                   std::move(config))}};
  }
  config["path"] = to;
  return {{"name", "envoy.access_loggers.file"},
          {"typed_config",
           typed("envoy.extensions.access_loggers.file.v3.FileAccessLog", std::move(config))}};
}

// Envoy's JSON format takes long over dynamic metadata, so the module's text stands in for it where there is one. Both
// go to the same file. Not where a route's name, which Envoy tells, would need an escape.
bool module_tells(const config::GatewayDocument& document, const BootstrapOptions& options) {
  const auto plain = [](const config::Route& route) {
    return std::all_of(route.name.begin(), route.name.end(),
                       [](unsigned char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
  };
  return !options.module_path.empty() && std::all_of(document.routes.begin(), document.routes.end(), plain);
}

Json access_logs(const config::GatewayDocument& document, const BootstrapOptions& options) {
  const std::vector<LogField> fields = log_fields(!options.extproc_socket.empty(), document.filter);
  Json all = access_log(options.access_log, json_format(fields));
  if (!module_tells(document, options)) return Json::array({std::move(all)});
  Json told = access_log(options.access_log, text_format(fields));
  told["filter"] = told_by_module(true);
  all["filter"] = told_by_module(false);
  return Json::array({std::move(told), std::move(all)});
}

// The module's option accessLog.
Json module_members(const config::Document& filter) {
  Json members = Json::object();
  for (const LogField& field : log_fields(false, filter)) {
    if (!field.source.empty()) members[field.name] = field.source;
  }
  return members;
}

Json connection_manager(const config::GatewayDocument& document, const BootstrapOptions& options) {
  Json filters = Json::array();
  const bool has_gateway = !options.module_path.empty() || !options.extproc_socket.empty();
  if (document.clients && has_gateway) {
    filters.push_back(client_filter(*document.clients, options.clients_directory));
  }
  if (!options.module_path.empty()) {
    Json config = {{"configPath", options.config_path}};
    if (!options.admin_address.empty()) config["adminAddress"] = options.admin_address;
    if (!options.access_log.empty() && module_tells(document, options)) {
      config["accessLog"] = module_members(document.filter);
    }
    filters.push_back(module_filter("ai_gateway.router", config, options));
  } else if (!options.extproc_socket.empty()) {
    filters.push_back(extproc_router_filter());
  }
  // Providers and clients learn nothing of Envoy's own headers.
  filters.push_back({{"name", "envoy.filters.http.router"},
                     {"typed_config", typed("envoy.extensions.filters.http.router.v3.Router",
                                            {{"suppress_envoy_headers", true}})}});
  Json config = {{"stat_prefix", "aigw"},
                 {"codec_type", "AUTO"},
                 {"use_remote_address", true},
                 {"skip_xff_append", true},  // a client's address is none of a provider's business
                 {"scheme_header_transformation", {{"match_upstream", true}}},
                 {"http_filters", std::move(filters)}};
  if (!options.access_log.empty()) config["access_log"] = access_logs(document, options);
  // Envoy tells the upstream about the client in these, even with skip_xff_append.
  const Json removed =
      Json::array({"x-envoy-external-address", "x-envoy-internal", "x-forwarded-proto"});
  const Json host = {{"name", "any"},
                     {"domains", Json::array({"*"})},
                     {"request_headers_to_remove", removed},
                     {"routes", routes(document)}};
  config["route_config"] = {{"name", "aigw"}, {"virtual_hosts", Json::array({host})}};
  return typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               std::move(config));
}

Json listener(const config::GatewayDocument& document, const BootstrapOptions& options) {
  const Json filter = {{"name", "envoy.filters.network.http_connection_manager"},
                       {"typed_config", connection_manager(document, options)}};
  const Json chain = {{"filters", Json::array({filter})}};
  Json one = {{"name", "aigw"},
              {"address", socket_address(document.listen.host, document.listen.port)},
              {"filter_chains", Json::array({chain})}};
  // The module holds bodies itself; for the server Envoy does, by default up to 1 MiB.
  if (!options.extproc_socket.empty()) one["per_connection_buffer_limit_bytes"] = extproc_buffer_limit;
  return one;
}

}  // namespace

std::string module_name(const std::string& module_path) {
  std::string name = module_path.substr(module_path.rfind('/') + 1);
  if (!name.starts_with("lib") || !name.ends_with(".so")) return {};
  return name.substr(3, name.size() - 6);
}

Result<Json> make_bootstrap(const config::GatewayDocument& document,
                            const BootstrapOptions& options) {
  ClusterOptions cluster_options;
  cluster_options.system_ca = options.system_ca;
  if (!options.module_path.empty()) {
    cluster_options.upstream_filters =
        Json::array({module_filter("ai_gateway.upstream", Json::object(), options)});
  } else if (!options.extproc_socket.empty()) {
    cluster_options.upstream_filters = extproc_upstream_filters(document.filter);
  }
  Json clusters = Json::array();
  if (!options.extproc_socket.empty()) clusters.push_back(extproc_cluster(options.extproc_socket));
  for (const config::Route& route : document.routes) {
    Result<Json> cluster = make_cluster(document, route, cluster_options);
    if (!cluster) return std::move(cluster).error();
    clusters.push_back(std::move(cluster).value());
  }
  return Json{{"node", {{"id", "aigw"}, {"cluster", "aigw"}}},
              {"admin", {{"address", socket_address("127.0.0.1", 0)}}},
              {"static_resources",
               {{"listeners", Json::array({listener(document, options)})},
                {"clusters", std::move(clusters)}}}};
}

}  // namespace aigw::control
