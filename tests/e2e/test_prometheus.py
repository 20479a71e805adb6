"""A real Prometheus scrapes a real gateway: what it says of the exposition, of the alert rules, and of every query of
the dashboard."""
import json
import re
import subprocess
import urllib.parse

import pytest
from harness.client import Connection, ask, chat
from harness.envoy import ROOT, Process, free_port, get, wait_for
from harness.metrics import scrape, total
from harness.provider import Provider
from test_metrics import Front, answer

EXAMPLES = ROOT / "examples/observability"
RULES = EXAMPLES / "alerts.yaml"
# Families that a gateway without faults does not have.
ONLY_AFTER_A_FAULT = ("aigw_dropped_members_total", "aigw_limited_total", "aigw_guarded_total",
                      "aigw_exports_dropped_total", "aigw_without_exchange_total")

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


@pytest.fixture(params=["module", "extproc"])
def front(request, tmp_path, start_envoy):
    provider = Provider(answer)
    one = Front(request.param, tmp_path, start_envoy, provider)
    yield one
    one.stop()
    provider.close()


def load(front):
    port = front.envoy.ports["main"]
    with Connection(port) as connection:
        for _ in range(3):
            connection.send(chat("asked", "of a client")).read()
            connection.send(chat("asked", stream=True)).read()
    assert ask(port, chat("asked", "fail"))[0] == 429
    assert ask(port, b"[]")[0] == 400


class Prometheus(Process):
    def __init__(self, directory, target):
        self.port = free_port()
        config = directory / "prometheus.yml"
        config.write_text(json.dumps({
            # A scrape has as long as its interval.
            "global": {"scrape_interval": "2s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "aigw", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}]}))
        super().__init__(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/tsdb",
                          f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=exemplar-storage"],
                         directory / "prometheus.log")

    def ask(self, path, **parameters):
        status, text = get(self.port, f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}", seconds=60)
        answer = json.loads(text)
        assert status == 200 and answer["status"] == "success", answer
        return answer["data"]

    def query(self, text):
        return self.ask("query", query=text)["result"]


@pytest.fixture
def prometheus(front, tmp_path):
    one = Prometheus(tmp_path, front.port)

    def is_up():
        one.check_running()
        try:
            return get(one.port, "/-/ready")[0] == 200
        except OSError:
            return False

    try:
        wait_for(is_up, "Prometheus is ready", 120)
        yield one
    finally:
        one.stop()


def test_the_exposition_is_to_promtool_s_liking(front):
    load(front)
    checked = subprocess.run(["promtool", "check", "metrics"], input=get(front.port, "/metrics")[1],
                             capture_output=True, text=True, timeout=300)
    complaints = [line for line in checked.stderr.splitlines() if line
                  # The peer's name for it, which dashboards know.
                  and not line.startswith("gen_ai_client_token_usage ")]
    assert complaints == [] and checked.stdout == "", checked


def test_the_rules_are_rules():
    checked = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, timeout=300)
    assert checked.returncode == 0 and "SUCCESS: 7 rules found" in checked.stdout, checked


def test_every_query_of_the_dashboard_finds_something(front, prometheus):
    dashboard = json.loads((EXAMPLES / "dashboard.json").read_text())
    load(front)

    def scraped(count):
        return prometheus.query(f"sum(aigw_requests_total) >= {count}")

    wait_for(lambda: scraped(8), "it is scraped", 120)
    load(front)
    wait_for(lambda: scraped(16), "it is scraped again", 120)
    asked = 0
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            # Long enough for both scrapes, however long all the questions take.
            text = target["expr"].replace("$__rate_interval", "30m").replace("$instance", ".*")
            assert "$" not in text, text
            asked += 1
            if re.search("|".join(ONLY_AFTER_A_FAULT), text):
                prometheus.query(text)
                continue

            def numbers():
                """The answer, where there is one: there is none while a scrape has failed."""
                answer = prometheus.query(text)
                values = [float(one["value"][1]) for one in answer]
                return any(value == value for value in values) and answer

            found = wait_for(numbers, f"{panel['title']}: {text}")
            assert all("{{" + label + "}}" not in target["legendFormat"] or label in found[0]["metric"]
                       for label in re.findall(r"{{(\w+)}}", target["legendFormat"])), (target, found[0])
    assert asked > 20
    wait_for(lambda: prometheus.query("sum(gen_ai_client_token_usage_sum) > 0"), "tokens")
    exemplars = prometheus.ask("query_exemplars", query="aigw_request_duration_seconds_bucket", start=0, end=2**33)
    assert any("request_id" in one["labels"] for series in exemplars for one in series["exemplars"])


def test_the_rules_are_evaluated_and_one_fires(front, prometheus):
    names = {rule["name"] for group in prometheus.ask("rules")["groups"] for rule in group["rules"]}
    assert len(names) == 7
    with Connection(front.envoy.ports["main"]) as connection:
        for _ in range(5):
            connection.send(chat("asked", "fail")).read()

    def pending():
        groups = prometheus.ask("rules")["groups"]
        states = {rule["name"]: (rule["state"], rule["health"]) for group in groups for rule in group["rules"]}
        assert not [state for state in states.values() if state[1] == "err"], states
        return states if states["AigwProviderFailing"][0] in ("pending", "firing") else None

    # A rate needs a second scrape that has counted more.
    def again():
        with Connection(front.envoy.ports["main"]) as connection:
            connection.send(chat("asked", "fail")).read()
        return pending()

    states = wait_for(again, "the provider's errors are seen", 120)
    assert states["AigwConfigurationRefused"][0] == states["AigwOwnFailures"][0] == "inactive", states
    assert total(scrape(front.port), "aigw_attempts_total", outcome="error") >= 5
