"""Two builds of the module take turns in a running Envoy, both filters by ECDS, and nobody notices."""
import hashlib
import json
import shutil
import threading
import time

from harness import bootstrap, document
from harness.change import replace
from harness.client import Connection, chat
from harness.envoy import module_file, wait_for
from harness.provider import Answer, Provider

SWAPS = 10
EVENTS = 240
PAUSE = 0.01  # between events: a stream outlasts several swaps
CONFIG = document.filterapi(document.backend(key="sk-primary", modelNameOverride="over"),
                            globalLLMRequestCosts=document.TOKENS)


def make_build(directory, version):
    """A module of another identity than every other version's, under its content-hash name. Bytes after the end of
    the ELF image are loaded by nobody, so this needs no second build."""
    code = module_file().read_bytes() + f"\nversion {version}\n".encode()
    name = f"aigateway-{hashlib.sha256(code).hexdigest()}"
    (directory / f"lib{name}.so").write_bytes(code)
    return name


class Swapper:
    """Writes the two ECDS resources, each by a rename, as a control plane would."""

    def __init__(self, directory):
        self.directory = directory
        self.document = directory / "filterapi.yaml"
        self.document.write_text(CONFIG)
        self.version = 0

    def path(self, filter_name):
        return self.directory / f"{filter_name}.json"

    def write(self, filter_name, build, config=None):
        self.version += 1
        one = bootstrap.module_filter(filter_name, config, {"name": build})
        text = json.dumps({"version_info": str(self.version), "resources": [
            {"@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig", **one}]})
        replace(self.path(filter_name), text)

    def write_router(self, build):
        self.write("ai_gateway.router", build, {"configPath": str(self.document)})

    def write_upstream(self, build):
        self.write("ai_gateway.upstream", build)

    def bootstrap(self, port):
        ecds = {name: bootstrap.ecds_filter(name, self.path(name), self.directory)
                for name in ("ai_gateway.router", "ai_gateway.upstream")}
        return bootstrap.bootstrap(
            [bootstrap.listener("main", [bootstrap.route("providers", 0)], ecds["ai_gateway.router"],
                                self.directory / "access.log")],
            [bootstrap.cluster("providers", [("primary", port)], [ecds["ai_gateway.upstream"]])])


def events():
    return [b'data: {"model":"m","choices":[],"usage":{"total_tokens":%d}}\n\n' % i for i in range(1, EVENTS + 1)]


def answer(request):
    body = request.json()
    if body["model"] != "over" or request.header("authorization") != "Bearer sk-primary":
        return Answer.json({"unfiltered": True}, 400)
    if body.get("stream"):
        return Answer.events([piece for event in events() for piece in (event, PAUSE)])
    return Answer.json({"size": len(request.body)})


class Load(threading.Thread):
    """Asks on one connection, which is never opened again, until told to stop."""

    def __init__(self, port, stop, one):
        super().__init__(daemon=True)
        self.port, self.stop, self.one = port, stop, one
        self.done = 0
        self.error = None

    def run(self):
        try:
            with Connection(self.port) as connection:
                while not self.stop.is_set():
                    self.one(connection)
                    self.done += 1
        except Exception as error:  # a thread's failure is the test's to report
            self.error = error


def ask_small(connection):
    body = chat("small")
    assert connection.ask(body) == (200, {"size": len(body) - 1})


def upload_slowly(connection):
    body = chat("small", "x" * 200_000)

    def pieces():
        for at in range(0, len(body), 10_000):
            time.sleep(0.01)
            yield body[at:at + 10_000]

    assert connection.ask(pieces()) == (200, {"size": len(body) - 1})


def stream(connection):
    response = connection.send(chat("m", stream=True))
    assert response.status == 200
    expected = b"".join(events())
    assert response.read() == expected


def test_ten_swaps_lose_nothing(start_envoy, tmp_path):
    provider = Provider(answer)
    builds = [make_build(tmp_path, version) for version in (1, 2)]
    swapper = Swapper(tmp_path)
    swapper.write_router(builds[0])
    swapper.write_upstream(builds[0])
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path)

    stop = threading.Event()
    load = [Load(envoy.ports["main"], stop, one)
            for one in (ask_small, ask_small, ask_small, upload_slowly, stream)]
    for thread in load:
        thread.start()
    wait_for(lambda: all(thread.done for thread in load[:3]), "the load runs")
    for swap in range(1, SWAPS + 1):
        build = builds[swap % 2]
        # Either filter may be the first to change.
        steps = [swapper.write_router, swapper.write_upstream]
        for step in steps if swap % 4 < 2 else reversed(steps):
            step(build)
            time.sleep(0.1)
        wait_for(lambda: f"lib{build}.so" in envoy.maps(), "the next build is there")
        before = [thread.done for thread in load[:3]]
        wait_for(lambda: all(thread.done > count + 3 or thread.error
                             for thread, count in zip(load[:3], before)), "requests go on after the swap")
    stop.set()
    for thread in load:
        thread.join(60)
        assert not thread.is_alive()
    assert [thread.error for thread in load] == [None] * len(load)
    assert all(thread.done for thread in load), [thread.done for thread in load]

    current, old = builds[SWAPS % 2], builds[(SWAPS + 1) % 2]
    wait_for(lambda: f"lib{old}.so" not in envoy.maps(), "the old build is unmapped")
    assert f"lib{current}.so" in envoy.maps()
    stats = envoy.stats("(extension_config_discovery.*(config_reload|config_fail|update_rejected|config_conflict))"
                        "|downstream_rq_5xx")
    assert not {name: value for name, value in stats.items()
                if value and not name.endswith("config_reload")}, stats
    provider.close()


def test_a_module_that_does_not_load_changes_nothing(start_envoy, tmp_path):
    provider = Provider(answer)
    build = make_build(tmp_path, 1)
    swapper = Swapper(tmp_path)
    swapper.write_router(build)
    swapper.write_upstream(build)
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path)
    (tmp_path / "libbroken.so").write_bytes(b"no library")
    with Connection(envoy.ports["main"]) as connection:
        ask_small(connection)
        swapper.write_router("broken")
        wait_for(lambda: any(envoy.stats("extension_config_discovery.*(config_fail|update_rejected)").values()),
                 "Envoy refuses the update")
        ask_small(connection)
    provider.close()


def test_a_build_is_shared_by_nothing_else(start_envoy, tmp_path):
    """Removing the file of a mapped build does no harm: updates never write in place."""
    provider = Provider(answer)
    build = make_build(tmp_path, 1)
    swapper = Swapper(tmp_path)
    swapper.write_router(build)
    swapper.write_upstream(build)
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path)
    shutil.move(tmp_path / f"lib{build}.so", tmp_path / "moved.so")
    with Connection(envoy.ports["main"]) as connection:
        ask_small(connection)
    provider.close()
