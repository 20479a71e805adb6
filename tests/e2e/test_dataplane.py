"""Either carrier of the core by one word, and the way from one to the other without a lost request."""
import json
import os
import pathlib
import signal
import threading

from harness import aigw, bootstrap, document, extproc
from harness.change import replace
from harness.client import Connection, ask, chat
from harness.envoy import json_lines, wait_for
from harness.provider import Answer
from harness.story import differences

FILTER_CONFIG = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
MODULE = "ai_gateway.router"


def check_chat(port):
    status, body = ask(port, chat("mock-small"))
    assert status == 200 and body["object"] == "chat.completion"
    with Connection(port) as connection:
        stream = connection.send(chat("mock-small", stream=True)).read()
    assert stream.startswith(b"data: {") and stream.endswith(b"data: [DONE]\n\n")


def test_run_with_the_word(start_aigw, tmp_path):
    log = tmp_path / "access.log"
    running = start_aigw("--dataplane", "extproc", "--access-log", log)
    check_chat(running.port)
    names = [open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")[1] for pid in aigw.children(running.pid)]
    assert b"extproc" in names
    entry = wait_for(lambda: [line for line in json_lines(log) if line.get("gen_ai.request.model") == "mock-small"],
                     "the access log")[0]
    assert entry["request.path"] == "/v1/chat/completions"
    assert int(entry["gen_ai.usage.total_tokens"]) > 0


def test_run_with_the_key(start_aigw, tmp_path, provider):
    provider.answer = lambda request: Answer.json({"model": "m", "choices": []})
    config = tmp_path / "gateway.yaml"
    config.write_text(json.dumps({
        "dataplane": "extproc", "backends": [document.backend(key="sk-primary")],
        "upstreams": [{"backend": "primary", "url": f"http://127.0.0.1:{provider.port}"}]}))
    running = start_aigw("-c", config)
    assert ask(running.port, chat())[0] == 200
    [request] = provider.requests
    assert request.header("authorization") == "Bearer sk-primary"
    # The route's host is not the provider's: the server may set it.
    assert request.header("host") == f"127.0.0.1:{provider.port}"
    assert ask(running.port, chat("x" * 300))[0] == 400


def servers(running):
    return [pid for pid in aigw.children(running.pid)
            if b"\0extproc\0" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]


def check_it_ends_with(running, server):
    os.kill(server, signal.SIGKILL)
    assert running.process.wait(40) == 1
    assert "the ext_proc server ended with signal 9" in running.text()


def test_run_ends_with_its_server(start_aigw):
    running = start_aigw("--dataplane", "extproc")
    [server] = servers(running)
    check_it_ends_with(running, server)


def test_run_ends_with_its_server_before_envoy_serves(tmp_path):
    begun, slow = tmp_path / "begun", tmp_path / "slow-envoy"
    slow.write_text(f"#!/bin/sh\n: >{begun}\nexec sleep 300\n")
    slow.chmod(0o700)
    running = aigw.Aigw(tmp_path, "--dataplane", "extproc", AIGW_ENVOY=str(slow))
    try:
        wait_for(begun.exists, "Envoy is on its way")
        [server] = servers(running)
        check_it_ends_with(running, server)
    finally:
        running.stop()


def routes(dataplane):
    """Both carriers stand ready; the routes say which of them a request passes."""
    on, off = (MODULE, extproc.NAME) if dataplane == "module" else (extproc.NAME, MODULE)
    return {"resources": [{
        "@type": ROUTES, "name": "routes", "virtual_hosts": [{
            "name": "all", "domains": ["*"],
            "typed_per_filter_config": {on: {"@type": FILTER_CONFIG, "config": {}},
                                        off: {"@type": FILTER_CONFIG, "disabled": True, "config": {}}},
            "routes": [bootstrap.route("by-" + dataplane, 0),
                       {"match": {"prefix": "/"}, "direct_response": {"status": 404}}]}]}]}


def test_from_one_to_the_other_and_back(start_envoy, provider, tmp_path):
    """Traffic runs all the time; a request that began on one carrier ends on it."""
    provider.answer = lambda request: Answer.json({"model": "m", "choices": []})
    config = tmp_path / "filterapi.yaml"
    config.write_text(document.filterapi())
    server = extproc.Extproc(tmp_path, config)
    file = tmp_path / "routes.json"

    def switch(dataplane):
        replace(file, json.dumps(routes(dataplane)))

    switch("module")
    listener = bootstrap.listener("main", [], bootstrap.router_filter(config), tmp_path / "access.log")
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    manager["http_filters"] = [{**bootstrap.router_filter(config), "disabled": True},
                               {**extproc.router_filter("extproc"), "disabled": True}, manager["http_filters"][1]]
    del manager["route_config"]
    manager["rds"] = {"route_config_name": "routes", "config_source": {"path_config_source": {
        "path": str(file), "watched_directory": {"path": str(tmp_path)}}}}
    backends = [("primary", provider.port)]
    envoy = start_envoy(bootstrap.bootstrap([listener], [
        bootstrap.cluster("by-module", backends),
        bootstrap.cluster("by-extproc", backends, extproc.upstream_filters("extproc")),
        extproc.server_cluster("extproc", server.socket)]))
    stop, failures, done = threading.Event(), [], [0]

    def traffic():
        with Connection(envoy.ports["main"]) as connection:
            while not stop.is_set():
                reply = connection.ask(chat())
                done[0] += 1
                if reply[0] != 200:
                    failures.append(reply)

    clients = [threading.Thread(target=traffic) for _ in range(4)]
    for client in clients:
        client.start()
    served = lambda name: envoy.stats(f"^cluster.{name}.upstream_rq_total$")[f"cluster.{name}.upstream_rq_total"]
    try:
        for name in ("extproc", "module", "extproc"):
            before = served("by-" + name)
            switch(name)
            wait_for(lambda: served("by-" + name) > before + 20, f"requests pass {name}")
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert not failures, failures[:3]
    assert done[0] > 60
    server.check_running()
    assert server.stop() == 0


def test_the_list_of_differences(tmp_path):
    code, out, _ = aigw.run(tmp_path, "matrix", "--parity")
    assert code == 0
    assert dict(line.split(": ", 1) for line in out.splitlines()) == differences()
    assert all(text.count(". ") >= 1 for text in differences().values()), "each with its reason"
