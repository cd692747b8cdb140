"""The window speaks Chinese, wholly, and changes languages while a run goes on."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from optlab.spec import ExperimentSpec
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.preferences import language_of
from scripts.translations import messages, read
from tests.ui.shell.support import Hands

FIELD = re.compile(r"\{[^{}]*\}")


@cache
def english() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the messages that are otherwise in Chinese: whole ones, and patterns."""
    told = read("zh")
    texts = [m for m in messages() if told.get(m, m) != m and len(words(m)) > 1]
    whole = frozenset(text for text in texts if not FIELD.search(text))
    parts = [map(re.escape, FIELD.split(t)) for t in texts if t not in whole]
    return whole, re.compile("|".join(".+?".join(part) for part in parts))


def words(message: str) -> list[str]:
    """Return the Latin words of a message."""
    return re.findall(r"[A-Za-z]{2,}", FIELD.sub("", message))


def is_english(text: str) -> bool:
    """Say whether a text is one of the messages, left as it is."""
    whole, patterns = english()
    plain = re.sub(r"<[^>]*>", "", text).strip()
    return plain in whole or patterns.fullmatch(plain) is not None


def texts_of(thing: QWidget | QAction) -> Iterator[str]:
    """Yield all that a widget or an action says."""
    yield thing.toolTip()
    if isinstance(thing, QAction):
        yield thing.text()
        return
    yield from (thing.accessibleName(), thing.accessibleDescription())
    if isinstance(thing, QLabel | QAbstractButton):
        yield thing.text()
    elif isinstance(thing, QMenu):
        yield thing.title()
    elif isinstance(thing, QLineEdit):
        yield thing.placeholderText()
    elif isinstance(thing, QComboBox):
        yield from (thing.itemText(i) for i in range(thing.count()))
    elif isinstance(thing, QListWidget):
        yield from (thing.item(i).text() for i in range(thing.count()))
    elif isinstance(thing, QTableWidget):
        heads = (thing.horizontalHeaderItem(i) for i in range(thing.columnCount()))
        yield from (head.text() for head in heads if head is not None)


def left_in_english() -> list[str]:
    """Return what is said in English by any window, menu or dialog that there is."""
    found = []
    for top in QApplication.topLevelWidgets():
        for thing in (top, *top.findChildren(QWidget), *top.findChildren(QAction)):
            assert isinstance(thing, QWidget | QAction)
            said = (line for text in texts_of(thing) for line in text.splitlines())
            found += [f"{thing.objectName()}: {s}" for s in said if is_english(s)]
    return sorted(set(found))


@pytest.fixture
def chinese(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window that has changed to Chinese."""
    with qtbot.waitSignal(window.rebuilt):
        window.set_language("zh")
    return window


def test_that_what_is_left_in_english_is_found(window: MainWindow) -> None:
    assert "theme: Light or dark" in left_in_english()


def test_that_the_language_changes_at_one_press_while_a_run_goes_on(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
) -> None:
    window.editor.open(endless, source="endless")
    hands.press("start")
    until(Phase.RUNNING)
    with qtbot.waitSignal(window.rebuilt):
        hands.press("language")
    assert window.controller.phase is Phase.RUNNING
    assert left_in_english() == []
    data = window.controller.data
    assert data is not None
    step = data.status(0).step
    qtbot.waitUntil(lambda: data.status(0).step > step + 10)
    with qtbot.waitSignal(window.rebuilt):
        hands.press("language")
    assert window.controller.phase is Phase.RUNNING
    assert len(left_in_english()) > 20
    qtbot.waitUntil(hands.find(QWidget, "start").isVisible)
    hands.press("start")
    until(Phase.PAUSED)
    hands.press("stop")
    until(Phase.IDLE)


@pytest.mark.parametrize("row", [0, 1, 5])
def test_that_an_unfolded_optimizer_is_told_in_chinese(
    chinese: MainWindow, row: int
) -> None:
    chinese.optimizers_panel.select(row)
    assert left_in_english() == []


@pytest.mark.parametrize(
    "action",
    ["palette", "preferences", "shortcuts", "messages", "about", "explain", "plugins"],
)
def test_that_what_a_command_opens_is_in_chinese(
    chinese: MainWindow, hands: Hands, action: str
) -> None:
    hands.trigger(f"action.{action}")
    assert left_in_english() == []


@pytest.mark.parametrize("page", ["welcome", "library", "tune"])
def test_that_a_page_is_in_chinese(chinese: MainWindow, page: str) -> None:
    chinese.show_page(page)
    assert left_in_english() == []


def test_that_every_menu_is_in_chinese(chinese: MainWindow) -> None:
    for menu in chinese.findChildren(QMenu):
        menu.aboutToShow.emit()
    assert left_in_english() == []


@pytest.mark.parametrize("preset", ["seed-sgd", "seed-layer-wise", "sparse-first-look"])
def test_that_other_experiments_are_in_chinese(
    chinese: MainWindow, preset: str
) -> None:
    chinese.specs.load_preset(preset)
    for row in range(len(chinese.editor.spec.optimizers)):
        chinese.optimizers_panel.select(row)
        assert left_in_english() == []


@pytest.mark.parametrize(
    ("preferred", "system", "code"),
    [
        ("system", "zh_CN", "zh"),
        ("system", "de", "en"),
        ("en", "zh_CN", "en"),
        ("zh", "en", "zh"),
    ],
)
def test_that_a_person_decides_on_the_language_or_the_system_does(
    window: MainWindow,
    monkeypatch: pytest.MonkeyPatch,
    preferred: str,
    system: str,
    code: str,
) -> None:
    monkeypatch.setenv("OPTLAB_LANG", system)
    window.session.preferences.set_value("language", preferred)
    assert language_of(window.session.preferences) == code


def test_that_qt_says_its_own_words_in_the_language_of_the_window(
    qtbot: QtBot, window: MainWindow
) -> None:
    said = []
    for code in ("zh", "en", "zh", "en"):
        with qtbot.waitSignal(window.rebuilt):
            window.set_language(code)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        qtbot.addWidget(box)
        said.append(box.buttons()[0].text())
    assert said[:2] == said[2:]
    assert said[0] == "取消"
    assert "Cancel" in said[1]
