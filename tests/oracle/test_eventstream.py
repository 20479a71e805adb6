"""Our event streams against botocore's decoder, in both directions, with and without damage."""

import random
import struct
import zlib

from botocore.eventstream import EventStreamBuffer, ParserError

INTEGERS = {2: ">b", 3: ">h", 4: ">i", 5: ">q", 8: ">q"}
TEXTS = [b"", b"event", b"application/json", "h\u00e9\u6a21".encode(), b"x" * 1000]


def generated_message(pick):
    """(payload, [(name, type, value)]) with a value of the type's Python kind."""
    headers = []
    for i in range(pick.choice([0, 1, 3, 12])):
        kind = pick.randrange(10)
        if kind in INTEGERS:
            bits = 8 * struct.calcsize(INTEGERS[kind])
            edge = 1 << bits - 1
            value = pick.choice([0, -1, edge - 1, -edge, pick.randrange(-edge, edge)])
        else:
            value = {0: True, 1: False, 6: pick.randbytes(pick.choice([0, 1, 300])),
                     7: pick.choice(TEXTS), 9: pick.randbytes(16)}[kind]
        headers.append((f"name-{i}" + "n" * pick.choice([0, 200]), kind, value))
    for name in (b":event-type", b":message-type", b":exception-type"):
        if pick.random() < 0.5:
            headers.append((name.decode(), 7, pick.choice(TEXTS)))
    return pick.randbytes(pick.choice([0, 1, 2, 100, 5000])), headers


def encoded(message):
    """The message's bytes, made with struct and zlib."""
    payload, headers = message
    block = b""
    for name, kind, value in headers:
        block += bytes([len(name)]) + name.encode() + bytes([kind])
        if kind in INTEGERS:
            block += struct.pack(INTEGERS[kind], value)
        elif kind in (6, 7):
            block += struct.pack(">H", len(value)) + value
        elif kind == 9:
            block += value
    start = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    start += struct.pack(">I", zlib.crc32(start)) + block + payload
    return start + struct.pack(">I", zlib.crc32(start))


def as_botocore(message):
    payload, headers = message
    return {n: v.decode() if k == 7 else v for n, k, v in headers}, payload


def as_tool_prints(message):
    payload, headers = message
    line = ""
    for name, kind, value in headers:
        value = value if kind in (6, 7, 9) else str(int(value)).encode()
        line += f"{name.encode().hex()}={kind}:{value.hex()},"
    return f"{line}|{payload.hex()}".encode()


def botocore_reads(stream):
    """The messages before the first fault, and whether there was one (also: a cut)."""
    buffer = EventStreamBuffer()
    buffer.add_data(stream)
    messages = []
    try:
        for message in buffer:
            messages.append((message.headers, message.payload))
    except (ParserError, struct.error, UnicodeDecodeError, KeyError):
        return messages, True
    return messages, bool(buffer._data)


def pieces(pick, stream):
    cuts = sorted(pick.randrange(len(stream) + 1) for _ in range(pick.choice([0, 1, 2, 20])))
    return [stream[a:b] for a, b in zip([0] + cuts, cuts + [len(stream)])]


def test_what_we_encode(aws_tool):
    pick = random.Random(1)
    messages = [generated_message(pick) for _ in range(300)]
    rows = [[payload] + [field for name, kind, value in headers for field in
                         (name.encode(), str(kind).encode(),
                          value if kind in (6, 7, 9) else str(int(value)).encode())]
            for payload, headers in messages]
    for message, [ours] in zip(messages, aws_tool("encode", rows)):
        assert ours == encoded(message)
        assert botocore_reads(ours) == ([as_botocore(message)], False)


def test_what_we_decode(aws_tool):
    pick = random.Random(2)
    streams = [[generated_message(pick) for _ in range(pick.choice([1, 2, 5]))] for _ in range(200)]
    rows = [pieces(pick, b"".join(map(encoded, stream))) for stream in streams]
    for stream, ours in zip(streams, aws_tool("decode", rows)):
        assert ours == list(map(as_tool_prints, stream))


def test_damage_is_seen_where_botocore_sees_it(aws_tool):
    pick = random.Random(3)
    cases = []
    for _ in range(400):
        messages = [generated_message(pick) for _ in range(3)]
        stream = bytearray(b"".join(map(encoded, messages)))
        if pick.random() < 0.3:
            del stream[pick.randrange(len(stream)):]
        else:
            stream[pick.randrange(len(stream))] ^= 1 << pick.randrange(8)
        cases.append((messages, bytes(stream)))
    answers = aws_tool("decode", [pieces(pick, stream) for _, stream in cases])
    faults = 0
    for (messages, stream), ours in zip(cases, answers):
        theirs, fault = botocore_reads(stream)
        faults += fault
        if ours == [b""]:
            ours = []
        assert theirs == list(map(as_botocore, messages))[:len(theirs)]
        assert ours[:len(theirs)] == list(map(as_tool_prints, messages))[:len(theirs)]
        assert len(ours) == len(theirs) + fault
        assert not fault or ours[-1].startswith(b"event stream: ")
    assert faults > 350
