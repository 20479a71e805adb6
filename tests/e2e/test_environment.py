"""`aigw run` without a document: the environment names the providers, and all of them are routed to at once."""
import json
import os
import pathlib
import re
import subprocess

import pytest
from harness import document
from harness.aigw import run
from harness.client import ask, chat
from harness.envoy import PATIENCE, envoy_binary, module_file
from harness.provider import Answer

HI = {"role": "user", "content": "Hi"}
CHAT = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
    {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]}
MESSAGE = {"id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
           "stop_sequence": None, "content": [{"type": "text", "text": "Hello"}],
           "usage": {"input_tokens": 1, "output_tokens": 1}}
CONVERSE = {"output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}}, "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, "metrics": {"latencyMs": 1}}


def answer(request):
    if request.path.startswith("/model/"):
        return Answer.json(CONVERSE)
    return Answer.json(MESSAGE if request.path.endswith("/messages") else CHAT)


def named(url):
    """Every provider, at one address, each with a path of its own where its SDK's base URL may have one."""
    return {"OPENAI_API_KEY": "secret-openai", "OPENAI_BASE_URL": url + "/compatible/v2", "OPENAI_ORG_ID": "org-1",
            "ANTHROPIC_API_KEY": "secret-anthropic", "ANTHROPIC_BASE_URL": url + "/relay",
            "AZURE_OPENAI_API_KEY": "secret-azure", "AZURE_OPENAI_ENDPOINT": url, "OPENAI_API_VERSION": "2025-01-01",
            "AWS_ACCESS_KEY_ID": "secret-aws", "AWS_SECRET_ACCESS_KEY": "secret-aws-secret", "AWS_REGION": "eu-west-1",
            "AWS_SESSION_TOKEN": "secret-aws-session", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/anthropic/v1/messages"])
def test_each_model_goes_to_its_provider(start_aigw, provider, path):
    provider.answer = answer
    gateway = start_aigw(**named(f"http://127.0.0.1:{provider.port}"))
    expected = {
        "gpt-x": ("/compatible/v2/chat/completions", "authorization", "Bearer secret-openai"),
        "claude-x": ("/relay/v1/messages", "x-api-key", "secret-anthropic"),
        "eu.anthropic.claude-x-v1:0": ("/model/eu.anthropic.claude-x-v1:0/converse", "x-amz-security-token",
                                       "secret-aws-session"),
    }
    for model, (asked, header, value) in expected.items():
        status, body = ask(gateway.port, chat(model, max_tokens=9), path=path)
        assert status == 200 and "Hello" in json.dumps(body), body
        assert (provider.requests[-1].path, provider.requests[-1].header(header)) == (asked, value)
        shown = json.dumps(provider.requests[-1].headers)
        others = [one[2] for name, one in expected.items() if name != model] + ["secret-azure", "secret-aws-secret"]
        assert not [one for one in others if one in shown]
    assert provider.requests[0].header("openai-organization") == "org-1"
    assert provider.requests[-1].header("authorization").startswith("AWS4-HMAC-SHA256 Credential=secret-aws/")
    assert "secret-" not in gateway.text()


def test_azure_answers_where_openai_fails(start_aigw, provider):
    provider.answer = lambda one: answer(one) if "/deployments/" in one.path else Answer.json({}, 503)
    gateway = start_aigw(**named(f"http://127.0.0.1:{provider.port}"))
    assert ask(gateway.port, chat("gpt-x"))[0] == 200
    first, last = provider.requests[0], provider.requests[-1]
    assert first.path == "/compatible/v2/chat/completions" and first.header("authorization") == "Bearer secret-openai"
    assert last.path == "/openai/deployments/gpt-x/chat/completions?api-version=2025-01-01"
    assert (last.header("api-key"), last.header("authorization")) == ("secret-azure", None)
    assert last.header("openai-organization") is None


def test_what_is_half_named_is_said(start_aigw, provider):
    gateway = start_aigw(OPENAI_BASE_URL=f"http://127.0.0.1:{provider.port}", AWS_ACCESS_KEY_ID="secret-aws")
    assert "Bedrock is left out" in gateway.text() and "AWS_SECRET_ACCESS_KEY" in gateway.text()


def test_envoy_takes_the_bootstrap(tmp_path):
    real = {name: value for name, value in named("https://azure.example.com").items()
            if "BASE_URL" not in name and "ENDPOINT_URL" not in name}
    code, out, errors = run(tmp_path, "run", "--print-bootstrap", **real)
    assert code == 0 and "secret-" not in out + errors, errors
    for host in ("api.openai.com", "azure.example.com", "api.anthropic.com", "bedrock-runtime.eu-west-1.amazonaws.com"):
        assert host in out
    # Nothing is written for --print-bootstrap, so the document that it names is ours to write.
    path = pathlib.Path(re.search(r'"configPath": "(/[^"]*/filterapi.json)"', out)[1])
    path.parent.mkdir()
    path.write_text(document.filterapi(document.backend()))
    printed = tmp_path / "bootstrap.json"
    printed.write_text(out)
    done = subprocess.run([envoy_binary(), "--mode", "validate", "-c", printed, "-l", "error"],
                          capture_output=True, text=True, timeout=2 * PATIENCE,
                          env={**os.environ, "ENVOY_DYNAMIC_MODULES_SEARCH_PATH": str(module_file().parent)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_embedded_provider_speaks_every_language(start_aigw):
    """With nothing named, the models of the embedded provider are listed and answered in both clients' languages."""
    gateway = start_aigw()
    listed = [one["id"] for one in ask(gateway.port, None, path="/v1/models", method="GET")[1]["data"]]
    assert {"mock-small", "claude-mock", "anthropic.claude-mock-v1:0"} <= set(listed)
    for model in listed:
        for path in ("/v1/chat/completions", "/anthropic/v1/messages"):
            status, body = ask(gateway.port, chat(model, "write 2 words", max_tokens=99), path=path)
            assert status == 200 and "word1 word2" in json.dumps(body), body
