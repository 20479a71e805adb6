"""The examples, run in the real Envoy with their paths and ports replaced."""
import json
import pathlib
import re
import shutil
import subprocess

import pytest
from harness.envoy import Process, envoy_binary, free_port, get, module_file, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def place(example, folder, port):
    """Puts an example where its files can be found; the path of its Envoy configuration."""
    shutil.copytree(EXAMPLES / example, folder, dirs_exist_ok=True)
    shutil.copy(EXAMPLES / "static" / "gateway.yaml", folder / "gateway.yaml")
    (folder / "openai.key").write_text("sk-example\n")
    for file in folder.glob("*.yaml"):
        text = file.read_text()
        text = text.replace("/usr/local/lib/aigw/libaigateway.so", str(module_file()))
        text = text.replace("/etc/aigw", str(folder))
        text = text.replace("port_value: 1975", f"port_value: {port}")
        file.write_text(text.replace("port_value: 9901", "port_value: 0"))
    return folder / "envoy.yaml"


def models(port):
    try:
        status, text = get(port, "/v1/models")
    except OSError:
        return None
    return status == 200 and [model["id"] for model in json.loads(text)["data"]]


@pytest.mark.parametrize("example", ["static", "ecds"])
def test_example_runs(example, tmp_path):
    port = free_port()
    config = place(example, tmp_path / "aigw", port)
    envoy = Process(
        [envoy_binary(), "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"],
        tmp_path / "envoy.log")
    try:
        wait_for(lambda: envoy.check_running() or models(port) is not None, "Envoy answers", 30)
        assert models(port) == ["gpt-4o-mini"]
    finally:
        assert envoy.stop() == 0, envoy.text()[-4000:]


@pytest.mark.parametrize("example", ["static", "ecds"])
def test_example_is_valid(example, tmp_path):
    config = place(example, tmp_path / "aigw", free_port())
    checked = subprocess.run(
        [envoy_binary(), "--mode", "validate", "-c", config, "-l", "error"],
        capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr


def test_containerfile_puts_files_where_the_example_looks_for_them():
    copied = dict(re.findall(r"^COPY (\S+) (\S+)$", (EXAMPLES / "Containerfile").read_text(), re.M))
    for source in copied:
        assert source.startswith("build/") or (ROOT / source).is_file(), source
    envoy = (EXAMPLES / "static" / "envoy.yaml").read_text()
    assert copied["build/libaigateway.so"] in envoy
    assert copied["examples/static/gateway.yaml"] in envoy
