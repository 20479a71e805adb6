"""The access log of `aigw run`: each request has one line of JSON, with the same members whoever writes it."""
import datetime
import json
import time

import pytest
from harness import document
from harness.client import Connection, ask, chat
from harness.envoy import json_lines, wait_for
from harness.provider import Answer

AGENT = "a \"quoted\" \\ agent\t\u00e9"
USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
COSTS = [{"metadataKey": f"llm_{kind.lower()}_token", "type": f"{kind}Token"} for kind in ("Input", "Output", "Total")]


def of_path(log, path):
    """The only line of a request for this path."""
    lines = wait_for(lambda: [one for one in json_lines(log) if one["request.path"] == path], f"the line of {path}")
    [line] = lines
    return line


def check_time(line, since):
    """It began after that, and its text has the one form."""
    began = datetime.datetime.strptime(line["start_time"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    assert int(since) <= began <= time.time() and len(line["start_time"]) == 24, line


def of_chat(log):
    return [one for one in json_lines(log) if one["request.path"] == "/v1/chat/completions"]


@pytest.fixture
def written(start_aigw, provider, tmp_path):
    """(a gateway, its access log)"""
    config, log = tmp_path / "gateway.yaml", tmp_path / "access.log"
    config.write_text(json.dumps({
        "globalLLMRequestCosts": COSTS,
        "backends": [document.backend(key="sk-1")],
        "routes": [{"name": "all", "models": ["*"], "backends": [{"name": "primary"}], "retries": 1}],
        "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{provider.port}"}]}))
    return start_aigw("-c", config, "--access-log", log), log


def test_a_line_of_each_kind_of_request(written, provider):
    running, log = written
    since = time.time()
    provider.answer = lambda request: Answer.json({"model": "m-\"1\"", "choices": [], "usage": USAGE})
    with Connection(running.port) as connection:
        assert connection.ask(chat(), path="/v1/chat/completions?key=secret", headers={
            "user-agent": AGENT.encode().decode("latin-1"), "x-request-id": "one-\"1\""})[0] == 200
    line = of_path(log, "/v1/chat/completions")
    said = {"method": "POST", "response_code": 200, "response_code_details": "via_upstream", "response_flags": "-",
            "attempts": 1, "user-agent": AGENT, "gen_ai.request.model": "m",
            "gen_ai.response.model": "m-\"1\"", "gen_ai.provider.name": "primary", "gen_ai.usage.input_tokens": 7,
            "gen_ai.usage.output_tokens": 5, "gen_ai.usage.total_tokens": 12, "gen_ai.usage.cached_input_tokens": None,
            "upstream_cluster": "route/all", "upstream_transport_failure_reason": None}
    assert {name: line[name] for name in said} == said and line["duration"] >= 0 and line["bytes_sent"] > 0
    check_time(line, since)
    assert "secret" not in log.read_text()

    # Of what the gateway does not answer from its first attempt, Envoy writes all.
    assert ask(running.port, b"{", path="/v1/completions")[0] == 400
    assert ask(running.port, chat(), path="/nowhere")[0] == 404
    tries = iter([Answer.json({"error": {}}, status=503)])
    provider.answer = lambda request: next(tries, Answer.json({"data": [], "model": "m", "usage": USAGE}))
    embedding = json.dumps({"model": "m", "input": "x"}).encode()
    assert ask(running.port, embedding, path="/v1/embeddings", headers={"user-agent": "a\"b"})[0] == 200
    for path, status, attempts in (("/v1/completions", 400, None), ("/nowhere", 404, None), ("/v1/embeddings", 200, 2)):
        other = of_path(log, path)
        assert set(other) == set(line) and other["response_code"] == status, other
        assert (other["attempts"] or None) == attempts, other
        check_time(other, since)
    assert other["gen_ai.usage.input_tokens"] == 7 and other["user-agent"] == "a\"b"

    # Nor is a stream that ends in an error an answer.
    event = b"data: %s\n\n" % json.dumps({"model": "m", "choices": [], "usage": USAGE}).encode()
    provider.answer = lambda request: Answer.events([event, b'data: {"error":{"message":"no"}}\n\n'])
    with Connection(running.port) as connection:
        assert b'"no"' in connection.send(chat(stream=True)).read()
    # One of the lines of this path is that of the first request.
    lines = wait_for(lambda: len(found := of_chat(log)) == 2 and found, "its line")
    assert set(lines[1]) == set(line) and lines[1]["response_code"] == 200, lines[1]
    assert (lines[1]["attempts"], lines[1]["gen_ai.usage.total_tokens"]) == (1, 12), lines[1]
