"""The example of a token budget for each key: Envoy's own filters, our metadata, a rate-limit service of the test's."""
import json
import re

import pytest
from harness.certificates import Authority
from harness.client import Connection, ask, chat
from harness.envoy import json_lines, wait_for
from harness.limiter import Limiter
from harness.provider import Answer, Provider
from test_examples import place

USAGE = {"prompt_tokens": 40, "completion_tokens": 30, "total_tokens": 70}


def answer(request):
    if not request.json().get("stream"):
        return Answer.json({"model": "gpt-4o-mini", "usage": USAGE})
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": "gpt-4o-mini", "choices": []}
    return Answer.events([f"data: {json.dumps(chunk)}\n\n".encode(), 0.05,
                          f"data: {json.dumps({**chunk, 'usage': USAGE})}\n\n".encode(), b"data: [DONE]\n\n"])


@pytest.fixture
def gateway(start_envoy, tmp_path):
    authority = Authority(tmp_path)
    provider = Provider(answer, tls=authority.server("api.openai.com"))
    limiter = Limiter({"alice": 100})
    folder = tmp_path / "aigw"
    envoy = start_envoy(place("token_limits", folder, {
        "/etc/ssl/certs/ca-certificates.crt": authority.certificate,
        "timeout: 1s": "timeout: 60s",  # of the rate-limit service, which shares this machine
        "address: api.openai.com, port_value: 443": f"address: 127.0.0.1, port_value: {provider.port}",
        "address: rate-limits.internal, port_value: 8081": f"address: 127.0.0.1, port_value: {limiter.port}"}))
    yield envoy, provider, limiter
    provider.close()
    limiter.close()


def key(name):
    return {"authorization": f"Bearer replace-the-key-of-{name}"}


def test_a_budget_is_charged_at_the_end_and_holds(gateway):
    envoy, provider, limiter = gateway
    port = envoy.ports["gateway"]
    assert ask(port, chat("gpt-4o-mini"), headers=key("alice"))[0] == 200
    wait_for(lambda: limiter.used.get("alice") == 70, "70 tokens are charged")
    with Connection(port) as connection:  # a stream is charged at its end, too
        stream = connection.send(chat("gpt-4o-mini", stream=True), headers=key("alice"))
        assert stream.status == 200 and b"[DONE]" in stream.read()
    wait_for(lambda: limiter.used.get("alice") == 140, "140 tokens are charged")
    # Nothing is left: refused in the client's dialect, before any provider.
    status, error = ask(port, chat("gpt-4o-mini"), headers=key("alice"))
    assert status == 429 and error["error"]["code"] == "429", (status, error)
    with Connection(port) as connection:
        status, error = connection.ask(chat("gpt-4o-mini", max_tokens=5), path="/anthropic/v1/messages",
                                       headers={"x-api-key": "replace-the-key-of-alice"})
    assert status == 429 and error["error"]["type"] == "rate_limit_error", (status, error)
    assert len(provider.requests) == 2 and limiter.used["alice"] == 140
    # Another key has its own budget.
    assert ask(port, chat("gpt-4o-mini"), headers=key("bob"))[0] == 200
    wait_for(lambda: limiter.used.get("bob") == 70, "bob is charged")
    assert {call[0] for call in limiter.calls} == {"ai-gateway"}
    for request in provider.requests:
        assert request.header("authorization") == "Bearer sk-of-the-example"
        assert request.header("x-ai-eg-client") is None

    wait_for(lambda: [line for line in json_lines(envoy.log) if line["client"] == "bob"], "the access log")


def test_nobody_spends_the_budget_of_another(gateway):
    envoy, provider, limiter = gateway
    port = envoy.ports["gateway"]
    forged = {**key("bob"), "x-ai-eg-client": "alice"}
    assert ask(port, chat("gpt-4o-mini"), headers=forged)[0] == 200
    wait_for(lambda: limiter.used.get("bob") == 70, "bob is charged")
    assert "alice" not in limiter.used
    for headers in ({}, {"authorization": "Bearer x"}, {"x-ai-eg-client": "alice"}):
        status, error = ask(port, chat("gpt-4o-mini"), headers=headers)
        assert status == 401 and error["error"]["code"] == "401", (status, error)
    assert len(provider.requests) == 1
    # The dump shows that there are keys, not which.
    assert not re.search("replace-the-key", envoy.admin("/config_dump?include_eds"))
