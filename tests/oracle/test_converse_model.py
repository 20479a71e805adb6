"""Converse bodies against the service model that AWS publishes with botocore.

converse_tool prints the bodies of all small conversations. Each must be what the model of
bedrock-runtime describes. What the model leaves to the service, the values of enumerations and
patterns, is checked here as well, and that no member is unknown.

AIGW_CONVERSE_TOOL names the program.
"""

import json
import os
import re
import subprocess

import bedrock_model
import pytest
from bedrock_model import faults, without_nulls
from botocore.validate import ParamValidator


@pytest.fixture(scope="module")
def model():
    return bedrock_model.load()


@pytest.fixture(scope="module")
def lines():
    tool = os.environ["AIGW_CONVERSE_TOOL"]
    text = subprocess.run([tool], check=True, capture_output=True, timeout=900).stdout.decode()
    return [json.loads(line) for line in text.splitlines()]


def test_bodies_are_what_the_model_describes(model, lines):
    shape = model.operation_model("Converse").input_shape
    bodies = [line for line in lines if "body" in line]
    assert len(bodies) > 5000
    wrong = []
    for line in bodies:
        problems = bedrock_model.problems(line["body"], shape)
        if problems:
            wrong.append((line["name"], problems, line["body"]))
    assert not wrong[:3], f"{len(wrong)} of {len(bodies)}"


def test_bodies_to_be_counted_are_what_the_model_describes(model, lines):
    shape = model.operation_model("CountTokens").input_shape
    counts = [line["count"] for line in lines if "count" in line]
    assert len(counts) > 5000
    wrong = [(problems, body) for body in counts if (problems := bedrock_model.problems(body, shape))]
    assert not wrong[:3], f"{len(wrong)} of {len(counts)}"


def test_names_of_documents_are_unique_and_allowed(lines):
    def names(value):
        if isinstance(value, dict):
            if "document" in value:
                yield value["document"]["name"]
            for member in value.values():
                yield from names(member)
        elif isinstance(value, list):
            for element in value:
                yield from names(element)

    seen = 0
    for line in lines:
        found = list(names(line.get("body", {}).get("messages", [])))
        seen += len(found) > 1
        assert len(set(found)) == len(found), line
        for name in found:
            assert re.fullmatch(r"[A-Za-z0-9()\[\]-]+( [A-Za-z0-9()\[\]-]+)*", name), line
    assert seen > 100


def test_refusals_say_what_cannot_be_done(lines):
    refused = {line["refused"] for line in lines if "refused" in line}
    assert refused == {
        "Bedrock Converse cannot take " + what
        for what in (
            "an image by its URL",
            "messages[].content[] with audio",
            "messages[].tool_calls[] whose arguments are not a JSON object",
            "n above 1",
            "guided_choice",
        )
    }


def test_the_checks_find_what_is_wrong(model):
    shape = model.operation_model("Converse").input_shape
    base = {"messages": [{"role": "user", "content": [{"text": "a"}]}]}
    assert list(faults(base, shape)) == []
    for broken in (
        {"messages": [{"role": "tool", "content": []}]},
        {"messages": [{"role": "user", "content": [{"text": "a", "image": {}}]}]},
        {"serviceTier": {"type": "auto"}},
        {"toolChoice": {}},
    ):
        assert list(faults(broken, shape)), broken
    missing = without_nulls({"messages": [{"role": "user", "content": None}]}, shape)
    assert ParamValidator().validate({**missing, "modelId": "m"}, shape).has_errors()
