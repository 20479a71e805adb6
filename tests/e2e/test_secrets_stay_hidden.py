"""Marked secrets go every way that a secret can go, and are looked for wherever a person or a machine may read."""
import json
import os
import re
import signal
import time

import pytest
from harness import aigw, bootstrap, document
from harness.carrier import CARRIERS
from harness.client import Connection, ask, chat
from harness.collector import Collector
from harness.envoy import AccessLog, free_port, get, wait_for
from harness.provider import Answer
from token_server import Say

MARK = "s3cr3t-mark"


def marked(name):
    return f"{MARK}-{name}"


# The headers by which a client may bring credentials, each with a mark of its own.
CLIENT = {"authorization": "Bearer " + marked("authorization"), "x-api-key": marked("x-api-key"),
          "api-key": marked("api-key"), "x-goog-api-key": marked("x-goog-api-key"),
          "x-amz-security-token": marked("x-amz"), "x-aigw-aws-secret-access-key": marked("override"),
          "x-tenant-key": marked("tenant"), "cookie": "session=" + marked("cookie"),
          "proxy-authorization": "Basic " + marked("proxy")}
# What may show them: Envoy itself, which prints every header at its lowest log level and at debug, whatever our code
# does. So its components for that stay at info where ours is at trace.
OURS = ["--component-log-level", "dynamic_modules:trace"]
ADMIN_PAGES = ("/config_dump?include_eds", "/stats", "/stats/prometheus", "/clusters?format=json", "/listeners",
               "/certs", "/server_info", "/runtime", "/memory", "/init_dump", "/contention")


def documents(token_server, provider_ports, tmp_path):
    """Every kind of credential with a mark, each backend alone on its model."""
    server = token_server(lambda asked: Say(
        b'{"access_token":"' + marked("fetched").encode() + b'","expires_in":3600}'))
    broken = token_server(lambda asked: Say(json.dumps(
        {"error": "invalid_client", "error_description": marked("description")}).encode(), 401))
    files = {}
    for name in ("file", "client"):
        files[name] = tmp_path / name
        files[name].write_text(marked(name))
    google = tmp_path / "google.json"
    google.write_text(json.dumps({"type": "authorized_user", "client_id": "i", "client_secret": marked("google"),
                                  "refresh_token": marked("refresh"), "token_uri": broken.url}))
    openai, azure = {"name": "OpenAI"}, {"name": "AzureOpenAI", "version": "v"}

    def application(service):
        return {"azure": {"tenantID": "t", "clientID": "c", "clientSecretFile": str(files["client"]),
                          "authorityHost": service.url}}

    auths = [
        (openai, {"apiKey": {"key": marked("literal")}}),
        (openai, {"apiKey": {"keyFile": str(files["file"])}}),
        (openai, {"apiKey": {"key": marked("own")},
                  "credentialOverride": {"headerName": "x-tenant-key", "fallbackToConfigured": True}}),
        (openai, {"apiKey": {}, "credentialOverride": {}}),
        (azure, {"azureAPIKey": {"key": marked("azure")}}),
        (azure, application(server)),
        (azure, application(broken)),
        ({"name": "Anthropic"}, {"anthropicAPIKey": {"key": marked("anthropic")}}),
        ({"name": "GCPVertexAI"}, {"gcp": {"accessToken": marked("gcp"), "region": "r", "projectName": "p"}}),
        ({"name": "GCPVertexAI"}, {"gcp": {"credentialFile": str(google), "region": "r", "projectName": "p"}}),
        ({"name": "AWSBedrock"}, {"aws": {"region": "us-east-1", "credentialFileLiteral":
                                          f"[default]\naws_access_key_id=AKID\naws_secret_access_key={marked('aws')}\n"
                                          f"aws_session_token={marked('session')}\n"}}),
        ({"name": "AWSBedrock"}, {"aws": {"region": "us-east-1", "credentialFileLiteral":
                                          f"aws_secret_access_key={marked('half')}\n"}}),
    ]
    return [{"name": f"b{i}", "schema": schema, "auth": auth,
             "httpHeaderMutation": {"set": [{"name": "x-set", "value": marked("set")}]}}
            for i, (schema, auth) in enumerate(auths)]


def one_of_each(start_port, backends, providers):
    """Asks each backend in the ways that end well, in an error of the provider's, and in one of the gateway's."""
    for i in range(len(backends)):
        for body in (chat(f"m{i}", marked("body")), b'{"model":"m%d","messages":"%s"' % (i, marked("cut").encode()),
                     chat(f"m{i}", marked("body"), stream=True)):
            try:
                ask(start_port, body, headers={**CLIENT, "x-case": f"{i}"},
                    path="/v1/chat/completions?key=" + marked("query"))
            except json.JSONDecodeError:
                pass  # a stream
    ask(start_port, chat(), headers=CLIENT, path="/nowhere?key=" + marked("query"))


def look_for(text, where):
    found = sorted(set(re.findall(MARK + r"-[\w-]+", text)))
    assert not found, f"{where} shows {found}"


def route_for(i):
    return {"match": {"prefix": "/", "headers": [{"name": "x-ai-eg-model", "string_match": {"exact": f"m{i}"}}]},
            "route": {"cluster": f"c{i}", "timeout": "0s"}}


def gateway(carriers, carrier, backends, provider, flags):
    """A cluster for each backend, chosen by the model."""
    envoy_of = carriers.start_envoy
    made = {}
    carriers.start_envoy = lambda one, **options: made.update(one=one, options=options)
    carriers.start(carrier, [("b0", provider.port)], flags=flags, arguments=OURS)
    carriers.start_envoy = envoy_of
    resources = made["one"]["static_resources"]
    first = resources["clusters"][0]
    hcm = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    hcm["route_config"]["virtual_hosts"][0]["routes"] = [route_for(i) for i in range(len(backends))]
    # What an access log may print: what our edits would have left in the request, had they not been taken back. The
    # client's own headers are the client's to log; the harness's fields that print them go.
    fields = {field: value for field, value in bootstrap.LOG_FIELDS.items() if field not in ("authorization", "path")}
    hcm["access_log"][0]["typed_config"]["log_format"] = {"json_format": fields}
    fields.update({"state": "%FILTER_STATE(ai_gateway.exchange:PLAIN)%",
                   "reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%"})
    if carrier == "module":  # log-headers in tests/parity.txt: a server cannot take its edits back
        fields["set"] = "%REQ(X-SET)%"
    clusters = []
    for i, backend in enumerate(backends):
        text = json.dumps(first).replace('"providers"', f'"c{i}"').replace('"b0"', f'"{backend["name"]}"')
        clusters.append(json.loads(text))
    resources["clusters"][:1] = clusters
    return envoy_of(made["one"], **made["options"])


@pytest.fixture
def collector(monkeypatch):
    """Of spans and metrics, which are asked to leave out what requests and answers say."""
    one = Collector()
    for name, value in {"ENDPOINT": one.url, "HEADERS": "x-key=" + marked("exporter")}.items():
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_" + name, value)
    for name, value in {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "200",
                        "OPENINFERENCE_HIDE_INPUTS": "true", "OPENINFERENCE_HIDE_OUTPUTS": "true"}.items():
        monkeypatch.setenv(name, value)
    yield one
    one.close()


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("status", [200, 500])
def test_nothing_shows_a_secret(carriers, provider, token_server, tmp_path, collector, carrier, status):
    backends = documents(token_server, None, tmp_path)
    carriers.write(*backends, globalLLMRequestCosts=document.TOKENS)
    provider.answer = lambda request: Answer.json({"model": "m", "choices": [], "error": {"message": "no"}}, status,
                                                  [("set-cookie", marked("provider-cookie"))])
    admin_port, request_log = free_port(), tmp_path / "requests.log"
    flags = {"logBodies": True, "enableRedaction": True, "adminAddress": f"127.0.0.1:{admin_port}",
             "requestLog": "json", "requestLogPath": str(request_log)}
    if carrier == "extproc":
        flags["logLevel"] = "debug"
    envoy = gateway(carriers, carrier, backends, provider, flags)
    one_of_each(envoy.ports["main"], backends, provider)
    sent = [value for request in provider.requests for _, value in request.headers]
    for name in ("literal", "file", "tenant", "override", "azure", "fetched", "anthropic", "gcp", "session", "set"):
        if name != "override":
            assert any(marked(name) in value for value in sent), f"{name} has not been used"
    AccessLog(tmp_path / "access.log").entry("0")
    # The log has what it should have, and no more.
    words = ("attempt headers: ", "authorization: [REDACTED]", "request body: [REDACTED]", "(invalid_client)")

    def complete():
        text = carriers.log()
        return all(word in text for word in words) and text

    log = wait_for(complete, "the debug log")
    look_for(log, "the log")
    look_for((tmp_path / "access.log").read_text(), "the access log")
    for page in ADMIN_PAGES:
        look_for(get(envoy.admin_port, page)[1], page)
    for page in ("/metrics", "/health", "/"):
        look_for(get(admin_port, page)[1], page)
    wait_for(lambda: request_log.exists() and request_log.read_text(), "the request log")
    look_for(request_log.read_text(), "the request log")
    wait_for(lambda: len(collector.spans()) >= 2 * len(backends) and collector.metrics(), "the collector")
    for path, headers, body in list(collector.posts):
        assert headers["x-key"] == marked("exporter")
        look_for(body.decode("latin-1"), path)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_bodies_are_logged_where_they_are_asked_for(carriers, provider, tmp_path, carrier):
    carriers.write(document.backend(key="sk"))
    flags = {"logBodies": True, **({"logLevel": "debug"} if carrier == "extproc" else {})}
    envoy = carriers.start(carrier, [("primary", provider.port)], flags=flags, arguments=OURS)
    provider.answer = lambda request: Answer.json({"said": "in-the-answer"})
    ask(envoy.ports["main"], chat(prompt="in-the-request"))
    wait_for(lambda: "in-the-request" in carriers.log() and "in-the-answer" in carriers.log(), "both bodies")


@pytest.mark.parametrize("carrier", CARRIERS)
def test_bodies_are_not_logged_otherwise(carriers, provider, tmp_path, carrier):
    carriers.write(document.backend(key="sk"))
    flags = {"logLevel": "debug"} if carrier == "extproc" else {}
    envoy = carriers.start(carrier, [("primary", provider.port)], flags=flags, arguments=OURS)
    ask(envoy.ports["main"], chat(prompt="in-the-request"))
    wait_for(lambda: "attempt headers: " in carriers.log(), "the debug log")
    time.sleep(0.1)
    assert "in-the-request" not in carriers.log()


def test_a_configuration_with_a_mistake_shows_none(carriers, tmp_path):
    """What is wrong is said; what stands there is not."""
    for text in (json.dumps({"backends": [{"name": "a", "schema": {"name": "OpenAI"}, "auth": auth}]})
                 for auth in ({"apiKey": {"keyy": marked("a")}}, {"apiKey": marked("b")},
                              {"apiKey": {"key": [marked("c")]}}, {"aws": {"credentialFileLiteral": marked("d")}},
                              {"apiKey": {"keyEnv": marked("e") + "="}},
                              {"azure": {"clientSecret": marked("f"), "federatedTokenFile": "/x"}})):
        path = tmp_path / "gateway.yaml"
        path.write_text(text)
        for verb in (["validate", str(path)], ["run", "--print-bootstrap", "-c", str(path)]):
            code, out, err = aigw.run(tmp_path, *verb)
            assert code != 0
            if marked("e") not in text:  # a variable's name is no secret, but one that is none is not shown either
                look_for(out + err, " ".join(verb))


@pytest.mark.parametrize("dataplane", CARRIERS)
def test_run_shows_none(start_aigw, provider, tmp_path, dataplane):
    config = tmp_path / "gateway.yaml"
    backends = [{"name": "a", "schema": {"name": "OpenAI"}, "auth": {"apiKey": {"key": marked("literal")}}},
                {"name": "b", "schema": {"name": "OpenAI"}, "auth": {"apiKey": {"keyEnv": "MARKED_KEY"}}},
                {"name": "c", "schema": {"name": "AzureOpenAI", "version": "v"}, "auth": {"azure": {
                    "tenantID": "t", "clientID": "c", "clientSecret": marked("client"),
                    "authorityHost": "http://127.0.0.1:1"}}}]
    for one in backends:
        one["httpHeaderMutation"] = {"set": [{"name": "x-set", "value": marked("set")}]}
        one["httpBodyMutation"] = {"set": [{"path": "metadata", "value": json.dumps(marked("set-in-the-body"))}]}
    config.write_text(json.dumps({"dataplane": dataplane, "backends": backends, "upstreams": [
        {"backend": one["name"], "url": f"http://127.0.0.1:{provider.port}"} for one in backends]}))
    environment = {"MARKED_KEY": marked("variable")}
    code, out, err = aigw.run(tmp_path, "run", "--print-bootstrap", "-c", str(config), **environment)
    assert code == 0 and json.loads(out)
    look_for(out + err, "--print-bootstrap")
    running = start_aigw("-c", config, "--access-log", tmp_path / "access.log", **environment)
    assert ask(running.port, chat())[0] == 200
    assert marked("literal") in provider.requests[-1].header("authorization")
    assert provider.requests[-1].header("x-set") == marked("set")
    assert provider.requests[-1].json()["metadata"] == marked("set-in-the-body")
    for page in ADMIN_PAGES:
        look_for(get(running.admin_port(), page)[1], page)
    wait_for((tmp_path / "access.log").exists, "the access log")
    look_for(running.text() + (tmp_path / "access.log").read_text(), "the logs")
    # Nobody else's to read either: not on the command lines, and in files of this user's alone.
    for pid in [running.pid, *aigw.children(running.pid)]:
        look_for(open(f"/proc/{pid}/cmdline").read(), f"the command line of {pid}")
    holding = [file for file in tmp_path.rglob("*")
               if file.is_file() and file != config and MARK in file.read_text(errors="replace")]
    assert {file.name for file in holding} >= {"filterapi.json", "key-0", "key-1", "key-2"}
    for file in holding:
        assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700, file


def copies_in_memory(pid, text):
    """How often these bytes stand in memory that the process may write. That is much to read."""
    found = 0
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in open(f"/proc/{pid}/maps").read().splitlines():
            addresses, access = line.split()[:2]
            begin, end = (int(one, 16) for one in addresses.split("-"))
            if not access.startswith("rw"):
                continue
            try:
                memory.seek(begin)
                found += memory.read(end - begin).count(text)
            except OSError:
                pass  # memory that has no pages
    return found


@pytest.mark.parametrize("carrier", CARRIERS)
def test_memory_holds_a_key_once(carriers, provider, tmp_path, carrier):
    """Before it is used, a key that stands in the document is in its cell, and nowhere else."""
    key, other = "ahead-of-it-" + marked("literal-in-memory"), "ahead-of-it-" + marked("rotated-in-memory")
    carriers.write(document.backend(key=key))
    envoy = carriers.start(carrier, [("primary", provider.port)])
    process = envoy if carrier == "module" else carriers.server
    assert copies_in_memory(process.pid, key.encode()) == 1
    carriers.write(document.backend(key=other))
    wait_for(lambda: copies_in_memory(process.pid, other.encode()) == 1, "the new one", 120)
    assert ask(envoy.ports["main"], chat())[0] == 200
    wait_for(lambda: copies_in_memory(process.pid, key.encode()) == 0, "the old one is gone", 120)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_crash_shows_none(carriers, provider, tmp_path, carrier):
    """What Envoy or the server prints when it dies, with the request still held."""
    carriers.write(document.backend(key=marked("key")))
    provider.answer = lambda request: Answer(None)
    arguments = [] if carrier == "extproc" else OURS
    envoy = carriers.start(carrier, [("primary", provider.port)], arguments=arguments)
    with Connection(envoy.ports["main"]) as connection:
        connection._connection.request("POST", "/v1/chat/completions", chat(),
                                       {"content-type": "application/json"})
        wait_for(lambda: provider.requests, "the request is with the provider")
        dying = envoy if carrier == "module" else carriers.server
        os.kill(dying.pid, signal.SIGSEGV)
        assert dying.process.wait(120) != 0  # Envoy looks up the names of what stands on its stacks
    look_for(carriers.log(), "the log of a crash")
    if carrier == "module":  # the fixture wants an Envoy that still runs
        envoy.running = lambda: True
        envoy.stop = lambda *_: 0
