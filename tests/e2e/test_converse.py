"""boto3 through the real Envoy: clients of Bedrock's Converse towards each provider. The provider is the embedded one;
what arrives there is judged by the SDKs' types and by botocore's model."""
import base64
import json

import boto3
import botocore.config
import botocore.exceptions
import pytest
from harness.envoy import PATIENCE
from harness.judge import Judge
from harness.stage import ANTHROPIC_KEY, API_KEY, AWS_KEY, AWS_SECRET, AZURE_KEY, KEY, REGION, stage

CLIENTS_SECRET = "the-clients-own-secret"

# name: (kind, schema, auth, the model that is routed to it)
BACKENDS = {
    "openai": ("openai", {"name": "OpenAI"}, API_KEY, "gpt-mock"),
    "azure": ("azure", {"name": "AzureOpenAI", "version": "2025-01-01"}, AZURE_KEY, "azure-mock"),
    "responses": ("responses", {"name": "OpenAIResponses"}, API_KEY, "gpt-5-mock"),
    "anthropic": ("anthropic", {"name": "Anthropic"}, ANTHROPIC_KEY, "claude-sonnet-4-6"),
    "bedrock": ("bedrock", {"name": "AWSBedrock"}, AWS_KEY, "anthropic.claude-mock-v1:0"),
}
THINKING = ["responses", "anthropic", "bedrock"]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
          "additionalProperties": False}
TOOLS = {"tools": [{"toolSpec": {"name": "weather", "description": "Tells it", "inputSchema": {"json": SCHEMA}}}]}
CITIES = "Weather in Oslo and Lima, in parallel"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stage(tmp_path_factory.mktemp("converse"), BACKENDS) as running:
        yield running


@pytest.fixture(scope="module")
def judge():
    return Judge(KEY, AWS_SECRET, REGION, [CLIENTS_SECRET, AWS_SECRET])


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


@pytest.fixture
def asked(running, judge, backend):
    """What arrived at the backend so far; at the end of the test all of that must have been right."""
    running.requests.clear()
    yield running.requests
    assert running.faults(judge, backend) == []
    kind = BACKENDS[backend][0]
    for one in running.requests:
        names = {name for name, _ in one.headers}
        assert not {name for name in names if name.startswith("amz-sdk-")}
        assert kind == "bedrock" or not {name for name in names if name.startswith("x-amz-")}


@pytest.fixture
def model(backend, asked):
    return BACKENDS[backend][-1]


@pytest.fixture(scope="module")
def client(running):
    return boto3.client(
        "bedrock-runtime", endpoint_url=running.url, region_name="us-west-2", aws_access_key_id="AKIDCLIENT",
        aws_secret_access_key=CLIENTS_SECRET, aws_session_token="of-the-client",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE))


def user(*content):
    return {"role": "user", "content": [{"text": one} if isinstance(one, str) else one for one in content]}


def fold(answer):
    """The message of a stream, its reason to stop and its metadata, as a client puts them together."""
    blocks, stop, metadata = {}, None, None
    for event in answer["stream"]:
        ((kind, body),) = event.items()
        if kind == "contentBlockStart":
            blocks[body["contentBlockIndex"]] = {"toolUse": {**body["start"]["toolUse"], "input": ""}}
        elif kind == "contentBlockDelta":
            ((name, delta),) = body["delta"].items()
            index = body["contentBlockIndex"]
            if name == "text":
                block = blocks.setdefault(index, {"text": ""})
                block["text"] += delta
            elif name == "toolUse":
                blocks[index]["toolUse"]["input"] += delta["input"]
            elif "redactedContent" in delta:
                blocks[index] = {"reasoningContent": delta}
            else:
                block = blocks.setdefault(index, {"reasoningContent": {"reasoningText": {"text": ""}}})
                thought = block["reasoningContent"]["reasoningText"]
                for part, text in delta.items():
                    thought[part] = thought.get(part, "") + text
        elif kind == "messageStop":
            stop = body["stopReason"]
        elif kind == "metadata":
            metadata = body
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return {"role": "assistant", "content": [blocks[index] for index in sorted(blocks)]}, stop, metadata


def ask(client, stream, **request):
    if stream:
        return fold(client.converse_stream(**request))
    answer = client.converse(**request)
    return answer["output"]["message"], answer["stopReason"], answer


both = pytest.mark.parametrize("stream", [False, True])


@both
def test_text(client, model, stream):
    message, stop, rest = ask(client, stream, modelId=model, system=[{"text": "Be brief"}],
                              messages=[user("write 3 words")], inferenceConfig={"temperature": 0.5})
    assert message == {"role": "assistant", "content": [{"text": "word1 word2 word3"}]} and stop == "end_turn"
    usage = rest["usage"]
    assert (usage["inputTokens"], usage["outputTokens"], usage["totalTokens"]) == (5, 3, 8)
    assert 0 <= rest["metrics"]["latencyMs"] < 600_000


def test_every_answer_has_a_name(client, model):
    request = {"modelId": model, "messages": [user("Hi")]}
    ids = [client.converse(**request)["ResponseMetadata"]["RequestId"]]
    streamed = client.converse_stream(**request)
    list(streamed["stream"])
    ids.append(streamed["ResponseMetadata"]["RequestId"])
    assert all(ids) and len(set(ids)) == 2


@both
def test_limit(client, model, stream):
    message, stop, _ = ask(client, stream, modelId=model, messages=[user("write 50 words")],
                           inferenceConfig={"maxTokens": 16})
    assert len(message["content"][0]["text"].split()) == 16 and stop == "max_tokens"


@both
def test_parallel_tools(client, model, stream):
    said = [user(CITIES)]
    message, stop, _ = ask(client, stream, modelId=model, messages=said, toolConfig=TOOLS)
    calls = [block["toolUse"] for block in message["content"] if "toolUse" in block]
    assert stop == "tool_use"
    assert [(call["name"], call["input"]) for call in calls] == [
        ("weather", {"city": "Oslo"}), ("weather", {"city": "Lima"})]
    assert calls[0]["toolUseId"] != calls[1]["toolUseId"]
    results = [{"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": text}]}}
               for call, text in zip(calls, ("snow", "sun"))]
    message, _, _ = ask(client, stream, modelId=model, messages=said + [message, user(*results)], toolConfig=TOOLS)
    assert message["content"][-1] == {"text": "The tools answered: snow; sun"}


@both
@pytest.mark.parametrize("backend", THINKING)
def test_reasoning(client, model, stream):
    """Reasoning goes back as it came, and its provider checks that it is its own."""
    options = {"modelId": model, "inferenceConfig": {"maxTokens": 2000},
               "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}
    message, _, _ = ask(client, stream, messages=[user("Hello there")], **options)
    thought = message["content"][0]["reasoningContent"]["reasoningText"]
    assert thought["text"] == "The prompt has 2 tokens." and thought["signature"]
    again, _, _ = ask(client, stream, messages=[user("Hello there"), message, user("Again")], **options)
    assert again["content"][-1]["text"].endswith("You said: Again")


def test_image(client, model):
    picture = {"image": {"format": "png", "source": {"bytes": PIXEL}}}
    message, _, _ = ask(client, False, modelId=model, messages=[user("write 2 words", picture)])
    assert message["content"] == [{"text": "word1 word2"}]


def test_structured_output(client, model):
    answer = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
        "name": "place", "schema": json.dumps(SCHEMA)}}}}
    message, _, _ = ask(client, False, modelId=model, messages=[user("Oslo")], outputConfig=answer)
    assert isinstance(json.loads(message["content"][0]["text"])["city"], str)


@pytest.mark.parametrize("status, name", [
    (400, "ValidationException"), (403, "AccessDeniedException"), (404, "ResourceNotFoundException"),
    (429, "ThrottlingException"), (500, "InternalServerException"), (503, "ServiceUnavailableException")])
@both
def test_errors_of_the_provider(client, model, status, name, stream):
    call = client.converse_stream if stream else client.converse
    with pytest.raises(getattr(client.exceptions, name)) as caught:
        call(modelId=model, messages=[user(f"error {status}")])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert f"asked for an error {status}" in caught.value.response["Error"]["Message"]


def test_stream_that_breaks(client, model):
    answer = client.converse_stream(modelId=model, messages=[user("break the stream, but only after some words")])
    text = ""
    with pytest.raises(botocore.exceptions.EventStreamError, match="break the stream"):
        for event in answer["stream"]:
            text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    assert text


@pytest.mark.parametrize("backend", ["openai"])
def test_errors_of_the_gateway(client, model, asked):
    """What the gateway refuses, and what Envoy answers itself, is told as the service would tell it."""
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="unsupported path"):
        client.invoke_model(modelId=model, body=b"{}")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="No matching route"):
        client.converse(modelId="nobody", messages=[user("Hi")])
    video = {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://bucket/key"}}}}
    for call in (client.converse, client.converse_stream):
        with pytest.raises(client.exceptions.ValidationException, match="video: only Bedrock can") as caught:
            call(modelId=model, messages=[user(video)])
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 422
    assert not asked
