"""What clients of Converse get in the cases, against botocore: its model of the API, its reader of event streams, and
what it makes of errors. The drivers hold what the gateway writes equal to the cases."""
import json
import pathlib
import sys

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "e2e"))

import bedrock_model  # noqa: E402
from harness.case import read_case  # noqa: E402

PATHS = sorted((TESTS / "cases").glob("converse_to_*/*.case"))
MODEL = bedrock_model.load()
STREAM = MODEL.operation_model("ConverseStream").output_shape.members["stream"]


def cases(wanted):
    """What their clients get where that is a stream, a whole answer or an error."""
    found = []
    for path in PATHS:
        answer = read_case(path).client_response
        kind = "error" if answer.status != 200 else "stream" if answer.variants & {"eventstream"} else "whole"
        # That one shows that a provider's members pass which nobody knows.
        if kind == wanted and (path.parent.name, path.stem) != ("converse_to_bedrock", "model_override"):
            found.append(pytest.param(answer, id=f"{path.parent.name}.{path.stem}"))
    return found


def problems(value, shape):
    value = bedrock_model.without_nulls(value, shape)
    report = ParamValidator().validate(value, shape)
    return list(bedrock_model.faults(value, shape)) + [report.generate_report()] * report.has_errors()


def messages_of(body):
    buffer = EventStreamBuffer()
    buffer.add_data(body)
    return list(buffer)


@pytest.mark.parametrize("answer", cases("whole"))
def test_whole_answers(answer):
    assert problems(json.loads(answer.body), MODEL.operation_model("Converse").output_shape) == []


@pytest.mark.parametrize("answer", cases("stream"))
def test_streams(answer):
    for message in messages_of(answer.body):
        headers = message.headers
        if headers[":message-type"] == "error":  # no member of the model: botocore raises it as it stands
            assert headers[":error-code"] and headers[":error-message"] and not message.payload
            continue
        kind = headers[f":{headers[':message-type']}-type"]
        payload = json.loads(message.payload)
        payload.pop("p", None)  # padding of the service's
        assert headers[":content-type"] == "application/json"
        assert problems(payload, STREAM.members[kind]) == []


@pytest.mark.parametrize("answer", cases("error"))
def test_errors(answer):
    headers = dict(answer.head)
    parsed = create_parser("rest-json").parse(
        {"status_code": answer.status, "headers": headers, "body": answer.body},
        MODEL.operation_model("Converse").output_shape)
    known = {shape.name for shape in MODEL.operation_model("Converse").error_shapes}
    assert parsed["Error"]["Code"] in known and parsed["Error"]["Message"]
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == answer.status


def test_the_check_sees_what_is_wrong():
    right = {"output": {"message": {"role": "assistant", "content": [{"text": "a"}]}}, "stopReason": "end_turn",
             "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, "metrics": {"latencyMs": 1}}
    shape = MODEL.operation_model("Converse").output_shape
    assert problems(right, shape) == []
    for spoiled in ({"stopReason": "stop"}, {"metrics": {}}, {"more": 1},
                    {"output": {"message": {"role": "assistant", "content": [{"text": "a", "image": {}}]}}}):
        assert problems({**right, **spoiled}, shape) != []
    streams = [case.values[0] for case in cases("stream")]
    assert len(streams) >= 10
    spoiled = bytearray(streams[0].body)
    spoiled[-1] ^= 1
    with pytest.raises(ChecksumMismatch):
        messages_of(bytes(spoiled))
