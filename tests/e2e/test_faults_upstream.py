"""Everything that can go wrong with a provider's answer, through the real Envoy, in each lane and kind of answer: the
client gets an error in its dialect, or a stream that breaks off or ends in one, and never half an answer as if it were
all of it; nobody waits for ever; requests beside get all their bytes; and nothing is left behind."""
import asyncio
import contextlib
import json

import pytest
from harness import footprint, lanes, wire
from harness.carrier import CARRIERS
from harness.faults import CUT, FAULTS, NOTHING, RIGHT, STALLS, TOLD, Right
from harness.provider import Provider

IDLE = 2      # seconds; a stalled answer is over after that
AT_ONCE = 24  # requests, besides those that stall
KINDS = ("whole", "stream")
pytestmark = pytest.mark.timeout(1200)  # all of it happens in the first test's fixture
STORIES = {f"{lane.name}/{kind}/{fault.name}": (lane, kind == "stream", fault)
           for lane in lanes.LANES for kind in KINDS for fault in FAULTS if fault.fits(lane, kind == "stream")}


def answers():
    """What the provider says, by the header x-fault."""
    made = {key: fault.make(Right(*lane.answer(stream))) for key, (lane, stream, fault) in STORIES.items()}
    return {**made, **lanes.slow_answers()}


async def tell(gateway, key):
    lane, stream, fault = STORIES[key]
    path, body = lane.request(stream)
    headers = [("x-fault", key), ("accept-encoding", "identity"), *fault.headers]
    return await wire.ask(gateway.port, wire.head(path, len(body), headers) + body)


async def all_stories(gateway):
    """{key: what the client saw}, and {lane: what those beside saw}."""
    over, gate = asyncio.Event(), asyncio.Semaphore(AT_ONCE)

    async def one(key):
        async with contextlib.nullcontext() if STORIES[key][2].headers == STALLS else gate:
            return await tell(gateway, key)

    steady = [asyncio.create_task(lanes.beside(gateway, lane, over)) for lane in lanes.LANES]
    seen = await asyncio.gather(*map(one, STORIES))
    over.set()
    return dict(zip(STORIES, seen)), dict(zip(lanes.LANES, await asyncio.gather(*steady)))


class Told:
    """All stories, twice: what came of them, and what the processes held after each round."""

    def __init__(self, carrier, gateway):
        self.carrier = carrier
        self.rounds, self.held = [], []
        for _ in range(2):
            self.rounds.append(asyncio.run(all_stories(gateway)))
            self.held.append(footprint.settled(gateway, self.held[0] if self.held else None))


@pytest.fixture(scope="module", params=CARRIERS)
def told(request, tmp_path_factory):
    made = answers()
    provider = Provider(lambda asked: made[asked.header("x-fault") or asked.header("x-slow")])
    try:
        gateway = lanes.Gateway(request.param, tmp_path_factory.mktemp("faults"), provider, IDLE)
        try:
            yield Told(request.param, gateway)
        finally:
            gateway.stop()
    finally:
        provider.close()


def judge(lane, stream, seen, right, expected):
    """What is wrong, or None."""
    if isinstance(expected, int):
        if (seen.end, seen.status) != ("whole", expected) or not lane.is_error(seen, expected):
            return "no such error"
        return None
    if seen.status != 200 or seen.headers["content-type"] != right.headers["content-type"]:
        return "other headers"
    if seen.end != ("cut" if expected is CUT else "whole"):
        return "another end"
    if not stream:
        return None if lane.same(seen, right) else "another answer"
    events, rest = wire.events(seen)
    all_of_them, _ = wire.events(right)
    if expected is RIGHT:
        return None if events == all_of_them and not rest else "another stream"
    if expected is TOLD and not lane.is_error_event(events.pop()):
        return "no error at its end"
    if events != all_of_them[:len(events)] and lane.splice and expected is TOLD:
        events.pop()  # the half event
    if events != all_of_them[:len(events)] or (rest and not lane.splice):
        return "what was never said"
    if expected is TOLD and len(events) == len(all_of_them):
        return "an error behind all of it"
    return None


def differs(lane, seen, fault, expected):
    """Whether the server may answer so where the module does as expected. Parity, "half-dead-answer" and "early-break":
    what breaks before anything has gone to the client is an answer of Envoy's own, past its filters; and what the
    server finds to be broken by then is still an error."""
    if fault.breaks and seen.headers.get("content-type") == "text/plain":
        return (seen.end, seen.status) == ("whole", expected if isinstance(expected, int) else 502)
    return expected is CUT and (seen.end, seen.status) == ("whole", 502) and lane.is_error(seen, 502)


@pytest.mark.parametrize("lane", lanes.LANES, ids=lambda lane: lane.name)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_client_gets(told, lane, kind):
    failures = []
    for seen, _ in told.rounds:
        right = seen[f"{lane.name}/{kind}/{NOTHING.name}"]
        for fault in FAULTS:
            if (key := f"{lane.name}/{kind}/{fault.name}") not in STORIES:
                continue
            expected = fault.expected(lane, kind == "stream")
            wrong = judge(lane, kind == "stream", seen[key], right, expected)
            if wrong and fault.headers == STALLS and expected is CUT:
                wrong = judge(lane, True, seen[key], right, 504)  # on a slow machine nothing has begun by then
            if wrong and not (told.carrier == "extproc" and differs(lane, seen[key], fault, expected)):
                failures.append(f"{key}: {wrong}; expected {expected}, got {seen[key]}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("lane", lanes.LANES, ids=lambda lane: lane.name)
def test_the_right_answer_is_right(told, lane):
    whole, stream = (told.rounds[0][0][f"{lane.name}/{kind}/{NOTHING.name}"] for kind in KINDS)
    assert whole.status == stream.status == 200
    assert lanes.TEXT in whole.body.decode()
    if lane.splice and lane.backend != "aws-anthropic":
        assert stream.body == b"".join(lane.answer(True)[1])
    words = json.dumps(wire.events(stream)[0])
    assert all(json.dumps(word)[1:-1] in words for word in lanes.WORDS)


@pytest.mark.parametrize("lane", lanes.LANES, ids=lambda lane: lane.name)
def test_those_beside_get_every_byte(told, lane):
    for seen, steady in told.rounds:
        right = wire.events(seen[f"{lane.name}/stream/{NOTHING.name}"])
        assert steady[lane]
        for one in steady[lane]:
            assert (one.end, one.status, wire.events(one)) == ("whole", 200, right)


def test_nothing_is_left_behind(told):
    footprint.compare(*told.held)
