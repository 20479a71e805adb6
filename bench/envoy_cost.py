#!/usr/bin/env python3
"""Instructions per request of the whole Envoy with our module, all its threads, under callgrind: nearly the same
figures on every run, however busy the machine is. The kernel's part is not among them.

usage: ./dev bench envoy [--variants alone,blind,seen] [--top 12]
       ./dev bench envoy --pairs [--only chat,converse]      each pair of a client's and a backend's language"""

import argparse
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import callgrind
import pairs
import servers
import workloads

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 600  # seconds for a start under callgrind
WARM_UP = 150  # requests: series of metrics, connections, caches
TOTALS = re.compile(r"^totals: (\d+)", re.M)


class Counter:
    """Counts what a process does while it is asked to."""

    def __init__(self, work: pathlib.Path, name: str):
        self.out = work / f"{name}.callgrind"
        self.under = ("valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes",
                      f"--callgrind-out-file={self.out}")
        self.pid = 0
        self._dumps = 0

    def _control(self, *arguments: str) -> None:
        subprocess.run(["callgrind_control", *arguments, str(self.pid)], check=True, capture_output=True)

    def count(self, work) -> list:
        """The profiles of the threads, one file each, of what `work()` makes the process do."""
        self._control("--instr=on")
        work()
        self._control("--instr=off")
        self._control("--dump")
        self._dumps += 1
        return sorted(self.out.parent.glob(f"{self.out.name}.{self._dumps}-*"))


def total(profiles: list) -> int:
    found = [TOTALS.search(path.read_text()) for path in profiles]
    return sum(int(one[1]) for one in found if one)


def ask(port: int, request: bytes, times: int) -> None:
    pairs.load(port, request, times, 1)


def top(profiles: list, count: int) -> list:
    """Of the busiest thread, names and instructions a request; of Envoy's own functions the addresses, it has no
    symbols."""
    busiest = max(profiles, key=lambda path: total([path]))
    report = callgrind.run("callgrind_annotate", "--auto=no", "--threshold=100", busiest)
    return [(name, cost / count) for name, cost in callgrind.top_functions(report, False)]


def measure_variants(options, work: pathlib.Path) -> None:
    request = next(one for one in workloads.WORKLOADS if one.name == "1KB").request()
    libraries = {"floor": options.build / "bench" / "floor" / "libfloor.so", "ours": options.module}
    names = options.variants.split(",")
    first = None
    for name in names:
        variant = next(one for one in servers.VARIANTS if one.name == name)
        counter = Counter(work, name)
        with contextlib.ExitStack() as stack:
            upstream = servers.Upstream(options.build / "bench" / "bench_upstream", work)
            stack.callback(upstream.stop)
            envoy = servers.Envoy(options.envoy, variant, libraries.get(variant.module), upstream.port, work,
                                  options.aigw, counter.under)
            stack.callback(envoy.stop)
            counter.pid = envoy.pid
            envoy.wait(PATIENCE)
            ask(envoy.port, request, WARM_UP)

            def asked():
                ask(envoy.port, request, options.requests)
                # Threads that write and send what was seen: the log's, and a batch of spans.
                time.sleep(6 if variant.sight != "metrics" else 0)

            profiles = counter.count(asked)
            cost = total(profiles) / options.requests
            first = first or cost
            print(f"{name:10} {cost:10,.0f} instructions a request, {cost / first:.2f} times {names[0]}", flush=True)
            for function, one in top(profiles, options.requests)[:options.top]:
                print(f"  {one:10,.0f}  {function[:110]}")


def measure_pairs(options, work: pathlib.Path) -> None:
    cells = pairs.lanes(options.aigw)
    upstream = pairs.Upstream()
    with contextlib.ExitStack() as stack:
        envoys = {}
        for name, library in (("alone", None), ("ours", options.module)):
            counter = Counter(work, name)
            envoys[name] = (pairs.Envoy(options, library, upstream.port, work, counter.under), counter)
            stack.callback(envoys[name][0].stop)
            counter.pid = envoys[name][0].pid

        def cost(which: str, request: bytes, times: int) -> float:
            envoy, counter = envoys[which]
            ask(envoy.port, request, max(1, times // 2))
            return total(counter.count(lambda: ask(envoy.port, request, times))) / times

        def both(which: str, client: str, model: str) -> tuple[float, float]:
            whole = cost(which, pairs.message(client, model, False), options.requests)
            stream = cost(which, pairs.message(client, model, True), max(1, options.requests // 20))
            return whole, (stream - whole) / pairs.EVENTS

        print("| client | backend | lane | 1 KB | instructions | an event | instructions |")
        print("|---|---|---|---|---|---|---|")
        for client in options.only.split(","):
            base = both("alone", client, "alone")
            for name in (one for one in pairs.BACKENDS if (client, one) in cells):
                whole, event = both("ours", client, name)
                print(f"| {client} | {name} | {cells[client, name]} | {whole / base[0]:.2f} | {whole:,.0f} | "
                      f"{event / base[1]:.2f} | {event:,.0f} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench envoy", description=__doc__.split("\n\n")[0])
    parser.add_argument("--variants", default="alone,floor,blind,ours,traces,access,seen")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--only", default=",".join(pairs.CLIENTS), help="clients, with --pairs")
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--top", type=int, default=0, help="so many functions of the busiest thread")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--envoy", default=os.environ.get("AIGW_ENVOY"))
    parser.add_argument("--module", type=pathlib.Path,
                        default=os.environ.get("AIGW_MODULE", ROOT / "build" / "libaigateway.so"))
    parser.add_argument("--aigw", default=os.environ.get("AIGW_BINARY", ROOT / "build" / "aigw"))
    options = parser.parse_args()
    options.requests = options.requests or (60 if options.pairs else 600)
    with tempfile.TemporaryDirectory(prefix="aigw-envoy-cost-") as work:
        (measure_pairs if options.pairs else measure_variants)(options, pathlib.Path(work))
    return 0


if __name__ == "__main__":
    sys.exit(main())
