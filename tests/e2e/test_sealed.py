"""Runs each file of sealed/ in a network namespace that has nothing but loopback: gateway, provider and client are all
inside, so no client can talk past the gateway."""
import os
import pathlib
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parent / "sealed"
NAMESPACE = ["unshare", "--map-root-user", "--net"]
ENTER = 'ip link set lo up && exec "$@"'


def refusal():
    """Why this machine lets nobody make a network namespace, as some containers do; "" where it does."""
    tried = subprocess.run([*NAMESPACE, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return tried.stderr.strip() if tried.returncode else ""


@pytest.mark.heavy
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("test_*.py")))
def test_sealed(name, tmp_path):
    if reason := refusal():
        pytest.skip(f"no network namespace on this machine: {reason}")
    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", ENTER, "sh", sys.executable, "-B", "-m", "pytest", "-q",
         "--basetemp", str(tmp_path / "inside"), str(FOLDER / name)],
        env={**os.environ, "AIGW_SEALED": "1", "PATH": f"{os.environ['PATH']}:/usr/sbin"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=2900, cwd=FOLDER.parent)
    print(done.stdout)
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-2000:]}"
