"""What the colours of a map of basins mean: minima, patterns, the scale of steps."""

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from optlab.export.basin_colors import (
    By,
    depth_of,
    hue_of,
    inks_for,
    ramp_colors,
    shade_colors,
    swatch,
)
from optlab.export.basin_words import point_words
from optlab.translate import tr, tr_n
from optlab.ui.basin_map_pane import picture_of
from optlab.ui.fields import discard
from optlab.ui.theme import Theme

if TYPE_CHECKING:
    from optlab.store.basin_map import BasinMap

MOST_MINIMA: Final = 8
_CHIP: Final = 14
_SCALE: Final = (110, 10)


class MapLegend(QWidget):
    """Chips with words, and the scale of steps at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("basins.legend")
        self._shown: object = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 0, 2, 0)
        self._row.setSpacing(6)

    def show_map(self, found: "BasinMap", *, by: By, theme: Theme) -> None:
        """Say what the colours of a map mean."""
        wanted = found.plan, by, theme.name
        if wanted == self._shown:
            return
        self._shown = wanted
        while item := self._row.takeAt(0):
            if (widget := item.widget()) is not None:
                discard(widget)
        inks = inks_for(dark=theme.dark)
        minima = found.plan.minima
        if by == "minimum" and len(minima) <= MOST_MINIMA:
            for number, point in enumerate(minima):
                chip = QPixmap(_CHIP, _CHIP)
                chip.fill(QColor(hue_of(number, minima, inks)))
                self._add(chip, tr("to {point}", point=point_words(point)))
        elif by == "minimum":
            words = "{n} minimum, neighbours in different colours"
            many = "{n} minima, neighbours in different colours"
            self._add(None, tr_n(words, many, n=len(minima)))
        for kind, text in (("nowhere", tr("none reached")), ("lost", tr("diverged"))):
            pixels = swatch(kind, inks=inks, size=_CHIP)
            self._add(QPixmap.fromImage(picture_of(pixels)), text)
        self._row.addStretch(1)
        self._add(None, tr("steps to arrive:"))
        self._add(None, "0")
        colors = ramp_colors if by == "steps" else shade_colors
        ends = np.expm1(np.linspace(0, 1, _SCALE[0]) * np.log1p(found.plan.steps))
        line = np.rint(colors(depth_of(ends, found.plan.steps), inks)).astype(np.uint8)
        scale = np.broadcast_to(line, (_SCALE[1], *line.shape))
        self._add(QPixmap.fromImage(picture_of(scale)), str(found.plan.steps))

    def words(self) -> list[str]:
        """Return what it says, in order."""
        labels = self.findChildren(QLabel)
        return [label.text() for label in labels if label.text()]

    def _add(self, picture: QPixmap | None, text: str) -> None:
        if picture is not None:
            chip = QLabel()
            chip.setPixmap(picture)
            self._row.addWidget(chip)
        label = QLabel(text)
        label.setProperty("role", "muted")
        self._row.addWidget(label)
        if picture is not None:
            self._row.addSpacing(8)
