"""Requests that try to choose where the gateway's credentials go. The cases in tests/cases/confused_deputy say what
the provider gets; here a second provider stands ready, and nothing may ever come to it."""
import json
import pathlib
import re
import socket

import pytest
from harness import document
from harness.client import Connection, chat
from harness.envoy import PATIENCE
from harness.provider import Answer, Provider

DATAPLANES = pytest.mark.parametrize("dataplane", ["module", "extproc"])


@pytest.fixture
def evil():
    one = Provider()
    yield one
    one.close()


def raw(port, text):
    """The whole answer to bytes that no client library would send."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(text)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
        return answer


@DATAPLANES
def test_nothing_of_a_request_picks_the_host(start_aigw, provider, evil, tmp_path, dataplane):
    provider.answer = lambda request: Answer.json({"model": "m", "choices": []})
    config = tmp_path / "gateway.yaml"
    config.write_text(json.dumps({
        "dataplane": dataplane, "backends": [document.backend(key="sk-of-the-gateway")],
        "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{provider.port}"}]}))
    running = start_aigw("-c", config)
    there = f"127.0.0.1:{evil.port}"
    url = f"http://{there}/v1"
    headers = {"host": there, "x-forwarded-host": there, "x-portkey-custom-host": url, "x-base-url": url,
               "x-headroom-base-url": url, "x-upstream-url": url, "forwarded": f"host={there}",
               "x-ai-eg-upstream-host": there, "x-gateway-destination-endpoint": there,
               "x-envoy-original-dst-host": there, "x-envoy-original-path": url, "x-ai-eg-model": "other",
               "x-envoy-upstream-alt-stat-name": "x", "x-envoy-decorator-operation": "x",
               "authorization": "Bearer of-the-client"}
    body = chat("m", api_base=url, base_url=url, callback_url=url, endpoint=url, model_metadata={"endpoint": url},
                metadata={"url": url})
    for name, value in [*headers.items(), (None, None)]:
        one = headers if name is None else {name: value}
        with Connection(running.port) as connection:
            response = connection.send(body, headers=one)
            response.read()
            assert response.status == 200, (name, response.status)
    assert len(provider.requests) == len(headers) + 1
    for request in provider.requests:
        assert request.header("host") == f"127.0.0.1:{provider.port}"
        assert request.path == "/v1/chat/completions"
        assert request.header("authorization") == "Bearer sk-of-the-gateway"
    # Forms of a request's target that name a host.
    head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
    path = "/v1/chat/completions"
    for target in (f"http://{there}{path}", f"//{there}{path}", f"/@{there}{path}", f"{path}@{there}",
                   f"/v1/../{there}/chat/completions"):
        raw(running.port, f"POST {target} HTTP/1.1\r\nhost: {there}\r\n".encode() + head)
    raw(running.port, f"CONNECT {there} HTTP/1.1\r\nhost: {there}\r\nconnection: close\r\n\r\n".encode())
    assert evil.connections == 0 and not evil.requests
    for request in provider.requests:
        assert request.path == "/v1/chat/completions" and request.header("host") == f"127.0.0.1:{provider.port}"


def test_it_listens_for_this_machine_only(start_aigw, tmp_path):
    running = start_aigw()
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in open(f"/proc/net/{table}").read().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].split(":")[1], 16) in (running.port, running.admin_port()):
                addresses.add(fields[1].split(":")[0])
    assert addresses == {"0100007F"}


def test_what_holds_the_gateway_to_it_exists():
    """The table of docs/security.md names tests; a test that is renamed is renamed there."""
    root = pathlib.Path(__file__).parents[2]
    rows = [line for line in (root / "docs/security.md").read_text().splitlines() if line.startswith("| ")][1:]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])]
    assert len(rows) == 10 and len(named) > 10
    for name in named:
        file, _, function = name.partition("::")
        if function:
            assert f"def {function}(" in (root / "tests/e2e" / file).read_text(), name
        else:
            assert (root / "tests/cases" / f"{name}.case").exists() or (root / name).exists(), name
