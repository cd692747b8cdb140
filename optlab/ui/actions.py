"""Entries of menus that are filled when they open."""

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


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
