"""Envoy configurations with the module in both of its places, as an operator would write them."""
ANY = "type.googleapis.com/"
FILTERS = ANY + "envoy.extensions.filters.http."
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
HCM = ANY + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"

LOG_FIELDS = {
    "case": "%REQ(X-CASE)%",
    "path": "%REQ(:PATH)%",
    "authorization": "%REQ(AUTHORIZATION)%",
    "model": "%REQ(X-AI-EG-MODEL)%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "metadata": "%DYNAMIC_METADATA(io.envoy.ai_gateway)%",
}


def module_filter(name, config=None, module=None):
    typed = {
        "@type": FILTERS + "dynamic_modules.v3.DynamicModuleFilter",
        "dynamic_module_config": module or {"name": "aigateway"},
        "filter_name": name,
    }
    if config is not None:
        typed["filter_config"] = {"@type": ANY + "google.protobuf.Struct", "value": config}
    return {"name": name, "typed_config": typed}


def ecds_filter(name, path, directory):
    return {"name": name, "config_discovery": {
        "config_source": {"path_config_source": {
            "path": str(path), "watched_directory": {"path": str(directory)}}},
        "type_urls": [FILTERS + "dynamic_modules.v3.DynamicModuleFilter"]}}


def plain_filter(name, kind):
    return {"name": name, "typed_config": {"@type": FILTERS + kind}}


def cluster(name, backends, upstream_filters=None, http2=False):
    """`backends`: (name, port) in the order of priority."""
    protocol = "http2_protocol_options" if http2 else "http_protocol_options"
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "60s",
        "circuit_breakers": {"thresholds": [
            {"max_connections": 1024, "max_pending_requests": 4096, "max_requests": 4096,
             "max_retries": 1024}]},
        "load_assignment": {"cluster_name": name, "endpoints": [
            {"priority": priority, "lb_endpoints": [{
                "endpoint": {"address": {"socket_address": {
                    "address": "127.0.0.1", "port_value": port}}},
                "metadata": {"filter_metadata": {"aigateway.envoy.io": {
                    "per_route_rule_backend_name": backend}}}}]}
            for priority, (backend, port) in enumerate(backends)]},
        "typed_extension_protocol_options": {HTTP_OPTIONS: {
            "@type": ANY + HTTP_OPTIONS,
            "explicit_http_config": {protocol: {}},
            "http_filters": [
                *([module_filter("ai_gateway.upstream")] if upstream_filters is None else upstream_filters),
                plain_filter("envoy.filters.http.upstream_codec",
                             "upstream_codec.v3.UpstreamCodec")]}},
    }


def route(cluster_name, retries):
    action = {"cluster": cluster_name, "timeout": "0s"}
    if retries:
        action["retry_policy"] = {
            "retry_on": "5xx,reset,connect-failure,retriable-status-codes",
            "retriable_status_codes": [429],
            "num_retries": retries,
            "retry_back_off": {"base_interval": "0.001s", "max_interval": "0.01s"},
            "retry_priority": {"name": "envoy.retry_priorities.previous_priorities", "typed_config": {
                "@type": ANY + "envoy.extensions.retry.priority.previous_priorities.v3."
                               "PreviousPrioritiesConfig",
                "update_frequency": 1}}}
    return {
        "match": {"prefix": "/", "headers": [{"name": "x-ai-eg-model", "present_match": True}]},
        "route": action,
        "metadata": {"filter_metadata": {"aigateway.envoy.io": {"aigw_route_name": "default/route"}}},
    }


def listener(name, routes, router_filter, access_log, port=0):
    return {
        "name": name,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
                "@type": HCM,
                "stat_prefix": name,
                "use_remote_address": True,
                "route_config": {"virtual_hosts": [
                    {"name": "all", "domains": ["*"], "routes": routes}]},
                "http_filters": [
                    router_filter,
                    plain_filter("envoy.filters.http.router", "router.v3.Router")],
                "access_log": [{"name": "envoy.access_loggers.file", "typed_config": {
                    "@type": ANY + "envoy.extensions.access_loggers.file.v3.FileAccessLog",
                    "path": str(access_log),
                    "log_format": {"json_format": LOG_FIELDS}}}],
            }}]}],
    }


def bootstrap(listeners, clusters):
    return {
        "node": {"id": "test", "cluster": "test"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
        "static_resources": {"listeners": listeners, "clusters": clusters},
    }


def router_filter(config_path):
    return module_filter("ai_gateway.router", {"configPath": str(config_path)})


def gateway(directory, config, backends, retries=None):
    """One listener, `main`, and one cluster; the access log is `access.log`. `config` is a filterapi document."""
    path = directory / "filterapi.yaml"
    path.write_text(config)
    retries = len(backends) - 1 if retries is None else retries
    return bootstrap(
        [listener("main", [route("providers", retries)], router_filter(path),
                  directory / "access.log")],
        [cluster("providers", backends)])
