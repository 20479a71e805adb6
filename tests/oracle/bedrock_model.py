"""What is wrong with a Converse body, by the service model that AWS publishes with botocore.

What the model leaves to the service, the values of enumerations and patterns, is checked here as well, and that no
member is unknown.
"""

import base64
import re

import botocore.loaders
import botocore.model
from botocore.validate import ParamValidator


def load():
    description = botocore.loaders.Loader().load_service_model("bedrock-runtime", "service-2")
    return botocore.model.ServiceModel(description, "bedrock-runtime")


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


def problems(body, shape):
    """All of it, of a body of the operation with this input shape. The model's id stands in the path."""
    body = {**without_nulls(body, shape), "modelId": "anthropic.claude-v2"}
    report = ParamValidator().validate(body, shape)
    return list(faults(body, shape)) + [report.generate_report()] * report.has_errors()
