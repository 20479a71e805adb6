"""One large chat in a real Envoy whose first backend fails, with the module and without: what arrives, and memory."""
import dataclasses
import pathlib
import random

from harness import bootstrap, document
from harness.client import Connection
from harness.envoy import Envoy
from harness.provider import Answer, Provider

MODELS = ("a-model-with-a-long-name", "2")
CONFIG = document.filterapi(*(
    document.backend(name, f"sk-{name}", modelNameOverride=model, schema={"name": "OpenAI", "prefix": name})
    for name, model in zip(("first", "second"), MODELS)))


def body_of(size, model="chat"):
    """A chat of that many bytes with the model "chat", or so many more as the other one has; the model stands at its
    very end. No part of it is like another, and one byte in seventeen is a backslash before a quote."""
    head, tail = b'{"messages":[{"role":"user","content":"', b'"}],"model":"%s"}'
    room = size - len(head) - len(tail % b"chat")
    text = random.Random(size).randbytes(room // 2 + 1).hex().encode().replace(b"0", b'\\"')[:room]
    text = text.rstrip(b"\\").ljust(room, b"x")
    return head + text + tail % model.encode()


def with_module(directory, ports):
    return bootstrap.gateway(directory, CONFIG, list(zip(("first", "second"), ports)))


def alone(directory, ports):
    """Envoy holds the request until it is whole, as the module does, and retries it in the same way."""
    holds = {"name": "envoy.filters.http.buffer", "typed_config": {
        "@type": bootstrap.FILTERS + "buffer.v3.Buffer", "max_request_bytes": 64 << 20}}
    return bootstrap.bootstrap(
        [bootstrap.listener("main", [bootstrap.route("providers", 1)], holds, directory / "access.log")],
        [bootstrap.cluster("providers", list(zip(("first", "second"), ports)), upstream_filters=[])])


def memory_of(pid, name):
    """Bytes: VmRSS is what the process has now, VmHWM the most that it had since forget_peak()."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split(name + ":")[1].split()[0]) << 10


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def cpu_of(pid):
    """Seconds that the threads of a process have run."""
    threads = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(path.read_text(encoding="ascii").split()[0]) for path in threads) / 1e9


def ask(port, body):
    with Connection(port, seconds=300) as connection:
        return connection.ask(body, headers={"x-ai-eg-model": "chat"})  # which the module sets itself


@dataclasses.dataclass
class Carried:
    reply: tuple  # status, JSON
    bodies: list  # as the providers got them
    more: int     # bytes of memory that Envoy took for it, at most, above what it had before
    cpu: float    # seconds that Envoy ran for it


def carry(make_bootstrap, directory, size, failure=503):
    """Sends one such chat through a fresh Envoy. The first backend answers with the status `failure` once it has all of
    it; 0 breaks the connection instead."""
    directory.mkdir(parents=True, exist_ok=True)
    provider = Provider(ports=2)
    provider.answer = lambda request: Answer.json({}, failure if request.port == provider.ports[0] else 200)
    envoy = Envoy(make_bootstrap(directory, provider.ports), directory)
    try:
        small = ask(envoy.ports["main"], body_of(1000))
        assert small == (200, {}), small
        provider.requests.clear()
        before, cpu = memory_of(envoy.pid, "VmRSS"), cpu_of(envoy.pid)
        forget_peak(envoy.pid)
        reply = ask(envoy.ports["main"], body_of(size))
        more = memory_of(envoy.pid, "VmHWM") - before
        return Carried(reply, [request.body for request in provider.requests], more, cpu_of(envoy.pid) - cpu)
    finally:
        envoy.stop()
        provider.close()
