"""Small clients that say exactly what they send, on connections that are never opened again behind the test's back."""
import http.client
import json

from harness.envoy import PATIENCE


def chat(model="m", prompt="Hello", **members):
    return json.dumps({"model": model, "messages": [{"role": "user", "content": prompt}], **members}).encode()


class Connection:
    """One keep-alive connection; a request on it fails once Envoy has closed it."""

    def __init__(self, port, seconds=PATIENCE):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        self._connection.connect()
        self._connection.auto_open = 0
        self.socket = self._connection.sock

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def send(self, body, path="/v1/chat/completions", method="POST", headers=None):
        """The response, whose body is still to be read. `body` is bytes, or an iterable of them sent in chunks."""
        try:
            self._connection.request(method, path, body, {"content-type": "application/json", **(headers or {})})
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer came before the end of the request: it is still to be read
        return self._connection.getresponse()

    def ask(self, body, **options):
        """(status, body as JSON)."""
        response = self.send(body, **options)
        return response.status, json.loads(response.read())


def ask(port, body, **options):
    with Connection(port) as connection:
        return connection.ask(body, **options)


def check_error(reply, status, kind, code=None):
    """`reply` is (status, JSON) of an error in the OpenAI dialect. Its message."""
    assert reply[0] == status, reply
    error = reply[1]["error"]
    assert reply[1]["type"] == "error" and error["type"] == kind and error["code"] == str(code or status), reply
    assert error["message"]
    return error["message"]
