"""Starts real Envoys and asks them how they are."""
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
# Seconds that a test waits for what has to come: only what hangs takes so long, on the slowest machine.
PATIENCE = 60.0


def _from_environment(name, fallback):
    return pathlib.Path(os.environ.get(name) or fallback)


def envoy_binary():
    inside = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages/envoy/_bin/envoy"
    return _from_environment("AIGW_ENVOY", pathlib.Path(sys.prefix) / inside)


# The older releases that the same module runs in; the newest is envoy_binary().
OLDER = ("1.38", "1.39")


def older_envoy(release):
    return ROOT / f"build/venv/envoy-{release}/envoy/_bin/envoy"


def module_file():
    return _from_environment("AIGW_MODULE", ROOT / "build/libaigateway.so")


def aigw_binary():
    return _from_environment("AIGW_BINARY", ROOT / "build/aigw")


def wait_for(condition, what, seconds=PATIENCE):
    """The first true value of `condition()`, which is asked at least once after that time."""
    end = time.monotonic() + seconds
    while True:
        late = time.monotonic() > end
        if value := condition():
            return value
        assert not late, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def json_lines(log):
    """The JSON objects in this file, a line each: none while it is not there, nor of a line that is half written."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]


# Below the ports that Linux gives to whoever asks for any: nobody gets one of these between the moment that it is found
# and the one in which it is bound. Even ones only, since `aigw run` takes the port after its own for itself.
PORTS = range(20_000, 32_000, 2)
_next_port = random.SystemRandom().randrange(len(PORTS))


def free_port():
    """One that nobody listens at; no other call of this process gives the same."""
    global _next_port
    for _ in PORTS:
        port = PORTS[_next_port]
        _next_port = (_next_port + 1) % len(PORTS)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is taken")


def get(port, path, method="GET", seconds=PATIENCE):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class Process:
    """A program of ours that runs as long as the `with` block."""

    def __init__(self, arguments, log, environment=None):
        self.log = pathlib.Path(log)
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
        self.pid = self.process.pid

    def text(self, since=0):
        """What it has logged, from that byte on."""
        with open(self.log, "rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def logged(self):
        """How many bytes that is."""
        return self.log.stat().st_size

    def running(self):
        return self.process.poll() is None

    def check_running(self):
        assert self.running(), f"ended with {self.process.returncode}:\n{self.text()[-4000:]}"

    def stop(self, signal_number=signal.SIGTERM, seconds=PATIENCE):
        """The exit code."""
        if self.running():
            self.process.send_signal(signal_number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def stop_all(processes):
    """Stops each of them, whatever the others do; then fails where one had ended by itself, or did not end in order."""
    ends = []
    for one in processes:
        alive = one.running()
        try:
            ends.append((one, alive, one.stop()))
        except subprocess.TimeoutExpired:
            ends.append((one, alive, "no code in time"))
    for one, alive, code in ends:
        how = "ended" if alive else "had ended by itself"
        assert alive and code == 0, f"{one.log.name}: it {how} with {code}:\n{one.text()[-4000:]}"


class Envoy(Process):
    """`bootstrap` is a dictionary, or the text of a YAML file; `release` one of OLDER, or the newest."""

    def __init__(self, bootstrap, directory, module_directory=None, arguments=(), release=None):
        directory = pathlib.Path(directory)
        config = directory / "envoy.yaml"
        config.write_text(bootstrap if isinstance(bootstrap, str) else json.dumps(bootstrap))
        admin = directory / "admin.address"
        admin.unlink(missing_ok=True)
        binary = older_envoy(release) if release else envoy_binary()
        super().__init__(
            [binary, "-c", config, "--admin-address-path", admin, "--concurrency", "2",
             "--file-flush-interval-msec", "10", "--disable-hot-restart", "-l", "warning", *arguments],
            directory / "envoy.log",
            {"ENVOY_DYNAMIC_MODULES_SEARCH_PATH": str(module_directory or module_file().parent)})

        def address():
            self.check_running()
            return admin.exists() and admin.read_text().strip()

        try:
            self.admin_port = int(wait_for(address, "Envoy's admin address", 2 * PATIENCE).rsplit(":", 1)[1])
            wait_for(self._ready, "Envoy is live", 2 * PATIENCE)
            self.ports = self._ports()
        except BaseException:
            self.stop()
            raise

    def _ready(self):
        self.check_running()
        try:
            return get(self.admin_port, "/ready")[0] == 200
        except OSError:  # the file with the address may be there a moment before it answers
            return False

    def _ports(self):
        listeners = json.loads(self.admin("/listeners?format=json"))
        return {listener["name"]: listener["local_address"]["socket_address"]["port_value"]
                for listener in listeners.get("listener_statuses", [])}

    def admin(self, path, method="GET"):
        status, text = get(self.admin_port, path, method)
        assert status == 200, text
        return text

    def stats(self, pattern):
        lines = self.admin(f"/stats?filter={pattern}").splitlines()
        return {name: int(value) for name, value in (line.rsplit(": ", 1) for line in lines)
                if value.isdigit()}

    def maps(self):
        return pathlib.Path(f"/proc/{self.pid}/maps").read_text()


class AccessLog:
    """The JSON access log of an Envoy, by the x-case header of the request."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self._read = 0  # bytes of it, to the end of a line
        self._entries = []

    def entries(self):
        if self.path.exists():
            with open(self.path, "rb") as log:
                log.seek(self._read)
                new = log.read()
            lines = new[:new.rfind(b"\n") + 1]
            self._read += len(lines)
            self._entries += map(json.loads, lines.splitlines())
        return self._entries

    def entry(self, case, seconds=PATIENCE):
        def find():
            return next((entry for entry in self.entries() if entry["case"] == case), None)

        return wait_for(find, f"a line for {case} in the access log", seconds)
