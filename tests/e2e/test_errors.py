"""Errors as a client of the real Envoy gets them: in its dialect, on a connection that lives on."""
import json

import pytest
from harness import bootstrap, document
from harness.client import Connection, ask, chat, check_error
from harness.envoy import PATIENCE, free_port, wait_for
from harness.provider import Answer

LIMIT = 200_000


def gateway(tmp_path, port, **filter_config):
    one = bootstrap.gateway(tmp_path, document.filterapi(), [("primary", port)])
    hcm = one["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    config = hcm["http_filters"][0]["typed_config"]["filter_config"]["value"]
    config.update(filter_config)
    hcm["route_config"]["virtual_hosts"][0]["routes"][0]["match"]["headers"] = [
        {"name": "x-ai-eg-model", "string_match": {"exact": "routed"}}]
    return one


def body_of(size):
    empty = len(chat("routed", ""))
    return chat("routed", "x" * (size - empty))


def chunks(body, size=40_000):
    return (body[at:at + size] for at in range(0, len(body), size))


@pytest.fixture
def port(start_envoy, tmp_path, provider):
    return start_envoy(gateway(tmp_path, provider.port, maxRequestBodyBytes=LIMIT)).ports["main"]


@pytest.mark.parametrize("wrap", [bytes, chunks], ids=["with-length", "chunked"])
def test_body_at_the_limit_and_past_it(port, provider, wrap):
    body = body_of(LIMIT)
    assert ask(port, wrap(body)) == (200, {})
    assert provider.requests[0].body == body
    message = check_error(ask(port, wrap(body_of(LIMIT + 1))), 413, "RequestTooLarge")
    assert str(LIMIT) in message
    assert len(provider.requests) == 1


def test_what_all_requests_hold_together(start_envoy, tmp_path, provider):
    """A request that waits for its answer holds its body; what comes on top gets a 503, until it has gone."""
    port = start_envoy(gateway(tmp_path, provider.port, maxBufferedBytes=LIMIT)).ports["main"]
    provider.answer = lambda request: Answer(status=None)
    with Connection(port) as waiting:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: {LIMIT - 1000}\r\n\r\n"
        waiting.socket.sendall(head.encode() + body_of(LIMIT - 1000))
        wait_for(lambda: provider.requests, "the first request is with the provider")
        provider.answer = lambda request: Answer.json({})
        message = check_error(ask(port, body_of(1001)), 503, "ServiceUnavailable")
        assert "can hold no more" in message
        wait_for(lambda: ask(port, body_of(1000 - len(b"{}"))) == (200, {}), "what fits passes, with its answer")
    wait_for(lambda: ask(port, body_of(LIMIT - len(b"{}"))) == (200, {}), "what the first one held comes back")
    check_error(ask(port, body_of(LIMIT + 1)), 503, "ServiceUnavailable")


def test_default_limit_is_50_mib(start_envoy, tmp_path, provider):
    """limits::request_body_max."""
    port = start_envoy(gateway(tmp_path, provider.port)).ports["main"]
    with Connection(port, seconds=3 * PATIENCE) as connection:
        assert connection.ask(body_of(50 << 20)) == (200, {})
    assert len(provider.requests[0].body) == 50 << 20
    check_error(ask(port, body_of((50 << 20) + 1)), 413, "RequestTooLarge")


def test_model_without_a_route(port, provider):
    check_error(ask(port, chat("nowhere")), 404, "NotFound")
    assert not provider.requests


def test_upstream_down(start_envoy, tmp_path):
    port = start_envoy(gateway(tmp_path, free_port())).ports["main"]
    check_error(ask(port, chat("routed")), 503, "ServiceUnavailable")


def test_one_connection_survives_every_error(port, provider):
    provider.answer = lambda request: Answer(500, [("content-type", "text/html")], b"<h1>Oops</h1>")
    with Connection(port) as connection:
        check_error(connection.ask(b'{"model":'), 400, "BadRequest")
        check_error(connection.ask(b'{"messages":[]}'), 400, "BadRequest")
        check_error(connection.ask(b"", path="/v1/models", method="POST"), 405, "MethodNotAllowed")
        check_error(connection.ask(chat("nowhere")), 404, "NotFound")
        check_error(connection.ask(chat("routed")), 500, "OpenAIBackendError")
        provider.answer = lambda request: Answer.json({"fine": True})
        assert connection.ask(chat("routed")) == (200, {"fine": True})


@pytest.mark.parametrize("path", ['/v1/"quoted"', "/v1/back\\slash", "/v1/" + "long" * 500, "/%00%0a"])
def test_a_quoted_path_stays_json(port, path):
    message = check_error(ask(port, b"{}", path=path), 404, "NotFound")
    assert len(message) < 400


def test_head_and_options_of_an_endpoint(port):
    with Connection(port) as connection:
        response = connection.send(None, method="HEAD")
        assert (response.status, response.read(), response.getheader("allow")) == (405, b"", "POST")
        response = connection.send(None, method="OPTIONS")
        assert response.status == 405 and json.loads(response.read())["error"]["code"] == "405"
