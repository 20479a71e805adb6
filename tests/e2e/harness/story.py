"""What every driver does with the stories of tests/cases."""
import re

from harness import codings
from harness.case import name_of, read_case
from harness.envoy import ROOT
from harness.nondeterministic import IGNORED_METADATA

FOLDER = ROOT / "tests/cases"
DROPPED = re.compile(r"translation dropped ([^\"\n]*)")
CASES = {name_of(path, FOLDER): read_case(path, name_of(path, FOLDER)) for path in sorted(FOLDER.rglob("*.case"))}
# What Envoy puts into a request on its way to a provider.
ENVOYS_HEADERS = {"host", "content-length", "x-case", "x-request-id", "x-forwarded-for", "x-forwarded-proto",
                  "x-envoy-attempt-count", "x-envoy-expected-rq-timeout-ms", "x-envoy-external-address",
                  "x-envoy-internal"}


def shape(case):
    return case.config, tuple(case.backends)


def client_headers(case):
    request = case.client_request
    names = {name for name, _ in request.head} | set(request.absent)
    headers = list(request.head) + [("x-case", case.name)]
    if "host" not in names:
        headers.append(("host", "gateway.test"))
    if request.body and "content-type" not in names:
        headers.append(("content-type", "application/json"))
    if case.method != "GET":
        headers.append(("content-length", str(len(request.body))))
    return headers


def compare_head(expected, headers, what):
    for header in expected.head:
        assert header in headers, what
    for name in expected.some:
        assert name in dict(headers), what
    for name in expected.absent:
        assert name not in dict(headers), what


def decoded(expected, body):
    return codings.decoded(body, expected.variants)


def comparable(metadata):
    """The metadata that a case states: without what differs from run to run."""
    return {key: value for key, value in metadata.items() if key not in IGNORED_METADATA}


def early_metadata(metadata):
    """Takes out of an ext_proc request's metadata what only that carrier writes: (model, path). Parity,
    "more-metadata"."""
    metadata.pop("content_length", None)
    return metadata.pop("request_model", None), metadata.pop("original_path", None)


def differences():
    """Name and text of each difference between the carriers that has a reason."""
    lines = [line for line in (ROOT / "tests/parity.txt").read_text().splitlines() if line and line[0] not in "# "]
    return dict(line.split(": ", 1) for line in lines)


def dropped_in(log):
    """What translations have dropped, by the lines that both carriers write at level debug."""
    lines = DROPPED.findall(log)
    return set(", ".join(lines).split(", ")) if lines else set()
