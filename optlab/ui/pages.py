"""The pages of the window: the lab, and others that are made when they are wanted."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

LAB: Final = "lab"


class Pages(QStackedWidget):
    """Shows one page at a time."""

    changed = Signal(str)
    """Another page is shown; carries its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pages")
        self._made: dict[str, QWidget] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self.page = LAB

    def put(self, name: str, page: QWidget) -> None:
        """Add a page that is made."""
        self._made[name] = page
        self.addWidget(page)

    def add(self, name: str, make: Callable[[], QWidget]) -> None:
        """Add a page that is made when it is shown for the first time."""
        self._makers[name] = make

    def names(self) -> frozenset[str]:
        """Return the names of all pages, made or not."""
        return frozenset((*self._made, *self._makers))

    def made(self, name: str) -> QWidget | None:
        """Return a page; None if it has not been shown yet."""
        return self._made.get(name)

    def show_page(self, name: str) -> None:
        """Show a page.

        Raises:
            KeyError: There is no such page.
        """
        if name not in self._made:
            self.put(name, self._makers[name]())
        self.setCurrentWidget(self._made[name])
        if name != self.page:
            self.page = name
            self.changed.emit(name)
