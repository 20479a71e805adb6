"""An old and a new build of the module in the two places of its filters, at rest and while they are swapped.

The builds are really different ones: `later` has a handoff table with one more function, as a later build of the same
layout might have, and `layout_2` a layout that no other build knows. AIGW_OTHER_MODULE names another library to take
the place of `later`, for example that of an older release."""
import itertools
import json
import os
import pathlib
import random
import shutil
import threading
import time

import pytest
from harness.client import Connection, ask, chat, check_error
from harness.envoy import OLDER, ROOT, module_file, wait_for
from harness.provider import Provider
from test_reload import Load, Swapper, answer, ask_small, stream, upload_slowly

RELEASE = ROOT / "build/release/src/fronts/module"
SWAPS = 50
# What may be allocated after them more than before, in bytes: Envoy keeps statistics of its own.
FLAT = 256 << 10
OPEN = "^(http.main.downstream|cluster.providers.upstream)_(rq|cx)_active$"


def library(name):
    if name == "first":
        return module_file()
    if name == "later" and os.environ.get("AIGW_OTHER_MODULE"):
        return pathlib.Path(os.environ["AIGW_OTHER_MODULE"])
    return RELEASE / f"libaigateway_{name}.so"


def install(directory, *names):
    """The builds of these names, where Envoy looks for them. Each swap brings a library of another name."""
    for name in names:
        shutil.copy(library(name), directory / f"libaigateway-{name}.so")
    return [f"aigateway-{name}" for name in names]


@pytest.fixture
def swapper(tmp_path):
    return Swapper(tmp_path)


@pytest.fixture
def provider():
    one = Provider(answer)
    yield one
    one.close()


def leave_in_the_middle(port):
    """A client that goes away: while it sends, before the answer, or in the middle of it."""
    with Connection(port) as connection:
        body = chat("m", stream=True) if random.random() < 0.7 else chat("small", "x" * 100_000)
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        connection.socket.sendall((head + body)[:random.choice([len(head) // 2, len(head), -1, 1 << 30])])
        if random.random() < 0.7:
            connection.socket.settimeout(0.2)
            try:
                connection.socket.recv(random.choice([1, 500, 5000]))
            except TimeoutError:
                pass


class Leavers(threading.Thread):
    """Clients that leave, until told to stop."""

    def __init__(self, port, stop):
        super().__init__(daemon=True)
        self.port, self.stop = port, stop
        self.done = 0
        self.error = None

    def run(self):
        try:
            while not self.stop.is_set():
                leave_in_the_middle(self.port)
                self.done += 1
        except Exception as error:  # a thread's failure is the test's to report
            self.error = error


def check_traffic(port):
    with Connection(port) as connection:
        ask_small(connection)
        upload_slowly(connection)
        stream(connection)
    for _ in range(8):
        leave_in_the_middle(port)
    with Connection(port) as connection:
        ask_small(connection)


@pytest.mark.parametrize("release", [*OLDER, None], ids=lambda release: release or "newest")
@pytest.mark.parametrize("router, upstream", list(itertools.product(("first", "later"), repeat=2)))
def test_every_combination(start_envoy, tmp_path, swapper, provider, router, upstream, release):
    install(tmp_path, "first", "later")
    swapper.write_router(f"aigateway-{router}")
    swapper.write_upstream(f"aigateway-{upstream}")
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path, release=release)
    check_traffic(envoy.ports["main"])
    maps = envoy.maps()
    assert all(f"libaigateway-{name}.so" in maps for name in (router, upstream))


@pytest.mark.parametrize("router, upstream", [("first", "layout_2"), ("layout_2", "first")])
def test_a_layout_that_nobody_knows(start_envoy, tmp_path, swapper, provider, router, upstream):
    """A clean 503 in the client's dialect, until the other filter has changed, too."""
    builds = install(tmp_path, router, upstream)
    swapper.write_router(builds[0])
    swapper.write_upstream(builds[1])
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path)
    port = envoy.ports["main"]
    message = check_error(ask(port, chat("small")), 503, "ServiceUnavailable")
    assert "another build" in message or "cannot continue" in message
    status, body = ask(port, chat("small"), path="/anthropic/v1/messages")
    assert status == 503 and body["type"] == "error" and "request_id" in body
    assert not provider.requests
    swapper.write_upstream(builds[0])
    wait_for(lambda: ask(port, chat("small"))[0] == 200, "both filters are of one build")
    wait_for(lambda: f"lib{builds[1]}.so" not in envoy.maps(), "the other build is unmapped")


def allocated(envoy, provider, old):
    """What Envoy has allocated when no request is left, no connection, and nothing of the build `old`."""
    provider.hang_up()
    wait_for(lambda: set(envoy.stats(OPEN).values()) == {0}, "nothing is open any more")
    wait_for(lambda: f"lib{old}.so" not in envoy.maps(), "the old build is unmapped")
    return int(json.loads(envoy.admin("/memory"))["allocated"])


def swap_under_load(envoy, swapper, builds, swaps):
    """Swaps both filters, one after the other and either first, while requests go on. How many requests were answered,
    and how many clients left."""
    stop = threading.Event()
    load = [Load(envoy.ports["main"], stop, one) for one in (ask_small, ask_small, upload_slowly, stream, stream)]
    leavers = Leavers(envoy.ports["main"], stop)
    for thread in [*load, leavers]:
        thread.start()
    wait_for(lambda: all(thread.done or thread.error for thread in [*load[:2], leavers]), "the load runs")
    for swap in range(1, swaps + 1):
        steps = [swapper.write_router, swapper.write_upstream]
        for step in steps if swap % 4 < 2 else reversed(steps):
            step(builds[swap % 2])
            time.sleep(random.uniform(0, 0.2))
        before = [thread.done for thread in load[:2]]
        wait_for(lambda: all(thread.done > count + 2 or thread.error for thread, count in zip(load[:2], before)),
                 "requests go on after the swap")
    stop.set()
    for thread in [*load, leavers]:
        thread.join(60)
        assert not thread.is_alive()
    assert [thread.error for thread in [*load, leavers]] == [None] * (len(load) + 1)
    return sum(thread.done for thread in load), leavers.done


@pytest.mark.heavy
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("release", [*OLDER, None], ids=lambda release: release or "newest")
def test_fifty_swaps_with_aborts(start_envoy, tmp_path, swapper, provider, release):
    builds = install(tmp_path, "first", "later")
    swapper.write_router(builds[0])
    swapper.write_upstream(builds[0])
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path, release=release)
    swap_under_load(envoy, swapper, builds, 10)
    # An even number of swaps ends with the build that it began with.
    early = allocated(envoy, provider, builds[1])
    requests, left = swap_under_load(envoy, swapper, builds, SWAPS)
    grown = allocated(envoy, provider, builds[1]) - early
    assert f"lib{builds[0]}.so" in envoy.maps()
    print(f"{SWAPS} swaps, {requests} requests answered, {left} clients left, {grown} bytes more than before")
    assert grown < FLAT
    stats = envoy.stats("(extension_config_discovery.*(config_fail|update_rejected|config_conflict))"
                        "|downstream_rq_5xx|no_exchange|unknown_layout")
    assert not {name: value for name, value in stats.items() if value}, stats
