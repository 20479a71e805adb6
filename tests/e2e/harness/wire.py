"""A client that sees an answer as it stands on the wire: how much of it came, and how it ended."""
import asyncio
import dataclasses
import json

import botocore.eventstream
from harness.envoy import PATIENCE


@dataclasses.dataclass
class Seen:
    """`end`: whole, cut (the connection ended inside of the answer), or hang (nothing more came in time)."""
    end: str
    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""

    def json(self):
        return json.loads(self.body)


def head(path, length, headers=(), method="POST"):
    lines = [f"{method} {path} HTTP/1.1", "host: gateway.test", "content-type: application/json",
             f"content-length: {length}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def read(reader, seconds=PATIENCE):
    """The next answer."""
    seen = Seen("cut")
    try:
        async with asyncio.timeout(seconds):
            await _read(reader, seen)
        seen.end = "whole"
    except TimeoutError:
        seen.end = "hang"
    except asyncio.IncompleteReadError as error:
        if seen.status:
            seen.body += error.partial
    except ConnectionError:
        pass
    return seen


async def _read(reader, seen):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    seen.headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:-2])}
    seen.status = int(lines[0].split()[1])
    if seen.headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readuntil(b"\r\n"), 16):
            left = size
            while left:
                piece = await reader.read(left)
                if not piece:
                    raise asyncio.IncompleteReadError(b"", left)
                seen.body += piece
                left -= len(piece)
            await reader.readexactly(2)
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
    elif "content-length" in seen.headers:
        seen.body = await reader.readexactly(int(seen.headers["content-length"]))
    elif seen.status not in (204, 304):
        raise AssertionError(f"an answer whose end nobody can see: {seen.headers}")


async def ask(port, request, seconds=PATIENCE):
    """Sends the bytes and reads one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        writer.write(request)
        return await read(reader, seconds)
    finally:
        writer.transport.abort()


def events(seen):
    """What a stream told, event by event, without what differs by nature; what comes after the last whole event is
    the second part."""
    if "eventstream" in seen.headers.get("content-type", ""):
        return _frames(seen.body)
    *whole, rest = seen.body.split(b"\n\n")
    return [_event(one.decode()) for one in whole], rest


def _event(text):
    name, data = "", text
    for line in text.split("\n"):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = line.removeprefix("data: ")
    try:
        data = json.loads(data)
    except ValueError:
        return name, data
    data.pop("created", None)
    return name, data


def _frames(body):
    found, at = [], 0
    while len(body) - at >= 12 and len(body) - at >= (size := int.from_bytes(body[at:at + 4], "big")):
        buffer = botocore.eventstream.EventStreamBuffer()
        buffer.add_data(body[at:at + size])
        try:
            [one] = buffer
        except (botocore.eventstream.ParserError, KeyError):  # KeyError: a type of header that nobody knows
            break
        headers = one.headers
        payload = json.loads(one.payload or b"null")
        if headers.get(":event-type") == "metadata":
            payload.pop("metrics", None)
        name = headers.get(":event-type") or headers.get(":exception-type") or headers.get(":error-code")
        if name is None:
            break
        found.append((name, payload))
        at += size
    return found, body[at:]
