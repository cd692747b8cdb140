"""Starting, stopping and closing again and again leaves nothing behind."""

import gc
import multiprocessing
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import TimeoutError as WaitedTooLong
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from optlab.registry import Catalog
from optlab.spec import ExperimentSpec
from optlab.ui.controller import Phase
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from optlab.ui.status import memory_in_use
from tests.promises import Note, Times
from tests.ui.shell.conftest import PATIENCE, both_ways
from tests.ui.shell.support import Answers, Hands

WARM: Final = 50
"""After so many cycles everything has been made once, and pools are filled."""
GROWTH: Final = 20e6
SETTLE_MS: Final = 5000


def descriptors() -> int:
    """Return how many files, sockets and pipes are open; 0 where that is unknown."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


class Life:
    """What lives in this process now."""

    def __init__(self) -> None:
        for _ in range(2):
            gc.collect()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            QCoreApplication.processEvents()
        kinds = (QThread, QTimer)
        # Not isinstance, which asks some objects for more than they like to tell.
        found = [o for o in gc.get_objects() if issubclass(type(o), kinds)]
        valid = [o for o in found if isValid(o)]
        self.counts = {
            "threads": threading.active_count(),
            "threads of Qt": sum(
                o.isRunning() for o in valid if isinstance(o, QThread)
            ),
            "timers": sum(o.isActive() for o in valid if isinstance(o, QTimer)),
            "children": len(multiprocessing.active_children()),
            "descriptors": descriptors(),
            **Counter(f"a {type(w).__name__}" for w in QApplication.topLevelWidgets()),
        }
        self.memory = memory_in_use()


def cycles(count: int, once: Callable[[], None]) -> tuple[Life, Life]:
    """Do something again and again; return what lived early on, and at the end."""
    early = min(WARM, count // 2)
    for _ in range(early):
        once()
    before = Life()
    for _ in range(count - early):
        once()
    return before, Life()


def train(qtbot: QtBot, window: MainWindow) -> None:
    """Start and stop a run by hand."""
    controller, hands = window.controller, Hands(window)
    hands.press("start")
    # Many tests at one time may make the first start a slow one.
    qtbot.waitUntil(lambda: controller.phase is Phase.RUNNING, timeout=3 * PATIENCE)
    hands.press("stop")
    qtbot.waitUntil(lambda: controller.phase is Phase.IDLE, timeout=PATIENCE)


def check(qtbot: QtBot, count: int, *, once: Callable[[], None]) -> str:
    """Do something again and again, hold what lives then against what lived early on.

    Returns:
        What was measured.
    """
    before, after = cycles(count, once)
    grown = after.memory - before.memory

    def more() -> dict[str, int]:
        had, now = before.counts, Life().counts
        return {k: n - had.get(k, 0) for k, n in now.items() if n > had.get(k, 0)}

    # Some timers look once more a little later, and then never again.
    with suppress(WaitedTooLong):
        qtbot.waitUntil(lambda: not more(), timeout=SETTLE_MS)
    assert not more()
    assert grown < GROWTH
    return f"RSS {grown / 1e6:+.1f} MB; {after.counts}"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.promise(6, "windows opened, started, stopped and closed: nothing is left")
def test_that_windows_come_and_go_without_a_trace(
    qtbot: QtBot,
    catalog: Catalog,
    endless: ExperimentSpec,
    tmp_path: Path,
    times: Times,
    measured: Note,
) -> None:
    def once() -> None:
        session = make_session(catalog, folder=tmp_path / "person")
        window = MainWindow(session, chooser=Answers())
        window.show()
        window.editor.open(endless, source="")
        train(qtbot, window)
        window.close()
        window.deleteLater()

    measured(check(qtbot, times(4, 500), once=once))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.promise(6, "runs started and stopped in one window: nothing is left")
@both_ways
def test_that_runs_come_and_go_without_a_trace(
    qtbot: QtBot,
    window: MainWindow,
    endless: ExperimentSpec,
    times: Times,
    measured: Note,
) -> None:
    window.editor.open(endless, source="")
    once = partial(train, qtbot, window)
    measured(check(qtbot, times(4, 500), once=once))
