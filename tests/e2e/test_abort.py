"""A client that leaves, at every moment: what was used is logged, the provider is let go, nothing is left behind."""
import socket
import time

from harness import bootstrap, document
from harness.client import Connection, ask, chat
from harness.envoy import PATIENCE, AccessLog, wait_for
from harness.provider import Answer

CONFIG = document.filterapi(document.backend(key="sk-primary"), globalLLMRequestCosts=document.TOKENS)
GAUGES = "(downstream_rq_active|upstream_rq_active|upstream_rq_pending_active)$"


def event(total):
    return (b'data: {"model":"m-1","choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":1,'
            b'"completion_tokens":%d,"total_tokens":%d}}\n\n' % (total - 1, total))


def start(start_envoy, tmp_path, provider):
    envoy = start_envoy(bootstrap.gateway(tmp_path, CONFIG, [("primary", provider.port)]))
    return envoy, AccessLog(tmp_path / "access.log")


def check_quiet(envoy):
    def active():
        # Ours is the one request to the admin interface.
        return {name: value for name, value in envoy.stats(GAUGES).items() if value and "admin" not in name}

    wait_for(lambda: not active(), "every request is over")
    envoy.check_running()


def test_in_mid_stream(start_envoy, tmp_path, provider):
    provider.answer = lambda request: Answer.events([event(5), 0.01, event(9), 0.01, event(12)], "open")
    envoy, log = start(start_envoy, tmp_path, provider)
    with Connection(envoy.ports["main"]) as connection:
        response = connection.send(chat(stream=True), headers={"x-case": "left"})
        expected = event(5) + event(9) + event(12)
        assert response.read(len(expected)) == expected
        response.close()
    entry = log.entry("left")
    assert entry["metadata"]["llm_total_token"] == 12
    assert entry["metadata"]["response_model"] == "m-1"
    assert (entry["path"], entry["authorization"]) == ("/v1/chat/completions", None)
    assert provider.left.wait(PATIENCE), "the provider still talks to nobody"
    check_quiet(envoy)


def test_before_the_answer(start_envoy, tmp_path, provider):
    provider.answer = lambda request: Answer(status=None)
    envoy, log = start(start_envoy, tmp_path, provider)
    with Connection(envoy.ports["main"]) as connection:
        body = chat()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-case: early\r\ncontent-length: %d\r\n\r\n"
        connection.socket.sendall(head % len(body) + body)
        wait_for(lambda: provider.requests, "the provider has the request")
    assert "llm_total_token" not in (log.entry("early")["metadata"] or {})
    check_quiet(envoy)


def test_in_mid_upload(start_envoy, tmp_path, provider):
    envoy, log = start(start_envoy, tmp_path, provider)
    with Connection(envoy.ports["main"]) as connection:
        connection.socket.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-case: upload\r\n"
                                  b"content-length: 100000\r\n\r\n{\"model\":\"m\",\"messages\":[\"" + b"x" * 30000)
        time.sleep(0.05)
    assert log.entry("upload")["metadata"] is None
    assert not provider.requests
    check_quiet(envoy)


def test_many_at_random_moments(start_envoy, tmp_path, provider):
    provider.answer = lambda request: Answer.events([piece for i in range(2, 40) for piece in (event(i), 0.002)])
    envoy, log = start(start_envoy, tmp_path, provider)
    body = chat(stream=True)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-case: %d\r\ncontent-length: %d\r\n\r\n"
    for number in range(120):
        with socket.create_connection(("127.0.0.1", envoy.ports["main"])) as client:
            request = head % (number, len(body)) + body
            client.sendall(request[:len(request) - (number % 4) * 20])
            time.sleep(number % 13 * 0.002)
    check_quiet(envoy)
    assert wait_for(lambda: len(log.entries()) == 120, "120 lines in the access log")
    provider.answer = lambda request: Answer.json({"alive": True})
    assert ask(envoy.ports["main"], chat()) == (200, {"alive": True})
