"""Every story of tests/cases in the real Envoy, on each carrier: one Envoy, a listener for each configuration."""
import contextlib
import http.client
import threading

import pytest
from harness import bootstrap, codings, extproc
from harness.envoy import OLDER, PATIENCE, AccessLog, Envoy, stop_all, wait_for
from harness.nondeterministic import settled, verify_signature
from harness.provider import Answer, Provider
from harness.story import (CASES, ENVOYS_HEADERS, client_headers, comparable, compare_head, decoded, differences,
                           dropped_in, early_metadata, shape)

class World:
    """The Envoy of all cases on one carrier, and the provider that stands behind each of its backends."""

    def __init__(self, directory, dataplane, release=None):
        self.dataplane = dataplane
        self.servers = []
        self.provider = Provider(ports=max(len(case.backends) for case in CASES.values()))
        self.log = AccessLog(directory / "access.log")
        shapes = sorted({shape(case) for case in CASES.values()})
        self.listener = {one: f"shape-{i}" for i, one in enumerate(shapes)}
        try:
            self._start(directory, release)
        except BaseException:
            self.provider.close()
            for server in self.servers:
                server.stop()
            raise

    def _start(self, directory, release):
        listeners, clusters = [], []
        for (config, backends), name in self.listener.items():
            document = directory / f"{name}.yaml"
            document.write_text(config)
            router_filter, upstream_filters = bootstrap.router_filter(document), None
            if self.dataplane == "extproc":
                (directory / name).mkdir()
                server = extproc.Extproc(directory / name, document, "-logLevel", "debug")
                self.servers.append(server)
                clusters.append(extproc.server_cluster("extproc-" + name, server.socket))
                router_filter = extproc.router_filter("extproc-" + name)
                upstream_filters = extproc.upstream_filters("extproc-" + name)
            listeners.append(bootstrap.listener(
                name, [bootstrap.route(name, len(backends) - 1)], router_filter, self.log.path))
            if self.dataplane == "extproc":
                listeners[-1]["per_connection_buffer_limit_bytes"] = extproc.BUFFER_LIMIT
            clusters.append(bootstrap.cluster(name, list(zip(backends, self.provider.ports)), upstream_filters))
        # What a translation dropped is a debug message of the module.
        self.envoy = Envoy(bootstrap.bootstrap(listeners, clusters), directory,
                           arguments=["--component-log-level", "dynamic_modules:debug"], release=release)

    def logged(self):
        """How long each log is."""
        return [one.logged() for one in [self.envoy, *self.servers]]

    def check_dropped(self, expected, before):
        """What translations have dropped, by what the logs say since they were as long as `before`."""

        def dropped():
            grown = [(one, old) for one, old in zip([self.envoy, *self.servers], before) if one.logged() > old]
            return set().union(*(dropped_in(one.text(old)) for one, old in grown))

        wait_for(lambda: dropped() >= expected, f"{expected} stand in the log as dropped")
        assert dropped() == expected

    def close(self):
        try:
            stop_all([self.envoy, *self.servers])
        finally:
            self.provider.close()


class Worlds(dict):
    """By carrier, and release of Envoy where it is not the newest; each begins when it is first asked for."""

    def __init__(self, factory):
        super().__init__()
        self.factory = factory

    def __missing__(self, name):
        dataplane, _, release = name.partition("-")
        self[name] = World(self.factory.mktemp(name), dataplane, release or None)
        return self[name]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    all_of_them = Worlds(tmp_path_factory)
    with contextlib.ExitStack() as stack:  # each is closed, also where another's end is not in order
        yield all_of_them
        for one in all_of_them.values():
            stack.callback(one.close)


def script(case, before_breaking=None):
    """The provider's part: the n-th answer to the n-th request. A stream breaks off when the event `before_breaking`
    is set, where there is one: parity, "early-break"."""
    count = 0

    def answer(_):
        nonlocal count
        count += 1
        message = case.upstream_responses[count]
        if not message.status:
            return Answer(status=0)
        body = codings.encoded(message.body, message.variants)
        if "event" in dict(message.head).get("content-type", ""):
            body = [body[:100], body[100:]]  # a stream has no length
            if before_breaking and "reset" in message.variants:
                body.append(before_breaking)
        end = next(iter(message.variants & {"reset", "open"}), "end")
        return Answer(message.status, message.head, body, end)

    return answer


def ask(port, case, arrived):
    """(status, headers, body, whether it broke off). The event `arrived` is set when as much of a body is there as the
    case states."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.putrequest(case.method, case.path, skip_host=True, skip_accept_encoding=True)
        for name, value in client_headers(case):
            connection.putheader(name, value)
        connection.endheaders(case.client_request.body or None)
        response = connection.getresponse()
        headers = [(name.lower(), value) for name, value in response.getheaders()]
        cut = False
        if any("open" in answer.variants for answer in case.upstream_responses.values()):
            body = response.read(len(case.client_response.body))
        else:
            body = b""
            try:
                body = response.read(len(case.client_response.body))
                arrived.set()
                body += response.read()
            except http.client.IncompleteRead as broken:
                body, cut = body + broken.partial, True
        return response.status, headers, body, cut
    finally:
        connection.close()


def compare_sent(case, number, request):
    what = f"attempt {number}"
    names = {name for name, _ in request.headers}
    assert not {name for name in names if name.startswith("x-ai-eg-")}, what
    verify_signature(request)
    if not (expected := case.upstream_requests.get(number)):
        return
    assert (request.method, request.path) == (expected.method, expected.path), what
    compare_head(expected, request.headers, what)
    assert request.body == expected.body, what
    own = {name for name, _ in client_headers(case)}
    assert names <= own | ENVOYS_HEADERS | {name for name, _ in expected.head} | set(expected.some), what


def check_log(dataplane, case, entry):
    metadata = dict(entry["metadata"] or {})
    if dataplane == "module":
        model, path = entry["model"], entry["path"]
        assert path == case.path, "the log shows another path than the client's"
        assert entry["authorization"] == dict(case.client_request.head).get("authorization")
    else:
        # What an attempt has edited stays edited: tests/parity.txt.
        model, path = early_metadata(metadata)
        assert path in (None, case.path.split("?")[0])
    if case.model is not None:
        assert model == case.model
    breaks = any(message.variants & {"reset", "open"} and message.status
                 for message in case.upstream_responses.values())
    if case.metadata is not None and (dataplane == "module" or not breaks):  # parity, "costs-at-break"
        assert comparable(metadata) == case.metadata


# The stories that come out otherwise behind ext_proc, and why.
NOT_BEHIND_EXTPROC = {
    "limits.answer_held_exactly": "half-dead-answer",
    "limits.answer_held_no_longer": "buffered-answers",
    "retry_half_dead_json": "half-dead-answer",
    "retry_across_languages.half_answer": "half-dead-answer",
    "retry_across_languages.not_an_answer": "half-dead-answer",
    "retry_across_languages.error_as_success": "error-in-200",
}


def places_and_cases():
    """Every case on both carriers in the newest Envoy, and with the module in each older one. Of those every case runs
    in one, and in the other only among the heavy tests."""
    for number, name in enumerate(CASES):
        yield from (pytest.param(place, name, id=f"{place}-{name}") for place in ("module", "extproc"))
        for index, release in enumerate(OLDER):
            marks = [] if number % len(OLDER) == index else [pytest.mark.heavy]
            yield pytest.param(f"module-{release}", name, id=f"module-{release}-{name}", marks=marks)


@pytest.mark.parametrize("place, name", list(places_and_cases()))
def test_case(worlds, place, name):
    world, case = worlds[place], CASES[name]
    if world.dataplane == "extproc" and name in NOT_BEHIND_EXTPROC:
        pytest.skip(differences()[NOT_BEHIND_EXTPROC[name]])
    expected = case.client_response
    arrived = threading.Event()
    world.provider.reset(script(case, arrived if world.dataplane == "extproc" else None))
    logged = world.logged()
    status, headers, body, cut = ask(world.envoy.ports[world.listener[shape(case)]], case, arrived)
    sent = world.provider.requests

    assert (status, settled(decoded(expected, body), expected.body)) == (expected.status, expected.body)
    assert cut == ("cut" in expected.variants)
    compare_head(expected, headers, "client.response")
    for number, request in enumerate(sent, 1):
        compare_sent(case, number, request)
        assert request.port == world.provider.ports[number - 1], "the order of the backends"
    if not case.upstream_requests and not case.upstream_responses:
        assert not sent, "nothing may reach a provider"
    if case.attempts is not None:
        assert len(sent) == case.attempts
    world.check_dropped(case.dropped, logged)
    check_log(world.dataplane, case, world.log.entry(name))
    world.envoy.check_running()


# What differs between two requests or answers of one Envoy, too.
ENVOYS_OWN = {"date", "x-request-id", "request-id", "x-amzn-requestid", "x-envoy-upstream-service-time"}
# Two ways of one Envoy to say how long a message is; and parity, "connections".
FRAMING = {"content-length", "transfer-encoding", "connection"}


def without(headers, names):
    return sorted((name, value) for name, value in headers if name not in names)


def seen(world, case):
    """What the client and the providers got."""
    arrived = threading.Event()
    world.provider.reset(script(case, arrived))
    status, headers, body, cut = ask(world.envoy.ports[world.listener[shape(case)]], case, arrived)
    world.log.entry(case.name)
    sent = []
    for request in world.provider.requests:
        verify_signature(request)
        signed = (request.header("authorization") or "").startswith("AWS4-")
        own = ENVOYS_OWN | ({"authorization", "x-amz-date"} if signed else set())
        sent.append((request.method, request.path, without(request.headers, own), request.body))
    length = dict(headers).get("content-length")
    assert length is None or int(length) == len(body) or cut
    return (status, without(headers, ENVOYS_OWN | FRAMING), settled(body), cut), sent


@pytest.mark.parametrize("name", CASES)
def test_both_carriers_give_the_same(worlds, name):
    if name in NOT_BEHIND_EXTPROC:
        pytest.skip(differences()[NOT_BEHIND_EXTPROC[name]])
    answer, sent = seen(worlds["module"], CASES[name])
    assert seen(worlds["extproc"], CASES[name]) == (answer, sent)
