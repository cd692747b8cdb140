"""The main menu: every command has a place, by mouse and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from optlab.ui.main_window import MainWindow
from optlab.ui.menus import ORDER
from tests.ui.shell.support import Hands


def actions(menu: QMenu) -> Iterator[QAction]:
    """Yield the entries of a menu and of those in it."""
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from actions(inner)
        else:
            yield action


def names(window: MainWindow) -> list[str]:
    """Return the names of all entries of the main menu."""
    menu = window.bar.menu_button.menu()
    menu.aboutToShow.emit()
    return [a.objectName() for a in actions(menu) if not a.isSeparator()]


def test_that_every_command_stands_in_the_menu_once(window: MainWindow) -> None:
    found = names(window)
    for command in window.commands.all():
        if command.name not in ("menu", "export"):
            assert found.count(f"action.{command.name}") == 1, command.name


def test_that_a_command_that_is_added_later_is_in_the_menu(window: MainWindow) -> None:
    window.commands.add("extra", "Extra", window.close, group="library")
    assert "action.extra" in names(window)


def test_that_the_table_names_commands_that_there_are(window: MainWindow) -> None:
    for group, order in ORDER.items():
        for name in order:
            if name not in ("-", "*") and not name.startswith("menu:"):
                assert window.commands.find(name).group == group


def chosen(menu: QMenu) -> str:
    """Return the text of the entry that Enter takes."""
    now = menu.activeAction()
    return "".join(action.text() for action in menu.actions() if action is now)


def test_that_the_menu_opens_from_the_keyboard(
    qtbot: QtBot, window: MainWindow
) -> None:
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.waitUntil(lambda: chosen(menu) == "File")
    QTest.keyClick(menu, Qt.Key.Key_Down)
    assert chosen(menu) == "Edit"
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None


def test_that_recent_files_are_pinned_and_gone_ones_forgotten(
    window: MainWindow, hands: Hands, tmp_path: Path
) -> None:
    recent = window.session.recent
    there = tmp_path / "there.toml"
    there.write_text(window.editor.text(), encoding="utf-8")
    recent.add(there, "experiment")
    recent.add(tmp_path / "gone.toml", "experiment")
    window.menu.fill_recent()
    gone = window.findChild(QAction, "menu.recent.0")
    assert isinstance(gone, QAction)
    assert not gone.isEnabled()
    hands.trigger("menu.recent.pins.1")
    window.menu.fill_recent()
    assert recent.files()[0].path == there
    hands.trigger("menu.recent.drop")
    window.menu.fill_recent()
    assert [f.path for f in recent.files()] == [there]
    hands.trigger("menu.recent.0")
    assert window.editor.path == there
    hands.trigger("menu.recent.clear")
    assert recent.files()[0].pinned


def test_that_what_holds_for_all_plots_is_switched_in_the_menu(
    window: MainWindow, hands: Hands
) -> None:
    state, commands = window.state, window.commands
    hands.trigger("action.plots.spread_trials")
    hands.trigger("action.plots.outliers")
    hands.trigger("action.plots.linked")
    assert (state.spread, state.ignore_outliers, state.linked) == (
        "trials",
        True,
        False,
    )
    window.bar.menu_button.menu().aboutToShow.emit()
    names = ("spread_band", "spread_trials", "spread_seed", "outliers", "linked")
    on = {name for name in names if commands[f"plots.{name}"].isChecked()}
    assert on == {"spread_trials", "outliers"}
