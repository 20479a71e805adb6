"""A configuration that was made for the peer's server, with ours in its place: a file of Envoy's, and a bundle."""
import hashlib
import json

import pytest
from harness import extproc
from harness.change import replace
from harness.client import Connection, ask, chat
from harness.envoy import OLDER, ROOT, AccessLog
from harness.provider import Answer, Provider

USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
CONFIG = """
version: v1.1.0
uuid: 6f6e7d2c-0000-4000-8000-000000000001
llmRequestCosts:
  - {metadataKey: llm_total_token, routeName: default/models, type: TotalToken}
models:
  - {Name: large, OwnedBy: Envoy AI Gateway, CreatedAt: "2026-01-01T00:00:00Z"}
backends:
  - name: default/first/route/models/rule/0/ref/0
    schema: {name: OpenAI, prefix: v1}
    auth: {apiKey: {key: sk-first}}
  - name: default/second/route/models/rule/0/ref/1
    modelNameOverride: claude-large
    schema: {name: Anthropic, prefix: v1}
    auth: {anthropicAPIKey: {key: sk-second}}
"""


def write_bundle(directory, text, piece=300):
    """As the peer's control plane mounts it."""
    (directory / "parts").mkdir(parents=True, exist_ok=True)
    parts = []
    for number, at in enumerate(range(0, len(text), piece)):
        path = f"parts/{number:03}"
        (directory / path).write_text(text[at:at + piece])
        parts.append({"name": f"part-{number}", "path": path, "sizeBytes": len(text[at:at + piece])})
    index = {"version": "v1.1.0", "uuid": "u", "checksum": hashlib.sha256(text.encode()).hexdigest(), "parts": parts,
             "createdAt": "2026-01-01T00:00:00Z"}
    replace(directory / "index.yaml", json.dumps(index))


@pytest.fixture(params=[*OLDER, None], ids=lambda release: release or "newest")
def peer(request, tmp_path, start_envoy):
    providers = [Provider(), Provider()]
    write_bundle(tmp_path / "bundle", CONFIG)
    server = extproc.Extproc(tmp_path, None, "-configBundlePath", tmp_path / "bundle", "-logLevel", "info",
                             "-rootPrefix", "/", "-maxRecvMsgSize", "536870912")
    text = (ROOT / "tests/e2e/data/peer_envoy.yaml").read_text()
    # For a message the peer's server has ten seconds, which ours may have to share with others here.
    for name, value in {"ACCESS_LOG": tmp_path / "access.log", "SOCKET": server.socket,
                        "message_timeout: 10s": "message_timeout: 60s",
                        "FIRST_PORT": providers[0].port, "SECOND_PORT": providers[1].port}.items():
        text = text.replace(name, str(value))
    envoy = start_envoy(text, release=request.param)
    yield envoy.ports["default/gateway/http"], providers, AccessLog(tmp_path / "access.log")
    for provider in providers:
        provider.close()
    server.check_running()
    assert server.stop() == 0, server.text()


def test_the_first_backend_answers(peer):
    port, providers, log = peer
    answer = {"model": "m-1", "choices": [], "usage": USAGE}
    providers[0].answer = lambda request: Answer.json(answer)
    headers = {"x-case": "first", "authorization": "Bearer of-the-client"}
    assert ask(port, chat("large"), headers=headers) == (200, answer)
    [request] = providers[0].requests
    assert (request.path, request.header("host")) == ("/v1/chat/completions", "localhost")
    assert request.header("authorization") == "Bearer sk-first"
    metadata = log.entry("first")["metadata"]
    assert metadata["llm_total_token"] == 7
    assert metadata["backend_name"] == "default/first/route/models/rule/0/ref/0"
    assert (metadata["ai_service_backend_name"], metadata["route_name"]) == ("default/first", "default/models")


def test_a_retry_speaks_another_language(peer):
    port, providers, log = peer
    providers[0].answer = lambda request: Answer.json({"error": {"message": "busy"}}, status=503)
    providers[1].answer = lambda request: Answer.json({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-large", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Hello"}], "usage": {"input_tokens": 3, "output_tokens": 4}})
    status, body = ask(port, chat("large", "x" * 200_000), headers={"x-case": "retry"})
    assert status == 200 and body["choices"][0]["message"]["content"] == "Hello"
    [first], [second] = providers[0].requests, providers[1].requests
    assert second.path == "/v1/messages" and second.header("x-api-key") == "sk-second"
    assert second.header("authorization") is None
    assert second.json()["model"] == "claude-large"
    assert second.header("content-length") == str(len(second.body)) and second.header("transfer-encoding") is None
    for request in (first, second):
        assert not [name for name, _ in request.headers if name.startswith("x-ai-eg-") or "original-path" in name]
    entry = log.entry("retry")
    assert entry["attempts"] == 2 and entry["metadata"]["llm_total_token"] == 7


def test_a_stream(peer):
    port, providers, log = peer
    events = [b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n', 0.05,
              b'data: {"choices":[],"usage":%s}\n\n' % json.dumps(USAGE).encode(), b"data: [DONE]\n\n"]
    providers[0].answer = lambda request: Answer.events(events)
    with Connection(port) as connection:
        response = connection.send(chat("large", stream=True), headers={"x-case": "stream"})
        assert response.read() == b"".join(event for event in events if isinstance(event, bytes))
    assert providers[0].requests[0].json()["stream_options"] == {"include_usage": True}
    assert log.entry("stream")["metadata"]["llm_total_token"] == 7


def test_no_route_for_the_model(peer):
    port, _, _ = peer
    status, body = ask(port, chat("unknown"))
    assert status == 404 and "No matching route found" in body["error"]["message"]


def test_what_needs_no_backend(peer):
    port, _, _ = peer
    status, body = ask(port, None, path="/v1/models", method="GET")
    assert status == 200 and [model["id"] for model in body["data"]] == ["large"]
    status, body = ask(port, b"{", path="/v1/chat/completions")
    assert status == 400 and body["error"]["type"] == "BadRequest"
    status, body = ask(port, b"{}", path="/v1/unknown")
    assert status == 404 and "unsupported path" in body["error"]["message"]
