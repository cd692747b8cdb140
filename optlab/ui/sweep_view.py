"""The card of a sweep: what one parameter does to the end of every trial.

A learning rate has three zones: too small, good, too large; a batch size trades noise
against speed. Shown where the entries of an optimizer differ in one number only.
"""

from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from math import inf, isfinite, log10, nan
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.analysis.sweeps import Sweep, SweepPoint
from optlab.export.number_text import number
from optlab.export.overview import (
    Quantity,
    floor_of,
    quantity_of,
    shown_sweeps,
    suits_log,
    values_of,
)
from optlab.params import format_number
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.cards import Card
from optlab.ui.end_labels import EndLabels, LabelSpec, label_width
from optlab.ui.label_keys import LabelKeys
from optlab.ui.theme import SeriesStyle, series_style
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

Reader = Callable[["RunData"], Sequence[Sweep]]

_MARK: Final = 8
_ZONE_OPACITY: Final = 0.12
# Above the highest mark, where what diverged is drawn.
_HEADROOM: Final = 0.14
# A range that the data use less of is taken anew.
_USED: Final = 0.6


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
        self._spots: list[tuple[Any, Sweep]] = []
        title = {
            "final": tr("Final loss by {parameter}", parameter=parameter),
            "noise": tr("Noise of the loss by {parameter}", parameter=parameter),
            "speed": tr("Samples per second by {parameter}", parameter=parameter),
        }[quantity]
        super().__init__(f"sweep-{quantity}", title, state=state, parent=parent)
        self.labels = EndLabels(self.canvas.viewport())
        self.labels.clicked.connect(self._on_label_clicked)
        self.labels.hovered.connect(state.set_hovered)
        LabelKeys(self.canvas, self.labels.shown)
        self.canvas.range_changed.connect(self._place_labels)
        state.hovered_changed.connect(self._draw_spots)

    def set_run(self, data: "RunData | None") -> None:
        """Show another run, or none."""
        self._data, self._revision, self._sweeps = data, -1, ()
        self.ask_fit()

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the points of the sweep that a trial belongs to, in plain numbers."""
        assert self._data is not None
        entry = next(t.entry for t in self._data.trials if t.trial == trial)
        for sweep in self.shown_sweeps():
            if any(point.entry == entry for point in sweep.points):
                points = [(p.value, self._value(p)) for p in sweep.points]
                return np.array([x for x, _ in points]), np.array(
                    [y for _, y in points]
                )
        raise KeyError(trial)

    def shown_sweeps(self) -> tuple[Sweep, ...]:
        """Return the sweeps without what is hidden."""
        return shown_sweeps(self._sweeps, self.state.hidden)

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        for item in self._items:
            self.canvas.remove(item)
        self._items, self._spots = [], []
        if self._data is not None:
            self._read(self._data)
        self.canvas.set_log(*self._logs())
        self.log_action.setChecked(self.canvas.log[1])
        shown = self.shown_sweeps()
        if len(shown) == 1 and self.quantity == "final":
            self._draw_zones(shown[0])
        for sweep in shown:
            self._draw_curve(sweep)
        self._draw_spots()
        self._place_labels()
        self.set_subtitle(self._note_of(shown))

    def out_of_range(self) -> bool:
        """Return whether points lie outside the range shown, or use little of it."""
        if self._data is None:
            return False
        self._read(self._data)
        return any(
            wanted[0] < have[0]
            or wanted[1] > have[1]
            or wanted[1] - wanted[0] < _USED * (have[1] - have[0])
            for wanted, have in zip(self._range(), self.canvas.view(), strict=True)
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
        return nan if found is None else found

    def _values(self) -> list[float]:
        return values_of(self.shown_sweeps(), self.quantity)

    def _logs(self) -> tuple[bool, bool]:
        points = [p for sweep in self._sweeps for p in sweep.points]
        asked = self.state.y_scale(self.name)
        suits = suits_log(self._values())
        log_x = bool(points) and min(p.value for p in points) > 0
        return log_x, suits if asked is None else asked == "log" and suits

    def _place(self, point: SweepPoint, floor: float) -> tuple[float, float]:
        """Return where a point lies, in logarithms on a log axis; y may be NaN."""
        log_x, log_y = self.canvas.log
        x, y = point.value, self._value(point)
        if not isfinite(y):
            y = nan
        elif log_y:
            y = log10(max(y, floor))
        return log10(x) if log_x else x, y

    def _places(self, sweep: Sweep) -> list[tuple[float, float]]:
        floor = self._floor()
        return [self._place(point, floor) for point in sweep.points]

    def _floor(self) -> float:
        return floor_of(self._values()) if self.canvas.log[1] else -inf

    def _range(self) -> tuple[Range, Range]:
        places = [at for sweep in self.shown_sweeps() for at in self._places(sweep)]
        xs = [x for x, _ in places]
        ys = [y for _, y in places if isfinite(y)]
        x0, x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        y0, y1 = (min(ys), max(ys)) if ys else (0.0, 1.0)
        pad_x = 0.05 * (x1 - x0) or 0.5
        pad_y = 0.08 * (y1 - y0) or 0.5
        room = _HEADROOM * (y1 - y0) or 0.5
        share = self._label_room() / max(self.canvas.plot_rect().width(), 60.0)
        right = x0 - pad_x + (x1 - x0 + 2 * pad_x) / (1.0 - min(share, 0.5))
        return (x0 - pad_x, right), (y0 - pad_y, y1 + room)

    def _draw_curve(self, sweep: Sweep) -> None:
        style = series_style(sweep.points[0].entry, self.state.theme)
        places = self._places(sweep)
        line = pg.PlotCurveItem(
            np.array([x for x, _ in places]),
            np.array([y for _, y in places]),
            connect="finite",
            antialias=True,
            pen=style.pen(1.8 * self.canvas.devicePixelRatioF(), opacity=0.9),
        )
        marks = pg.ScatterPlotItem()
        self._keep(line, z=5.0)
        self._keep(marks, z=6.0)
        self._spots.append((marks, sweep))

    def _draw_spots(self) -> None:
        """Mark every value; larger where the mouse is on its optimizer."""
        floor = self._floor() if self._spots else 0.0
        ground = QColor(self.state.theme.card)
        for marks, sweep in self._spots:
            style = series_style(sweep.points[0].entry, self.state.theme)
            marks.setData([self._spot(p, style, ground, floor) for p in sweep.points])

    def _spot(
        self, point: SweepPoint, style: SeriesStyle, ground: QColor, floor: float
    ) -> dict[str, Any]:
        x, y = self._place(point, floor)
        lost, size = not isfinite(y), _MARK
        symbol = "o"
        if lost:
            # Off the scale: a cross at the upper edge.
            y = self._range()[1][1] - 0.04 * float(np.ptp(self._range()[1]))
            symbol, size = "x", _MARK + 3
        elif self._value(point) < floor:
            symbol, size = "t", _MARK + 2
        return {
            "pos": (x, y),
            "symbol": symbol,
            "size": size + (4 if point.entry == self.state.hovered else 0),
            "brush": style.color,
            "pen": pg.mkPen(ground, width=1),
        }

    def _label_room(self) -> float:
        shown = self.shown_sweeps()
        return label_width(s.label for s in shown) if len(shown) > 1 else 0.0

    def _place_labels(self) -> None:
        shown = self.shown_sweeps()
        specs = []
        for sweep in shown if len(shown) > 1 else ():
            ends = [at for at in self._places(sweep) if isfinite(at[1])]
            if ends:
                at = self.canvas.to_pixels(*ends[-1])
                entry = sweep.points[0].entry
                color = series_style(entry, self.state.theme).color
                specs.append(
                    LabelSpec(
                        entry=entry,
                        text=sweep.label,
                        color=color,
                        x=at.x(),
                        y=at.y(),
                        hidden=False,
                    )
                )
        self.labels.place(specs, self.canvas.plot_rect())

    def _on_label_clicked(self, entry: int) -> None:
        """Hide all values of the optimizer whose label it is."""
        for sweep in self._sweeps:
            entries = frozenset(p.entry for p in sweep.points)
            if entry in entries:
                self.state.set_hidden(self.state.hidden | entries)

    def _draw_zones(self, sweep: Sweep) -> None:
        """Shade the values that are good, and those at which trials did not last."""
        theme = self.state.theme
        colors = {"good": theme.success, "diverged": theme.danger}
        (left, right), _ = self._range()
        x = [at for at, _ in self._places(sweep)]
        edges = [left, *((a + b) / 2 for a, b in pairwise(x)), right]
        k = 0
        for zone, points in groupby(point.zone for point in sweep.points):
            count = len(list(points))
            if zone in colors:
                color = QColor(colors[zone])
                color.setAlphaF(_ZONE_OPACITY)
                band = pg.LinearRegionItem(
                    (edges[k], edges[k + count]), movable=False, brush=color, pen=None
                )
                for side in band.lines:
                    side.setVisible(False)
                self._keep(band, z=-10.0)
            k += count

    def _note_of(self, shown: Sequence[Sweep]) -> str:
        if self.quantity != "final":
            return ", ".join(sweep.label for sweep in shown)
        labels = {sweep.label for sweep in shown}
        return " · ".join(_width_text(s) for s in self._sweeps if s.label in labels)

    def _keep(self, item: Any, *, z: float) -> None:
        self.canvas.add(item, z=z)
        self._items.append(item)


def _width_text(sweep: Sweep) -> str:
    """Return over which values a sweep is as good as its best."""
    good = [format_number(p.value) for p in sweep.points if p.zone == "good"]
    if not good or sweep.width is None:
        return sweep.label
    if len(good) == 1:
        return tr("{label}: best at {value} alone", label=sweep.label, value=good[0])
    return tr(
        "{label}: within {tolerance} of its best from {low} to {high}, {width} decades",
        label=sweep.label,
        tolerance=sweep.tolerance,
        low=good[0],
        high=good[-1],
        width=number(sweep.width, 2),
    )
