"""Reads what stands at /metrics of the gateway's admin address."""
import re

from harness.envoy import get

LINE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*?)\})? (\S+)(?: # .*)?$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


def scrape(port):
    """{(name, ((label, value), ...)): number}, the labels sorted and without the scope of the peer's exporter."""
    status, text = get(port, "/metrics")
    assert status == 200, text
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = LINE.match(line)
        assert match, f"no line of Prometheus' format: {line}"
        labels = {name: value for name, value in LABEL.findall(match[2] or "") if not name.startswith("otel_scope_")}
        key = match[1], tuple(sorted(labels.items()))
        assert key not in found, f"twice: {line}"
        found[key] = float(match[3])
    return found


def values(scraped, name, **labels):
    """What the series of this name have that carry these labels."""
    return [value for (one, pairs), value in scraped.items()
            if one == name and set(labels.items()) <= set(pairs)]


def total(scraped, name, **labels):
    return sum(values(scraped, name, **labels))


def went_back(before, after):
    """The cumulative series that are less than they were, or gone."""
    return {key: (value, after.get(key)) for key, value in before.items()
            if key[0].endswith(("_total", "_bucket", "_sum", "_count")) and after.get(key, -1) < value}
