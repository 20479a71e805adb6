"""Reads a story in the format of tests/cases/README.md."""
import binascii
import json
import pathlib
import re
import struct
from dataclasses import dataclass, field

from harness import codings

HEAD = re.compile(r"^(:?[a-z0-9-]+): (.*)$")
ABSENT = re.compile(r"^!([a-z0-9-]+)$")
SECTION = re.compile(r"^-- (\S.*\S|\S) --$")
ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|\((?P<times>[0-9]+) (?P<text>.*?)\\\)|.?)")
PLAIN_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}
VARIANTS = {
    "client.request": {"escaped", *codings.NAMES},
    "client.response": {"escaped", "eventstream", "cut", *codings.NAMES},
    "upstream.request": {"escaped", *codings.NAMES},
    "upstream.response": {"escaped", "eventstream", "reset", "open", *codings.NAMES},
    "config": set(),
    "effects": set(),
}


class CaseError(Exception):
    """A file that is no case: the message names file and line."""


@dataclass
class Message:
    method: str = ""
    path: str = ""
    status: int = 0
    head: list = field(default_factory=list)  # (name, value)
    some: list = field(default_factory=list)  # names that must be there with any value
    absent: list = field(default_factory=list)
    body: bytes = b""
    variants: set = field(default_factory=set)


@dataclass
class Case:
    name: str
    method: str = ""
    path: str = ""
    backends: list = field(default_factory=lambda: ["primary"])
    shows: set = field(default_factory=set)
    config: str = ""
    client_request: Message = field(default_factory=Message)
    client_response: Message = None
    upstream_requests: dict = field(default_factory=dict)
    upstream_responses: dict = field(default_factory=dict)
    attempts: int = None
    model: str = None
    metadata: dict = None
    dropped: set = field(default_factory=set)
    limited: set = field(default_factory=set)
    outcome: str | None = None


def unescape(line: bytes, where: str) -> bytes:
    def one(match):
        kind = match[1]
        if kind in PLAIN_ESCAPES:
            return PLAIN_ESCAPES[kind]
        if kind.startswith(b"x") and len(kind) == 3:
            return bytes([int(kind[1:], 16)])
        if match["times"]:
            return match["text"] * int(match["times"])
        raise CaseError(f"{where}: unknown escape")

    return ESCAPE.sub(one, line)


def frame(line: bytes) -> bytes:
    """The message of an AWS event stream that a line of a case stands for; ValueError where it is none."""
    word, _, rest = line.partition(b" ")
    if (spoiled := word) in (b"broken", b"half"):
        word, _, rest = rest.partition(b" ")
    kind = b"event"
    if word in (b"exception", b"error"):
        kind = word
        word, _, rest = rest.partition(b" ")
    if not word or not rest:
        raise ValueError(line)
    if kind == b"error":
        headers, payload = [(b":error-code", word), (b":error-message", rest)], b""
    else:
        headers, payload = [(b":%s-type" % kind, word), (b":content-type", b"application/json")], rest
    headers.append((b":message-type", kind))
    block = b"".join(struct.pack(">B%dsBH" % len(name), len(name), name, 7, len(value)) + value
                     for name, value in headers)
    message = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    message += struct.pack(">I", binascii.crc32(message)) + block + payload
    message += struct.pack(">I", binascii.crc32(message))
    if spoiled == b"broken":
        message = message[:-1] + bytes([message[-1] ^ 1])
    return message[:len(message) // 2] if spoiled == b"half" else message


def name_of(path: pathlib.Path, cases: pathlib.Path) -> str:
    """The path below the folder of the cases, with points between its parts and without the ending."""
    return ".".join(path.relative_to(cases).with_suffix("").parts)


class Parser:
    def __init__(self, path: pathlib.Path, name: str):
        self.path = path
        text = path.read_bytes().decode()
        self.lines = text.removesuffix("\n").split("\n")
        nearest = next(folder / "default.yaml" for folder in path.parents if (folder / "default.yaml").exists())
        self.case = Case(name, config=nearest.read_text())

    def fail(self, index: int, what: str):
        raise CaseError(f"{self.path}:{index + 1}: {what}")

    def parse(self) -> Case:
        starts = [i for i, line in enumerate(self.lines) if SECTION.match(line)]
        self.headers(starts[0] if starts else len(self.lines))
        for start, end in zip(starts, starts[1:] + [len(self.lines)]):
            self.section(start, end)
        if self.case.client_response is None:
            self.fail(len(self.lines) - 1, "no client.response")
        return self.case

    def headers(self, end: int):
        for i in range(end):
            line = HEAD.match(self.lines[i])
            if not line:
                continue
            name, value = line.groups()
            if not self.case.method and name != "endpoint":
                continue  # prose
            if name == "endpoint":
                self.case.method, self.case.path = value.split()
            elif name == "backends":
                self.case.backends = [part.strip() for part in value.split(",")]
            elif name == "shows":
                self.case.shows = {part.strip() for part in value.split(",")}
            elif name != "scan":
                self.fail(i, f"unknown header {name}")
        if not self.case.method:
            self.fail(end - 1, "no endpoint before the first section")

    def section(self, start: int, end: int):
        name, *words = SECTION.match(self.lines[start])[1].split()
        if name not in VARIANTS:
            self.fail(start, f"unknown section {name}")
        number = 1
        variants = set()
        for word in words:
            if word.isdigit():
                number = int(word)
            elif word in VARIANTS[name]:
                variants.add(word)
            else:
                self.fail(start, f"unknown variant {word}")
        if name == "config":
            self.case.config = "\n".join(self.lines[start + 1:end]) + "\n"
        elif name == "effects":
            self.effects(start + 1, end)
        else:
            message = self.message(name, start + 1, end, variants)
            if name == "client.request":
                self.case.client_request = message
            elif name == "client.response":
                self.case.client_response = message
            elif name == "upstream.request":
                self.case.upstream_requests[number] = message
            else:
                self.case.upstream_responses[number] = message

    def message(self, name: str, start: int, end: int, variants: set) -> Message:
        message = Message(variants=variants)
        at = start
        if name == "upstream.request":
            message.method, message.path = self.lines[at].split()
            at += 1
        while at < end:
            line = self.lines[at]
            if head := HEAD.match(line):
                if head[1] == ":status":
                    message.status = int(head[2])
                elif head[2] == "*":
                    message.some.append(head[1])
                else:
                    message.head.append((head[1], head[2]))
            elif absent := ABSENT.match(line):
                message.absent.append(absent[1])
            elif line == "":
                at += 1
                break
            elif at == start:
                break
            else:
                self.fail(at, "expected a head line or an empty one")
            at += 1
        if name.endswith(".response") and not message.status and "reset" not in variants:
            self.fail(start - 1, "a response needs `:status: N`")
        body = [line.encode() for line in self.lines[at:end]]
        if "escaped" in variants:
            message.body = b"".join(
                unescape(line, f"{self.path}:{at + i + 1}") for i, line in enumerate(body))
        elif "eventstream" in variants:
            message.body = b"".join(self.frame(at + i, line) for i, line in enumerate(body) if line)
        else:
            message.body = b"\n".join(body)
        return message

    def frame(self, index: int, line: bytes) -> bytes:
        try:
            return frame(line)
        except ValueError:
            self.fail(index, "expected an event type and its payload")

    def effects(self, start: int, end: int):
        for i in range(start, end):
            if self.lines[i] == "":
                continue
            line = HEAD.match(self.lines[i]) or self.fail(i, "expected `name: value`")
            name, value = line.groups()
            if name == "attempts":
                self.case.attempts = int(value)
            elif name == "model":
                self.case.model = value
            elif name == "dropped":
                self.case.dropped.add(value)
            elif name == "limited":
                self.case.limited.add(value)
            elif name == "outcome":
                self.case.outcome = value
            elif name == "metadata":
                self.case.metadata = self.case.metadata or {}
                if value != "none":
                    key, text = value.split(" = ", 1)
                    self.case.metadata[key] = json.loads(text)
            else:
                self.fail(i, f"unknown effect {name}")


def read_case(path: pathlib.Path, name: str = "") -> Case:
    return Parser(path, name or path.stem).parse()
