"""The command palette: everything that can be done, found by a few letters."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from optlab import translate
from optlab.ui.controller import Phase
from optlab.ui.fuzzy import misfit
from optlab.ui.main_window import MainWindow
from optlab.ui.palette import PLACE, Palette
from tests.ui.shell.support import Hands

ORDER = [
    ("save", "Save experiment", "Save experiment as"),
    ("sea", "Save experiment as", "Nausea of an experiment"),
    ("exp", "Save experiment", "Add example part"),
    ("svexp", "Save experiment", None),
    ("exp save", "Save experiment", "Save figure"),
    ("打开", "打开实验", None),
]


class Finder:
    """Opens the palette and types into it."""

    def __init__(self, window: MainWindow, hands: Hands) -> None:
        self._window = window
        self._hands = hands

    @property
    def palette(self) -> Palette:
        """The palette of the window as it is now."""
        return self._window.front.palette

    def find(self, text: str) -> str:
        """Open the palette, type, and return the name of the first entry."""
        self._hands.trigger("action.palette")
        line = self._hands.find(QLineEdit, "palette.search")
        line.clear()
        QTest.keyClicks(line, text) if text.isascii() else line.setText(text)
        entry = self.palette.current()
        return "" if entry is None else entry.name

    def press(self, key: Qt.Key) -> None:
        """Press a key in the search line."""
        QTest.keyClick(self._hands.find(QLineEdit, "palette.search"), key)


@pytest.fixture
def finder(window: MainWindow, hands: Hands) -> Finder:
    """What opens the palette and types into it."""
    return Finder(window, hands)


@pytest.mark.parametrize(("query", "better", "worse"), ORDER)
def test_that_the_better_fit_comes_first(
    query: str, better: str, worse: str | None
) -> None:
    good = misfit(query, (better,))
    assert good is not None
    if worse is not None:
        bad = misfit(query, (worse,))
        assert bad is None or bad >= good


@pytest.mark.parametrize("query", ["xyzzy", "save xyzzy", "tnemirepxe"])
def test_that_what_does_not_fit_is_not_found(query: str) -> None:
    assert misfit(query, ("Save experiment",), "keep a file") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("save exp", "command:save_spec"),
        ("quit", "command:quit"),
        ("svexp", "command:save_spec"),
        ("AdamW", "optimizer:AdamW"),
        ("himmelblau", "problem:himmelblau"),
        ("scale", "preference:scale"),
    ],
)
def test_that_a_few_letters_find_what_is_meant(
    finder: Finder, text: str, name: str
) -> None:
    assert finder.find(text) == name


def test_that_enter_does_it_and_escape_closes(
    window: MainWindow, finder: Finder
) -> None:
    before = len(window.editor.spec.optimizers)
    finder.find("AdamW")
    finder.press(Qt.Key.Key_Return)
    assert len(window.editor.spec.optimizers) == before + 1
    assert window.editor.spec.optimizers[-1].name == "AdamW"
    assert finder.palette.isHidden()
    finder.find("quit")
    finder.press(Qt.Key.Key_Escape)
    assert finder.palette.isHidden()
    assert window.isVisible()


@pytest.mark.parametrize("kept", ["{", "7", "[" * 100_000])
def test_that_settings_that_cannot_be_read_are_nothing_done(
    window: MainWindow, kept: str
) -> None:
    window.session.settings.setValue(PLACE, kept)
    window.front.show_palette()
    palette = window.front.palette
    assert palette.listed()
    palette.close()


def test_that_what_was_done_last_comes_first_when_nothing_is_typed(
    window: MainWindow, finder: Finder
) -> None:
    finder.find("reset layout")
    finder.find("restore the layout")
    finder.press(Qt.Key.Key_Return)
    finder.find("himmelblau")
    finder.press(Qt.Key.Key_Return)
    finder.find("")
    names = [entry.name for entry in finder.palette.listed()[:2]]
    assert names == ["problem:himmelblau", "command:reset_layout"]


def test_that_up_and_down_walk_and_stop_at_the_ends(finder: Finder) -> None:
    finder.find("")
    finder.press(Qt.Key.Key_Down)
    finder.press(Qt.Key.Key_Down)
    assert finder.palette.list.currentRow() == 2
    for _ in range(5):
        finder.press(Qt.Key.Key_Up)
    assert finder.palette.list.currentRow() == 0
    finder.press(Qt.Key.Key_PageDown)
    assert finder.palette.list.currentRow() > 3


def test_that_what_cannot_be_done_says_why_and_is_not_done(
    window: MainWindow, finder: Finder, hands: Hands
) -> None:
    assert finder.find("Stop") == "command:stop"
    assert "No run" in hands.find(QLabel, "palette.told").text()
    finder.press(Qt.Key.Key_Return)
    assert finder.palette.isVisible()
    assert window.controller.phase is Phase.IDLE


def test_that_chinese_and_english_words_both_find(
    finder: Finder, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"Save experiment": "保存实验", "Quit": "退出"}
    monkeypatch.setattr(translate._LANGUAGE, "messages", told)
    window.rebuild()
    assert finder.find("保存") == "command:save_spec"
    assert finder.find("save exp") == "command:save_spec"
    assert finder.find("退出") == "command:quit"


def test_that_recent_files_and_plots_are_found(
    qtbot: QtBot, ran: MainWindow, finder: Finder
) -> None:
    run = ran.controller.path
    assert run is not None
    assert finder.find(run.parent.name) == f"recent:{run}"
    run.rename(run.with_suffix(".gone"))
    finder.find(run.parent.name)
    entry = finder.palette.current()
    assert entry is not None
    assert entry.reason
    assert finder.find("show plot").startswith("plot:")


def test_that_entries_are_told_to_screen_readers(finder: Finder) -> None:
    finder.find("save exp")
    role = Qt.ItemDataRole.AccessibleTextRole
    spoken = finder.palette.list.currentItem().data(role)
    assert spoken.startswith("Save experiment, File, ")
