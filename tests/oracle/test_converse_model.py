"""Converse bodies against the service model that AWS publishes with botocore.

converse_tool prints the bodies of all small conversations. Each must be what the model of
bedrock-runtime describes. What the model leaves to the service, the values of enumerations and
patterns, is checked here as well, and that no member is unknown.

AIGW_CONVERSE_TOOL names the program.
"""

import base64
import json
import os
import re
import subprocess

import botocore.loaders
import botocore.model
import pytest
from botocore.validate import ParamValidator


@pytest.fixture(scope="module")
def model():
    loader = botocore.loaders.Loader()
    description = loader.load_service_model("bedrock-runtime", "service-2")
    return botocore.model.ServiceModel(description, "bedrock-runtime")


@pytest.fixture(scope="module")
def lines():
    tool = os.environ["AIGW_CONVERSE_TOOL"]
    text = subprocess.run([tool], check=True, capture_output=True, timeout=300).stdout.decode()
    return [json.loads(line) for line in text.splitlines()]


def without_nulls(value, shape):
    """AWS's JSON protocols take null for a member that is not there; in documents it stands."""
    if getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {
            name: without_nulls(member, members[name]) if name in members else member
            for name, member in value.items()
            if member is not None or getattr(members.get(name), "is_document_type", False)
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [without_nulls(element, shape.member) for element in value]
    return value


def faults(value, shape, path=""):
    """What ParamValidator does not look at."""
    if getattr(shape, "is_document_type", False):
        return
    if shape.type_name == "structure":
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            yield f"{path}: {len(value)} members in a union"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: unknown"
            else:
                yield from faults(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for index, element in enumerate(value):
            yield from faults(element, shape.member, f"{path}[{index}]")
    elif shape.type_name == "blob":
        base64.b64decode(value, validate=True)
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            yield f"{path}: {value!r} does not match {pattern}"


def test_bodies_are_what_the_model_describes(model, lines):
    shape = model.operation_model("Converse").input_shape
    bodies = [line for line in lines if "body" in line]
    assert len(bodies) > 5000
    wrong = []
    for line in bodies:
        body = {**without_nulls(line["body"], shape), "modelId": "anthropic.claude-v2"}
        report = ParamValidator().validate(body, shape)
        problems = list(faults(body, shape))
        if report.has_errors():
            problems.append(report.generate_report())
        if problems:
            wrong.append((line["name"], problems, line["body"]))
    assert not wrong[:3], f"{len(wrong)} of {len(bodies)}"


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
