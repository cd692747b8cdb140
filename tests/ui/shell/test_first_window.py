"""The window is there soon, and needs no torch for it."""

import subprocess
import sys
import time
from typing import Final

import pytest

from tests.promises import Note, Times, tortured

SECONDS: Final = 3.0
LOADED_SECONDS: Final = 30.0
"""What other tests at the same time may make of it."""
START: Final = """
import sys, threading
from optlab.ui import launch
from optlab.ui.app import WindowOptions
painted = launch.Watch._on_painted
def look(self):
    assert threading.current_thread() is threading.main_thread()
    sys.stdout.write(f"torch: {'torch' in sys.modules}\\n")
    painted(self)
    self._window.close()
launch.Watch._on_painted = look
sys.exit(launch.launch(WindowOptions()))
"""


@pytest.mark.promise(27, "the first window within 3 s, without torch")
def test_that_the_first_window_is_there_soon(times: Times, measured: Note) -> None:
    took = []
    for _ in range(times(1, 10)):
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-c", START], stdout=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "torch: False\n"
            took.append(time.monotonic() - began)
            program.stdout.read()
        assert program.returncode == 0
    measured(f"{min(took):.2f} to {max(took):.2f} s")
    assert min(took) < (SECONDS if tortured() else LOADED_SECONDS)
