#!/usr/bin/env python3
"""Writes into cases what came of them: record.py CASES_CORE FILE...

The path and the body of each upstream.request, the whole client.response (but for head lines other than :status,
content-type and x-amzn-errortype, which stay) and the lines `dropped` of the effects are written anew. Everything else
stays: the story, what the client sends, what the provider answers. Read the difference before you commit it: it is
what the gateway did, not what it should do.
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
SECTION = re.compile(r"^-- (\S.*\S|\S) --$")
HEAD = re.compile(r"^(!?:?[a-z0-9-]+)(: .*)?$")


def outcome(program, path):
    name = ".".join(path.relative_to(TESTS / "cases").with_suffix("").parts)
    done = subprocess.run(
        [program, TESTS / "cases", TESTS / "nondeterministic.txt", f"--gtest_filter=cases.{name}"],
        env={**os.environ, "AIGW_PRINT_OUTCOME": "1"}, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if line.startswith("outcome "):
            return json.loads(line.removeprefix("outcome "))
    sys.exit(f"{path}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def headers_of(block):
    while block:
        size = block[0]
        name, block = block[1:1 + size], block[1 + size:]
        (length,) = struct.unpack(">xH", block[:3])
        yield name, block[3:3 + length]
        block = block[3 + length:]


def frames(body):
    """The lines that stand for an event stream."""
    while body:
        total, size = struct.unpack(">II", body[:8])
        head = dict(headers_of(body[12:12 + size]))
        payload = body[12 + size:total - 4]
        kind = head[b":message-type"]
        first = head[b":%s-type" % kind]
        yield b" ".join(([first] if kind == b"event" else [kind, first]) + [payload])
        body = body[total:]


def section(title, head, body):
    """Lines. `body` is bytes."""
    if b"\r" in body:
        title = title.replace(" --", " escaped --")
        escaped = body.replace(b"\\", b"\\\\").replace(b"\r", b"\\r").replace(b"\n", b"\\n\n")
        return [title, *head, "", *escaped.decode().split("\n")]
    return [title, *head, "", *body.decode().split("\n")]


def sections(text):
    """(title, lines) of each; the first has no title."""
    found = [("", [])]
    for line in text.removesuffix("\n").split("\n"):
        if SECTION.match(line):
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return found


def head_of(lines, skip):
    head = []
    for line in lines:
        if not HEAD.match(line):
            break
        if line.split(":")[0] not in skip and not line.startswith((":status", "POST ", "GET ")):
            head.append(line)
    return head


def record(program, path):
    came = outcome(program, path)
    bytes_of = lambda text: text.encode("latin-1")
    lines, sent = [], iter(came["sent"])
    effects = []
    for title, old in sections(path.read_text()):
        words = title.split()[1:-1]
        if not title:
            lines += old
        elif words[0] == "upstream.request":
            one = next(sent)
            lines += section(title.replace(" escaped", ""), [f"{one['method']} {one['path']}", *head_of(old[1:], ())],
                             bytes_of(one["body"]))
        elif words[0] == "client.response":
            head = [f":status: {came['status']}", f"content-type: {came['type']}"]
            head += [f"x-amzn-errortype: {came['aws_type']}"] if came["aws_type"] else []
            head += head_of(old, ("content-type", "x-amzn-errortype"))
            if came["type"] == "application/vnd.amazon.eventstream":
                body = b"\n".join(frames(bytes_of(came["body"])))
                lines += section("-- client.response eventstream --", head, body)
            else:
                lines += section("-- client.response --", head, bytes_of(came["body"]))
        elif words[0] == "effects":
            effects = [line for line in old if not line.startswith("dropped: ")]
        else:
            lines += [title, *old]
    effects += [f"dropped: {name}" for name in came["dropped"]]
    if effects:
        lines += ["-- effects --", *effects]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    for name in sys.argv[2:]:
        record(sys.argv[1], pathlib.Path(name).resolve())
