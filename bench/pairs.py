#!/usr/bin/env python3
"""What each pair of a client's and a backend's language costs: CPU of an Envoy with our module over that of Envoy
alone, for a request of 1 KB with its answer, and for one event of a stream.

One Envoy has our module and a backend of every schema, the other has neither; both are asked the same, in turn, and
ratios are taken within a round. Envoy alone is answered in the client's language, so that it has as much to carry.

usage: ./dev bench pairs [--rounds 5] [--requests 800] [--only chat,converse]"""

import argparse
import asyncio
import base64
import binascii
import contextlib
import json
import os
import pathlib
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading

import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 2.5  # times Envoy alone, for 1 KB
EVENTS = 100  # text deltas of a stream
TICK = 0.002  # seconds between them; without a pause they would coalesce
STREAMS = 16  # at a time
GCP = {"gcp": {"region": "us-central1", "projectName": "p", "accessToken": "t"}}
AWS = {"aws": {"region": "us-east-1", "credentialFileLiteral": servers.AWS_CREDENTIALS}}
KEY = {"apiKey": {"key": "k"}}
# name: (schema, auth). The name is also the model by which the route is chosen.
BACKENDS = {
    "OpenAI": ({"name": "OpenAI"}, KEY),
    "OpenAIChat": ({"name": "OpenAIChat"}, KEY),
    "OpenAIResponses": ({"name": "OpenAIResponses"}, KEY),
    "AzureOpenAI": ({"name": "AzureOpenAI", "version": "2025-04-01-preview"}, {"azureAPIKey": {"key": "k"}}),
    "Anthropic": ({"name": "Anthropic"}, {"anthropicAPIKey": {"key": "k"}}),
    "AWSAnthropic": ({"name": "AWSAnthropic"}, AWS),
    "GCPAnthropic": ({"name": "GCPAnthropic"}, GCP),
    "AWSBedrock": ({"name": "AWSBedrock"}, AWS),
    "GCPVertexAI": ({"name": "GCPVertexAI"}, GCP),
    "GeminiAPI": ({"name": "GeminiAPI"}, KEY),
}
CLIENTS = ("chat", "messages", "responses", "generate", "converse")
PROSE = "A gateway sits between the programs that ask and the models that answer. "
ANSWER = (PROSE + "It counts: \"tokens in, tokens out\".\n") * 5
DELTA = " a few words of it"


def dump(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


# --- requests --------------------------------------------------------------------------------------------------------


def ask(client: str, model: str, stream: bool) -> tuple[str, bytes]:
    """Path and body of a request of about 1 KB."""
    turns = [("user", PROSE * 4), ("assistant", PROSE * 4), ("user", PROSE * 3)]
    if client == "chat":
        body = {"model": model, "messages": [{"role": role, "content": text} for role, text in turns],
                "temperature": 0.2, "max_tokens": 512}
        path = "/v1/chat/completions"
    elif client == "messages":
        body = {"model": model, "max_tokens": 512,
                "messages": [{"role": role, "content": text} for role, text in turns]}
        path = "/anthropic/v1/messages"
    elif client == "responses":
        body = {"model": model, "max_output_tokens": 512,
                "input": [{"role": role, "content": text} for role, text in turns]}
        path = "/v1/responses"
    elif client == "generate":
        body = {"contents": [{"role": "model" if role == "assistant" else role, "parts": [{"text": text}]}
                             for role, text in turns], "generationConfig": {"maxOutputTokens": 512}}
        action = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/{model}:{action}", dump(body)
    else:
        body = {"messages": [{"role": role, "content": [{"text": text}]} for role, text in turns],
                "inferenceConfig": {"maxTokens": 512}}
        return f"/model/{model}/converse" + ("-stream" if stream else ""), dump(body)
    if stream:
        body["stream"] = True
    return path, dump(body)


def message(client: str, model: str, stream: bool) -> bytes:
    path, body = ask(client, model, stream)
    head = [f"POST {path} HTTP/1.1", "host: gateway.example", "content-type: application/json", "accept: */*",
            "user-agent: bench", "authorization: Bearer of-the-client", f"content-length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


# --- answers ---------------------------------------------------------------------------------------------------------


def frame(kind: str, value) -> bytes:
    """A message of an AWS event stream."""
    headers = b""
    for name, text in ((":event-type", kind), (":content-type", "application/json"), (":message-type", "event")):
        headers += struct.pack(f">B{len(name)}sBH", len(name), name.encode(), 7, len(text)) + text.encode()
    payload = dump(value)
    start = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = start + struct.pack(">I", binascii.crc32(start)) + headers + payload
    return whole + struct.pack(">I", binascii.crc32(whole))


def named(event: dict) -> bytes:
    return b"event: " + event["type"].encode() + b"\ndata: " + dump(event) + b"\n\n"


def data(event: dict) -> bytes:
    return b"data: " + dump(event) + b"\n\n"


def chat_answer(stream: bool):
    usage = {"prompt_tokens": 219, "completion_tokens": 112, "total_tokens": 331}
    head = {"id": "c", "object": "chat.completion.chunk" if stream else "chat.completion", "created": 1741569952,
            "model": "m"}
    if not stream:
        return dump({**head, "choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWER},
                                          "finish_reason": "stop"}], "usage": usage})

    def chunk(delta, reason=None):
        return data({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})

    return [chunk({"role": "assistant", "content": ""})], chunk({"content": DELTA}), [
        chunk({}, "stop"), data({**head, "choices": [], "usage": usage}), b"data: [DONE]\n\n"]


def messages_answer(stream: bool, wrap=named):
    usage = {"input_tokens": 219, "output_tokens": 112}
    head = {"id": "m", "type": "message", "role": "assistant", "model": "m"}
    if not stream:
        return dump({**head, "content": [{"type": "text", "text": ANSWER}], "stop_reason": "end_turn",
                     "stop_sequence": None, "usage": usage})
    return [wrap({"type": "message_start", "message": {**head, "content": [], "stop_reason": None,
                                                       "stop_sequence": None, "usage": usage}}),
            wrap({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})], wrap(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": DELTA}}), [
        wrap({"type": "content_block_stop", "index": 0}),
        wrap({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
              "usage": {"output_tokens": 112}}), wrap({"type": "message_stop"})]


def responses_answer(stream: bool):
    part = {"type": "output_text", "text": ANSWER, "annotations": []}
    item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    response = {"id": "resp_1", "object": "response", "created_at": 1741569952, "status": "completed", "model": "m",
                "output": [item], "usage": {"input_tokens": 219, "output_tokens": 112, "total_tokens": 331}}
    if not stream:
        return dump(response)
    at = {"item_id": "msg_1", "output_index": 0}
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    return [named({"type": "response.created", "sequence_number": 0, "response": begun}),
            named({"type": "response.output_item.added", "sequence_number": 1, "output_index": 0,
                   "item": {**item, "content": [], "status": "in_progress"}}),
            named({"type": "response.content_part.added", "sequence_number": 2, **at, "content_index": 0,
                   "part": {**part, "text": ""}})], named(
        {"type": "response.output_text.delta", "sequence_number": 3, **at, "content_index": 0, "delta": DELTA}), [
        named({"type": "response.output_item.done", "sequence_number": 4, "output_index": 0, "item": item}),
        named({"type": "response.completed", "sequence_number": 5, "response": response})]


def gemini_answer(stream: bool):
    def item(text, last):
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        whole = {"candidates": [candidate], "modelVersion": "m", "responseId": "r"}
        if last:
            candidate["finishReason"] = "STOP"
            whole["usageMetadata"] = {"promptTokenCount": 219, "candidatesTokenCount": 112, "totalTokenCount": 331}
        return whole

    if not stream:
        return dump(item(ANSWER, True))
    return [], data(item(DELTA, False)), [data(item("", True))]


def converse_answer(stream: bool):
    end = {"usage": {"inputTokens": 219, "outputTokens": 112, "totalTokens": 331}, "metrics": {"latencyMs": 412}}
    if not stream:
        return dump({**end, "output": {"message": {"content": [{"text": ANSWER}], "role": "assistant"}},
                     "stopReason": "end_turn"})
    return [frame("messageStart", {"role": "assistant"})], frame(
        "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": DELTA}}), [
        frame("contentBlockStop", {"contentBlockIndex": 0}), frame("messageStop", {"stopReason": "end_turn"}),
        frame("metadata", end)]


def chunked(event: dict) -> bytes:
    return frame("chunk", {"bytes": base64.b64encode(dump(event)).decode()})


SSE = "text/event-stream"
FRAMES = "application/vnd.amazon.eventstream"
LANGUAGES = {
    "chat": (chat_answer, SSE), "messages": (messages_answer, SSE), "responses": (responses_answer, SSE),
    "gemini": (gemini_answer, SSE), "converse": (converse_answer, FRAMES),
    "invoke": (lambda stream: messages_answer(stream, chunked), FRAMES),
}
ANSWERS = {(language, stream): make(stream) for language, (make, _) in LANGUAGES.items() for stream in (False, True)}


def language_of(path: str, body: bytes) -> tuple[str, bool]:
    if "/converse" in path:
        return "converse", path.endswith("-stream")
    if "/invoke" in path:
        return "invoke", path.endswith("with-response-stream")
    if ":rawPredict" in path or ":streamRawPredict" in path:
        return "messages", ":stream" in path
    if "enerateContent" in path:
        return "gemini", ":stream" in path
    kind = "responses" if "/responses" in path else "messages" if "/messages" in path else "chat"
    return kind, b'"stream":true' in body


class Upstream:
    """Answers in the language of the path that it is asked by, in a thread of its own."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self.server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=200))
        self.port = self.server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def _serve(self, reader, writer):
        writer.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = int(head.lower().split("\r\ncontent-length: ")[1].split("\r\n")[0])
                body = await reader.readexactly(length)
                await self._answer(writer, *language_of(head.split(" ")[1], body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @staticmethod
    async def _answer(writer, language: str, stream: bool):
        answer = ANSWERS[language, stream]
        if not stream:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                         % (len(answer), answer))
            return
        kind = LANGUAGES[language][1].encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: " + kind + b"\r\ntransfer-encoding: chunked\r\n\r\n")
        first, delta, last = answer
        for event in [*first, *[delta] * EVENTS, *last]:
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
            await asyncio.sleep(TICK)
        writer.write(b"0\r\n\r\n")


# --- load ------------------------------------------------------------------------------------------------------------


def read_answer(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 16)
    head, _, body = received.partition(b"\r\n\r\n")
    lower = head.lower()
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{head[:300]!r} {body[:500]!r}")
    if b"content-length: " in lower:
        length = int(lower.split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(1 << 16)
        return body
    while not body.endswith(b"0\r\n\r\n"):
        body += connection.recv(1 << 16)
    return body


def repeat(port: int, request: bytes, times: int, sizes: set) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            connection.sendall(request)
            sizes.add(len(read_answer(connection)) > 200)


def load(port: int, request: bytes, times: int, at_once: int) -> None:
    """Every answer is a 200 with something in it."""
    sizes, failed = set(), []

    def one():
        try:
            repeat(port, request, times // at_once, sizes)
        except Exception as error:  # of a thread
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed or sizes != {True}:
        raise RuntimeError(f"{failed[:1]} {sizes}")


# --- Envoys ----------------------------------------------------------------------------------------------------------


def cluster(name: str, upstream_port: int, filters: list) -> dict:
    codec = servers.typed("envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec")
    endpoint = {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": upstream_port}}},
                "metadata": {"filter_metadata": {"aigateway.envoy.io": {"per_route_rule_backend_name": name}}}}
    return {"name": name, "type": "STATIC", "connect_timeout": "5s",
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
            "typed_extension_protocol_options": {servers.HTTP_OPTIONS: servers.typed(
                servers.HTTP_OPTIONS, explicit_http_config={"http_protocol_options": {}},
                http_filters=[*filters, {"name": "envoy.filters.http.upstream_codec", "typed_config": codec}])}}


def bootstrap(port: int, upstream_port: int, library: pathlib.Path | None, document: pathlib.Path) -> dict:
    routes, clusters, filters = [], [], []
    names = list(BACKENDS) if library else ["alone"]
    for name in names:
        match = {"prefix": "/"}
        if library:
            match["headers"] = [{"name": "x-ai-eg-model", "string_match": {"exact": name}}]
        routes.append({"match": match, "route": {"cluster": name, "timeout": "0s", "idle_timeout": "300s"}})
        inside = [servers.module_filter("ai_gateway.upstream", library, {})] if library else []
        clusters.append(cluster(name, upstream_port, inside))
    if library:
        filters.append(servers.module_filter("ai_gateway.router", library, {"configPath": str(document)}))
    filters.append({"name": "envoy.filters.http.router", "typed_config": servers.typed(
        "envoy.extensions.filters.http.router.v3.Router", suppress_envoy_headers=True)})
    manager = servers.typed(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", stat_prefix="bench",
        use_remote_address=True, http_filters=filters,
        route_config={"virtual_hosts": [{"name": "any", "domains": ["*"], "routes": routes}]})
    listener = {"name": "bench", "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
                "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager",
                                                "typed_config": manager}]}]}
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


class Envoy(servers.Process):
    def __init__(self, options, library, upstream_port, work: pathlib.Path, under: tuple = ()):
        """`under`: the command of a tool that Envoy runs in."""
        name = "ours" if library else "alone"
        self.port = servers.free_port()
        document = work / "document.json"
        document.write_text(json.dumps({
            "globalLLMRequestCosts": [{"metadataKey": key, "type": kind} for key, kind in servers.COSTS.items()],
            "backends": [{"name": one, "schema": schema, "auth": auth} for one, (schema, auth) in BACKENDS.items()]}))
        path = work / f"{name}.json"
        path.write_text(json.dumps(bootstrap(self.port, upstream_port, library, document)))
        super().__init__([*under, options.envoy, "-c", path, "--concurrency", "1", "--disable-hot-restart",
                          "-l", "error"], work / f"{name}.log", stdout=subprocess.DEVNULL)
        for _ in range(600 if not under else 6000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            threading.Event().wait(0.05)
        raise RuntimeError(self.log.read_text())

    def cost(self, request: bytes, times: int, at_once: int) -> float:
        """Microseconds of CPU a request."""
        before = servers.cpu_seconds_of(self.pid)
        load(self.port, request, times, at_once)
        return (servers.cpu_seconds_of(self.pid) - before) / times * 1e6


def lanes(aigw: pathlib.Path) -> dict:
    """(client, schema): lane, of the cells of conversations."""
    names = {"/v1/chat/completions": "chat", "/v1/messages": "messages", "/v1/responses": "responses",
             "/v1beta/models/{model}:generateContent": "generate", "/model/{model}/converse": "converse"}
    rows = json.loads(subprocess.run([aigw, "matrix", "--json"], check=True, capture_output=True, cwd="/").stdout)
    return {(names[row["endpoint"]], row["backend"]): row["lane"] for row in rows if row["endpoint"] in names}


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure(options, ours: Envoy, alone: Envoy) -> dict:
    """(client, backend): medians of the ratios for a request and for an event, and of the microseconds of both."""
    found = {}
    cells = lanes(options.aigw)
    for client in options.only:
        backends = [name for name in BACKENDS if (client, name) in cells]
        rounds = {name: [] for name in backends}
        whole = {name: message(client, name, False) for name in backends}
        stream = {name: message(client, name, True) for name in backends}
        streams = STREAMS * options.streams
        for index in range(-1, options.rounds):  # the first one warms up
            base = alone.cost(whole[backends[0]], options.requests, 4)
            base_stream = (alone.cost(stream[backends[0]], streams, STREAMS) - base) / EVENTS
            for name in backends[index:] + backends[:index]:
                request = ours.cost(whole[name], options.requests, 4)
                event = (ours.cost(stream[name], streams, STREAMS) - request) / EVENTS
                if index >= 0:
                    rounds[name].append((request / base, event / base_stream, request, event))
            progress(f"{client}: round {index + 1} of {options.rounds}")
        for name, values in rounds.items():
            found[client, name] = (cells[client, name], *[statistics.median(column) for column in zip(*values)])
    progress("")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench pairs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=800, help="of 1 KB, a pair and round")
    parser.add_argument("--streams", type=int, default=2, help=f"times {STREAMS}, a pair and round")
    parser.add_argument("--only", default=",".join(CLIENTS), help="clients")
    parser.add_argument("--envoy", default=os.environ.get("AIGW_ENVOY"))
    parser.add_argument("--module", type=pathlib.Path,
                        default=os.environ.get("AIGW_MODULE", ROOT / "build" / "libaigateway.so"))
    parser.add_argument("--aigw", default=os.environ.get("AIGW_BINARY", ROOT / "build" / "aigw"))
    options = parser.parse_args()
    options.only = options.only.split(",")
    with tempfile.TemporaryDirectory(prefix="aigw-pairs-") as work, contextlib.ExitStack() as stack:
        upstream = Upstream()
        envoys = []
        for library in (pathlib.Path(options.module).resolve(), None):
            envoys.append(Envoy(options, library, upstream.port, pathlib.Path(work)))
            stack.callback(envoys[-1].stop)
        found = measure(options, *envoys)
    print(f"CPU of Envoy with our module over Envoy alone; medians of {options.rounds} rounds, load "
          f"{os.getloadavg()[0]:.1f}\n")
    print("| client | backend | lane | 1 KB | us | an event | us |\n|---|---|---|---|---|---|---|")
    for (client, name), (lane, request, event, request_us, event_us) in found.items():
        print(f"| {client} | {name} | {lane} | {request:.2f} | {request_us:.0f} | {event:.2f} | {event_us:.1f} |")
    above = [f"{client} to {name}" for (client, name), (_, request, *_) in found.items() if request > LIMIT]
    print(f"\nnone above {LIMIT} at 1 KB" if not above else f"\nabove {LIMIT} at 1 KB: {', '.join(above)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
