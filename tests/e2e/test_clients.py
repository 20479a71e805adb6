"""Who may call: `clients` in the document of `aigw run`, with either carrier of the core."""
import base64
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from harness import aigw, document
from harness.change import replace
from harness.client import ask, chat
from harness.envoy import get, json_lines, wait_for
from harness.provider import Answer

DATAPLANES = pytest.mark.parametrize("dataplane", ["module", "extproc"])


def gateway(clients, provider, dataplane="module"):
    """One backend with a key of its own, and one without."""
    return json.dumps({
        "dataplane": dataplane, "clients": clients,
        "backends": [document.backend(key="sk-of-the-provider"), document.backend("open")],
        "upstreams": [{"backend": name, "url": f"http://127.0.0.1:{provider.port}"} for name in ("primary", "open")],
        "routes": [{"models": ["open*"], "backends": ["open"]}, {"models": ["*"], "backends": ["primary"]}]})


@pytest.fixture
def start(start_aigw, provider, tmp_path):
    provider.answer = lambda request: Answer.json({"model": "m", "choices": []})

    def run(clients, dataplane="module", *arguments):
        config = tmp_path / "gateway.yaml"
        config.write_text(gateway(clients, provider, dataplane))
        return start_aigw("-c", config, *arguments)

    return run


def keys(folder, **models):
    clients = []
    for name in ("alice", "bob"):
        (folder / name).write_text(f"key-of-{name}\n")
        clients.append({"name": name, "keyFile": str(folder / name), "metadata": {"team": f"team-of-{name}"}})
        if name in models:
            clients[-1]["models"] = models[name]
    return {"apiKeys": clients}


def call(running, headers, model="m", path="/v1/chat/completions"):
    return ask(running.port, chat(model, max_tokens=5), path=path, headers=headers)


@DATAPLANES
def test_a_key_is_asked_for(start, provider, tmp_path, dataplane):
    log = tmp_path / "access.log"
    running = start(keys(tmp_path), dataplane, "--access-log", log)
    refused = [{}, {"authorization": "Bearer wrong"}, {"authorization": "key-of-alice' OR '1'='1"},
               {"x-ai-eg-client": "alice"}, {"x-api-key": "key-of-alic"}]
    for headers in refused:
        assert call(running, headers)[0] == 401, headers
    assert not provider.requests
    for header in ("authorization", "x-api-key", "api-key", "x-goog-api-key"):
        value = "Bearer key-of-alice" if header == "authorization" else "key-of-alice"
        assert call(running, {header: value})[0] == 200, header
        # Also where the backend has no key of its own: the client's is the gateway's.
        assert call(running, {header: value}, "open-1")[0] == 200, header
    for request in provider.requests:
        assert "key-of" not in str(request.headers)
        assert request.header("x-ai-eg-client") is None
    assert provider.requests[0].header("authorization") == "Bearer sk-of-the-provider"
    assert provider.requests[1].header("authorization") is None
    wait_for(lambda: [line for line in json_lines(log) if line.get("client") == "alice"], "the access log")
    assert "key-of" not in log.read_text()


@DATAPLANES
def test_a_refusal_is_in_the_clients_words(start, tmp_path, dataplane):
    running = start(keys(tmp_path), dataplane)
    status, error = call(running, {}, path="/anthropic/v1/messages")
    assert status == 401 and error["type"] == "error" and error["error"]["type"] == "authentication_error", error
    status, error = call(running, {})
    assert status == 401 and error["error"]["code"] == "401", error
    status, error = ask(running.port, json.dumps({"contents": []}).encode(), path="/v1beta/models/m:generateContent")
    assert status == 401 and error["error"]["status"] == "UNAUTHENTICATED", error


@DATAPLANES
def test_a_key_has_its_models(start, provider, tmp_path, dataplane):
    running = start(keys(tmp_path, alice=["gpt-*", "o3"]), dataplane)
    alice, bob = {"authorization": "Bearer key-of-alice"}, {"authorization": "Bearer key-of-bob"}
    assert [call(running, alice, model)[0] for model in ("gpt-4o", "o3", "o3-mini", "m")] == [200, 200, 403, 403]
    assert call(running, bob, "o3-mini")[0] == 200
    # Nobody else's name helps.
    assert call(running, {**alice, "x-ai-eg-client": "bob"}, "m")[0] == 403
    assert len(provider.requests) == 3
    status, error = call(running, alice, "claude", "/anthropic/v1/messages")
    assert status == 403 and error["error"] == {"message": "this client may not use model claude",
                                                "type": "permission_error"}, error


def wait_for_rotation(running):
    """Every worker takes alice's new key and refuses the old one. Each learns of them in its own time, and a connection
    goes to any of them."""
    def taken():
        return all(call(running, {"x-api-key": key})[0] == status for _ in range(20)
                   for key, status in (("another-key-of-alice", 200), ("key-of-alice", 401)))

    wait_for(taken, "the new key is taken, and the old one is not")


def test_a_key_is_rotated_while_it_runs(start, tmp_path):
    running = start(keys(tmp_path))
    assert call(running, {"x-api-key": "key-of-alice"})[0] == 200
    replace(tmp_path / "alice", "another-key-of-alice\n")
    begun = time.monotonic()
    wait_for_rotation(running)
    print(f"a rotated key was live after {time.monotonic() - begun:.2f} s")
    assert call(running, {"x-api-key": "key-of-bob"})[0] == 200
    (tmp_path / "alice").unlink()  # a mount that is being replaced
    time.sleep(1)
    assert call(running, {"x-api-key": "another-key-of-alice"})[0] == 200


def deliver(folder, **secrets):
    """The file that an SDS agent keeps, swapped at once."""
    resources = [{"@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", "name": name,
                  "generic_secret": {"secret": {"inline_string": value}}} for name, value in secrets.items()]
    replace(folder / "sds.json", json.dumps({"version_info": "1", "resources": resources}))


@DATAPLANES
def test_keys_by_sds(start, tmp_path, dataplane):
    deliver(tmp_path, alice="key-of-alice", bob="key-of-bob", other="key-of-nobody")
    running = start({"sdsFile": str(tmp_path / "sds.json"), "apiKeys": [
        {"name": "alice", "sdsSecret": "alice", "models": ["m"]}, {"name": "bob", "sdsSecret": "bob"}]}, dataplane)
    alice, bob = {"x-api-key": "key-of-alice"}, {"x-api-key": "key-of-bob"}
    assert call(running, alice)[0] == 200 and call(running, alice, "n")[0] == 403 and call(running, bob, "n")[0] == 200
    assert call(running, {"x-api-key": "key-of-nobody"})[0] == 401
    deliver(tmp_path, alice="another-key-of-alice", bob="key-of-bob")
    begun = time.monotonic()
    wait_for_rotation(running)
    print(f"a key rotated by SDS was live after {time.monotonic() - begun:.2f} s")
    assert call(running, bob)[0] == 200
    (tmp_path / "sds.json").write_text("{")  # an agent that is writing
    time.sleep(1)
    assert call(running, {"x-api-key": "another-key-of-alice"})[0] == 200
    for page in ("/config_dump?include_eds", "/stats", "/listeners"):
        assert "key-of" not in get(running.admin_port(), page)[1], page
    assert "key-of" not in running.text()


def test_keys_show_nowhere(start, tmp_path, provider):
    running = start(keys(tmp_path), "module", "--log-level", "trace")
    assert call(running, {})[0] == 401
    for path in ("/config_dump?include_eds", "/stats", "/listeners"):
        assert "key-of" not in get(running.admin_port(), path)[1], path
    code, printed, _ = aigw.run(tmp_path, "run", "--print-bootstrap", "-c", tmp_path / "gateway.yaml")
    assert code == 0 and "key-of" not in printed and "api_key_auth" in printed


def encoded(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    def __init__(self, folder):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        self.jwks = folder / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [{
            "kty": "RSA", "alg": "RS256", "kid": "1", "use": "sig", "e": encoded(b"\x01\x00\x01"),
            "n": encoded(numbers.n.to_bytes(256, "big"))}]}))

    def token(self, subject, issuer="https://issuer.test", audience="aigw", age=3600):
        text = encoded({"alg": "RS256", "kid": "1"}) + "." + encoded(
            {"iss": issuer, "aud": audience, "sub": subject, "exp": int(time.time()) + age})
        return text + "." + encoded(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


@DATAPLANES
def test_a_token_says_who_it_is(start, provider, tmp_path, dataplane):
    issuer = Issuer(tmp_path)
    running = start({
        "jwt": {"issuer": "https://issuer.test", "audiences": ["aigw"], "jwksFile": str(issuer.jwks)},
        "rules": [{"client": "alice", "models": ["gpt-*"]}, {"client": "*", "models": ["*"]}]}, dataplane)

    def status(token, model="m", **headers):
        return call(running, {"authorization": f"Bearer {token}", **headers}, model)[0]

    assert status(issuer.token("carol")) == 200
    assert status(issuer.token("alice"), "gpt-4o") == 200
    assert status(issuer.token("alice")) == 403
    assert status(issuer.token("alice"), **{"x-ai-eg-client": "carol"}) == 403
    assert len(provider.requests) == 2
    honest, issuer.key = issuer.key, rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert status(issuer.token("carol")) == 401  # signed by somebody else
    issuer.key = honest
    assert status(issuer.token("carol", issuer="https://evil.test")) == 401
    assert status(issuer.token("carol", audience="other")) in (401, 403)
    assert status(issuer.token("carol", age=-600)) == 401
    assert call(running, {"x-ai-eg-client": "carol"})[0] == 401
    assert len(provider.requests) == 2
    assert provider.requests[0].header("authorization") == "Bearer sk-of-the-provider"


def test_it_says_loudly_that_it_is_open(start_aigw, tmp_path, provider):
    config = tmp_path / "gateway.yaml"
    open_to_all = {"backends": [document.backend(key="sk-of-the-provider")],
                   "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{provider.port}"}]}
    config.write_text(json.dumps(open_to_all))
    with_keys = keys(tmp_path)
    for host, clients, warns in (("127.0.0.1", None, False), ("0.0.0.0", None, True), ("0.0.0.0", with_keys, False)):
        config.write_text(json.dumps({**open_to_all, **({"clients": clients} if clients else {})}))
        running = start_aigw("-c", config, host=host)
        running.admin_port()  # the banner comes behind the warning
        assert ("*** WARNING" in running.text() and "spends the provider keys" in running.text()) == warns
        running.stop()
