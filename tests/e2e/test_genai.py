"""Google's own client, google-genai, through the real Envoy: to the embedded provider, which speaks OpenAI, and to
fakes of Anthropic and Bedrock."""
import json

import pytest
from google import genai
from google.genai import errors, types
from harness import bootstrap
from harness.case import frame
from harness.provider import Answer

ANTHROPIC = "backends: [{name: primary, schema: {name: Anthropic}, auth: {anthropicAPIKey: {key: sk-ant}}}]"
BEDROCK = """
backends:
  - name: primary
    schema: {name: AWSBedrock}
    auth:
      aws:
        region: us-east-1
        credentialFileLiteral: |
          [default]
          aws_access_key_id = AKID
          aws_secret_access_key = secret
"""
VERTEX = """
backends:
  - name: primary
    schema: {name: GCPVertexAI}
    auth: {gcp: {region: europe-west4, projectName: mine, accessToken: token}}
"""
USAGE = {"input_tokens": 7, "output_tokens": 5}


def open_client(url, **more):
    options = types.HttpOptions(base_url=url, timeout=60_000, retry_options=types.HttpRetryOptions(attempts=1))
    return genai.Client(api_key="of-the-client", http_options=options, **more)


@pytest.fixture
def client(start_aigw):
    return open_client(start_aigw().url)


@pytest.fixture
def gateway(start_envoy, tmp_path, provider):
    """gateway(config, answer) is a client of a gateway in front of a provider that answers so."""

    def start(config, answer):
        provider.reset(answer)
        envoy = start_envoy(bootstrap.gateway(tmp_path, config, [("primary", provider.port)]))
        return open_client(f"http://127.0.0.1:{envoy.ports['main']}")

    return start


def weather(city: str) -> str:
    """Tells the weather.

    Args:
        city: where.
    """
    return f"18 degrees in {city}"


def test_text(client):
    answer = client.models.generate_content(
        model="any", contents="write 3 words",
        config=types.GenerateContentConfig(
            system_instruction="Be brief.", temperature=0.5, top_k=40, max_output_tokens=9))
    assert answer.text == "word1 word2 word3"
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert usage.candidates_token_count == 3
    assert usage.total_token_count == usage.prompt_token_count + 3


def test_stream(client):
    chunks = list(client.models.generate_content_stream(model="any", contents="write 50 words"))
    assert "".join(chunk.text or "" for chunk in chunks) == " ".join(f"word{i}" for i in range(1, 51))
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.candidates_token_count == 50


def test_structured_output(client):
    answer = client.models.generate_content(
        model="any", contents="go",
        config=types.GenerateContentConfig(response_mime_type="application/json", response_schema={
            "type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}, "required": ["a"]}))
    assert isinstance(json.loads(answer.text)["a"], int)


def test_a_function_is_called_by_the_client_itself(client):
    chat = client.chats.create(model="any", config=types.GenerateContentConfig(tools=[weather]))
    answer = chat.send_message("weather, please")
    history = chat.get_history()
    calls = [part.function_call for content in history for part in content.parts if part.function_call]
    results = [part.function_response for content in history for part in content.parts if part.function_response]
    assert [call.name for call in calls] == ["weather"] and isinstance(calls[0].args["city"], str)
    assert results[0].response == {"result": weather(calls[0].args["city"])}
    assert answer.text


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_errors_of_the_provider(client, status):
    kind = errors.ClientError if status < 500 else errors.ServerError
    with pytest.raises(kind) as caught:
        client.models.generate_content(model="any", contents=f"error {status}")
    assert caught.value.code == status
    assert caught.value.message and caught.value.status


def test_errors_of_the_gateway(client):
    with pytest.raises(errors.ClientError) as caught:
        client.models.embed_content(model="any", contents="a")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


def test_stream_that_breaks(client):
    with pytest.raises(errors.APIError):
        list(client.models.generate_content_stream(model="any", contents="break the stream"))


def events(*values):
    return [f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode() for value in values]


def test_thoughts_of_anthropic_come_back_signed(gateway, provider):
    answers = [
        {"content": [{"type": "thinking", "thinking": "Let me see.", "signature": "ab+/cQ=="},
                     {"type": "redacted_thinking", "data": "secret?"},
                     {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}},
                     {"type": "tool_use", "id": "toolu_2", "name": "weather", "input": {"city": "Bergen"}}],
         "stop_reason": "tool_use"},
        {"content": [{"type": "text", "text": "18 both."}], "stop_reason": "end_turn"}]
    client = gateway(ANTHROPIC, lambda request: Answer.json(
        {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-1", "usage": USAGE,
         **answers[len(provider.requests) - 1]}))
    chat = client.chats.create(model="claude", config=types.GenerateContentConfig(
        tools=[weather], thinking_config=types.ThinkingConfig(thinking_budget=1024, include_thoughts=True)))
    assert chat.send_message("Weather?").text == "18 both."
    first, second = [request.json() for request in provider.requests]
    assert first["thinking"] == {"type": "enabled", "budget_tokens": 1024}
    assert second["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Let me see.", "signature": "ab+/cQ=="},
        {"type": "redacted_thinking", "data": "secret?"},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}},
        {"type": "tool_use", "id": "toolu_2", "name": "weather", "input": {"city": "Bergen"}}]
    results = second["messages"][2]["content"]
    assert [(one["tool_use_id"], one["content"][0]["text"]) for one in results] == [
        ("toolu_1", "18 degrees in Oslo"), ("toolu_2", "18 degrees in Bergen")]


def test_stream_of_anthropic(gateway, provider):
    client = gateway(ANTHROPIC, lambda _: Answer.events(events(
        {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "content": [],
                                              "model": "claude-1", "usage": USAGE}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"})))
    chunks = list(client.models.generate_content_stream(model="claude", contents=[
        "What?", types.Part.from_bytes(data=b"\xfb\xff\xfe", mime_type="image/png")]))
    assert "".join(chunk.text or "" for chunk in chunks) == "Hello"
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    assert chunks[-1].usage_metadata.prompt_token_count == 7
    picture = provider.requests[0].json()["messages"][0]["content"][1]
    assert picture["source"] == {"data": "+//+", "media_type": "image/png", "type": "base64"}


def test_error_in_a_stream(gateway):
    client = gateway(ANTHROPIC, lambda _: Answer.events(events(
        {"type": "message_start", "message": {"id": "msg_1", "model": "claude-1", "usage": USAGE}},
        {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}})))
    with pytest.raises(errors.APIError, match="slow down") as caught:
        list(client.models.generate_content_stream(model="claude", contents="Hi"))
    assert caught.value.code == 429


def test_stream_of_bedrock(gateway, provider):
    lines = [b'messageStart {"role":"assistant"}',
             b'contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"Hello"}}',
             b'contentBlockStop {"contentBlockIndex":0}',
             b'contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"weather"}}}',
             b'contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\\"city\\":\\"Oslo\\"}"}}}',
             b'contentBlockStop {"contentBlockIndex":1}',
             b'messageStop {"stopReason":"tool_use"}',
             b'metadata {"usage":{"inputTokens":7,"outputTokens":5,"totalTokens":12}}']
    client = gateway(BEDROCK, lambda _: Answer(200, [("content-type", "application/vnd.amazon.eventstream")],
                                               [frame(line) for line in lines]))
    chunks = list(client.models.generate_content_stream(model="claude", contents="Weather?"))
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]
    assert [part.text for part in parts if part.text] == ["Hello"]
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.id, call.name, call.args) for call in calls] == [("t1", "weather", {"city": "Oslo"})]
    assert provider.requests[0].path == "/model/claude/converse-stream"


def test_vertex_passes(gateway, provider):
    client = gateway(VERTEX, lambda _: Answer.json({
        "candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 2}}))
    assert client.models.generate_content(model="gemini-2.5-pro", contents="Hi").text == "Hi"
    request = provider.requests[0]
    assert request.path == ("/v1/projects/mine/locations/europe-west4/publishers/google/models/"
                            "gemini-2.5-pro:generateContent")
    assert request.header("authorization") == "Bearer token"
    assert request.header("x-goog-api-key") is None
