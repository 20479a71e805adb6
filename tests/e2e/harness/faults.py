"""What can go wrong with a provider's answer on its way, as bytes: each fault makes of a right answer what is sent
instead, with pauses, and how the connection ends."""
import binascii
import dataclasses
import gzip
import struct

import zstandard
from harness import codings
from harness.provider import Answer

PAUSE = 0.02  # so that what was sent is read before what follows
RIGHT, CUT, TOLD = "right", "cut", "told"


@dataclasses.dataclass
class Right:
    """A right answer: the content type, and the pieces of its body."""
    content_type: str
    pieces: list

    @property
    def body(self):
        return b"".join(self.pieces)

    @property
    def middle(self):
        """An offset in the middle of a piece in the middle."""
        at = len(self.pieces) // 2
        return len(b"".join(self.pieces[:at])) + len(self.pieces[at]) // 2

    @property
    def boundary(self):
        """An offset between two pieces, or in the middle of the only one."""
        return len(b"".join(self.pieces[:len(self.pieces) // 2])) or self.middle

    def head(self, *lines, status="200 OK"):
        return "\r\n".join([f"HTTP/1.1 {status}", f"content-type: {self.content_type}", *lines, "", ""]).encode()

    def sized(self, size=None, *lines):
        return self.head(f"content-length: {len(self.body) if size is None else size}", *lines)

    def chunked(self, *lines):
        return self.head("transfer-encoding: chunked", *lines)


def chunk(body):
    return b"%x\r\n%s\r\n" % (len(body), body)


LAST = b"0\r\n\r\n"


def raw(end, *pieces):
    """The pieces with a pause after each."""
    return Answer.raw([part for piece in pieces for part in (piece, PAUSE)], end)


@dataclasses.dataclass(frozen=True)
class Fault:
    """What a client gets, whole and as a stream, is one of
    - RIGHT: the right answer;
    - a status: an error in its dialect;
    - CUT: a stream that has begun and breaks off, with nothing wrong before;
    - TOLD: a stream that has begun and ends in an error of its dialect. Only a stream of AWS's messages that passes as
      it is is cut there, since nothing can be said behind half a message."""
    name: str
    make: object  # of a Right: the Answer
    whole: object
    stream: object
    breaks: bool = False  # the provider's answer, which has begun, ends as no answer may
    headers: tuple = ()  # of the client's request
    only: object = None  # of a lane and whether it streams; None: all

    def fits(self, lane, stream):
        return self.only is None or self.only(lane, stream)

    def expected(self, lane, stream):
        found = self.stream if stream else self.whole
        return CUT if found is TOLD and lane.frames else found


STALLS = (("x-stalls", "1"),)


def breaks():
    """Connections that end, at every place, in either way, or in none."""
    places = [
        ("at_once", lambda right: [], 503, 503),
        ("in_status_line", lambda right: [b"HTTP/1.1 20"], 502, 502),
        ("in_head", lambda right: [right.chunked()[:-20]], 502, 502),
        ("after_head", lambda right: [right.chunked()], 502, CUT),
        ("in_chunk_size", lambda right: [right.chunked() + b"7"], 502, CUT),
        ("after_first_byte", lambda right: [right.chunked() + chunk(right.body[:1])], 502, CUT),
        ("in_event", lambda right: [right.chunked() + chunk(right.body[:right.middle])], 502, CUT),
        ("between_events", lambda right: [right.chunked() + chunk(right.body[:right.boundary])], 502, CUT),
        ("in_chunk", lambda right: [right.chunked() + chunk(right.body)[:-right.middle]], 502, CUT),
        ("before_last_chunk", lambda right: [right.chunked() + chunk(right.body)], 502, CUT),
        ("in_last_chunk", lambda right: [right.chunked() + chunk(right.body) + LAST[:-2]], 502, CUT),
        ("before_last_byte", lambda right: [right.sized() + right.body[:-1]], 502, CUT),
        ("in_trailers", lambda right: [right.chunked() + chunk(right.body) + b"0\r\nx-trailer: 1"], 502, CUT),
    ]
    for end in ("abort", "close", "open"):
        for place, pieces, whole, stream in places:
            if end == "open":
                whole, stream = 504, stream if stream is CUT else 504
            yield Fault(f"{place}.{end}", lambda right, pieces=pieces, end=end: raw(end, *pieces(right)), whole, stream,
                        breaks=stream is CUT, headers=STALLS if end == "open" else ())


def lengths():
    """Framing that lies."""
    for name, make, whole, stream in [
        ("too_long", lambda right: [right.sized(len(right.body) + 7) + right.body], 502, CUT),
        ("too_short", lambda right: [right.sized(right.middle) + right.body], 502, TOLD),
        ("two", lambda right: [right.sized(None, "content-length: 5") + right.body], 502, 502),
        ("and_chunked", lambda right: [right.sized(None, "transfer-encoding: chunked") + chunk(right.body) + LAST],
         502, 502),
        ("negative", lambda right: [right.sized(-5) + right.body], 502, 502),
        ("no_number", lambda right: [right.sized("many") + right.body], 502, 502),
        ("too_large", lambda right: [right.sized(1 << 70) + right.body], 502, 502),
        ("none", lambda right: [right.head("connection: close") + right.body], RIGHT, RIGHT),
        ("none_and_cut", lambda right: [right.head("connection: close") + right.body[:right.middle]], 502, TOLD),
        ("zero", lambda right: [right.sized(0)], 502, 502),
        ("zero_and_more", lambda right: [right.sized(0) + right.body], 502, 502),
    ]:
        yield Fault(f"length.{name}", lambda right, make=make: raw("close", *make(right)), whole, stream,
                    breaks=stream is CUT)
    for name, make, whole, stream in [
        ("no_number", lambda right: [right.chunked() + b"xyz\r\n" + right.body], 502, CUT),
        ("too_large", lambda right: [right.chunked() + b"f" * 20 + b"\r\n" + right.body], 502, CUT),
        ("negative", lambda right: [right.chunked() + b"-5\r\n" + right.body], 502, CUT),
        ("too_long", lambda right: [right.chunked() + b"%x\r\n" % (len(right.body) + 9) + right.body + b"\r\n" + LAST],
         502, CUT),
        ("cut_but_ended", lambda right: [right.chunked() + chunk(right.body[:right.middle]) + LAST], 502, TOLD),
        ("none", lambda right: [right.chunked() + LAST], 502, TOLD),
        ("one_byte_each", lambda right: [
            right.chunked() + b"".join(chunk(right.body[i:i + 1]) for i in range(len(right.body))) + LAST],
         RIGHT, RIGHT),
    ]:
        yield Fault(f"chunk.{name}", lambda right, make=make: raw("close", *make(right)), whole, stream,
                    breaks=stream is CUT)


def heads():
    """What is no HTTP, or not the answer to a request."""
    for name, make in [
        ("garbage", lambda right: bytes(range(256)) * 4),
        ("garbage.no_head", lambda right: right.body),
        ("garbage.tls", lambda right: bytes.fromhex("1503030002022f")),
        ("garbage.http2", lambda right: bytes.fromhex("00000604000000000000030000006400000000")),
        ("status.no_number", lambda right: right.sized().replace(b" 200 ", b" abc ") + right.body),
        ("status.short", lambda right: right.sized().replace(b" 200 ", b" 20 ") + right.body),
        ("status.099", lambda right: right.sized().replace(b" 200 ", b" 099 ") + right.body),
        ("status.101", lambda right: b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"
         + right.body),
        ("header.no_colon", lambda right: right.sized(None, "nothing") + right.body),
        ("header.control", lambda right: right.sized(None, "x-a: b\x00c") + right.body),
        ("header.large", lambda right: right.sized(None, "x-large: " + "x" * 200_000) + right.body),
        ("header.many", lambda right: right.sized(None, *(f"x-{i}: 1" for i in range(200))) + right.body),
        ("header.endless", lambda right: right.head()[:-2] + b"x-more: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 5000),
    ]:
        yield Fault(name, lambda right, make=make: raw("close", make(right)), 502, 502)
    for status in ("100 Continue", "103 Early Hints"):
        line = f"HTTP/1.1 {status}\r\n\r\n".encode()
        name = f"status.{status[:3]}"
        yield Fault(f"{name}_and_no_more", lambda right, line=line: raw("close", line), 503, 503)
        yield Fault(f"{name}_and_answer", lambda right, line=line: raw("end", line, right.sized() + right.body),
                    RIGHT, RIGHT)
    yield Fault("header.rather_large", lambda right: raw("end", right.sized(None, "x-a: " + "x" * 40_000) + right.body),
                RIGHT, RIGHT)
    yield Fault("trailers", lambda right: raw(
        "end", right.chunked("trailer: x-t") + chunk(right.body) + b"0\r\nx-t: 1\r\n\r\n"), RIGHT, RIGHT)
    yield Fault("two_answers", lambda right: raw("end", (right.sized() + right.body) * 2), RIGHT, RIGHT)
    html = b"HTTP/1.1 500 Oops\r\ncontent-type: text/html\r\ncontent-length: 900\r\n\r\n<html>"
    yield Fault("error.cut", lambda right: raw("close", html), 502, 502, breaks=True)
    yield Fault("error.empty", lambda right: raw("end", right.head("content-length: 0", status="500 Oops")), 500, 500)


def coded():
    """Content codings that do not decode. Bombs are in test_codings.py."""
    def fault(name, what, make, whole=502, stream=CUT):
        def answer(right):
            body = make(right.body)
            return raw("close", right.sized(len(body), f"content-encoding: {name}") + body)
        return Fault(f"{name}.{what}", answer, whole, stream)

    def flipped(body, at):
        return body[:at] + bytes([body[at] ^ 1]) + body[len(body) + at + 1:]

    encoders = {**codings.ENCODERS, "zstd": lambda body: zstandard.ZstdCompressor(write_checksum=True).compress(body)}
    for name, encode in encoders.items():
        yield fault(name, "right", encode, RIGHT, RIGHT)
        yield fault(name, "magic", lambda body, encode=encode: b"\xff\xff" + encode(body)[2:])
        yield fault(name, "cut", lambda body, encode=encode: encode(body)[:len(encode(body)) // 2])
        yield fault(name, "before_last_byte", lambda body, encode=encode: encode(body)[:-1])
        yield fault(name, "more_behind", lambda body, encode=encode: encode(body) + b"more")
        if name != "br":  # which has no checksum
            yield fault(name, "spoiled", lambda body, encode=encode: flipped(encode(body), -len(encode(body)) // 2))
        yield fault(name, "nothing", lambda body: b"", 502, 502)
        yield fault(name, "of_nothing", lambda body, encode=encode: encode(b""), 502, TOLD)
        yield fault(name, "of_half", lambda body, encode=encode: encode(body[:len(body) // 2]), 502, TOLD)
    yield fault("gzip", "crc", lambda body: flipped(gzip.compress(body), -8))
    yield fault("gzip", "size", lambda body: flipped(gzip.compress(body), -4))


def _is_framed(lane, stream):
    return stream and lane.answer(True)[0] != "text/event-stream"


def _message(total, headers):
    prelude = struct.pack(">II", total, headers)
    return prelude + struct.pack(">I", binascii.crc32(prelude))


def _signed(message):
    return message + struct.pack(">I", binascii.crc32(message))


def frames():
    """Event streams of AWS's whose third message is wrong."""
    def flipped(message, at):
        spoiled = bytearray(message)
        spoiled[at] ^= 1
        return bytes(spoiled)

    for name, make in {
        "prelude_crc": lambda good: flipped(good, 8),
        "message_crc": lambda good: flipped(good, -1),
        "payload": lambda good: flipped(good, -10),
        "headers_of_other_size": lambda good: _message(len(good), 5) + good[12:],
        "total_4_gib": lambda good: _message(0xFFFFFFFF, 40) + good[12:],
        "total_too_small": lambda good: _message(15, 0) + good[12:],
        "headers_beyond_total": lambda good: _message(len(good), len(good)) + good[12:],
        "headers_4_gib": lambda good: _message(0xFFFFFFFF, 0xFFFFFF00) + good[12:],
        "header_type": lambda good: _signed(_message(16 + 4, 4) + b"\x02ab\x77"),
        "header_beyond_block": lambda good: _signed(_message(16 + 6, 6) + b"\x02ab\x07\xff\xff"),
        "sse": lambda good: b"data: {}\n\n",
    }.items():
        def spoiled(right, make=make):
            body = b"".join(right.pieces[:2]) + make(right.pieces[2]) + b"".join(right.pieces[3:])
            return raw("close", right.sized(len(body)) + body)
        yield Fault(f"frame.{name}", spoiled, None, TOLD, only=_is_framed)


NOTHING = Fault("none", lambda right: raw("end", right.sized() + right.body), RIGHT, RIGHT)
NOBODY = Fault("nobody_listens", lambda right: raw("close"), 503, 503, headers=(("x-nobody", "1"),))
FAULTS = [NOTHING, NOBODY, *breaks(), *lengths(), *heads(), *coded(), *frames()]
assert len({fault.name for fault in FAULTS}) == len(FAULTS)
