"""The status page by what a person looks for, the tap, and the line of each request."""
import json
import re
import signal
import subprocess
import urllib.parse

import pytest
from harness import bootstrap, document, extproc
from harness.change import replace
from harness.client import Connection, ask, chat
from harness.envoy import Process, aigw_binary, free_port, get, wait_for
from harness.metrics import scrape, total
from harness.provider import Provider
from test_metrics import Front, answer

SECRETS = ["sk-primary", "of a client", "Bearer"]


@pytest.fixture(params=["module", "extproc"])
def front(request, tmp_path, start_envoy):
    provider = Provider(answer)
    one = Front(request.param, tmp_path, start_envoy, provider,
                requestLog="json", requestLogPath=str(tmp_path / "requests.log"))
    one.requests = tmp_path / "requests.log"
    yield one
    one.stop()
    provider.close()


def counted(front, count):
    """Waits until so many requests are over for the gateway, too: the client has its answer before."""
    wait_for(lambda: total(scrape(front.port), "aigw_requests_total") == count, f"{count} requests are counted")


def state_of(front):
    return json.loads(get(front.port, "/status.json")[1])


def load(front):
    """Four requests, one after the other in the gateway's eyes, too; all is told of them."""
    port = front.envoy.ports["main"]
    with Connection(port) as connection:
        connection.send(chat("asked", "of a client"), headers={"agent-session-id": "session-9"}).read()
        counted(front, 1)
        connection.send(chat("asked", stream=True)).read()
        counted(front, 2)
    assert ask(port, chat("asked", "fail"))[0] == 429
    counted(front, 3)
    assert ask(port, b"[]")[0] == 400
    wait_for(lambda: len(state_of(front)["errors"]) == 2, "everything is told")


def test_the_state_as_json(front):
    load(front)
    state = state_of(front)
    [backend] = state["backends"]
    assert backend["name"] == "primary" and backend["configured"] and backend["model"] == "over"
    assert backend["attempts"] == {"answered": 2, "error": 1}
    assert backend["tokens"] == {"input": 24, "output": 10}
    assert backend["costs"] == {"llm_total_token": 34}
    assert 0 < backend["duration_seconds"]["p50"] <= backend["duration_seconds"]["p95"]
    assert backend["first_token_seconds"]["p50"] > 0
    assert state["requests"] == {"started": 4, "open": 0, "outcomes": {"answered": 2, "error": 1, "refused": 1}}
    assert [error["status"] for error in state["errors"]] == [400, 429]
    assert state["configuration"]["source"].endswith("filterapi.yaml")
    assert state["began_ms"] < state["configuration"]["loaded_ms"] <= state["now_ms"]
    for path in ("/", "/status.json", "/tap?after=0", "/metrics"):
        text = get(front.port, path)[1]
        assert not [secret for secret in SECRETS if secret in text], path


def test_a_line_for_each_request(front):
    load(front)
    lines = wait_for(lambda: front.requests.exists() and (text := front.requests.read_text()).count("\n") == 4 and text,
                     "four lines")
    first, stream, failed, refused = map(json.loads, lines.splitlines())
    assert first["endpoint"] == "/v1/chat/completions" and first["model"] == "asked" and first["backend"] == "primary"
    assert (first["status"], first["attempts"], first["input_tokens"], first["output_tokens"]) == (200, 1, 12, 5)
    assert first["cost.llm_total_token"] == 17 and first["session.id"] == "session-9" and first["duration_ms"] > 0
    assert stream["stream"] == "yes" and stream["time_to_first_token_ms"] > 0
    assert (failed["status"], failed["outcome"], failed["error"]) == (429, "error", "the provider answered 429")
    assert (refused["status"], refused["outcome"]) == (400, "refused") and refused["error"]
    assert not [secret for secret in SECRETS if secret in lines]


def test_tap(front, tmp_path):
    tap = Process([aigw_binary(), "tap", "--admin-port", front.port, "--count", "2"], tmp_path / "tap.log")
    wait_for(lambda: "tokens in/out" in tap.text(), "the tap runs")
    port = front.envoy.ports["main"]
    with Connection(port) as connection:
        connection.send(chat("asked", "of a client"), headers={"agent-session-id": "session-9"}).read()
        wait_for(lambda: " 200 " in tap.text(), "the first request is shown")
        connection.send(chat("asked", stream=True)).read()
    assert tap.process.wait(60) == 0, tap.text()
    began = [line for line in tap.text().splitlines() if " ... " in line]
    ended = [line for line in tap.text().splitlines() if " 200 " in line]
    assert len(began) == len(ended) == 2
    assert all("asked" in line and "primary" in line for line in began + ended)
    assert "12/5" in ended[0] and "session-9" in ended[0] and "llm_total_token=17" in ended[0]
    # The same id at the beginning and at the end.
    assert [line.split()[-1] for line in began] == [line.split()[-1] for line in ended]
    assert not [secret for secret in SECRETS if secret in tap.text()]


def test_tap_ends_with_its_reader(front):
    """As in `aigw tap | head`: whoever reads has gone, and so does it, without a word."""
    tap = subprocess.Popen([aigw_binary(), "tap", "--admin-port", str(front.port)], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
    assert "tokens in/out" in tap.stdout.readline()
    tap.stdout.close()
    with Connection(front.envoy.ports["main"]) as connection:
        connection.send(chat("asked")).read()
    assert tap.wait(60) == -signal.SIGPIPE and tap.stderr.read() == ""


def test_tap_ends_with_the_gateway(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(document.filterapi())
    port = free_port()
    server = extproc.Extproc(tmp_path, config, "-adminAddress", f"127.0.0.1:{port}")
    tap = Process([aigw_binary(), "tap", "--admin-port", port], tmp_path / "tap.log")
    wait_for(lambda: "tokens in/out" in tap.text(), "the tap runs")
    server.stop()
    assert tap.process.wait(60) == 1 and "no gateway answers" in tap.text()


def test_tap_without_a_gateway():
    done = subprocess.run([aigw_binary(), "tap", "--admin-port", "1"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no gateway answers" in done.stderr


def test_a_request_id_finds_its_line_and_its_exemplar(front):
    load(front)
    with Connection(front.port) as connection:
        exposed = connection.send(None, path="/metrics", method="GET",
                                  headers={"accept": "application/openmetrics-text"}).read().decode()
    ids = set(re.findall(r'# \{request_id="([^"]+)"\}', exposed))
    lines = wait_for(lambda: front.requests.exists() and (text := front.requests.read_text()).count("\n") == 4 and text,
                     "four lines")
    assert ids and ids <= {json.loads(line).get("request_id") for line in lines.splitlines()}


def test_the_level_of_a_log_is_set_while_it_runs(tmp_path, provider):
    config = tmp_path / "config.yaml"
    config.write_text(document.filterapi())
    port = free_port()
    server = extproc.Extproc(tmp_path, config, "-logLevel", "error", "-adminAddress", f"127.0.0.1:{port}")
    assert get(port, "/log-level?level=loud", "POST")[0] == 400
    state = lambda: json.loads(get(port, "/status.json")[1])["configuration"]
    # When the second is taken, nothing more will be said of the first.
    for uuid in ("quiet", "then"):
        replace(config, document.filterapi(uuid=uuid))
        wait_for(lambda: state()["uuid"] == uuid, f"{uuid} is taken")
    assert get(port, "/log-level?level=info", "POST") == (200, "OK\n")
    replace(config, document.filterapi(uuid="loud"))
    wait_for(lambda: "configuration loud is live" in server.text(), "the log tells of it")
    assert "quiet" not in server.text()
    replace(config, "backends: [")
    refused = wait_for(lambda: state().get("refusal"), "it is refused")
    assert "config.yaml" in refused
    assert total(scrape(port), "aigw_configurations_total", result="refused") >= 1
    assert total(scrape(port), "aigw_configuration_is_last") == 0
    server.stop()


def test_the_level_of_the_module_s_log_is_envoy_s(start_envoy, tmp_path, provider):
    path = tmp_path / "config.yaml"
    path.write_text(document.filterapi())
    router = bootstrap.module_filter("ai_gateway.router", {"configPath": str(path)})
    clusters = [bootstrap.cluster("providers", [("primary", provider.port)])]
    routes = [bootstrap.route("providers", 0)]
    envoy = start_envoy(bootstrap.bootstrap([bootstrap.listener("main", routes, router, tmp_path / "access.log")],
                                            clusters))
    ask(envoy.ports["main"], chat("before"))
    envoy.admin("/logging?dynamic_modules=debug", "POST")
    ask(envoy.ports["main"], chat("while"))
    wait_for(lambda: "request headers: " in envoy.text(), "it is logged")
    envoy.admin("/logging?dynamic_modules=info", "POST")
    lines = envoy.text().count("request headers: ")
    ask(envoy.ports["main"], chat("after"))
    assert envoy.text().count("request headers: ") == lines > 0


@pytest.mark.heavy
def test_the_page_in_a_browser(front, tmp_path):
    from harness.browser import Browser
    browser = Browser(tmp_path)
    try:
        url = f"http://127.0.0.1:{front.port}/"
        browser.open(url)
        wait_for(lambda: "up for" in browser.text(), "the page has its first answer")
        state = state_of(front)
        assert state["version"] and state["commit"], "the tests run in a checkout"
        assert f"version {state['version']} (commit {state['commit']}, " in browser.text()
        assert "primary" in browser.text() and "not asked yet" in browser.text()
        load(front)
        # It asks for the state every two seconds, and may have asked between two of the requests.
        wait_for(lambda: all(part in browser.text() for part in ("the provider answered 429", "invalid request body")),
                 "the page shows new errors by itself")
        text = browser.text()
        for part in ("configuration ", "live for", "requests", "Backends", "attempts", "3 (", "/s", "latency p50 / p95",
                     "first token p50 / p95", "24 / 10", "cost llm_total_token", "Last errors", "asked", "some errors"):
            assert part in text, f"{part}\n{text}"
        for secret in SECRETS:
            assert secret not in text
        # At the width of a phone nothing runs out of the page, and the letters can be read.
        browser.resize(360, 740)
        wide = browser.value("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1] == 360, wide
        assert browser.value("Math.min(...[...document.querySelectorAll('dd, dt, h3, .tile, .error p')].map("
                             "one => parseFloat(getComputedStyle(one).fontSize)))") >= 13
        asked = {urllib.parse.urlsplit(one).netloc for one in browser.requested() if not one.startswith("about:")}
        assert asked == {f"127.0.0.1:{front.port}"}, "nothing comes from elsewhere"
        assert browser.value("document.querySelectorAll('form, button, input').length") == 0, "it is read-only"
        assert browser.faults() == []
    finally:
        browser.close()
