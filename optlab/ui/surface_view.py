"""The card that shows a surface from above, and the ways of the optimizers over it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.export.levels import Levels, grid, levels_of
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.contour import SurfaceLike, paint_bands
from optlab.ui.curve_set import entries_of
from optlab.ui.relief import Relief, Walker
from optlab.ui.side_view import SideView
from optlab.ui.tails import Tail
from optlab.ui.terrain import RING, Point, TerrainCard
from optlab.ui.theme import series_style
from optlab.ui.traces import MANY, Bundle, Line, Look
from optlab.ui.view_state import ViewState
from optlab.ui.ways import (
    FADING,
    has_failed,
    head_spots,
    heads_of,
    minimum_spots,
    start_ring,
    thinned,
)

if TYPE_CHECKING:
    from optlab.store.run_data import RunData


class SurfaceCard(TerrainCard):
    """Contours of a surface of two coordinates, with moving trajectories."""

    def __init__(
        self, surface: SurfaceLike, state: ViewState, parent: QWidget | None = None
    ) -> None:
        self._traces: dict[int, Line] = {}
        self._bundles: dict[int, Bundle] = {}
        self._starts: Sequence[Sequence[float]] = ()
        self._image_key: object = None
        self._levels: Levels = levels_of(
            surface.value, surface.domain[0], surface.domain[1], minimum=surface.minimum
        )
        super().__init__(
            surface, state, subtitle=tr("the bluer, the lower"), parent=parent
        )
        self.side = SideView(
            self.canvas, self._rows(), state=state, tell=self.set_subtitle
        )
        self.side.switch.solid_wanted.connect(self.draw)
        self.add_to_header(self.side.switch)
        self._image: Any = pg.ImageItem(axisOrder="row-major")
        self._minima: Any = pg.ScatterPlotItem(symbol="+", size=19, pxMode=True)
        self._start: Any = pg.ScatterPlotItem(symbol="o", pxMode=True)
        self._heads: Any = pg.ScatterPlotItem(pxMode=True)
        self.canvas.add(self._image, z=-5.0)
        self.canvas.add(self._minima, z=2.0)
        self.canvas.add(self._start, z=3.0)
        self.canvas.add(self._heads, z=20.0)
        state.hovered_changed.connect(self._restyle_ways)
        self._place_marks()

    def set_run(self, data: "RunData | None") -> None:
        """Show the ways of another run, or none."""
        for trace in self._items():
            trace.remove()
        self._traces, self._bundles = {}, {}
        self._begin(data)
        fading = data is not None and len(data.trials) <= FADING
        for entry, starts in entries_of(() if data is None else data.trials).items():
            if len(starts) > MANY:
                self._bundles[entry] = Bundle(self.canvas, z=6.0)
                self._traces |= {start.trial: Line() for start in starts}
                continue
            for start in starts:
                self._traces[start.trial] = Tail(self.canvas, z=6.0, fading=fading)
        self._heads.setData([])
        self._place_marks()

    def set_starts(self, points: Sequence[Sequence[float]]) -> None:
        """Mark where the seeds will start, as long as there is no run."""
        self._starts = points
        self._place_marks()

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the arrays that were handed to pyqtgraph for one trial."""
        return self._traces[trial].x, self._traces[trial].y

    def heads(self) -> dict[int, tuple[float, float]]:
        """Return where the optimizers that are shown stand now."""
        return heads_of(self._traces)

    def place(self, at: QPointF) -> Point:
        """Return the coordinates at a pixel of the plot."""
        return self.canvas.to_x(at.x()), self.canvas.to_y(at.y())

    def pixel(self, point: Point) -> QPointF:
        """Return the pixel at which a point of the surface lies."""
        return self.canvas.to_pixels(point[0], point[1])

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        solid = self.side.follow()
        self._show_start_button()
        if not solid:
            self._paint_image()
        if self._data is not None:
            self._draw_ways(self._data)
        if solid:
            self.side.show_all(self._relief(), self._walkers(), self._start_points())

    def _draw_ways(self, data: "RunData") -> None:
        self._measure()
        for start in data.trials:
            first = data.series(start.trial, "x0")
            second = data.series(start.trial, "x1")
            x, y = first.values, second.values
            count = min(self.until(first), self.until(second), len(x), len(y))
            kept = thinned(count, ways=len(self._traces))
            self._traces[start.trial].set_data(x[:count][kept], y[:count][kept])
        for entry, bundle in self._bundles.items():
            mine = (s.trial for s in data.trials if s.entry == entry)
            bundle.take(self._traces[trial] for trial in mine)
        self._restyle_ways()

    def out_of_range(self) -> bool:
        """Return False: the domain stays what is shown, wherever anybody goes."""
        return False

    def fit(self) -> None:
        """Show the domain."""
        self._fit_wanted = False
        x, y = (self._widened(k) for k in (0, 1))
        self.canvas.set_view(x, y)

    def _widened(self, k: int) -> Range:
        """Return the domain of a coordinate, with the start in it."""
        lo, hi = self.surface.domain[k]
        start = self.surface.start[k]
        pad = 0.05 * (hi - lo)
        return min(lo, start - pad), max(hi, start + pad)

    def _paint_image(self) -> None:
        """Paint the bands of what is in view, if that or the theme has changed."""
        x, y = self.canvas.view()
        rect = self.canvas.plot_rect()
        ratio = min(self.devicePixelRatioF(), 2.0)
        columns = max(int(rect.width() * ratio), 8)
        rows = max(int(rect.height() * ratio), 8)
        key = x, y, columns, rows, self.state.theme.name
        if key == self._image_key:
            return
        self._image_key = key
        with np.errstate(all="ignore"):
            values = self.surface.value(grid(x, y, columns=columns, rows=rows))
        self._image.setImage(
            paint_bands(values, self._levels, self.state.theme), autoLevels=False
        )
        self._image.setRect(QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0]))

    def _restyle(self) -> None:
        super()._restyle()
        self.canvas.set_theme(self.state.theme, grid=False)
        if hasattr(self, "_minima"):
            self._place_marks()
            self._restyle_ways()

    def _place_marks(self) -> None:
        theme = self.state.theme
        minima = [(point[0], point[1]) for point in self.surface.minima]
        self._minima.setData(minimum_spots(minima, theme))
        points = self._start_points()
        size = 4 if len(points) > MANY else RING
        ring = start_ring(theme) | {"size": size}
        self._start.setData([{"pos": tuple(point[:2])} | ring for point in points])

    def _start_points(self) -> Sequence[Sequence[float]]:
        if self.surface.starts != "fixed" and self._data is None:
            return self._starts
        return self.starts_shown()

    def _show_start_button(self) -> None:
        # Nobody can click on a point of the plane from the side.
        offered = self._next_start is not None
        self.start_button.setVisible(offered and not self.state.solid)

    def paint_seconds(self) -> float:
        """Return what painting took since it was drawn last."""
        return super().paint_seconds() + self.side.painted()

    def plot_widget(self) -> QWidget:
        """Return what the plot is painted on."""
        solid = self.side.view
        return solid if solid and self.side.shown else super().plot_widget()

    def _relief(self) -> Relief:
        return Relief(
            surface=self.surface,
            levels=self._levels,
            x=self._widened(0),
            y=self._widened(1),
        )

    def _walkers(self) -> tuple[Walker, ...]:
        data = self._data
        if data is None:
            return ()
        return tuple(
            Walker(
                x=self._traces[start.trial].x,
                y=self._traces[start.trial].y,
                color=series_style(start.entry, self.state.theme).color,
                failed=has_failed(data, start.trial, self.state),
            )
            for start in data.trials
            if start.entry not in self.state.hidden
        )

    def _restyle_ways(self) -> None:
        if self._data is None:
            return
        theme = self.state.theme
        ground = QColor(theme.card)
        for start in self._data.trials:
            tail = self._traces[start.trial]
            if isinstance(tail, Tail):
                hovered = start.entry == self.state.hovered
                style = series_style(start.entry, theme)
                tail.set_look(style, ground, width=3.0 if hovered else 2.0)
                tail.show(start.entry not in self.state.hidden)
        for entry, bundle in self._bundles.items():
            # Thin and rough: 400 smooth ways with halos take 0.3 s to paint, so 10.
            hovered = entry == self.state.hovered
            look = Look(opacity=0.9 if hovered else 0.6)
            bundle.set_look(series_style(entry, theme), look, ground)
            bundle.show(entry not in self.state.hidden)
        self._heads.setData(
            head_spots(self.canvas, self._data, self._traces, state=self.state)
        )

    def _items(self) -> tuple[Tail | Bundle, ...]:
        """Return what draws the ways."""
        alone = (t for t in self._traces.values() if isinstance(t, Tail))
        return (*alone, *self._bundles.values())
