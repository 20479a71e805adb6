"""What only a real Envoy can tell of retries: replayed bodies, many at once, backends that are not there."""
import concurrent.futures
import json

from harness import bootstrap, document
from harness.client import ask, chat, check_error
from harness.envoy import AccessLog, free_port
from harness.provider import Answer, Provider

FIRST = document.backend("first", "sk-first", modelNameOverride="first-model",
                         schema={"name": "OpenAI", "prefix": "first"})
SECOND = document.backend("second", "sk-second", modelNameOverride="2",
                          schema={"name": "OpenAI", "prefix": "second"})
CONFIG = document.filterapi(FIRST, SECOND)


def fail_first(request):
    if request.path.startswith("/first/"):
        return Answer.json({"error": {"message": "overloaded"}}, 503)
    return Answer.json({"echo": request.json()["messages"][0]["content"]})


def start(start_envoy, tmp_path, provider, ports=None):
    ports = ports or provider.ports
    return start_envoy(bootstrap.gateway(tmp_path, CONFIG, [("first", ports[0]), ("second", ports[1])]))


def test_many_at_once_do_not_mix(start_envoy, tmp_path):
    provider = Provider(fail_first, ports=2)
    envoy = start(start_envoy, tmp_path, provider)

    def one(number):
        return ask(envoy.ports["main"], chat(f"model-{number}", f"prompt {number} " + "x" * number * 97),
                   headers={"x-case": str(number), "authorization": f"Bearer client-{number}"})

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(one, range(200)))
    assert replies == [(200, {"echo": f"prompt {i} " + "x" * i * 97}) for i in range(200)]
    for request in provider.requests:
        second = request.path.startswith("/second/")
        assert request.header("authorization") == ("Bearer sk-second" if second else "Bearer sk-first")
        assert request.json()["model"] == ("2" if second else "first-model")
    log = AccessLog(tmp_path / "access.log")
    for number in range(200):
        entry = log.entry(str(number))
        assert entry["path"] == "/v1/chat/completions"
        assert entry["authorization"] == f"Bearer client-{number}"
        assert entry["model"] == f"model-{number}" and entry["attempts"] == 2
    assert "sk-" not in (tmp_path / "access.log").read_text()
    provider.close()


def test_large_body_is_replayed_whole(start_envoy, tmp_path):
    provider = Provider(lambda request: fail_first(request) if "first" in request.path else Answer.json({}),
                        ports=2)
    envoy = start(start_envoy, tmp_path, provider)
    prompt = "0123456789abcdef" * (3 << 16)
    body = chat("chat", prompt)
    assert ask(envoy.ports["main"], body) == (200, {})
    assert [request.body for request in provider.requests] == [
        body.replace(b'"chat"', b'"first-model"', 1), body.replace(b'"chat"', b'"2"', 1)]
    provider.close()


def test_backend_that_refuses_connections(start_envoy, tmp_path):
    provider = Provider(fail_first, ports=2)
    envoy = start(start_envoy, tmp_path, provider, [free_port(), provider.ports[1]])
    assert ask(envoy.ports["main"], chat(prompt="hi")) == (200, {"echo": "hi"})
    provider.close()


def test_no_backend_there(start_envoy, tmp_path):
    envoy = start(start_envoy, tmp_path, None, [free_port(), free_port()])
    check_error(ask(envoy.ports["main"], chat(), headers={"x-case": "down"}), 503, "ServiceUnavailable")
    entry = AccessLog(tmp_path / "access.log").entry("down")
    assert entry["path"] == "/v1/chat/completions" and entry["authorization"] is None


def test_large_answer_that_dies_is_retried(start_envoy, tmp_path):
    half = b'{"choices":["' + b"x" * 300_000

    def answer(request):
        if request.path.startswith("/first/"):
            return Answer(200, [("content-type", "application/json")], [half[:100], 0.02, half[100:]], "reset")
        return Answer.json({"whole": True})

    provider = Provider(answer, ports=2)
    envoy = start(start_envoy, tmp_path, provider)
    assert ask(envoy.ports["main"], chat()) == (200, {"whole": True})
    assert json.loads(provider.requests[1].body)["model"] == "2"
    provider.close()
