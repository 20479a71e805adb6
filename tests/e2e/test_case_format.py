"""The format of the cases itself: what is wrong with a file is said with file and line."""
import pytest
from harness.case import CaseError, read_case

GOOD = """\
Prose, that may: hold anything.
model: not a header yet

endpoint: POST /v1/chat/completions
backends: a, b

-- client.request --
x-one: 1
!content-type

{"model":"m"}

-- upstream.request 2 escaped --
POST /x
!x-one

a\\r\\n
\\x62\\\\
-- upstream.response 2 reset --
-- client.response gzip --
:status: 200

data: x


-- effects --
attempts: 2
metadata: key = "text"
metadata: count = 3
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
    assert case.client_request.absent == ["content-type"]
    assert case.client_request.body == b'{"model":"m"}\n'
    assert case.upstream_requests[2].body == b"a\r\nb\\"
    assert case.upstream_responses[2].variants == {"reset"}
    assert (case.client_response.status, case.client_response.body) == (200, b"data: x\n\n")
    assert case.metadata == {"key": "text", "count": 3}


@pytest.mark.parametrize("old, new, line", [
    ("backends: a, b", "backend: a", 5),
    ("-- effects --", "-- effect --", 26),
    ("response gzip --", "response zip --", 20),
    ("client.response gzip", "client.response reset", 20),
    (":status: 200\n", "x: 200\n", 20),
    ("x-one: 1\n", "x-one: 1\nrubbish\n", 9),
    ("attempts: 2", "attempt: 2", 27),
    ("a\\r\\n", "\\q", 17),
    ("endpoint: POST", "endpoint POST", 6),
])
def test_errors_name_the_line(read, old, new, line):
    assert GOOD.count(old) == 1
    with pytest.raises(CaseError, match=rf"story\.case:{line}: "):
        read(GOOD.replace(old, new))
