"""A token service that a test starts: it notes what it is asked, and answers as the test says."""
import http.server
import threading
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Asked:
    method: str
    path: str
    query: dict
    headers: dict  # lower case
    body: bytes = b""
    form: dict = field(default_factory=dict)


@dataclass
class Say:
    body: bytes = b""
    status: int = 200
    type: str = "application/json"


class TokenServer:
    """`answer(asked)` is a Say; it runs on the server's threads. `tls`: an ssl.SSLContext for https."""

    def __init__(self, answer, tls=None, host="127.0.0.1"):
        self.answer, self.asked = answer, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                url = urllib.parse.urlsplit(self.path)
                asked = Asked(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)),
                              {name.lower(): value for name, value in self.headers.items()}, body)
                if "form-urlencoded" in asked.headers.get("content-type", ""):
                    asked.form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
                outer.asked.append(asked)
                say = outer.answer(asked)
                self.send_response(say.status)
                self.send_header("content-type", say.type)
                self.send_header("content-length", str(len(say.body)))
                self.end_headers()
                self.wfile.write(say.body)

            do_GET = do_POST = do_PUT = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self.url = f"{'http' if tls is None else 'https'}://{host}:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
