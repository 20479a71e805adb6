"""Every story of tests/cases in the real Envoy with the module: one Envoy, a listener for each configuration."""
import gzip
import http.client
import re
import zlib

import pytest
from harness import bootstrap
from harness.case import name_of, read_case
from harness.envoy import ROOT, AccessLog, Envoy, wait_for
from harness.nondeterministic import IGNORED_METADATA, settled, verify_signature
from harness.provider import Answer, Provider

FOLDER = ROOT / "tests/cases"
CASES = {name_of(path, FOLDER): read_case(path, name_of(path, FOLDER)) for path in sorted(FOLDER.rglob("*.case"))}
DROPPED = re.compile(r"ai_gateway: translation dropped (.*)$", re.MULTILINE)
# What Envoy puts into a request on its way to a provider.
ENVOYS_HEADERS = {"host", "content-length", "x-case", "x-request-id", "x-forwarded-for", "x-forwarded-proto",
                  "x-envoy-attempt-count", "x-envoy-expected-rq-timeout-ms", "x-envoy-external-address",
                  "x-envoy-internal"}


def shape(case):
    return case.config, tuple(case.backends)


class World:
    """The Envoy of all cases, and the provider that stands behind each of its backends."""

    def __init__(self, directory):
        self.provider = Provider(ports=max(len(case.backends) for case in CASES.values()))
        self.log = AccessLog(directory / "access.log")
        shapes = sorted({shape(case) for case in CASES.values()})
        self.listener = {one: f"shape-{i}" for i, one in enumerate(shapes)}
        listeners, clusters = [], []
        for (config, backends), name in self.listener.items():
            document = directory / f"{name}.yaml"
            document.write_text(config)
            listeners.append(bootstrap.listener(
                name, [bootstrap.route(name, len(backends) - 1)], bootstrap.router_filter(document),
                self.log.path))
            clusters.append(bootstrap.cluster(name, list(zip(backends, self.provider.ports))))
        # What a translation dropped is a debug message of the module.
        self.envoy = Envoy(bootstrap.bootstrap(listeners, clusters), directory,
                           arguments=["--component-log-level", "dynamic_modules:debug"])

    def check_dropped(self, expected, since):
        """What translations have dropped, by the log from the offset `since` on."""

        def dropped():
            lines = DROPPED.findall(self.envoy.text()[since:])
            return set(", ".join(lines).split(", ")) if lines else set()

        if expected:
            wait_for(dropped, "what was dropped stands in the log")
        assert dropped() == expected

    def close(self):
        self.envoy.check_running()
        code = self.envoy.stop()
        self.provider.close()
        assert code == 0, self.envoy.text()[-4000:]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("cases"))
    yield one
    one.close()


def script(case):
    """The provider's part: the n-th answer to the n-th request."""
    count = 0

    def answer(_):
        nonlocal count
        count += 1
        message = case.upstream_responses[count]
        if not message.status:
            return Answer(status=0)
        body = gzip.compress(message.body) if "gzip" in message.variants else message.body
        if "event" in dict(message.head).get("content-type", ""):
            body = [body[:100], body[100:]]  # a stream has no length
        end = next(iter(message.variants & {"reset", "open"}), "end")
        return Answer(message.status, message.head, body, end)

    return answer


def client_headers(case):
    request = case.client_request
    names = {name for name, _ in request.head} | set(request.absent)
    headers = list(request.head) + [("x-case", case.name)]
    if "host" not in names:
        headers.append(("host", "gateway.test"))
    if request.body and "content-type" not in names:
        headers.append(("content-type", "application/json"))
    if case.method != "GET":
        headers.append(("content-length", str(len(request.body))))
    return headers


def ask(port, case):
    """(status, headers, body, whether it broke off)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
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
            try:
                body = response.read()
            except http.client.IncompleteRead as broken:
                body, cut = broken.partial, True
        return response.status, headers, body, cut
    finally:
        connection.close()


def compare_head(expected, headers, what):
    for header in expected.head:
        assert header in headers, what
    for name in expected.some:
        assert name in dict(headers), what
    for name in expected.absent:
        assert name not in dict(headers), what


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


def decoded(expected, body):
    return zlib.decompress(body, 31) if "gzip" in expected.variants else body


@pytest.mark.parametrize("name", CASES)
def test_case(world, name):
    case = CASES[name]
    expected = case.client_response
    world.provider.reset(script(case))
    log_size = len(world.envoy.text())
    status, headers, body, cut = ask(world.envoy.ports[world.listener[shape(case)]], case)
    entry = world.log.entry(name)
    sent = world.provider.requests

    assert (status, settled(decoded(expected, body))) == (expected.status, expected.body)
    assert cut == ("cut" in expected.variants)
    compare_head(expected, headers, "client.response")
    for number, request in enumerate(sent, 1):
        compare_sent(case, number, request)
        assert request.port == world.provider.ports[number - 1], "the order of the backends"
    if not case.upstream_requests and not case.upstream_responses:
        assert not sent, "nothing may reach a provider"
    if case.attempts is not None:
        assert len(sent) == case.attempts
    if case.model is not None:
        assert entry["model"] == case.model
    if case.metadata is not None:
        metadata = entry["metadata"] or {}
        assert {key: value for key, value in metadata.items() if key not in IGNORED_METADATA} == case.metadata
    world.check_dropped(case.dropped, log_size)
    assert entry["path"] == case.path, "the log shows another path than the client's"
    assert entry["authorization"] == dict(case.client_request.head).get("authorization")
    world.envoy.check_running()
