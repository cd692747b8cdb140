"""Commands: one table of what can be done, its shortcuts, and what may be done now."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from optlab.ui.commands import Commands
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Hands


class Bench:
    """A window with a field, a button and two commands that note what they did."""

    def __init__(self, qtbot: QtBot, settings: QSettings) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.field, self.button = QLineEdit(), QPushButton()
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.field)
        layout.addWidget(self.button)
        self.pressed = 0
        self.button.clicked.connect(self._press)
        self.done: list[str] = []
        self.commands = Commands(self.window, settings)
        self.why = ""
        for name, keys in (("plot", ["L", "Space"]), ("save", ["Ctrl+S"])):
            self.commands.add(
                name,
                name.title(),
                partial(self.done.append, name),
                keys=keys,
                group="file",
                blocked=lambda: self.why,
            )
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()

    def _press(self) -> None:
        self.pressed += 1

    def tap(self, key: Qt.Key, widget: QWidget) -> None:
        """Press a key where the focus is."""
        widget.setFocus()
        QTest.keyClick(widget, key)


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """A file of settings."""
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def bench(qtbot: QtBot, settings: QSettings) -> Bench:
    """A window with two commands."""
    return Bench(qtbot, settings)


def test_that_letters_are_typed_in_a_field_and_are_shortcuts_elsewhere(
    bench: Bench,
) -> None:
    bench.tap(Qt.Key.Key_L, bench.field)
    assert (bench.field.text(), bench.done) == ("l", [])
    bench.tap(Qt.Key.Key_L, bench.button)
    assert bench.done == ["plot"]


@pytest.mark.parametrize(("everywhere", "done"), [(True, ["find"]), (False, [])])
def test_that_some_keys_work_even_where_a_field_would_edit_by_them(
    bench: Bench, everywhere: bool, done: list[str]
) -> None:
    bench.commands.add(
        "find",
        "Find",
        partial(bench.done.append, "find"),
        keys=["Ctrl+A"],
        group="help",
        everywhere=everywhere,
    )
    bench.field.setText("text")
    bench.field.setFocus()
    QTest.keyClick(bench.field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert bench.done == done
    assert bench.field.selectedText() == ("" if everywhere else "text")


def test_that_the_space_bar_presses_the_button_that_has_the_focus(bench: Bench) -> None:
    bench.tap(Qt.Key.Key_Space, bench.button)
    assert (bench.pressed, bench.done) == (1, [])
    bench.button.clearFocus()
    QTest.keyClick(bench.window, Qt.Key.Key_Space)
    assert (bench.pressed, bench.done) == (1, ["plot"])


def test_that_chosen_shortcuts_are_kept_for_the_next_window(
    qtbot: QtBot, bench: Bench, settings: QSettings
) -> None:
    bench.commands.set_keys("save", [QKeySequence("Ctrl+Alt+W")])
    again = Bench(qtbot, settings).commands
    assert again["save"].shortcut() == QKeySequence("Ctrl+Alt+W")
    again.reset_keys("save")
    assert again["save"].shortcut() == QKeySequence("Ctrl+S")
    assert not settings.contains("shortcuts/save")


def test_that_a_key_does_one_thing_and_that_none_is_a_choice(
    qtbot: QtBot, bench: Bench, settings: QSettings
) -> None:
    bench.commands.set_keys("plot", [QKeySequence("Ctrl+S")])
    assert bench.commands["save"].shortcuts() == []
    again = Bench(qtbot, settings).commands
    assert again["save"].shortcuts() == []
    assert again["plot"].shortcuts() == [QKeySequence("Ctrl+S")]
    again.reset_all_keys()
    assert again.find("save").keys == again.find("save").defaults != ()


def test_that_the_owner_of_a_key_is_known_also_where_one_hides_the_other(
    bench: Bench,
) -> None:
    commands = bench.commands
    commands.set_keys("save", [QKeySequence("Ctrl+K, Ctrl+S")])
    for keys in ("Ctrl+K", "Ctrl+K, Ctrl+S"):
        owner = commands.owner(QKeySequence(keys))
        assert owner is not None
        assert owner.name == "save"
    assert commands.owner(QKeySequence("Ctrl+K, Ctrl+T")) is None


def test_that_what_cannot_be_done_says_why_and_does_nothing(bench: Bench) -> None:
    bench.why = "There is nothing to save"
    bench.commands.refresh()
    action = bench.commands["save"]
    assert not action.isEnabled()
    assert bench.why in action.toolTip()
    QTest.keyClick(
        bench.window, Qt.Key.Key_S, modifier=Qt.KeyboardModifier.ControlModifier
    )
    assert bench.done == []


def test_that_tool_tips_tell_the_shortcut_in_force(bench: Bench) -> None:
    bench.commands.set_keys("save", [QKeySequence("Ctrl+Alt+W")])
    assert bench.commands.told("save") == "Save (Ctrl+Alt+W)"
    assert bench.commands.told("save", "Keep it") == "Keep it (Ctrl+Alt+W)"
    assert "Ctrl+Alt+W" in bench.commands["save"].toolTip()


def test_that_two_commands_of_one_name_are_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="save"):
        bench.commands.add("save", "Save", bench.window.close, group="file")


def test_that_no_two_commands_of_the_window_begin_with_one_key(
    window: MainWindow,
) -> None:
    owners: dict[str, str] = {}
    for command in window.commands.all():
        for key in command.defaults:
            other = owners.setdefault(key.toString(), command.name)
            assert other == command.name, f"{key.toString()}: {other}, {command.name}"


def test_that_every_command_has_words_and_a_named_action(window: MainWindow) -> None:
    for command in window.commands.all():
        assert command.text, command.name
        assert command.action.objectName() == f"action.{command.name}"
        assert len(window.findChildren(QAction, command.action.objectName())) == 1


def test_that_undo_can_be_done_once_there_is_something_to_undo(
    window: MainWindow, hands: Hands
) -> None:
    assert not window.commands["undo"].isEnabled()
    window.editor.set_title("Another")
    assert window.commands["undo"].isEnabled()
    hands.trigger("action.undo")
    assert window.editor.spec.title != "Another"
    assert not window.commands["undo"].isEnabled()
