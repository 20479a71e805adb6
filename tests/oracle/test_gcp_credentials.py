"""How we get Google access tokens, against google-auth."""
import base64
import datetime
import json
import time

import google.auth.compute_engine
import google.auth.transport.requests
import google.oauth2.credentials
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth import identity_pool
from google.oauth2 import service_account
from token_server import Say

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ANSWER = Say(json.dumps({"access_token": "ya29.fetched", "expires_in": 3599, "token_type": "Bearer"}).encode())


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def theirs(found):
    found.refresh(google.auth.transport.requests.Request())
    expiry = found.expiry.replace(tzinfo=datetime.timezone.utc).timestamp()
    return found.token, expiry


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def check(ours, found, token="ya29.fetched"):
    assert ours["token"] == found[0] == token
    assert abs(int(ours["expires"]) - found[1]) < 300


def test_a_service_accounts_key(tmp_path, fetched, token_server, key):
    server = token_server(lambda asked: ANSWER)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption()).decode()
    file = tmp_path / "key.json"
    file.write_text(json.dumps({
        "type": "service_account", "project_id": "p", "private_key_id": "kid-1", "private_key": pem,
        "client_email": "a@p.iam.gserviceaccount.com", "client_id": "1", "token_uri": server.url + "/token"}))
    ours = fetched("gcp", GOOGLE_APPLICATION_CREDENTIALS=str(file))
    check(ours, theirs(service_account.Credentials.from_service_account_file(str(file), scopes=[SCOPE])))
    mine, other = server.asked
    assert (mine.method, mine.path) == (other.method, other.path)
    assert mine.form.keys() == other.form.keys()
    assert mine.form["grant_type"] == other.form["grant_type"]
    assert mine.headers["content-type"] == other.headers["content-type"]
    head, claims, signature = mine.form["assertion"].split(".")
    other_head, other_claims, _ = other.form["assertion"].split(".")
    assert decoded(head) == decoded(other_head) == {"alg": "RS256", "typ": "JWT", "kid": "kid-1"}
    mine_claims, theirs_claims = decoded(claims), decoded(other_claims)
    assert mine_claims["exp"] - mine_claims["iat"] == theirs_claims["exp"] - theirs_claims["iat"]
    assert abs(mine_claims.pop("iat") - theirs_claims.pop("iat")) < 300
    assert abs(mine_claims.pop("exp") - theirs_claims.pop("exp")) < 300
    # Whom it is for: google-auth always says Google's own service, which is what real keys name too.
    assert mine_claims.pop("aud") == server.url + "/token"
    assert theirs_claims.pop("aud") == "https://oauth2.googleapis.com/token"
    assert mine_claims == theirs_claims
    # The same bytes under the same key: a signature of this kind has nothing random in it.
    key.public_key().verify(base64.urlsafe_b64decode(signature + "=="), f"{head}.{claims}".encode(),
                            padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("pem", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_broken_key(tmp_path, fetched, pem):
    file = tmp_path / "key.json"
    file.write_text(json.dumps({"type": "service_account", "client_email": "e", "private_key": pem}))
    answer = fetched("gcp", GOOGLE_APPLICATION_CREDENTIALS=str(file))
    assert answer["failure"].endswith("the private key is not an unencrypted RSA key in PEM")


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("impersonate", [False, True])
def test_workload_identity_federation(tmp_path, fetched, token_server, as_json, impersonate):
    expires = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(hours=1)

    def answer(asked):
        if asked.path == "/sts":
            return ANSWER
        assert asked.headers["authorization"] == "Bearer ya29.fetched"
        return Say(json.dumps({"accessToken": "ya29.impersonated",
                               "expireTime": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}).encode())

    server = token_server(answer)
    subject = tmp_path / "subject"
    subject.write_text(json.dumps({"id_token": "eyJ.subject"}) if as_json else "eyJ.subject")
    source = {"file": str(subject)}
    if as_json:
        source["format"] = {"type": "json", "subject_token_field_name": "id_token"}
    document = {"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/"
                "workloadIdentityPools/pool/providers/p", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "token_url": server.url + "/sts", "credential_source": source}
    if impersonate:
        document["service_account_impersonation_url"] = server.url + "/v1/sa:generateAccessToken"
    file = tmp_path / "wif.json"
    file.write_text(json.dumps(document))
    ours = fetched("gcp", GOOGLE_APPLICATION_CREDENTIALS=str(file))
    found = theirs(identity_pool.Credentials.from_file(str(file), scopes=[SCOPE]))
    check(ours, found, "ya29.impersonated" if impersonate else "ya29.fetched")
    half = len(server.asked) // 2
    for mine, other in zip(server.asked[:half], server.asked[half:], strict=True):
        assert (mine.method, mine.path) == (other.method, other.path)
        if mine.form:
            assert {**mine.form, "scope": None} == {**other.form, "scope": None}
            # Before it impersonates, google-auth asks for the scope of IAM alone, which the other covers.
            assert mine.form["scope"] == SCOPE
        else:
            body = json.loads(other.body)
            assert json.loads(mine.body) == {"scope": body["scope"], "lifetime": body["lifetime"]}


def test_what_gcloud_writes(tmp_path, fetched, token_server):
    server = token_server(lambda asked: ANSWER)
    folder = tmp_path / ".config" / "gcloud"
    folder.mkdir(parents=True)
    document = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "1//r",
                "token_uri": server.url + "/token"}
    (folder / "application_default_credentials.json").write_text(json.dumps(document))
    check(fetched("gcp"), theirs(google.oauth2.credentials.Credentials(
        None, refresh_token="1//r", token_uri=server.url + "/token", client_id="i", client_secret="s")))
    mine, other = server.asked
    # google-auth names the scopes again, which a refresh does not need.
    other.form.pop("scope", None)
    assert mine.form == other.form


def test_the_metadata_server(monkeypatch, fetched, token_server):
    def answer(asked):
        if asked.path.endswith("/token"):
            return ANSWER
        return Say(b'{"email":"default"}' if asked.query.get("recursive") else b"0.1/meta-data/\n")

    server = token_server(answer)
    ours = fetched("gcp", GCE_METADATA_HOST=f"127.0.0.1:{server.port}")
    assert ours["token"] == "ya29.fetched" and abs(int(ours["expires"]) - time.time() - 3599) < 300
    mine = server.asked[-1]
    server.asked.clear()
    from google.auth.compute_engine import _metadata as metadata
    monkeypatch.setattr(metadata, "_GCE_METADATA_HOST", f"127.0.0.1:{server.port}")
    monkeypatch.setattr(metadata, "_METADATA_ROOT", f"http://127.0.0.1:{server.port}/computeMetadata/v1/",
                        raising=False)
    monkeypatch.setenv("GCE_METADATA_HOST", f"127.0.0.1:{server.port}")
    found = google.auth.compute_engine.Credentials(scopes=[SCOPE])
    found.refresh(google.auth.transport.requests.Request())
    assert found.token == ours["token"]
    other = [asked for asked in server.asked if asked.path.endswith("/token")][-1]
    assert mine.path == other.path
    assert mine.query["scopes"] == other.query.get("scopes", SCOPE)
    assert mine.headers["metadata-flavor"] == other.headers["metadata-flavor"] == "Google"


@pytest.mark.parametrize("said, taken", [(604_800, 604_800), (604_801, 604_800)])
def test_how_long_a_token_lives_has_a_limit(fetched, token_server, said, taken):
    """No longer than limits::token_seconds_max."""
    server = token_server(lambda asked: Say(json.dumps({"access_token": "t", "expires_in": said}).encode()))
    before = int(time.time())
    expires = int(fetched("gcp", GCE_METADATA_HOST=f"127.0.0.1:{server.port}")["expires"])
    assert before + taken <= expires <= int(time.time()) + taken


def test_refusals_name_their_code_alone(tmp_path, fetched, token_server):
    server = token_server(lambda asked: Say(
        b'{"error":"invalid_grant","error_description":"s3cr3t is not good"}', 400))
    file = tmp_path / "user.json"
    file.write_text(json.dumps({"type": "authorized_user", "client_id": "i", "client_secret": "s3cr3t",
                                "refresh_token": "s3cr3t", "token_uri": server.url}))
    assert fetched("gcp", GOOGLE_APPLICATION_CREDENTIALS=str(file)) == {
        "failure": "Google's token service answers 400 (invalid_grant)"}
