"""What `aigw` says, and with which exit code."""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess

import pytest
from harness import document
from harness.aigw import run
from harness.client import Connection, ask, chat
from harness.envoy import PATIENCE, envoy_binary, free_port, get, json_lines, module_file, wait_for
from harness.provider import Answer

SECRET = "sk-a-secret-that-nobody-may-see"


def write(tmp_path, port=1, **members):
    path = tmp_path / "gateway.yaml"
    path.write_text(json.dumps({
        "backends": [document.backend(key=SECRET)],
        "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{port}"}], **members}))
    return path


def test_version(tmp_path):
    code, out, _ = run(tmp_path, "version")
    assert code == 0 and run(tmp_path, "--version")[1] == out
    root = pathlib.Path(__file__).parents[2]
    release = re.search(r"project\(aigw VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text())[1]
    # What was built may be older than what is checked out, if only by what was changed since.
    assert re.fullmatch(rf"aigw {re.escape(release)} \(commit [0-9a-f]{{7,}}(-dirty)?, \w+\)\n", out), out


@pytest.mark.parametrize("arguments", [(), ("nothing",), ("run", "--nothing"), ("validate",)])
def test_bad_command_line(tmp_path, arguments):
    code, _, errors = run(tmp_path, *arguments)
    assert code == 2 and errors


def test_validate_a_good_document(tmp_path):
    code, _, errors = run(tmp_path, "validate", "-c", write(tmp_path))
    assert (code, errors) == (0, "")


def test_validate_says_all_that_is_wrong_at_once(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(f"""\
backends:
  - name: primary
    schema: {{name: OpenAPI}}
    auth: {{apiKey: {{key: {SECRET}}}}}
    modelNameOverride: [no]
  - name: primary
    schema: {{name: OpenAI}}
nonsense: 1
upstreams:
  - {{backend: primary, url: "ftp://x"}}
""")
    code, out, errors = run(tmp_path, "validate", "-c", path)
    assert code == 1
    for expected in (f"{path}:3:", "backends[0].schema.name", f"{path}:5:", "backends[0].modelNameOverride",
                     f"{path}:6:", "nonsense", f"{path}:10:", "upstreams[0].url"):
        assert expected in errors, errors
    assert SECRET not in out + errors


@pytest.mark.parametrize("verb", ["validate", "run"])
def test_missing_document(tmp_path, verb):
    path = tmp_path / "nowhere.yaml"
    code, _, errors = run(tmp_path, verb, "-c", path)
    assert code == 1 and str(path) in errors


def test_run_refuses_a_bad_document(tmp_path):
    code, _, errors = run(tmp_path, "run", "-c", write(tmp_path, upstreams=[]))
    assert code == 1 and "primary" in errors
    assert SECRET not in errors


def test_busy_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, _, errors = run(tmp_path, "run", "--listen", f"127.0.0.1:{port}")
    assert code == 1 and str(port) in errors
    assert len(errors.strip().splitlines()) == 1, errors


def test_missing_envoy(tmp_path):
    code, _, errors = run(tmp_path, "run", "--listen", f"127.0.0.1:{free_port()}",
                          AIGW_ENVOY=str(tmp_path / "no-envoy"))
    assert code == 1 and "no-envoy" in errors and len(errors.strip().splitlines()) == 1


def test_missing_module(tmp_path):
    code, _, errors = run(tmp_path, "run", "--listen", f"127.0.0.1:{free_port()}",
                          AIGW_MODULE=str(tmp_path / "no-module.so"))
    assert code == 1 and "no-module.so" in errors and len(errors.strip().splitlines()) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://provider.test:8443"])
def test_envoy_takes_the_printed_bootstrap(tmp_path, url):
    key = tmp_path / "key"
    key.write_text(SECRET)
    backend = {"name": "primary", "schema": {"name": "OpenAI"}, "auth": {"apiKey": {"keyFile": str(key)}}}
    path = write(tmp_path, backends=[backend], upstreams=[{"backend": "primary", "url": url}])
    code, out, errors = run(tmp_path, "run", "-c", path, "--print-bootstrap")
    assert code == 0, errors
    # Nothing is written, so the document that it names is ours to write.
    named = pathlib.Path(re.search(r'"configPath": "(/[^"]*/filterapi.json)"', out)[1])
    assert f"not in it but in {named}, which a start" in errors
    named.parent.mkdir()
    named.write_text(json.dumps({"backends": [backend]}))
    printed = tmp_path / "bootstrap.json"
    printed.write_text(out)
    done = subprocess.run([envoy_binary(), "--mode", "validate", "-c", printed, "-l", "error"],
                          capture_output=True, text=True, timeout=2 * PATIENCE,
                          env={**os.environ, "ENVOY_DYNAMIC_MODULES_SEARCH_PATH": str(module_file().parent)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_secret_in_what_envoy_shows(start_aigw, tmp_path, provider):
    provider.answer = lambda request: Answer.json({"fine": True})
    path = write(tmp_path, provider.port)
    _, out, errors = run(tmp_path, "run", "-c", path, "--print-bootstrap")
    assert SECRET not in out + errors
    gateway = start_aigw("-c", path, "--access-log", tmp_path / "access.log")
    assert ask(gateway.port, chat()) == (200, {"fine": True})
    assert provider.requests[0].header("authorization") == f"Bearer {SECRET}"
    for page in ("/config_dump?include_eds", "/clusters", "/stats"):
        assert SECRET not in get(gateway.admin_port(), page)[1], page
    assert SECRET not in gateway.text()
    for file in tmp_path.rglob("*"):
        if file.is_file() and file != path and SECRET in file.read_text(errors="replace"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
            assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700, file


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_nothing(start_aigw, tmp_path, number):
    gateway = start_aigw()
    before = set(tmp_path.rglob("*"))
    assert gateway.stop(number) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", gateway.port), 1)
    assert not [path for path in before if path.exists() and path.name != "aigw.log" and path.is_file()]


def test_the_admin_port(start_aigw, tmp_path):
    port = free_port()
    gateway = start_aigw("--admin-port", port)
    url = f"http://127.0.0.1:{port}"
    assert gateway.admin_port() and f"  status: {url}/, metrics: {url}/metrics\n" in gateway.text()
    assert ask(gateway.port, chat("any"))[0] == 200
    assert get(port, "/health") == (200, "OK\n")
    metrics = get(port, "/metrics")[1]
    release, commit = re.match(r"aigw (\S+) \(commit (\S+),", run(tmp_path, "version")[1]).groups()
    assert 'target_info{service_name="ai-gateway"' in metrics
    assert f'service_version="{release}+{commit}"' in metrics
    assert f'aigw_build_info{{version="{release}",commit="{commit}"}} 1' in metrics
    assert get(port, "/")[0] == 200
    # A port that is another's is refused where it was asked for by its number.
    code, _, error = run(tmp_path, "run", "--listen", f"127.0.0.1:{free_port()}", "--admin-port", port)
    assert code == 1 and str(port) in error, error


def test_no_admin_port(start_aigw):
    gateway = start_aigw("--admin-port", 0)
    assert ask(gateway.port, chat("any"))[0] == 200
    assert gateway.admin_port() and "metrics: http://" not in gateway.text()


def test_the_access_log_is_json_in_the_conventions_names(start_aigw, tmp_path):
    log = tmp_path / "access.log"
    gateway = start_aigw("--access-log", log)
    with Connection(gateway.port) as connection:
        status, answer = connection.ask(chat("any", "write 3 words"), headers={"agent-session-id": "session-9"})
    assert status == 200
    line = wait_for(lambda: next((one for one in json_lines(log) if one["request.path"] == "/v1/chat/completions"),
                                 None), "a line")
    usage = answer["usage"]
    wanted = {"method": "POST", "response_code": 200, "attempts": 1, "session.id": "session-9",
              "gen_ai.request.model": "any", "gen_ai.response.model": answer["model"],
              "gen_ai.usage.input_tokens": usage["prompt_tokens"],
              "gen_ai.usage.output_tokens": usage["completion_tokens"],
              "gen_ai.usage.total_tokens": usage["total_tokens"]}
    assert wanted.items() <= line.items(), line
    assert line["gen_ai.provider.name"] and line["x-request-id"] and line["upstream_host"]
