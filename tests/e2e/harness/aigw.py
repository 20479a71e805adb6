"""Starts `aigw run` as a user would, on a free port."""
import contextlib
import os
import pathlib
import re
import subprocess

from harness.client import Connection
from harness.envoy import PATIENCE, Process, aigw_binary, envoy_binary, free_port, module_file, wait_for

# Nothing of the tester's own environment decides where requests go.
NO_PROVIDER = dict.fromkeys((
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"), "")


def environment(directory, **more):
    return {**NO_PROVIDER, "AIGW_ENVOY": str(envoy_binary()), "AIGW_MODULE": str(module_file()),
            "TMPDIR": str(directory), "XDG_RUNTIME_DIR": "", **more}


class Aigw(Process):
    def __init__(self, directory, *arguments, host="127.0.0.1", **more):
        self.port = free_port()
        super().__init__([aigw_binary(), "run", "--listen", f"{host}:{self.port}", *arguments],
                         directory / "aigw.log", environment(directory, **more))
        self.url = f"http://127.0.0.1:{self.port}"

    def wait(self):
        """It answers."""
        def answers():
            self.check_running()
            try:
                with Connection(self.port) as connection:
                    # 401 where it asks who calls.
                    return connection.send(None, path="/v1/models", method="GET").status in (200, 401)
            except OSError:
                return False

        try:
            wait_for(answers, "aigw answers", 2 * PATIENCE)
        except BaseException:
            self.stop()
            raise
        return self

    def admin_port(self):
        """It stands in the banner, which comes after the first answer may."""
        def shown():
            return re.search(r"admin: http://127\.0\.0\.1:(\d+)\)", self.text())

        return int(wait_for(shown, "the banner")[1])


class Mock(Process):
    """`aigw mock`: the embedded provider on a port of its own."""

    def __init__(self, directory, *arguments):
        super().__init__([aigw_binary(), "mock", *arguments], directory / "mock.log")
        try:
            self.url = wait_for(self._url, "the embedded provider listens")
        except BaseException:
            self.stop()
            raise

    def _url(self):
        self.check_running()
        found = re.search(r"(http://\S+)\s", self.text())
        return found and found[1]


def run(directory, *arguments, **more):
    """(exit code, stdout, stderr) of a command that ends by itself."""
    done = subprocess.run([str(aigw_binary()), *map(str, arguments)], capture_output=True, text=True,
                          timeout=2 * PATIENCE, stdin=subprocess.DEVNULL,
                          env={**os.environ, **environment(directory, **more)})
    return done.returncode, done.stdout, done.stderr


# What /proc says of a process or thread that has ended: the latter where it ends while it is read.
GONE = (FileNotFoundError, ProcessLookupError)


def children(pid):
    """The processes that `pid` started, and theirs."""
    threads, mine = [], []
    with contextlib.suppress(*GONE):
        threads = os.listdir(f"/proc/{pid}/task")
    for thread in threads:
        with contextlib.suppress(*GONE):
            mine += map(int, pathlib.Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return mine + [grandchild for child in mine for grandchild in children(child)]


def is_alive(pid):
    try:
        return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except GONE:
        return False
