#!/usr/bin/env python3
"""What a large chat costs, by its size: the memory that Envoy takes at most with the module and without, for a request
whose first backend fails, and the instructions of the core. Prints a table, and draws it with --plot. Fails where the
instructions are not linear.

usage: large.py [--rounds 3] [--sizes 1,5,10,25,50] [--plot docs/large-contexts.svg]"""

import argparse
import json
import pathlib
import re
import statistics
import sys
import tempfile

import callgrind
import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "e2e"))

from harness import large  # noqa: E402  (what the test of the same thing measures with)

LINEAR = 1.05  # how much more a byte of one size may cost than a byte of another
ANSWER = b'{"model":"m","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}'


def message(first_line: str, body: bytes) -> bytes:
    head = f"{first_line}\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def instructions(work: pathlib.Path, build: pathlib.Path, size: int) -> int:
    """Of one exchange in the core, with another model written into the body."""
    files = {name: work / name for name in ("document", "request", "answer", "profile", "key")}
    files["key"].write_text(servers.API_KEY)
    override = next(one for one in servers.VARIANTS if one.name == "override")
    files["document"].write_text(json.dumps(servers.gateway_document(override, files["key"])))
    files["request"].write_bytes(message("POST /v1/chat/completions HTTP/1.1", large.body_of(size)))
    files["answer"].write_bytes(message("HTTP/1.1 200 OK", ANSWER))
    told = callgrind.run(
        "valgrind", "--tool=callgrind", "--toggle-collect=run_exchange", f"--callgrind-out-file={files['profile']}",
        build / "bench" / "exchange_cost", files["document"], files["request"], files["answer"], 1)
    return int(re.search(r"Collected : (\d+)", told).group(1))


def plot(rows: list) -> str:
    """Peak memory against size as SVG: `rows` are (MiB, bytes alone, bytes with the module)."""
    width, height, left, bottom, top = 640, 360, 60, 40, 20
    most_x = max(row[0] for row in rows)
    most_y = max(max(row[1:3]) for row in rows) / 1e6 * 1.1
    x = lambda mib: left + mib / most_x * (width - left - 20)
    y = lambda mega: height - bottom - mega / most_y * (height - bottom - top)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             'font-size="12">', f'<rect width="{width}" height="{height}" fill="white"/>']
    for mib, *_ in rows:
        parts.append(f'<text x="{x(mib):.0f}" y="{height - bottom + 18}" text-anchor="middle">{mib}</text>')
    step = 50 if most_y < 400 else 100
    for mega in range(0, int(most_y) + 1, step):
        parts.append(f'<path d="M{left} {y(mega):.0f}H{width - 20}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y(mega) + 4:.0f}" text-anchor="end">{mega}</text>')
    lines = (("Envoy alone", "#888", [row[1] for row in rows]), ("with the module", "#06c", [row[2] for row in rows]),
             ("the difference", "#c30", [row[2] - row[1] for row in rows]))
    for number, (name, colour, values) in enumerate(lines):
        points = " ".join(f"{x(row[0]):.1f},{y(value / 1e6):.1f}" for row, value in zip(rows, values))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{left + 10}" y="{top + 14 + 16 * number}" fill="{colour}">{name}</text>')
    parts.append(f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">size of the request in MiB; '
                 'memory that Envoy takes at most in MB</text></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="1,5,10,25,50", help="in MiB")
    parser.add_argument("--plot", type=pathlib.Path)
    options = parser.parse_args()
    rows, costs = [], []
    with tempfile.TemporaryDirectory(prefix="aigw-large-") as name:
        work = pathlib.Path(name)
        print("| MiB | Envoy alone, MB | with the module, MB | difference | Envoy's CPU, alone and with it, ms | "
              "instructions of the core | a byte |")
        print("|---|---|---|---|---|---|---|")
        for mib in map(int, options.sizes.split(",")):
            more = {make: [] for make in (large.alone, large.with_module)}
            for number in range(options.rounds):
                for make, values in more.items():
                    carried = large.carry(make, work / f"{make.__name__}-{mib}-{number}", mib << 20)
                    if carried.reply != (200, {}):
                        sys.exit(f"large.py: {carried.reply}")
                    values.append((carried.more, carried.cpu * 1e3))
            (alone, cpu_alone), (ours, cpu_ours) = (
                map(statistics.median, zip(*values)) for values in more.values())
            count = instructions(work, options.build, mib << 20)
            rows.append((mib, alone, ours))
            costs.append(count / (mib << 20))
            print(f"| {mib} | {alone / 1e6:.1f} | {ours / 1e6:.1f} | {(ours - alone) / 1e6:+.1f} | "
                  f"{cpu_alone:.0f}, {cpu_ours:.0f} | {count:,} | "
                  f"{count / (mib << 20):.3f} |", flush=True)
    if options.plot:
        options.plot.write_text(plot(rows))
    if max(costs) > min(costs) * LINEAR:
        sys.exit("large.py: a byte of one size costs more than a byte of another")


if __name__ == "__main__":
    main()
