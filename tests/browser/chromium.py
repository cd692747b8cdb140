"""Headless Chromium over the DevTools protocol, by a pair of pipes.

Messages are JSON, each ended by a zero byte: Chromium reads them from descriptor 3 and
writes to descriptor 4 (``--remote-debugging-pipe``).
"""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-pipe",
)


class Chromium:
    """One browser with one page."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        # The descriptors have to be these two.
        shell = f'exec "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            [
                *("bash", "-c", shell, "bash", program, *FLAGS),
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._rest = b""
        self._number = 0
        self.events: list[tuple[str, dict[str, Any]]] = []
        targets = self._browser("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        attached = self._browser(
            "Target.attachToTarget", {"targetId": page, "flatten": True}
        )
        self._session = attached["sessionId"]
        for domain in ("Network", "Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._browser("Browser.close")
        self._process.wait(timeout=20)
        os.close(self._to)
        os.close(self._from)

    def open(self, url: str) -> None:
        """Open a page and wait until all of it is there."""
        self.events.clear()
        self.send("Page.navigate", url=url)
        while not any(name == "Page.loadEventFired" for name, _ in self.events):
            self._take(self._receive())

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Ask the page for something and return the answer."""
        return self._ask({"method": method, "params": params}, self._session)

    def value(self, script: str) -> Any:
        """Return what an expression comes to in the page."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    @contextmanager
    def screen(
        self, width: int, *, zoom: float = 1.0, dark: bool = False, paper: bool = False
    ) -> Iterator[None]:
        """Show the page in a window of so many pixels, zoomed as by Ctrl and plus.

        On paper it is set as it is for print.
        """
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=round(width / zoom),
            height=round(800 / zoom),
            deviceScaleFactor=zoom,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        media = "print" if paper else ""
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        try:
            yield
        finally:
            self.send("Emulation.clearDeviceMetricsOverride")
            self.send("Emulation.setEmulatedMedia", media="", features=[])

    def pdf(self) -> bytes:
        """Return the page as it is printed, on the paper that it asks for."""
        found = self.send("Page.printToPDF", preferCSSPageSize=True)
        return base64.b64decode(found["data"])

    def picture(self) -> bytes:
        """Return a PNG of all of the page."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(found["data"])

    def _browser(
        self, method: str, params: dict[str, object] | None = None
    ) -> dict[str, Any]:
        return self._ask({"method": method, "params": params or {}}, "")

    def _ask(self, message: dict[str, object], session: str) -> dict[str, Any]:
        self._number += 1
        message["id"] = self._number
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._receive()
            if found.get("id") == self._number:
                assert "error" not in found, found
                result: dict[str, Any] = found["result"]
                return result
            self._take(found)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.events.append((message["method"], message.get("params", {})))

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._from, 1 << 16)
            if not chunk:
                raise EOFError("the browser has ended")
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message
