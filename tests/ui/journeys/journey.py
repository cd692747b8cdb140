"""A person at the window: keys go to what has the focus, clicks to what is seen.

Dialogs and menus run event loops of their own, so a journey is a list of steps, each
begun by the event loop when the one before has been begun and what it waits for is so.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar

from PySide6.QtCore import QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QWidget

from optlab.ui.main_window import MainWindow

POLL_MS: Final = 20
PATIENCE: Final = 120.0
MOST_TABS: Final = 400
Found = TypeVar("Found", bound=QWidget)


class Journey(QObject):
    """Steps through a window.

    Args:
        window: The window.

    Attributes:
        actions: What was pressed, clicked or typed, in words.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.window = window
        self.actions: list[str] = []
        self._steps: list[tuple[Callable[[], bool], Callable[[], None]]] = []
        self._problem: BaseException | None = None
        self._waiting_since = 0.0

    # -- planning ----------------------------------------------------------------

    def when(self, ready: Callable[[], bool], act: Callable[[], None]) -> None:
        """Plan a step that is taken as soon as ``ready`` says so."""
        self._steps.append((ready, act))

    def wait(self, ready: Callable[[], bool]) -> None:
        """Plan to wait."""
        self.when(ready, lambda: None)

    def press(self, keys: str) -> None:
        """Plan to press a key, as ``Ctrl+O``."""
        self.when(self._listens, lambda: self._press(keys))

    def type(self, text: str) -> None:
        """Plan to type into what has the focus."""
        self.when(self._listens, lambda: self._type(text))

    def tab_to(self, name: str) -> None:
        """Plan to press Tab until a widget has the focus; it counts as one action."""
        self.when(self._listens, lambda: self._tab_to(name))

    def arrow_to(self, name: str) -> None:
        """Plan to press Down in the open menu until an entry is marked."""
        self.when(lambda: bool(self._entry(name)), lambda: self._arrow_to(name))

    def click(self, name: str) -> None:
        """Plan to click a widget that is seen."""
        self.when(lambda: self._seen(name), lambda: self._click(self._widget(name)))

    def click_entry(self, name: str) -> None:
        """Plan to click an entry of an open menu."""
        self.when(
            lambda: self._entry(name) is not None, lambda: self._click_entry(name)
        )

    def answer(self, path: Path) -> None:
        """Plan to type a path into the file dialog, and press Enter."""
        self.answer_with(lambda: path)

    def answer_with(self, path: Callable[[], Path]) -> None:
        """Plan to answer the file dialog with a path that is known by then."""
        self.when(_file_dialog_is_ready, lambda: self._answer(path()))

    # -- going ----------------------------------------------------------------------

    def go(self) -> None:
        """Take all steps.

        Raises:
            TimeoutError: A step could not be taken.
        """
        loop = QEventLoop()
        self._waiting_since = monotonic()
        self._next(loop)
        loop.exec()
        if self._problem is not None:
            raise self._problem

    def _next(self, loop: QEventLoop) -> None:
        if self._problem is not None or not self._steps:
            loop.quit()
            return
        ready, act = self._steps[0]
        try:
            if ready():
                del self._steps[0]
                self._waiting_since = monotonic()
                # Before the step: it may open a dialog that has a loop of its own.
                QTimer.singleShot(POLL_MS, self, lambda: self._next(loop))
                act()
                return
            if monotonic() - self._waiting_since > PATIENCE:
                done = "; ".join(self.actions)
                raise TimeoutError(f"nothing more happens after: {done}")
        except BaseException as error:
            self._problem = error
            self._close_all()
            loop.quit()
            return
        QTimer.singleShot(POLL_MS, self, lambda: self._next(loop))

    @staticmethod
    def _close_all() -> None:
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        if (modal := QApplication.activeModalWidget()) is not None:
            modal.close()

    # -- doing ---------------------------------------------------------------------

    def _target(self) -> QWidget:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            inside: QWidget | None = popup.focusWidget()
            return popup if inside is None else inside
        return QApplication.focusWidget() or self.window

    def _listens(self) -> bool:
        """Return whether keys go somewhere; a window manager sees to it elsewhere."""
        if QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return True
        if QApplication.focusWidget() is None:
            self.window.activateWindow()
            return False
        return True

    def _press(self, keys: str) -> None:
        self.actions.append(f"press {keys}")
        *modifiers, key = keys.split("+")
        held = Qt.KeyboardModifier.NoModifier
        for word in modifiers:
            held |= {
                "Ctrl": Qt.KeyboardModifier.ControlModifier,
                "Shift": Qt.KeyboardModifier.ShiftModifier,
                "Alt": Qt.KeyboardModifier.AltModifier,
            }[word]
        QTest.keyClick(self._target(), getattr(Qt.Key, f"Key_{key}"), held)

    def _type(self, text: str) -> None:
        self.actions.append(f"type {text}")
        QTest.keyClicks(self._target(), text)

    def _tab_to(self, name: str) -> None:
        self.actions.append(f"Tab to {name}")
        way: list[str] = []
        while len(way) < MOST_TABS:
            at = self._target()
            if at.objectName() == name:
                return
            way.append(at.objectName())
            QTest.keyClick(at, Qt.Key.Key_Tab)
        raise TimeoutError(f"Tab does not lead to {name}, but to {way[-40:]}")

    def _arrow_to(self, name: str) -> None:
        self.actions.append(f"Down to {name}")
        found = self._entry(name)
        assert found is not None
        menu, wanted = found
        for _ in menu.actions():
            if menu.activeAction() is wanted:
                return
            QTest.keyClick(menu, Qt.Key.Key_Down)
        raise TimeoutError(f"Down does not lead to {name}")

    def _widget(self, name: str) -> QWidget:
        for top in QApplication.topLevelWidgets():
            for widget in (top, *top.findChildren(QWidget)):
                if widget.objectName() == name and widget.isVisible():
                    return widget
        raise LookupError(name)

    def _seen(self, name: str) -> bool:
        try:
            widget = self._widget(name)
        except LookupError:
            return False
        return widget.isEnabled() and not widget.visibleRegion().isEmpty()

    def _click(self, widget: QWidget) -> None:
        self.actions.append(f"click {widget.objectName()}")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def _entry(self, name: str) -> tuple[QMenu, QAction] | None:
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QMenu) and top.isVisible():
                for action in top.actions():
                    menu = action.menu()
                    inner = menu.objectName() if isinstance(menu, QMenu) else ""
                    if name in (action.objectName(), inner):
                        return top, action
        return None

    def _click_entry(self, name: str) -> None:
        found = self._entry(name)
        assert found is not None
        menu, action = found
        self.actions.append(f"click {action.text()}")
        at = menu.actionGeometry(action).center()
        QTest.mouseMove(menu, at + QPoint(1, 0))
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=at)

    def _answer(self, path: Path) -> None:
        dialog = _file_dialog()
        assert dialog is not None
        self.actions += [f"type {path.name}", "press Enter"]
        field = QApplication.focusWidget() or dialog
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, str(path))
        QTest.keyClick(field, Qt.Key.Key_Return)


def _file_dialog_is_ready() -> bool:
    dialog, field = _file_dialog(), QApplication.focusWidget()
    return (
        dialog is not None
        and isinstance(field, QLineEdit)
        and dialog.isAncestorOf(field)
    )


def _file_dialog() -> QFileDialog | None:
    found = QApplication.activeModalWidget()
    return found if isinstance(found, QFileDialog) else None
