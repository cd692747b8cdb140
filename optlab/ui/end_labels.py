"""Labels at the ends of curves: they say which is which, hide, show and isolate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from optlab.export.label_layout import spread
from optlab.translate import tr
from optlab.ui.theme import SMALL_PX, ui_font

LABEL_HEIGHT: Final = 16
LABEL_GAP: Final = 8
MAX_LABELS: Final = 8
MAX_WIDTH: Final = 150


@dataclass(frozen=True, kw_only=True)
class LabelSpec:
    """One label.

    Attributes:
        entry: Index of the optimizer.
        text: What it says.
        color: Colour of the curve.
        x: End of the curve, in pixels of the viewport.
        y: End of the curve, in pixels of the viewport.
        hidden: Whether the curve is hidden.
        ground: Behind the label, where curves may run through it; None for nothing.
    """

    entry: int
    text: str
    color: QColor
    x: float
    y: float
    hidden: bool
    ground: QColor | None = None


def label_width(texts: Iterable[str]) -> float:
    """Return the room that a column of labels needs, gap included; 0 for none."""
    metrics = QFontMetricsF(ui_font(SMALL_PX, bold=True))
    widest = max((metrics.horizontalAdvance(text) for text in texts), default=0.0)
    return min(widest, MAX_WIDTH) + 2 * LABEL_GAP if widest else 0.0


class EndLabel(QAbstractButton):
    """One label; a click hides or shows its curve, a double-click isolates it."""

    pressed_once = Signal(int)
    pressed_twice = Signal(int)
    entered = Signal(int)
    gone = Signal()

    def __init__(self, entry: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.entry = entry
        self.color = QColor()
        self.dimmed = False
        self.indent = 0
        self.ground: QColor | None = None
        self.setObjectName(f"end-label-{entry}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFont(ui_font(SMALL_PX, bold=True))
        self.clicked.connect(self._on_clicked)

    def set_spec(self, spec: LabelSpec) -> None:
        """Take text and colour."""
        self.ground = spec.ground
        if (spec.text, spec.color, spec.hidden) == (
            self.text(),
            self.color,
            self.dimmed,
        ):
            return
        self.setText(spec.text)
        self.setAccessibleName(tr("Hide or show {label}", label=spec.text))
        advice = tr("Click: hide or show. Double-click: show this one alone.")
        self.setToolTip(f"{spec.text}\n{advice}")
        self.color, self.dimmed = spec.color, spec.hidden
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the text in the colour of its curve, struck out if that is hidden."""
        painter = QPainter(self)
        if self.ground is not None:
            painter.fillRect(self.rect(), self.ground)
        painter.setPen(self.color)
        if self.hasFocus():
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
        font = self.font()
        font.setUnderline(self.underMouse())
        # Not paler: whoever looks for what is hidden has to read it.
        font.setStrikeOut(self.dimmed)
        painter.setFont(font)
        room = self.rect().adjusted(self.indent, 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Isolate."""
        self.pressed_twice.emit(self.entry)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the mouse is here."""
        super().enterEvent(event)
        self.entered.emit(self.entry)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is gone."""
        super().leaveEvent(event)
        self.gone.emit()
        self.update()

    def _on_clicked(self) -> None:
        self.pressed_once.emit(self.entry)


class EndLabels(QWidget):
    """The labels of one plot; itself never seen, it owns those on the viewport."""

    clicked = Signal(int)
    isolated = Signal(int)
    hovered = Signal(object)

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.hide()
        self._viewport = viewport
        self._labels: dict[int, EndLabel] = {}

    def place(self, specs: Sequence[LabelSpec], room: QRectF) -> bool:
        """Put labels into ``room``, near the ends of their curves.

        Returns:
            Whether they fit; if not, none is shown.
        """
        heights = [LABEL_HEIGHT] * len(specs)
        ends = [s.y for s in specs]
        centres = spread(ends, heights, low=room.top(), high=room.bottom())
        fits = 0 < len(specs) <= MAX_LABELS and centres is not None
        wanted = {s.entry for s in specs} if fits else set()
        for entry, label in self._labels.items():
            label.setVisible(entry in wanted)
        if not fits or centres is None:
            return False
        width = label_width(s.text for s in specs) - LABEL_GAP
        left = min(max(s.x for s in specs) + LABEL_GAP, room.right() - width)
        for spec, centre in zip(specs, centres, strict=True):
            label = self._label(spec.entry)
            label.set_spec(spec)
            label.setGeometry(
                round(left),
                round(centre - LABEL_HEIGHT / 2),
                round(width),
                LABEL_HEIGHT,
            )
            label.show()
        return True

    def shown(self) -> tuple[EndLabel, ...]:
        """Return the labels that are there to be seen."""
        return tuple(x for x in self._labels.values() if not x.isHidden())

    def clear(self) -> None:
        """Take all labels away."""
        for label in self._labels.values():
            label.deleteLater()
        self._labels.clear()

    def _label(self, entry: int) -> EndLabel:
        if entry not in self._labels:
            label = EndLabel(entry, self._viewport)
            label.pressed_once.connect(self.clicked)
            label.pressed_twice.connect(self.isolated)
            label.entered.connect(self._on_entered)
            label.gone.connect(self._on_gone)
            self._labels[entry] = label
        return self._labels[entry]

    def _on_entered(self, entry: int) -> None:
        self.hovered.emit(entry)

    def _on_gone(self) -> None:
        self.hovered.emit(None)
