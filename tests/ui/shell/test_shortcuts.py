"""The editor of shortcuts: found, recorded, swapped where they collide, and reset."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit, QLabel, QPushButton, QTreeWidget

from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Hands

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class Shortcuts:
    """Works in the dialog as a person does."""

    def __init__(self, window: MainWindow, hands: Hands) -> None:
        self.window = window
        self.hands = hands
        hands.trigger("action.shortcuts")
        self.tree = hands.find(QTreeWidget, "shortcuts.list")

    def listed(self) -> list[str]:
        """Return the names of the commands that are listed."""
        items = [
            self.tree.topLevelItem(n) for n in range(self.tree.topLevelItemCount())
        ]
        role = Qt.ItemDataRole.UserRole
        return [i.data(0, role) for i in items if i is not None and not i.isHidden()]

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
        """Press keys into the field that records them."""
        edit = self.hands.find(QKeySequenceEdit, "shortcuts.keys")
        edit.setFocus()
        edit.clear()
        QTest.keyClick(edit, key, modifier)
        edit.editingFinished.emit()

    def keys(self, name: str) -> str:
        """Return the shortcuts of a command."""
        found = self.window.commands.find(name).keys
        return ", ".join(key.toString() for key in found)


@pytest.fixture
def shortcuts(window: MainWindow, hands: Hands) -> Shortcuts:
    """The dialog, open."""
    return Shortcuts(window, hands)


def test_that_all_commands_are_listed_and_found(
    shortcuts: Shortcuts, hands: Hands
) -> None:
    assert shortcuts.listed() == [c.name for c in shortcuts.window.commands.all()]
    hands.type("shortcuts.search", "F10", leave=False)
    assert shortcuts.listed() == ["step"]
    hands.type("shortcuts.search", "save exp", leave=False)
    assert shortcuts.listed() == ["save_spec", "save_spec_as"]


def test_that_keys_are_recorded_and_work_at_once(
    shortcuts: Shortcuts, window: MainWindow
) -> None:
    window.front.show_shortcuts("preferences")
    shortcuts.press(Qt.Key.Key_W, CTRL | ALT)
    assert shortcuts.keys("preferences") == "Ctrl+Alt+W"
    assert window.session.settings.contains("shortcuts/preferences")


def test_that_keys_of_another_command_are_told_and_swapped(
    shortcuts: Shortcuts, window: MainWindow, hands: Hands
) -> None:
    window.front.show_shortcuts("open_run")
    shortcuts.press(Qt.Key.Key_S)
    assert "Save experiment" in hands.find(QLabel, "shortcuts.words").text()
    assert shortcuts.keys("open_run") == "Ctrl+Shift+O"
    hands.press("shortcuts.swap")
    assert shortcuts.keys("open_run") == "Ctrl+S"
    assert shortcuts.keys("save_spec") == "Ctrl+Shift+O"
    assert not hands.find(QPushButton, "shortcuts.swap").isVisible()


def test_that_a_swap_can_be_left_alone(
    shortcuts: Shortcuts, window: MainWindow, hands: Hands
) -> None:
    window.front.show_shortcuts("open_run")
    shortcuts.press(Qt.Key.Key_S)
    hands.press("shortcuts.cancel")
    assert shortcuts.keys("open_run") == "Ctrl+Shift+O"
    assert shortcuts.keys("save_spec") == "Ctrl+S"
    assert hands.find(QLabel, "shortcuts.words").text() == ""


def test_that_shortcuts_are_removed_and_reset_one_by_one_or_all(
    shortcuts: Shortcuts, window: MainWindow, hands: Hands
) -> None:
    for name in ("save_spec", "step"):
        window.front.show_shortcuts(name)
        hands.press("shortcuts.remove")
        assert shortcuts.keys(name) == ""
    hands.press("shortcuts.reset")
    assert (shortcuts.keys("save_spec"), shortcuts.keys("step")) == ("", "F10")
    hands.press("shortcuts.reset-all")
    assert shortcuts.keys("save_spec") == "Ctrl+S"
    settings = window.session.settings
    assert not [k for k in settings.allKeys() if k.startswith("shortcuts/")]


def test_that_tool_tips_of_the_bar_follow(
    shortcuts: Shortcuts, window: MainWindow
) -> None:
    assert "(F10)" in window.bar.step.toolTip()
    window.commands.set_keys("step", [QKeySequence("Ctrl+J")])
    assert "(Ctrl+J)" in window.bar.step.toolTip()
    assert "Alt+M" in window.bar.menu_button.toolTip()
