"""A server on loopback that serves one file and misbehaves as it is told."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

PATH = "/file.tar.gz"


@dataclass(frozen=True)
class Fault:
    """How one answer goes wrong.

    Attributes:
        kind: ``reset``, ``close`` and ``stall`` act after ``after`` bytes, from where
            on ``slow`` sends one byte a second; ``silent`` does not even begin to
            answer; ``another`` sends another file of the same length; ``status``
            and ``redirect`` answer otherwise; ``page`` is a web page, ``no-range`` an
            answer that knows no ranges, ``bad-range`` one with the wrong range,
            ``no-length`` one that does not say how long it is.
        after: Bytes of the body that are sent before.
        status: The status code.
        location: Where a redirect leads.
    """

    kind: str
    after: int = 0
    status: int = 500
    location: str = ""


@dataclass
class FileServer:
    """The server's side of a test.

    Attributes:
        data: What it serves.
        faults: What goes wrong, one for each request; then nothing.
        ranges: The Range header of each request.
        url: Address of the file.
    """

    data: bytes
    faults: list[Fault] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""
    released: Event = field(default_factory=Event)
    stalled: Event = field(default_factory=Event)


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            server.ranges.append(self.headers.get("Range"))
            fault = server.faults.pop(0) if server.faults else Fault("")
            if fault.kind == "redirect":
                self.send_response(302)
                self.send_header("Location", fault.location)
                self.end_headers()
            elif fault.kind == "status":
                self.send_error(fault.status)
            elif fault.kind == "silent":
                server.stalled.set()
                server.released.wait(30)
                self.close_connection = True
            elif fault.kind == "another":
                self._send(server.data[::-1], fault)
            elif fault.kind == "page":
                self._send(b"<!DOCTYPE html><title>Log in</title>", fault, page=True)
            else:
                self._send_range(fault)

        def _send_range(self, fault: Fault) -> None:
            wanted = self.headers.get("Range")
            if wanted is None or fault.kind == "no-range":
                self._send(server.data, fault)
                return
            first, total = int(wanted.split("=")[1].rstrip("-")), len(server.data)
            if first >= total:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{total}")
                self.end_headers()
                return
            said = first + 1 if fault.kind == "bad-range" else first
            extent = f"bytes {said}-{total - 1}/{total}"
            self._send(server.data[first:], fault, extent=extent)

        def _send(
            self, body: bytes, fault: Fault, *, extent: str = "", page: bool = False
        ) -> None:
            self.send_response(206 if extent else 200)
            if extent:
                self.send_header("Content-Range", extent)
            kind = "text/html" if page else "application/x-gzip"
            self.send_header("Content-Type", kind)
            if fault.kind != "no-length":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault.kind not in ("reset", "close", "stall", "slow"):
                self.wfile.write(body)
                return
            self.wfile.write(body[: fault.after])
            self.wfile.flush()
            if fault.kind == "slow":
                for byte in body[fault.after :]:
                    server.stalled.set()
                    if server.released.wait(1):
                        break
                    self.wfile.write(bytes([byte]))
            if fault.kind == "stall":
                server.stalled.set()
                server.released.wait(30)
            if fault.kind == "reset":
                # Close with a reset instead of an orderly end.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True

    return Handler


@contextmanager
def serving(data: bytes, *faults: Fault) -> Iterator[FileServer]:
    """Serve ``data`` on a free port of this machine."""
    server = FileServer(data, list(faults))
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = False  # so that server_close waits for the answers
    server.url = f"http://127.0.0.1:{http.server_address[1]}{PATH}"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        thread.join()
        http.server_close()
