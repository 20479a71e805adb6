"""Our signatures against botocore's, for requests that go to Bedrock and for stranger ones."""

import datetime
import random

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

MODELS = [
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.meta.llama3-2-1b-instruct-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-6-v1",
    "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:application-inference-profile/a1b2c3",
    "a model with spaces", "a%2Fb", "a%b", "plus+and&equals=at@dollar$", "tilde~!*'()", "..", ".",
    "../../x", "", "\u00fcn\u00efc\u00f6d\u00e9/\u6a21\u578b", "semi;colon,comma?question#hash",
]
PATHS = [
    "/", "//", "/a//b", "/a/./b/../c", "/a/b/..", "/a/b/../", "/..", "/../a", "/a/.", "/a/", "/./",
    "/model/x%2Fy/converse", "/model/x%252Fy/converse", "/model/x:y/converse-stream", "/~a-b_c.d",
    "/a?b=c", "/a?b=2&a=1&b=1", "/a?flag&x", "/a?x=a%20b&y=a=b", "/a?", "/a?&b", "/a?b=&a",
    "/a?b-=1&b=2&b.=3",
]
HOSTS = [
    "bedrock-runtime.us-east-1.amazonaws.com", "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
    "vpce-0a1b.bedrock-runtime.eu-west-1.vpce.amazonaws.com", "bedrock-runtime.us-east-2.api.aws",
    "localhost:8443",
]
HEADERS = [
    [],
    [("content-type", "application/json")],
    [("x-amzn-bedrock-trace", "ENABLED"), ("accept", "application/vnd.amazon.eventstream"),
     ("content-type", "  application/json;   charset=utf-8  "), ("zz", "")],
    [("x-amz-a", "1"), ("x-a", "  a \t b  "), ("x", "last")],
]
TIMES = [0, 951782399, 951782400, 1767225599, 1767225600, 1772323199, 1798761600, 4102444799]


def botocore_signature(monkeypatch, request):
    (access, secret, token, region, seconds, method, host, path, body), headers = request
    now = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: now)
    aws = AWSRequest(method=method, url=f"https://{host}{path}", data=body, headers=dict(headers))
    aws.headers["Host"] = host
    credentials = Credentials(access, secret, token or None)
    botocore.auth.SigV4Auth(credentials, "bedrock", region).add_auth(aws)
    assert aws.headers.get("X-Amz-Security-Token", "") == token
    return [aws.headers["Authorization"].encode(), aws.headers["X-Amz-Date"].encode()]


def as_row(request):
    fields, headers = request
    row = [str(f).encode() if not isinstance(f, bytes) else f for f in fields]
    return row + [part.encode() for header in headers for part in header]


def check(aws_tool, monkeypatch, requests):
    ours = aws_tool("sign", [as_row(request) for request in requests])
    for request, answer in zip(requests, ours):
        assert answer == botocore_signature(monkeypatch, request), request


def converse_paths(aws_tool):
    rows = [(model.encode(), action)
            for model in MODELS for action in (b"converse", b"converse-stream")]
    return [path.decode() for [path] in aws_tool("path", rows)]


def test_converse_of_every_model(aws_tool, monkeypatch):
    check(aws_tool, monkeypatch, [
        (("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, "us-east-1", 1767225600,
          "POST", HOSTS[0], path, b'{"messages":[]}'), [])
        for path in converse_paths(aws_tool) for token in ("", "IQoJb3JpZ2luX2VjE==")])


@pytest.mark.parametrize("path", PATHS)
def test_canonical_path_and_query(aws_tool, monkeypatch, path):
    check(aws_tool, monkeypatch, [
        (("A", "S", "", "eu-west-1", 1767225600, method, HOSTS[0], path, b""), [])
        for method in ("GET", "POST")])


@pytest.mark.parametrize("seconds", TIMES)
def test_dates(aws_tool, monkeypatch, seconds):
    check(aws_tool, monkeypatch, [
        (("A", "S", "", "eu-west-1", seconds, "POST", HOSTS[0], "/", b"x"), [])])


def test_generated(aws_tool, monkeypatch):
    pick = random.Random(20260101)
    paths = converse_paths(aws_tool) + PATHS

    def text(alphabet, size):
        return "".join(pick.choice(alphabet) for _ in range(size))

    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    secrets = letters + letters.lower() + "/+="
    check(aws_tool, monkeypatch, [
        (("AKIA" + text(letters, 16), text(secrets, pick.choice([1, 40, 64, 100])),
          pick.choice(["", text(secrets, 800)]),
          pick.choice(["us-east-1", "ap-southeast-2", "us-gov-west-1"]),
          pick.randrange(4102444800), pick.choice(["POST", "GET", "PUT"]), pick.choice(HOSTS),
          pick.choice(paths), pick.randbytes(pick.choice([0, 1, 55, 56, 64, 1000]))),
         pick.choice(HEADERS))
        for _ in range(1500)])
