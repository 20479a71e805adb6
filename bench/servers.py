"""The processes of the benchmark: the upstream, and one Envoy a variant."""

import dataclasses
import json
import pathlib
import socket
import subprocess
import time

BACKEND = "bench"
API_KEY = "sk-provider-fedcba9876543210fedcba9876543210"
COSTS = {
    "llm_input_token": "InputToken",
    "llm_output_token": "OutputToken",
    "llm_total_token": "TotalToken",
}
OVERRIDE = "gpt-4o-mini-2024-07-18"


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str
    title: str
    module: str = ""  # "", "floor" or "ours"
    model_override: str = ""
    buffer: bool = False
    bedrock: bool = False  # translated to Bedrock Converse and signed


VARIANTS = [
    Variant("alone", "Envoy alone"),
    Variant("buffer", "Envoy's own buffer filter", buffer=True),
    Variant("floor", "a module that does nothing, in both places", module="floor"),
    Variant("ours", "our module", module="ours"),
    Variant("override", "our module, another model written into the body", module="ours",
            model_override=OVERRIDE),
    Variant("bedrock", "our module, translated to Bedrock Converse and signed", module="ours",
            bedrock=True),
]


def typed(kind: str, **members) -> dict:
    return {"@type": f"type.googleapis.com/{kind}", **members}


def module_filter(name: str, library: pathlib.Path, config: dict) -> dict:
    return {
        "name": name,
        "typed_config": typed(
            "envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter",
            dynamic_module_config={"module": {"local": {"filename": str(library)}}},
            filter_name=name,
            filter_config=typed("google.protobuf.Struct", value=config),
        ),
    }


AWS_CREDENTIALS = "[default]\naws_access_key_id = AKIDBENCH\naws_secret_access_key = bench-secret\n"


def gateway_document(variant: Variant, key_file: pathlib.Path) -> dict:
    backend = {
        "name": BACKEND,
        "schema": {"name": "OpenAI"},
        "auth": {"apiKey": {"keyFile": str(key_file)}},
    }
    if variant.bedrock:
        backend["schema"] = {"name": "AWSBedrock"}
        backend["auth"] = {"aws": {"region": "us-east-1",
                                   "credentialFileLiteral": AWS_CREDENTIALS}}
    if variant.model_override:
        backend["modelNameOverride"] = variant.model_override
    costs = [{"metadataKey": key, "type": kind} for key, kind in COSTS.items()]
    return {"globalLLMRequestCosts": costs, "backends": [backend]}


def bootstrap(port: int, upstream_port: int, router_filters: list, upstream_filters: list) -> dict:
    """The same for every variant but for the filters."""
    codec = "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    manager = typed(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="bench",
        use_remote_address=True,
        route_config={"virtual_hosts": [{
            "name": "any",
            "domains": ["*"],
            "routes": [{
                "match": {"prefix": "/"},
                "route": {"cluster": "upstream", "timeout": "0s", "idle_timeout": "300s"},
            }],
        }]},
        http_filters=router_filters + [{
            "name": "envoy.filters.http.router",
            "typed_config": typed("envoy.extensions.filters.http.router.v3.Router",
                                  suppress_envoy_headers=True),
        }],
    )
    endpoint = {
        "endpoint": {"address": {"socket_address": {"address": "127.0.0.1",
                                                    "port_value": upstream_port}}},
        "metadata": {"filter_metadata": {
            "aigateway.envoy.io": {"per_route_rule_backend_name": BACKEND}}},
    }
    cluster = {
        "name": "upstream",
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": "upstream",
                            "endpoints": [{"lb_endpoints": [endpoint]}]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                explicit_http_config={"http_protocol_options": {}},
                http_filters=upstream_filters + [{
                    "name": "envoy.filters.http.upstream_codec", "typed_config": typed(codec)}],
            )},
    }
    listener = {
        "name": "bench",
        "address": address,
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}],
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A child that is ended, and waited for, by stop()."""

    def __init__(self, command: list, log: pathlib.Path, **options):
        self.log = log
        with open(log, "wb") as errors:
            self.child = subprocess.Popen([str(part) for part in command], stderr=errors,
                                          stdin=subprocess.DEVNULL, **options)

    @property
    def pid(self) -> int:
        return self.child.pid

    def stop(self) -> None:
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()


class Upstream(Process):
    def __init__(self, program: pathlib.Path, work: pathlib.Path):
        super().__init__([program], work / "upstream.log", stdout=subprocess.PIPE)
        words = self.child.stdout.readline().split()
        if len(words) != 2 or words[0] != b"port":
            raise RuntimeError(f"the upstream did not start: {self.log.read_text()}")
        self.port = int(words[1])


class Envoy(Process):
    def __init__(self, binary: pathlib.Path, variant: Variant, library: pathlib.Path | None,
                 upstream_port: int, work: pathlib.Path):
        self.variant = variant
        self.port = free_port()
        router_filters, upstream_filters = [], []
        if variant.buffer:
            router_filters.append({
                "name": "envoy.filters.http.buffer",
                "typed_config": typed("envoy.extensions.filters.http.buffer.v3.Buffer",
                                      max_request_bytes=64 << 20)})
        if variant.module:
            config = {}
            if variant.module == "ours":
                key_file = work / "key"
                key_file.write_text(API_KEY)
                document = work / f"{variant.name}.filterapi.json"
                document.write_text(json.dumps(gateway_document(variant, key_file), indent=1))
                config = {"configPath": str(document)}
            router_filters.append(module_filter("ai_gateway.router", library, config))
            upstream_filters.append(module_filter("ai_gateway.upstream", library, {}))
        path = work / f"{variant.name}.envoy.json"
        path.write_text(json.dumps(
            bootstrap(self.port, upstream_port, router_filters, upstream_filters), indent=1))
        super().__init__([binary, "-c", path, "--concurrency", "1", "--disable-hot-restart",
                          "-l", "error"], work / f"{variant.name}.log",
                         stdout=subprocess.DEVNULL)

    def wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"Envoy ({self.variant.name}) did not start:\n{self.log.read_text()}")

    def cpu_seconds(self) -> float:
        """Time that the threads of the process have run so far, user and system, to a nanosecond
        (/proc/PID/stat only counts clock ticks of 10 ms). None of Envoy's threads ends while it is
        loaded, so none is missing from a difference."""
        total = 0
        for path in pathlib.Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            total += int(path.read_text(encoding="ascii").split()[0])
        return total / 1e9
