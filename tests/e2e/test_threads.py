"""The module and the ext_proc server in several threads. Heavy, since they are built once more for it."""
import subprocess

import pytest
from harness.envoy import ROOT


@pytest.mark.heavy
@pytest.mark.timeout(5400)
def test_there_is_no_race():
    done = subprocess.run([ROOT / "dev", "tsan"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if "ThreadSanitizer: unexpected memory mapping" in done.stdout:
        pytest.skip("this machine randomises addresses too far for ThreadSanitizer, and forbids setarch -R")
    assert done.returncode == 0, done.stdout[-8000:]
    assert "100% tests passed, 0 tests failed out of 6" in done.stdout, done.stdout[-8000:]
