"""What the window says: one quiet line, which leaves or stays, and a history."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from optlab.ui.messages import MOST, Messages, Severity
from optlab.ui.notice import Notice
from optlab.ui.view_state import ViewState


@pytest.fixture
def messages() -> Messages:
    """An empty history."""
    return Messages()


@pytest.fixture
def notice(qtbot: QtBot, messages: Messages) -> Iterator[Notice]:
    """A line whose good news leaves soon."""
    window = QWidget()
    qtbot.addWidget(window)
    line = Notice(ViewState(), messages, stay=lambda: 0.03)
    QVBoxLayout(window).addWidget(line)
    window.show()
    yield line
    window.close()


def test_that_a_name_of_a_file_is_shown_as_it_is(notice: Notice) -> None:
    notice.say("cannot be read: <b>run</b>.optlab")
    label = notice.findChild(QLabel, "notice.text")
    assert isinstance(label, QLabel)
    assert label.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize("severity", ["good", "info"])
def test_that_good_news_leaves_by_itself(
    qtbot: QtBot, notice: Notice, severity: Severity
) -> None:
    notice.say("Written", severity=severity)
    assert notice.text == "Written"
    qtbot.waitUntil(notice.isHidden)


@pytest.mark.parametrize("severity", ["warning", "problem"])
def test_that_bad_news_stays(qtbot: QtBot, notice: Notice, severity: Severity) -> None:
    notice.say("Written", severity="good")
    notice.say("Disk full", severity=severity)
    qtbot.wait(90)
    assert notice.text == "Disk full"


def test_that_good_news_stays_while_the_mouse_is_on_it(
    qtbot: QtBot, notice: Notice
) -> None:
    notice.say("Written", severity="good")
    place = QPointF(3, 3)
    QApplication.sendEvent(notice, QEnterEvent(place, place, place))
    qtbot.wait(90)
    assert notice.text == "Written"
    QApplication.sendEvent(notice, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(notice.isHidden)


def test_that_what_was_said_is_read_out_with_how_much_it_matters(
    notice: Notice,
) -> None:
    notice.say("Disk full", severity="problem")
    assert notice.accessibleName() == "Disk full"
    assert notice.accessibleDescription() == "Problem"


def test_that_what_was_said_can_be_read_again(
    notice: Notice, messages: Messages
) -> None:
    notice.say("Written", severity="good")
    notice.hide()
    notice.say("Disk full")
    assert [m.text for m in messages.kept] == ["Written", "Disk full"]
    assert [m.severity for m in messages.kept] == ["good", "problem"]
    assert messages.unread == 2
    messages.mark_read()
    assert messages.unread == 0


def test_that_one_message_again_and_again_is_counted(messages: Messages) -> None:
    for _ in range(3):
        messages.add("Disk full", "problem")
    assert [(m.text, m.times) for m in messages.kept] == [("Disk full", 3)]
    assert messages.unread == 1


def test_that_the_history_is_bounded(messages: Messages) -> None:
    for number in range(MOST + 5):
        messages.add(str(number), "info")
    assert len(messages.kept) == MOST
    assert messages.kept[-1].text == str(MOST + 4)
    messages.clear()
    assert (messages.kept, messages.unread) == ((), 0)
