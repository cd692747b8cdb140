"""A short tour of the window: five places, lit one after the other.

The window stays at hand: what is lit can be used meanwhile, and the tour can be left at
any time. It knows places by functions, so that it lights what is there when its step
comes, whatever was closed, moved or built anew before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from optlab.translate import tr
from optlab.ui.theme import CARD_RADIUS
from optlab.ui.view_state import ViewState

_DIM: Final = 150
_ROOM: Final = 6
_GAP: Final = 14
_WIDTH: Final = 320
_LOW: Final = 64


@dataclass(frozen=True, kw_only=True)
class TourStep:
    """One place of the tour.

    Attributes:
        title: What it is.
        text: What one does there.
        place: Returns the widget that is lit; opens it first if it is closed.
    """

    title: str
    text: str
    place: Callable[[], QWidget]


class Tour(QWidget):
    """Dims a window but for one place, and says what that is for.

    Args:
        window: What is toured.
        steps: Its places in order.
        state: Gives the theme.
    """

    ended = Signal(bool)
    """The tour is over; carries whether it was gone through to its end."""

    def __init__(
        self, window: QWidget, steps: Sequence[TourStep], *, state: ViewState
    ) -> None:
        super().__init__(window)
        self._window = window
        self._steps = tuple(steps)
        self._state = state
        self._before = QApplication.focusWidget()
        self._hole = QRect()
        self.number = 0
        self.setObjectName("tour")
        self.setAccessibleName(tr("Tour of the window"))
        self._card = self._make_card()
        state.theme_changed.connect(self._restyle)
        window.installEventFilter(self)
        self.show()
        self._go(0)

    def _make_card(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("tour.card")
        card.setProperty("role", "card")
        card.setFixedWidth(_WIDTH)
        self._title = QLabel()
        self._title.setObjectName("tour.title")
        self._title.setProperty("role", "headline")
        self._text = QLabel()
        self._text.setObjectName("tour.text")
        self._text.setWordWrap(True)
        self._count = QLabel()
        self._count.setObjectName("tour.count")
        self._count.setProperty("role", "muted")
        self._skip = _button("skip", tr("Skip"), "quiet")
        self._back = _button("back", tr("Back"), "")
        self._next = _button("next", tr("Next"), "primary")
        self._skip.clicked.connect(self.skip)
        self._back.clicked.connect(self.back)
        self._next.clicked.connect(self.forward)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self._count, 1)
        for button in (self._skip, self._back, self._next):
            foot.addWidget(button)
        self._lines = layout = QVBoxLayout(card)
        layout.setContentsMargins(16, 14, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(foot)
        return card

    # -- what a person does --------------------------------------------------------

    @Slot()
    def forward(self) -> None:
        """Go to the next place; from the last one, end."""
        if self.number + 1 < len(self._steps):
            self._go(self.number + 1)
        else:
            self._end(done=True)

    @Slot()
    def back(self) -> None:
        """Go to the place before."""
        if self.number:
            self._go(self.number - 1)

    @Slot()
    def skip(self) -> None:
        """Leave."""
        self._end(done=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape; go on and back by the arrows."""
        match Qt.Key(event.key()):
            case Qt.Key.Key_Escape:
                self.skip()
            case Qt.Key.Key_Right:
                self.forward()
            case Qt.Key.Key_Left:
                self.back()
            case _:
                super().keyPressEvent(event)

    # -- what is shown -----------------------------------------------------------

    @property
    def lit(self) -> QRect:
        """What is lit, in the coordinates of the window."""
        return self._hole

    def _go(self, number: int) -> None:
        self.number = number
        step, last = self._steps[number], number + 1 == len(self._steps)
        self._title.setText(step.title)
        self._text.setText(step.text)
        count = len(self._steps)
        self._count.setText(tr("{number} of {count}", number=number + 1, count=count))
        self._back.setVisible(number > 0)
        self._next.setText(tr("Done") if last else tr("Next"))
        self._skip.setVisible(not last)
        self._card.setAccessibleName(f"{step.title}. {step.text}")
        self._place()
        self.raise_()
        self._next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        """Light the place of this step, and put the words beside it."""
        window = self._window
        widget = self._steps[self.number].place()
        self.setGeometry(window.rect())
        corner = widget.mapTo(window, QPoint(0, 0))
        lit = QRect(corner, widget.size()).adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        self._hole = lit.intersected(window.rect())
        self._card.ensurePolished()
        self._card.setFixedHeight(self._lines.totalHeightForWidth(_WIDTH))
        self._card.move(beside(self._hole, self._card.size(), self.rect()))
        # The mouse goes through the hole to what is lit.
        shown = QRegion(self.rect()).subtracted(QRegion(self._hole))
        self.setMask(shown.united(QRegion(self._card.geometry())))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim everything but the place, and frame that."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(0, 0, 0, _DIM))
        path = QPainterPath()
        frame = QRectF(self._hole).adjusted(-1, -1, 1, 1)
        path.addRoundedRect(frame, CARD_RADIUS, CARD_RADIUS)
        painter.setPen(QPen(QColor(self._state.theme.accent), 2))
        painter.drawPath(path)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window when it gets another size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def _restyle(self) -> None:
        self.update()

    def _end(self, *, done: bool) -> None:
        self._window.removeEventFilter(self)
        self.hide()
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ended.emit(done)
        self.deleteLater()


def beside(hole: QRect, size: QSize, room: QRect) -> QPoint:
    """Return where a card of this size stands beside a hole, wholly in the room."""
    x = hole.right() + _GAP
    y = hole.top()
    if x + size.width() > room.right() - _GAP:
        x = hole.left() - _GAP - size.width()
    if x < room.left() + _GAP or hole.height() < _LOW:
        # Neither side has room, or things of a kind stand there: above or below, or
        # inside if the hole is everything.
        x = hole.center().x() - size.width() // 2
        y = hole.bottom() + _GAP
        if y + size.height() > room.bottom() - _GAP:
            y = hole.top() - _GAP - size.height()
        if y < room.top() + _GAP:
            y = hole.center().y() - size.height() // 2
    x = min(max(x, room.left() + _GAP), room.right() - _GAP - size.width())
    y = min(max(y, room.top() + _GAP), room.bottom() - _GAP - size.height())
    return QPoint(x, y)


def _button(part: str, text: str, kind: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(f"tour.{part}")
    button.setAccessibleName(text)
    button.setToolTip(text)
    if kind:
        button.setProperty("kind", kind)
    return button
