import os
import pathlib
import subprocess
import sys

import pytest
from token_server import TokenServer

# Certificates are made as the tests in the real Envoy make them.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness.certificates import Authority  # noqa: E402


@pytest.fixture
def aws_tool():
    """aws_tool(command, rows): one row of results for each row of fields, all fields bytes."""

    def call(command, rows):
        lines = "".join("\t".join(field.hex() for field in row) + "\n" for row in rows)
        done = subprocess.run([os.environ["AIGW_AWS_TOOL"], command], input=lines.encode(),
                              stdout=subprocess.PIPE, timeout=900, check=True)
        answers = done.stdout.decode().splitlines()
        assert len(answers) == len(rows)
        return [[bytes.fromhex(field) for field in answer.split("\t")] for answer in answers]

    return call


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


@pytest.fixture
def certificate(tmp_path_factory):
    """certificate(name): the TLS side of a server of that name, and the file of the authority that vouches for it."""

    def make(name):
        authority = Authority(tmp_path_factory.mktemp("authority"))
        return authority.server(name), str(authority.certificate)

    return make


@pytest.fixture
def fetched(tmp_path):
    """fetched(arguments..., **environment): what our code finds, as a dict, or {"failure": …}. Of the tester's own
    environment it knows nothing."""

    def call(*arguments, **environment):
        done = subprocess.run([os.environ["AIGW_CREDENTIAL_TOOL"], *arguments], capture_output=True, text=True,
                              timeout=300, env={"HOME": str(tmp_path), **environment})
        assert done.returncode in (0, 1), done.stderr
        if done.returncode:
            return {"failure": done.stderr.strip()}
        return dict((line.split(" ", 1) + [""])[:2] for line in done.stdout.splitlines())

    return call
