"""What is too large, too deep or too much, in the real Envoy and in both carriers: the right error in the client's
language, and nothing else touched. tests/cases/limits has what a case can tell."""
import http.client
import json
import threading

import pytest
from harness import document
from harness.carrier import CARRIERS
from harness.client import Connection, ask, chat, check_error
from harness.provider import Answer

MESSAGES = "/anthropic/v1/messages"
CHAT = "/v1/chat/completions"
# Envoy's own bounds on the headers of a request, and of an answer over HTTP/1, in KiB, unless it is configured.
ENVOY_HEADERS_KB = 60
ENVOY_ANSWER_HEADERS_KB = 80
CLIENT_LINE_KB = 63  # what Python's client reads of a line


@pytest.fixture(params=CARRIERS)
def gateway(request, carriers, provider):
    carriers.write(document.backend(key="sk-primary"))
    return carriers.start(request.param, [("primary", provider.port)])


def padded(port, size, **options):
    with Connection(port) as connection:
        response = connection.send(chat(), headers={"x-pad": "p" * size}, **options)
        return response.status, response.read()


def test_headers_of_every_size(gateway, provider):
    port = gateway.ports["main"]
    for size in (0, 1, 255, 256, 4096, 16 << 10, 32 << 10, 48 << 10, (ENVOY_HEADERS_KB - 1) << 10):
        provider.reset(lambda request: Answer.json({"fine": True}))
        assert padded(port, size) == (200, b'{"fine": true}'), size
        assert provider.requests[0].header("x-pad") == "p" * size
    provider.reset(lambda request: Answer.json({"fine": True}))
    for size in (ENVOY_HEADERS_KB << 10, 100 << 10, 1 << 20):
        try:
            assert padded(port, size)[0] == 431, size
        except (http.client.RemoteDisconnected, ConnectionError):
            pass  # Envoy has not read all of it when it closes, and its answer may be lost to that
        assert not provider.requests
    assert padded(port, 1)[0] == 200


def test_answers_with_headers_of_every_size(gateway, provider):
    port = gateway.ports["main"]
    size = 0
    provider.answer = lambda request: Answer.json({"fine": True}, headers=[("x-pad", "p" * size)])
    for size in (0, 1, 4096, 32 << 10, CLIENT_LINE_KB << 10):
        with Connection(port) as connection:
            response = connection.send(chat())
            assert (response.status, len(response.getheader("x-pad"))) == (200, size)
            assert json.loads(response.read()) == {"fine": True}
    for size in (ENVOY_ANSWER_HEADERS_KB << 10, 1 << 20):
        status, error = ask(port, chat())
        assert status in (502, 503) and error["type"] == "error" and error["error"]["code"] == str(status), error
    size = 1
    assert ask(port, chat()) == (200, {"fine": True})


def test_headers_beyond_what_an_exchange_may_hold(carriers, provider):
    """limits::exchange_arena_max: what a header's mutation must be able to take back is kept. Only where Envoy is told
    to take headers of hundreds of kilobytes."""
    carriers.write(document.backend(key="sk-primary", httpHeaderMutation={"remove": ["x-pad"]}))
    one = carriers.start("module", [("primary", provider.port)], headers_kb=1024)
    port = one.ports["main"]
    provider.answer = lambda request: Answer.json({"fine": True})
    assert padded(port, 200 << 10)[0] == 200
    assert provider.requests[0].header("x-pad") is None
    status, body = padded(port, 300 << 10)
    assert status == 500 and json.loads(body)["error"]["message"] == "the gateway failed", body
    assert len(provider.requests) == 1
    assert padded(port, 200 << 10)[0] == 200


def message(prompt="Hi", **members):
    words = [{"role": "user", "content": prompt}]
    return json.dumps({"model": "m", "max_tokens": 9, "messages": words, **members}).encode()


def hostile_answer(kind):
    def endless():
        yield b"data: "
        for _ in range(10):
            yield b"e" * (1 << 20)
        yield b"\n\n"

    if kind == "endless":
        return Answer(200, [("content-type", "text/event-stream")], endless())
    return Answer(200, [("content-type", "application/json")], b'{"x":"' + b"x" * (33 << 20) + b'"}')


def watched_stream(release):
    """A stream of three events, the second and third of which wait."""
    def events():
        yield b'data: {"n":1}\n\n'
        while not release.is_set():
            yield 0.02
        yield b'data: {"n":2}\n\n'
        yield b"data: [DONE]\n\n"

    return Answer(200, [("content-type", "text/event-stream")], events())


HOSTILE = [  # path, body, status, a part of the error's message
    (CHAT, b'{"model":"m","x":' + b"[" * 1_000_000, 400, "nested deeper than 512 levels"),
    (MESSAGES, b'{"model":"m","x":' + b"[" * 1_000_000, 400, "nested deeper than 512 levels"),
    (MESSAGES, message(x=[0] * 1_100_000), 400, "too many values"),
    (CHAT, b'{"model":"' + b"m" * (10 << 20) + b'"}', 400, "longer than 256 bytes"),
    (MESSAGES, message(x="x" * (50 << 20)), 413, ""),
    (MESSAGES, message("large"), 502, "larger than 33554432 bytes"),
    (MESSAGES, message("endless", stream=True), 200, "is too large"),
]


def test_nothing_else_is_touched(gateway, provider):
    """Beside a stream that goes on, each gets its error; then the stream ends as it should."""
    port = gateway.ports["main"]
    release = threading.Event()

    def answer(request):
        if b"watched" in request.body:
            return watched_stream(release)
        kind = [word for word in ("large", "endless") if word.encode() in request.body]
        return hostile_answer(kind[0]) if kind else Answer.json({"fine": True})

    provider.answer = answer
    with Connection(port, seconds=300) as watched:
        stream = watched.send(chat(prompt="watched", stream=True))
        first = stream.read1()
        for path, body, status, words in HOSTILE:
            with Connection(port, seconds=300) as connection:
                response = connection.send(body, path=path)
                text = response.read().decode()
            assert response.status == status, (path, body[:40], text[:300])
            error = json.loads(text.split("data: ")[-1])
            assert error["type"] == "error" and words in error["error"]["message"], text[:300]
            assert ("request_id" in error) == (path == MESSAGES), text[:300]
        assert ask(port, chat()) == (200, {"fine": True})
        release.set()
        assert first + stream.read() == b'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("dataplane", CARRIERS)
def test_what_aigw_run_sets_up_takes_large_bodies(start_aigw, tmp_path, provider, dataplane):
    """limits::request_body_max, exactly and one byte past it, and an answer of 20 MiB."""
    provider.answer = lambda request: Answer.json({"model": "m", "choices": [], "pad": "x" * (20 << 20)})
    config = tmp_path / "gateway.yaml"
    config.write_text(json.dumps({
        "dataplane": dataplane, "backends": [document.backend(key="sk-primary")],
        "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{provider.port}"}]}))
    port = start_aigw("-c", config).port
    most = (50 << 20) - len(chat(prompt=""))
    with Connection(port, seconds=300) as connection:
        status, answer = connection.ask(chat(prompt="x" * most))
    assert (status, len(answer["pad"])) == (200, 20 << 20)
    assert len(provider.requests[0].body) == 50 << 20
    with Connection(port, seconds=300) as connection:
        check_error(connection.ask(chat(prompt="x" * (most + 1))), 413, "RequestTooLarge")
    assert len(provider.requests) == 1
