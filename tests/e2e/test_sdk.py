"""The OpenAI SDK against `aigw run` with nothing configured: the embedded provider, through the real Envoy."""
import json

import openai
import pytest


@pytest.fixture
def client(start_aigw):
    with openai.OpenAI(base_url=start_aigw().url + "/v1", api_key="unused", max_retries=0, timeout=60) as one:
        yield one


def say(text):
    return [{"role": "user", "content": text}]


WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


def test_models(client):
    models = [model.id for model in client.models.list()]
    assert models and all(models)
    answer = client.chat.completions.create(model=models[0], messages=say("Hello there"))
    assert answer.model == models[0]


def test_chat(client):
    answer = client.chat.completions.create(model="any", messages=say("write 3 words"))
    assert answer.choices[0].message.content == "word1 word2 word3"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (3, 3, 6)


def test_streaming(client):
    stream = client.chat.completions.create(model="any", messages=say("write 50 words"), stream=True,
                                            stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == " ".join(f"word{i}" for i in range(1, 51))
    assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [50]


def test_streaming_reports_usage_where_costs_need_it(client):
    """`aigw run` counts tokens, so the provider is asked for usage even where the client did not ask."""
    chunks = list(client.chat.completions.create(model="any", messages=say("write 2 words"), stream=True))
    counted = [chunk for chunk in chunks if chunk.usage]
    assert len(counted) == 1 and counted[0] is chunks[-1]
    assert counted[0].choices == [] and counted[0].usage.total_tokens > 0


def test_stream_that_breaks(client):
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model="any", messages=say("break the stream"), stream=True))


@pytest.mark.parametrize("stream", [False, True])
def test_tools(client, stream):
    messages = say("weather, please")
    if stream:
        with client.chat.completions.stream(model="any", messages=messages, tools=[WEATHER]) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(model="any", messages=messages, tools=[WEATHER]).choices[0].message
    call = message.tool_calls[0]
    assert call.function.name == "weather"
    assert isinstance(json.loads(call.function.arguments)["city"], str)
    messages += [message.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True),
                 {"role": "tool", "tool_call_id": call.id, "content": "4 degrees"}]
    answer = client.chat.completions.create(model="any", messages=messages, tools=[WEATHER])
    assert answer.choices[0].message.content and not answer.choices[0].message.tool_calls


@pytest.mark.parametrize("status, kind", [
    (400, openai.BadRequestError), (401, openai.AuthenticationError), (404, openai.NotFoundError),
    (422, openai.UnprocessableEntityError), (429, openai.RateLimitError), (500, openai.InternalServerError)])
def test_errors_of_the_provider(client, status, kind):
    with pytest.raises(kind) as caught:
        client.chat.completions.create(model="any", messages=say(f"error {status}"))
    assert caught.value.status_code == status
    assert caught.value.body["message"]


def test_errors_of_the_gateway(client):
    with pytest.raises(openai.NotFoundError, match="unsupported path"):
        client.post("/nothing", cast_to=object, body={})
    with pytest.raises(openai.BadRequestError, match="model"):
        client.post("/chat/completions", cast_to=object, body={"messages": []})
