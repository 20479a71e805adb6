"""Where we find AWS credentials, what we ask for them, and what we make of the answer, against botocore."""
import datetime
import json
import os

import botocore.session
import botocore.utils
import pytest
from token_server import Say

ID, SECRET, SESSION = "ASIAFETCHED", "fetched/secret+1=", "FwoGZXIvYXdzEFetched//=="
EXPIRES = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(hours=1)
STAMP = EXPIRES.strftime("%Y-%m-%dT%H:%M:%SZ")
FOUND = {"id": ID, "secret": SECRET, "session": SESSION, "expires": str(int(EXPIRES.timestamp()))}

STS = f"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>system:serviceaccount:a:b</SubjectFromWebIdentityToken>
    <Audience>sts.amazonaws.com</Audience>
    <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>
    <Credentials>
      <SessionToken>{SESSION}</SessionToken><SecretAccessKey>{SECRET}</SecretAccessKey>
      <Expiration>{STAMP}</Expiration><AccessKeyId>{ID}</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>""".encode()
DENIED = b"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>not for s3cr3t</Message></Error><RequestId>r</RequestId></ErrorResponse>"""
SERVICE = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": ID, "SecretAccessKey": SECRET, "Token": SESSION,
           "Expiration": STAMP}


def botocores(monkeypatch, tmp_path, **environment):
    """What botocore finds in that environment."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    # It waits for one or two seconds, and asks again, which the tests would see.
    monkeypatch.setattr(botocore.utils.ContainerMetadataFetcher, "TIMEOUT_SECONDS", 60)
    for name, value in {"HOME": str(tmp_path), "AWS_DEFAULT_REGION": "eu-west-1", "AWS_METADATA_SERVICE_TIMEOUT": "60",
                        **environment}.items():
        monkeypatch.setenv(name, value)
    found = botocore.session.Session().get_credentials()
    frozen = found.get_frozen_credentials()
    expires = getattr(found, "_expiry_time", None)
    return {"id": frozen.access_key, "secret": frozen.secret_key, "session": frozen.token or "",
            "expires": str(int(expires.timestamp()) if expires else 0)}


def test_keys_in_variables(monkeypatch, tmp_path, fetched):
    environment = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    ours = fetched("aws", "eu-west-1", **environment)
    assert ours == {"id": "AKID", "secret": "s", "session": "t", "expires": "0"}
    assert ours == botocores(monkeypatch, tmp_path, **environment)


def test_the_shared_credentials_file(monkeypatch, tmp_path, fetched):
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = A\naws_secret_access_key = a\n\n"
                    "[other]\naws_access_key_id = B\naws_secret_access_key = b # c\naws_session_token = t\n")
    for profile in ({}, {"AWS_PROFILE": "other"}):
        environment = {"AWS_SHARED_CREDENTIALS_FILE": str(file), **profile}
        ours = fetched("aws", "eu-west-1", **environment)
        assert ours["id"] == ("B" if profile else "A")
        theirs = botocores(monkeypatch, tmp_path, **environment)
        # botocore leaves what follows a value on its line in it; AWS's other SDKs and its documentation do not.
        theirs["secret"] = theirs["secret"].split(" #")[0]
        assert ours == theirs


def test_web_identity(monkeypatch, tmp_path, fetched, token_server):
    server = token_server(lambda asked: Say(STS, type="text/xml"))
    token = tmp_path / "token"
    token.write_text("eyJ.web+identity/token\n")
    environment = {"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
                   "AWS_ROLE_SESSION_NAME": "a session", "AWS_ENDPOINT_URL_STS": server.url}
    assert fetched("aws", "eu-west-1", **environment) == FOUND
    assert botocores(monkeypatch, tmp_path, **environment) == FOUND
    ours, theirs = server.asked
    # botocore sends the line end with the token.
    theirs.form["WebIdentityToken"] = theirs.form["WebIdentityToken"].strip()
    assert (ours.method, ours.path, ours.form) == (theirs.method, theirs.path, theirs.form)
    assert ours.headers["content-type"] == theirs.headers["content-type"]
    assert "authorization" not in ours.headers


def test_what_sts_refuses_is_said_without_its_prose(tmp_path, fetched, token_server):
    server = token_server(lambda asked: Say(DENIED, 403, "text/xml"))
    token = tmp_path / "token"
    token.write_text("s3cr3t")
    answer = fetched("aws", "eu-west-1", AWS_ROLE_ARN="r", AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
                     AWS_ENDPOINT_URL_STS=server.url)
    assert answer == {"failure": "STS answers 403 (AccessDenied)"}


def test_pod_identity(monkeypatch, tmp_path, fetched, token_server):
    server = token_server(lambda asked: Say(json.dumps(SERVICE).encode()))
    token = tmp_path / "token"
    token.write_text("eyJ.pod.identity")
    environment = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/v1/credentials",
                   "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)}
    assert fetched("aws", "eu-west-1", **environment) == FOUND
    assert botocores(monkeypatch, tmp_path, **environment) == FOUND
    ours, theirs = server.asked
    assert (ours.method, ours.path) == (theirs.method, theirs.path) == ("GET", "/v1/credentials")
    assert ours.headers["authorization"] == theirs.headers["authorization"] == "eyJ.pod.identity"


@pytest.mark.parametrize("host", ["192.0.2.1", "127.example.com", "169.254.170.2.example.com"])
def test_a_container_elsewhere_needs_https(fetched, host):
    answer = fetched("aws", "eu-west-1", AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://{host}/c")
    assert "plain http is for this machine's own services only" in answer["failure"]


def imds(role="the-role", answer=SERVICE):
    def say(asked):
        if asked.path == "/latest/api/token":
            return Say(b"imds-session", type="text/plain")
        if asked.headers.get("x-aws-ec2-metadata-token") != "imds-session":
            return Say(status=401)
        if asked.path.endswith("/security-credentials/"):
            return Say(role.encode(), type="text/plain")
        return Say(json.dumps(answer).encode())

    return say


def test_the_instance(monkeypatch, tmp_path, fetched, token_server):
    server = token_server(imds())
    environment = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url + "/"}
    assert fetched("aws", "eu-west-1", **environment) == FOUND
    ours = [(asked.method, asked.path) for asked in server.asked]
    session = server.asked[0].headers["x-aws-ec2-metadata-token-ttl-seconds"]
    server.asked.clear()
    assert botocores(monkeypatch, tmp_path, **environment) == FOUND
    assert ours == [(asked.method, asked.path) for asked in server.asked]
    assert session == server.asked[0].headers["x-aws-ec2-metadata-token-ttl-seconds"]


@pytest.mark.parametrize("say", [
    imds(answer={"Code": "AssumeRoleUnauthorizedAccess", "Message": "m"}), imds(role=""), imds(answer={}),
    lambda asked: Say(status=404)])
def test_an_instance_without_a_role(fetched, token_server, say):
    server = token_server(say)
    answer = fetched("aws", "eu-west-1", AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
    assert answer["failure"].startswith("the instance's metadata service answers ")


@pytest.mark.parametrize("region, environment, host", [
    ("eu-west-1", {}, "sts.eu-west-1.amazonaws.com"),
    ("cn-north-1", {}, "sts.cn-north-1.amazonaws.com.cn"),
    ("us-gov-west-1", {}, "sts.us-gov-west-1.amazonaws.com"),
    ("us-east-2", {"AWS_USE_FIPS_ENDPOINT": "true"}, "sts-fips.us-east-2.amazonaws.com")])
def test_the_host_of_sts(monkeypatch, tmp_path, fetched, token_server, region, environment, host):
    """Seen by a proxy, which lets nobody through; botocore's rules give the same host."""
    token = tmp_path / "token"
    token.write_text("t")
    seen = []

    def connect(asked):
        seen.append(asked)
        return Say(status=403)

    server = token_server(connect)
    answer = fetched("aws", region, AWS_ROLE_ARN="r", AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
                     AI_GATEWAY_STS_PROXY_URL=server.url, **environment)
    assert answer["failure"].startswith(host + ": the proxy answers "), answer
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client = botocore.session.Session().create_client("sts", region_name=region, aws_access_key_id="a",
                                                      aws_secret_access_key="b")
    assert client.meta.endpoint_url == "https://" + host
