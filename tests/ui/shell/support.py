"""A window of its own for each test, and hands that press its buttons by name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from optlab.ui.main_window import MainWindow

Found = TypeVar("Found", bound=QWidget)


@dataclass
class Answers:
    """Answers the questions for files without a dialog."""

    path: Path | None = None
    word: str = ""
    asked: list[str] = field(default_factory=list)

    def open(self, title: str, kinds: Sequence[str]) -> Path | None:
        """Return the file that was laid out."""
        self.asked.append(title)
        return self.path

    def save(self, title: str, name: str, kinds: Sequence[str]) -> Path | None:
        """Return the file that was laid out."""
        self.asked.append(name)
        return self.path

    def folder(self, title: str) -> Path | None:
        """Return the folder that was laid out."""
        self.asked.append(title)
        return self.path

    def ask(self, title: str, question: str, text: str) -> str:
        """Return the word that was laid out."""
        self.asked.extend([question, text])
        return self.word

    def pick(self, title: str, question: str, words: Sequence[str]) -> str:
        """Return the word that was laid out."""
        self.asked.extend(words)
        return self.word


class Hands:
    """Presses what a person sees, found by object name."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def find(self, kind: type[Found], name: str) -> Found:
        """Return the one widget of that name."""
        found = self.window.findChildren(kind, name)
        assert len(found) == 1, f"{len(found)} widgets are named {name}"
        return found[0]

    def press(self, name: str) -> None:
        """Click a button; it must be there and enabled."""
        button = self.find(QAbstractButton, name)
        assert button.isVisible(), f"{name} is not shown"
        assert button.isEnabled(), f"{name} is disabled: {button.toolTip()}"
        # What was just made has its place before it is pressed.
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def click(self, name: str) -> None:
        """Click any widget."""
        QTest.mouseClick(self.find(QWidget, name), Qt.MouseButton.LeftButton)

    def type(self, name: str, text: str, *, leave: bool = True) -> None:
        """Replace the text of a field by typing."""
        line = self.find(QLineEdit, name)
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)
        if leave:
            QTest.keyClick(line, Qt.Key.Key_Return)

    def choose(self, name: str, data: str) -> None:
        """Choose the entry of a combo box that stands for ``data``."""
        combo = self.find(QComboBox, name)
        index = combo.findData(data)
        assert index >= 0, f"{name} offers no {data}"
        combo.setCurrentIndex(index)
        combo.activated.emit(index)

    def trigger(self, name: str) -> None:
        """Trigger an action of a menu or a shortcut."""
        actions = self.window.findChildren(QAction, name)
        assert len(actions) == 1, f"{len(actions)} actions are named {name}"
        assert actions[0].isEnabled(), f"{name} is disabled"
        actions[0].trigger()

    def text(self, name: str) -> str:
        """Return the text of a field."""
        return self.find(QLineEdit, name).text()

    def invalid(self, name: str) -> bool:
        """Return whether a field is marked as wrong."""
        return bool(self.find(QWidget, name).property("invalid"))
