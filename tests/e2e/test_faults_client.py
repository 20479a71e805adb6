"""Clients that behave badly, through the real Envoy: they leave at any byte, trickle, pipeline, stall, or send what is
no request. Each gets what it is owed and costs nobody else anything; nothing is left behind."""
import asyncio
import socket
import struct

import pytest
from harness import footprint, lanes, wire
from harness.carrier import CARRIERS
from harness.provider import Answer, Provider

IDLE = 3      # seconds; a request at the hasty port that says nothing for so long is over
AT_ONCE = 32  # connections
pytestmark = pytest.mark.timeout(1200)  # all of it happens in the first test's fixture
SOME = [lane for lane in lanes.LANES if lane.name in ("chat-to-openai", "chat-to-anthropic", "converse-to-openai")]


def request(lane, stream, *headers, slow=False, prompt="Hi"):
    path, body = lane.request(stream, prompt)
    slowly = [("x-slow", lane.name)] if slow else []
    return wire.head(path, len(body), [("accept-encoding", "identity"), *slowly, *headers]) + body


def answer(asked):
    if slow := asked.header("x-slow"):
        return lanes.slow_answers()[slow]
    lane = next(one for one in lanes.LANES if one.name == asked.header("x-lane"))
    stream = asked.header("x-stream") == "yes"
    content_type, pieces = lane.answer(stream)
    return Answer(200, [("content-type", content_type)], b"".join(pieces))


def named(lane, stream):
    return ("x-lane", lane.name), ("x-stream", "yes" if stream else "no")


class Client:
    """A connection of a client's that may end in either way."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    async def __aexit__(self, *_):
        self.leave(False)

    def leave(self, reset):
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


async def leaves_after_sending(gateway, lane, stream, size, reset):
    async with Client(gateway.port) as client:
        client.writer.write(request(lane, stream, *named(lane, stream))[:size])
        await asyncio.sleep(0.01)
        client.leave(reset)


async def leaves_after_reading(gateway, lane, size, reset):
    async with Client(gateway.port) as client:
        client.writer.write(request(lane, True, slow=True))
        await client.reader.readexactly(size)
        client.leave(reset)


async def trickles(gateway, lane, stream):
    """Byte by byte, there and back."""
    async with Client(gateway.port) as client:
        for byte in request(lane, stream, *named(lane, stream)):
            client.writer.write(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        slow = asyncio.StreamReader()
        reading = asyncio.create_task(wire.read(slow))
        while not reading.done() and (byte := await client.reader.read(1)):
            slow.feed_data(byte)
            await asyncio.sleep(0)
        slow.feed_eof()
        return await reading


async def pipelines(gateway, carrier):
    """One write with every lane's requests, and with refused ones where the connection lives on after those."""
    asked = [(lane, stream) for lane in lanes.LANES for stream in (False, True)]
    refused = request(lanes.LANES[0], False).replace(b'"openai"', b'"nobody"')
    async with Client(gateway.port) as client:
        sent = b""
        for lane, stream in asked:
            sent += request(lane, stream, *named(lane, stream))
            if carrier == "module":
                sent += refused
        client.writer.write(sent)
        seen = []
        for _ in asked:
            seen.append(await wire.read(client.reader))
            if carrier == "module":
                refusal = await wire.read(client.reader)
                assert (refusal.end, refusal.status) == ("whole", 404), refusal
        return dict(zip(asked, seen))


async def stalls(gateway, lane, size):
    async with Client(gateway.hasty_port) as client:
        client.writer.write(request(lane, False, *named(lane, False))[:size])
        return await wire.read(client.reader)


def wrong_requests():
    """What is no request of HTTP's."""
    lane = lanes.LANES[0]
    good = request(lane, False, *named(lane, False))
    length = b"content-length: %d" % len(lane.request(False)[1])
    yield "two lengths", good.replace(length, length + b"\r\ncontent-length: 3")
    yield "length and chunks", good.replace(length, length + b"\r\ntransfer-encoding: chunked")
    yield "negative length", good.replace(length, b"content-length: -1")
    yield "no chunk", good.replace(length, b"transfer-encoding: chunked")
    yield "no version", good.replace(b" HTTP/1.1", b"")
    yield "control character", good.replace(b"host: ", b"x-a: b\x00c\r\nhost: ")
    yield "large header", good.replace(b"host: ", b"x-a: " + b"x" * 100_000 + b"\r\nhost: ")
    yield "http2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
    yield "tls", bytes.fromhex("16030100a5010000a10303") + bytes(160)


async def sends_wrong(gateway, sent):
    async with Client(gateway.port) as client:
        client.writer.write(sent)
        return await wire.read(client.reader)


class Played:
    """All of it, once."""

    async def play(self, carrier, gateway):
        self.carrier = carrier
        gate, over = asyncio.Semaphore(AT_ONCE), asyncio.Event()

        async def gated(coroutine):
            async with gate:
                return await coroutine

        async def each(coroutines, gated=gated):
            return dict(zip(coroutines, await asyncio.gather(*map(gated, coroutines.values()))))

        steady = [asyncio.create_task(lanes.beside(gateway, lane, over)) for lane in lanes.LANES]
        stalled = asyncio.create_task(each({
            (lane, place): stalls(gateway, lane, size)
            for lane in lanes.LANES for place, size in places(lane).items()}, gated=lambda one: one))
        self.asked = {(lane, stream): await wire.ask(gateway.port, request(lane, stream, *named(lane, stream)))
                      for lane in lanes.LANES for stream in (False, True)}
        await each({(lane, stream, size): leaves_after_sending(gateway, lane, stream, size, size % 2 == 0)
                    for lane in SOME for stream in (False, True)
                    for size in range(1 + stream, len(request(lane, stream, *named(lane, stream))) + 1, 3)})
        await each({(lane, size): leaves_after_reading(gateway, lane, size, size // 11 % 2 == 0)
                    for lane in lanes.LANES for size in range(1, len(self.asked[lane, True].body), 11)})
        self.trickled = await each({(lane, stream): trickles(gateway, lane, stream)
                                    for lane in lanes.LANES for stream in (False, True)})
        self.pipelined = await pipelines(gateway, carrier)
        self.wrong = await each({name: sends_wrong(gateway, sent) for name, sent in wrong_requests()})
        self.stalled = await stalled
        over.set()
        self.steady = dict(zip(lanes.LANES, await asyncio.gather(*steady)))
        return self


def places(lane):
    """Where a request stalls, after how many bytes."""
    whole = request(lane, False, *named(lane, False))
    head = whole.index(b"\r\n\r\n") + 4
    return {"in its head": 30, "behind its head": head, "in its body": head + 20, "before its end": len(whole) - 1}


@pytest.fixture(scope="module", params=CARRIERS)
def played(request, tmp_path_factory):
    """All of it twice, and what was held after each time."""
    provider = Provider(answer)
    try:
        gateway = lanes.Gateway(request.param, tmp_path_factory.mktemp("clients"), provider, IDLE,
                                {"stream_idle_timeout": f"{IDLE}s", "request_headers_timeout": f"{IDLE}s"})
        try:
            first = asyncio.run(Played().play(request.param, gateway))
            before = footprint.settled(gateway)
            second = asyncio.run(Played().play(request.param, gateway))
            yield [first, second], before, footprint.settled(gateway, before)
        finally:
            gateway.stop()
    finally:
        provider.close()


@pytest.fixture(params=[0, 1], ids=["first", "again"])
def one(played, request):
    return played[0][request.param]


def test_a_trickle_is_a_request(one):
    for key, seen in one.trickled.items():
        right = one.asked[key]
        assert (right.end, right.status) == (seen.end, seen.status) == ("whole", 200)
        assert key[0].same(seen, right), (key, seen)


def test_pipelined_requests_are_answered_in_order(one):
    for key, seen in one.pipelined.items():
        assert (seen.end, seen.status) == ("whole", 200)
        assert key[0].same(seen, one.asked[key]), (key, seen)


def test_a_stalled_request_is_an_error(one):
    for (lane, place), seen in one.stalled.items():
        assert (seen.end, seen.status) == ("whole", 408), (lane, place, seen)
        if place != "in its head":  # nobody knows the client's dialect yet
            assert lane.is_error(seen, 408), (lane, place, seen)


def test_what_is_no_request(one):
    """An error, or no word: Envoy closes such a connection, behind ext_proc before the server has answered."""
    for name, seen in one.wrong.items():
        if one.carrier == "extproc" or name == "http2":
            assert (seen.end, seen.status) == ("cut", 0) or 400 <= seen.status < 500, (name, seen)
        else:
            assert 400 <= seen.status < 500 and lanes.LANES[0].is_error(seen, seen.status), (name, seen)


def test_those_beside_get_every_byte(one):
    for lane, seen in one.steady.items():
        assert seen
        for answered in seen:
            assert (answered.end, answered.status) == ("whole", 200)
            assert lane.same(answered, one.asked[lane, True])


def test_nothing_is_left_behind(played):
    footprint.compare(*played[1:])
