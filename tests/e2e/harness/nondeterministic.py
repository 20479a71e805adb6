"""What differs from run to run by its nature, as tests/nondeterministic.txt says it."""
import binascii
import re
import struct
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from harness.envoy import ROOT

LINES = [line.split() for line in (ROOT / "tests/nondeterministic.txt").read_text().splitlines()
         if line and not line.startswith("#")]
IGNORED_METADATA = {fields[1] for fields in LINES if fields[0] == "metadata"}
TIMES = [(fields[1].encode(), fields[2].encode()) for fields in LINES if fields[0] == "time"]
DURATIONS = [fields[1].encode() for fields in LINES if fields[0] == "duration"]
DURATION = re.compile(b'"(%s)":\\d+' % b"|".join(map(re.escape, DURATIONS)))
KEYS = {fields[1]: (fields[2], fields[3]) for fields in LINES if fields[0] == "key"}
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/bedrock/aws4_request, "
                           r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})")
SECONDS = 600  # how far a clock may be from ours; AWS takes requests that are 15 minutes old


def frame_settled(frame):
    """A message of an AWS event stream with its durations, and the lengths and CRCs that follow from them, settled."""
    headers = struct.unpack(">I", frame[4:8])[0]
    payload = DURATION.sub(rb'"\1":0', frame[12 + headers:-4])
    message = struct.pack(">II", 16 + headers + len(payload), headers)
    message += struct.pack(">I", binascii.crc32(message)) + frame[12:12 + headers] + payload
    return message + struct.pack(">I", binascii.crc32(message))


def durations_settled(body):
    if not DURATION.search(body):
        return body
    if body[:1] == b"{":
        return DURATION.sub(rb'"\1":0', body)
    out = b""
    while len(body) >= 16 and (size := struct.unpack(">I", body[:4])[0]) <= len(body):
        out += frame_settled(body[:size])
        body = body[size:]
    return out + body


def settled(body, stated=None):
    """`body` where it is what a case states, and otherwise with the time that the cases state where it has the time of
    now, and what took its time at once. A duration that a provider has stated has to pass as it is."""
    if body == stated:
        return body

    def one(match):
        name, digits = match.groups()
        now = abs(int(digits) - time.time()) < SECONDS
        return b'"%s":%s' % (name, dict(TIMES)[name] if now else digits)

    names = b"|".join(re.escape(name) for name, _ in TIMES)
    return durations_settled(re.sub(b'"(%s)":(\\d+)' % names, one, body))


def verify_signature(request):
    """What AWS does with a signed request: sign it once more with the secret that it knows, and compare."""
    authorization = request.header("authorization") or ""
    if not authorization.startswith("AWS4-HMAC-SHA256"):
        return
    access_key, day, region, signed, signature = AUTHORIZATION.fullmatch(authorization).groups()
    secret, own_region = KEYS[access_key]
    date = request.header("x-amz-date")
    assert region == own_region
    assert date.startswith(day)
    seconds = time.mktime(time.strptime(date + " UTC", "%Y%m%dT%H%M%SZ %Z")) - time.timezone
    assert abs(seconds - time.time()) < SECONDS, date
    aws = AWSRequest(method=request.method, url=f"https://{request.header('host')}{request.path}", data=request.body)
    for name in signed.split(";"):
        aws.headers[name] = request.header(name)
    assert {"host", "x-amz-date"} <= set(signed.split(";"))
    aws.context["timestamp"] = date
    auth = SigV4Auth(Credentials(access_key, secret, request.header("x-amz-security-token")), "bedrock", region)
    text = auth.string_to_sign(aws, auth.canonical_request(aws))
    assert auth.signature(text, aws) == signature
