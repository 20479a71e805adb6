"""The processes of the benchmark: the upstream, and one Envoy a variant."""

import dataclasses
import http.server
import json
import os
import pathlib
import socket
import subprocess
import threading
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
    extproc: bool = False  # our ext_proc server instead of the module
    model_override: str = ""
    buffer: bool = False
    bedrock: bool = False  # translated to Bedrock Converse and signed
    sight: str = "metrics"  # words: metrics, traces, content (what was said, in spans), access (Envoy's
    # log), line (the gateway's own)


VARIANTS = [
    Variant("alone", "Envoy alone"),
    Variant("buffer", "Envoy's own buffer filter", buffer=True),
    Variant("floor", "a module that does nothing, in both places", module="floor"),
    Variant("ours", "our module", module="ours"),
    Variant("override", "our module, another model written into the body", module="ours",
            model_override=OVERRIDE),
    Variant("bedrock", "our module, translated to Bedrock Converse and signed", module="ours",
            bedrock=True),
    Variant("blind", "our module, counting and telling nothing", module="ours", sight=""),
    Variant("traces", "our module with metrics and traces", module="ours", sight="metrics traces"),
    Variant("access", "our module with metrics and the access log", module="ours", sight="metrics access"),
    Variant("seen", "our module with metrics, traces and the access log", module="ours",
            sight="metrics traces access"),
    Variant("told", "the same with a line of our own for each request", module="ours",
            sight="metrics traces access line"),
    Variant("shown", "as seen, and spans hold what was said, which is the default", module="ours",
            sight="metrics traces content access"),
    Variant("extproc", "our ext_proc server", extproc=True),
]


# With these, spans hold nothing of bodies, and none is kept for them.
HIDDEN = {name: "true" for name in ("OPENINFERENCE_HIDE_INPUTS", "OPENINFERENCE_HIDE_OUTPUTS",
                                    "OPENINFERENCE_HIDE_LLM_INVOCATION_PARAMETERS")}


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


def extproc_filters(program: pathlib.Path, socket_path: pathlib.Path) -> tuple[list, list, dict]:
    """The filters of the ext_proc carrier and the cluster of its server, as `aigw run` makes them."""
    text = subprocess.run([program, "run", "--dataplane", "extproc", "--print-bootstrap"],
                          check=True, capture_output=True, text=True).stdout
    made = json.loads(text)["static_resources"]
    server, route = made["clusters"]
    pipe = server["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["pipe"]
    pipe["path"] = str(socket_path)
    manager = made["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    upstream = route["typed_extension_protocol_options"][HTTP_OPTIONS]["http_filters"]
    return manager["http_filters"][:-1], upstream[:-1], server


HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
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


class Collector:
    """Takes what is exported, and says that all is well."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def access_log(aigw: pathlib.Path, to: pathlib.Path) -> tuple[list, dict]:
    """Envoy's, as `aigw run --access-log` writes it, and the router filter's part in it."""
    text = subprocess.run([aigw, "run", "--access-log", to, "--print-bootstrap"],
                          check=True, capture_output=True, text=True).stdout
    listener = json.loads(text)["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    config = manager["http_filters"][0]["typed_config"]["filter_config"]["value"]
    return manager["access_log"], {"accessLog": config["accessLog"]}


def bootstrap(port: int, upstream_port: int, router_filters: list, upstream_filters: list,
              more_clusters: list, access_logs: list) -> dict:
    """The same for every variant but for the filters."""
    codec = "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    manager = typed(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="bench",
        use_remote_address=True,
        access_log=access_logs,
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
            HTTP_OPTIONS: typed(
                HTTP_OPTIONS,
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
    return {"static_resources": {"listeners": [listener], "clusters": [cluster, *more_clusters]}}


def cpu_seconds_of(pid: int) -> float:
    """Time that the threads of a process have run so far, user and system, to a nanosecond
    (/proc/PID/stat only counts clock ticks of 10 ms)."""
    total = 0
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        total += int(path.read_text(encoding="ascii").split()[0])
    return total / 1e9


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
                 upstream_port: int, work: pathlib.Path, aigw: pathlib.Path, under: tuple = ()):
        """`under`: the command of a tool that Envoy runs in."""
        self.variant = variant
        self.port = free_port()
        self.server = None
        router_filters, upstream_filters, clusters, access_logs = [], [], [], []
        environment = dict(os.environ)
        if variant.buffer:
            router_filters.append({
                "name": "envoy.filters.http.buffer",
                "typed_config": typed("envoy.extensions.filters.http.buffer.v3.Buffer",
                                      max_request_bytes=64 << 20)})
        if variant.module:
            config = {}
            if variant.module == "ours":
                config = {"configPath": str(self.write_document(work))}
                sight = variant.sight.split()
                config["metrics"] = "metrics" in sight
                if "line" in sight:
                    config |= {"requestLog": "json", "requestLogPath": str(work / "requests.log")}
                if "access" in sight:
                    access_logs, members = access_log(aigw, work / f"{variant.name}.access.log")
                    config |= members
                if "traces" in sight:
                    self.collector = Collector()
                    environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = self.collector.url
                if "content" not in sight:
                    environment.update(HIDDEN)
            router_filters.append(module_filter("ai_gateway.router", library, config))
            upstream_filters.append(module_filter("ai_gateway.upstream", library, {}))
        if variant.extproc:
            at = work / "extproc.sock"
            self.server = Process([aigw, "extproc", "-configPath", self.write_document(work),
                                   "-extProcAddr", f"unix://{at}", "-adminPort", "0"],
                                  work / "extproc.log", stdout=subprocess.DEVNULL)
            router_filters, upstream_filters, cluster = extproc_filters(aigw, at)
            clusters.append(cluster)
        path = work / f"{variant.name}.envoy.json"
        path.write_text(json.dumps(
            bootstrap(self.port, upstream_port, router_filters, upstream_filters, clusters,
                      access_logs), indent=1))
        super().__init__([*under, binary, "-c", path, "--concurrency", "1", "--disable-hot-restart",
                          "-l", "error"], work / f"{variant.name}.log",
                         stdout=subprocess.DEVNULL, env=environment)

    def write_document(self, work: pathlib.Path) -> pathlib.Path:
        key_file = work / f"{self.variant.name}.key"
        key_file.write_text(API_KEY)
        document = work / f"{self.variant.name}.filterapi.json"
        document.write_text(json.dumps(gateway_document(self.variant, key_file), indent=1))
        return document

    def wait(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"Envoy ({self.variant.name}) did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        super().stop()
        if self.server:
            self.server.stop()

    def cpu_seconds(self) -> float:
        """None of Envoy's threads ends while it is loaded, so none is missing from a difference."""
        return cpu_seconds_of(self.pid)

    def server_cpu_seconds(self) -> float:
        """The same of the server beside it, 0 where there is none. Its threads may come and go: of
        one that ends in between the time is lost, but gRPC keeps those that work."""
        return cpu_seconds_of(self.server.pid) if self.server else 0.0
