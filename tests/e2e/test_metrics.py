"""What operators read at the admin address: the same numbers in both fronts, and never less than before."""
import json
import threading

import pytest
from harness import bootstrap, document, extproc
from harness.client import Connection, ask, chat
from harness.envoy import free_port, get, wait_for
from harness.metrics import scrape, total, values, went_back
from harness.provider import Answer, Provider
from test_reload import Swapper, make_build

USAGE = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
SAID = "words of a provider"  # in an error that ends a stream
CONFIG = document.filterapi(document.backend(key="sk-primary", modelNameOverride="over"),
                            globalLLMRequestCosts=document.TOKENS)


def answer(request):
    body = request.json()
    if body["messages"][0]["content"] == "fail":
        return Answer.json({"error": {"message": "no"}}, 429)
    if body.get("stream"):
        chunk = b'data: {"model":"named","choices":[{"delta":{"content":"a"}}]}\n\n'
        last = b'data: {"model":"named","choices":[],"usage":%s}\n\n' % json.dumps(USAGE).encode()
        if body["messages"][0]["content"] == "break":
            error = {"type": "server_error", "message": SAID}
            return Answer.events([chunk, 0.02, last, b"data: %s\n\n" % json.dumps({"error": error}).encode()])
        return Answer.events([chunk, 0.02, chunk, last, b"data: [DONE]\n\n"])
    return Answer.json({"model": "named", "choices": [], "usage": USAGE})


class Front:
    """An Envoy with one of the two, and its admin address."""

    def __init__(self, kind, directory, start_envoy, provider, **options):
        self.port = free_port()
        path = directory / "filterapi.yaml"
        path.write_text(CONFIG)
        log = directory / "access.log"
        self.server = None
        routes = [bootstrap.route("providers", 0)]
        if kind == "module":
            router = bootstrap.module_filter("ai_gateway.router", {
                "configPath": str(path), "adminAddress": f"127.0.0.1:{self.port}",
                "metricsRequestHeaderAttributes": "x-team:team.name", **options})
            clusters = [bootstrap.cluster("providers", [("primary", provider.port)])]
        else:
            self.server = extproc.Extproc(directory, path, "-adminAddress", f"127.0.0.1:{self.port}",
                                          "-metricsRequestHeaderAttributes", "x-team:team.name",
                                          *(word for key, value in options.items() for word in (f"-{key}", value)))
            router = extproc.router_filter("extproc")
            clusters = [bootstrap.cluster("providers", [("primary", provider.port)],
                                          extproc.upstream_filters("extproc")),
                        extproc.server_cluster("extproc", self.server.socket)]
        self.envoy = start_envoy(bootstrap.bootstrap([bootstrap.listener("main", routes, router, log)], clusters))

    def stop(self):
        if self.server:
            self.server.stop()


@pytest.fixture(params=["module", "extproc"])
def front(request, tmp_path, start_envoy):
    provider = Provider(answer)
    one = Front(request.param, tmp_path, start_envoy, provider)
    yield one
    one.stop()
    provider.close()


def test_what_is_counted(front):
    port = front.envoy.ports["main"]
    headers = {"x-team": "blue"}
    with Connection(port) as connection:
        assert connection.send(chat("asked"), headers=headers).read()
        assert connection.send(chat("asked", stream=True), headers=headers).read()
    assert ask(port, chat("asked", "fail"))[0] == 429
    assert ask(port, b"[]")[0] == 400
    assert get(port, "/nowhere")[0] == 404
    # What a request costs is counted behind the request itself.
    wait_for(lambda: total(counts := scrape(front.port), "aigw_requests_total") == 5
             and total(counts, "aigw_cost_total") == 34, "everything is counted")
    seen = scrape(front.port)

    base = {"gen_ai_operation_name": "chat", "gen_ai_original_model": "asked", "gen_ai_provider_name": "openai",
            "gen_ai_request_model": "over"}
    answered = {**base, "gen_ai_response_model": "named", "team_name": "blue"}
    assert values(seen, "gen_ai_client_token_usage_sum", **answered, gen_ai_token_type="input") == [24]
    assert values(seen, "gen_ai_client_token_usage_sum", **answered, gen_ai_token_type="output") == [10]
    assert values(seen, "gen_ai_server_request_duration_seconds_count", **answered) == [2]
    failed = {**base, "gen_ai_response_model": "unknown", "error_type": "_OTHER"}
    assert values(seen, "gen_ai_server_request_duration_seconds_count", **failed) == [1]
    assert values(seen, "gen_ai_server_time_to_first_token_seconds_count", **answered) == [1]
    [pace] = values(seen, "gen_ai_server_time_per_output_token_seconds_sum", **answered)
    assert 0 < pace < 60
    assert len(values(seen, "gen_ai_client_token_usage_bucket", **answered, gen_ai_token_type="input")) == 15

    requests = {(dict(labels)["endpoint"], dict(labels)["code"], dict(labels)["outcome"]): value
                for (name, labels), value in seen.items() if name == "aigw_requests_total"}
    chat_path = "/v1/chat/completions"
    assert requests == {(chat_path, "200", "answered"): 2, (chat_path, "429", "error"): 1,
                        (chat_path, "400", "refused"): 1, ("unknown", "404", "refused"): 1}
    assert values(seen, "aigw_tokens_total", backend="primary", type="output") == [10]
    assert values(seen, "aigw_cost_total", key="llm_total_token") == [34]
    assert values(seen, "aigw_refused_total", endpoint=chat_path) == [1]
    assert total(seen, "aigw_requests_started_total") == 5


# In the lane that passes, and in the one that translates.
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/anthropic/v1/messages"])
def test_a_stream_that_ends_in_an_error_has_failed(front, path):
    with Connection(front.envoy.ports["main"]) as connection:
        response = connection.send(chat("asked", "break", stream=True, max_tokens=9), path=path)
        assert response.status == 200 and SAID in response.read().decode()
    wait_for(lambda: total(scrape(front.port), "aigw_cost_total") == 17, "it is counted")
    seen = scrape(front.port)
    endpoint = path.removeprefix("/anthropic")
    assert values(seen, "aigw_requests_total", endpoint=endpoint, code="200", outcome="error") == [1]
    assert values(seen, "aigw_attempts_total", backend="primary", code="200", outcome="error") == [1]
    assert values(seen, "aigw_tokens_total", backend="primary", type="input") == [12]
    assert values(seen, "aigw_cost_total", key="llm_total_token") == [17]
    assert values(seen, "gen_ai_server_request_duration_seconds_count", error_type="_OTHER") == [1]
    assert values(seen, "gen_ai_server_time_to_first_token_seconds_count", gen_ai_request_model="over") == [1]
    state = wait_for(lambda: (read := json.loads(get(front.port, "/status.json")[1]))["errors"] and read, "it is told")
    assert state["requests"]["outcomes"] == {"error": 1}
    [error] = state["errors"]
    assert (error["status"], error["outcome"]) == (200, "error"), error
    assert error["error"] == "the provider's stream ended in an error: server_error"
    assert SAID not in json.dumps(state)


def test_exemplars_name_the_request(front):
    with Connection(front.envoy.ports["main"]) as connection:
        connection.send(chat("asked"), headers={"x-request-id": "of-a-client"}).read()
    wait_for(lambda: total(scrape(front.port), "aigw_requests_total") == 1, "it is counted")
    with Connection(front.port) as connection:
        response = connection.send(None, path="/metrics", method="GET",
                                   headers={"accept": "application/openmetrics-text"})
        text = response.read().decode()
    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")
    assert " # {request_id=" in text


def test_values_never_go_back_across_swaps_and_configurations(start_envoy, tmp_path):
    provider = Provider(answer)
    admin = free_port()
    builds = [make_build(tmp_path, version) for version in (1, 2, 3)]
    swapper = Swapper(tmp_path)
    document_file = swapper.document
    document_file.write_text(CONFIG)

    def write(build):
        swapper.write("ai_gateway.router", build, {"configPath": str(document_file),
                                                   "adminAddress": f"127.0.0.1:{admin}"})
        swapper.write_upstream(build)

    write(builds[0])
    envoy = start_envoy(swapper.bootstrap(provider.port), module_directory=tmp_path)
    stop = threading.Event()
    failures, scrapes = [], []

    def load():
        try:
            with Connection(envoy.ports["main"]) as connection:
                while not stop.is_set():
                    connection.send(chat("asked", stream=True)).read()
        except Exception as error:
            failures.append(error)

    def watch():
        """Scrapes all the time, and no scrape may fail."""
        try:
            before = scrape(admin)
            while not stop.is_set():
                after = scrape(admin)
                assert not went_back(before, after), went_back(before, after)
                before = after
                scrapes.append(total(after, "aigw_requests_total"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=one, daemon=True) for one in (load, load, watch)]
    for thread in threads:
        thread.start()
    for number, build in enumerate([builds[1], builds[2], builds[0], builds[1]]):
        reached = len(scrapes)
        wait_for(lambda: failures or len(scrapes) > reached + 5, "scrapes go on")
        document_file.write_text(CONFIG.replace("over", f"over-{number}"))
        write(build)
        wait_for(lambda: f"lib{build}.so" in envoy.maps(), "the next build is there")
        wait_for(lambda: failures or values(scrape(admin), "gen_ai_server_request_duration_seconds_count",
                                            gen_ai_request_model=f"over-{number}"), "its configuration counts")
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert failures == []
    wait_for(lambda: f"lib{builds[0]}.so" not in envoy.maps(), "the builds before are unmapped")
    answered = len(provider.requests)
    wait_for(lambda: total(scrape(admin), "aigw_requests_total", outcome="answered") == answered,
             "every request of every build is counted once")
    provider.close()
