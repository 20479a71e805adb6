"""An OpenTelemetry collector that keeps what it gets, and reads it with the numbers of opentelemetry-proto."""
import gzip
import http.server
import struct
import threading


def fields(message):
    """[(number, value)] of a protobuf message: an int for varints, bytes for the rest."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if not byte & 0x80:
                return value

    while at < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            assert kind in (1, 2, 5), f"no kind of a field: {kind}"
            value = message[at:at + size]
            assert len(value) == size, "a field is cut"
            at += size
        found.append((key >> 3, value))
    return found


def all_of(message, number):
    return [value for one, value in fields(message) if one == number]


def one_of(message, number, default=None):
    found = all_of(message, number)
    assert len(found) <= 1, found
    return found[0] if found else default


def fixed64(value):
    return struct.unpack("<Q", value)[0]


def any_value(message):
    [(kind, value)] = fields(message)
    if kind == 1:
        return value.decode()
    if kind == 4:
        return struct.unpack("<d", value)[0]
    return tuple(any_value(one) for one in all_of(value, 1)) if kind == 5 else value


def attributes(message, number):
    pairs = {}
    for pair in all_of(message, number):
        key = one_of(pair, 1).decode()
        assert key not in pairs, f"{key} is there twice"
        pairs[key] = any_value(one_of(pair, 2))
    return pairs


class Span:
    def __init__(self, message):
        self.trace_id, self.span_id = one_of(message, 1).hex(), one_of(message, 2).hex()
        self.parent_id = one_of(message, 4, b"").hex()
        self.name, self.kind = one_of(message, 5).decode(), one_of(message, 6)
        self.start_ns, self.end_ns = fixed64(one_of(message, 7)), fixed64(one_of(message, 8))
        self.attributes = attributes(message, 9)
        self.events = {one_of(event, 2).decode(): attributes(event, 3) for event in all_of(message, 11)}
        status = one_of(message, 15)
        self.status, self.description = one_of(status, 3), one_of(status, 2, b"").decode()
        self.dropped_attributes = one_of(message, 10, 0)


class Exemplar:
    def __init__(self, message):
        self.time_ns = fixed64(one_of(message, 2))
        [self.value] = struct.unpack("<d", one_of(message, 3))
        self.span_id, self.trace_id = one_of(message, 4, b"").hex(), one_of(message, 5, b"").hex()
        self.attributes = attributes(message, 7)


class Point:
    def __init__(self, message, histogram):
        self.attributes = attributes(message, 9 if histogram else 7)
        self.start_ns, self.time_ns = fixed64(one_of(message, 2)), fixed64(one_of(message, 3))
        if histogram:
            self.count = fixed64(one_of(message, 4))
            [self.sum] = struct.unpack("<d", one_of(message, 5))
            packed = one_of(message, 6)
            self.buckets = struct.unpack(f"<{len(packed) // 8}Q", packed)
            packed = one_of(message, 7)
            self.bounds = struct.unpack(f"<{len(packed) // 8}d", packed)
            self.exemplars = [Exemplar(one) for one in all_of(message, 8)]
        else:
            self.value = fixed64(one_of(message, 6))


# The path of OTLP over HTTP for each of the methods over gRPC.
METHODS = {"/opentelemetry.proto.collector.trace.v1.TraceService/Export": "/v1/traces",
           "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "/v1/metrics"}


class Collector:
    """`status` may be changed; `pause` is waited for before an answer. `posts`: paths, headers and bodies, these
    without their compression. Over HTTP; with `tls`, an ssl.SSLContext, over
    https. `grpc`: over gRPC instead, with those credentials of grpc's or, if it is True, without."""

    def __init__(self, tls=None, grpc=None):
        self.status, self.pause = 200, threading.Event()
        self.pause.set()
        self.posts = []
        self.temporality = 2  # cumulative
        if grpc:
            self._serve_grpc(grpc)
        else:
            self._serve_http(tls)

    def _serve_grpc(self, credentials):
        import concurrent.futures

        import grpc

        class Handler(grpc.GenericRpcHandler):
            def service(self, details):
                path = METHODS.get(details.method)

                def export(body, context):
                    headers = {"content-type": "application/x-protobuf", **dict(context.invocation_metadata())}
                    collector.posts.append((path, headers, body))
                    collector.pause.wait(300)
                    if collector.status != 200:
                        context.abort(grpc.StatusCode.UNAVAILABLE, "no")
                    return b""

                return grpc.unary_unary_rpc_method_handler(export) if path else None

        collector = self
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        server.add_generic_rpc_handlers([Handler()])
        if credentials is True:
            port = server.add_insecure_port("127.0.0.1:0")
        else:
            port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        self.url = f"{'http' if credentials is True else 'https'}://127.0.0.1:{port}"
        self._close = lambda: server.stop(0).wait(10)

    def _serve_http(self, tls):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers["content-encoding"] == "gzip":
                    body = gzip.decompress(body)
                collector.posts.append((self.path, dict(self.headers), body))
                collector.pause.wait(300)
                self.send_response(collector.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def close():
            server.shutdown()
            server.server_close()

        self._close = close

    def _scoped(self, path):
        for where, headers, body in list(self.posts):
            if where != path:
                continue
            assert headers["content-type"] == "application/x-protobuf", headers
            for one in all_of(body, 1):
                resource = attributes(one_of(one, 1), 1)
                for scoped in all_of(one, 2):
                    assert one_of(one_of(scoped, 1), 1) == b"envoyproxy/ai-gateway"
                    yield resource, scoped

    def spans(self):
        return [Span(span) for _, scoped in self._scoped("/v1/traces") for span in all_of(scoped, 2)]

    def resources(self):
        return [resource for path in ("/v1/traces", "/v1/metrics") for resource, _ in self._scoped(path)]

    def exports(self):
        """[{name: (unit, [points])}] of each export of metrics."""
        found = []
        for _, scoped in self._scoped("/v1/metrics"):
            found.append({})
            for metric in all_of(scoped, 2):
                histogram = bool(all_of(metric, 9))
                data = one_of(metric, 9 if histogram else 7)
                assert one_of(data, 2) == self.temporality
                found[-1][one_of(metric, 1).decode()] = (one_of(metric, 3).decode(), [
                    Point(point, histogram) for point in all_of(data, 1)])
        return found

    def metrics(self):
        """Those of the last export."""
        return (self.exports() or [{}])[-1]

    def close(self):
        self.pause.set()
        self._close()
