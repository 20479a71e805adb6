"""A gateway with a backend in each of a few languages behind one scripted provider, and what each says to a request:
the lanes of an answer side by side, splice and hub, whole and streamed."""
import asyncio
import base64
import dataclasses
import json

from harness import bootstrap, document, extproc, wire
from harness.case import frame
from harness.envoy import Envoy, free_port
from harness.provider import Answer

REGION = "eu-west-1"
AWS = {"aws": {"credentialFileLiteral": "[default]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n",
               "region": REGION}}
ANTHROPIC_KEY = {"anthropicAPIKey": {"key": "sk-ant"}}
BACKENDS = [
    document.backend("openai", key="sk-primary"),
    document.backend("anthropic", schema={"name": "Anthropic"}, auth=ANTHROPIC_KEY),
    document.backend("bedrock", schema={"name": "AWSBedrock"}, auth=AWS),
    document.backend("aws-anthropic", schema={"name": "AWSAnthropic"}, auth=AWS),
]
SSE = "text/event-stream"
FRAMES = "application/vnd.amazon.eventstream"
WORDS = ["Once", " upon", " a", " time", "."]


def sse(event, name=None):
    text = json.dumps(event, separators=(",", ":")) if not isinstance(event, str) else event
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def _openai_events():
    def chunk(**delta):
        return sse({"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m-1",
                    "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    yield chunk(role="assistant", content="")
    for word in WORDS:
        yield chunk(content=word)
    yield sse({"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m-1",
               "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield sse("[DONE]")


def _anthropic_events():
    start = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": [], "stop_reason": None,
             "stop_sequence": None, "usage": {"input_tokens": 12, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for word in WORDS:
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
           "usage": {"output_tokens": 3}}
    yield {"type": "message_stop"}


def _converse_events():
    yield "messageStart", {"role": "assistant"}
    for word in WORDS:
        yield "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}
    yield "contentBlockStop", {"contentBlockIndex": 0}
    yield "messageStop", {"stopReason": "end_turn"}
    yield "metadata", {"usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15}, "metrics": {"latencyMs": 7}}


def message(kind, payload):
    return frame(f"{kind} {json.dumps(payload)}".encode())


TEXT = "".join(WORDS)
ANTHROPIC_WHOLE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1",
                   "content": [{"type": "text", "text": TEXT}], "stop_reason": "end_turn", "stop_sequence": None,
                   "usage": {"input_tokens": 12, "output_tokens": 3}}
# What a provider says: (content type of its stream, the stream's events, its whole answer).
SAYS = {
    "openai": (SSE, list(_openai_events()), {
        "id": "c-1", "object": "chat.completion", "created": 1, "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}}),
    "anthropic": (SSE, [sse(event, event["type"]) for event in _anthropic_events()], ANTHROPIC_WHOLE),
    "bedrock": (FRAMES, [message(*event) for event in _converse_events()], {
        "output": {"message": {"role": "assistant", "content": [{"text": TEXT}]}}, "stopReason": "end_turn",
        "usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15}, "metrics": {"latencyMs": 7}}),
    "aws-anthropic": (FRAMES, [
        message("chunk", {"bytes": base64.b64encode(json.dumps(event).encode()).decode()})
        for event in _anthropic_events()], ANTHROPIC_WHOLE),
}


@dataclasses.dataclass(frozen=True)
class Lane:
    client: str  # the language that the client speaks: chat, messages or converse
    backend: str
    splice: bool

    @property
    def name(self):
        return f"{self.client}-to-{self.backend}"

    def request(self, stream, prompt="Hi"):
        """(path, body)"""
        if self.client == "converse":
            path = f"/model/{self.backend}/converse{'-stream' if stream else ''}"
            return path, json.dumps({"messages": [{"role": "user", "content": [{"text": prompt}]}]}).encode()
        body = {"model": self.backend, "messages": [{"role": "user", "content": prompt}], "stream": stream}
        if self.client == "messages":
            return "/anthropic/v1/messages", json.dumps({**body, "max_tokens": 9}).encode()
        return "/v1/chat/completions", json.dumps(body).encode()

    @property
    def frames(self):
        """Whether the provider's stream is one of AWS's, and goes to the client as it is."""
        return self.splice and self.client == "converse"

    def answer(self, stream):
        """What the provider says, as it stands on the wire: (content type, the pieces of the body)."""
        content_type, events, whole = SAYS[self.backend]
        if stream:
            return content_type, events
        return "application/json", [json.dumps(whole).encode()]


    def is_error(self, seen, status):
        """Whether this is an error in the client's dialect."""
        try:
            value = seen.json()
        except ValueError:
            return False
        if self.client == "converse":
            return set(value) == {"message"} and bool(seen.headers.get("x-amzn-errortype"))
        error = value["error"]
        if self.client == "messages":
            return value["type"] == "error" and bool(error["type"]) and "message" in error and "request_id" in value
        return value["type"] == "error" and bool(error["type"]) and error["code"] == str(status)

    def is_error_event(self, event):
        """The same of one of wire.events()."""
        name, value = event
        if self.client == "converse":
            return name.endswith("Exception") and set(value) == {"message"}
        return value["type"] == "error" and value["error"]["message"] and (self.client == "chat" or name == "error")

    def same(self, seen, right):
        """Whether two answers say the same, but for what differs by nature."""
        if "json" not in right.headers["content-type"]:
            return wire.events(seen) == wire.events(right)

        def settled(one):
            return {name: value for name, value in one.json().items() if name not in ("created", "metrics")}

        return seen.body == right.body if self.splice else settled(seen) == settled(right)


LANES = [
    Lane("chat", "openai", True),
    Lane("messages", "anthropic", True),
    Lane("converse", "bedrock", True),
    Lane("messages", "aws-anthropic", True),
    Lane("chat", "anthropic", False),
    Lane("chat", "bedrock", False),
    Lane("converse", "openai", False),
    Lane("messages", "bedrock", False),
]


def slow_answers():
    """Streams that take their time, by the header x-slow."""
    return {lane.name: Answer(200, [("content-type", lane.answer(True)[0])],
                              [part for piece in lane.answer(True)[1] for part in (piece, 0.03)]) for lane in LANES}


async def beside(gateway, lane, over):
    """Asks for slow streams on one connection until all else is over; what came of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    path, body = lane.request(True)
    seen = []
    while not over.is_set() and (not seen or seen[-1].end == "whole"):
        writer.write(wire.head(path, len(body), [("x-slow", lane.name)]) + body)
        seen.append(await wire.read(reader))
    writer.close()
    return seen


class Gateway:
    """An Envoy with either carrier, and the provider behind it. The backends are chosen by the model that the client
    names. A request with the header `x-fault` has a connection to the provider for itself; with `x-stalls` it is over,
    too, when nothing comes for `idle_seconds`; one with `x-nobody` goes where nobody listens. No attempt is repeated.
    At `hasty_port` it is the same, where Envoy's connection manager has these members, `hasty`, too."""

    def __init__(self, carrier, directory, provider, idle_seconds, hasty=None):
        self.provider = provider
        self.metrics_port = free_port()
        self.server = None
        path = directory / "filterapi.yaml"
        path.write_text(document.filterapi(*BACKENDS))
        filters, clusters = None, []
        if carrier == "module":
            router = bootstrap.module_filter("ai_gateway.router", {
                "configPath": str(path), "adminAddress": f"127.0.0.1:{self.metrics_port}"})
        else:
            self.server = extproc.Extproc(directory, path, "-adminAddress", f"127.0.0.1:{self.metrics_port}")
            router = extproc.router_filter("extproc", response_attributes=["response.code_details", "request.path"])
            filters = extproc.upstream_filters("extproc")
            clusters.append(extproc.server_cluster("extproc", self.server.socket))
        routes = []
        for backend in (one["name"] for one in BACKENDS):
            for header in ("x-nobody", "x-stalls", "x-fault", None):
                route = self._route(backend, header)
                routes.append(route)
                clusters.append(self._cluster(backend, header, route, filters))
                route["route"]["idle_timeout"] = f"{idle_seconds}s" if header == "x-stalls" else "300s"
        listeners = []
        for name, members in (("main", {}), ("hasty", hasty or {})):
            listeners.append(bootstrap.listener(name, routes, router, directory / "access.log"))
            # How long Envoy leaves a broken connection open for what is still on its way.
            listeners[-1]["filter_chains"][0]["filters"][0]["typed_config"].update(
                delayed_close_timeout="0.05s", **members)
        try:
            self.envoy = Envoy(bootstrap.bootstrap(listeners, clusters), directory)
        except BaseException:
            self._stop_server()
            raise
        self.port, self.hasty_port = self.envoy.ports["main"], self.envoy.ports["hasty"]

    @staticmethod
    def _route(backend, header):
        route = bootstrap.route(f"{backend}-{header}" if header else backend, 0)
        route["match"]["headers"] = [{"name": "x-ai-eg-model", "string_match": {"exact": backend}}]
        if header:
            route["match"]["headers"].append({"name": header, "present_match": True})
        return route

    def _cluster(self, backend, header, route, filters):
        port = free_port() if header == "x-nobody" else self.provider.port
        cluster = bootstrap.cluster(route["route"]["cluster"], [(backend, port)], filters)
        if header:
            options = cluster["typed_extension_protocol_options"][bootstrap.HTTP_OPTIONS]
            options["common_http_protocol_options"] = {"max_requests_per_connection": 1}
        return cluster

    def processes(self):
        return [self.envoy, *([self.server] if self.server else [])]

    def stop(self):
        self.envoy.check_running()
        codes = [self.envoy.stop(), self._stop_server()]
        assert codes == [0, 0], self.envoy.text()[-4000:]

    def _stop_server(self):
        return self.server.stop() if self.server else 0
