"""Credentials that change while requests run: mounted files, and tokens that a service gives out."""
import json
import threading
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from harness import bootstrap, document
from harness.carrier import CARRIERS
from harness.certificates import Authority
from harness.change import check_promptness, replace
from harness.client import Connection, ask, chat, check_error
from harness.envoy import PATIENCE, free_port, wait_for
from harness.metrics import scrape
from harness.provider import Answer
from test_reload import Swapper, make_build
from token_server import Say


def aws_file(word):
    return f"[default]\naws_access_key_id = AKID{word}\naws_secret_access_key = s\naws_session_token = {word}\n"


# kind of credential: (schema, the auth block that names a file, its content for a word, the header that shows the word)
MOUNTED = {
    "apiKey": ({"name": "OpenAI"}, lambda path: {"apiKey": {"keyFile": path}}, "{}\n", "authorization"),
    "azureAPIKey": ({"name": "AzureOpenAI", "version": "v"}, lambda path: {"azureAPIKey": {"keyFile": path}}, "{}\n",
                    "api-key"),
    "azure": ({"name": "AzureOpenAI", "version": "v"}, lambda path: {"azure": {"accessTokenFile": path}}, "{}",
              "authorization"),
    "anthropicAPIKey": ({"name": "Anthropic"}, lambda path: {"anthropicAPIKey": {"keyFile": path}}, "{}", "x-api-key"),
    "gcp": ({"name": "GCPVertexAI"},
            lambda path: {"gcp": {"accessTokenFile": path, "region": "r", "projectName": "p"}}, "{}\n",
            "authorization"),
    "aws": ({"name": "AWSBedrock"}, lambda path: {"aws": {"credentialFile": path, "region": "us-east-1"}}, aws_file,
            "x-amz-security-token"),
}


class Mount:
    """A secret as Kubernetes mounts it: the name is a link into a directory that is a link, and the kubelet swaps
    the inner one."""

    def __init__(self, directory, content):
        self.directory, self.content = directory, content
        directory.mkdir()
        self.version = 0
        self.write("one")
        self.path = directory / "credential"
        self.path.symlink_to("..data/credential")

    def write(self, word):
        self.version += 1
        folder = self.directory / f"..v{self.version}"
        folder.mkdir()
        (folder / "credential").write_text(self.content(word) if callable(self.content) else self.content.format(word))
        temporary = self.directory / "..data_tmp"
        temporary.symlink_to(folder.name)
        temporary.rename(self.directory / "..data")


class Load:
    """Requests on one connection, without a pause, until it is stopped. What none of them may see is in `failures`."""

    def __init__(self, port, body=None):
        self.port, self.body, self.answers = port, body or chat(), []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with Connection(self.port) as connection:
            while not self.ending.is_set():
                response = connection.send(self.body)
                response.read()
                self.answers.append((time.monotonic(), response.status))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(2 * PATIENCE)
        assert not self.thread.is_alive()

    def statuses(self):
        return {status for _, status in self.answers}


def check_credentials(load, seen, changes):
    """Every request has reached the provider with a whole credential, and none with an old one after a new one."""
    assert load.statuses() == {404}
    words = [value.split()[-1] for value in seen]
    assert [word for i, word in enumerate(words) if i == 0 or words[i - 1] != word] == [
        "one", *(f"new{number}" for number in range(changes))]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("kind", MOUNTED)
def test_a_mounted_secret_is_swapped_under_load(carriers, provider, tmp_path, carrier, kind):
    schema, auth, content, header = MOUNTED[kind]
    mount = Mount(tmp_path / "secret", content)
    carriers.write({"name": "primary", "schema": schema, "auth": auth(str(mount.path))})
    envoy = carriers.start(carrier, [("primary", provider.port)])
    seen = []
    provider.answer = lambda request: seen.append(request.header(header)) or Answer.json({}, 404)
    with Load(envoy.ports["main"]) as load:
        wait_for(lambda: seen, "a request")
        changes = check_promptness(lambda number: mount.write(f"new{number}"),
                                   lambda number: seen[-1].endswith(f"new{number}"))
    check_credentials(load, seen, changes)


def aws_literal(word):
    return {"aws": {"credentialFileLiteral": aws_file(word), "region": "us-east-1"}}


# The same kinds with the credential in the document, as the peer's control plane writes it.
LITERAL = {
    "apiKey": lambda word: {"apiKey": {"key": word}},
    "azureAPIKey": lambda word: {"azureAPIKey": {"key": word}},
    "azure": lambda word: {"azure": {"accessToken": word}},
    "anthropicAPIKey": lambda word: {"anthropicAPIKey": {"key": word}},
    "gcp": lambda word: {"gcp": {"accessToken": word, "region": "r", "projectName": "p"}},
    "aws": aws_literal,
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("kind", LITERAL)
def test_a_literal_is_replaced_under_load(carriers, provider, carrier, kind):
    schema, _, _, header = MOUNTED[kind]

    def write(word):
        carriers.write({"name": "primary", "schema": schema, "auth": LITERAL[kind](word)}, version="dev")

    write("one")
    envoy = carriers.start(carrier, [("primary", provider.port)])
    seen = []
    provider.answer = lambda request: seen.append(request.header(header)) or Answer.json({}, 404)
    with Load(envoy.ports["main"]) as load:
        wait_for(lambda: seen, "a request")
        changes = check_promptness(lambda number: write(f"new{number}"),
                                   lambda number: seen[-1].endswith(f"new{number}"))
    check_credentials(load, seen, changes)


def entra(answer, times=None):
    """An Entra ID that says what `answer(number of the request, from 1)` says; `times` are when it was asked."""
    times = [] if times is None else times

    def say(asked):
        times.append(time.monotonic())
        return answer(len(times))

    return say


def first_answer(port, **options):
    """The first answer that is no refusal for want of a token: a gateway that starts waits for its first ones, but not
    for long."""
    def asked():
        reply = ask(port, chat(), **options)
        return reply if reply[0] != 503 else None

    return wait_for(asked, "it has its tokens")


def give(token, lives):
    return Say(json.dumps({"access_token": token, "expires_in": lives, "token_type": "Bearer"}).encode())


def azure(server, tmp_path, name="primary"):
    secret = tmp_path / "client-secret"
    if not secret.exists():
        secret.write_text("s3cr3t\n")
    return {"name": name, "schema": {"name": "AzureOpenAI", "version": "v"},
            "auth": {"azure": {"tenantID": "t", "clientID": "c", "clientSecretFile": str(secret),
                               "authorityHost": server.url}}}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_tokens_are_fetched_ahead_of_their_death(carriers, provider, token_server, tmp_path, carrier):
    life, times = 30, []
    server = token_server(entra(lambda number: give(f"token-{number}", life), times))
    carriers.write(azure(server, tmp_path), azure(server, tmp_path, "secondary"))
    envoy = carriers.start(carrier, [("primary", provider.port), ("secondary", provider.port)])
    seen = []
    assert first_answer(envoy.ports["main"])[0] == 200
    provider.answer = lambda request: seen.append(request.header("authorization")) or Answer.json({})
    with Load(envoy.ports["main"]) as load:
        wait_for(lambda: seen and seen[-1] == "Bearer token-2", "the second token", life + PATIENCE)
    # Two backends of one application share a token, and it is fetched when the old one has a while to live, so that no
    # request goes without: after four fifths of its life, or up to a fifth of that before.
    assert load.statuses() == {200}
    assert len(server.asked) == 2
    assert times[1] - times[0] > life * 0.8 * 0.8 - 0.1
    assert [word for i, word in enumerate(seen) if i == 0 or seen[i - 1] != word] == [
        "Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_an_old_token_serves_until_it_dies(carriers, provider, token_server, tmp_path, carrier):
    down, life, times = threading.Event(), 30, []
    server = token_server(entra(
        lambda number: Say(b"s3cr3t", 500) if down.is_set() else give(f"token-{number}", life), times))
    carriers.write(azure(server, tmp_path))
    envoy = carriers.start(carrier, [("primary", provider.port)],
                           arguments=["--component-log-level", "dynamic_modules:info"])
    assert first_answer(envoy.ports["main"])[0] == 200
    known = time.monotonic()
    down.set()
    wait_for(lambda: len(server.asked) >= 2, "the token is fetched anew", life + PATIENCE)
    assert ask(envoy.ports["main"], chat())[0] == 200
    assert provider.requests[-1].header("authorization") == "Bearer token-1"
    used = []

    def refused():
        asked = time.monotonic()
        reply = ask(envoy.ports["main"], chat())
        if reply[0] != 200:
            return reply
        used.append(asked)
        return None

    reply = wait_for(refused, "the token is dead", life + PATIENCE)
    assert time.monotonic() - times[0] > life / 2
    assert not used or used[-1] < known + life + 1
    message = check_error(reply, 503, "ServiceUnavailable")
    assert message == "the gateway's token for this backend has expired, and its token service gives no other"
    # In the client's dialect.
    status, body = ask(envoy.ports["main"], json.dumps({"model": "m", "max_tokens": 1, "messages": [
        {"role": "user", "content": "a"}]}).encode(), path="/anthropic/v1/messages",
        headers={"anthropic-version": "2023-06-01"})
    assert (status, body["type"], body["error"]["type"]) == (503, "error", "service_unavailable_error"), body
    down.clear()
    assert first_answer(envoy.ports["main"])[0] == 200
    log = carriers.log()
    assert "Entra ID answers 500" in log and "fetched again" in log and "s3cr3t" not in log


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_service_that_hangs_holds_up_nobody(carriers, provider, token_server, tmp_path, carrier):
    release, times = threading.Event(), []
    server = token_server(entra(lambda number: release.wait() and give("token", 60), times))
    carriers.write(azure(server, tmp_path, "first"), document.backend("second", key="sk-2"))
    # A backend without its token answers 503 itself, which is final; so each is asked on its own.
    envoy = carriers.start(carrier, [("second", provider.port)])
    with Load(envoy.ports["main"]) as load:
        def pass_meanwhile():
            # The gateway gives a service 10 seconds, and then asks once more.
            return any(sum(asked < at < asked + 8 for at, _ in load.answers) > 10 for asked in times)

        try:
            wait_for(pass_meanwhile, "requests pass while the service hangs")
        finally:
            release.set()
    assert load.statuses() == {200}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_without_a_token_a_503_until_there_is_one(carriers, provider, token_server, tmp_path, carrier):
    down = threading.Event()
    down.set()
    server = token_server(entra(lambda number: Say(b'{"error":"temporarily_unavailable"}', 503) if down.is_set()
                                else give("token", 60)))
    carriers.write(azure(server, tmp_path))
    admin_port = free_port()
    envoy = carriers.start(carrier, [("primary", provider.port)], flags={"adminAddress": f"127.0.0.1:{admin_port}"})
    message = check_error(ask(envoy.ports["main"], chat()), 503, "ServiceUnavailable")
    assert message.startswith("the gateway has no token for this backend yet")
    assert not provider.requests
    down.clear()
    assert first_answer(envoy.ports["main"])[0] == 200
    assert "(temporarily_unavailable)" in carriers.log()
    fetches = {key[1]: value for key, value in scrape(admin_port).items() if key[0] == "aigw_token_fetches_total"}
    labels = [(("result", result), ("source", "azure_application")) for result in ("fetched", "unavailable")]
    assert set(fetches) == set(labels) and fetches[labels[0]] == 1 and fetches[labels[1]] == len(server.asked) - 1


@pytest.mark.parametrize("carrier", CARRIERS)
def test_another_clients_secret_is_used_at_once(carriers, provider, token_server, tmp_path, carrier):
    server = token_server(lambda asked: give("for-" + asked.form["client_secret"], 3600))
    carriers.write(azure(server, tmp_path))
    envoy = carriers.start(carrier, [("primary", provider.port)])
    assert first_answer(envoy.ports["main"])[0] == 200
    assert provider.requests[-1].header("authorization") == "Bearer for-s3cr3t"
    for number in range(12):
        # At another moment each time: what watches files looks at them some times a second.
        time.sleep(number * 0.02)
        replace(tmp_path / "client-secret", f"other-{number}\n")

        def other():
            assert ask(envoy.ports["main"], chat())[0] == 200
            return provider.requests[-1].header("authorization") == f"Bearer for-other-{number}"

        wait_for(other, "the token of the new secret")


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_role_of_aws(carriers, provider, token_server, tmp_path, carrier, monkeypatch):
    """IRSA: the environment that EKS gives to a pod."""
    session = []

    def sts(asked):
        session.append(asked.form["WebIdentityToken"])
        return Say(f"<r><Credentials><AccessKeyId>ASIA{len(session)}</AccessKeyId><SecretAccessKey>s"
                   f"</SecretAccessKey><SessionToken>session-{session[-1]}</SessionToken>"
                   f"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></r>".encode(), type="text/xml")

    server = token_server(sts)
    mount = Mount(tmp_path / "web-identity", "{}")
    for name, value in {"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": mount.path,
                        "AWS_ENDPOINT_URL_STS": server.url, "AWS_ACCESS_KEY_ID": ""}.items():
        monkeypatch.setenv(name, str(value))
    carriers.write({"name": "primary", "schema": {"name": "AWSBedrock"}, "auth": {"aws": {"region": "us-east-1"}}})
    envoy = carriers.start(carrier, [("primary", provider.port)])
    provider.answer = lambda request: Answer.json({"message": "no"}, 404)
    assert first_answer(envoy.ports["main"])[0] == 404
    assert provider.requests[-1].header("x-amz-security-token") == "session-one"
    assert "Credential=ASIA1/" in provider.requests[-1].header("authorization")
    mount.write("two")
    wait_for(lambda: ask(envoy.ports["main"], chat())[0] == 404 and
             provider.requests[-1].header("x-amz-security-token") == "session-two", "the new session")


AWS_ANSWER = json.dumps({"Code": "Success", "AccessKeyId": "ASIA", "SecretAccessKey": "s", "Token": "session",
                         "Expiration": "2099-01-01T00:00:00Z"}).encode()
BEARER = {"authorization": "Bearer fetched"}
SESSION = {"x-amz-security-token": "session"}
VERTEX, BEDROCK = {"name": "GCPVertexAI"}, {"name": "AWSBedrock"}
GCP, AWS = {"gcp": {"region": "r", "projectName": "p"}}, {"aws": {"region": "us-east-1"}}


def answer_for_anybody(asked):
    """What every service of the table below says, by what it is asked."""
    if asked.path == "/latest/api/token":
        return Say(b"session-of-imds", type="text/plain")
    if asked.path.endswith("/security-credentials/"):
        return Say(b"role", type="text/plain")
    return Say(AWS_ANSWER) if "role" in asked.path or asked.path == "/pod" else give("fetched", 3600)


def google_file(tmp_path, server, **members):
    path = tmp_path / "google.json"
    path.write_text(json.dumps({"token_uri": server.url + "/token", **members}))
    return path


def service_account(tmp_path, server):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return google_file(tmp_path, server, type="service_account", client_email="a@b", private_key=key)


def federation(tmp_path, server):
    (tmp_path / "subject").write_text("eyJ.subject")
    return google_file(tmp_path, server, type="external_account", audience="a", subject_token_type="t",
                       token_url=server.url + "/sts", credential_source={"file": str(tmp_path / "subject")})


def pod_token(tmp_path):
    (tmp_path / "pod-token").write_text("eyJ.pod")
    return tmp_path / "pod-token"


# name: (schema, auth block, environment, the headers that a provider gets)
FETCHED = {
    "gcp-service-account": (VERTEX, lambda path, server: {"gcp": {
        **GCP["gcp"], "credentialFile": str(service_account(path, server))}}, lambda *_: {}, BEARER),
    "gcp-federation": (VERTEX, lambda *_: GCP, lambda path, server: {
        "GOOGLE_APPLICATION_CREDENTIALS": federation(path, server)}, BEARER),
    "gcp-metadata": (VERTEX, lambda *_: GCP, lambda path, server: {
        "GCE_METADATA_HOST": server.url.removeprefix("http://")}, BEARER),
    "azure-federation": ({"name": "AzureOpenAI", "version": "v"}, lambda *_: {"azure": {}}, lambda path, server: {
        "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": pod_token(path),
        "AZURE_AUTHORITY_HOST": server.url}, BEARER),
    "azure-machine": ({"name": "AzureOpenAI", "version": "v"}, lambda *_: {"azure": {}}, lambda path, server: {
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": server.url}, BEARER),
    "aws-pod-identity": (BEDROCK, lambda *_: AWS, lambda path, server: {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/pod",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": pod_token(path)}, SESSION),
    "aws-instance": (BEDROCK, lambda *_: AWS, lambda path, server: {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url}, SESSION),
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("way", FETCHED)
def test_each_way_of_fetching(carriers, provider, token_server, tmp_path, monkeypatch, carrier, way):
    schema, auth, environment, headers = FETCHED[way]
    server = token_server(answer_for_anybody)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in environment(tmp_path, server).items():
        monkeypatch.setenv(name, str(value))
    carriers.write({"name": "primary", "schema": schema, "auth": auth(tmp_path, server)})
    envoy = carriers.start(carrier, [("primary", provider.port)])
    provider.answer = lambda request: Answer.json({"message": "no"}, 404)
    assert first_answer(envoy.ports["main"])[0] == 404
    for name, value in headers.items():
        assert provider.requests[-1].header(name) == value


def test_one_fetch_for_all_listeners(start_envoy, provider, token_server, tmp_path):
    """Envoy makes a filter's configuration for each listener; the tokens are the process's."""
    server = token_server(entra(lambda number: give(f"token-{number}", 3600)))
    path = tmp_path / "filterapi.yaml"
    path.write_text(document.filterapi(azure(server, tmp_path)))
    listeners = [bootstrap.listener(name, [bootstrap.route("providers", 0)], bootstrap.module_filter(
        "ai_gateway.router", {"configPath": str(path), "rootPrefix": f"/{name}"}), tmp_path / "access.log")
        for name in ("one", "two", "three")]
    envoy = start_envoy(bootstrap.bootstrap(listeners, [bootstrap.cluster("providers", [("primary", provider.port)])]))
    for name in ("one", "two", "three"):
        assert first_answer(envoy.ports[name], path=f"/{name}/v1/chat/completions")[0] == 200
        assert provider.requests[-1].header("authorization") == "Bearer token-1"
    assert len(server.asked) == 1


def to_metadata(header, key):
    """A filter that puts a header into dynamic metadata and takes it off the request."""
    return {"name": "envoy.filters.http.header_to_metadata", "typed_config": {
        "@type": bootstrap.FILTERS + "header_to_metadata.v3.Config", "request_rules": [{
            "header": header, "remove": True,
            "on_header_present": {"metadata_namespace": "tenant", "key": key, "type": "STRING"}}]}}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_credential_of_a_request_from_metadata(carriers, provider, carrier):
    carriers.write({"name": "primary", "schema": {"name": "OpenAI"}, "auth": {
        "apiKey": {"key": "sk-own"},
        "credentialOverride": {"dynamicMetadataNamespace": "tenant", "dynamicMetadataKey": "key"}}})
    envoy = carriers.start(carrier, [("primary", provider.port)], before=[to_metadata("x-tenant-key", "key")],
                           namespaces=["tenant"])
    assert ask(envoy.ports["main"], chat(), headers={"x-tenant-key": "sk-tenant"})[0] == 200
    [request] = provider.requests
    assert request.header("authorization") == "Bearer sk-tenant" and request.header("x-tenant-key") is None
    check_error(ask(envoy.ports["main"], chat()), 401, "Unauthorized")
    assert len(provider.requests) == 1


def test_a_build_that_has_fetched_over_tls_is_unmapped(start_envoy, provider, token_server, tmp_path, monkeypatch):
    """OpenSSL keeps state for its threads and for its library; both are gone when the build goes."""
    authority = Authority(tmp_path)
    server = token_server(lambda asked: give("token", 3600), tls=authority.server("localhost"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    builds = [make_build(tmp_path, version) for version in (1, 2)]
    swapper = Swapper(tmp_path)
    one = azure(server, tmp_path)
    one["auth"]["azure"]["authorityHost"] = f"https://localhost:{server.port}"
    swapper.document.write_text(document.filterapi(one))
    swapper.write_router(builds[0])
    swapper.write_upstream(builds[0])
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path)
    for round_ in range(1, 5):
        assert first_answer(envoy.ports["main"])[0] == 200
        assert provider.requests[-1].header("authorization") == "Bearer token"
        assert len(server.asked) == round_
        new, old = builds[round_ % 2], builds[(round_ + 1) % 2]
        swapper.write_router(new)
        swapper.write_upstream(new)
        wait_for(lambda: f"lib{old}.so" not in envoy.maps() and f"lib{new}.so" in envoy.maps(),
                 "the old build is unmapped")
