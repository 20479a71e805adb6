#!/usr/bin/env python3
"""What our module costs an Envoy: CPU per request and latency against Envoy alone and against a
module that does nothing, as ratios. docs/benchmarks.md says what is measured, and why so.

Every variant is an Envoy of its own with one worker; all are up for the whole run and one at a time
is loaded, in turn, so that a slow minute of the machine hits them all alike."""

import argparse
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile

import servers
import workloads

ROOT = pathlib.Path(__file__).resolve().parent.parent
# CPU of a variant over CPU of `alone`.
TARGETS = {("ours", "1KB"): 1.6, ("ours", "100KB"): 1.4,
           ("bedrock", "1KB"): 1.9, ("bedrock", "2MB"): 2.2}
# CPU of a variant over CPU of `blind`: what seeing costs.
SIGHT_TARGETS = {("seen", "1KB"): 1.1}
# CPU of the ext_proc server alone over CPU of `alone`.
SERVER_TARGETS = {"1KB": 1.5, "100KB": 2.0, "2MB": 3.0}
STAMP = re.compile(rb"fp_\d{19}")  # where an event of a stream carries its time


class Wrong(Exception):
    """A result that makes the run worthless."""


def fetch(port: int, request: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


def expected_answer(upstream: servers.Upstream, workload: workloads.Workload) -> bytes:
    """The answer as it comes without Envoy between, its times as '~'."""
    status, answer = fetch(upstream.port, workload.request())
    if status != 200:
        raise Wrong(f"the upstream answers {status}")
    if workload.stream:
        events = answer.split(b"\n\n")
        usage = json.loads(events[199].removeprefix(b"data: "))["usage"]
        if len(events) != 202 or events[200] != b"data: [DONE]" or usage["total_tokens"] != 418:
            raise Wrong("the upstream's stream is not the one of 200 events")
    elif json.loads(answer)["usage"]["total_tokens"] != 331:
        raise Wrong("the upstream's answer is another one")
    return STAMP.sub(b"fp_" + b"~" * 19, answer)


CREATED = re.compile(rb'"created":(\d+)')


def expected_from(envoy: servers.Envoy, workload: workloads.Workload, answer: bytes,
                  got: bytes) -> bytes:
    """What this Envoy's answers must be, byte for byte but for times."""
    if not envoy.variant.bedrock:
        return answer
    # A translated answer: looked at once here, and the same every time.
    chat = json.loads(got)
    text = json.loads(answer)["choices"][0]["message"]["content"]
    if (chat["choices"][0]["message"]["content"] != text
            or chat["model"] != json.loads(workload.body())["model"]
            or chat["usage"]["total_tokens"] != 331):
        raise Wrong(f"{envoy.variant.name}: the translated answer is {got[:300]!r}")
    return CREATED.sub(lambda time: b'"created":' + b"#" * len(time[1]), got)


def check_sent(envoy: servers.Envoy, workload: workloads.Workload, kept: bytes) -> int:
    """What the upstream received. Returns the size of the body."""
    where = f"{envoy.variant.name}, {workload.name}"
    head, _, body = kept.partition(b"\r\n\r\n")
    wanted = json.loads(workload.body())
    key = f"authorization: {dict(workloads.CLIENT_HEADERS)['authorization']}"
    if envoy.variant.module == "ours" or envoy.variant.extproc:
        key = f"authorization: Bearer {servers.API_KEY}"
        if envoy.variant.model_override:
            wanted["model"] = envoy.variant.model_override
        if workload.stream:
            wanted["stream_options"] = {"include_usage": True}
    got = json.loads(body)
    if envoy.variant.bedrock:
        key = "authorization: AWS4-HMAC-SHA256 Credential=AKIDBENCH/"
        texts = [message["content"][0]["text"] for message in got["messages"]]
        right = texts == [one["content"] for one in wanted["messages"] if one["role"] != "system"]
    else:
        right = got == wanted
    if not right:
        raise Wrong(f"{where}: the upstream got another body: {body[:200]!r} ... {body[-200:]!r}")
    if f"\r\n{key}".encode() not in head:
        raise Wrong(f"{where}: the upstream got other credentials")
    return len(body)


def check_sample(envoy: servers.Envoy, upstream: servers.Upstream, workload: workloads.Workload,
                 answer: bytes) -> tuple[bytes, int]:
    """One request through this Envoy, looked at from both ends. Returns the answer to expect, its
    times as '~' and '#', and the size of the body that the upstream gets."""
    status, got = fetch(envoy.port, workload.request(keep=True))
    expected = expected_from(envoy, workload, answer, got) if status == 200 else answer
    masked = CREATED.sub(lambda time: b'"created":' + b"#" * len(time[1]), got)
    plain = STAMP.sub(b"fp_" + b"~" * 19, got)
    if status != 200 or expected not in (plain, masked):
        raise Wrong(f"{envoy.variant.name}, {workload.name}: the answer is {status} {got[:300]!r}")
    _, kept = fetch(upstream.port, b"GET /kept HTTP/1.1\r\nhost: x\r\n\r\n")
    return expected, check_sent(envoy, workload, kept)


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options: argparse.Namespace, work: pathlib.Path,
                 stack: contextlib.ExitStack):
        self.options = options
        self.work = work
        self.load_program = options.build / "bench" / "bench_load"
        self.upstream = servers.Upstream(options.build / "bench" / "bench_upstream", work)
        stack.callback(self.upstream.stop)
        libraries = {"floor": options.build / "bench" / "floor" / "libfloor.so",
                     "ours": options.module}
        self.envoys = []
        for variant in options.variants:
            envoy = servers.Envoy(options.envoy, variant, libraries.get(variant.module),
                                  self.upstream.port, work, options.aigw)
            stack.callback(envoy.stop)
            self.envoys.append(envoy)
        for envoy in self.envoys:
            envoy.wait()

    def load(self, envoy: servers.Envoy, files: tuple, received: int, requests: int,
             connections: int) -> dict:
        run = subprocess.run(
            [self.load_program, str(envoy.port), *files, str(received), str(requests),
             str(connections)], capture_output=True, text=True, timeout=600, check=False)
        if run.returncode != 0:
            raise Wrong(f"{envoy.variant.name}: {run.stdout}{run.stderr}"
                        f"{envoy.log.read_text()[-2000:]}")
        return json.loads(run.stdout)

    def measure(self, workload: workloads.Workload) -> dict:
        """For each variant the list of its rounds."""
        answer = expected_answer(self.upstream, workload)
        # The upstream streams in one language only.
        envoys = [one for one in self.envoys if not (workload.stream and one.variant.bedrock)]
        request = self.work / f"{workload.name}.request"
        request.write_bytes(workload.request())
        files, received = {}, {}
        for envoy in envoys:
            name = envoy.variant.name
            expected, received[name] = check_sample(envoy, self.upstream, workload, answer)
            files[name] = (request, self.work / f"{workload.name}.{name}.answer")
            files[name][1].write_bytes(expected)
        rounds = {envoy.variant.name: [] for envoy in envoys}
        requests = workload.requests // (4 if self.options.quick else 1)
        for index in range(-1, self.options.rounds):  # the first one warms up
            # Each round begins with another variant, so that none is always the one after the rest.
            turn = max(index, 0) % len(envoys)
            for envoy in envoys[turn:] + envoys[:turn]:
                count = max(workload.connections, requests // 4) if index < 0 else requests
                before, server = envoy.cpu_seconds(), envoy.server_cpu_seconds()
                result = self.load(envoy, files[envoy.variant.name], received[envoy.variant.name], count,
                                   workload.connections)
                cpu = envoy.cpu_seconds() - before
                server = envoy.server_cpu_seconds() - server
                if result["requests"] != count:
                    raise Wrong(f"{envoy.variant.name}: {result}")
                if index >= 0:
                    rounds[envoy.variant.name].append({
                        "requests": count,
                        "cpu_us": cpu / count * 1e6,
                        "server_us": server / count * 1e6,
                        "p50_us": result["p50_us"],
                        "p99_us": result["p99_us"],
                        "per_second": count / result["seconds"],
                    })
            progress(f"{workload.name}: round {index + 1} of {self.options.rounds}")
        progress("")
        return rounds


def spread(values: list) -> dict:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summarise(rounds: dict) -> dict:
    """Medians over rounds; ratios are taken within each round first."""
    summary = {}
    for name, own in rounds.items():
        entry = {}
        for key in ("cpu_us", "p50_us", "p99_us", "per_second"):
            entry[key] = spread([one[key] for one in own])
        if own[0]["server_us"] > 0 and "alone" in rounds:
            entry["server_us_over_alone"] = spread(
                [one["server_us"] / reference["cpu_us"] for one, reference in zip(own, rounds["alone"])])
        for key in ("cpu_us", "p50_us"):
            for base in ("alone", "floor", "blind"):
                if base in rounds:
                    entry[f"{key}_over_{base}"] = spread(
                        [one[key] / reference[key] for one, reference in zip(own, rounds[base])])
        summary[name] = entry
    return summary


def table(results: dict) -> str:
    lines = []
    for workload, summary in results.items():
        lines.append(f"{workload:9} {'CPU us':>9} {'x alone':>8} {'(min..max)':>13} {'p50 us':>9} "
                     f"{'x alone':>8} {'(min..max)':>13} {'p99 us':>9} {'req/s':>8}")
        for name, entry in summary.items():
            cells = [f"  {name:8}", f"{entry['cpu_us']['median']:8.1f}"]
            for key, absolute in (("cpu_us_over_alone", "p50_us"), ("p50_us_over_alone", "p99_us")):
                ratio = entry.get(key)
                cells.append(f"{ratio['median']:7.2f}x ({ratio['min']:.2f}..{ratio['max']:.2f}) "
                             if ratio else " " * 22)
                cells.append(f"{entry[absolute]['median']:8.0f}")
            cells.append(f"{entry['per_second']['median']:7.0f}")
            lines.append("  ".join(cells))
            if server := entry.get("server_us_over_alone"):
                lines.append(f"  {'':8}  and the server itself {server['median']:.2f}x "
                             f"({server['min']:.2f}..{server['max']:.2f})")
        lines.append("")
    return "\n".join(lines)


def judge(results: dict) -> list:
    verdicts = []
    for (variant, workload), limit in TARGETS.items():
        measured = results.get(workload, {}).get(variant, {}).get("cpu_us_over_alone")
        if measured:
            verdicts.append({"variant": variant, "workload": workload, "limit": limit,
                             "measured": measured["median"], "met": measured["median"] <= limit})
    for (variant, workload), limit in SIGHT_TARGETS.items():
        measured = results.get(workload, {}).get(variant, {}).get("cpu_us_over_blind")
        if measured:
            verdicts.append({"variant": variant, "workload": workload, "limit": limit, "of": "blind",
                             "measured": measured["median"], "met": measured["median"] <= limit})
    for workload, limit in SERVER_TARGETS.items():
        measured = results.get(workload, {}).get("extproc", {}).get("server_us_over_alone")
        if measured:
            verdicts.append({"variant": "the ext_proc server", "workload": workload, "limit": limit,
                             "measured": measured["median"], "met": measured["median"] <= limit})
    return verdicts


def output_of(*command) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip()


def machine() -> dict:
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load_average": os.getloadavg(),
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few short rounds, for trying")
    parser.add_argument("--rounds", type=int, help="rounds a workload (9, with --quick 3)")
    parser.add_argument("--only", action="append", metavar="WORKLOAD",
                        choices=[one.name for one in workloads.WORKLOADS])
    parser.add_argument("--variants", metavar="A,B,...",
                        default=",".join(one.name for one in servers.VARIANTS))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release",
                        help="the build tree with the programs of bench/")
    parser.add_argument("--envoy", type=pathlib.Path, default=os.environ.get("AIGW_ENVOY"))
    parser.add_argument("--module", type=pathlib.Path,
                        default=os.environ.get("AIGW_MODULE", ROOT / "build" / "libaigateway.so"))
    parser.add_argument("--aigw", type=pathlib.Path,
                        default=os.environ.get("AIGW_BINARY", ROOT / "build" / "aigw"))
    parser.add_argument("--output", type=pathlib.Path,
                        default=ROOT / "build" / "bench" / "result.json")
    options = parser.parse_args()
    known = {one.name: one for one in servers.VARIANTS}
    unknown = set(options.variants.split(",")) - set(known)
    if unknown:
        parser.error(f"no variant {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    options.variants = [known[name] for name in options.variants.split(",")]
    if options.envoy is None:
        parser.error("name an Envoy with --envoy or AIGW_ENVOY")
    options.rounds = options.rounds or (3 if options.quick else 9)
    options.build, options.module = options.build.resolve(), options.module.resolve()
    return options


def main() -> int:
    options = parse_arguments()
    info = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": output_of("git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"),
        "envoy": output_of(options.envoy, "--version").rpartition(" ")[2],
        "machine": machine(),
        "rounds": options.rounds,
        "quick": options.quick,
        "variants": {one.name: one.title for one in options.variants},
    }
    results, rounds = {}, {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the children end too
    try:
        with tempfile.TemporaryDirectory(prefix="aigw-bench-") as work, \
                contextlib.ExitStack() as stack:
            bench = Bench(options, pathlib.Path(work), stack)
            for workload in workloads.WORKLOADS:
                if not options.only or workload.name in options.only:
                    rounds[workload.name] = bench.measure(workload)
                    results[workload.name] = summarise(rounds[workload.name])
    except (Wrong, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    verdicts = judge(results)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(
        {**info, "targets": verdicts, "results": results, "rounds_measured": rounds}, indent=1))
    where = info["machine"]
    print(f"{info['date']}  commit {info['commit']}  Envoy {info['envoy']}")
    print(f"{where['cpus']} x {where['cpu']}, load {where['load_average'][0]:.1f}; medians of "
          f"{options.rounds} interleaved rounds, ratios within rounds\n")
    print(table(results))
    for one in verdicts:
        print(f"{one['variant']}, {one['workload']}: {one['measured']:.2f} times the CPU of "
              f"{one.get('of', 'Envoy alone')}, at most {one['limit']} wanted: {'met' if one['met'] else 'NOT met'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
