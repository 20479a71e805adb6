"""Spans and metrics at a collector, in both fronts; and a collector that is slow, down or wrong."""
import time

import pytest
from harness.client import Connection, ask, chat
from harness.collector import Collector
from harness.envoy import wait_for
from harness.metrics import scrape, total
from harness.provider import Provider
from test_metrics import Front, answer

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
        running[-1].provider = provider
        return running[-1]

    yield begin
    for one in running:
        one.stop()
    provider.close()


def send(front, body, **headers):
    with Connection(front.envoy.ports["main"]) as connection:
        return connection.send(body, headers=headers).read()


def test_spans_as_openinference(start, collector):
    front = start(collector.url, OTEL_SERVICE_NAME="mine", OTEL_RESOURCE_ATTRIBUTES="team=blue",
                  OTEL_EXPORTER_OTLP_HEADERS="x-key=secret%20key")
    send(front, chat("asked"), traceparent=PARENT, **{"agent-session-id": "session-9", "tracestate": "a=b"})
    send(front, chat("asked", stream=True))
    assert ask(front.envoy.ports["main"], chat("asked", "fail"))[0] == 429
    spans = wait_for(lambda: len(found := collector.spans()) == 3 and found, "three spans", 20)
    first, stream, failed = sorted(spans, key=lambda span: span.start_ns)

    assert (first.trace_id, first.parent_id) == (PARENT[3:35], PARENT[36:52])
    assert (first.name, first.kind, first.status) == ("ChatCompletion", 1, 1)
    assert 0 < first.end_ns - first.start_ns < 20e9 and abs(first.end_ns / 1e9 - time.time()) < 60
    wanted = {"openinference.span.kind": "LLM", "llm.system": "openai", "llm.model_name": "named",
              "llm.token_count.prompt": 12, "llm.token_count.completion": 5, "llm.token_count.total": 17,
              "session.id": "session-9", "aigw.backend": "primary", "aigw.attempts": 1}
    assert wanted.items() <= first.attributes.items(), first.attributes
    # The provider sees the gateway's span as its parent, and the client's state.
    header = front.provider.requests[0].header
    assert header("traceparent") == f"00-{first.trace_id}-{first.span_id}-01" and header("tracestate") == "a=b"

    assert not stream.parent_id and list(stream.events) == ["First Token Stream Event"]
    assert (failed.status, failed.description) == (2, "Error code: 429")
    assert failed.events["exception"] == {"exception.type": "RateLimitError", "exception.message": "Error code: 429"}
    assert {"service.name": "mine", "team": "blue"}.items() <= collector.resources()[0].items()
    assert collector.posts[0][1]["x-key"] == "secret key"
    sent = b"".join(post[2] for post in collector.posts)
    assert b"Hello" not in sent and b"sk-primary" not in sent


def test_spans_as_gen_ai_and_b3(start, collector):
    front = start(collector.url, AI_GATEWAY_TRACING_SEMCONV="gen_ai", OTEL_PROPAGATORS="b3")
    send(front, chat("asked"), b3="80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1")
    send(front, chat("asked"), b3="80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0")
    assert ask(front.envoy.ports["main"], chat("asked", "fail"))[0] == 429
    spans = wait_for(lambda: len(found := collector.spans()) == 2 and found, "two spans", 20)
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
    found = wait_for(lambda: name in (metrics := collector.metrics()) and metrics, "metrics", 20)
    unit, points = found[name]
    [point] = [point for point in points if point.attributes["gen_ai.token.type"] == "input"]
    assert unit == "token" and (point.count, point.sum, sum(point.buckets)) == (1, 12.0, 1)
    assert point.bounds[:3] == (1.0, 4.0, 16.0) and point.bounds[-1] == 67108864.0
    assert point.start_ns < point.time_ns and point.attributes["gen_ai.request.model"] == "over"
    assert found["gen_ai.server.request.duration"][0] == "s"
    assert [point.value for point in found["aigw.requests"][1]] == [1]
    assert collector.spans() == [] and front.provider.requests[0].header("traceparent") is None


@pytest.mark.parametrize("fault", ["slow", "down", "wrong"])
def test_a_collector_that_fails_costs_spans_only(start, collector, fault):
    url = collector.url
    if fault == "slow":
        collector.pause.clear()
    elif fault == "wrong":
        collector.status = 500
    else:
        collector.close()
    front = start(url, OTEL_BSP_MAX_QUEUE_SIZE="4", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="2",
                  OTEL_EXPORTER_OTLP_TIMEOUT="2000")
    begin = time.monotonic()
    for _ in range(20):
        send(front, chat("asked"))
    assert time.monotonic() - begin < 10, "requests did not wait for it"
    lost = lambda: total(scrape(front.port), "aigw_exports_dropped_total", exporter="traces")
    wait_for(lambda: lost() > 0, "it is counted", 20)
    assert total(scrape(front.port), "aigw_requests_total", outcome="answered") == 20
