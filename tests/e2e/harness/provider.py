"""A provider that does what a test tells it, on one port or several, in a thread of its own."""
import asyncio
import dataclasses
import json
import socket
import struct
import threading

import h2.config
import h2.connection
import h2.events
from harness.envoy import PATIENCE


@dataclasses.dataclass
class Request:
    port: int
    method: str
    path: str
    headers: list  # (lower-case name, value)
    body: bytes
    server_name: str = None  # SNI
    alpn: str = None

    def header(self, name):
        return next((value for key, value in self.headers if key == name), None)

    def json(self):
        return json.loads(self.body)


@dataclasses.dataclass
class Answer:
    """`body` is bytes, or a list of bytes, pauses in seconds, and a threading.Event where it waits until that is set.
    Status 0 drops the connection, without an answer; None says nothing at all."""
    status: int = 200
    headers: list = dataclasses.field(default_factory=list)
    body: object = b""
    # Or reset (the connection is closed after the body), abort (likewise, by a TCP reset), open (nothing more comes).
    end: str = "end"
    verbatim: bool = False  # the body is all that is sent: head, framing and whatever else

    @staticmethod
    def json(value, status=200, headers=()):
        return Answer(status, [("content-type", "application/json"), *headers], json.dumps(value).encode())

    @staticmethod
    def events(events, end="end"):
        return Answer(200, [("content-type", "text/event-stream")], events, end)

    @staticmethod
    def raw(pieces, end="end"):
        """These bytes and pauses, and nothing else."""
        return Answer(body=pieces, end=end, verbatim=True)


class Provider:
    """`answer` is called with each Request and says what comes back; `requests` holds them all."""

    def __init__(self, answer=None, ports=1, tls=None):
        self.answer = answer or (lambda request: Answer.json({}))
        self.requests = []
        self.connections = 0
        self.left = threading.Event()  # the peer of an open answer has gone
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._tasks = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers = [self._call(self._listen()) for _ in range(ports)]
        self.ports = [server.sockets[0].getsockname()[1] for server in self._servers]
        self.port = self.ports[0]

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    async def _listen(self):
        return await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls, backlog=4096,
                                          limit=1 << 22)

    def reset(self, answer):
        self.requests.clear()
        self.left.clear()
        self.answer = answer

    def hang_up(self):
        """Closes all connections."""
        async def cancel():
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._call(cancel())

    def close(self):
        async def stop():
            for server in self._servers:
                server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._call(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _accept(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        tls = writer.get_extra_info("ssl_object")
        try:
            if tls and tls.selected_alpn_protocol() == "h2":
                await self._serve_http2(reader, writer)
                return
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader, writer):
        start = (await reader.readline()).decode("latin-1").split()
        if len(start) != 3:
            return False
        headers = []
        while (line := (await reader.readline()).decode("latin-1").rstrip("\r\n")) != "":
            name, value = line.split(":", 1)
            headers.append((name.lower(), value.strip()))
        body = await self._body(reader, dict(headers))
        answer = self._answer(writer, start[0], start[1], headers, body)
        if answer.status is None:
            await reader.read(1)
            self.left.set()
            return False
        if not answer.status:
            writer.transport.abort()
            return False
        return await self._send(reader, writer, answer)

    def _answer(self, writer, method, path, headers, body):
        tls = writer.get_extra_info("ssl_object")
        request = Request(writer.get_extra_info("sockname")[1], method, path, headers, body,
                          getattr(tls, "asked_name", None), tls and tls.selected_alpn_protocol())
        self.requests.append(request)
        return self.answer(request)

    async def _serve_http2(self, reader, writer):
        """Streams one after the other; answers without pauses that fit the peer's windows."""
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        heads, bodies = {}, {}
        while True:
            writer.write(connection.data_to_send())
            await writer.drain()
            if not (data := await reader.read(1 << 16)):
                return
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    heads[event.stream_id] = [(name.decode(), value.decode()) for name, value in event.headers]
                    bodies[event.stream_id] = b""
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    head = dict(heads[event.stream_id])
                    answer = self._answer(writer, head[":method"], head[":path"], heads.pop(event.stream_id),
                                          bodies.pop(event.stream_id))
                    connection.send_headers(event.stream_id, [(":status", str(answer.status)), *answer.headers])
                    async for piece in pieces(answer.body):
                        connection.send_data(event.stream_id, piece)
                    connection.end_stream(event.stream_id)

    @staticmethod
    async def _body(reader, headers):
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await reader.readexactly(int(headers.get("content-length", 0)))
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body

    async def _send(self, reader, writer, answer):
        if answer.verbatim:
            async for piece in pieces(answer.body):
                writer.write(piece)
                await writer.drain()
            return await self._end(reader, writer, answer)
        whole = isinstance(answer.body, bytes) and answer.end == "end"
        lines = [f"HTTP/1.1 {answer.status} Whatever"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        lines.append(f"content-length: {len(answer.body)}" if whole else "transfer-encoding: chunked")
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
        if whole:
            writer.write(answer.body)
            await writer.drain()
            return True
        async for piece in pieces(answer.body):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        if answer.end == "end":
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        return await self._end(reader, writer, answer)

    async def _end(self, reader, writer, answer):
        """Whether another request may follow on the connection."""
        if answer.end == "open":
            await reader.read(1)
            self.left.set()
        elif answer.end == "abort":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        return answer.end == "end"


async def _wait_until_set(event):
    async with asyncio.timeout(PATIENCE):
        while not event.is_set():
            await asyncio.sleep(0.005)


async def pieces(body):
    if isinstance(body, bytes):
        body = [body]
    for piece in body:
        if isinstance(piece, (int, float)):
            await asyncio.sleep(piece)
        elif isinstance(piece, threading.Event):
            await _wait_until_set(piece)
        elif piece:
            yield piece
