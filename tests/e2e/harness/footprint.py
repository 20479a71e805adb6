"""What a gateway holds when nothing goes on: requests, descriptors, memory."""
import collections
import json
import os
import time

from harness.envoy import PATIENCE, wait_for
from harness.metrics import scrape, total

GAUGES = "(downstream_rq_active|downstream_cx_active|upstream_rq_active|upstream_rq_pending_active|upstream_cx_active)$"
# Counted by Envoy's own allocator, which the module shares. What one request holds is some 10 KB at the least; a round
# of a test has hundreds of them.
ALLOCATED_SLACK = 256 << 10
# Pages come and go with the allocators' caches, one for each thread, and with how much went on at once: with every
# process stopped now and then, a round left 4 MiB more in Envoy and 2 in the server. Of Envoy it shows what is beside
# the allocator above: mappings and stacks.
RESIDENT_SLACK = (16 << 20, 8 << 20)  # of Envoy and the server


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


def _held(gateway):
    return {"descriptors": [_descriptors(process) for process in gateway.processes()],
            "allocated": int(json.loads(gateway.envoy.admin("/memory"))["allocated"]),
            "resident": [_resident(process) for process in gateway.processes()]}


def settled(gateway, before=None):
    """Waits until nothing goes on any more, for as long as what is held comes down to what was held `before`; what is
    still held then."""
    gateway.provider.hang_up()
    wait_for(lambda: not _open(gateway), "everything is over")
    if before is None:
        time.sleep(1)  # connections of those that have just asked are closed by then
        return _held(gateway)
    end = time.monotonic() + PATIENCE
    while excess(before, held := _held(gateway)) and time.monotonic() < end:
        time.sleep(0.1)
    return held


def excess(before, after):
    """What of settled() has grown."""
    grown = [f"descriptors: {dict(more)} more" for one, other in zip(before["descriptors"], after["descriptors"])
             if (more := collections.Counter(other) - collections.Counter(one))]
    if (more := after["allocated"] - before["allocated"]) >= ALLOCATED_SLACK:
        grown.append(f"allocated: {more} bytes more")
    grown += [f"resident: {other - one} bytes more"
              for one, other, slack in zip(before["resident"], after["resident"], RESIDENT_SLACK)
              if other - one >= slack]
    return grown


def compare(before, after):
    """Both of settled()."""
    assert not excess(before, after)
