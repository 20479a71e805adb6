"""The Responses API through the real Envoy: its clients towards each provider, and the other clients towards a provider
of it. The provider is the embedded one; what arrives there is judged by the SDKs' types, and the SDK reads strictly."""
import json

import openai
import pydantic
import pytest
from harness import sdk
from harness.judge import Judge
from harness.stage import ANTHROPIC_KEY, API_KEY, AWS_KEY, AWS_SECRET, KEY, REGION, stage

CLIENTS_KEY = "the-clients-own-key"

# name: (kind, schema, auth, the model that is routed to it). `openai` speaks both languages.
BACKENDS = {
    "openai": ("responses", {"name": "OpenAI"}, API_KEY, "gpt-both"),
    "responses": ("responses", {"name": "OpenAIResponses"}, API_KEY, "gpt-5-mock"),
    "chat": ("openai", {"name": "OpenAIChat"}, API_KEY, "gpt-chat"),
    "anthropic": ("anthropic", {"name": "Anthropic"}, ANTHROPIC_KEY, "claude-sonnet-4-6"),
    "bedrock": ("bedrock", {"name": "AWSBedrock"}, AWS_KEY, "anthropic.claude-mock-v1:0"),
}
TRANSLATED = ["chat", "anthropic", "bedrock"]
THINKING = ["openai", "responses", "anthropic"]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
          "additionalProperties": False}
TOOL = {"type": "function", "name": "weather", "parameters": SCHEMA, "strict": True}
CITIES = "Weather in Oslo and Lima, in parallel"
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stage(tmp_path_factory.mktemp("responses"), BACKENDS) as running:
        yield running


@pytest.fixture(scope="module")
def judge():
    return Judge(KEY, AWS_SECRET, REGION, [CLIENTS_KEY, AWS_SECRET])


@pytest.fixture
def asked(running, judge, backend):
    """What arrived at the backend so far; at the end of the test all of that must have been right."""
    running.requests.clear()
    yield running.requests
    assert running.faults(judge, backend) == []


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


@pytest.fixture
def model(backend, asked):
    return BACKENDS[backend][-1]


@pytest.fixture
def client(running):
    with openai.OpenAI(base_url=running.url + "/v1", api_key=CLIENTS_KEY, max_retries=0, timeout=60,
                       _strict_response_validation=True) as client:
        yield client


@pytest.fixture
def responses(client):
    return client.responses


# --- its clients -----------------------------------------------------------------------------------------------------


def test_text(responses, model, asked):
    answer = responses.create(model=model, instructions="Be brief", input="write 3 words", temperature=0.5)
    assert (answer.output_text, answer.status) == ("word1 word2 word3", "completed")
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (5, 3, 8)
    assert answer.instructions == "Be brief" and answer.temperature == 0.5 and answer.tools == []
    assert answer.id.startswith("resp_") and answer.created_at > 1_700_000_000 and answer._request_id
    assert len(asked) == 1


def test_limit(responses, model):
    answer = responses.create(model=model, input="write 50 words", max_output_tokens=16)
    assert len(answer.output_text.split()) == 16
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_stream(responses, model):
    """The events that a client may count on, numbered, and the same answer at their end."""
    events = list(responses.create(model=model, input="write 50 words", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events if not event.type.endswith(".delta")] == [
        "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
        "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"]
    pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
    text = " ".join(f"word{i}" for i in range(1, 51))
    assert "".join(pieces) == text and len(pieces) == 50
    last = events[-1].response
    assert (last.output_text, last.usage.output_tokens) == (text, 50)


@pytest.mark.parametrize("stream", [False, True])
def test_tools(responses, model, stream):
    said = [{"role": "user", "content": CITIES}]
    if stream:
        with responses.stream(model=model, input=said, tools=[TOOL]) as events:
            answer = events.until_done().get_final_response()
    else:
        answer = responses.create(model=model, input=said, tools=[TOOL])
    calls = [item for item in answer.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [
        ("weather", {"city": "Oslo"}), ("weather", {"city": "Lima"})]
    assert calls[0].call_id != calls[1].call_id
    said += [{"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
             for call in calls]
    said += [{"type": "function_call_output", "call_id": call.call_id, "output": text}
             for call, text in zip(calls, ("snow", "sun"))]
    assert responses.create(model=model, input=said, tools=[TOOL]).output_text == "The tools answered: snow; sun"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("backend", THINKING)
def test_reasoning(responses, model, stream):
    """Reasoning goes back as it came, and its provider checks that it is its own."""
    options = {"model": model, "reasoning": {"effort": "high", "summary": "auto"}, "store": False,
               "include": ["reasoning.encrypted_content"]}
    if stream:
        answer = [event for event in responses.create(input="Hello there", stream=True, **options)][-1].response
    else:
        answer = responses.create(input="Hello there", **options)
    thought, message = answer.output
    assert (thought.type, message.type) == ("reasoning", "message")
    assert [part.text for part in thought.summary] == ["The prompt has 2 tokens."] and thought.encrypted_content
    back = [thought.model_dump(exclude_none=True), {"role": "assistant", "content": answer.output_text}]
    again = responses.create(input=[{"role": "user", "content": "Hello there"}, *back,
                                    {"role": "user", "content": "Again"}], **options)
    assert again.output_text.endswith("You said: Again")


def test_image(responses, model):
    parts = [{"type": "input_text", "text": "write 2 words"},
             {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}]
    answer = responses.create(model=model, input=[{"role": "user", "content": parts}])
    assert answer.output_text == "word1 word2"


def test_structured(responses, model):
    class Place(pydantic.BaseModel):
        city: str

    answer = responses.parse(model=model, input="Oslo", text_format=Place)
    assert isinstance(answer.output_parsed, Place)


def test_errors(responses, model):
    for status, stream in [(400, False), (401, False), (429, False), (500, False), (503, False), (429, True)]:
        with pytest.raises(openai.APIStatusError) as caught:
            responses.create(model=model, input=f"error {status}", stream=stream)
        assert caught.value.status_code == status
        assert f"asked for an error {status}" in caught.value.body["message"]


def test_stream_that_breaks(responses, model, backend):
    events = list(responses.create(model=model, input="break the stream, but only after some words", stream=True))
    types = [event.type for event in events]
    assert "response.output_text.delta" in types and "response.completed" not in types
    failure = next(event for event in events if event.type == "error")
    assert "asked to break the stream" in failure.message
    if backend in TRANSLATED:
        assert types[-1] == "response.failed" and "break the stream" in events[-1].response.error.message


@pytest.mark.parametrize("backend", TRANSLATED)
def test_what_only_a_provider_of_it_can_do(responses, model, asked):
    for options, named in (({"previous_response_id": "resp_1"}, "previous_response_id"), ({"store": True}, "store"),
                           ({"background": True}, "background"), ({"conversation": "conv_1"}, "conversation"),
                           ({"tools": [{"type": "web_search"}]}, "web_search"),
                           ({"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
                            "code_interpreter")):
        with pytest.raises(openai.UnprocessableEntityError, match=named):
            responses.create(model=model, input="Hi", **options)
    assert not asked


@pytest.mark.parametrize("backend", ["openai", "responses"])
def test_what_is_passed_on(responses, model, asked):
    with pytest.raises(openai.BadRequestError, match="Previous response with id 'resp_1' not found"):
        responses.create(model=model, input="Hi", previous_response_id="resp_1")
    body = asked[-1].json()
    assert body == {"model": model, "input": "Hi", "previous_response_id": "resp_1"}


# --- the other clients, towards a provider of it ---------------------------------------------------------------------

CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
only_responses = pytest.mark.parametrize("backend", ["responses"])


def user(text):
    return {"role": "user", "content": text}


@only_responses
@pytest.mark.parametrize("stream", [False, True])
def test_chat(client, model, stream):
    options = {"model": model, "messages": [{"role": "system", "content": "Be brief"}, user("write 3 words")]}
    if stream:
        with client.chat.completions.stream(**options) as events:
            answer = events.get_final_completion()
    else:
        answer = client.chat.completions.create(**options)
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (5, 3)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("word1 word2 word3", "stop")


@only_responses
@pytest.mark.parametrize("stream", [False, True])
def test_chat_tools(client, model, stream):
    said = [user(CITIES)]
    if stream:
        with client.chat.completions.stream(model=model, messages=said, tools=[CHAT_TOOL]) as events:
            choice = events.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(model=model, messages=said, tools=[CHAT_TOOL]).choices[0]
    calls = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls"
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}, {"city": "Lima"}]
    said.append({"role": "assistant", "content": choice.message.content, "tool_calls": [
        {"id": call.id, "type": "function", "function": {"name": call.function.name,
                                                         "arguments": call.function.arguments}} for call in calls]})
    said += [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in zip(calls, ("snow", "sun"))]
    answer = client.chat.completions.create(model=model, messages=said, tools=[CHAT_TOOL]).choices[0]
    assert answer.message.content == "The tools answered: snow; sun"


@pytest.fixture(scope="module", params=sdk.ANTHROPIC)
def messages(request, running):
    with sdk.anthropic(request.param) as module, \
            module.Anthropic(base_url=running.url + "/anthropic", api_key=CLIENTS_KEY, max_retries=0, timeout=60,
                             _strict_response_validation=True) as client:
        yield client.messages


@only_responses
@pytest.mark.parametrize("stream", [False, True])
def test_messages_thinking(messages, model, stream):
    """A thought comes with a signature that holds its id, and the provider takes it back under that."""
    options = {"model": model, "max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    if stream:
        with messages.stream(messages=[user("Hello there")], **options) as events:
            answer = events.get_final_message()
    else:
        answer = messages.create(messages=[user("Hello there")], **options)
    thought, text = answer.content
    assert (thought.type, thought.thinking, text.type) == ("thinking", "The prompt has 2 tokens.", "text")
    back = [block.model_dump(exclude_none=True) for block in answer.content]
    again = messages.create(messages=[user("Hello there"), {"role": "assistant", "content": back}, user("Again")],
                            **options)
    assert again.content[1].text.endswith("You said: Again")


@only_responses
def test_messages_tools(messages, model):
    tool = {"name": "weather", "input_schema": SCHEMA}
    answer = messages.create(model=model, max_tokens=2000, messages=[user(CITIES)], tools=[tool])
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert answer.stop_reason == "tool_use" and [call.input for call in calls] == [{"city": "Oslo"}, {"city": "Lima"}]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "snow"} for call in calls]
    final = messages.create(model=model, max_tokens=2000, tools=[tool], messages=[
        user(CITIES), {"role": "assistant", "content": [
            call.model_dump(include={"type", "id", "name", "input"}) for call in calls]}, user(results)])
    assert final.content[-1].text == "The tools answered: snow; snow"
