"""Keys that Envoy delivers: generic secrets, by SDS or from its bootstrap, in the module."""
import json

import pytest
from harness import bootstrap, document
from harness.change import check_promptness, replace
from harness.client import ask, chat, check_error
from harness.envoy import get, wait_for

SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


class Delivery:
    """An SDS file, swapped at once as a control plane would. Envoy wants one secret in it."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.version = 0

    def write(self, **secrets):
        self.version += 1
        text = json.dumps({"version_info": str(self.version), "resources": [
            {"@type": SECRET, "name": name, "generic_secret": {"secret": {"inline_string": value}}}
            for name, value in secrets.items()]})
        replace(self.directory / "sds.json", text)

    def source(self):
        return {"path_config_source": {"path": str(self.directory / "sds.json"),
                                       "watched_directory": {"path": str(self.directory)}}}


def gateway(tmp_path, provider, config, secrets=(), **filter_config):
    path = tmp_path / "filterapi.yaml"
    path.write_text(config)
    one = bootstrap.bootstrap(
        [bootstrap.listener("main", [bootstrap.route("providers", 0)], bootstrap.module_filter(
            "ai_gateway.router", {"configPath": str(path), **filter_config}), tmp_path / "access.log")],
        [bootstrap.cluster("providers", [("primary", provider.port)])])
    if secrets:
        one["static_resources"]["secrets"] = list(secrets)
    return one


def backend(**auth):
    return {"name": "primary", "schema": {"name": "OpenAI"}, "auth": auth}


def test_a_secret_is_followed(start_envoy, provider, tmp_path):
    delivery = Delivery(tmp_path / "sds")
    delivery.write(key="sk-one")
    envoy = start_envoy(gateway(tmp_path, provider, document.filterapi(backend(apiKey={"sdsSecret": "key"})),
                                sdsConfig=delivery.source()))

    def sent():
        assert ask(envoy.ports["main"], chat())[0] == 200
        return provider.requests[-1].header("authorization")

    wait_for(lambda: ask(envoy.ports["main"], chat())[0] == 200, "the secret has come")
    assert sent() == "Bearer sk-one"
    delivery.write(key="sk-two\n")
    wait_for(lambda: sent() == "Bearer sk-two", "the new one")
    assert "sk-two" not in get(envoy.admin_port, "/config_dump")[1]
    check_promptness(lambda number: delivery.write(key=f"sk-{number}"), lambda number: sent() == f"Bearer sk-{number}")


def test_a_secret_of_the_bootstrap(start_envoy, provider, tmp_path):
    file = tmp_path / "key"
    file.write_text("sk-static")
    secret = {"name": "key", "generic_secret": {"secret": {"filename": str(file)}}}
    envoy = start_envoy(gateway(tmp_path, provider, document.filterapi(backend(apiKey={"sdsSecret": "key"})),
                                secrets=[secret]))
    assert ask(envoy.ports["main"], chat())[0] == 200
    assert provider.requests[-1].header("authorization") == "Bearer sk-static"


def test_a_secret_that_was_not_asked_for_at_first(start_envoy, provider, tmp_path):
    """Envoy takes names while it makes the filter, and not later."""
    delivery = Delivery(tmp_path / "sds")
    delivery.write(key="sk-one")
    envoy = start_envoy(gateway(tmp_path, provider, document.filterapi(backend(apiKey={"sdsSecret": "key"})),
                                sdsConfig=delivery.source()))
    replace(tmp_path / "filterapi.yaml", document.filterapi(backend(apiKey={"sdsSecret": "other"})))
    wait_for(lambda: "the secret other was not asked for" in envoy.text(), "the refusal")
    wait_for(lambda: ask(envoy.ports["main"], chat())[0] == 200, "the old configuration serves")
    assert provider.requests[-1].header("authorization") == "Bearer sk-one"


@pytest.mark.parametrize("there", [False, True])
def test_while_it_has_not_come(start_envoy, provider, tmp_path, there):
    delivery = Delivery(tmp_path / "sds")
    delivery.write(key="" if there else "sk-one") if there else delivery.write(other="x")
    envoy = start_envoy(gateway(tmp_path, provider, document.filterapi(backend(apiKey={"sdsSecret": "key"})),
                                sdsConfig=delivery.source()))
    check_error(ask(envoy.ports["main"], chat()), 503, "ServiceUnavailable")
    delivery.write(key="sk-late")
    wait_for(lambda: ask(envoy.ports["main"], chat())[0] == 200, "it has come")
