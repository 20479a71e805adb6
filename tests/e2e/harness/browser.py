"""A headless Chromium, told what to do over its debugging protocol."""
import json
import pathlib

from harness.envoy import Process, get, wait_for
from websockets.sync.client import connect


class Browser(Process):
    """One page, as large as told."""

    def __init__(self, directory, width=1280, height=900):
        profile = pathlib.Path(directory) / "profile"
        super().__init__(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                          "--disable-dev-shm-usage", "--remote-debugging-port=0", f"--user-data-dir={profile}",
                          "about:blank"], pathlib.Path(directory) / "chromium.log",
                         {"HOME": str(directory)})
        try:
            said = profile / "DevToolsActivePort"
            wait_for(lambda: self.running() and said.exists() and said.read_text().count("\n"), "Chromium runs", 60)
            port = int(said.read_text().splitlines()[0])
            pages = wait_for(lambda: [one for one in json.loads(get(port, "/json/list")[1]) if one["type"] == "page"],
                             "Chromium has a page", 30)
            self._context = connect(pages[0]["webSocketDebuggerUrl"], origin=None, max_size=None)
            self._socket = self._context.__enter__()
        except BaseException:
            self.stop()
            raise
        self._id = 0
        self.events = []
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Runtime.enable")
        self.resize(width, height)

    def call(self, method, **params):
        self._id += 1
        self._socket.send(json.dumps({"id": self._id, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=30))
            if message.get("id") == self._id:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)

    def open(self, url):
        self.call("Page.navigate", url=url)

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def text(self):
        return self.value("document.body ? document.body.innerText : ''")

    def requested(self):
        """The URLs that the page has asked for."""
        return {event["params"]["request"]["url"] for event in self.events
                if event["method"] == "Network.requestWillBeSent"}

    def faults(self):
        return [event for event in self.events
                if event["method"] == "Runtime.exceptionThrown" or event["method"] == "Runtime.consoleAPICalled"]

    def close(self):
        self._context.__exit__(None, None, None)
        self.stop()
