"""Gemini bodies against the types of Google's own client, google-genai.

gemini_tool prints the bodies of all small conversations and answers of all small shapes. The types
know every member and refuse others; the values of enumerations are checked here as well.

AIGW_GEMINI_TOOL names the program.
"""

import enum
import json
import os
import subprocess

import pydantic
import pytest
from google.genai import types

# A request as it goes over the wire; its parts are google-genai's.
PARTS = {
    "contents": list[types.Content],
    "tools": list[types.Tool],
    "toolConfig": types.ToolConfig,
    "generationConfig": types.GenerationConfig,
    "systemInstruction": types.Content,
    "safetySettings": list[types.SafetySetting],
}
REQUEST = {name: pydantic.TypeAdapter(part) for name, part in PARTS.items()}
ANSWER = pydantic.TypeAdapter(types.GenerateContentResponse)


@pytest.fixture(scope="module")
def lines():
    tool = os.environ["AIGW_GEMINI_TOOL"]
    text = subprocess.run([tool], check=True, capture_output=True, timeout=900).stdout.decode()
    return [json.loads(line) for line in text.splitlines()]


def unknown_words(value, path=""):
    """The values of enumerations that google-genai does not know; it lets them pass with a warning."""
    if isinstance(value, pydantic.BaseModel):
        for name in type(value).model_fields:
            yield from unknown_words(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from unknown_words(element, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from unknown_words(member, f"{path}.{name}")
    elif isinstance(value, enum.Enum) and value.value not in [known.value for known in type(value)._members()]:
        yield f"{path}: {value!r}"


def members(kind):
    return [known for known in kind.__members__.values()]


# Of a CaseInSensitiveEnum an unknown value becomes a member that is not in __members__.
for _kind in [t for t in vars(types).values() if isinstance(t, type) and issubclass(t, enum.Enum)]:
    _kind._members = classmethod(members)


def faults(body):
    for name, member in body.items():
        if name not in REQUEST:
            yield f"{name}: unknown"
        elif member is not None:
            try:
                yield from unknown_words(REQUEST[name].validate_python(member), name)
            except pydantic.ValidationError as error:
                yield f"{name}: {error}"


@pytest.mark.filterwarnings("ignore")
def test_bodies_are_what_the_types_describe(lines):
    bodies = [line for line in lines if "body" in line]
    assert len(bodies) > 5000
    wrong = [(line["name"], problems, line["body"]) for line in bodies if (problems := list(faults(line["body"])))]
    assert not wrong[:3], f"{len(wrong)} of {len(bodies)}"


def test_a_turn_has_the_signature_where_gemini_looks_for_it(lines):
    seen = 0
    for line in lines:
        for content in line.get("body", {}).get("contents") or []:
            calls = [part for part in content["parts"] if "functionCall" in part]
            if calls:
                seen += 1
                assert content["parts"][: len(calls)] == calls, line
                assert calls[0]["thoughtSignature"], line
                assert not any("thoughtSignature" in call for call in calls[1:]), line
    assert seen > 500


def test_refusals_say_what_cannot_be_done(lines):
    refused = {line["refused"] for line in lines if "refused" in line}
    assert refused == {
        "Gemini cannot take " + what
        for what in (
            "a file by its id",
            "messages[].content[] of type redacted_thinking",
            "messages[].tool_calls[] whose arguments are not a JSON object",
            "n above 1",
            "reasoning_effort max",
        )
    }


@pytest.mark.filterwarnings("ignore")
def test_answers_are_what_the_types_describe(lines):
    answers = [line["answer"] for line in lines if "answer" in line]
    assert len(answers) > 300
    for answer in answers:
        read = ANSWER.validate_python(answer)
        assert list(unknown_words(read)) == [], answer
        assert len(read.candidates[0].content.parts) == 2


@pytest.mark.filterwarnings("ignore")
def test_bodies_to_be_counted_are_what_the_types_describe(lines):
    counts = [line["count"] for line in lines if "count" in line]
    assert len(counts) > 5000
    wrong = [(problems, body) for body in counts if (problems := list(faults(body)))]
    assert not wrong[:3], f"{len(wrong)} of {len(counts)}"
    # The members of countTokens (google-genai's CountTokensConfig), and of its configuration the one that counts.
    assert {name for body in counts for name in body} <= {"contents", "systemInstruction", "tools", "generationConfig"}
    assert {name for body in counts for name in body.get("generationConfig", {})} == {"mediaResolution"}


@pytest.mark.filterwarnings("ignore")
def test_the_checks_find_what_is_wrong():
    good = {"contents": [{"role": "user", "parts": [{"text": "a"}]}], "tools": None, "generationConfig": {}}
    assert list(faults(good)) == []
    for broken in (
        {"content": []},
        {"contents": [{"role": "user", "parts": [{"words": "a"}]}]},
        {"toolConfig": {"functionCallingConfig": {"mode": "SOME"}}},
        {"generationConfig": {"topp": 1}},
        {"generationConfig": {"responseSchema": {"type": "object", "additional": 1}}},
    ):
        assert list(faults(broken)), broken
