"""Which curve is which, where there are too many for labels at their ends."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from optlab.translate import tr
from optlab.ui.end_labels import EndLabel, LabelSpec
from optlab.ui.theme import SMALL_PX, SeriesStyle, Theme, ui_font

ROW: Final = 17
SWATCH: Final = 26
MAX_WIDTH: Final = 176
_PAD: Final = 6
_BAR: Final = 12


def legend_width(texts: Sequence[str]) -> float:
    """Return the room that a list of these texts needs; 0 for none."""
    metrics = QFontMetricsF(ui_font(SMALL_PX, bold=True))
    widest = max((metrics.horizontalAdvance(text) for text in texts), default=0.0)
    return min(widest + SWATCH + 2 * _PAD + _BAR, MAX_WIDTH) if widest else 0.0


class _Row(EndLabel):
    """A line of the list: a piece of the curve, and its label."""

    def __init__(self, entry: int, parent: QWidget) -> None:
        super().__init__(entry, parent)
        self.setObjectName(f"legend-{entry}")
        self.setFixedHeight(ROW)
        self.indent = SWATCH
        self.style_ = SeriesStyle(QColor())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the piece of curve before the text."""
        self.ground = None
        painter = QPainter(self)
        pen = self.style_.pen(2.0, opacity=0.4 if self.dimmed else 1.0)
        painter.setPen(pen)
        painter.drawLine(0, ROW // 2, SWATCH - 6, ROW // 2)
        painter.end()
        super().paintEvent(event)


class LegendList(QScrollArea):
    """All optimizers of a plot, highest curve first; it scrolls where they are many.

    A click hides or shows a curve, a double-click isolates it, as at its end.
    """

    clicked = Signal(int)
    isolated = Signal(int)
    hovered = Signal(object)

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setObjectName("legend")
        self.setAccessibleName(tr("Optimizers"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._inside = QWidget()
        self._layout = QVBoxLayout(self._inside)
        self._layout.setContentsMargins(_PAD, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch(1)
        self.setWidget(self._inside)
        self._rows: dict[int, _Row] = {}
        self._order: list[int] = []
        self._theme: Theme | None = None
        self.hide()

    def place(
        self,
        specs: Sequence[LabelSpec],
        styles: Sequence[SeriesStyle],
        *,
        room: QRectF,
        theme: Theme,
    ) -> None:
        """Fill the right of ``room``.

        Args:
            specs: The labels, highest first.
            styles: Colour and dash of each.
            room: The plotting area.
            theme: Theme in force.
        """
        width = legend_width([spec.text for spec in specs])
        if theme is not self._theme:
            # Not with every frame: a style sheet takes milliseconds.
            self._theme = theme
            self.setStyleSheet(f"QWidget {{ background: {theme.card}; }}")
        order = [spec.entry for spec in specs]
        for entry in set(self._rows) - set(order):
            self._rows.pop(entry).deleteLater()
        for place, (spec, style) in enumerate(zip(specs, styles, strict=True)):
            row = self._row(spec.entry)
            row.style_ = style
            row.set_spec(spec)
            if order != self._order:
                self._layout.insertWidget(place, row)
        self._order = order
        # Whole lines only.
        height = ROW * min(int(room.height() / ROW), len(specs))
        self.setGeometry(
            round(room.right() - width), round(room.top()), round(width), round(height)
        )
        self.show()

    def clear(self) -> None:
        """Go away."""
        self.hide()

    def rows(self) -> tuple[EndLabel, ...]:
        """Return the lines, highest first."""
        return tuple(self._rows[entry] for entry in self._order)

    def _row(self, entry: int) -> _Row:
        if entry not in self._rows:
            row = _Row(entry, self._inside)
            row.pressed_once.connect(self.clicked)
            row.pressed_twice.connect(self.isolated)
            row.entered.connect(self._on_entered)
            row.gone.connect(self._on_gone)
            self._rows[entry] = row
        return self._rows[entry]

    def _on_entered(self, entry: int) -> None:
        self.hovered.emit(entry)

    def _on_gone(self) -> None:
        self.hovered.emit(None)
