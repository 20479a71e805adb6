"""Every story of tests/cases on the ext_proc server alone: driven over its socket in the ways that an Envoy may use."""

import dataclasses

import grpc
import pytest
from harness import codings, extproc, fake_envoy
from harness.envoy import stop_all
from harness.fake_envoy import FakeEnvoy, Reply, Ways
from harness.nondeterministic import settled, verify_signature
from harness.provider import Request
from harness.story import CASES, comparable, compare_head, decoded, differences, early_metadata

# Envoy takes messages of any size.
UNBOUNDED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
WAYS = {
    "as_the_peer": Ways(piece=100),
    "old_envoy": Ways(says_modes=False, raw_values=False, piece=7),
    "no_override": Ways(allow_mode_override=False),
    "streamed": Ways(response_body_mode="STREAMED", piece=1000),
    "none": Ways(response_body_mode="NONE"),
}
# A body goes over the socket in so many pieces at most: a byte-wise driver is for short ones.
PIECES_MAX = 200
NOT_HERE = {
    "limits.answer_held_exactly": "half-dead-answer",
    "limits.answer_held_no_longer": "buffered-answers",
    "retry_half_dead_json": "half-dead-answer",
    "retry_across_languages.half_answer": "half-dead-answer",
    "retry_across_languages.not_an_answer": "half-dead-answer",
    "retry_across_languages.error_as_success": "error-in-200",
}


class Servers:
    """One for each configuration, when it is asked for."""

    def __init__(self, directory):
        self.directory = directory
        self.running = {}

    def channel(self, config):
        if config not in self.running:
            directory = self.directory / str(len(self.running))
            directory.mkdir()
            (directory / "config.yaml").write_text(config)
            server = extproc.Extproc(directory, directory / "config.yaml")
            self.running[config] = server, grpc.insecure_channel(server.address, UNBOUNDED)
        return self.running[config][1]

    def close(self):
        for _, channel in self.running.values():
            channel.close()
        stop_all([server for server, _ in self.running.values()])


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    ours = Servers(tmp_path_factory.mktemp("direct"))
    yield ours
    ours.close()


def client_headers(case):
    request = case.client_request
    names = {name for name, _ in request.head} | set(request.absent)
    host = dict(request.head).get("host", "gateway.test")
    headers = [(":method", case.method), (":path", case.path), (":scheme", "http"), (":authority", host)]
    headers += [(name, value) for name, value in request.head if name != "host"]
    if request.body and "content-type" not in names:
        headers.append(("content-type", "application/json"))
    if case.method != "GET":
        headers.append(("content-length", str(len(request.body))))
    return headers + [("x-request-id", "5f0c7a3e-" + case.name), ("x-forwarded-proto", "http")]


def answers(case):
    for number, backend in enumerate(case.backends, 1):
        message = case.upstream_responses.get(number)
        if message is None:
            yield backend, None  # nothing may come so far
            return
        body = codings.encoded(message.body, message.variants)
        yield backend, Reply(message.status, message.head, body, bool(message.variants & {"reset", "open"}))


def compare_sent(case, number, sent):
    names = {name for name, _ in sent.headers}
    assert not {name for name in names if name.startswith("x-ai-eg-")}, number
    assert dict(sent.headers)["content-length"] == str(len(sent.body))
    headers = [("host" if name == ":authority" else name, value) for name, value in sent.headers]
    method, path = (dict(sent.headers)[name] for name in (":method", ":path"))
    verify_signature(Request(0, method, path, headers, sent.body))
    if not (expected := case.upstream_requests.get(number)):
        return
    assert (method, path) == (expected.method, expected.path)
    compare_head(expected, headers, f"attempt {number}")
    assert sent.body == expected.body
    own = {name for name, _ in client_headers(case)}
    assert names <= own | {"x-envoy-attempt-count"} | {name for name, _ in expected.head} | set(expected.some)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CASES)
def test_case(servers, name, way):
    case = CASES[name]
    if name in NOT_HERE:
        pytest.skip(differences()[NOT_HERE[name]])
    broken = any(message.variants & {"reset", "open"} and message.status
                 for message in case.upstream_responses.values())
    if broken and not WAYS[way].allow_mode_override:
        pytest.skip("Envoy holds a body that never ends")
    largest = max((len(message.body) for message in case.upstream_responses.values()), default=0)
    ways = dataclasses.replace(WAYS[way], piece=max(WAYS[way].piece, largest // PIECES_MAX))
    envoy = FakeEnvoy(servers.channel(case.config), ways)
    reply = envoy.ask(client_headers(case), case.client_request.body, list(answers(case)))

    expected = case.client_response
    assert (reply.status, settled(decoded(expected, reply.body), expected.body)) == (expected.status, expected.body)
    compare_head(expected, reply.headers, "client.response")
    for number, sent in enumerate(envoy.sent, 1):
        compare_sent(case, number, sent)
    if not case.upstream_requests and not case.upstream_responses:
        assert not envoy.sent
    if case.attempts is not None:
        assert len(envoy.sent) == case.attempts
    model, path = early_metadata(envoy.metadata)
    assert path in (None, case.path.split("?")[0])
    if case.model is not None:
        assert model == case.model
    if case.metadata is not None and not broken:  # parity, "costs-at-break"
        assert comparable(envoy.metadata) == case.metadata


def test_what_the_driver_checks():
    """It refuses what Envoy would refuse."""
    headers = fake_envoy.Headers([("a", "1"), ("b", "1"), ("a", "2")])
    headers.set("a", "3")
    headers.remove("b")
    assert headers.pairs == [("a", "3")]
