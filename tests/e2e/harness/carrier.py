"""The same gateway in either carrier: a filterapi document in a file, one listener, providers by priority."""
import json

from harness import bootstrap, document, extproc
from harness.change import replace

CARRIERS = ("module", "extproc")


class Carriers:
    """Starts them. `start_envoy` is the fixture."""

    def __init__(self, directory, start_envoy):
        self.directory, self.start_envoy = directory, start_envoy
        self.config = directory / "filterapi.yaml"
        self.server = None

    def write(self, *backends, **members):
        """The document, replaced at once."""
        replace(self.config, document.filterapi(*backends, **members))

    def start(self, carrier, ports, flags=None, before=(), namespaces=(), arguments=(),
              headers_kb=None):
        """An Envoy whose port is .ports["main"]. `ports`: (backend, port) by priority. `flags`: of the filter or the
        server, as {"logBodies": True}. `before`: filters in front of ours. `namespaces`: of dynamic metadata, which a
        server has to be sent. `arguments`: of Envoy. `headers_kb`: how large the headers of a request may be."""
        retries = len(ports) - 1
        flags = flags or {}
        if carrier == "module":
            ours = bootstrap.module_filter("ai_gateway.router", {"configPath": str(self.config), **flags})
            clusters = [bootstrap.cluster("providers", ports)]
        else:
            words = [f"-{name}={json.dumps(value).strip(chr(34))}" for name, value in flags.items()]
            self.server = extproc.Extproc(self.directory, self.config, *words)
            options = {"receiving_namespaces": {"untyped": ["io.envoy.ai_gateway"]},
                       "forwarding_namespaces": {"untyped": list(namespaces)}}
            ours = extproc.router_filter("extproc")
            filters = extproc.upstream_filters("extproc")
            filters[0]["typed_config"]["metadata_options"] = options
            clusters = [bootstrap.cluster("providers", ports, filters),
                        extproc.server_cluster("extproc", self.server.socket)]
        listener = bootstrap.listener("main", [bootstrap.route("providers", retries)], ours,
                                      self.directory / "access.log")
        if carrier != "module":
            listener["per_connection_buffer_limit_bytes"] = extproc.BUFFER_LIMIT
        hcm = listener["filter_chains"][0]["filters"][0]["typed_config"]
        if headers_kb:
            hcm["max_request_headers_kb"] = headers_kb
        hcm["http_filters"] = [*before, *hcm["http_filters"]]
        return self.start_envoy(bootstrap.bootstrap([listener], clusters), arguments=arguments)

    def log(self):
        """What the carrier has written so far, Envoy's log and the server's."""
        logs = [self.directory / "envoy.log", self.directory / "extproc.log"]
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())

    def stop(self):
        if self.server is not None and self.server.running():
            assert self.server.stop() == 0, self.server.text()[-4000:]
