"""The ext_proc server by itself: how it starts, what it refuses, how it is steered, and how it ends."""
import asyncio
import os
import pathlib
import stat
import subprocess
import time

import grpc
import pytest
from envoy.service.ext_proc.v3 import external_processor_pb2 as pb
from envoy.service.ext_proc.v3 import external_processor_pb2_grpc as service
from harness import document, extproc
from harness.change import replace
from harness.client import chat
from harness.envoy import PATIENCE, aigw_binary, free_port, get, wait_for
from harness.fake_envoy import FakeEnvoy, Headers, Refused, Reply, Stream, Ways
from test_peer_configuration import write_bundle

OK_ANSWER = Reply(200, [("content-type", "application/json")], b'{"model":"m"}')


def request_headers(path="/v1/chat/completions", method="POST", **more):
    return [(":method", method), (":path", path), (":authority", "a"), (":scheme", "http"),
            ("content-type", "application/json"), ("x-request-id", "0d5e7c0a"),
            *((name.replace("_", "-"), value) for name, value in more.items())]


def run_to_its_end(*arguments, program=None):
    done = subprocess.run([program or aigw_binary(), *([] if program else ["extproc"]), *map(str, arguments)],
                          capture_output=True, text=True, timeout=2 * PATIENCE, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def start(tmp_path):
    """start(config, arguments...) is a server on a socket of its own; what the test has not ended must end in order."""
    running = []

    def one(config=None, *arguments, **options):
        directory = tmp_path / f"server-{len(running)}"
        directory.mkdir()
        path = None
        if config is not None:
            path = directory / "config.yaml"
            path.write_text(config)
        running.append(extproc.Extproc(directory, path, *arguments, **options))
        running[-1].config = path
        return running[-1]

    yield one
    for server in running:
        if server.process.returncode is None:
            server.check_running()
            assert server.stop() == 0, server.text()


@pytest.fixture
def dial():
    channels = []

    def one(server):
        channels.append(grpc.insecure_channel(server.address))
        return channels[-1]

    yield one
    for channel in channels:
        channel.close()


def models(channel):
    reply = FakeEnvoy(channel, Ways()).ask(request_headers("/v1/models", "GET"), b"", [])
    return reply.body.decode()


def with_model(name):
    return document.filterapi(models=[{"Name": name}])


def test_command_lines_that_make_no_sense(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(document.filterapi())
    for arguments, said in [
            (["-nonsense"], "flag provided but not defined: -nonsense"),
            (["-configPath"], "flag needs an argument: -configPath"),
            (["-adminPort", "x"], 'invalid value "x" for flag -adminPort'),
            ([], "-configPath"),
            (["-configPath", config, "-logLevel", "loud"], "loud"),
            (["-configPath", config, "-logFormat", "xml"], "xml"),
            (["-configPath", config, "-endpointPrefixes", "nobody:/x"], "nobody"),
            (["-configPath", tmp_path / "absent"], "absent"),
            (["-configBundlePath", tmp_path / "absent"], "absent"),
            (["-configPath", config, "-extProcAddr", f"unix://{tmp_path}/no/such/directory"], "cannot listen")]:
        code, _, error = run_to_its_end(*arguments)
        assert code == 1 and said in error, (arguments, error)


def test_the_name_of_the_peers_program(tmp_path):
    program = tmp_path / "extproc"
    program.symlink_to(aigw_binary())
    code, out, _ = run_to_its_end("-h", program=program)
    assert code == 0
    for flag in ("configPath", "configBundlePath", "extProcAddr", "logLevel", "logFormat", "enableRedaction",
                 "adminPort", "requestHeaderAttributes", "spanRequestHeaderAttributes",
                 "metricsRequestHeaderAttributes",
                 "logRequestHeaderAttributes", "rootPrefix", "endpointPrefixes", "maxRecvMsgSize", "mcpAddr",
                 "mcpSessionEncryptionSeed", "mcpSessionEncryptionIterations", "mcpFallbackSessionEncryptionSeed",
                 "mcpFallbackSessionEncryptionIterations", "mcpWriteTimeout"):
        assert f"  -{flag}\n" in out, flag
    assert '":1063"' in out and "1064" in out


def test_flags_in_every_form_of_go(start, dial):
    server = start(with_model("listed"), "--rootPrefix=/ai", "-enableRedaction=true", "-endpointPrefixes", "openai:/o",
                   "-maxRecvMsgSize=536870912", "-mcpWriteTimeout", "120s")
    reply = FakeEnvoy(dial(server), Ways()).ask(request_headers("/ai/o/v1/models", "GET"), b"", [])
    assert b"listed" in reply.body


def test_a_socket_for_envoys_user(start, dial):
    server = start(document.filterapi())
    assert stat.S_IMODE(os.stat(server.socket).st_mode) == 0o775
    assert server.stop() == 0
    # What an earlier server has left is no obstacle.
    server.socket.unlink(missing_ok=True)
    import socket
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(server.socket))
    again = extproc.Extproc(server.socket.parent, server.config)
    assert models(dial(again))
    assert again.stop() == 0


def test_tcp_and_health(start, dial):
    port = free_port()
    server = start(document.filterapi(), address=f":{port}")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=PATIENCE) == b"\x08\x01"  # status: SERVING
        everything = channel.unary_unary("/grpc.health.v1.Health/List")(b"", timeout=PATIENCE)
        assert everything == b"\x0a\x0d\x0a\x07extproc\x12\x02\x08\x01"
    taken = run_to_its_end("-configPath", server.config, "-extProcAddr", f":{port}", "-adminPort", "0")
    assert taken[0] == 1 and f"cannot listen on :{port}" in taken[2]


def test_the_admin_port(start, dial):
    port = free_port()
    server = start(document.filterapi(), "-adminPort", port)
    # It asks the server behind it, and gives that a second.
    wait_for(lambda: get(port, "/health") == (200, "OK\n"), "the server is healthy")
    gauges = lambda: [line.rsplit(" ", 1)[1] for line in get(port, "/metrics")[1].splitlines()
                      if line.startswith("aigw_extproc_")]
    assert gauges() == ["0", "0"]
    half = Half(dial(server))
    assert gauges() == ["1", "1"]
    half.attempt()
    wait_for(lambda: gauges() == ["1", "1"], "an attempt's stream has ended")
    assert get(port, "/nothing")[0] == 404 and get(port, "/health", "POST")[0] == 405
    server.process.terminate()
    wait_for(lambda: get(port, "/health")[0] == 500, "a server that leaves is not healthy")
    half.envoy.router.close()
    assert server.process.wait(PATIENCE) == 0


def test_a_file_is_watched(start, dial):
    server = start(with_model("one"))
    channel = dial(server)
    assert "one" in models(channel)

    for bad, said in [("backends: [", "config.yaml"), ("version: v9.9.9", "v9.9.9")]:
        replace(server.config, bad)
        wait_for(lambda: said in server.text() and "is not taken" in server.text(), "the bad file is refused")
        assert "one" in models(channel)
    replace(server.config, with_model("two"))
    began = time.monotonic()
    wait_for(lambda: "two" in models(channel), "the good file is taken")
    print(f"live after {time.monotonic() - began:.3f} s")


def test_a_bundle_that_comes_in_pieces(tmp_path, start, dial):
    bundle = tmp_path / "bundle"
    write_bundle(bundle, with_model("one"))
    part = bundle / "parts/000"
    text = part.read_text()
    part.unlink()
    server = start(None, "-configBundlePath", bundle)
    channel = dial(server)
    assert "one" not in models(channel) and "parts/000" in server.text()
    part.write_text(text)
    wait_for(lambda: "one" in models(channel), "the bundle is complete")
    part.write_text(text.replace("one", "two"))  # no longer what the index says
    wait_for(lambda: "checksum" in server.text(), "the bundle does not fit together")
    assert "one" in models(channel)
    write_bundle(bundle, with_model("three"))
    wait_for(lambda: "three" in models(channel), "the bundle fits again")


def test_versions(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("version: v0.3.0\nuuid: u")
    code, _, error = run_to_its_end("-configPath", config)
    assert code == 1 and 'version "v0.3.0"' in error and "does not understand" in error


def test_a_log_in_json(start):
    server = start(document.filterapi(), "-logFormat", "json", "-mcpAddr", ":9856")
    assert server.text().startswith('{"time":"') and '"level":"WARN","msg":"-mcpAddr' in server.text()


def test_violations_end_the_stream_and_nothing_else(start, dial):
    channel = dial(start(document.filterapi()))
    stub = service.ExternalProcessorStub(channel)
    invalid, internal = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL
    headers = pb.HttpHeaders(headers=Headers(request_headers()).to_proto(True))
    attributes = {"envoy.filters.http.ext_proc": {}}
    streamed = pb.ProtocolConfiguration(request_body_mode="STREAMED")
    for messages, code in [
            ([{"request_body": pb.HttpBody(body=b"{}")}], invalid),
            ([{"response_body": pb.HttpBody()}], invalid),
            ([{}], invalid),
            ([{"request_headers": headers}, {"request_headers": headers}], invalid),
            ([{"request_headers": headers}, {"response_body": pb.HttpBody()}], invalid),
            ([{"request_headers": headers, "protocol_config": streamed}], grpc.StatusCode.FAILED_PRECONDITION),
            ([{"request_headers": headers, "attributes": attributes}], internal),
            ([{"request_body": pb.HttpBody(), "attributes": attributes}], invalid)]:
        stream = Stream(stub)
        with pytest.raises(grpc.RpcError) as ended:
            for message in messages:
                stream.say(**message)
        assert ended.value.code() == code, (messages, ended.value)
    assert FakeEnvoy(channel, Ways()).ask(request_headers(), chat(), [("primary", OK_ANSWER)]).status == 200


def test_an_unknown_path_ends_as_with_the_peer(start, dial):
    envoy = FakeEnvoy(dial(start(document.filterapi())), Ways())
    reply = envoy.ask(request_headers("/nothing"), b"{}", [])
    assert reply.status == 404 and b"unsupported path: /nothing" in reply.body
    assert envoy.router.status() == grpc.StatusCode.NOT_FOUND


class Half:
    """A request whose router stream waits for an attempt."""

    def __init__(self, channel, **more):
        self.envoy = FakeEnvoy(channel, Ways())
        self.envoy.headers = Headers(request_headers(**more))
        self.envoy._send_request(chat())

    def attempt(self, backend="primary"):
        return self.envoy._attempt(Stream(self.envoy.stub), backend, chat())


def test_internal_headers_cannot_be_spoofed(start, dial):
    channel = dial(start(document.filterapi()))
    victim = Half(channel)
    true_id = victim.envoy.headers.get("x-ai-eg-internal-req-id")
    spoofing = {"x_ai_eg_internal_req_id": true_id, "x_ai_eg_model": "other", "x_ai_eg_upstream_host": "evil",
                "x_envoy_original_path": "/evil", "x_gateway_destination_endpoint": "evil:1"}
    other = Half(channel, **spoofing)
    assert other.envoy.headers.get("x-ai-eg-internal-req-id") not in (None, true_id)
    assert other.envoy.headers.get("x-ai-eg-model") == "m"
    for name in ("x-ai-eg-upstream-host", "x-envoy-original-path", "x-gateway-destination-endpoint"):
        assert other.envoy.headers.get(name) is None
    sent = other.attempt()
    assert not [name for name, _ in sent.headers if name.startswith(("x-ai-eg-", "x-envoy-original", "x-gateway-"))]

    # A request that did not pass the router's filter knows the victim's request id, and no more.
    for forged in (request_headers(), request_headers(x_ai_eg_internal_req_id="0d5e7c0a-guessed")):
        thief = FakeEnvoy(channel, Ways())
        thief.headers = Headers(forged)
        with pytest.raises(grpc.RpcError) as refused:
            thief._attempt(Stream(thief.stub), "primary", b"")
        assert refused.value.code() == grpc.StatusCode.INTERNAL
    victim.attempt()
    with pytest.raises(grpc.RpcError) as refused:  # now there has been an attempt, which left a key
        thief.headers = Headers(request_headers(authorization="Bearer guessed"))
        thief._attempt(Stream(thief.stub), "primary", b"")
    assert refused.value.code() == grpc.StatusCode.INTERNAL


def test_two_requests_of_one_request_id(start, dial):
    channel = dial(start(document.filterapi(document.backend(key="sk-primary"), document.backend("second"))))
    one, two = Half(channel), Half(channel)
    assert one.envoy.headers.get("x-request-id") == "0d5e7c0a"
    assert two.envoy.headers.get("x-request-id").startswith("0d5e7c0a-")
    for half in (one, two, one, two):
        assert half.attempt("second").backend == "second"


def test_a_drain_waits_for_what_runs_and_no_longer(start, dial):
    server = start(document.filterapi())
    half = Half(dial(server))
    server.process.terminate()
    wait_for(lambda: "stopping" in server.text(), "the drain begins")
    half.attempt()
    reply = half.envoy._respond(OK_ANSWER)
    assert reply.status == 200 and server.running()
    began = time.monotonic()
    half.envoy.router.close()
    half.envoy.stub = None
    assert server.process.wait(PATIENCE) == 0
    print(f"left after {time.monotonic() - began:.3f} s")


def test_a_second_signal_cuts(start, dial):
    server = start(document.filterapi())
    half = Half(dial(server))
    server.process.terminate()
    wait_for(lambda: "stopping" in server.text(), "the drain begins")
    time.sleep(0.5)
    assert server.running(), "it does not wait for the stream"
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0
    assert half.envoy.router.status() == grpc.StatusCode.UNAVAILABLE


def resident(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


async def open_many(address, count, body):
    """`count` requests that wait for their attempts, all at once."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub = service.ExternalProcessorStub(channel)
        calls = []
        for number in range(count):
            headers = Headers(request_headers())
            headers.set("x-request-id", f"many-{number}")
            call = stub.Process(timeout=600)
            calls.append(call)
            await call.write(pb.ProcessingRequest(request_headers=pb.HttpHeaders(headers=headers.to_proto(True))))
        for call in calls:
            answer = await call.read()
            assert answer.HasField("request_headers"), answer
            await call.write(pb.ProcessingRequest(request_body=pb.HttpBody(body=body, end_of_stream=True)))
        for call in calls:
            answer = await call.read()
            assert answer.request_body.response.clear_route_cache, answer
        yield
        # The client vanishes: nothing is said.


def test_many_streams_at_once(start):
    server = start(document.filterapi())

    async def hold(count, body):
        async for _ in open_many(server.address, count, body):
            return resident(server.pid)

    asyncio.run(hold(10, chat()))
    before = resident(server.pid)
    held = asyncio.run(hold(500, chat(prompt="x" * 100_000)))
    print(f"500 requests of 100 kB: {held - before:.0f} MiB over {before:.0f} MiB")
    assert held - before <= 100
    asyncio.run(hold(2000, chat()))
    # All of those clients have vanished, so nothing is left to wait for.
    assert server.stop() == 0
