"""The ext_proc server behind the real Envoy: what is not a case."""
import pytest
from harness import bootstrap, document, extproc
from harness.client import ask, chat
from harness.envoy import AccessLog
from harness.provider import Answer

ANSWER = {"id": "1", "model": "m-1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4,
                                                              "total_tokens": 7}}


@pytest.fixture
def start_extproc(tmp_path):
    """start_extproc(config text, arguments...) is a server that is ready; it must still run at the end."""
    running = []

    def start(config, *arguments, **options):
        path = tmp_path / "filterapi.yaml"
        path.write_text(config)
        running.append(extproc.Extproc(tmp_path, path, *arguments, **options))
        return running[-1]

    yield start
    for one in running:
        if one.process.returncode is None:
            one.check_running()
            assert one.stop() == 0, one.text()[-4000:]


def gateway(directory, server, backends):
    return bootstrap.bootstrap(
        [bootstrap.listener("main", [bootstrap.route("providers", len(backends) - 1)],
                            extproc.router_filter("extproc"), directory / "access.log")],
        [bootstrap.cluster("providers", backends, extproc.upstream_filters("extproc")),
         extproc.server_cluster("extproc", server.socket)])


def test_a_chat(start_extproc, start_envoy, provider, tmp_path):
    provider.answer = lambda request: Answer.json(ANSWER)
    server = start_extproc(document.filterapi(llmRequestCosts=[], globalLLMRequestCosts=document.TOKENS))
    envoy = start_envoy(gateway(tmp_path, server, [("primary", provider.port)]))
    assert ask(envoy.ports["main"], chat(), headers={"x-case": "one"}) == (200, ANSWER)
    [request] = provider.requests
    assert request.path == "/v1/chat/completions"
    assert request.header("authorization") == "Bearer sk-primary"
    assert not [name for name, _ in request.headers if name.startswith("x-ai-eg-")]
    entry = AccessLog(tmp_path / "access.log").entry("one")
    assert entry["metadata"]["llm_total_token"] == 7
