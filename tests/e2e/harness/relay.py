"""The embedded provider behind a provider of ours, which keeps what was asked and cuts the answers into pieces."""
import http.client
import itertools
import urllib.parse

from harness.envoy import PATIENCE
from harness.provider import Answer, Provider

HOP_BY_HOP = ("host", "connection", "content-length", "transfer-encoding")
SIZES = (1, 5, 90, 13, 700, 2)


def cut(body):
    at = 0
    for size in itertools.cycle(SIZES):
        if at >= len(body):
            return
        yield body[at:at + size]
        at += size


class Relay(Provider):
    def __init__(self, url, ports):
        self._target = urllib.parse.urlsplit(url)
        super().__init__(self._forward, ports)

    def _forward(self, request):
        connection = http.client.HTTPConnection(self._target.hostname, self._target.port, timeout=PATIENCE)
        try:
            headers = {name: value for name, value in request.headers if name not in HOP_BY_HOP}
            connection.request(request.method, request.path, request.body, headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        headers = [(name.lower(), value) for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP]
        streams = "stream" in response.getheader("content-type", "")
        return Answer(response.status, headers, list(cut(body)) if streams else body)
