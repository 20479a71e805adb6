"""Each SDK against each provider: the real Envoy between them, and the embedded provider in the provider's language.

What arrives at the provider is judged by models that are not ours (harness/judge.py), and the SDKs read what comes
back strictly.
"""
import json

import openai
import pydantic
import pytest
from harness import sdk
from harness.envoy import PATIENCE
from harness.judge import Judge
from harness.stage import ANTHROPIC_KEY, API_KEY, AWS_KEY, AWS_SECRET, AZURE_KEY, KEY, REGION, stage

CLIENTS_KEY = "the-clients-own-key"

# name: (kind, schema, auth, the model that is routed to it). Of Anthropic one backend is asked for the version that
# the client asks for, and two for one of their own.
BACKENDS = {
    "openai": ("openai", {"name": "OpenAI"}, API_KEY, "gpt-mock"),
    "azure": ("azure", {"name": "AzureOpenAI", "version": "2025-01-01"}, AZURE_KEY, "azure-mock"),
    "anthropic": ("anthropic", {"name": "Anthropic"}, ANTHROPIC_KEY, "claude-sonnet-5"),
    "anthropic-2023": ("anthropic", {"name": "Anthropic", "version": "2023-06-01"}, ANTHROPIC_KEY,
                       "claude-sonnet-5-2023"),
    "anthropic-2026": ("anthropic", {"name": "Anthropic", "version": "2026-10-21"}, ANTHROPIC_KEY,
                       "claude-sonnet-5-2026"),
    "bedrock": ("bedrock", {"name": "AWSBedrock"}, AWS_KEY, "anthropic.claude-mock-v1:0"),
}
KINDS = ["openai", "azure", "anthropic", "bedrock"]
CLAUDE = [name for name in BACKENDS if name not in ("openai", "azure")]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CITIES = "Weather in Oslo and Lima, in parallel"
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
COSTS = [{"metadataKey": "llm_total_token", "type": "TotalToken"}]
ERRORS = [400, 401, 403, 404, 429, 500, 503]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stage(tmp_path_factory.mktemp("dialects"), BACKENDS, globalLLMRequestCosts=COSTS) as running:
        yield running


@pytest.fixture(scope="module")
def url(running):
    return running.url


@pytest.fixture(scope="module")
def judge():
    return Judge(KEY, AWS_SECRET, REGION, [CLIENTS_KEY, AWS_SECRET])


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


@pytest.fixture
def asked(request, running, judge, backend):
    """What arrived at the backend so far; at the end of the test all of that must have been right, and nothing may
    have arrived elsewhere."""
    running.requests.clear()
    yield running.requests
    client = request.getfixturevalue("anthropic").version if "anthropic" in request.fixturenames else "2023-06-01"
    assert running.requests
    assert running.faults(judge, backend, BACKENDS[backend][1].get("version", client)) == []


@pytest.fixture
def model(backend, asked):
    return BACKENDS[backend][-1]


@pytest.fixture(scope="module", params=sdk.ANTHROPIC)
def anthropic(request):
    with sdk.anthropic(request.param) as module:
        module.version = request.param
        yield module


@pytest.fixture
def messages_client(anthropic, url):
    with anthropic.Anthropic(base_url=url + "/anthropic", api_key=CLIENTS_KEY, max_retries=0, timeout=PATIENCE,
                             _strict_response_validation=True) as client:
        yield client


@pytest.fixture
def messages(messages_client):
    return messages_client.messages


@pytest.fixture
def chat(url):
    with openai.OpenAI(base_url=url + "/v1", api_key=CLIENTS_KEY, max_retries=0, timeout=PATIENCE,
                       _strict_response_validation=True) as client:
        yield client.chat.completions


def user(text):
    return {"role": "user", "content": text}


# --- the OpenAI SDK --------------------------------------------------------------------------------------------------

CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}


def counted(usage):
    return usage.prompt_tokens, usage.completion_tokens, usage.total_tokens


def test_chat(chat, model):
    answer = chat.create(model=model, messages=[{"role": "system", "content": "Be brief"}, user("write 3 words")])
    choice = answer.choices[0]
    assert (choice.message.content, choice.finish_reason) == ("word1 word2 word3", "stop")
    assert counted(answer.usage) == (5, 3, 8)
    assert answer.id and answer.object == "chat.completion" and answer.created > 1_700_000_000
    assert answer._request_id


def test_chat_stops(chat, model):
    cut = chat.create(model=model, messages=[user("write 9 words")], max_completion_tokens=2).choices[0]
    assert (cut.message.content, cut.finish_reason) == ("word1 word2", "length")
    stopped = chat.create(model=model, messages=[user("write 9 words")], stop=["word2"]).choices[0]
    assert (stopped.message.content.strip(), stopped.finish_reason) == ("word1", "stop")


def test_chat_stream(chat, model):
    chunks = list(chat.create(model=model, messages=[user("write 50 words")], stream=True,
                              stream_options={"include_usage": True}))
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(pieces) == " ".join(f"word{i}" for i in range(1, 51)) and len(pieces) == 50
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert [counted(chunk.usage) for chunk in chunks if chunk.usage] == [(3, 50, 53)]
    assert len({chunk.id for chunk in chunks}) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_chat_tools(chat, model, stream):
    said = [user(CITIES)]
    if stream:
        with chat.stream(model=model, messages=said, tools=[CHAT_TOOL]) as events:
            choice = events.get_final_completion().choices[0]
    else:
        choice = chat.create(model=model, messages=said, tools=[CHAT_TOOL]).choices[0]
    calls = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls"
    assert [call.function.name for call in calls] == ["weather", "weather"]
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}, {"city": "Lima"}]
    assert calls[0].id != calls[1].id
    # In its calls the SDK keeps what no request has: the index in the stream, and the arguments once more. Role and
    # type are written out: each delta of a Bedrock stream has them, as the peer's, and the SDK joins those.
    said.append({"role": "assistant", "content": choice.message.content, "tool_calls": [
        {"id": call.id, "type": "function",
         "function": call.function.model_dump(include={"name", "arguments"})} for call in calls]})
    said += [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in zip(calls, ("snow", "sun"))]
    answer = chat.create(model=model, messages=said, tools=[CHAT_TOOL]).choices[0]
    assert answer.message.content == "The tools answered: snow; sun" and not answer.message.tool_calls


def test_chat_named_tool(chat, model):
    other = {"type": "function", "function": {"name": "time", "parameters": SCHEMA}}
    message = chat.create(model=model, messages=[user("Oslo")], tools=[CHAT_TOOL, other],
                          tool_choice={"type": "function", "function": {"name": "time"}}).choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["time"]


@pytest.mark.parametrize("backend", KINDS)
def test_chat_errors(chat, model):
    for status, stream in [(status, False) for status in ERRORS] + [(429, True), (500, True)]:
        with pytest.raises(openai.APIStatusError) as caught:
            chat.create(model=model, messages=[user(f"error {status}")], stream=stream)
        assert caught.value.status_code == status
        assert f"asked for an error {status}" in caught.value.body["message"]


def test_chat_stream_that_breaks(chat, model):
    text = ""
    with pytest.raises(openai.APIError, match="asked to break the stream"):
        for chunk in chat.create(model=model, messages=[user("break the stream, but only after some words")],
                                 stream=True):
            text += chunk.choices[0].delta.content or ""
    assert text


@pytest.mark.parametrize("backend", CLAUDE)
@pytest.mark.parametrize("stream", [False, True])
def test_chat_thinking(chat, model, stream):
    """A thought goes back in the form in which the SDK has it: for a stream, put together from its pieces."""
    options = {"model": model, "max_completion_tokens": 2000,
               "extra_body": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}
    if stream:
        with chat.stream(messages=[user("Hello there")], **options) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = chat.create(messages=[user("Hello there")], **options).choices[0].message
    assert message.content.endswith("You said: Hello there")
    assert "The prompt has 2 tokens." in json.dumps(message.model_dump())
    assert "signature" in json.dumps(message.model_dump())
    back = {**message.model_dump(exclude_none=True, exclude={"parsed"}), "role": "assistant"}
    said = [user("Hello there"), back, user("Again")]
    assert chat.create(messages=said, **options).choices[0].message.content.endswith("You said: Again")


def test_chat_image(chat, model):
    parts = [{"type": "text", "text": "write 2 words"},
             {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]
    assert chat.create(model=model, messages=[user(parts)]).choices[0].message.content == "word1 word2"


def test_chat_structured(chat, model):
    class Place(pydantic.BaseModel):
        city: str

    message = chat.parse(model=model, messages=[user("Oslo")], response_format=Place).choices[0].message
    assert isinstance(message.parsed, Place)


def test_chat_sampling(chat, model, backend, asked):
    chat.create(model=model, messages=[user("write 1 words")], temperature=0.5, top_p=0.25)
    body = asked[-1].json()
    body = body.get("inferenceConfig", body)
    sampling = (body.get("temperature"), body.get("topP" if backend == "bedrock" else "top_p"))
    assert sampling == ((None, None) if backend == "anthropic-2026" else (0.5, 0.25))


# --- the Anthropic SDK -----------------------------------------------------------------------------------------------

TOOL = {"name": "weather", "input_schema": SCHEMA}


def ask(messages, model, *said, **options):
    return messages.create(model=model, max_tokens=2000, messages=list(said), **options)


def test_messages(messages, model):
    answer = ask(messages, model, user("write 3 words"), system="Be brief")
    assert [(block.type, block.text) for block in answer.content] == [("text", "word1 word2 word3")]
    assert (answer.type, answer.role, answer.stop_reason) == ("message", "assistant", "end_turn")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (5, 3)
    assert answer.id and answer._request_id


def test_messages_stops(messages, model, backend):
    cut = messages.create(model=model, max_tokens=2, messages=[user("write 9 words")])
    assert (cut.content[0].text, cut.stop_reason) == ("word1 word2", "max_tokens")
    stopped = ask(messages, model, user("write 9 words"), stop_sequences=["word2"])
    assert stopped.content[0].text.strip() == "word1"
    # OpenAI's language does not say which of its reasons to stop it was.
    assert stopped.stop_reason == ("stop_sequence" if backend in CLAUDE else "end_turn")


def test_messages_stream(messages, model):
    with messages.stream(model=model, max_tokens=2000, messages=[user("write 50 words")]) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert "".join(pieces) == final.content[0].text == " ".join(f"word{i}" for i in range(1, 51))
    assert len(pieces) == 50
    assert (final.usage.input_tokens, final.usage.output_tokens, final.stop_reason) == (3, 50, "end_turn")


def test_messages_events(messages, model):
    """The grammar that a client may count on, event by event."""
    types = [event.type for event in ask(messages, model, user("write 2 words"), stream=True) if event.type != "ping"]
    assert types == ["message_start", "content_block_start", "content_block_delta", "content_block_delta",
                     "content_block_stop", "message_delta", "message_stop"]


@pytest.mark.parametrize("stream", [False, True])
def test_messages_tools(messages, model, stream):
    said = [user(CITIES)]
    if stream:
        with messages.stream(model=model, max_tokens=2000, messages=said, tools=[TOOL]) as events:
            answer = events.get_final_message()
    else:
        answer = ask(messages, model, *said, tools=[TOOL])
    calls = answer.content
    assert answer.stop_reason == "tool_use"
    assert [(call.type, call.name, call.input) for call in calls] == [
        ("tool_use", "weather", {"city": "Oslo"}), ("tool_use", "weather", {"city": "Lima"})]
    assert calls[0].id != calls[1].id
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": text}
               for call, text in zip(calls, ("snow", "sun"))]
    said += [{"role": "assistant", "content": [call.model_dump(include={"type", "id", "name", "input"})
                                               for call in calls]}, user(results)]
    final = ask(messages, model, *said, tools=[TOOL])
    assert final.content[0].text == "The tools answered: snow; sun" and final.stop_reason == "end_turn"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("backend", CLAUDE)
def test_messages_thinking(messages, model, stream):
    """A thought comes with its signature, and goes back with it: the provider checks that."""
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


@pytest.mark.parametrize("backend", CLAUDE)
def test_messages_cache(messages, model):
    marked = [{"type": "text", "text": "one two", "cache_control": {"type": "ephemeral"}}]
    usage = ask(messages, model, user("three more words"), system=marked).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens) == (3, 2)


@pytest.mark.parametrize("backend", KINDS)
def test_messages_errors(anthropic, messages, model):
    for status, stream in [(status, False) for status in [*ERRORS, 529]] + [(429, True), (500, True)]:
        with pytest.raises(anthropic.APIStatusError) as caught:
            ask(messages, model, user(f"error {status}"), stream=stream)
        assert caught.value.status_code == status
        assert caught.value.body["type"] == "error"
        assert f"asked for an error {status}" in caught.value.body["error"]["message"]


def test_messages_stream_that_breaks(anthropic, messages, model):
    text = ""
    with pytest.raises(anthropic.APIError, match="asked to break the stream"):
        for event in ask(messages, model, user("break the stream, but only after some words"), stream=True):
            if event.type == "content_block_delta":
                text += event.delta.text
    assert text


def test_messages_image(messages, model):
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    answer = ask(messages, model, user([{"type": "text", "text": "write 2 words"}, image]))
    assert answer.content[0].text == "word1 word2"


def test_messages_sampling(anthropic, messages, model, backend, asked):
    """A backend of the later version refuses what a client of the earlier one may say."""
    if anthropic.version != "2023-06-01":
        with pytest.raises(TypeError):
            ask(messages, model, user("write 1 words"), temperature=0.5)
        ask(messages, model, user("write 1 words"))
        return
    ask(messages, model, user("write 1 words"), temperature=0.5, top_k=7)
    body = asked[-1].json()
    temperature = body.get("inferenceConfig", body).get("temperature")
    assert temperature == (None if backend == "anthropic-2026" else 0.5)


def test_messages_betas(messages_client, model, backend, asked):
    """Betas are Anthropic's, and go there byte for byte."""
    messages_client.beta.messages.create(model=model, max_tokens=20, messages=[user("write 1 words")],
                                         betas=["first-2025-01-01", "second-2025-02-02"])
    ask(messages_client.messages, model, user("write 1 words"), extra_headers={"anthropic-beta": "a-1,  b-2 ,c"})
    seen = [one.header("anthropic-beta") for one in asked]
    is_anthropic = BACKENDS[backend][0] == "anthropic"
    assert seen == (["first-2025-01-01,second-2025-02-02", "a-1,  b-2 ,c"] if is_anthropic else [None, None])
