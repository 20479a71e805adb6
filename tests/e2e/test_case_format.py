"""The format of the cases itself: what is wrong with a file is said with file and line."""
import pathlib

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from harness.case import CaseError, frame, name_of, read_case

GOOD = """\
Prose, that may: hold anything.
model: not a header yet

endpoint: POST /v1/chat/completions
backends: a, b

-- client.request --
x-one: 1
x-two: *
!content-type

{"model":"m"}

-- upstream.request 2 escaped --
POST /x
!x-one

a\\r\\n
\\x62\\\\\\(3 [{\\)
-- upstream.response 2 reset --
-- client.response gzip --
:status: 200

data: x


-- effects --
attempts: 2
metadata: key = "text"
metadata: count = 3
dropped: seed
outcome: cut
"""


@pytest.fixture
def read(tmp_path):
    (tmp_path / "default.yaml").write_text("backends: []\n")

    def parse(text):
        path = tmp_path / "story.case"
        path.write_text(text)
        return read_case(path)

    return parse


def test_a_whole_case(read):
    case = read(GOOD)
    assert (case.name, case.method, case.path, case.backends) == (
        "story", "POST", "/v1/chat/completions", ["a", "b"])
    assert case.config == "backends: []\n"
    assert case.client_request.head == [("x-one", "1")]
    assert case.client_request.some == ["x-two"]
    assert case.client_request.absent == ["content-type"]
    assert case.client_request.body == b'{"model":"m"}\n'
    assert case.upstream_requests[2].body == b"a\r\nb\\[{[{[{"
    assert case.upstream_responses[2].variants == {"reset"}
    assert (case.client_response.status, case.client_response.body) == (200, b"data: x\n\n")
    assert case.metadata == {"key": "text", "count": 3}
    assert case.dropped == {"seed"}
    assert case.outcome == "cut"


@pytest.mark.parametrize("old, new, line", [
    ("backends: a, b", "backend: a", 5),
    ("-- effects --", "-- effect --", 27),
    ("response gzip --", "response zip --", 21),
    ("client.response gzip", "client.response reset", 21),
    (":status: 200\n", "x: 200\n", 21),
    ("x-one: 1\n", "x-one: 1\nrubbish\n", 9),
    ("attempts: 2", "attempt: 2", 28),
    ("a\\r\\n", "\\q", 18),
    ("endpoint: POST", "endpoint POST", 6),
])
def test_errors_name_the_line(read, old, new, line):
    assert GOOD.count(old) == 1
    with pytest.raises(CaseError, match=rf"story\.case:{line}: "):
        read(GOOD.replace(old, new))


def messages(*lines):
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(map(frame, lines)))
    return [(message.headers, message.payload) for message in buffer]


def test_lines_of_event_streams():
    assert messages(b'messageStop {"a":1}', b"exception x {}", b"error 1 b c", b"half z {}") == [
        ({":event-type": "messageStop", ":content-type": "application/json", ":message-type": "event"}, b'{"a":1}'),
        ({":exception-type": "x", ":content-type": "application/json", ":message-type": "exception"}, b"{}"),
        ({":error-code": "1", ":error-message": "b c", ":message-type": "error"}, b"")]
    with pytest.raises(ChecksumMismatch):
        messages(b"broken messageStop {}")
    for line in (b"", b"messageStop", b"broken", b"broken messageStop", b"exception x", b"error 1"):
        with pytest.raises(ValueError):
            frame(line)


def test_an_event_stream_in_a_case(read):
    section = "-- upstream.response eventstream --\n:status: 200\n\nmessageStop {}\n\nmetadata {}\n"
    before = "-- upstream.response 2 reset --"
    case = read(GOOD.replace(before, section + before))
    assert case.upstream_responses[1].body == frame(b"messageStop {}") + frame(b"metadata {}")
    with pytest.raises(CaseError, match=r"story\.case:26: "):
        read(GOOD.replace(before, section + "rubbish\n" + before))


def test_names_and_defaults_of_folders(tmp_path):
    (tmp_path / "default.yaml").write_text("backends: []\n")
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c.case").write_text(GOOD)
    path = tmp_path / "a/b/c.case"
    assert name_of(path, tmp_path) == "a.b.c"
    assert read_case(path).config == "backends: []\n"
    (tmp_path / "a/default.yaml").write_text("models: []\n")
    assert read_case(pathlib.Path(path)).config == "models: []\n"
