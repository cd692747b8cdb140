"""Everything that can be done from a menu or by a shortcut, as named actions."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from optlab.translate import tr


@dataclass(frozen=True, kw_only=True)
class Actions:
    """The actions of the main window; their object names are ``action.<name>``."""

    open_spec: QAction
    save_spec: QAction
    save_spec_as: QAction
    open_run: QAction
    undo: QAction
    redo: QAction
    start: QAction
    step: QAction
    stop: QAction
    theme: QAction
    reset_layout: QAction
    explain: QAction
    quit: QAction

    def all(self) -> tuple[QAction, ...]:
        """Return all of them."""
        return tuple(getattr(self, field.name) for field in fields(self))


def make_actions(window: QMainWindow) -> Actions:
    """Return the actions, with their texts and shortcuts, owned by ``window``."""
    keys = QKeySequence.StandardKey
    table: dict[str, tuple[str, list[QKeySequence]]] = {
        "open_spec": (tr("Open experiment…"), QKeySequence.keyBindings(keys.Open)),
        "save_spec": (tr("Save experiment"), QKeySequence.keyBindings(keys.Save)),
        "save_spec_as": (
            tr("Save experiment as…"),
            [QKeySequence("Ctrl+Shift+S")],
        ),
        "open_run": (tr("Open run file…"), [QKeySequence("Ctrl+Shift+O")]),
        "undo": (tr("Undo"), QKeySequence.keyBindings(keys.Undo)),
        "redo": (tr("Redo"), QKeySequence.keyBindings(keys.Redo)),
        "start": (tr("Start, pause or resume"), [QKeySequence("F5")]),
        "step": (tr("Step"), [QKeySequence("F10")]),
        "stop": (tr("Stop"), [QKeySequence("Shift+F5")]),
        "theme": (tr("Light or dark"), [QKeySequence("Ctrl+Shift+L")]),
        "reset_layout": (tr("Restore the layout"), []),
        "explain": (
            tr("Explain what is selected"),
            QKeySequence.keyBindings(keys.HelpContents),
        ),
        "quit": (tr("Quit"), QKeySequence.keyBindings(keys.Quit)),
    }
    made = {}
    for name, (text, shortcuts) in table.items():
        action = QAction(text, window)
        action.setObjectName(f"action.{name}")
        action.setShortcuts(shortcuts)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        window.addAction(action)
        made[name] = action
    return Actions(**made)


def add_entry(
    menu: QMenu, name: str, text: str, act: Callable[[], object], *, tip: str = ""
) -> QAction:
    """Add one entry to a menu that is filled when it opens.

    Args:
        menu: The menu.
        name: Its object name.
        text: What it says.
        act: What it does.
        tip: More in words.
    """
    entry = QAction(text, menu)
    entry.setObjectName(name)
    entry.setToolTip(tip)

    def run(_checked: bool = False) -> None:
        act()

    entry.triggered.connect(run)
    menu.addAction(entry)
    return entry
