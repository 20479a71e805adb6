"""The configuration file is watched: a change is live within 200 ms, and a mistake changes nothing."""
import json
import time

from harness import bootstrap, document
from harness.client import Connection, chat
from harness.envoy import get, wait_for
from harness.provider import Answer

LIVE_WITHIN = 0.2
SLACK = 0.8  # for a busy machine


def replace(path, text):
    temporary = path.with_suffix(".new")
    temporary.write_text(text)
    temporary.rename(path)


def config(model, key):
    return document.filterapi(document.backend(key=key), models=[{"Name": model}])


def models(port):
    return [model["id"] for model in json.loads(get(port, "/v1/models")[1])["data"]]


def test_a_change_and_a_mistake(start_envoy, tmp_path, provider):
    envoy = start_envoy(bootstrap.gateway(tmp_path, config("one", "sk-1"), [("primary", provider.port)]))
    port, path = envoy.ports["main"], tmp_path / "filterapi.yaml"
    assert models(port) == ["one"]
    replace(path, config("two", "sk-2"))
    changed = time.monotonic()
    wait_for(lambda: models(port) == ["two"], "the change is live", LIVE_WITHIN + SLACK)
    assert time.monotonic() - changed < LIVE_WITHIN + SLACK
    with Connection(port) as connection:
        assert connection.ask(chat()) == (200, {})
        assert provider.requests[-1].header("authorization") == "Bearer sk-2"
        for mistake in ("backends: [", "", document.filterapi({"name": "x", "schema": {"name": "nothing"}})):
            replace(path, mistake)
            time.sleep(0.4)
            assert models(port) == ["two"]
            assert connection.ask(chat()) == (200, {})
        replace(path, config("three", "sk-3"))
        wait_for(lambda: models(port) == ["three"], "the next change is live", LIVE_WITHIN + SLACK)
        assert connection.ask(chat()) == (200, {})
        assert provider.requests[-1].header("authorization") == "Bearer sk-3"


def test_a_stream_outlives_a_change(start_envoy, tmp_path, provider):
    events = [b'data: {"choices":[]}\n\n'] * 30
    provider.answer = lambda request: Answer.events([piece for event in events for piece in (event, 0.02)])
    envoy = start_envoy(bootstrap.gateway(tmp_path, config("one", "sk-1"), [("primary", provider.port)]))
    with Connection(envoy.ports["main"]) as connection:
        response = connection.send(chat(stream=True))
        replace(tmp_path / "filterapi.yaml", config("two", "sk-2"))
        assert response.read() == b"".join(events)
    assert models(envoy.ports["main"]) == ["two"]


def test_a_rotated_key_file(start_envoy, tmp_path, provider):
    key = tmp_path / "key"
    key.write_text("sk-old\n")
    backend = {"name": "primary", "schema": {"name": "OpenAI"}, "auth": {"apiKey": {"keyFile": str(key)}}}
    envoy = start_envoy(bootstrap.gateway(tmp_path, document.filterapi(backend), [("primary", provider.port)]))

    def key_sent():
        with Connection(envoy.ports["main"]) as connection:
            assert connection.ask(chat()) == (200, {})
        return provider.requests[-1].header("authorization")

    assert key_sent() == "Bearer sk-old"
    replace(key, "sk-new\n")
    wait_for(lambda: key_sent() == "Bearer sk-new", "the new key is used", 3)
