"""What a gateway holds when nothing goes on: requests, descriptors, memory."""
import json
import os

from harness.envoy import wait_for
from harness.metrics import scrape, total

GAUGES = "(downstream_rq_active|downstream_cx_active|upstream_rq_active|upstream_rq_pending_active|upstream_cx_active)$"
# Counted by Envoy's own allocator, which the module shares. What one request holds is some 10 KB at the least; a round
# of a test has hundreds of them.
ALLOCATED_SLACK = 256 << 10
# Pages come and go with the allocators' caches, one for each thread.
RESIDENT_SLACK = 8 << 20


def _descriptors(process):
    return sorted(kind for kind in map(lambda name: _target(process.pid, name), os.listdir(f"/proc/{process.pid}/fd"))
                  if kind)


def _target(pid, name):
    try:
        return os.readlink(f"/proc/{pid}/fd/{name}").split(":")[0]
    except FileNotFoundError:
        return None


def _resident(process):
    with open(f"/proc/{process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _open(gateway):
    """What Envoy and the gateway say is going on; the requests that ask for it are not of these."""
    found = {name: value for name, value in gateway.envoy.stats(GAUGES).items()
             if value and "admin" not in name and not name.startswith("cluster.extproc")}
    counts = scrape(gateway.metrics_port)
    going_on = total(counts, "aigw_requests_started_total") - total(counts, "aigw_requests_total")
    return {**found, **({"requests": going_on} if going_on else {})}


def settled(gateway, before=None):
    """Waits until nothing goes on any more, with the descriptors that there were `before`; what is still held then."""
    gateway.provider.hang_up()
    wait_for(lambda: not _open(gateway), f"everything is over: {_open(gateway)}")

    def descriptors():
        return [_descriptors(process) for process in gateway.processes()]

    held = {"descriptors": descriptors()}
    if before:
        wait_for(lambda: descriptors() == before["descriptors"], f"{descriptors()} becomes {before['descriptors']}")
    held["allocated"] = int(json.loads(gateway.envoy.admin("/memory"))["allocated"])
    held["resident"] = [_resident(process) for process in gateway.processes()]
    return held


def compare(before, after):
    """Both of settled()."""
    assert after["allocated"] - before["allocated"] < ALLOCATED_SLACK
    for one, other in zip(before["resident"], after["resident"]):
        assert other - one < RESIDENT_SLACK
