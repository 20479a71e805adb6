"""The cases of the Responses API against the types of OpenAI's SDK.

What the drivers hold equal to what the gateway writes is held here to what the SDK knows: the bodies that providers
get to the SDK's types of requests, the answers and events that clients get to its types of answers. Strictly: no
member that the types do not know, none missing, none of another type.
"""
import functools
import json
import pathlib
import sys

import pydantic
import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "e2e"))

from harness.case import read_case  # noqa: E402
from harness.judge import consume, request_type  # noqa: E402
from openai.types.responses import Response, ResponseStreamEvent  # noqa: E402

CASES = TESTS / "cases"


def cases_of(pattern):
    paths = sorted(CASES.glob(f"{pattern}/*.case"))
    assert paths, pattern
    return [pytest.param(path, id=f"{path.parent.name}.{path.stem}") for path in paths]


# --- requests -------------------------------------------------------------------------------------------------


@functools.cache
def request_types():
    return request_type("openai", "openai.types.responses.response_create_params", "ResponseCreateParams")


def check_request(body):
    consume(request_types().validate_python(body))


@pytest.mark.parametrize("path", [*cases_of("chat_to_openai_responses"), *cases_of("messages_to_openai_responses")])
def test_requests_are_of_the_type(path):
    for request in read_case(path).upstream_requests.values():
        check_request(json.loads(request.body))


@pytest.mark.parametrize("spoiled", [
    {"model": {}}, {"input": [{"role": "nobody", "content": "x"}]}, {"unknown": 1},
    {"input": [{"type": "function_call", "call_id": "c", "name": "f"}]},
    {"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
    {"tools": [{"type": "function", "name": "f", "strict": "perhaps", "parameters": {}}]}, {"stream": "perhaps"},
    {"text": {"format": {"type": "json_schema", "name": "n"}}}, {"max_output_tokens": "many"}])
def test_the_check_sees_what_is_wrong_with_a_request(spoiled):
    right = {"model": "m", "input": [{"role": "user", "content": "x"}], "store": False}
    check_request(right)
    with pytest.raises(pydantic.ValidationError):
        check_request({**right, **spoiled})


# --- answers --------------------------------------------------------------------------------------------------


@functools.cache
def strict(kind):
    return pydantic.TypeAdapter(kind)


def unknown_members(value, where=""):
    """The members that a parsed answer has and its types do not know. The SDK keeps them."""
    if isinstance(value, pydantic.BaseModel):
        for name in value.__pydantic_extra__ or {}:
            yield f"{where}.{name}"
        for name in type(value).model_fields:
            yield from unknown_members(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from unknown_members(one, f"{where}[]")


def untyped(name, text):
    """What the provider's own answers have and this version of the SDK has no type for: `store`, the `status` of a call
    of a custom tool, and the `name` in the event at the end of a function's arguments."""
    if name in (".store", ".response.store"):
        return True
    if name.endswith(".status"):
        return b'"custom_tool_call"' in text
    return name == ".name" and text.startswith(b'{"type":"response.function_call_arguments.done"')


def check_answer(text, kind):
    value = strict(kind).validate_json(text)
    # A picture of the settings of the request may hold what the client made up.
    unknown = [name for name in unknown_members(value) if ".metadata" not in name]
    assert not [name for name in unknown if not untyped(name, text)]
    return value


def check_stream(text):
    """Returns the response at its end, or None where there is none."""
    response, types = None, []
    for number, event in enumerate(text.removesuffix(b"\n\n").split(b"\n\n")):
        name, data = event.split(b"\n")
        parsed = check_answer(data.removeprefix(b"data: "), ResponseStreamEvent)
        assert name == b"event: " + parsed.type.encode()
        assert parsed.sequence_number == number
        types.append(parsed.type)
        response = getattr(parsed, "response", response)
    if response is not None:
        assert types[:2] == ["response.created", "response.in_progress"]
        assert types[-1] == f"response.{response.status}"
    return response


@pytest.mark.parametrize("path", [
    *cases_of("responses_to_anthropic"), *cases_of("responses_to_bedrock"), *cases_of("responses_to_openai_chat")])
def test_answers_are_of_the_type(path):
    answer = read_case(path).client_response
    if answer.status != 200:
        error = json.loads(answer.body)["error"]
        assert isinstance(error["message"], str) and isinstance(error["type"], str)
        return
    if dict(answer.head)["content-type"] == "text/event-stream":
        check_stream(answer.body)
    else:
        response = check_answer(answer.body, Response)
        assert response.status in ("completed", "incomplete")
        assert isinstance(response.output_text, str)


def test_the_check_sees_what_is_wrong_with_an_answer():
    path = CASES / "responses_to_anthropic" / "text.case"
    answer = json.loads(read_case(path).client_response.body)
    check_answer(json.dumps(answer), Response)
    for spoil in ({"unknown": 1}, {"output": [{"type": "message", "id": "m"}]}, {"object": "chat.completion"},
                  {"usage": {"input_tokens": 1}}, {"tools": None}):
        with pytest.raises((AssertionError, pydantic.ValidationError)):
            check_answer(json.dumps({**answer, **spoil}), Response)
