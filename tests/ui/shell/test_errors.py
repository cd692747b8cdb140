"""Errors that nobody expected end in one dialog, and the window goes on."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.log import logging_to_file
from optlab.ui.controller import Phase
from optlab.ui.error_dialog import ErrorDialog
from optlab.ui.errors import ErrorDesk
from optlab.ui.main_window import MainWindow
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Hands

# These tests want the hooks of Python for themselves.
pytestmark = pytest.mark.qt_no_exception_capture


@pytest.fixture
def kept() -> list[bool]:
    """Whether what is open is kept; a test may say otherwise."""
    return [True]


@pytest.fixture
def desk(
    window: MainWindow,
    kept: list[bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ErrorDesk]:
    """What hears of the errors of the window, with a log of its own."""
    # The terminal would be told, too.
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda *_: None)
    with logging_to_file(tmp_path / "log") as log:
        desk = ErrorDesk(window, log=log, kept=lambda: kept[0])
        desk.listen()
        yield desk
        desk.stop()


@pytest.fixture
def told(qtbot: QtBot, desk: ErrorDesk) -> Callable[[], ErrorDialog]:
    """Return a function that waits for the dialog."""

    def wait() -> ErrorDialog:
        qtbot.waitUntil(lambda: desk.dialog is not None, timeout=PATIENCE)
        assert desk.dialog is not None
        return desk.dialog

    return wait


def text_of(dialog: ErrorDialog, name: str) -> str:
    """Return what a label of the dialog says, without places to break a line."""
    label = dialog.findChild(QLabel, f"error.{name}")
    assert label is not None
    return "" if label.isHidden() else label.text().replace("\u200b", "")


def press(dialog: ErrorDialog, name: str) -> None:
    """Press a button of the dialog."""
    button = dialog.findChild(QPushButton, f"error.{name}")
    assert button is not None
    button.click()


def broken_widget(window: MainWindow, times: list[int]) -> QWidget:
    """Return what fails each time it is painted, with its painter at work.

    Args:
        window: What it is in.
        times: Gets a number each time.
    """

    def paint(self: QWidget, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawLine(0, 0, 9, 9)
        times.append(len(times))
        raise ValueError("no such colour")

    widget: QWidget = type("Broken", (QWidget,), {"paintEvent": paint})(window)
    widget.resize(30, 30)
    widget.show()
    return widget


class Elsewhere(QObject):
    """Has a slot that fails in a thread of its own."""

    @Slot()
    def work(self) -> None:
        """Fail."""
        raise ValueError("in a thread of Qt")


def test_that_an_error_in_a_slot_is_told_with_what_is_saved_and_where_the_log_is(
    window: MainWindow,
    desk: ErrorDesk,
    told: Callable[[], ErrorDialog],
    hands: Hands,
    ran: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("one by nothing")

    window.bar.step.clicked.disconnect()
    window.bar.step.clicked.connect(broken)
    hands.press("step")
    dialog = told()
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert text_of(dialog, "sentence").count(".") == 1
    assert text_of(dialog, "what") == "ZeroDivisionError: one by nothing"
    assert str(window.controller.path) in text_of(dialog, "saved")
    assert "come back at the next start" in text_of(dialog, "saved")
    log = tmp_path / "log" / "optlab.log"
    assert text_of(dialog, "log") == str(log)
    assert "one by nothing" in log.read_text("utf-8")
    assert "Traceback" in log.read_text("utf-8")
    assert "optlab doctor --bundle" in text_of(dialog, "hint")
    press(dialog, "copy")
    copied = QGuiApplication.clipboard().text()
    assert "in broken" in copied
    assert copied.endswith("ZeroDivisionError: one by nothing\n")
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    press(dialog, "folder")
    assert opened == [QUrl.fromLocalFile(str(log.parent))]
    press(dialog, "close")


def test_that_an_error_in_each_frame_opens_one_dialog_and_counts_up(
    qtbot: QtBot,
    window: MainWindow,
    desk: ErrorDesk,
    told: Callable[[], ErrorDialog],
    tmp_path: Path,
) -> None:
    times: list[int] = []
    broken = broken_widget(window, times)
    frames = QTimer()
    frames.timeout.connect(broken.update)
    frames.start(5)
    dialog = told()
    qtbot.waitUntil(lambda: len(times) > 30, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "times more" in text_of(dialog, "count"), timeout=PATIENCE)
    found = window.findChildren(ErrorDialog)
    assert found == [dialog]
    log = (tmp_path / "log" / "optlab.log").read_text("utf-8")
    assert log.count("ValueError: no such colour") == 1
    with qtbot.waitSignal(dialog.destroyed):
        press(dialog, "close")
    seen = len(times)
    qtbot.waitUntil(lambda: len(times) > seen + 60, timeout=PATIENCE)
    assert desk.dialog is None
    frames.stop()
    broken.hide()


def test_that_the_window_goes_on_after_an_error_in_painting_and_in_a_timer(
    qtbot: QtBot,
    window: MainWindow,
    told: Callable[[], ErrorDialog],
    hands: Hands,
    until: Callable[[Phase], None],
) -> None:
    def late() -> None:
        raise KeyError("late")

    timer = QTimer()
    timer.timeout.connect(late)
    timer.start(1)
    broken = broken_widget(window, [])
    dialog = told()
    assert text_of(dialog, "what") in ("KeyError: 'late'", "ValueError: no such colour")
    qtbot.waitUntil(
        lambda: "Another error" in text_of(dialog, "count"), timeout=PATIENCE
    )
    hands.press("start")
    until(Phase.RUNNING)
    hands.press("stop")
    until(Phase.IDLE)
    timer.stop()
    broken.hide()
    dialog.close()


def test_that_an_error_while_a_run_goes_on_says_so(
    window: MainWindow,
    desk: ErrorDesk,
    told: Callable[[], ErrorDialog],
    kept: list[bool],
    hands: Hands,
    until: Callable[[Phase], None],
) -> None:
    kept[0] = False
    hands.press("start")
    until(Phase.RUNNING)
    desk.note(RuntimeError("x" * 5000))
    dialog = told()
    assert "The run goes on and is written to" in text_of(dialog, "saved")
    assert "save it as a file" in text_of(dialog, "saved")
    assert len(text_of(dialog, "what")) <= 300
    hands.press("stop")
    until(Phase.IDLE)
    dialog.close()


class Asked(QObject):
    """Asks somebody in another thread."""

    ask = Signal()


def test_that_an_error_in_a_thread_is_told_in_the_window(
    told: Callable[[], ErrorDialog],
) -> None:
    def work() -> None:
        raise ValueError("in a thread of Python")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    dialog = told()
    assert text_of(dialog, "what") == "ValueError: in a thread of Python"
    dialog.close()


def test_that_an_error_in_a_thread_of_qt_is_told_in_the_window(
    told: Callable[[], ErrorDialog],
) -> None:
    other, elsewhere, asked = QThread(), Elsewhere(), Asked()
    elsewhere.moveToThread(other)
    asked.ask.connect(elsewhere.work)
    other.start()
    asked.ask.emit()
    dialog = told()
    other.quit()
    assert other.wait(PATIENCE)
    assert text_of(dialog, "what") == "ValueError: in a thread of Qt"
    dialog.close()


def test_that_an_error_that_a_worker_survived_is_told_and_a_full_disk_is_not(
    qtbot: QtBot, desk: ErrorDesk, told: Callable[[], ErrorDialog]
) -> None:
    worker = logging.getLogger("optlab.ui.worker")
    for error in (OSError(28, "No space left on device"), MemoryError()):
        worker.error("the run failed", exc_info=error)
    turns: list[int] = []
    QTimer.singleShot(0, lambda: turns.append(1))
    qtbot.waitUntil(lambda: bool(turns))
    assert desk.dialog is None
    worker.error("the run failed", exc_info=LookupError("not to be"))
    dialog = told()
    assert text_of(dialog, "what") == "LookupError: not to be"
    dialog.close()


def test_that_an_error_in_the_process_of_a_run_is_told_and_a_full_disk_there_is_not(
    desk: ErrorDesk, told: Callable[[], ErrorDialog]
) -> None:
    child = logging.getLogger("optlab.run_process.child")
    text = 'the run failed\nTraceback (most recent call last):\n  File "x.py", line 1\n'
    child.error("%s", text + "FileNotFoundError: [Errno 2] No such file")
    child.error("%s", text + "MemoryError")
    child.error("%s", "a mishap without a traceback")
    child.error("%s", text + "LookupError: not to be")
    dialog = told()
    assert text_of(dialog, "what") == "LookupError: not to be"
    assert text_of(dialog, "count") == ""
    dialog.close()


def test_that_an_error_in_the_dialog_itself_ends_there(
    qtbot: QtBot,
    desk: ErrorDesk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    opened = []

    def broken(*_: object) -> None:
        opened.append(1)
        raise ValueError("no dialog")

    log = tmp_path / "log" / "optlab.log"
    turns: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(desk, "_open", broken)
        desk.note(RuntimeError("the first"))
        qtbot.waitUntil(lambda: "no dialog" in log.read_text("utf-8"), timeout=PATIENCE)
        QTimer.singleShot(600, lambda: turns.append(1))
        qtbot.waitUntil(lambda: bool(turns))
    assert len(opened) == 2  # For the first error, and for that one.


def test_that_many_errors_are_bounded(desk: ErrorDesk, qtbot: QtBot) -> None:
    kinds = [type(f"Error{k}", (Exception,), {}) for k in range(1000)]
    new = [desk.note(kind("x")) for kind in kinds]
    assert sum(new) == 200
    qtbot.waitUntil(lambda: desk.dialog is not None, timeout=PATIENCE)
    assert desk.dialog is not None
    assert "199 other errors" in text_of(desk.dialog, "count")
    desk.dialog.close()


def test_that_hooks_are_given_back_as_the_window_closes(
    window: MainWindow, desk: ErrorDesk
) -> None:
    ours = sys.excepthook
    window.close()
    assert sys.excepthook is not ours
    assert not [
        handler
        for handler in logging.getLogger("optlab").handlers
        if type(handler).__module__ == "optlab.ui.errors"
    ]
