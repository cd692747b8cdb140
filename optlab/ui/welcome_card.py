"""A card of the welcome page: the thumbnail of an experiment, and what it shows."""

from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.registry import PresetInfo
from optlab.translate import tr
from optlab.ui.contour import SurfaceLike
from optlab.ui.icons import icon
from optlab.ui.labels import ElidedLabel
from optlab.ui.theme import CARD_RADIUS
from optlab.ui.thumbnail_view import ThumbnailView, Window
from optlab.ui.view_state import ViewState

GAP: Final = 14
NARROWEST: Final = 228
WIDEST: Final = 560
_PICTURE: Final = 0.5
_EDGE: Final = 2
_WORDS: Final = 104
_COLUMNS: Final = (6, 4, 3, 2, 1)
_ARROWS: Final = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}


class SampleCard(QAbstractButton):
    """Opens an experiment when it is clicked; its own button starts it, too.

    Args:
        preset: The experiment.
        words: A title, what is to be seen in it, and how long it takes.
        state: Gives the theme.
        surface: What is painted under its lines, if it is one.
        window: Part of it that is shown; None for all.

    Attributes:
        view: The thumbnail.
        start: The button that opens and starts it.
    """

    arrow_pressed = Signal(QPoint)
    """A person wants to go to the card that lies in this direction."""

    def __init__(
        self,
        preset: PresetInfo,
        *,
        words: tuple[str, str, str],
        state: ViewState,
        surface: SurfaceLike | None,
        window: Window | None = None,
    ) -> None:
        super().__init__()
        self._state = state
        self._animated = True
        title, line, time = words
        self.setObjectName(f"welcome.open.{preset.name}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)
        self.setToolTip(tr(preset.description))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.view = ThumbnailView(state, surface=surface, window=window, parent=self)
        self._build(title, line, time)
        self.start.setObjectName(f"welcome.start.{preset.name}")
        self.start.setAccessibleName(tr("Start {title}", title=title))
        self.start.setToolTip(tr("Open it and start it at once (Ctrl+Enter)"))
        state.theme_changed.connect(self._restyle)
        self._restyle()

    def _build(self, title: str, line: str, time: str) -> None:
        heading = ElidedLabel()
        heading.set_full_text(title)
        heading.setProperty("role", "title")
        words = QLabel(line)
        words.setProperty("role", "subtitle")
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        took = QLabel(time)
        took.setProperty("role", "muted")
        for label in (heading, words, took):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.start = QPushButton(tr("Start"))
        self.start.setProperty("kind", "quiet")
        self.start.setIconSize(QSize(12, 12))
        foot = QHBoxLayout()
        foot.addWidget(took, 1)
        foot.addWidget(self.start)
        self._words = QWidget(self)
        layout = QVBoxLayout(self._words)
        layout.setContentsMargins(12, 8, 8, 6)
        layout.setSpacing(2)
        layout.addWidget(heading)
        layout.addWidget(words, 1)
        layout.addLayout(foot)

    @staticmethod
    def height_for(width: int) -> int:
        """Return how high a card of this width is."""
        return round(width * _PICTURE) + _WORDS

    def set_animated(self, on: bool) -> None:
        """Let the thumbnail move under the mouse and the focus, or keep it still."""
        self._animated = on

    def sizeHint(self) -> QSize:
        """Return the size that a card has where there is little room."""
        return QSize(NARROWEST, self.height_for(NARROWEST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture its half."""
        super().resizeEvent(event)
        top = round(self.width() * _PICTURE)
        self.view.setGeometry(_EDGE, _EDGE, self.width() - 2 * _EDGE, top - _EDGE)
        self._words.setGeometry(0, top, self.width(), self.height() - top)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the card, and its edge as what is going on asks."""
        theme = self._state.theme
        edge, width = theme.line, 1.0
        if self.hasFocus():
            edge, width = theme.accent, float(_EDGE)
        elif self.underMouse():
            edge = theme.faint
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(theme.hover if self.isDown() else theme.card))
        inset = width / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, CARD_RADIUS, CARD_RADIUS)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Let the lines draw themselves again for who points at them."""
        super().enterEvent(event)
        self._replay()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Do so for who comes by the keyboard, too."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self._replay()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Enter, start on Ctrl+Enter, go on by the arrows."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.start if control else self).click()
        elif key in _ARROWS:
            self.arrow_pressed.emit(_ARROWS[key])
        else:
            super().keyPressEvent(event)

    def _replay(self) -> None:
        if self._animated and not self.view.moving:
            self.view.replay()

    def _restyle(self) -> None:
        theme = self._state.theme
        self.start.setIcon(icon("play", theme, color=theme.accent))
        self.update()


class CardGrid(QWidget):
    """Cards in rows that are all full, as wide as there is room."""

    reached = Signal(QWidget)
    """A person has gone to a card by the arrows."""

    def __init__(self, cards: tuple[SampleCard, ...]) -> None:
        super().__init__()
        self.cards = cards
        self.columns = 1
        self._sight = 0
        for card in cards:
            card.setParent(self)
            card.arrow_pressed.connect(self._go)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put every card in its place."""
        super().resizeEvent(event)
        self._place()

    def set_sight(self, height: int) -> None:
        """Say how much of the grid can be seen at once: cards are as large as fits."""
        if height != self._sight:
            self._sight = height
            self._place()

    def _place(self) -> None:
        self.columns, width = self._columns_and_width()
        height = SampleCard.height_for(width)
        for number, card in enumerate(self.cards):
            row, column = divmod(number, self.columns)
            x, y = column * (width + GAP), row * (height + GAP)
            card.setGeometry(x, y, width, height)
        self.setFixedHeight(self._height(self.columns, width))

    def _columns_and_width(self) -> tuple[int, int]:
        """Return the largest cards that are all seen, or as many as go in a row."""
        found = [
            (n, min((self.width() + GAP) // n - GAP, WIDEST))
            for n in _COLUMNS
            if (self.width() + GAP) // n - GAP >= NARROWEST
        ]
        seen = [pair for pair in found if self._height(*pair) <= self._sight]
        if seen:
            return max(seen, key=lambda pair: (pair[1], pair[0]))
        return found[0] if found else (1, max(self.width(), 1))

    def _height(self, columns: int, width: int) -> int:
        rows = -(-len(self.cards) // columns)
        return rows * (SampleCard.height_for(width) + GAP) - GAP

    def _go(self, direction: QPoint) -> None:
        focused = next((n for n, c in enumerate(self.cards) if c.hasFocus()), 0)
        to = focused + direction.x() + direction.y() * self.columns
        if 0 <= to < len(self.cards):
            self.cards[to].setFocus(Qt.FocusReason.OtherFocusReason)
            self.reached.emit(self.cards[to])
