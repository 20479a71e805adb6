"""What is no conversation, at providers whose API for it is another: the SDKs' clients through the real Envoy. What
arrives at the provider is judged by botocore's model of the service, google-genai's types and Anthropic's."""
import base64
import json

import bedrock_model
import httpx
import openai
import pydantic
import pytest
from google.genai import types
from harness import bootstrap, sdk
from harness.envoy import PATIENCE
from harness.judge import consume, request_type, signature_faults
from harness.provider import Answer

AWS = """
    auth:
      aws:
        region: us-east-1
        credentialFileLiteral: |
          [default]
          aws_access_key_id = AKID
          aws_secret_access_key = secret
"""
GCP = "    auth: {gcp: {region: europe-west4, projectName: mine, accessToken: token}}\n"
COHERE = "    auth: {apiKey: {key: co-key}}\n"
VERTEX = "/v1/projects/mine/locations/europe-west4/publishers/"


@pytest.fixture
def gateway(start_envoy, tmp_path, provider):
    """gateway(schema, auth, answer) is the URL of a gateway in front of a provider that answers so."""

    def start(schema, auth, answer):
        provider.reset(lambda _: answer)
        config = f"backends:\n  - name: primary\n    schema: {{name: {schema}}}\n{auth.lstrip(chr(10))}"
        envoy = start_envoy(bootstrap.gateway(tmp_path, config, [("primary", provider.port)]))
        return f"http://127.0.0.1:{envoy.ports['main']}"

    return start


def open_ai(url):
    return openai.OpenAI(base_url=url + "/v1", api_key="of-the-client", max_retries=0, timeout=PATIENCE)


def signed(request):
    return signature_faults(request, "AKID", "secret", "us-east-1") == []


def embeddings(answer):
    return [list(one.embedding) for one in answer.data], answer.usage.prompt_tokens, answer.usage.total_tokens


def test_titan(gateway, provider):
    url = gateway("AWSBedrock", AWS, Answer.json({"embedding": [0.1, -2e-7], "inputTextTokenCount": 3}))
    answer = open_ai(url).embeddings.create(model="amazon.titan-embed-text-v2:0", input="Hi", dimensions=256)
    assert embeddings(answer) == ([[0.1, -2e-7]], 3, 3)
    request = provider.requests[0]
    assert request.path == "/model/amazon.titan-embed-text-v2:0/invoke" and signed(request)
    assert request.json() == {"inputText": "Hi", "dimensions": 256}
    with pytest.raises(openai.UnprocessableEntityError, match="2 texts"):
        open_ai(url).embeddings.create(model="titan", input=["a", "b"])


def test_errors_of_titan(gateway):
    url = gateway("AWSBedrock", AWS, Answer.json({"message": "slow down"}, 429,
                                                 [("x-amzn-errortype", "ThrottlingException")]))
    with pytest.raises(openai.RateLimitError) as caught:
        open_ai(url).embeddings.create(model="titan", input="a")
    assert caught.value.type == "ThrottlingException" and "slow down" in caught.value.message


def test_vertex_predict(gateway, provider):
    url = gateway("GCPVertexAI", GCP, Answer.json({"predictions": [
        {"embeddings": {"values": [1.5], "statistics": {"token_count": 2, "truncated": False}}},
        {"embeddings": {"values": [2.5], "statistics": {"token_count": 3, "truncated": True}}}]}))
    answer = open_ai(url).embeddings.create(model="text-embedding-005", input=["a", "b"],
                                            extra_body={"task_type": "CLUSTERING"})
    assert embeddings(answer) == ([[1.5], [2.5]], 5, 5)
    assert answer.data[1].model_extra == {"truncated": True}
    request = provider.requests[0]
    assert request.path == VERTEX + "google/models/text-embedding-005:predict"
    assert request.json() == {"instances": [{"content": "a", "task_type": "CLUSTERING"},
                                            {"content": "b", "task_type": "CLUSTERING"}], "parameters": {}}


@pytest.mark.filterwarnings("ignore")
def test_vertex_embed_content(gateway, provider):
    url = gateway("GCPVertexAI", GCP, Answer.json(
        {"embedding": {"values": [1.5]}, "usageMetadata": {"promptTokenCount": 2}}))
    answer = open_ai(url).embeddings.create(model="gemini-embedding-2", input="a", dimensions=3,
                                            extra_body={"task_type": "CLUSTERING", "title": "t", "auto_truncate": True})
    assert embeddings(answer) == ([[1.5]], 2, 2)
    request = provider.requests[0]
    assert request.path == VERTEX + "google/models/gemini-embedding-2:embedContent"
    body = request.json()
    content = types.Content.model_validate(body.pop("content"))
    assert [part.text for part in content.parts] == ["a"]
    config = types.EmbedContentConfig.model_validate(body.pop("embedContentConfig"))
    assert (config.task_type, config.title, config.output_dimensionality, config.auto_truncate) == (
        "CLUSTERING", "t", 3, True)
    assert body == {}


def test_cohere(gateway, provider):
    url = gateway("Cohere", COHERE, Answer.json(
        {"id": "1", "embeddings": {"float": [[1.5], [2.5]]}, "meta": {"billed_units": {"input_tokens": 2}}}))
    answer = open_ai(url).embeddings.create(model="embed-v4.0", input=["a", "b"])
    assert embeddings(answer) == ([[1.5], [2.5]], 2, 2)
    request = provider.requests[0]
    assert (request.path, request.header("authorization")) == ("/v2/embed", "Bearer co-key")
    assert request.json()["texts"] == ["a", "b"]


MESSAGES = [{"role": "user", "content": "Hi"}]
TOOL = {"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {}}}


def inner(body):
    """What a body of CountTokens wraps, which botocore's model describes."""
    assert bedrock_model.problems(body, bedrock_model.load().operation_model("CountTokens").input_shape) == []
    return json.loads(base64.b64decode(body["input"]["invokeModel"]["body"], validate=True))


def is_messages(body):
    """The members of Anthropic's own API, by its SDK; the envelope is the cloud's."""
    envelope = {name: body.pop(name) for name in ("anthropic_version", "model") if name in body}
    with sdk.anthropic("2023-06-01"):
        kind = request_type("anthropic", "anthropic.types.message_create_params", "MessageCreateParams")
        consume(kind.validate_python({"model": "m", "max_tokens": 1, **body}))
    return envelope


def count(url, **more):
    with sdk.anthropic("2023-06-01") as anthropic:
        client = anthropic.Anthropic(base_url=url + "/anthropic", api_key="of-the-client", max_retries=0,
                                     timeout=PATIENCE)
        return client.messages.count_tokens(messages=MESSAGES, tools=[TOOL], system="Be brief.", **more).input_tokens


@pytest.mark.parametrize("schema", ["AWSBedrock", "AWSAnthropic"])
def test_count_tokens_on_aws(gateway, provider, schema):
    url = gateway(schema, AWS, Answer.json({"inputTokens": 14}))
    assert count(url, model="us.anthropic.claude-sonnet-4-5-20250929-v1:0") == 14
    request = provider.requests[0]
    assert request.path == "/model/anthropic.claude-sonnet-4-5-20250929-v1:0/count-tokens" and signed(request)
    assert is_messages(inner(request.json())) == {"anthropic_version": "bedrock-2023-05-31"}


def test_count_tokens_on_gcp(gateway, provider):
    url = gateway("GCPAnthropic", GCP, Answer.json({"input_tokens": 14}))
    assert count(url, model="claude-sonnet-4-5@default") == 14
    request = provider.requests[0]
    assert request.path == VERTEX + "anthropic/models/count-tokens:rawPredict"
    assert is_messages(request.json()) == {"anthropic_version": "vertex-2023-10-16", "model": "claude-sonnet-4-5"}


def test_errors_of_count_tokens(gateway):
    url = gateway("AWSAnthropic", AWS, Answer.json({"message": "no such model"}, 404,
                                                   [("x-amzn-errortype", "ResourceNotFoundException")]))
    with pytest.raises(Exception, match="no such model") as caught:
        count(url, model="m")
    assert (type(caught.value).__name__, caught.value.status_code) == ("NotFoundError", 404)


CHAT = {"messages": [{"role": "system", "content": "Be brief."}, *MESSAGES], "tools": [
    {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": TOOL["input_schema"]}}]}


def tokenize(url, **body):
    answer = httpx.post(url + "/tokenize", json={"model": "us.anthropic.claude-x", **body}, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("body", [CHAT, {"prompt": "Hi"}], ids=["chat", "prompt"])
def test_tokenize_on_bedrock(gateway, provider, body):
    url = gateway("AWSBedrock", AWS, Answer.json({"inputTokens": 9}))
    assert tokenize(url, **body) == {"count": 9, "max_model_len": 0, "tokens": None}
    sent = provider.requests[0]
    assert sent.path == "/model/anthropic.claude-x/count-tokens" and signed(sent)
    shape = bedrock_model.load().operation_model("CountTokens").input_shape
    assert bedrock_model.problems(sent.json(), shape) == []
    assert sent.json()["input"]["converse"]["messages"] == [{"content": [{"text": "Hi"}], "role": "user"}]


@pytest.mark.parametrize("body", [CHAT, {"prompt": "Hi"}], ids=["chat", "prompt"])
def test_tokenize_at_anthropic_in_clouds(gateway, provider, body):
    url = gateway("AWSAnthropic", AWS, Answer.json({"inputTokens": 9}))
    assert tokenize(url, **body)["count"] == 9
    assert is_messages(inner(provider.requests[0].json())) == {"anthropic_version": "bedrock-2023-05-31"}
    url = gateway("GCPAnthropic", GCP, Answer.json({"input_tokens": 8}))
    assert tokenize(url, **body)["count"] == 8
    assert is_messages(provider.requests[0].json()) == {"anthropic_version": "vertex-2023-10-16",
                                                        "model": "us.anthropic.claude-x"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("body", [CHAT, {"prompt": "Hi"}], ids=["chat", "prompt"])
def test_tokenize_on_vertex(gateway, provider, body):
    url = gateway("GCPVertexAI", GCP, Answer.json({"totalTokens": 7}))
    assert tokenize(url, **body)["count"] == 7
    request = provider.requests[0]
    assert request.path == VERTEX + "google/models/us.anthropic.claude-x:countTokens"
    parts = {"contents": list[types.Content], "systemInstruction": types.Content, "tools": list[types.Tool]}
    for name, member in request.json().items():
        pydantic.TypeAdapter(parts[name]).validate_python(member)


def test_pages_of_models(start_envoy, tmp_path):
    names = [f"model/{number}" for number in range(7)]
    config = "backends: [{name: primary, schema: {name: Anthropic}}]\nmodels:\n" + "".join(
        f"  - {{Name: {name}}}\n" for name in names)
    envoy = start_envoy(bootstrap.gateway(tmp_path, config, [("primary", 1)]))
    with sdk.anthropic("2023-06-01") as anthropic:
        client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{envoy.ports['main']}/anthropic", api_key="k")
        assert [model.id for model in client.models.list(limit=3)] == names
        page = client.models.list(limit=2, before_id=names[4])
        assert [model.id for model in page.data] == names[2:4] and page.has_more
        with pytest.raises(anthropic.BadRequestError, match="limit"):
            client.models.list(limit=0)
