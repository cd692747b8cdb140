"""``optlab`` as it is started, and a click as soon as it says that it is ready.

    python -m benchmarks.clicked_window BUTTON gui ...

BUTTON is the name of a button of the page that it begins with. Says ``clicked`` when
the click has had its effect: the button is switched, or the lab is shown. Says
``furnished`` when all of the window is there, and ``kept`` with the longest time, in
seconds, for which the window did not answer until then. The program knows nothing of
it.
"""

import runpy
import sys
from time import perf_counter
from typing import Any

from optlab.ui.app import READY

LAB = "desk"


class Hand:
    """Reads along what the program writes, and clicks when it is ready.

    Args:
        button: What to click.
    """

    def __init__(self, button: str) -> None:
        self._button = button
        self._out = sys.stdout
        self._last = perf_counter()
        self._longest = 0.0

    def __getattr__(self, name: str) -> Any:
        """Be standard output otherwise."""
        return getattr(self._out, name)

    def write(self, text: str) -> int:
        """Write on; after the line for which it waits, click at the next turn."""
        if READY in text:
            from PySide6.QtCore import QTimer

            QTimer.singleShot(0, self._click)
        return self._out.write(text)

    def _say(self, word: str) -> None:
        self._out.write(f"{word}\n")
        self._out.flush()

    def _turn(self) -> None:
        now = perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now

    def _tell(self) -> None:
        self._say("furnished")
        self._turn()
        self._say(f"kept {self._longest:.4f}")
        self._timer.stop()

    def _click(self) -> None:
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

        from benchmarks.clicking import click

        window: Any = QApplication.activeWindow()
        window.furnished.connect(self._tell)
        button = window.findChild(QAbstractButton, self._button)
        before = button.isChecked()
        click(button)
        lab = window.findChild(QWidget, LAB)
        if button.isChecked() != before:
            self._say("clicked")
            # What it switches is kept: the next window is to begin as this one.
            click(button)
        elif lab is not None and lab.isVisible():
            self._say("clicked")
        self._last = perf_counter()
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self._turn)
        self._timer.start()


def main() -> None:
    """Start the program, with a hand at it."""
    button, *words = sys.argv[1:]
    sys.stdout = Hand(button)
    sys.argv = ["optlab", *words]
    runpy.run_module("optlab", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
