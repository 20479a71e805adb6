"""Each SDK against each provider: the real Envoy between them, and the embedded provider in the provider's language.

The gateway gets its providers from the environment, each with the key that the provider asks for, so a request is
answered only where the gateway has put it in, for Bedrock as a signature.
"""
import json

import openai
import pytest
from harness import sdk
from harness.aigw import Aigw, Mock

KEY = "embedded-key"
MODELS = {"OpenAI": "gpt-mock", "Anthropic": "claude-mock", "Bedrock": "anthropic.claude-mock-v1:0"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CITIES = "Weather in Oslo and Lima, in parallel"
ERRORS = [400, 401, 403, 404, 429, 500, 503]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    directory = tmp_path_factory.mktemp("dialects")
    mock = Mock(directory, "--require-key", KEY)
    gateway = None
    try:
        gateway = Aigw(directory, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=mock.url + "/v1", ANTHROPIC_API_KEY=KEY,
                       ANTHROPIC_BASE_URL=mock.url, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY="secret",
                       AWS_REGION="eu-west-1", AWS_ENDPOINT_URL_BEDROCK_RUNTIME=mock.url).wait()
        yield gateway.url
        gateway.check_running()
        mock.check_running()
    finally:
        codes = [one.stop() for one in (gateway, mock) if one]
    assert codes == [0, 0]


@pytest.fixture(scope="module", params=sdk.ANTHROPIC)
def anthropic(request):
    with sdk.anthropic(request.param) as module:
        yield module


@pytest.fixture
def messages(anthropic, url):
    with anthropic.Anthropic(base_url=url + "/anthropic", api_key="unused", max_retries=0, timeout=20) as client:
        yield client.messages


@pytest.fixture
def chat(url):
    with openai.OpenAI(base_url=url + "/v1", api_key="unused", max_retries=0, timeout=20) as client:
        yield client.chat.completions


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def model(request):
    return request.param


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
    said.append(choice.message.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True))
    said += [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in zip(calls, ("snow", "sun"))]
    answer = chat.create(model=model, messages=said, tools=[CHAT_TOOL]).choices[0]
    assert answer.message.content == "The tools answered: snow; sun" and not answer.message.tool_calls


def test_chat_named_tool(chat, model):
    other = {"type": "function", "function": {"name": "time", "parameters": SCHEMA}}
    message = chat.create(model=model, messages=[user("Oslo")], tools=[CHAT_TOOL, other],
                          tool_choice={"type": "function", "function": {"name": "time"}}).choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["time"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", ERRORS)
def test_chat_errors(chat, model, status, stream):
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


# --- the Anthropic SDK -----------------------------------------------------------------------------------------------

TOOL = {"name": "weather", "input_schema": SCHEMA}


def ask(messages, model, *said, **options):
    return messages.create(model=model, max_tokens=2000, messages=list(said), **options)


def test_messages(messages, model):
    answer = ask(messages, model, user("write 3 words"), system="Be brief")
    assert [(block.type, block.text) for block in answer.content] == [("text", "word1 word2 word3")]
    assert (answer.type, answer.role, answer.stop_reason) == ("message", "assistant", "end_turn")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (5, 3)
    assert answer.id


def test_messages_stops(messages, model):
    cut = messages.create(model=model, max_tokens=2, messages=[user("write 9 words")])
    assert (cut.content[0].text, cut.stop_reason) == ("word1 word2", "max_tokens")
    stopped = ask(messages, model, user("write 9 words"), stop_sequences=["word2"])
    assert stopped.content[0].text.strip() == "word1"
    # OpenAI's language does not say which of its reasons to stop it was.
    assert stopped.stop_reason == ("end_turn" if model == MODELS["OpenAI"] else "stop_sequence")


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
@pytest.mark.parametrize("model", [MODELS["Anthropic"], MODELS["Bedrock"]])
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


@pytest.mark.parametrize("model", [MODELS["Anthropic"], MODELS["Bedrock"]])
def test_messages_cache(messages, model):
    marked = [{"type": "text", "text": "one two", "cache_control": {"type": "ephemeral"}}]
    usage = ask(messages, model, user("three more words"), system=marked).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens) == (3, 2)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [*ERRORS, 529])
def test_messages_errors(anthropic, messages, model, status, stream):
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


def test_messages_models(anthropic, start_aigw):
    """`aigw run` with nothing configured: all three languages, and its list of models in Anthropic's shape."""
    gateway = start_aigw()
    with anthropic.Anthropic(base_url=gateway.url + "/anthropic", api_key="unused", max_retries=0) as client:
        listed = [one.id for one in client.models.list()]
        assert {"mock-small", "claude-mock", "anthropic.claude-mock-v1:0"} <= set(listed)
        for model in listed:
            assert ask(client.messages, model, user("write 1 words")).content[0].text == "word1"
