"""A gateway with several backends, each the embedded provider in its language behind a relay that sees what arrives."""
import contextlib
import json

from harness.aigw import Aigw, Mock
from harness.relay import Relay

KEY = "embedded-key"
AWS_SECRET = "an/aws+secret"
REGION = "eu-west-1"
CREDENTIALS = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {AWS_SECRET}\n"

API_KEY = {"apiKey": {"key": KEY}}
AZURE_KEY = {"azureAPIKey": {"key": KEY}}
ANTHROPIC_KEY = {"anthropicAPIKey": {"key": KEY}}
AWS_KEY = {"aws": {"credentialFileLiteral": CREDENTIALS, "region": REGION}}


class Stage:
    """`backends` by name: (kind, as harness/judge.py has it; schema; auth; the model that is routed to it)."""

    def __init__(self, url, relay, backends):
        self.url = url
        self.backends = backends
        self.requests = relay.requests
        self._ports = dict(zip(backends, relay.ports))

    def faults(self, judge, backend, version="2023-06-01"):
        """What is wrong with the requests that have arrived, all of which should have gone to `backend`."""
        wrong = []
        for one in self.requests:
            if one.port != self._ports[backend]:
                wrong.append(f"{one.path} arrived elsewhere")
            wrong += judge.faults(one, self.backends[backend][0], version)
        return wrong


@contextlib.contextmanager
def stage(directory, backends, **more):
    """Everything started in `directory`; `more` are other members of the gateway's document. All of it must have run
    to the end and stop well."""
    mock = Mock(directory, "--require-key", KEY)
    relay = gateway = None
    try:
        relay = Relay(mock.url, len(backends))
        path = directory / "gateway.yaml"
        path.write_text(json.dumps({
            "backends": [{"name": name, "schema": schema, "auth": auth}
                         for name, (_, schema, auth, _) in backends.items()],
            "upstreams": [{"backend": name, "url": f"http://127.0.0.1:{port}"}
                          for name, port in zip(backends, relay.ports)],
            "routes": [{"models": [model], "backends": [{"name": name}]} for name, (*_, model) in backends.items()],
            **more}))
        gateway = Aigw(directory, "-c", path).wait()
        yield Stage(gateway.url, relay, backends)
        gateway.check_running()
        mock.check_running()
    finally:
        codes = [one.stop() for one in (gateway, mock) if one]
        if relay:
            relay.close()
    assert codes == [0, 0]
