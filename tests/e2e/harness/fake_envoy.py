"""Plays Envoy's two ext_proc filters against our server, over its socket: what Envoy would send for a request and
what it would make of the answers. The messages are those of PyPI's xds-protos, so that nothing of ours says what the
wire is.

It is strict where Envoy is: an answer has to fit the message that it is to, a replaced body that is buffered has to fit
its content-length, and a header edit of a body that comes in pieces has no effect."""
import dataclasses

import grpc
from envoy.config.core.v3 import base_pb2
from envoy.extensions.filters.http.ext_proc.v3 import processing_mode_pb2
from envoy.service.ext_proc.v3 import external_processor_pb2 as pb
from envoy.service.ext_proc.v3 import external_processor_pb2_grpc as service
from google.protobuf import struct_pb2
from harness.envoy import PATIENCE
from harness.extproc import ATTRIBUTES

Mode = processing_mode_pb2.ProcessingMode
Replace = pb.CommonResponse.CONTINUE_AND_REPLACE
Append = base_pb2.HeaderValueOption
NAMESPACE = "io.envoy.ai_gateway"
SECONDS = 2 * PATIENCE  # of a stream


@dataclasses.dataclass
class Ways:
    """In which ways Envoy may be configured, and may cut what it sends."""
    response_body_mode: str = "BUFFERED"
    allow_mode_override: bool = True
    says_modes: bool = True    # Envoys of today send protocol_config
    raw_values: bool = True    # older ones send text
    piece: int = 1 << 20       # bytes of a streamed piece


class Stream:
    """One gRPC stream: say() sends a message and gives the answer."""

    def __init__(self, stub):
        self._queue = []
        self._call = None
        self._stub = stub
        self._waiting = None

    def say(self, **members):
        import queue
        if self._call is None:
            self._queue = queue.SimpleQueue()
            self._call = self._stub.Process(iter(self._queue.get, None), timeout=SECONDS)
        self._queue.put(pb.ProcessingRequest(**members))
        return next(self._call)

    def close(self):
        if self._call is not None:
            self._queue.put(None)
            for answer in self._call:
                raise AssertionError(f"an answer to nothing: {answer}")

    def status(self):
        """How the server ends the stream."""
        try:
            next(self._call)
        except grpc.RpcError as error:
            return error.code()
        except StopIteration:
            return grpc.StatusCode.OK
        raise AssertionError("the stream goes on")


class Headers:
    """A header map, which is one for all attempts."""

    def __init__(self, pairs):
        self.pairs = list(pairs)

    def get(self, name):
        return next((value for key, value in self.pairs if key == name), None)

    def set(self, name, value):
        if self.get(name) is None:
            self.pairs.append((name, value))
        else:
            at = next(i for i, (key, _) in enumerate(self.pairs) if key == name)
            self.pairs = [pair for i, pair in enumerate(self.pairs) if pair[0] != name or i == at]
            at = next(i for i, (key, _) in enumerate(self.pairs) if key == name)
            self.pairs[at] = (name, value)

    def remove(self, name):
        self.pairs = [pair for pair in self.pairs if pair[0] != name]

    def to_proto(self, raw):
        field = "raw_value" if raw else "value"
        return base_pb2.HeaderMap(headers=[
            base_pb2.HeaderValue(key=key, **{field: value.encode() if raw else value}) for key, value in self.pairs])

    def apply(self, mutation):
        for name in mutation.remove_headers:
            self.remove(name)
        for option in mutation.set_headers:
            name, value = option.header.key, option.header.raw_value.decode()
            assert not option.header.value, "Envoy takes raw_value"
            if option.append_action == Append.APPEND_IF_EXISTS_OR_ADD:
                self.pairs.append((name, value))
            else:
                assert option.append_action == Append.OVERWRITE_IF_EXISTS_OR_ADD
                self.set(name, value)


@dataclasses.dataclass
class Reply:
    status: int = 0
    headers: list = dataclasses.field(default_factory=list)
    body: bytes = b""
    cut: bool = False


@dataclasses.dataclass
class Sent:
    """What a provider gets."""
    backend: str
    headers: list
    body: bytes


class Refused(Exception):
    """The server has answered the request itself."""

    def __init__(self, immediate):
        super().__init__(immediate.status.code)
        headers = Headers([])
        headers.apply(immediate.headers)
        self.reply = Reply(immediate.status.code, headers.pairs, immediate.body)


class FakeEnvoy:
    """One request. `providers` are (backend, answer) in the order in which they are tried; an answer is a Reply, whose
    status 0 is a connection that breaks."""

    def __init__(self, channel, ways):
        self.stub = service.ExternalProcessorStub(channel)
        self.ways = ways
        self.router = Stream(self.stub)
        self.metadata = {}
        self.sent = []
        self.headers = None

    def ask(self, headers, body, providers):
        self.headers = Headers(headers)
        try:
            self._send_request(body)
            reply = self._try_all(body, providers)
        except Refused as refused:
            reply = refused.reply
        else:
            self.router.close()
        return reply

    def _note(self, answer):
        fields = answer.dynamic_metadata.fields
        assert set(fields) <= {NAMESPACE}
        if NAMESPACE in fields:
            for key, value in fields[NAMESPACE].struct_value.fields.items():
                self.metadata[key] = value.number_value if value.HasField("number_value") else value.string_value
        if answer.HasField("immediate_response"):
            raise Refused(answer.immediate_response)

    def _say(self, stream, kind, **members):
        answer = stream.say(**members)
        self._note(answer)
        assert answer.WhichOneof("response") == kind, answer
        return getattr(answer, kind).response, answer

    def _send_request(self, body):
        config = {}
        if self.ways.says_modes:
            config["protocol_config"] = pb.ProtocolConfiguration(
                request_body_mode=Mode.BUFFERED, response_body_mode=self.ways.response_body_mode)
        common, _ = self._say(self.router, "request_headers", request_headers=pb.HttpHeaders(
            headers=self.headers.to_proto(self.ways.raw_values), end_of_stream=not body), **config)
        assert common.status == pb.CommonResponse.CONTINUE and not common.HasField("body_mutation")
        self.headers.apply(common.header_mutation)
        if not body:
            return
        common, _ = self._say(self.router, "request_body",
                              request_body=pb.HttpBody(body=body, end_of_stream=True))
        assert common.clear_route_cache and not common.HasField("body_mutation")
        self.headers.apply(common.header_mutation)

    def _try_all(self, body, providers):
        for number, (backend, answer) in enumerate(providers, 1):
            last = number == len(providers)
            self.headers.set("x-envoy-attempt-count", str(number))
            attempt = Stream(self.stub)
            self.sent.append(self._attempt(attempt, backend, body))
            attempt.close()
            assert answer is not None, "nothing may reach this provider"
            retriable = not answer.status or answer.status == 429 or answer.status >= 500
            if retriable and not last:
                continue
            if not answer.status:
                answer = Reply(503, [("content-type", "text/plain")],
                               b"upstream connect error or disconnect/reset before headers")
                return self._respond(answer, details="upstream_reset_before_response_started")
            return self._respond(answer)
        raise AssertionError("no provider")

    def _attempt(self, stream, backend, body):
        values = dict(zip(ATTRIBUTES, [backend, "", "", "default/route"]))
        fields = {key: struct_pb2.Value(string_value=value) for key, value in values.items() if value}
        common, answer = self._say(
            stream, "request_headers",
            request_headers=pb.HttpHeaders(headers=self.headers.to_proto(self.ways.raw_values), end_of_stream=False),
            attributes={"envoy.filters.http.ext_proc": struct_pb2.Struct(fields=fields)})
        self.headers.apply(common.header_mutation)
        if common.status == Replace:
            # Envoy takes off the length, and the filter behind writes what the metadata says.
            body = common.body_mutation.body
            length = answer.dynamic_metadata.fields[NAMESPACE].struct_value.fields["content_length"].number_value
            self.headers.set("content-length", str(int(length)))
        else:
            assert not common.HasField("body_mutation")
        return Sent(backend, list(self.headers.pairs), body)

    def _respond(self, answer, details="via_upstream"):
        headers = Headers([(":status", str(answer.status)), *answer.headers])
        attributes = struct_pb2.Struct(fields={"response.code_details": struct_pb2.Value(string_value=details)})
        empty = not answer.body and not answer.cut
        common, message = self._say(
            self.router, "response_headers",
            response_headers=pb.HttpHeaders(headers=headers.to_proto(self.ways.raw_values), end_of_stream=empty),
            attributes={"envoy.filters.http.ext_proc": attributes})
        headers.apply(common.header_mutation)
        body = b""
        if common.status == Replace:
            body = common.body_mutation.body
            headers.remove("content-length")
        elif not empty:
            mode = Mode.BodySendMode.Value(self.ways.response_body_mode)
            if message.HasField("mode_override") and self.ways.allow_mode_override:
                mode = message.mode_override.response_body_mode
            if mode == Mode.NONE:
                body = answer.body
            elif mode == Mode.BUFFERED:
                if answer.cut:
                    return Reply(502, [("content-type", "text/plain")], b"", False)
                body = self._buffered(headers, answer.body)
            else:
                headers.remove("content-length")
                body = self._streamed(answer)
        return Reply(int(headers.get(":status")), headers.pairs, body, answer.cut)

    def _buffered(self, headers, body):
        common, _ = self._say(self.router, "response_body",
                              response_body=pb.HttpBody(body=body, end_of_stream=True))
        headers.apply(common.header_mutation)
        if common.HasField("body_mutation"):
            body = common.body_mutation.body
            assert headers.get("content-length") in (None, str(len(body))), "Envoy refuses such a body"
        return body

    def _streamed(self, answer):
        body = b""
        for at in range(0, len(answer.body), self.ways.piece):
            piece = answer.body[at:at + self.ways.piece]
            body += self._piece(piece, False)
        if not answer.cut:
            body += self._piece(b"", True)
        return body

    def _piece(self, piece, end):
        common, _ = self._say(self.router, "response_body",
                              response_body=pb.HttpBody(body=piece, end_of_stream=end))
        assert not common.HasField("header_mutation"), "these headers are gone"
        if not common.HasField("body_mutation"):
            return piece
        return common.body_mutation.body
