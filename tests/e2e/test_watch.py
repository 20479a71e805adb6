"""The configuration file is watched: a change is live within a second, and a mistake changes nothing."""
import json
import threading
import time

from harness import bootstrap, document
from harness.change import check_promptness, replace
from harness.client import Connection, chat
from harness.envoy import get, wait_for
from harness.provider import Answer

def config(model, key):
    return document.filterapi(document.backend(key=key), models=[{"Name": model}])


def models(port):
    return [model["id"] for model in json.loads(get(port, "/v1/models")[1])["data"]]


def test_a_change_and_a_mistake(start_envoy, tmp_path, provider):
    envoy = start_envoy(bootstrap.gateway(tmp_path, config("one", "sk-1"), [("primary", provider.port)]))
    port, path = envoy.ports["main"], tmp_path / "filterapi.yaml"
    assert models(port) == ["one"]
    check_promptness(lambda number: replace(path, config(f"model-{number}", f"sk-{number}")),
                     lambda number: models(port) == [f"model-{number}"])
    replace(path, config("two", "sk-2"))
    wait_for(lambda: models(port) == ["two"], "the change is live")
    with Connection(port) as connection:
        assert connection.ask(chat()) == (200, {})
        assert provider.requests[-1].header("authorization") == "Bearer sk-2"
        for mistake in ("backends: [", "", document.filterapi({"name": "x", "schema": {"name": "nothing"}})):
            replace(path, mistake)
            time.sleep(0.4)
            assert models(port) == ["two"]
            assert connection.ask(chat()) == (200, {})
        replace(path, config("three", "sk-3"))
        wait_for(lambda: models(port) == ["three"], "the next change is live")
        assert connection.ask(chat()) == (200, {})
        assert provider.requests[-1].header("authorization") == "Bearer sk-3"


def test_a_stream_outlives_a_change(start_envoy, tmp_path, provider):
    event = b'data: {"choices":[]}\n\n'
    release = threading.Event()

    def events():
        yield event
        while not release.is_set():
            yield 0.02
        yield event

    provider.answer = lambda request: Answer.events(events())
    envoy = start_envoy(bootstrap.gateway(tmp_path, config("one", "sk-1"), [("primary", provider.port)]))
    with Connection(envoy.ports["main"]) as connection:
        response = connection.send(chat(stream=True))
        first = response.read1()
        assert first
        replace(tmp_path / "filterapi.yaml", config("two", "sk-2"))
        wait_for(lambda: models(envoy.ports["main"]) == ["two"], "the change is live")
        release.set()
        assert first + response.read() == event * 2


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
    wait_for(lambda: key_sent() == "Bearer sk-new", "the new key is used")
