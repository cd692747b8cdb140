"""The status bar: true facts, each with more behind it, and room for them."""

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QListWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.translate import available_languages, set_language
from optlab.ui.main_window import MainWindow
from optlab.ui.status import LEAVING, StatusBar
from tests.ui.shell.support import Hands


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    """A status bar with every fact, in a window of its own."""
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.show_device("cpu", 2)
    bar.show_speed(41.0)
    bar.show_left(42.0)
    for name, text in (("paired", "▲ Paired · check"), ("saved", "saved to run")):
        bar.fact(name).say(text)
    return bar


def test_that_the_least_important_facts_leave_first(bar: StatusBar) -> None:
    bar.resize(1600, 24)
    assert len(bar.shown()) == len(LEAVING)
    for width in range(1600, 200, -50):
        bar.resize(width, 24)
        QApplication.processEvents()
        there = [name for name in LEAVING if name in bar.shown()]
        assert there == list(LEAVING[len(LEAVING) - len(there) :]), width
        edges = (bar.fact(name).geometry().right() for name in there)
        right = max(edges, default=0)
        assert right < bar.messages_button.geometry().left(), width
    assert len(bar.shown()) < len(LEAVING)


def test_that_the_bar_asks_for_no_width(bar: StatusBar) -> None:
    assert bar.minimumSizeHint().width() == 0


def test_that_time_left_speed_and_device_are_told(bar: StatusBar) -> None:
    bar.resize(1600, 24)
    shown = bar.shown()
    assert shown["left"] == "0:42 left"
    assert shown["speed"] == "41 steps/s"
    assert shown["device"] == "CPU · 2 threads per trial"
    bar.show_left(None)
    assert "left" not in bar.shown()


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        ("device", "PyTorch"),
        ("memory", "MB"),
        ("paired", "seed 0: weights"),
        ("saved", "run.optlab"),
    ],
)
def test_that_a_click_on_a_fact_tells_more(
    ran: MainWindow, hands: Hands, qtbot: QtBot, fact: str, told: str
) -> None:
    ran.resize(1600, 900)
    badge = hands.find(QToolButton, "status.paired")
    qtbot.waitUntil(badge.isVisible, timeout=10_000)
    hands.press(f"status.{fact}")
    hands.press("status.details.copy")
    assert told in QGuiApplication.clipboard().text()
    hands.find(QWidget, "status.details").close()


def test_that_the_speed_of_each_trial_is_told(ran: MainWindow, hands: Hands) -> None:
    ran.front.show_fact("speed")
    hands.press("status.details.copy")
    text = QGuiApplication.clipboard().text()
    assert text.count("ms per step, step 60 of 60") == 2
    hands.find(QWidget, "status.details").close()


def test_that_the_folder_of_the_run_is_opened(
    ran: MainWindow, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    ran.front.show_fact("saved")
    hands.press("status.details.folder")
    assert ran.controller.path is not None
    assert opened == [QUrl.fromLocalFile(str(ran.controller.path.parent))]
    hands.find(QWidget, "status.details").close()


def test_that_the_bell_counts_and_opens_the_history(
    window: MainWindow, hands: Hands
) -> None:
    window.notice.say("Disk full")
    window.notice.say("Written", severity="good")
    bell = hands.find(QToolButton, "messages.open")
    assert bell.text() == "2"
    hands.press("messages.open")
    assert bell.text() == ""
    listed = hands.find(QListWidget, "messages.list")
    assert [listed.item(n).text().split(" · ")[1] for n in range(2)] == [
        "Written",
        "Disk full",
    ]
    listed.item(1).setSelected(True)
    hands.press("messages.copy")
    assert "Disk full (Problem)" in QGuiApplication.clipboard().text()
    assert "Written" not in QGuiApplication.clipboard().text()
    hands.press("messages.clear")
    assert window.session.messages.kept == ()
    assert listed.isHidden()
    hands.find(QWidget, "messages").close()


@pytest.mark.skipif("zh" not in available_languages(), reason="no Chinese is shipped")
def test_that_the_other_language_is_one_press_away(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    try:
        with qtbot.waitSignal(window.rebuilt):
            hands.press("language")
        other = hands.find(QToolButton, "language")
        assert other.text() == "English"
        qtbot.waitUntil(other.isVisible)
        with qtbot.waitSignal(window.rebuilt):
            hands.press("language")
    finally:
        set_language("en")
    assert window.session.preferences.value("language") == "en"
