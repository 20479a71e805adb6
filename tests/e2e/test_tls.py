"""HTTPS to providers, as `aigw run -c` sets it up: authority, name, SNI, ALPN."""
import json

import pytest
from harness import document
from harness.certificates import Authority
from harness.client import Connection, ask, chat, check_error
from harness.provider import Answer, Provider


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def start(start_aigw, tmp_path, port, **upstream):
    path = tmp_path / "gateway.yaml"
    path.write_text(json.dumps({
        "backends": [document.backend(key="sk-primary")],
        "upstreams": [{"backend": "primary", "url": f"https://127.0.0.1:{port}", **upstream}]}))
    return start_aigw("-c", str(path)).port


def test_right_authority_and_name(start_aigw, tmp_path, authority):
    provider = Provider(lambda request: Answer.json({"fine": True}), tls=authority.server("provider.test"))
    port = start(start_aigw, tmp_path, provider.port, ca=str(authority.certificate), serverName="provider.test")
    assert ask(port, chat()) == (200, {"fine": True})
    request = provider.requests[0]
    assert (request.server_name, request.alpn) == ("provider.test", "http/1.1")
    assert request.header("authorization") == "Bearer sk-primary"
    provider.close()


def test_alpn_chooses_http2(start_aigw, tmp_path, authority):
    stream = b'data: {"choices":[]}\n\n' * 50

    def answer(request):
        return Answer.events(stream) if request.json().get("stream") else Answer.json({"fine": True})

    provider = Provider(answer, tls=authority.server("provider.test", ["h2", "http/1.1"]))
    port = start(start_aigw, tmp_path, provider.port, ca=str(authority.certificate), serverName="provider.test")
    assert ask(port, chat()) == (200, {"fine": True})
    with Connection(port) as connection:
        assert connection.send(chat(stream=True)).read() == stream
    assert [request.alpn for request in provider.requests] == ["h2", "h2"]
    assert provider.requests[0].header("authorization") == "Bearer sk-primary"
    provider.close()


def test_http2_can_be_declined(start_aigw, tmp_path, authority):
    provider = Provider(tls=authority.server("provider.test", ["h2", "http/1.1"]))
    port = start(start_aigw, tmp_path, provider.port, ca=str(authority.certificate), serverName="provider.test",
                 http2=False)
    assert ask(port, chat()) == (200, {})
    assert provider.requests[0].alpn == "http/1.1"
    provider.close()


def check_refused(start_aigw, tmp_path, tls, **upstream):
    provider = Provider(tls=tls)
    port = start(start_aigw, tmp_path, provider.port, **upstream)
    message = check_error(ask(port, chat()), 503, "ServiceUnavailable")
    assert not provider.requests, "the request, with its key, went to a stranger"
    assert "sk-primary" not in message
    provider.close()


def test_wrong_name(start_aigw, tmp_path, authority):
    check_refused(start_aigw, tmp_path, authority.server("stranger.test"), ca=str(authority.certificate),
                  serverName="provider.test")


def test_unknown_authority(start_aigw, tmp_path, authority):
    other = tmp_path / "other"
    other.mkdir()
    check_refused(start_aigw, tmp_path, authority.server("provider.test"),
                  ca=str(Authority(other).certificate), serverName="provider.test")


def test_system_authorities_by_default(start_aigw, tmp_path, authority):
    check_refused(start_aigw, tmp_path, authority.server("provider.test"), serverName="provider.test")
