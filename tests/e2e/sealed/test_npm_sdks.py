"""The SDKs from npm through the real Envoy, each towards providers of other vendors' dialects."""
import json
import pathlib

import pytest
from harness import npm
from harness.aigw import Aigw, Mock

KEY = "embedded-key"
AWS = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = secret\n"
# name: (schema, auth, the model that is routed to it)
BACKENDS = {
    "chat": ({"name": "OpenAIChat"}, {"apiKey": {"key": KEY}}, "gpt-mock"),
    "anthropic": ({"name": "Anthropic"}, {"anthropicAPIKey": {"key": KEY}}, "claude-sonnet-5"),
    "bedrock": ({"name": "AWSBedrock"}, {"aws": {"region": "eu-west-1", "credentialFileLiteral": AWS}},
                "anthropic.claude-mock-v1:0"),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    directory = tmp_path_factory.mktemp("npm")
    mock = Mock(directory, "--require-key", KEY)
    gateway = None
    try:
        document = {
            "backends": [{"name": name, "schema": schema, "auth": auth}
                         for name, (schema, auth, _) in BACKENDS.items()],
            "upstreams": [{"backend": name, "url": mock.url} for name in BACKENDS],
            "routes": [{"models": [model], "backends": [{"name": name}]} for name, (*_, model) in BACKENDS.items()],
        }
        path = directory / "gateway.yaml"
        path.write_text(json.dumps(document))
        gateway = Aigw(directory, "-c", path).wait()
        yield gateway.url
        gateway.check_running()
    finally:
        codes = [one.stop() for one in (gateway, mock) if one]
    assert codes == [0, 0]


def test_nothing_but_loopback_is_here():
    lines = pathlib.Path("/proc/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in lines] == ["lo"]


@pytest.mark.parametrize("dialect, backend", [
    ("openai", "anthropic"), ("openai", "bedrock"), ("responses", "chat"), ("responses", "anthropic"),
    ("responses", "bedrock"), ("anthropic", "chat"), ("anthropic", "bedrock")])
def test_sdk(url, dialect, backend):
    got = json.loads(npm.run_script("sdks.mjs", dialect, url, BACKENDS[backend][-1], seconds=300))
    assert got["text"] == "word1 word2 word3" and got["tokens"] == 6
    assert got["streamed"] == " ".join(f"word{i}" for i in range(1, 51))
    assert got["calls"] == 2 and got["told"] == "The tools answered: snow; sun"
    assert (got["failure"]["name"], got["failure"]["status"]) == ("RateLimitError", 429)
    assert "asked for an error 429" in got["failure"]["message"]
