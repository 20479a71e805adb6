"""What the benchmark sends: chat requests in the OpenAI language, as the OpenAI SDK sends them."""

import dataclasses
import json
import random

MODEL = "gpt-4o-mini"

# What conversations about code and documents are made of: prose, and quotes, line breaks,
# backslashes and tabs, which are escaped; letters outside ASCII, which are not.
PHRASES = [
    "The gateway reads the request once and keeps offsets, never bytes. ",
    'He said "no", and she wrote it down:\n\t1. first\n\t2. second\n',
    "path = C:\\temp\\logs\\2025-03-10.txt\n",
    'if (name == "model") { return find(body, \'{\'); }  // braces and [brackets] in text\n',
    "Zürich, São Paulo, 東京: naïve café costs 12 €. ",
    '{"nested": "json in a string", "n": [1, 2, 3]}\n',
    "A sentence of ordinary prose, long enough that most of the bytes of a body are plain text, "
    "which is what people mostly send: letters, spaces, commas and full stops. ",
    "def scan(text: str) -> int:\n    return sum(1 for c in text if c == '\"')\n\n",
]

# The SDK's own headers, besides those that depend on the body.
CLIENT_HEADERS = [
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate"),
    ("authorization", "Bearer sk-client-0123456789abcdef0123456789abcdef"),
    ("content-type", "application/json"),
    ("user-agent", "OpenAI/Python 1.65.4"),
    ("x-stainless-arch", "x64"),
    ("x-stainless-async", "false"),
    ("x-stainless-lang", "python"),
    ("x-stainless-os", "Linux"),
    ("x-stainless-package-version", "1.65.4"),
    ("x-stainless-read-timeout", "600"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-runtime", "CPython"),
    ("x-stainless-runtime-version", "3.11.2"),
]


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    body_size: int
    stream: bool
    requests: int  # a round; some 0.5 to 1 s of Envoy's CPU
    connections: int

    def body(self) -> bytes:
        return chat_body(self.body_size, self.stream)

    def request(self, keep: bool = False) -> bytes:
        """The whole HTTP/1.1 request."""
        body = self.body()
        lines = ["POST /v1/chat/completions HTTP/1.1", "host: gateway.example"]
        lines += [f"{name}: {value}" for name, value in CLIENT_HEADERS]
        lines.append(f"content-length: {len(body)}")
        if self.stream:
            lines.append("x-bench-stream: 1")
        if keep:
            lines.append("x-bench-keep: 1")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


WORKLOADS = [
    Workload("1KB", 1 << 10, False, 8000, 4),
    Workload("100KB", 100 << 10, False, 3000, 4),
    Workload("2MB", 2 << 20, False, 250, 4),
    # The upstream's clock gives every stream one event a millisecond; many at a time keep Envoy
    # busy meanwhile.
    Workload("stream", 1 << 10, True, 320, 32),
]


def to_json(value) -> bytes:
    """As the SDK writes it: compact, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def chat_body(size: int, stream: bool) -> bytes:
    """A chat request of exactly that many bytes: the model first, then a conversation whose
    messages are a few kilobytes long, then the options."""
    rng = random.Random(size)
    options = {"temperature": 0.2, "max_completion_tokens": 512}
    if stream:
        options["stream"] = True
    longest = 300 if size <= 4096 else 6000
    messages = [{"role": "system", "content": "You answer briefly, and show the code."}]

    def encode() -> bytes:
        document = {"model": MODEL, "messages": messages, **options}
        return to_json(document)

    spent = len(encode())
    while True:
        content = ""
        while len(content) < longest:
            content += rng.choice(PHRASES)
        role = ("user", "assistant")[(len(messages) + 1) % 2]
        message = {"role": role, "content": content}
        cost = len(to_json(message)) + 1
        if spent + cost > size:
            break
        messages.append(message)
        spent += cost
    # What is missing is added to the end of the last message; it is ASCII without escapes.
    messages[-1]["content"] += "x" * (size - spent)
    body = encode()
    assert len(body) == size
    return body
