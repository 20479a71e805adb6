"""How we ask Entra ID for tokens, against azure-identity."""
import json
import time

import azure.identity
import pytest
from token_server import Say

SCOPE = "https://cognitiveservices.azure.com/.default"
TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
ANSWER = json.dumps({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "eyJ.az"})


@pytest.fixture
def entra(tmp_path, token_server, certificate):
    """Entra ID over TLS, as azure-identity insists."""
    context, ca = certificate("localhost")

    def answer(asked):
        if asked.path.endswith("/.well-known/openid-configuration"):
            base = f"https://localhost:{server.port}/{TENANT}"
            return Say(json.dumps({"token_endpoint": base + "/oauth2/v2.0/token", "issuer": base + "/v2.0",
                                   "authorization_endpoint": base + "/oauth2/v2.0/authorize"}).encode())
        return Say(ANSWER.encode())

    server = token_server(answer, tls=context)
    server.authority, server.ca = f"https://localhost:{server.port}", ca
    return server


def tokens_asked(server):
    return [asked for asked in server.asked if asked.path.endswith("/token")]


def form(asked):
    """What both have to say; msal adds what names itself."""
    return {name: value for name, value in asked.form.items()
            if not name.startswith(("x-client", "client_info", "x-anchormailbox"))}


def theirs(credential):
    token = credential.get_token(SCOPE)
    return token.token, token.expires_on


def check(server, ours, their_token):
    assert ours["token"] == their_token[0] == "eyJ.az"
    assert abs(int(ours["expires"]) - their_token[1]) < 300
    mine, other = tokens_asked(server)
    assert (mine.method, mine.path) == (other.method, other.path) == ("POST", f"/{TENANT}/oauth2/v2.0/token")
    want = form(other)
    # A scope for itself and the user's profile, which a client of its own right has none of.
    want["scope"] = want["scope"].replace("openid", "").replace("profile", "").replace("offline_access", "").strip()
    assert form(mine) == want


def test_a_clients_secret(entra, fetched):
    ours = fetched("azure", SCOPE, AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=CLIENT, AZURE_CLIENT_SECRET="s+ecret/=",
                   AZURE_AUTHORITY_HOST=entra.authority, SSL_CERT_FILE=entra.ca)
    check(entra, ours, theirs(azure.identity.ClientSecretCredential(
        TENANT, CLIENT, "s+ecret/=", authority=entra.authority, disable_instance_discovery=True,
        connection_verify=entra.ca)))


def test_workload_identity(entra, fetched, tmp_path):
    token = tmp_path / "token"
    token.write_text("eyJ.federated")
    ours = fetched("azure", SCOPE, AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=CLIENT,
                   AZURE_FEDERATED_TOKEN_FILE=str(token), AZURE_AUTHORITY_HOST=entra.authority,
                   SSL_CERT_FILE=entra.ca)
    check(entra, ours, theirs(azure.identity.WorkloadIdentityCredential(
        tenant_id=TENANT, client_id=CLIENT, token_file_path=str(token), authority=entra.authority,
        disable_instance_discovery=True, connection_verify=entra.ca)))


def test_the_machines_identity(monkeypatch, fetched, token_server):
    expires = int(time.time()) + 3600
    answer = {"access_token": "eyJ.mi", "expires_in": "3600", "expires_on": str(expires), "token_type": "Bearer",
              "resource": "https://cognitiveservices.azure.com"}
    server = token_server(lambda asked: Say(json.dumps(answer).encode()))
    ours = fetched("azure", SCOPE, AZURE_POD_IDENTITY_AUTHORITY_HOST=server.url, AZURE_CLIENT_ID=CLIENT)
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url)
    token, expires_on = theirs(azure.identity.ManagedIdentityCredential(client_id=CLIENT))
    assert ours["token"] == token == "eyJ.mi"
    assert abs(int(ours["expires"]) - expires_on) < 300
    mine, other = server.asked[0], server.asked[-1]
    assert (mine.method, mine.path, mine.query) == (other.method, other.path, other.query)
    assert mine.headers["metadata"] == other.headers["metadata"] == "true"


@pytest.mark.parametrize("said, taken", [(604_800, 604_800), (604_801, 604_800)])
def test_how_long_a_token_lives_has_a_limit(fetched, token_server, said, taken):
    """No longer than limits::token_seconds_max."""
    server = token_server(lambda asked: Say(json.dumps({"access_token": "t", "expires_in": str(said)}).encode()))
    before = int(time.time())
    expires = int(fetched("azure", SCOPE, AZURE_POD_IDENTITY_AUTHORITY_HOST=server.url)["expires"])
    assert before + taken <= expires <= int(time.time()) + taken


def test_a_server_that_is_not_who_it_says(entra, fetched, certificate):
    environment = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": "s3cr3t"}
    by_ip = fetched("azure", SCOPE, AZURE_AUTHORITY_HOST=f"https://127.0.0.1:{entra.port}", SSL_CERT_FILE=entra.ca,
                    **environment)
    assert "certificate is refused: IP address mismatch" in by_ip["failure"]
    _, other_ca = certificate("localhost")
    unknown = fetched("azure", SCOPE, AZURE_AUTHORITY_HOST=entra.authority, SSL_CERT_FILE=other_ca, **environment)
    assert "certificate is refused: " in unknown["failure"]
    assert not tokens_asked(entra)


def test_a_refusal(token_server, fetched):
    server = token_server(lambda asked: Say(
        b'{"error":"invalid_client","error_description":"AADSTS7000215: s3cr3t"}', 401))
    answer = fetched("azure", SCOPE, AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=CLIENT, AZURE_CLIENT_SECRET="s3cr3t",
                     AZURE_AUTHORITY_HOST=server.url)
    assert answer == {"failure": "Entra ID answers 401 (invalid_client)"}
