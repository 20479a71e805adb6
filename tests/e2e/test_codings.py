"""Answers in content codings, through the real Envoy: clients that take them, clients that do not, streams that are
flushed event by event, and bodies that stand for gigabytes."""
import functools
import struct
import threading
import zlib

import brotli
import httpx
import openai
import pytest
import zstandard
from harness import bootstrap, codings
from harness.envoy import PATIENCE
from harness.provider import Answer

OPENAI = "backends: [{name: primary, schema: {name: OpenAI}, auth: {apiKey: {key: sk-primary}}}]"
ANTHROPIC = "backends: [{name: primary, schema: {name: Anthropic}, auth: {anthropicAPIKey: {key: sk-ant}}}]"
BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
ANSWER = (b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
          b'{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}')
NAMES = sorted(codings.NAMES)


@pytest.fixture
def gateway(start_envoy, tmp_path, provider):
    def start(config, answer):
        provider.reset(lambda _: answer)
        envoy = start_envoy(bootstrap.gateway(tmp_path, config, [("primary", provider.port)]))
        return f"http://127.0.0.1:{envoy.ports['main']}", envoy

    return start


def coded(coding, body, content_type="application/json"):
    return Answer(200, [("content-type", content_type), ("content-encoding", coding)], body)


@pytest.mark.parametrize("coding", ["br", "gzip"])  # the SDK's client reads no zstd
def test_the_sdk_asks_for_what_it_can_read(gateway, provider, coding):
    url, _ = gateway(OPENAI, coded(coding, codings.encoded(ANSWER, [coding])))
    with openai.OpenAI(base_url=url + "/v1", api_key="k", max_retries=0, timeout=PATIENCE) as client:
        raw = client.chat.completions.with_raw_response.create(**BODY)
    assert coding in provider.requests[0].header("accept-encoding").replace(" ", "").split(",")
    assert raw.headers["content-encoding"] == coding
    assert raw.parse().choices[0].message.content == "Yes."


@pytest.mark.parametrize("coding", NAMES)
def test_a_client_that_asks_gets_it_as_it_is(gateway, provider, coding):
    sent = codings.encoded(ANSWER, [coding])
    url, _ = gateway(OPENAI, coded(coding, sent))
    with httpx.stream("POST", url + "/v1/chat/completions", json=BODY, headers={"accept-encoding": coding},
                      timeout=PATIENCE) as answer:
        assert answer.headers["content-encoding"] == coding and b"".join(answer.iter_raw()) == sent
    assert provider.requests[0].header("accept-encoding") == coding


@pytest.mark.parametrize("coding", NAMES)
def test_a_client_that_did_not_ask_gets_it_plain(gateway, coding):
    url, _ = gateway(OPENAI, coded(coding, codings.encoded(ANSWER, [coding])))
    answer = httpx.post(url + "/v1/chat/completions", json=BODY, headers={"accept-encoding": "identity"},
                        timeout=PATIENCE)
    assert "content-encoding" not in answer.headers and answer.content == ANSWER


def flushed(coding, pieces):
    """Each piece in the coding, flushed so that it can be decoded at once."""
    if coding == "gzip":
        stream = zlib.compressobj(wbits=31)
        return [stream.compress(piece) + stream.flush(zlib.Z_SYNC_FLUSH) for piece in pieces] + [stream.flush()]
    if coding == "br":
        stream = brotli.Compressor()
        return [stream.process(piece) + stream.flush() for piece in pieces] + [stream.finish()]
    stream = zstandard.ZstdCompressor().compressobj()
    return [stream.compress(piece) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for piece in pieces] + [
        stream.flush()]


@pytest.mark.parametrize("coding", NAMES)
def test_an_event_does_not_wait_for_the_next(gateway, coding):
    event = b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'
    first, second, last = flushed(coding, [event, event])
    first_is_here = threading.Event()
    url, _ = gateway(OPENAI, coded(coding, [first, first_is_here, second, last], "text/event-stream"))
    with httpx.stream("POST", url + "/v1/chat/completions", json={**BODY, "stream": True},
                      headers={"accept-encoding": "identity"}, timeout=PATIENCE / 2) as answer:
        assert "content-encoding" not in answer.headers
        pieces, arrived = answer.iter_raw(), b""
        while len(arrived) < len(event):
            arrived += next(pieces)
        assert arrived == event
        first_is_here.set()
        assert b"".join(pieces) == event


@functools.cache
def bomb(coding, size=1 << 30):
    """A small body that stands for `size` zeros."""
    zeros = bytes(1 << 20)
    if coding == "gzip":
        # What is flushed fully stands for itself, so that one piece is enough, again and again.
        stream, crc = zlib.compressobj(9, wbits=-15), 0
        piece = stream.compress(zeros) + stream.flush(zlib.Z_FULL_FLUSH)
        for _ in range(size >> 20):
            crc = zlib.crc32(zeros, crc)
        head = bytes((31, 139, 8, 0, 0, 0, 0, 0, 0, 255))
        return head + piece * (size >> 20) + stream.flush() + struct.pack("<II", crc, size)
    if coding == "br":
        stream = brotli.Compressor(quality=3)
        return b"".join(stream.process(zeros) for _ in range(size >> 20)) + stream.finish()
    stream = zstandard.ZstdCompressor().compressobj()
    return b"".join(stream.compress(zeros) for _ in range(size >> 20)) + stream.flush()


def resident_mib(envoy):
    with open(f"/proc/{envoy.process.pid}/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


@pytest.mark.parametrize("coding", NAMES)
@pytest.mark.parametrize("config", [OPENAI, ANTHROPIC], ids=["passed", "translated"])
def test_a_bomb_is_an_error_and_costs_little(gateway, coding, config):
    body = bomb(coding)
    assert len(body) < 2 << 20
    url, envoy = gateway(config, coded(coding, body))
    before = resident_mib(envoy)
    try:
        answer = httpx.post(url + "/v1/chat/completions", json=BODY, headers={"accept-encoding": "identity"},
                            timeout=2 * PATIENCE)
    except httpx.RemoteProtocolError:
        assert config == OPENAI  # what passes has begun to pass
    else:
        assert answer.status_code == 502 and "becomes too large" in answer.json()["error"]["message"]
    assert resident_mib(envoy) - before < 200
