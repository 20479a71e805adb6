"""What requests cost: in the access log, in the counters, and that both say the same to the last unit."""
import json

import pytest
from harness import aigw, bootstrap, document, extproc
from harness.change import replace
from harness.client import Connection, ask, chat
from harness.envoy import free_port, get, json_lines, wait_for
from harness.metrics import scrape, values
from harness.provider import Answer

PRICES = """currency: USD
models:
- model: gpt-4o
  input: 2.50
  cachedInput: 1.25
  output: 10
- model: dear*
  input: 1000000
  request: 0.000001
- model: odd
  input: 0.075
"""


def usage(prompt, completion, cached=0):
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": cached}}


USAGES = {"gpt-4o": usage(1000, 100, 300), "odd": usage(7, 1), "dear-1": usage(300_000_001, 0), "free": usage(5, 5)}


def answer(request):
    body = request.json()
    if body.get("user") == "fails":
        return Answer.json({"error": {"message": "busy"}}, 503)
    report = USAGES[body["model"]]
    if not body.get("stream"):
        return Answer.json({"model": body["model"], "usage": report})
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": body["model"], "choices": []}
    return Answer.events([f"data: {json.dumps({**chunk, 'usage': report})}\n\n".encode(), b"data: [DONE]\n\n"])


# In millionths, by hand: 700 × 2.50 + 300 × 1.25 + 100 × 10; 7 × 0.075 rounded; 1,000,000 a token and 1 a request.
COSTS = {"gpt-4o": 3125, "odd": 1, "dear-1": 300_000_001_000_001, "free": None}


def document_with(provider, prices, **members):
    return json.dumps({
        "prices": {"file": str(prices)},
        "backends": [document.backend(key="sk-1"), document.backend("second", key="sk-2")],
        "upstreams": [{"backend": name, "url": f"http://127.0.0.1:{provider.port}"} for name in ("primary", "second")],
        "routes": [{"models": ["gpt-*"], "backends": ["primary"], "retries": 0},
                   {"models": ["*"], "backends": ["second"], "retries": 0}], **members})


def costs_of(log):
    return [line.get("gen_ai.cost.micro") for line in json_lines(log) if line["request.path"] != "/v1/models"]


def spend(port):
    """The sum that this costs."""
    total = 0
    for model, cost in COSTS.items():
        for stream in (False, True):
            with Connection(port) as connection:
                response = connection.send(chat(model, stream=stream))
                assert response.status == 200, response.read()
                response.read()
            total += cost or 0
    assert ask(port, chat("gpt-4o", user="fails"))[0] == 503  # costs nothing
    return total


def micro_units(admin):
    """What has been counted at this admin port."""
    return sum(values(scrape(admin), "aigw_cost_total", key="llm_cost_micro"))


def test_the_log_and_the_counters_agree_to_the_last_unit(start_aigw, provider, tmp_path):
    provider.answer = answer
    prices, config, log = tmp_path / "prices.yaml", tmp_path / "gateway.yaml", tmp_path / "access.log"
    prices.write_text(PRICES)
    config.write_text(document_with(provider, prices))
    admin = free_port()
    running = start_aigw("-c", config, "--access-log", log, "--admin-port", admin)
    total = sum(spend(running.port) for _ in range(3))
    wait_for(lambda: len(costs_of(log)) == 3 * 9, "the access log")
    unpriced = 'aigw_unpriced_total{backend="second"} 6\n'
    wait_for(lambda: micro_units(admin) == total and unpriced in get(admin, "/metrics")[1], "the counters")
    seen = [cost for cost in costs_of(log) if cost is not None]
    assert sorted(set(map(int, seen))) == sorted(cost for cost in COSTS.values() if cost), seen
    assert sum(map(int, seen)) == total
    counters = f"http://127.0.0.1:{admin}"
    code, out, error = aigw.run(tmp_path, "cost", "--access-log", log, "--counters", counters)
    assert code == 0 and "the counters agree to the last unit" in out, (out, error)
    assert f"{total // 10**6}.{total % 10**6:06}" in out
    assert "9 requests without a cost" not in out and "requests without a cost" in out
    # One millionth off is seen.
    lines = log.read_text().splitlines()
    index = next(i for i, line in enumerate(lines) if json.loads(line).get("gen_ai.cost.micro") in (1, "1"))
    log.write_text("\n".join(lines[:index] + lines[index + 1:]) + "\n")
    code, out, _ = aigw.run(tmp_path, "cost", "--access-log", log, "--counters", counters)
    assert code == 1 and "second: the log has" in out, out


def test_a_new_price_is_live_without_a_restart(start_aigw, provider, tmp_path):
    provider.answer = answer
    prices, config, log = tmp_path / "prices.yaml", tmp_path / "gateway.yaml", tmp_path / "access.log"
    prices.write_text(PRICES)
    config.write_text(document_with(provider, prices))
    running = start_aigw("-c", config, "--access-log", log)
    replace(prices, "models: [{model: gpt-4o, request: 1}]")

    def priced():
        assert ask(running.port, chat("gpt-4o"))[0] == 200
        return [cost for cost in costs_of(log) if cost is not None and int(cost) == 1_000_000]

    wait_for(priced, "the new price")


def test_the_server_counts_the_same(provider, tmp_path, start_envoy):
    provider.answer = answer
    prices, config = tmp_path / "prices.yaml", tmp_path / "filterapi.yaml"
    prices.write_text(PRICES)
    config.write_text(json.dumps({"prices": {"file": str(prices)}, "backends": [document.backend(key="sk-1")]}))
    port = free_port()
    server = extproc.Extproc(tmp_path, config, "-adminPort", port)
    try:
        envoy = start_envoy(bootstrap.bootstrap(
            [bootstrap.listener("main", [bootstrap.route("all", 0)], extproc.router_filter("extproc"),
                                tmp_path / "access.log")],
            [bootstrap.cluster("all", [("primary", provider.port)], extproc.upstream_filters("extproc")),
             extproc.server_cluster("extproc", server.socket)]))
        total = spend(envoy.ports["main"])
        wait_for(lambda: micro_units(port) == total, "the server has counted")
        assert 'backend="primary"' in get(port, "/metrics")[1]
    finally:
        assert server.stop() == 0


def test_an_expression_that_fails_is_counted_and_logged(start_aigw, provider, tmp_path):
    provider.answer = answer
    config, log = tmp_path / "gateway.yaml", tmp_path / "access.log"
    config.write_text(json.dumps({
        "globalLLMRequestCosts": [
            {"metadataKey": "llm_total_token", "type": "CEL", "cel": "total_tokens * 2u"},
            {"metadataKey": "broken", "type": "CEL", "cel": "cached_input_tokens - input_tokens"}],
        "backends": [document.backend(key="sk-1")],
        "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{provider.port}"}]}))
    admin = free_port()
    running = start_aigw("-c", config, "--access-log", log, "--log-level", "warning", "--admin-port", admin)
    assert ask(running.port, chat("free"))[0] == 200
    wait_for(lambda: 'cost broken: integer overflow' in running.text(), "the log line")
    failed = 'aigw_failed_costs_total{backend="primary"} 1\n'
    wait_for(lambda: failed in get(admin, "/metrics")[1], "the counter")
    line = wait_for(lambda: [one for one in json_lines(log) if one["request.path"] == "/v1/chat/completions"],
                    "the access log")[0]
    assert int(line["gen_ai.usage.total_tokens"]) == 20


@pytest.mark.parametrize("cel, why", [("input_tokens * 2", "uint and int"), ("total_tokens / input_tokens", "division"),
                                      ("tokens", "there is no variable")])
def test_validate_tries_expressions(tmp_path, cel, why):
    config = tmp_path / "gateway.yaml"
    config.write_text(json.dumps({
        "globalLLMRequestCosts": [{"metadataKey": "k", "type": "CEL", "cel": cel}],
        "backends": [document.backend()], "upstreams": [{"backend": "primary", "url": "http://127.0.0.1:1"}]}))
    code, _, error = aigw.run(tmp_path, "validate", "-c", config)
    assert code == 1 and "globalLLMRequestCosts[0].cel" in error and why in error, error


def test_validate_reads_the_price_file(tmp_path):
    config, prices = tmp_path / "gateway.yaml", tmp_path / "prices.yaml"
    prices.write_text("models:\n- {model: m, input: cheap}\n")
    config.write_text(json.dumps({
        "prices": {"file": str(prices)}, "backends": [document.backend()],
        "upstreams": [{"backend": "primary", "url": "http://127.0.0.1:1"}]}))
    code, _, error = aigw.run(tmp_path, "validate", "-c", config)
    assert code == 1 and "prices.yaml:2:21: error: models[0].input" in error, error
