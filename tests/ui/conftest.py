"""What every test of the window gets: no screen needed, and nothing left behind.

A test that leaves a thread, a timer or a window fails, and is told where that was
started; a warning of Qt fails it, too.
"""

import gc
import os
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from optlab.ui import launch

PASSED = pytest.StashKey[bool]()
# The offscreen platform has no window manager and says so at every window.
HARMLESS = (
    r"This plugin does not support "
    r"(propagateSizeHints\(\)|raise\(\)|grabbing the keyboard)"
)


@pytest.fixture(scope="session", autouse=True)
def _no_screen_needed() -> None:
    """Draw into memory unless a platform is asked for."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _trains_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs train in the window's process, which needs no other one to begin.

    What is promised of runs is tested both ways, in tests that ask for ``way``.
    """
    monkeypatch.setattr(launch, "trains_apart", lambda _: False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let warnings of Qt fail the tests of this folder."""
    for item in items:
        if "tests/ui" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(HARMLESS, extend=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Note whether a test passed: only then are its leftovers its own fault."""
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report


class _Started:
    """Objects that live, with the place where they were last started."""

    def __init__(self) -> None:
        # A long test starts its timers again and again, and must not grow by that.
        self._found = WeakKeyDictionary[Any, str]()

    def watch(self, start: Callable[..., None]) -> Callable[..., None]:
        """Return ``start`` so that it takes notes."""

        def noting(it: Any, *args: Any) -> None:
            place = "".join(traceback.format_stack(limit=4)[:-1])
            self._found[it] = place
            start(it, *args)

        return noting

    def left(self, alive: Callable[[Any], bool]) -> list[str]:
        """Return where those were started that are still alive."""
        found = list(self._found.items())
        return [place for it, place in found if isValid(it) and alive(it)]


@pytest.fixture(autouse=True)
def _nothing_left_behind(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fail a test that leaves a thread, a timer or a window behind."""
    # What is there already need not be looked through when the test is over.
    gc.freeze()
    threads, timers = _Started(), _Started()
    monkeypatch.setattr(QThread, "start", threads.watch(QThread.start))
    monkeypatch.setattr(QTimer, "start", timers.watch(QTimer.start))
    python_threads = set(threading.enumerate())
    windows = set(map(id, _windows()))
    # What is there already need not be searched again: only the test's own is.
    gc.freeze()
    yield
    if not request.node.stash.get(PASSED, False):
        return
    # What the arguments of the test hold on to would look as if it were left behind.
    request.node.funcargs.clear()
    _clear_up()
    left = [f"timer started at\n{p}" for p in timers.left(QTimer.isActive)]
    left += [f"thread started at\n{p}" for p in threads.left(QThread.isRunning)]
    # A thread that Qt made shows up as a dummy, which Python never takes away.
    left += [
        f"Python thread {thread.name}"
        for thread in threading.enumerate()
        if thread not in python_threads
        and not isinstance(thread, threading._DummyThread)
    ]
    left += [
        f"window {w!r} {w.objectName()!r} {w.windowTitle()!r}"
        for w in _windows()
        if id(w) not in windows
    ]
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


def _windows() -> list[QWidget]:
    if QApplication.instance() is None:
        return []
    return [w for w in QApplication.topLevelWidgets() if w.parent() is None]


def _clear_up() -> None:
    gc.collect()
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
