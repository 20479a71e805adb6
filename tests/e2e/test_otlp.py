"""Spans and metrics at a collector, in both fronts; and a collector that is slow, down or wrong."""
import json
import socket
import ssl
import threading
import time
import urllib.parse

import grpc
import pytest
from harness.certificates import Authority
from harness.client import Connection, ask, chat
from harness.collector import Collector
from harness.envoy import json_lines, wait_for
from harness.metrics import scrape, total, values
from harness.provider import Provider
from harness.story import differences
from test_metrics import SAID, Front, answer

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector():
    one = Collector()
    yield one
    one.close()


@pytest.fixture(params=["module", "extproc"])
def start(request, tmp_path, start_envoy, monkeypatch):
    """start(**environment) is a front whose exporters have this environment."""
    provider = Provider(answer)
    running = []

    def begin(url, **environment):
        for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_BSP_SCHEDULE_DELAY": "50",
                            "OTEL_METRIC_EXPORT_INTERVAL": "200", **environment}.items():
            monkeypatch.setenv(name, value)
        running.append(Front(request.param, tmp_path, start_envoy, provider))
        running[-1].provider, running[-1].kind = provider, request.param
        return running[-1]

    yield begin
    for one in running:
        one.stop()
    provider.close()


def send(front, body, **headers):
    with Connection(front.envoy.ports["main"]) as connection:
        return connection.send(body, headers=headers).read()


def test_spans_as_openinference(start, collector):
    began = time.time()
    front = start(collector.url, OTEL_SERVICE_NAME="mine", OTEL_RESOURCE_ATTRIBUTES="team=blue",
                  OTEL_EXPORTER_OTLP_HEADERS="x-key=secret%20key")
    send(front, chat("asked"), traceparent=PARENT, **{"agent-session-id": "session-9", "tracestate": "a=b"})
    send(front, chat("asked", stream=True))
    assert ask(front.envoy.ports["main"], chat("asked", "fail"))[0] == 429
    spans = wait_for(lambda: len(found := collector.spans()) == 3 and found, "three spans")
    first, stream, failed = sorted(spans, key=lambda span: span.start_ns)

    assert (first.trace_id, first.parent_id) == (PARENT[3:35], PARENT[36:52])
    assert (first.name, first.kind, first.status) == ("ChatCompletion", 1, 1)
    assert began <= first.start_ns / 1e9 < first.end_ns / 1e9 <= time.time()
    wanted = {"openinference.span.kind": "LLM", "llm.system": "openai", "llm.model_name": "named",
              "llm.token_count.prompt": 12, "llm.token_count.completion": 5, "llm.token_count.total": 17,
              "session.id": "session-9", "aigw.backend": "primary", "aigw.attempts": 1}
    assert wanted.items() <= first.attributes.items(), first.attributes
    # The provider sees the gateway's span as its parent, and the client's state.
    header = front.provider.requests[0].header
    assert header("traceparent") == f"00-{first.trace_id}-{first.span_id}-01" and header("tracestate") == "a=b"

    assert not stream.parent_id and list(stream.events) == ["First Token Stream Event"]
    assert (failed.status, failed.description) == (2, 'Error code: 429 - {"error": {"message": "no"}}')
    assert failed.events["exception"] == {"exception.type": "RateLimitError",
                                          "exception.message": failed.description}
    assert {"service.name": "mine", "team": "blue"}.items() <= collector.resources()[0].items()
    assert collector.posts[0][1]["x-key"] == "secret key"
    assert b"sk-primary" not in b"".join(post[2] for post in collector.posts)


@pytest.mark.parametrize("convention", ["openinference", "gen_ai"])
def test_the_span_of_a_stream_that_ends_in_an_error(start, collector, convention):
    front = start(collector.url, AI_GATEWAY_TRACING_SEMCONV=convention)
    assert SAID in send(front, chat("asked", "break", stream=True)).decode()
    [span] = wait_for(collector.spans, "a span")
    assert (span.status, span.description) == (2, "the provider's stream ended in an error: server_error")
    if convention == "gen_ai":
        assert span.attributes["error.type"] == "server_error" and span.attributes["gen_ai.usage.input_tokens"] == 12
    else:
        assert span.events["exception"]["exception.message"] == span.description
        assert span.attributes["llm.token_count.prompt"] == 12


def test_a_list_of_models_has_its_span(start, collector):
    front = start(collector.url, OTEL_METRICS_EXPORTER="none")
    with Connection(front.envoy.ports["main"]) as connection:
        assert connection.send(None, path="/v1/models", method="GET", headers={"traceparent": PARENT}).read()
    [span] = wait_for(collector.spans, "a span")
    assert (span.name, span.status, span.trace_id) == ("ListModels", 1, PARENT[3:35])
    assert span.attributes["openinference.span.kind"] == "CHAIN" and "input.value" not in span.attributes


def test_spans_as_gen_ai_and_b3(start, collector):
    front = start(collector.url, AI_GATEWAY_TRACING_SEMCONV="gen_ai", OTEL_PROPAGATORS="b3")
    send(front, chat("asked"), b3="80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1")
    send(front, chat("asked"), b3="80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0")
    assert ask(front.envoy.ports["main"], chat("asked", "fail"))[0] == 429
    spans = wait_for(lambda: len(found := collector.spans()) == 2 and found, "two spans")
    first, failed = sorted(spans, key=lambda span: span.start_ns)
    assert (first.name, first.kind, first.trace_id) == ("chat asked", 3, "80f198ee56343ba864fe8b2a57d3eff7")
    wanted = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "asked",
              "gen_ai.response.model": "named", "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 5}
    assert wanted.items() <= first.attributes.items(), first.attributes
    assert failed.attributes["error.type"] == "429" and not failed.events
    assert front.provider.requests[1].header("b3").endswith("-0"), "what is not recorded is passed on as such"
    assert front.provider.requests[0].header("traceparent") is None


def test_metrics(start, collector):
    front = start(collector.url, OTEL_TRACES_EXPORTER="none")
    send(front, chat("asked"))
    name = "gen_ai.client.token.usage"
    # A request is counted bit by bit, and an export may come between.
    names = {name, "gen_ai.server.request.duration", "aigw.requests"}
    found = wait_for(lambda: names <= set(metrics := collector.metrics()) and metrics, "metrics")
    unit, points = found[name]
    [point] = [point for point in points if point.attributes["gen_ai.token.type"] == "input"]
    assert unit == "token" and (point.count, point.sum, sum(point.buckets)) == (1, 12.0, 1)
    assert point.bounds[:3] == (1.0, 4.0, 16.0) and point.bounds[-1] == 67108864.0
    assert point.start_ns < point.time_ns and point.attributes["gen_ai.request.model"] == "over"
    assert found["gen_ai.server.request.duration"][0] == "s"
    assert [point.value for point in found["aigw.requests"][1]] == [1]
    assert collector.spans() == [] and front.provider.requests[0].header("traceparent") is None


HANGS = 100  # seconds that the exporter waits for a collector that is slow
AT_ONCE = 40  # seconds, on a machine that has other things to do


def start_with_failing(start, collector, fault, **environment):
    """A front whose collector is slow, down or wrong."""
    url = collector.url
    if fault == "slow":
        collector.pause.clear()
    elif fault == "wrong":
        collector.status = 500
    else:
        collector.close()
    return start(url, OTEL_BSP_MAX_QUEUE_SIZE="4", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="2",
                 OTEL_EXPORTER_OTLP_TIMEOUT=str(HANGS * 1000), **environment)


def ask_without_waiting(front):
    begin = time.monotonic()
    for _ in range(20):
        send(front, chat("asked"))
    assert time.monotonic() - begin < AT_ONCE, "requests did not wait for it"
    lost = lambda: total(scrape(front.port), "aigw_exports_dropped_total", exporter="traces")
    wait_for(lambda: lost() > 0, "it is counted")


@pytest.mark.parametrize("fault", ["slow", "down", "wrong"])
def test_a_collector_that_fails_costs_spans_only(start, collector, fault):
    front = start_with_failing(start, collector, fault)
    ask_without_waiting(front)
    wait_for(lambda: total(scrape(front.port), "aigw_requests_total", outcome="answered") == 20, "all are answered")


def log_of(front):
    return (front.server or front.envoy).text()


@pytest.mark.parametrize("traces_only", [False, True])
def test_grpc(start, traces_only):
    other, collector = Collector(), Collector(grpc=True)
    environment = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
                   "OTEL_EXPORTER_OTLP_HEADERS": "X-Key=secret%20key"}
    if not traces_only:
        environment |= {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.url}
    front = start(other.url, **environment)
    send(front, chat("asked"))
    if front.kind == "module":
        # It carries no gRPC, says so, and goes on.
        assert "the module speaks http/protobuf only, grpc is for the ext_proc server; TRACES" in log_of(front)
        if traces_only:
            wait_for(other.metrics, "the other signal is exported")
        time.sleep(0.5)
        assert not collector.posts and not other.spans()
    else:
        [span] = wait_for(collector.spans, "a span")
        assert span.attributes["llm.model_name"] == "named" and collector.posts[0][1]["x-key"] == "secret key"
        where = other if traces_only else collector
        name = "gen_ai.client.token.usage"
        wait_for(lambda: name in where.metrics(), "metrics")
        assert not other.spans()
    other.close()
    collector.close()


class Counting:
    """Passes connections on, and counts the bytes that go to the server."""

    def __init__(self, url):
        self.bytes = 0
        to = urllib.parse.urlsplit(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{to.scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, args=((to.hostname, to.port),), daemon=True).start()

    def _serve(self, address):
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(address)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink, sink is server), daemon=True).start()

    def _pass(self, source, sink, counts):
        try:
            while piece := source.recv(65536):
                self.bytes += len(piece) if counts else 0
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self._listener.close()


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("compression", ["gzip", "none", "zstd"])
def test_what_is_sent_is_compressed(start, protocol, compression):
    collector = Collector(grpc=protocol == "grpc")
    counting = Counting(collector.url)
    front = start(counting.url, OTEL_EXPORTER_OTLP_PROTOCOL=protocol, OTEL_EXPORTER_OTLP_TRACES_COMPRESSION=compression,
                  OTEL_METRICS_EXPORTER="none")
    if front.kind == "module" and protocol == "grpc":
        pytest.skip(differences()["no-grpc-export"])
    prompt = "again and " * 20_000
    send(front, chat("asked", prompt))
    [span] = wait_for(collector.spans, "a span")
    assert span.attributes["llm.input_messages.0.message.content"] == prompt
    assert counting.bytes < 20_000 if compression == "gzip" else counting.bytes > 200_000
    if protocol != "grpc":
        assert collector.posts[0][1].get("content-encoding") == ("gzip" if compression == "gzip" else None)
    said = "OTEL_EXPORTER_OTLP_COMPRESSION: there is no zstd, only gzip and none; TRACES go uncompressed"
    assert (said in log_of(front)) == (compression == "zstd")
    counting.close()
    collector.close()


def test_metrics_are_compressed(start, collector):
    front = start(collector.url, OTEL_EXPORTER_OTLP_COMPRESSION="gzip", OTEL_EXPORTER_OTLP_TRACES_COMPRESSION="none")
    send(front, chat("asked"))
    wait_for(lambda: collector.metrics() and collector.spans(), "both")
    coding = {path: headers.get("content-encoding") for path, headers, _ in collector.posts}
    assert coding == {"/v1/metrics": "gzip", "/v1/traces": None}


@pytest.mark.parametrize("fault", ["slow", "down", "wrong"])
def test_a_collector_over_grpc_that_fails_costs_spans_only(start, fault):
    collector = Collector(grpc=True)
    front = start_with_failing(start, collector, fault, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    if front.kind == "module":
        pytest.skip(differences()["no-grpc-export"])
    ask_without_waiting(front)
    begin = time.monotonic()
    front.stop()
    assert time.monotonic() - begin < AT_ONCE, "nobody waits for it at the end either"
    collector.close()


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("trust", ["both", "no client", "stranger"])
def test_a_collector_behind_tls(start, tmp_path, protocol, trust):
    authority = Authority(tmp_path)
    context = authority.server("localhost")
    authority.server("client")
    file = lambda name: (tmp_path / name).read_bytes()
    if protocol == "grpc":
        collector = Collector(grpc=grpc.ssl_server_credentials([(file("localhost.key"), file("localhost.pem"))],
                                                               file("ca.pem"), require_client_auth=True))
    else:
        context.load_verify_locations(authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        collector = Collector(tls=context)
    environment = {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(authority.certificate)}
    if trust == "both":
        environment |= {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(tmp_path / "client.pem"),
                        "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(tmp_path / "client.key")}
    elif trust == "stranger":
        (tmp_path / "other").mkdir()
        environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = str(Authority(tmp_path / "other").certificate)
    front = start(collector.url.replace("127.0.0.1", "localhost"), OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
                  OTEL_METRICS_EXPORTER="none", OTEL_EXPORTER_OTLP_TIMEOUT="30000", **environment)
    if front.kind == "module" and protocol == "grpc":
        pytest.skip(differences()["no-grpc-export"])
    send(front, chat("asked"))
    if trust == "both":
        [span] = wait_for(collector.spans, "a span")
        assert span.name == "ChatCompletion"
    else:
        wait_for(lambda: total(scrape(front.port), "aigw_exports_dropped_total", exporter="traces") == 1, "it is lost")
        assert not collector.posts
    collector.close()


def test_deltas(start, collector):
    collector.temporality = 1
    front = start(collector.url, OTEL_TRACES_EXPORTER="none",
                  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta")
    name = "gen_ai.client.token.usage"

    def points():
        return [point for export in collector.exports() for point in export.get(name, ("", []))[1]
                if point.attributes["gen_ai.token.type"] == "input"]

    def counted():
        """What is counted last of a request, but for its costs."""
        return sum(point.value for export in collector.exports() for point in export.get("aigw.requests", ("", []))[1])

    def cost():
        return sum(point.value for export in collector.exports() for point in export.get("aigw.cost", ("", []))[1])

    for count in (1, 2, 3):
        send(front, chat("asked"))
        wait_for(lambda: (sum(point.count for point in points()), counted(), cost()) == (count, count, 17 * count),
                 f"request {count} is told")
    exported = len(collector.exports())
    told = points()
    assert len(told) == 3 and {point.sum / point.count for point in told} == {12.0}
    assert all(before.time_ns <= after.start_ns for before, after in zip(told, told[1:]))
    time.sleep(0.6)
    assert (len(points()), len(collector.exports())) == (len(told), exported), "what is unchanged is not told again"


FORMS = {
    "b3multi": {"x-b3-traceid": PARENT[3:35], "x-b3-spanid": PARENT[36:52], "x-b3-sampled": "1"},
    "jaeger": {"uber-trace-id": f"{PARENT[3:35]}:{PARENT[36:52]}:0:1"},
    "xray": {"x-amzn-trace-id": f"Root=1-{PARENT[3:11]}-{PARENT[11:35]};Parent={PARENT[36:52]};Sampled=1"},
    "ottrace": {"ot-tracer-traceid": PARENT[19:35], "ot-tracer-spanid": PARENT[36:52], "ot-tracer-sampled": "true"},
}


@pytest.mark.parametrize("form", FORMS)
def test_propagators(start, collector, form):
    front = start(collector.url, OTEL_PROPAGATORS=f"{form},baggage", OTEL_METRICS_EXPORTER="none")
    send(front, chat("asked"), baggage="who=me", **FORMS[form])
    [span] = wait_for(collector.spans, "a span")
    assert span.trace_id.endswith(PARENT[19:35]) and span.parent_id == PARENT[36:52]
    header = front.provider.requests[0].header
    for name, value in FORMS[form].items():
        assert header(name) == value.replace(PARENT[36:52], span.span_id), name
    assert header("baggage") == "who=me" and header("traceparent") is None


def console_span(front):
    """Of the request that came with PARENT."""
    spans = lambda: [line for line in json_lines((front.server or front.envoy).log)
                     if line.get("trace_id") == PARENT[3:35]]
    return wait_for(spans, "a span")[0]


def test_the_console(start):
    front = start("http://127.0.0.1:1", OTEL_TRACES_EXPORTER="console", OTEL_METRICS_EXPORTER="console")
    send(front, chat("asked"), traceparent=PARENT)
    span = console_span(front)
    assert (span["parent_id"], span["model"]) == (PARENT[36:52], "asked")
    wait_for(lambda: "gen_ai_client_token_usage_bucket" in log_of(front), "metrics")


@pytest.mark.parametrize("hidden", [False, True])
def test_the_console_shows_what_a_collector_would_get(start, collector, hidden):
    environment = {"OPENINFERENCE_HIDE_INPUTS": "true", "OPENINFERENCE_HIDE_OUTPUTS": "true"} if hidden else {}
    body = chat("asked", "a question\n\"quoted\"", temperature=0.5)
    told = start(collector.url, OTEL_METRICS_EXPORTER="none", **environment)
    send(told, body)
    [wanted] = wait_for(collector.spans, "a span")
    front = start("http://127.0.0.1:1", OTEL_TRACES_EXPORTER="console", OTEL_METRICS_EXPORTER="none", **environment)
    send(front, body, traceparent=PARENT)
    span = console_span(front)
    shown = span["attributes"]
    assert len(shown) > 8 and ("a question" in json.dumps(shown)) != hidden
    own = ("aigw.request_id",)
    assert {key: value for key, value in shown.items() if key not in own} == {
        key: list(value) if isinstance(value, tuple) else value for key, value in wanted.attributes.items()
        if key not in own}


def test_what_is_measured(start):
    front = start("", OTEL_SERVICE_NAME="mine", OTEL_RESOURCE_ATTRIBUTES="team=blue,deployment.environment=a%22b")
    [labels] = [series for series in scrape(front.port) if series[0] == "target_info"]
    assert values(scrape(front.port), "target_info", service_name="mine", team="blue",
                  deployment_environment=r'a\"b', telemetry_sdk_name="aigw") == [1], labels


@pytest.mark.parametrize("convention", ["openinference", "gen_ai"])
def test_a_request_id_finds_its_span_and_its_exemplar(start, collector, convention):
    front = start(collector.url, AI_GATEWAY_TRACING_SEMCONV=convention)
    send(front, chat("asked"))
    [span] = wait_for(collector.spans, "a span")
    identified = (span.attributes["aigw.request_id"], span.trace_id, span.span_id)
    with Connection(front.port) as connection:
        text = connection.send(None, path="/metrics", method="GET",
                               headers={"accept": "application/openmetrics-text"}).read().decode()
    assert '# {request_id="%s",trace_id="%s",span_id="%s"} ' % identified in text
    for name in ("aigw.request.duration", "gen_ai.server.request.duration"):
        # A value is counted before its exemplar is put down.
        [point] = wait_for(lambda: [point for point in collector.metrics().get(name, ("", []))[1] if point.exemplars],
                           "metrics")
        [exemplar] = point.exemplars
        assert (exemplar.attributes["aigw.request_id"], exemplar.trace_id, exemplar.span_id) == identified
        assert 0 < exemplar.value <= point.sum * 1.001 and point.start_ns <= exemplar.time_ns <= point.time_ns
    assert "# TYPE target info" in text
