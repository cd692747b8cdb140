"""The card of a sweep: what one parameter does to the end of every trial.

A learning rate has three zones: too small, good, too large; a batch size trades noise
against speed. Shown where the entries of an optimizer differ in one number only.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isfinite, log10
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.analysis.sweeps import Sweep, SweepPoint
from optlab.export.number_text import number
from optlab.export.overview import Quantity, quantity_of, shown_sweeps
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.cards import Card
from optlab.ui.theme import SECONDARY_PX, SeriesStyle, series_style, ui_font
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

Reader = Callable[["RunData"], Sequence[Sweep]]

_MARK: Final = 8
_ZONE_OPACITY: Final = 0.12
# Above the highest mark, where what diverged is drawn.
_HEADROOM: Final = 0.14


class SweepCard(Card):
    """One quantity at the end of the trials against the swept parameter.

    Args:
        quantity: What is drawn: the final loss, the noise of the loss, or the speed.
        parameter: The parameter, in words.
        reader: Returns the sweeps of a run.
        state: Settings of all views.
    """

    def __init__(
        self,
        quantity: Quantity,
        parameter: str,
        *,
        reader: Reader,
        state: ViewState,
        parent: QWidget | None = None,
    ) -> None:
        self.quantity, self.parameter = quantity, parameter
        self._reader = reader
        self._data: RunData | None = None
        self._sweeps: tuple[Sweep, ...] = ()
        self._revision = -1
        self._items: list[Any] = []
        title = {
            "final": tr("Final loss by {parameter}", parameter=parameter),
            "noise": tr("Noise of the loss by {parameter}", parameter=parameter),
            "speed": tr("Samples per second by {parameter}", parameter=parameter),
        }[quantity]
        super().__init__(f"sweep-{quantity}", title, state=state, parent=parent)

    def set_run(self, data: "RunData | None") -> None:
        """Show another run, or none."""
        self._data, self._revision = data, -1
        self.ask_fit()

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the points of the sweep that a trial belongs to, in plain numbers."""
        assert self._data is not None
        entry = next(t.entry for t in self._data.trials if t.trial == trial)
        for sweep in self._sweeps:
            if any(point.entry == entry for point in sweep.points):
                points = [(p.value, self._value(p)) for p in sweep.points]
                return np.array([x for x, _ in points]), np.array(
                    [y for _, y in points]
                )
        raise KeyError(trial)

    def shown_sweeps(self) -> tuple[Sweep, ...]:
        """Return the sweeps of which something is not hidden."""
        return shown_sweeps(self._sweeps, self.state.hidden)

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        for item in self._items:
            self.canvas.remove(item)
        self._items = []
        if self._data is None:
            return
        self._read(self._data)
        self.canvas.set_log(*self._logs())
        shown = self.shown_sweeps()
        if len(shown) == 1 and self.quantity == "final":
            self._draw_zones(shown[0])
        for sweep in shown:
            self._draw_curve(sweep)
        self.set_subtitle(self._note_of(shown))

    def out_of_range(self) -> bool:
        """Return whether points lie outside the range that is shown."""
        if self._data is None:
            return False
        self._read(self._data)
        (x0, x1), (y0, y1) = self.canvas.view()
        wanted_x, wanted_y = self._range()
        return not (x0 <= wanted_x[0] and wanted_x[1] <= x1) or not (
            y0 <= wanted_y[0] and wanted_y[1] <= y1
        )

    def fit(self) -> None:
        """Show all points."""
        self._fit_wanted = False
        if self._data is not None:
            self._read(self._data)
        self.canvas.set_log(*self._logs())
        self.canvas.set_view(*self._range())

    def _read(self, data: "RunData") -> None:
        if data.revision != self._revision:
            self._revision = data.revision
            self._sweeps = tuple(self._reader(data))

    def _value(self, point: SweepPoint) -> float:
        found = quantity_of(point, self.quantity)
        return float("nan") if found is None else found

    def _logs(self) -> tuple[bool, bool]:
        points = [p for sweep in self._sweeps for p in sweep.points]
        values = [v for v in map(self._value, points) if isfinite(v)]
        asked = self.state.log_y(self.name)
        suits = bool(values) and min(values) > 0
        log_x = bool(points) and min(p.value for p in points) > 0
        return log_x, suits if asked is None else asked and suits

    def _place(self, point: SweepPoint) -> tuple[float, float]:
        """Return where a point lies, in logarithms on a log axis; y may be NaN."""
        log_x, log_y = self.canvas.log
        x, y = point.value, self._value(point)
        if log_y and isfinite(y):
            y = log10(y) if y > 0 else float("nan")
        return log10(x) if log_x else x, y

    def _range(self) -> tuple[Range, Range]:
        places = [self._place(p) for sweep in self._sweeps for p in sweep.points]
        xs = [x for x, _ in places]
        ys = [y for _, y in places if isfinite(y)]
        x0, x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        y0, y1 = (min(ys), max(ys)) if ys else (0.0, 1.0)
        pad_x = 0.05 * (x1 - x0) or 0.5
        pad_y = 0.08 * (y1 - y0) or 0.5
        room = _HEADROOM * (y1 - y0) or 0.5
        return (x0 - pad_x, x1 + pad_x), (y0 - pad_y, y1 + room)

    def _draw_curve(self, sweep: Sweep) -> None:
        style = series_style(sweep.points[0].entry, self.state.theme)
        places = [self._place(p) for p in sweep.points]
        x = np.array([x for x, _ in places])
        y = np.array([y for _, y in places])
        ground = QColor(self.state.theme.card)
        line = pg.PlotCurveItem(
            x,
            np.where(np.isfinite(y), y, np.nan),
            connect="finite",
            antialias=True,
            pen=style.pen(1.8 * self.canvas.devicePixelRatioF(), opacity=0.9),
        )
        spots = [self._spot(p, style, ground) for p in sweep.points]
        self._keep(line, z=5.0)
        self._keep(pg.ScatterPlotItem(spots), z=6.0)
        ends = [place for place in places if isfinite(place[1])]
        if ends and len(self._sweeps) > 1:
            name = pg.TextItem(sweep.label, color=style.color, anchor=(1.0, 1.2))
            name.setFont(ui_font(SECONDARY_PX))
            name.setPos(*ends[-1])
            self._keep(name, z=7.0)

    def _spot(
        self, point: SweepPoint, style: SeriesStyle, ground: QColor
    ) -> dict[str, Any]:
        x, y = self._place(point)
        lost = not isfinite(y)
        if lost:
            # Off the scale: a cross at the upper edge.
            y = self._range()[1][1] - 0.04 * float(np.ptp(self._range()[1]))
        return {
            "pos": (x, y),
            "symbol": "x" if lost else "o",
            "size": _MARK + (3 if lost else 0),
            "brush": style.color,
            "pen": pg.mkPen(ground, width=1),
        }

    def _draw_zones(self, sweep: Sweep) -> None:
        """Shade the values that are good, and those at which trials did not last."""
        theme = self.state.theme
        colors = {"good": theme.success, "diverged": theme.danger}
        (left, right), _ = self._range()
        x = [self._place(p)[0] for p in sweep.points]
        edges = [left, *((a + b) / 2 for a, b in pairwise(x)), right]
        for k, point in enumerate(sweep.points):
            if point.zone in colors:
                color = QColor(colors[point.zone])
                color.setAlphaF(_ZONE_OPACITY)
                band = pg.LinearRegionItem(
                    (edges[k], edges[k + 1]), movable=False, brush=color, pen=None
                )
                for side in band.lines:
                    side.setVisible(False)
                self._keep(band, z=-10.0)

    def _note_of(self, shown: Sequence[Sweep]) -> str:
        if self.quantity != "final":
            return ", ".join(sweep.label for sweep in shown)
        told = [
            tr(
                "{label}: within {tolerance} of its best over {width} decades",
                label=sweep.label,
                tolerance=sweep.tolerance,
                width=number(sweep.width),
            )
            for sweep in shown
            if sweep.width is not None
        ]
        return " · ".join(told)

    def _keep(self, item: Any, *, z: float) -> None:
        self.canvas.add(item, z=z)
        self._items.append(item)
