"""The examples, as they stand in the repository, but for paths, ports and the provider's address."""
import json
import re
import shutil
import subprocess

import pytest
from harness.certificates import Authority
from harness.client import Connection, ask, chat
from harness.envoy import PATIENCE, ROOT, envoy_binary, get, json_lines, module_file, wait_for
from harness.provider import Answer, Provider

EXAMPLES = ROOT / "examples"


def place(example, folder, replacements):
    """Puts an example where its files can be found; the text of its Envoy configuration."""
    shutil.copytree(EXAMPLES / example, folder, dirs_exist_ok=True)
    if not (EXAMPLES / example / "gateway.yaml").exists():
        shutil.copy(EXAMPLES / "static" / "gateway.yaml", folder / "gateway.yaml")
    (folder / "openai.key").write_text("sk-of-the-example\n")
    for file in folder.glob("*.yaml"):
        text = file.read_text()
        for old, new in {"/usr/local/lib/aigw/libaigateway.so": module_file(), "/etc/aigw": folder,
                         "port_value: 9901": "port_value: 0", "port_value: 1975": "port_value: 0",
                         **replacements}.items():
            text = text.replace(old, str(new))
        file.write_text(text)
    return (folder / "envoy.yaml").read_text()


@pytest.fixture(params=["static", "ecds"])
def example(request, start_envoy, tmp_path):
    authority = Authority(tmp_path)
    provider = Provider(tls=authority.server("api.openai.com"))
    envoy = start_envoy(place(request.param, tmp_path / "aigw", {
        "/etc/ssl/certs/ca-certificates.crt": authority.certificate,
        "address: api.openai.com, port_value: 443": f"address: 127.0.0.1, port_value: {provider.port}"}))
    yield envoy, provider
    provider.close()


def test_example(example):
    envoy, provider = example
    provider.answer = lambda request: Answer.json(
        {"model": "gpt-4o-mini", "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}})
    port = envoy.ports["gateway"]
    status, models = get(port, "/v1/models")
    assert status == 200 and [model["id"] for model in json.loads(models)["data"]] == ["gpt-4o-mini"]
    assert ask(port, chat("gpt-4o-mini"))[0] == 200
    request = provider.requests[0]
    assert (request.path, request.server_name) == ("/v1/chat/completions", "api.openai.com")
    assert request.header("host") == "api.openai.com"
    assert request.header("authorization") == "Bearer sk-of-the-example"
    with Connection(port) as connection:
        status, error = connection.ask(chat("unknown-model"))
        assert status == 404 and error["error"]["code"] == "404"

    def logged():
        return [line for line in json_lines(envoy.log) if line["model"] == "gpt-4o-mini"]

    line = wait_for(logged, "the access log")[0]
    assert (line["status"], line["input_tokens"], line["output_tokens"]) == (200, 3, 4)


@pytest.mark.parametrize("name", ["static", "ecds", "token_limits"])
def test_example_is_valid(name, tmp_path):
    place(name, tmp_path / "aigw", {})
    checked = subprocess.run(
        [envoy_binary(), "--mode", "validate", "-c", tmp_path / "aigw" / "envoy.yaml", "-l", "error"],
        capture_output=True, text=True, timeout=2 * PATIENCE)
    assert checked.returncode == 0, checked.stderr


def test_containerfile_puts_files_where_the_example_looks_for_them():
    copied = dict(re.findall(r"^COPY (\S+) (\S+)$", (EXAMPLES / "Containerfile").read_text(), re.M))
    for source in copied:
        assert source.startswith("build/") or (ROOT / source).is_file(), source
    envoy = (EXAMPLES / "static" / "envoy.yaml").read_text()
    assert copied["build/libaigateway.so"] in envoy
    assert copied["examples/static/gateway.yaml"] in envoy
