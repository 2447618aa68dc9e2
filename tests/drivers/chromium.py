"""Chromium without a window, driven over a pipe by the DevTools protocol, for tests and pictures.

The browser reads commands on its file descriptor 3 and answers on 4, JSON ended by a zero byte
(``--remote-debugging-pipe``).  So a test needs neither a driver nor a library with a WebSocket in
it; Selenium and Playwright bring a dozen packages, or a browser of their own, for these lines.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
SECONDS = 60  # for one answer
KEYS = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    " ": 32,
    "End": 35,
    "Home": 36,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}
TEXTS = {"Enter": "\r", " ": " "}


def find() -> str | None:
    """The browser's program, or None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class PageError(AssertionError):
    """A script that a test ran on the page has thrown."""


class Chromium:
    """One browser with one page.

    Parameters
    ----------
    program : path
    profile : an empty folder

    Attributes
    ----------
    errors : list of str
        Uncaught exceptions, console errors and warnings, failed requests, since :meth:`open`.
    requests : list of str
        Everything that the page has asked for.
    """

    def __init__(self, program, profile):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        self._log = open(Path(profile) / "browser.log", "wb")
        # the shell puts the two pipes where the browser looks for them
        command = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        arguments = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", command, "bash", *arguments],
            pass_fds=(to_browser, from_browser),
            stdout=self._log,
            stderr=self._log,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._next, self._session = b"", 0, None
        self.errors, self.requests = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")

    def close(self):
        """End the browser."""
        try:
            self._session = None
            self.call("Browser.close")
        except (OSError, TimeoutError):
            pass
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for end in (self._in, self._out):
            os.close(end)
        self._log.close()

    # -------------------------------------------------------------- the protocol

    def call(self, method, **parameters):
        """One command and its answer; events in between are noted."""
        self._next += 1
        message = {"id": self._next, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        content = json.dumps(message).encode() + b"\0"
        while content:
            content = content[os.write(self._out, content) :]
        until = time.monotonic() + SECONDS
        while True:
            answer = self._read(until)
            if answer.get("id") == self._next:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._note(answer)

    def _read(self, until) -> dict:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            more = os.read(self._in, 1 << 20)
            if not more:
                raise OSError("the browser has ended")
            self._buffer += more
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def _note(self, event):
        name, told = event.get("method"), event.get("params", {})
        if name == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif name == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            words = [str(a.get("value", a.get("description"))) for a in told["args"]]
            self.errors.append(f"console.{told['type']}: {' '.join(words)}")
        elif name == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            entry = told["entry"]
            self.errors.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}".strip())
        elif name == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif name == "Network.loadingFailed" and not told.get("canceled"):
            self.errors.append(f"request failed: {told['errorText']}")

    # -------------------------------------------------------------- what a test does

    def view(self, width, height=900, dark=False):
        """Size of the window in CSS pixels, and the colours that the system asks for."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, path, fragment=""):
        """Open a page from disk and wait until it says that it is ready."""
        self.call("Page.navigate", url="about:blank")
        self.errors.clear()
        self.requests.clear()
        self.call("Page.navigate", url=Path(path).resolve().as_uri() + fragment)
        self.wait("document.documentElement?.dataset.ready === 'yes'")

    def run(self, script):
        """The value of an expression on the page; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"].get("exception", {}).get("description")
            raise PageError(f"{script}: {thrown}")
        return answer["result"].get("value")

    def wait(self, condition, seconds=SECONDS):
        """Wait until an expression is true."""
        until = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise PageError(f"still not true: {condition}; errors: {self.errors}")
            time.sleep(0.05)

    def press(self, key, shift=False):
        """One key, as a person presses it."""
        told = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        told["modifiers"] = 8 if shift else 0
        text = {"text": TEXTS[key]} if key in TEXTS else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **told, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def write(self, text):
        """Text into what has the focus."""
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """A click of the mouse in the middle of an element."""
        # what is drawn on the way may move it: ask again until it stays
        place = (
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});"
            "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {"
            "const r = e.getBoundingClientRect();"
            "done([r.x + r.width / 2, r.y + r.height / 2]); }))); })()"
        )
        x, y = self.run(place)
        while [x, y] != (now := self.run(place)):
            x, y = now
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def hover(self, x, y):
        """Move the mouse to a place of the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def choose(self, selector, value):
        """An option of a select element, by its value."""
        self.run(
            f"(() => {{ const s = document.querySelector({json.dumps(selector)});"
            f"s.value = {json.dumps(value)}; s.dispatchEvent(new Event('change')); }})()"
        )

    def choose_file(self, selector, path):
        """A file for an input element."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(Path(path).resolve())], nodeId=node)

    def names(self, role) -> list[str]:
        """What a screen reader calls the elements of a role."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            n.get("name", {}).get("value", "")
            for n in nodes
            if n.get("role", {}).get("value") == role and not n.get("ignored")
        ]
