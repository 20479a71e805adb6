import os
import pathlib
import sys

# What both kinds of test hold requests to is in one place.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))

import pytest
from harness import aigw, envoy as envoys
from harness.carrier import Carriers
from harness.provider import Provider
from token_server import TokenServer

# These run only inside of a network namespace, which test_sealed.py makes for them.
collect_ignore = [] if os.environ.get("AIGW_SEALED") else ["sealed"]


def pytest_sessionstart(session):
    needed = (envoys.envoy_binary(), envoys.module_file(), *map(envoys.older_envoy, envoys.OLDER))
    missing = [str(path) for path in needed if not path.exists()]
    if missing:
        pytest.exit(f"not there: {', '.join(missing)} (./dev build and ./dev setup make them)", 1)


@pytest.fixture
def provider():
    one = Provider()
    yield one
    one.close()


@pytest.fixture
def start_envoy(tmp_path):
    """start_envoy(bootstrap) is a running Envoy; it must still run, and end in order, when the test is over."""
    running = []

    def start(bootstrap, directory=None, **options):
        directory = pathlib.Path(directory or tmp_path)
        directory.mkdir(exist_ok=True)
        running.append(envoys.Envoy(bootstrap, directory, **options))
        return running[-1]

    yield start
    envoys.stop_all(running)


@pytest.fixture
def start_aigw(tmp_path):
    """start_aigw(arguments...) is an `aigw run` that answers; at the end it goes, and all that it started with it."""
    if not envoys.aigw_binary().exists():
        pytest.fail(f"{envoys.aigw_binary()} is not there")
    running = []

    def start(*arguments, **environment):
        running.append(aigw.Aigw(tmp_path, *arguments, **environment).wait())
        return running[-1]

    yield start
    for one in running:
        if one.process.returncode is not None:
            continue  # the test has ended it
        one.check_running()
        children = aigw.children(one.pid)
        assert one.stop() == 0, one.text()[-4000:]
        envoys.wait_for(lambda: not any(map(aigw.is_alive, children)), "all that aigw started has ended")


@pytest.fixture
def carriers(tmp_path, start_envoy):
    one = Carriers(tmp_path, start_envoy)
    yield one
    one.stop()


@pytest.fixture
def token_server():
    """token_server(answer, tls=None) is a TokenServer; it is gone when the test is over."""
    running = []

    def start(answer, **options):
        running.append(TokenServer(answer, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()
