#!/usr/bin/env python3
"""Instructions per request of the core, without an Envoy, and the functions they go to: the same
figures on every run, so that a change of a few percent can be seen where times only show noise.

usage: callgrind.py [--build build/release] [--only 1KB] [--top 12] [--inclusive]"""

import argparse
import collections
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

import servers
import workloads

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNTS = {"1KB": 100, "100KB": 20, "2MB": 3, "stream": 20}
STRING = re.compile(
    r"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >")
FUNCTION = re.compile(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(\S*?):(.*?)(?: \[[^\]]*\])?$")


def answer_message(port: int, workload: workloads.Workload) -> bytes:
    """The upstream's answer with its head, the chunks joined."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(workload.request())
        response = http.client.HTTPResponse(connection)
        response.begin()
        head = "".join(f"{name}: {value}\r\n" for name, value in response.getheaders())
        return f"HTTP/1.1 {response.status} OK\r\n{head}\r\n".encode() + response.read()


def run(*command) -> str:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        sys.exit(f"callgrind.py: {command[0]} failed:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def top_functions(report: str, inclusive: bool) -> list:
    """Names and costs, the dearest first. Callgrind names a function once for each file that it
    has lines from, which are parts of its own cost, and of its inclusive cost the same again."""
    costs = collections.Counter()
    for line in report.splitlines():
        function = FUNCTION.match(line)
        if not function or "PROGRAM TOTALS" in line:
            continue
        name = function.group(3)
        name = name.replace("std::basic_string_view<char, std::char_traits<char> >", "Bytes")
        name = STRING.sub("std::string", name)
        cost = int(function.group(1).replace(",", ""))
        costs[name] = max(costs[name], cost) if inclusive else costs[name] + cost
    return costs.most_common()


def measure(options: argparse.Namespace, work: pathlib.Path, workload: workloads.Workload,
            variant: servers.Variant, port: int) -> None:
    files = {name: work / name for name in ("document", "request", "answer", "profile", "key")}
    files["key"].write_text(servers.API_KEY)
    files["document"].write_text(json.dumps(servers.gateway_document(variant, files["key"])))
    files["request"].write_bytes(workload.request())
    files["answer"].write_bytes(answer_message(port, workload))
    count = COUNTS[workload.name]
    run("valgrind", "--tool=callgrind", "--toggle-collect=run_exchange",
        f"--callgrind-out-file={files['profile']}", options.build / "bench" / "exchange_cost",
        files["document"], files["request"], files["answer"], count)
    report = run("callgrind_annotate", "--auto=no", "--threshold=100",
                 f"--inclusive={'yes' if options.inclusive else 'no'}", files["profile"])
    total = re.search(r"^\s*([\d,]+).*PROGRAM TOTALS", report, re.M)
    per_request = int(total.group(1).replace(",", "")) / count
    body = len(workload.body())
    print(f"{workload.name}, {variant.name}: {per_request:,.0f} instructions a request, "
          f"{per_request / body:.2f} a byte of its body")
    for name, cost in top_functions(report, options.inclusive)[:options.top]:
        cost /= count
        print(f"  {cost:12,.0f}  {cost / per_request:5.1%}  {name[:110]}")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--only", action="append", choices=list(COUNTS))
    parser.add_argument("--variants", default="ours,override")
    parser.add_argument("--top", type=int, default=12)
    parser.add_argument("--inclusive", action="store_true", help="with what the function calls")
    options = parser.parse_args()
    variants = [one for one in servers.VARIANTS if one.name in options.variants.split(",")]
    with tempfile.TemporaryDirectory(prefix="aigw-callgrind-") as work_name:
        work = pathlib.Path(work_name)
        upstream = servers.Upstream(options.build / "bench" / "bench_upstream", work)
        try:
            for workload in workloads.WORKLOADS:
                if not options.only or workload.name in options.only:
                    for variant in variants:
                        measure(options, work, workload, variant, upstream.port)
        finally:
            upstream.stop()


if __name__ == "__main__":
    main()
