"""The card of a surface of one coordinate: its graph, and the optimizers on it."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.export.ranges import robust_range
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.contour import SurfaceLike
from optlab.ui.tails import Tail
from optlab.ui.terrain import RING, Point, TerrainCard
from optlab.ui.theme import series_style
from optlab.ui.view_state import ViewState
from optlab.ui.ways import FADING, head_spots, minimum_spots, start_ring, thinned

if TYPE_CHECKING:
    from optlab.store.run_data import RunData


_LINE: Final = 1.6
_SAMPLES: Final = 400
_MARKERS: Final = 100


class LineCard(TerrainCard):
    """Graph of a function of one variable, with positions that move along it."""

    def __init__(
        self, surface: SurfaceLike, state: ViewState, parent: QWidget | None = None
    ) -> None:
        self._traces: dict[int, Tail] = {}
        super().__init__(surface, state, subtitle=tr("f(x)"), parent=parent)
        self._graph: Any = pg.PlotCurveItem(antialias=True)
        self._minima: Any = pg.ScatterPlotItem(symbol="+", size=19)
        self._start: Any = pg.ScatterPlotItem(symbol="o", size=RING)
        self._heads: Any = pg.ScatterPlotItem()
        self.canvas.add(self._graph, z=1.0)
        self.canvas.add(self._minima, z=2.0)
        self.canvas.add(self._start, z=3.0)
        self.canvas.add(self._heads, z=20.0)
        state.hovered_changed.connect(self._restyle_ways)
        self._place_marks()

    def set_run(self, data: "RunData | None") -> None:
        """Show the ways of another run, or none."""
        for trace in self._traces.values():
            trace.remove()
        self._traces = {}
        self._begin(data)
        if data is not None:
            for start in data.trials:
                self._traces[start.trial] = Tail(
                    self.canvas, z=5.0, fading=len(data.trials) <= FADING, halo=False
                )
        self._heads.setData([])

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the arrays that were handed to pyqtgraph for one trial."""
        return self._traces[trial].x, self._traces[trial].y

    def place(self, at: QPointF) -> Point:
        """Return the coordinate at a pixel of the plot."""
        return (self.canvas.to_x(at.x()),)

    def pixel(self, point: Point) -> QPointF:
        """Return the pixel at which a point lies on the graph."""
        return self.canvas.to_pixels(point[0], self._value(point))

    def _value(self, point: Point) -> float:
        with np.errstate(all="ignore"):
            return float(self.surface.value(np.array(point[:1], dtype=float)))

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        (lo, hi), _ = self.canvas.view()
        x = np.linspace(lo, hi, _SAMPLES)
        with np.errstate(all="ignore"):
            self._graph.setData(x, self.surface.value(x[np.newaxis]))
        width = _LINE * self.canvas.devicePixelRatioF()
        self._graph.setPen(pg.mkPen(QColor(self.state.theme.faint), width=width))
        if self._data is None:
            return
        self._measure()
        for start in self._data.trials:
            first = self._data.series(start.trial, "x0")
            second = self._data.series(start.trial, "value")
            at, value = first.values, second.values
            count = min(self.until(first), self.until(second), len(at), len(value))
            kept = thinned(count, ways=len(self._traces))
            trace = self._traces[start.trial]
            trace.set_data(at[:count][kept], value[:count][kept])
            trace.show(start.entry not in self.state.hidden)
        self._restyle_ways()

    def out_of_range(self) -> bool:
        """Return False: the domain stays what is shown, wherever anybody goes."""
        return False

    def fit(self) -> None:
        """Show the domain, with the start in it."""
        self._fit_wanted = False
        lo, hi = self.surface.domain[0]
        start = self.surface.start[0]
        pad = 0.05 * (hi - lo)
        x: Range = min(lo, start - pad), max(hi, start + pad)
        points = np.linspace(*x, _SAMPLES)
        with np.errstate(all="ignore"):
            y = robust_range([self.surface.value(points[np.newaxis])])
        low, high = y or (0.0, 1.0)
        room = 0.06 * (high - low) or 1.0
        self.canvas.set_view(x, (low - room, high + room))

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "_minima"):
            self._place_marks()
            self._restyle_ways()

    def _place_marks(self) -> None:
        lowest = self.surface.minimum or 0.0
        points = [(point[0], lowest) for point in self.surface.minima]
        self._minima.setData(minimum_spots(points, self.state.theme))
        ring = start_ring(self.state.theme)
        starts = [(point[0], self._value(point)) for point in self.starts_shown()]
        self._start.setData([{"pos": place} | ring for place in starts])

    def _restyle_ways(self) -> None:
        if self._data is None:
            return
        theme = self.state.theme
        ground = QColor(theme.card)
        for start in self._data.trials:
            style = series_style(start.entry, theme)
            trace = self._traces[start.trial]
            few = len(trace.x) <= _MARKERS
            trace.set_look(style, ground, width=1.4, markers=few)
        self._heads.setData(
            head_spots(self.canvas, self._data, self._traces, state=self.state)
        )
