"""Horizontal lines at heights that mean something for one optimizer each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from optlab.ui.canvas import Canvas
from optlab.ui.theme import Theme, series_style

NO_LEVELS: Final[Mapping[int, float]] = MappingProxyType({})
_OPACITY: Final = 0.65


class LevelLines:
    """Dashed lines over the whole width of a plot, in the colours of optimizers."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._levels: Mapping[int, float] = NO_LEVELS
        self._lines: dict[int, Any] = {}

    @property
    def levels(self) -> Mapping[int, float]:
        """Heights as values, by the index of their optimizer."""
        return self._levels

    def set_levels(self, levels: Mapping[int, float]) -> None:
        """Show other levels, by the index of their optimizer."""
        for line in self._lines.values():
            self._canvas.remove(line)
        self._levels, self._lines = levels, {}
        for entry in levels:
            self._lines[entry] = pg.InfiniteLine(angle=0, movable=False)
            self._canvas.add(self._lines[entry], z=0.5)

    def heights(self, hidden: frozenset[int]) -> dict[int, float]:
        """Return where lines are, as the axis has it, of those not hidden."""
        return {
            entry: float(self._canvas.y_on_axis(np.array([level]))[0])
            for entry, level in self._levels.items()
            if entry not in hidden
        }

    def draw(self, theme: Theme, hidden: frozenset[int]) -> None:
        """Put every line in its place."""
        heights = self.heights(hidden)
        for entry, line in self._lines.items():
            line.setVisible(entry in heights)
            if entry in heights:
                color = QColor(series_style(entry, theme).color)
                color.setAlphaF(_OPACITY)
                line.setPen(pg.mkPen(color, width=1, style=Qt.PenStyle.DashLine))
                line.setPos(heights[entry])
