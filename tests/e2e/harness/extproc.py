"""Our ext_proc server, and Envoy configurations that use it as the peer's control plane makes them."""
import pathlib

from harness import bootstrap
from harness.envoy import Process, aigw_binary, wait_for

READY = "AI Gateway External Processor is ready"
NAME = "envoy.filters.http.ext_proc/aigateway"
BACKEND_METADATA = "filter_metadata['aigateway.envoy.io']"
ATTRIBUTES = [f"xds.upstream_host_metadata.{BACKEND_METADATA}['per_route_rule_backend_name']",
              f"xds.cluster_metadata.{BACKEND_METADATA}['per_route_rule_backend_name']",
              f"xds.upstream_host_metadata.{BACKEND_METADATA}['upstream_host']",
              f"xds.route_metadata.{BACKEND_METADATA}['aigw_route_name']"]


class Extproc(Process):
    """One server on a Unix socket in `directory`, which is short enough for one; or on `address`."""

    def __init__(self, directory, config, *arguments, address=None, environment=None):
        self.socket = pathlib.Path(directory) / "extproc.sock"
        self.address = address or f"unix://{self.socket}"
        source = ["-configPath", config] if config else []
        super().__init__([aigw_binary(), "extproc", *source, "-extProcAddr", self.address, "-adminPort", "0",
                          *arguments], pathlib.Path(directory) / "extproc.log", environment)

        def ready():
            self.check_running()
            return READY in self.text()

        try:
            wait_for(ready, "the ext_proc server is ready")
        except BaseException:
            self.stop()
            raise


# How much of a body Envoy holds for the server: of listeners in front of one, as the peer configures them.
BUFFER_LIMIT = 52428800


def server_cluster(name, socket):
    """The cluster of a server, with the windows and the buffer of the peer's."""
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "60s",
        "per_connection_buffer_limit_bytes": BUFFER_LIMIT,
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [
            {"endpoint": {"address": {"pipe": {"path": str(socket)}}}}]}]},
        "typed_extension_protocol_options": {bootstrap.HTTP_OPTIONS: {
            "@type": bootstrap.ANY + bootstrap.HTTP_OPTIONS,
            "explicit_http_config": {"http2_protocol_options": {
                "initial_stream_window_size": 65536, "initial_connection_window_size": 1048576}}}},
    }


def _filter(server, mode, **members):
    return {"name": NAME, "typed_config": {
        "@type": bootstrap.FILTERS + "ext_proc.v3.ExternalProcessor",
        "grpc_service": {"envoy_grpc": {"cluster_name": server}, **members.pop("grpc", {})},
        "processing_mode": mode,
        "message_timeout": "60s",
        "failure_mode_allow": False,
        "allow_mode_override": True,
        "metadata_options": {"receiving_namespaces": {"untyped": ["io.envoy.ai_gateway"]}},
        **members}}


def router_filter(server, **members):
    return _filter(server, {"request_header_mode": "SEND", "request_body_mode": "BUFFERED",
                            "response_header_mode": "SEND", "response_body_mode": "BUFFERED",
                            "request_trailer_mode": "SKIP", "response_trailer_mode": "SKIP"}, **members)


def upstream_filters(server, **members):
    """The filter of an attempt, and the one that gives a replaced body its length."""
    return [
        _filter(server, {"request_header_mode": "SEND", "request_body_mode": "NONE",
                         "response_header_mode": "SKIP", "response_body_mode": "NONE",
                         "request_trailer_mode": "SKIP", "response_trailer_mode": "SKIP"},
                request_attributes=ATTRIBUTES, grpc={"timeout": "30s"}, **members),
        {"name": "envoy.filters.http.header_mutation", "typed_config": {
            "@type": bootstrap.FILTERS + "header_mutation.v3.HeaderMutation",
            "mutations": {"request_mutations": [{"append": {
                "header": {"key": "content-length",
                           "value": "%DYNAMIC_METADATA(io.envoy.ai_gateway:content_length)%"},
                "append_action": "ADD_IF_ABSENT"}}]}}},
    ]
