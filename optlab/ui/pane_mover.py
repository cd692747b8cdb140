"""Takes a plot elsewhere: by its header onto an edge or the middle of another."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from optlab.translate import tr
from optlab.ui.arranging import SWAP
from optlab.ui.cards import Card
from optlab.ui.pane_tree import Side
from optlab.ui.view_state import ViewState

HEADER: Final = 34
_EDGE: Final = 0.3
"""Share of a pane, from each edge, where a plot is put beside it."""


class PaneMover(QObject):
    """Follows the mouse from the header of a card to where it is let go.

    Args:
        area: Where the cards are.
        shown: Returns the cards that have a place, by their names.
        state: Where the theme is.

    `moved` carries the plot, the other one, and a side of it or ``swap``.
    """

    moved = Signal(str, str, str)

    def __init__(
        self,
        area: QWidget,
        *,
        shown: Callable[[], Mapping[str, QWidget]],
        state: ViewState,
    ) -> None:
        super().__init__(area)
        self._area = area
        self._shown = shown
        self._from: QPoint | None = None
        self._card: Card | None = None
        self._goal: tuple[str, str] | None = None
        self.hint = _Hint(area, state)

    @property
    def dragging(self) -> bool:
        """Whether a card is on its way."""
        return self._card is not None

    def watch(self, card: Card) -> None:
        """Let a card be taken by its header."""
        card.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse, and give up on Escape."""
        if isinstance(event, QKeyEvent):
            if self.dragging and event.key() == Qt.Key.Key_Escape:
                self._end()
                return True
            return False
        if not isinstance(watched, Card) or not isinstance(event, QMouseEvent):
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            return self._press(event)
        if kind == QEvent.Type.MouseMove and self._from is not None:
            return self._move(watched, event)
        if kind == QEvent.Type.MouseButtonRelease and self._from is not None:
            return self._release()
        return False

    def _press(self, event: QMouseEvent) -> bool:
        at = event.position().toPoint()
        left = event.button() == Qt.MouseButton.LeftButton
        if not left or at.y() > HEADER or len(self._shown()) < 2:
            return False
        self._from = at
        return True

    def _move(self, card: Card, event: QMouseEvent) -> bool:
        at = event.position().toPoint()
        if self._card is None:
            assert self._from is not None
            way = (at - self._from).manhattanLength()
            if way < QApplication.startDragDistance():
                return True
            self._begin(card)
        self._aim(card.mapTo(self._area, at))
        return True

    def _release(self) -> bool:
        card, goal = self._card, self._goal
        self._end()
        if card is not None and goal is not None:
            self.moved.emit(card.name, *goal)
        return True

    def _begin(self, card: Card) -> None:
        self._card = card
        QApplication.setOverrideCursor(Qt.CursorShape.ClosedHandCursor)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def _end(self) -> None:
        if self._card is not None:
            QApplication.restoreOverrideCursor()
            app = QApplication.instance()
            if app is not None:
                app.removeEventFilter(self)
        self._from, self._card, self._goal = None, None, None
        self.hint.hide()

    def _aim(self, at: QPoint) -> None:
        """Show where the card would go."""
        self._goal = None
        for name, widget in self._shown().items():
            corner = widget.mapTo(self._area, QPoint(0, 0))
            room = QRect(corner, widget.size())
            if room.contains(at) and widget is not self._card:
                how = zone(room, at)
                self._goal = name, how
                self.hint.show_at(landing(room, how), _words(how))
                return
        self.hint.hide()


def zone(room: QRect, at: QPoint) -> str:
    """Return what letting go at a point of a pane means: a side of it, or ``swap``."""
    x = (at.x() - room.left()) / max(room.width(), 1)
    y = (at.y() - room.top()) / max(room.height(), 1)
    near: dict[Side, float] = {"left": x, "right": 1 - x, "above": y, "below": 1 - y}
    side = min(near, key=lambda s: near[s])
    return side if near[side] < _EDGE else SWAP


def landing(room: QRect, how: str) -> QRect:
    """Return the part of a pane that a plot will take."""
    half = QRect(room)
    if how in ("left", "right"):
        half.setWidth(room.width() // 2)
    elif how in ("above", "below"):
        half.setHeight(room.height() // 2)
    if how == "right":
        half.moveRight(room.right())
    elif how == "below":
        half.moveBottom(room.bottom())
    return half


def _words(how: str) -> str:
    return {
        "left": tr("Put it left of this plot"),
        "right": tr("Put it right of this plot"),
        "above": tr("Put it above this plot"),
        "below": tr("Put it below this plot"),
    }.get(how, tr("Change places"))


class _Hint(QWidget):
    """Shows where a plot will be; the mouse goes through it."""

    def __init__(self, parent: QWidget, state: ViewState) -> None:
        super().__init__(parent)
        self._state = state
        self._text = ""
        self.setObjectName("plots-drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, place: QRect, text: str) -> None:
        """Cover a place."""
        self._text = text
        self.setGeometry(place)
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a soft ground, a line around it, and what would happen."""
        theme = self._state.theme
        accent = QColor(theme.accent)
        soft = QColor(theme.selected)
        soft.setAlphaF(0.85)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, 2))
        painter.setBrush(soft)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        painter.setPen(QColor(theme.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(8, 8, -8, -8), flags, self._text)
