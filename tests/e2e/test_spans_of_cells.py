"""Every endpoint and every cell of the matrix has its span, and the span what was said: by one case for each."""
import json
import subprocess
import threading

import pytest
import yaml
from harness import bootstrap, extproc
from harness.collector import Collector
from harness.envoy import Envoy, aigw_binary, wait_for
from harness.provider import Provider
from harness.story import CASES, client_headers
from test_cases import ask, script

SPANS = {"/v1/chat/completions": "ChatCompletion", "/v1/completions": "Completion",
         "/v1/embeddings": "CreateEmbeddings", "/v1/responses": "Responses",
         "/v1/responses/input_tokens": "ResponsesInputTokens",
         "/v1/images/generations": "ImagesResponse", "/v1/images/edits": "ImagesResponse",
         "/v1/audio/speech": "AudioSpeech", "/v1/audio/transcriptions": "Transcription",
         "/v1/audio/translations": "Translation", "/tokenize": "Tokenize", "/cohere/v2/rerank": "Rerank",
         "/anthropic/v1/messages": "Message", "/anthropic/v1/messages/count_tokens": "CountTokens",
         "generateContent": "GenerateContent", "converse": "ChatCompletion"}
# Stories of bodies that say nothing, or too much.
ODD = ("body_rules", "limits")
CONVERSATIONS = ("/v1/chat/completions", "/v1/responses", "/anthropic/v1/messages", "generateContent", "converse")


def endpoint_of(path):
    path = path.split("?")[0]
    if "enerateContent" in path:
        return "generateContent"
    return "converse" if path.startswith("/model/") else path


def cell_of(case):
    """(endpoint, schema, whether it streams) of a case in which one provider answers as it should; None of others."""
    answer = case.upstream_responses.get(1)
    plain = answer and answer.status == 200 and not answer.variants & {"reset", "open"} and len(case.backends) == 1
    if not plain or case.client_response.status != 200 or "cut" in case.client_response.variants:
        return None
    if case.outcome not in (None, "answered"):
        return None
    [backend] = [one for one in yaml.safe_load(case.config)["backends"] if one["name"] == case.backends[0]] or [{}]
    if endpoint_of(case.path) not in SPANS or not backend or case.name.startswith(ODD):
        return None
    return endpoint_of(case.path), backend["schema"]["name"], "event" in dict(answer.head).get("content-type", "")


CELLS = {}
for _case in CASES.values():
    if (_cell := cell_of(_case)) is not None:
        CELLS.setdefault(_cell, _case)


def test_there_is_a_case_for_every_endpoint_and_cell():
    rows = subprocess.run([aigw_binary(), "matrix"], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    schemas = {tuple(row.split()[:2]) for row in rows if row.startswith("/")}
    assert len(schemas) > 60
    mine = {(endpoint, schema) for endpoint, schema, _ in CELLS}
    missing = {one for one in schemas if (named(one[0]), one[1]) not in mine}
    assert not missing


def named(endpoint):
    """A path of `aigw matrix`, as clients call it here."""
    if "enerateContent" in endpoint or endpoint.startswith("/model/"):
        return endpoint_of(endpoint)
    if endpoint.startswith("/v1/messages"):
        return "/anthropic" + endpoint
    return "/cohere" + endpoint if endpoint == "/v2/rerank" else endpoint


@pytest.mark.parametrize("carrier", ["module", "extproc"])
def test_every_cell_has_its_span(tmp_path, monkeypatch, carrier):
    collector, provider, servers = Collector(), Provider(), []
    for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50",
                        "OTEL_METRICS_EXPORTER": "none"}.items():
        monkeypatch.setenv(name, value)
    listeners, clusters, names = [], [], {}
    for case in CELLS.values():
        shape = case.config, case.backends[0]
        if shape in names:
            continue
        name = names[shape] = f"shape-{len(names)}"
        path = tmp_path / f"{name}.yaml"
        path.write_text(case.config)
        filters = None
        if carrier == "module":
            router = bootstrap.module_filter("ai_gateway.router", {
                "configPath": str(path), "spanRequestHeaderAttributes": "x-case:case"})
        else:
            (tmp_path / name).mkdir()
            servers.append(extproc.Extproc(tmp_path / name, path, "-spanRequestHeaderAttributes", "x-case:case"))
            clusters.append(extproc.server_cluster("extproc-" + name, servers[-1].socket))
            router, filters = extproc.router_filter("extproc-" + name), extproc.upstream_filters("extproc-" + name)
        listeners.append(bootstrap.listener(name, [bootstrap.route(name, 0)], router, tmp_path / "access.log"))
        clusters.append(bootstrap.cluster(name, [(case.backends[0], provider.port)], filters))
    envoy = Envoy(bootstrap.bootstrap(listeners, clusters), tmp_path)
    try:
        for case in CELLS.values():
            provider.reset(script(case))
            assert ask(envoy.ports[names[case.config, case.backends[0]]], case, threading.Event())[0] == 200, case.name
        spans = wait_for(lambda: len(found := collector.spans()) == len(CELLS) and found, "a span for each")
    finally:
        assert envoy.stop() == 0
        for server in servers:
            server.stop()
        provider.close()
        collector.close()
    by_case = {span.attributes["case"]: span for span in spans}
    for (endpoint, schema, streams), case in CELLS.items():
        check(by_case[case.name], endpoint, streams, case, f"{endpoint} to {schema}, {case.name}")


def check(span, endpoint, streams, case, what):
    attributes = span.attributes
    assert (span.name, span.status) == (SPANS[endpoint], 1), what
    form = "multipart" in dict(client_headers(case)).get("content-type", "")
    if not form:
        assert json.loads(attributes["input.value"]) == json.loads(case.client_request.body), what
        assert any(key.endswith("invocation_parameters") for key in attributes), what
    if endpoint in CONVERSATIONS:
        body = json.loads(case.client_request.body)
        said = next((body[name] for name in ("messages", "input", "contents") if name in body), [])
        for side in ("input", "output") if said else ("output",):
            assert attributes.get(f"llm.{side}_messages.0.message.role"), f"{side} of {what}"
        assert json.loads(attributes["output.value"]), what
    elif endpoint != "/v1/audio/speech" and not streams and "output.value" in attributes:
        assert attributes["output.value"].encode() == case.client_response.body or form, what
