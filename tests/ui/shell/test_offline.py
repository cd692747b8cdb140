"""No network at start, and nobody is told that OptLab was started."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises import Times

# Whatever asks the operating system for a connection or a name is seen here.
PROGRAM = """
import os, sys
WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
           "socket.sendto", "urllib.Request", "http.client.connect")
def watch(event, args):
    if event in WATCHED:
        address = args[1] if event == "socket.connect" else args
        if isinstance(address, (str, bytes)):
            return  # A socket of the machine itself, such as that of the desktop.
        sys.stdout.write(f"network: {event} {args}\\n")
        sys.stdout.flush()
        os._exit(9)
sys.addaudithook(watch)
from optlab.ui.app import WindowOptions, run_window
code = run_window(WindowOptions(start=True, quit_after=SECONDS))
qt = [name for name in sys.modules if name.startswith("PySide6.QtNetwork")]
sys.stdout.write(f"modules: {qt}\\n")
sys.stdout.flush()
EXTRA
sys.exit(code)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program of Python."""
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.promise(27, "no network at start, and none while training")
def test_that_the_window_starts_trains_and_ends_without_the_network(
    times: Times,
) -> None:
    # Where much else goes on torch takes longer to come.
    seconds = f"{times(4, 15)}.0"
    done = run(PROGRAM.replace("SECONDS", seconds).replace("EXTRA", ""))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "modules: []" in done.stdout


def test_that_the_test_would_see_a_connection(tmp_path: Path) -> None:
    # The last lines would be reached only if nobody watched.
    reach = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    begin, _, _ = PROGRAM.partition("from optlab.ui.app")
    done = run(begin + reach)
    assert done.returncode == 9
    assert "network" in done.stdout
