"""The card that maps starting points to the minima that are reached from there."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from optlab.analysis.basins import Basin, basins
from optlab.export.levels import Levels, grid, levels_of
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.cards import Card
from optlab.ui.contour import SurfaceLike, paint_bands
from optlab.ui.paint_marks import mark_brush, mark_pen
from optlab.ui.theme import series_style
from optlab.ui.view_state import ViewState
from optlab.ui.ways import minimum_spots

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_LARGEST: Final = 16.0
_SMALLEST: Final = 5.0


class BasinCard(Card):
    """Starts of all seeds of one optimizer, coloured by where each one ended.

    It is the first optimizer that is not hidden, or the one under the mouse. Hues are
    those of the minima, which have nothing to do with the hues of optimizers; a start
    from which no minimum was reached is hollow.
    """

    def __init__(
        self, surface: SurfaceLike, state: ViewState, parent: QWidget | None = None
    ) -> None:
        self.surface = surface
        self._data: RunData | None = None
        self._found: tuple[Basin, ...] = ()
        self._seen = -1
        self._image_key: object = None
        self._levels: Levels = levels_of(
            surface.value, surface.domain[0], surface.domain[1], minimum=surface.minimum
        )
        super().__init__("basins", tr("Basins"), state=state, parent=parent)
        self.log_action.setVisible(False)
        self._image: Any = pg.ImageItem(axisOrder="row-major")
        self._image.setOpacity(0.35)
        self._starts: Any = pg.ScatterPlotItem(pxMode=True)
        self._minima: Any = pg.ScatterPlotItem(symbol="+", size=19, pxMode=True)
        self.canvas.add(self._image, z=-5.0)
        self.canvas.add(self._starts, z=2.0)
        self.canvas.add(self._minima, z=5.0)
        state.hovered_changed.connect(self._show_starts)
        self._restyle()

    def set_run(self, data: "RunData | None") -> None:
        """Show the starts of another run, or none."""
        self._data, self._seen, self._found = data, -1, ()
        self._starts.setData([])
        self.ask_fit()

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the starting point of one trial."""
        start = next(b.start for b in self._found if b.trial == trial)
        return np.array(start[:1]), np.array(start[1:2])

    def reached(self) -> dict[int, int | None]:
        """Return for every trial that is shown which minimum it is at."""
        entry = self._entry()
        mine = () if self._data is None else self._data.trials
        shown = {t.trial for t in mine if t.entry == entry}
        return {b.trial: b.minimum for b in self._found if b.trial in shown}

    def shown_basins(self) -> tuple[Basin, ...]:
        """Return where the trials that are shown started and ended."""
        reached = self.reached()
        return tuple(b for b in self._found if b.trial in reached)

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        self._paint_image()
        if self._data is not None and self._data.revision != self._seen:
            self._seen = self._data.revision
            self._found = basins(self._data, self.surface.minima, self.surface.domain)
        self._show_starts()

    def out_of_range(self) -> bool:
        """Return False: the domain stays what is shown."""
        return False

    def fit(self) -> None:
        """Show the domain."""
        self._fit_wanted = False
        self.canvas.set_view(self.surface.domain[0], self.surface.domain[1])

    def _entry(self) -> int:
        """Return the index of the optimizer that is shown; -1 for none."""
        if self._data is None:
            return -1
        entries = list(dict.fromkeys(t.entry for t in self._data.trials))
        if self.state.hovered in entries:
            return self.state.hovered or 0
        shown = [e for e in entries if e not in self.state.hidden]
        return shown[0] if shown else -1

    def _show_starts(self) -> None:
        if self._data is None:
            return
        entry = self._entry()
        reached = self.reached()
        size = self._mark_size(len(reached))
        theme = self.state.theme
        spots = []
        for basin in self.shown_basins():
            hue = self._hue(basin.minimum)
            spots.append(
                {
                    "pos": basin.start[:2],
                    "size": size,
                    "symbol": "s",
                    "brush": mark_brush(hue),
                    "pen": mark_pen(theme.card if hue else theme.muted, 1.0),
                }
            )
        self._starts.setData(spots)
        labels = {t.entry: t.label for t in self._data.trials}
        self.set_subtitle(self._note_of(labels.get(entry, ""), reached))

    def _note_of(self, label: str, reached: dict[int, int | None]) -> str:
        """Return how many starts led where: ``SGD: 4 minima, 25 + 26 + 24 + 25``."""
        if not reached:
            return ""
        counts = [
            sum(1 for m in reached.values() if m == k)
            for k in range(len(self.surface.minima))
        ]
        there = " + ".join(str(n) for n in counts)
        text = "{label}: {there} of {n} starts at a minimum"
        return tr(text, label=label, there=there, n=len(reached))

    def _mark_size(self, count: int) -> float:
        rect = self.canvas.plot_rect()
        least = min(float(rect.width()), float(rect.height()))
        side: float = 0.75 * least / max(count, 1) ** 0.5
        return min(max(side, _SMALLEST), _LARGEST)

    def _hue(self, minimum: int | None) -> str | None:
        if minimum is None:
            return None
        return series_style(minimum, self.state.theme).color.name()

    def _paint_image(self) -> None:
        x, y = self.canvas.view()
        rect = self.canvas.plot_rect()
        columns, rows = max(int(rect.width()), 8), max(int(rect.height()), 8)
        key = x, y, columns, rows, self.state.theme.name
        if key == self._image_key:
            return
        self._image_key = key
        with np.errstate(all="ignore"):
            values = self.surface.value(grid(x, y, columns=columns, rows=rows))
        self._image.setImage(
            paint_bands(values, self._levels, self.state.theme), autoLevels=False
        )
        self._image.setRect(_rect(x, y))

    def _restyle(self) -> None:
        super()._restyle()
        self.canvas.set_theme(self.state.theme, grid=False)
        if hasattr(self, "_minima"):
            points = [(point[0], point[1]) for point in self.surface.minima]
            self._minima.setData(minimum_spots(points, self.state.theme))
            self._show_starts()


def _rect(x: Range, y: Range) -> QRectF:
    return QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0])
