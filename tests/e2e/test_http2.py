"""HTTP/2 clients (prior knowledge) and HTTP/2 providers."""
import json

import httpx
import pytest
from harness import bootstrap, document
from harness.client import chat, check_error
from harness.provider import Answer

CONFIG = document.filterapi(document.backend(key="sk-primary", modelNameOverride="over"))


@pytest.fixture
def client(start_envoy, tmp_path, provider):
    envoy = start_envoy(bootstrap.gateway(tmp_path, CONFIG, [("primary", provider.port)]))
    with httpx.Client(http1=False, http2=True, base_url=f"http://127.0.0.1:{envoy.ports['main']}",
                      headers={"content-type": "application/json"}, timeout=60) as one:
        yield one


def test_unary(client, provider):
    provider.answer = lambda request: Answer.json({"model": request.json()["model"]})
    for size in (1, 100_000, 2_000_000):
        body = chat("m", "x" * size)
        response = client.post("/v1/chat/completions", content=body)
        assert (response.http_version, response.status_code) == ("HTTP/2", 200)
        assert response.json() == {"model": "over"}
        assert provider.requests[-1].body == body.replace(b'"m"', b'"over"', 1)


def test_body_without_a_length(client, provider):
    body = chat("m", "x" * 50_000)
    response = client.post("/v1/chat/completions", content=(body[at:at + 777] for at in range(0, len(body), 777)))
    assert response.status_code == 200
    sent = provider.requests[-1]
    assert sent.body == body.replace(b'"m"', b'"over"', 1)
    assert sent.header("content-length") == str(len(sent.body))


def test_stream_comes_event_by_event(client, provider):
    events = [b'data: {"choices":[{"delta":{"content":"%d"}}]}\n\n' % i for i in range(20)]
    received = b""

    def one_by_one():
        """Each is sent when the one before has come."""
        sent = 0
        for event in events:
            yield event
            sent += len(event)
            while len(received) < sent:
                yield 0.005

    provider.answer = lambda request: Answer.events(one_by_one())
    with client.stream("POST", "/v1/chat/completions", content=chat(stream=True)) as response:
        for piece in response.iter_raw():
            received += piece
    assert received == b"".join(events)


def test_errors(client):
    def post(**options):
        response = client.post("/v1/chat/completions", **options)
        return response.status_code, json.loads(response.content)

    check_error(post(content=b"{"), 400, "BadRequest")
    check_error(post(content=b""), 400, "BadRequest")
    check_error(post(content=b"{}", headers={"content-encoding": "br"}), 415, "UnsupportedMediaType")
    assert client.post("/v1/chat/completions", content=chat()).status_code == 200
