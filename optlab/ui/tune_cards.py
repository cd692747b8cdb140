"""The two plots of a search: what each setting came to, and what a budget buys."""

from collections.abc import Sequence
from math import inf, isfinite, log10, nan
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.export.number_text import number
from optlab.export.overview import floor_of, suits_log
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.cards import Card
from optlab.ui.end_labels import EndLabels, LabelSpec, label_width
from optlab.ui.label_keys import LabelKeys
from optlab.ui.theme import series_style
from optlab.ui.tune_picture import Basin, Chances, ProblemPicture, Spot
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_MARK: Final = 7
_BEST: Final = 15
_DEFAULT: Final = 13
# Beyond the worst mark, where what did not last is drawn.
_HEADROOM: Final = 0.14
# A trial that was given up early says less, and looks so.
_FAINTEST: Final = 0.35
_BAND_OPACITY: Final = 0.08
# Ranges that differ by less show the same.
_CLOSE: Final = 0.01

Place = tuple[float, float]


class _TunePlot(Card):
    """What the plots of a search have in common: a picture instead of a run."""

    def __init__(
        self, name: str, title: str, *, state: ViewState, parent: QWidget | None = None
    ) -> None:
        self._picture: ProblemPicture | None = None
        self._version = 0
        self._items: list[Any] = []
        super().__init__(name, title, state=state, parent=parent)
        # There is no grid to fill, and no run from which a figure could be drawn.
        self.maximize_button.hide()
        for action in (self.maximize_action, self.log_action, self.edit_action):
            action.setVisible(False)
            action.setEnabled(False)
        for action in self.menu.actions():
            if action.objectName().startswith(f"card-{name}-export"):
                action.setVisible(False)
        self.labels = EndLabels(self.canvas.viewport())
        self.labels.hovered.connect(state.set_hovered)
        LabelKeys(self.canvas, self.labels.shown)
        self.canvas.range_changed.connect(self._place_labels)

    def show_picture(self, picture: ProblemPicture | None) -> None:
        """Show another state of a search, or none."""
        if picture != self._picture:
            self._picture = picture
            self._version += 1
            self._fit_wanted = self._fit_wanted or self.following

    def set_run(self, data: "RunData | None") -> None:
        """Show nothing: there is no single run."""

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the points of the optimizer at an index."""
        places = [at for at in self._ends() if at[0] == trial]
        return np.array([x for _, x, _ in places]), np.array([y for *_, y in places])

    def data_revision(self) -> int:
        """Return what tells whether there is something new."""
        return self._version

    def out_of_range(self) -> bool:
        """Return whether another range would show everything better."""
        pairs = zip(self._range(), self.canvas.view(), strict=True)
        return any(
            abs(a - b) > _CLOSE * (wanted[1] - wanted[0])
            for wanted, have in pairs
            for a, b in zip(wanted, have, strict=True)
        )

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        for item in self._items:
            self.canvas.remove(item)
        self._items = []
        self.canvas.set_log(*self._logs())
        self._draw_all()
        self._place_labels()
        self.set_subtitle(self._words())

    def fit(self) -> None:
        """Show everything."""
        self._fit_wanted = False
        self.canvas.set_log(*self._logs())
        self.canvas.set_view(*self._range())

    # -- what each plot says of itself -------------------------------------------

    def _values(self) -> list[float]:
        raise NotImplementedError

    def _draw_all(self) -> None:
        raise NotImplementedError

    def _ends(self) -> list[tuple[int, float, float]]:
        """Return all places with the entry that they belong to, as on the axes."""
        raise NotImplementedError

    def _texts(self) -> list[tuple[int, str]]:
        """Return what stands at the ends of the curves."""
        raise NotImplementedError

    def _words(self) -> str:
        raise NotImplementedError

    # -- for both ------------------------------------------------------------------

    def _logs(self) -> tuple[bool, bool]:
        values = self._values()
        wide = suits_log(values) and max(values) > 3.0 * min(values)
        return True, wide

    def _floor(self) -> float:
        return floor_of(self._values()) if self.canvas.log[1] else -inf

    def _y(self, value: float) -> float:
        """Return where a value lies on the y axis; NaN for what did not last."""
        if not isfinite(value):
            return nan
        return log10(max(value, self._floor())) if self.canvas.log[1] else value

    def _range(self) -> tuple[Range, Range]:
        ends = self._ends()
        xs = [x for _, x, _ in ends]
        ys = [y for *_, y in ends if isfinite(y)]
        x0, x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        y0, y1 = (min(ys), max(ys)) if ys else (0.0, 1.0)
        pad_x, pad_y = 0.05 * (x1 - x0) or 0.5, 0.08 * (y1 - y0) or 0.5
        room = _HEADROOM * (y1 - y0) or 0.5
        share = label_width(text for _, text in self._texts())
        share /= max(self.canvas.plot_rect().width(), 60.0)
        right = x0 - pad_x + (x1 - x0 + 2 * pad_x) / (1.0 - min(share, 0.5))
        up = self._picture is not None and self._picture.higher_is_better
        bottom = y0 - (room if up else pad_y)
        return (x0 - pad_x, right), (bottom, y1 + (pad_y if up else room))

    def _edge(self) -> float:
        """Return the height at which that is drawn which did not last: the bad end."""
        low, high = self._range()[1]
        up = self._picture is not None and self._picture.higher_is_better
        return low + 0.05 * (high - low) if up else high - 0.05 * (high - low)

    def _place_labels(self) -> None:
        last: dict[int, Place] = {}
        for entry, x, y in self._ends():
            if isfinite(y):
                last[entry] = (x, y)
        specs = []
        for entry, text in self._texts():
            if entry in last:
                at = self.canvas.to_pixels(*last[entry])
                specs.append(
                    LabelSpec(
                        entry=entry,
                        text=text,
                        color=series_style(entry, self.state.theme).color,
                        x=at.x(),
                        y=at.y(),
                        hidden=False,
                    )
                )
        self.labels.place(specs, self.canvas.plot_rect())

    def _line(self, entry: int, places: Sequence[Place]) -> None:
        style = series_style(entry, self.state.theme)
        line = pg.PlotCurveItem(
            np.array([x for x, _ in places]),
            np.array([y for _, y in places]),
            connect="finite",
            antialias=True,
            pen=style.pen(1.8 * self.canvas.devicePixelRatioF(), opacity=0.9),
        )
        self._keep(line, z=5.0)

    def _keep(self, item: Any, *, z: float) -> None:
        self.canvas.add(item, z=z)
        self._items.append(item)


class RateCard(_TunePlot):
    """What each tuning trial came to, over its learning rate: the basin."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        title = tr("Result by learning rate")
        super().__init__("tune-basin", title, state=state, parent=parent)

    def _basins(self) -> tuple[Basin, ...]:
        return () if self._picture is None else self._picture.basins

    def _values(self) -> list[float]:
        spots = [s.result for basin in self._basins() for s in _all(basin)]
        return [value for value in spots if isfinite(value)]

    def _x(self, value: float) -> float:
        return log10(value) if self.canvas.log[0] else value

    def _logs(self) -> tuple[bool, bool]:
        values = [s.value for basin in self._basins() for s in basin.spots]
        return not values or min(values) > 0, super()._logs()[1]

    def _ends(self) -> list[tuple[int, float, float]]:
        return [
            (basin.entry, self._x(spot.value), self._y(spot.result))
            for basin in self._basins()
            for spot in (*basin.finals, *basin.spots)
        ]

    def _texts(self) -> list[tuple[int, str]]:
        found = []
        for basin in self._basins():
            if basin.width is None:
                found.append((basin.entry, basin.label))
                continue
            text = "{label} · {width} decades"
            width = number(basin.width, 2)
            found.append((basin.entry, tr(text, label=basin.label, width=width)))
        return found

    def _words(self) -> str:
        parameters = {basin.parameter for basin in self._basins()}
        if not parameters:
            return ""
        parts = [", ".join(sorted(parameters))]
        shares = {s.share for basin in self._basins() for s in basin.spots}
        if shares and min(shares) < 1.0:
            text = "lines: after {percent} % of the steps"
            parts.append(tr(text, percent=number(100.0 * min(shares), 2)))
        parts.append(tr("star: best, ring: as given, cross: diverged"))
        return " · ".join(parts)

    def _draw_all(self) -> None:
        ground = QColor(self.state.theme.card)
        for basin in self._basins():
            places = [(self._x(s.value), self._y(s.result)) for s in basin.spots]
            self._line(basin.entry, places)
            marks = pg.ScatterPlotItem()
            marks.setData(
                [
                    mark
                    for spot in _all(basin)
                    for mark in self._marks(basin, spot, ground)
                ]
            )
            self._keep(marks, z=6.0)

    def _marks(self, basin: Basin, spot: Spot, ground: QColor) -> list[dict[str, Any]]:
        """Return the marks of one trial: its own, and those of best and default."""
        color = QColor(series_style(basin.entry, self.state.theme).color)
        at = self._x(spot.value), self._y(spot.result)
        lost = not isfinite(at[1])
        if lost:
            at = at[0], self._edge()
        found = []
        if spot.value == basin.default:
            ring = pg.mkPen(color, width=1.5)
            found.append(_mark(at, "o", _DEFAULT, brush=pg.mkBrush(None), pen=ring))
        edge = pg.mkPen(ground, width=1)
        at_end = not basin.finals or spot in basin.finals
        if spot.value == basin.best and at_end and not lost:
            found.append(_mark(at, "star", _BEST, brush=pg.mkBrush(color), pen=edge))
            return found
        color.setAlphaF(max(_FAINTEST, min(spot.share, 1.0)))
        size = _MARK + 3 if lost else _MARK
        symbol = "x" if lost else "o"
        found.append(_mark(at, symbol, size, brush=pg.mkBrush(color), pen=edge))
        return found


class BudgetCard(_TunePlot):
    """What the best of 1, 2, 3, … tuning trials is expected to come to."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        title = tr("Best of so many trials")
        super().__init__("tune-budget", title, state=state, parent=parent)

    def _chances(self) -> tuple[Chances, ...]:
        return () if self._picture is None else self._picture.chances

    def _values(self) -> list[float]:
        return [v for c in self._chances() for v in c.expected if isfinite(v)]

    def _logs(self) -> tuple[bool, bool]:
        return False, super()._logs()[1]

    def _ends(self) -> list[tuple[int, float, float]]:
        return [
            (each.entry, float(k), self._y(value))
            for each in self._chances()
            for k, value in enumerate(each.expected, start=1)
        ]

    def _texts(self) -> list[tuple[int, str]]:
        return [(each.entry, each.label) for each in self._chances()]

    def _words(self) -> str:
        return tr("expected, with 95 % band") if self._chances() else ""

    def _draw_all(self) -> None:
        for each in self._chances():
            places = [
                (float(k), self._y(value))
                for k, value in enumerate(each.expected, start=1)
            ]
            self._line(each.entry, places)
            self._band(each)

    def _band(self, each: Chances) -> None:
        """Shade what chance alone would make of the curve."""
        ends = [
            (float(k), self._y(low), self._y(high))
            for k, (low, high) in enumerate(
                zip(each.low, each.high, strict=True), start=1
            )
            if isfinite(low) and isfinite(high)
        ]
        if len(ends) < 2:
            return
        x = np.array([k for k, *_ in ends])
        color = QColor(series_style(each.entry, self.state.theme).color)
        color.setAlphaF(_BAND_OPACITY)
        sides = [
            pg.PlotCurveItem(x, np.array(side), pen=None)
            for side in ([low for _, low, _ in ends], [high for *_, high in ends])
        ]
        for side in sides:
            self._keep(side, z=1.0)
        self._keep(pg.FillBetweenItem(*sides, brush=color), z=1.0)


def _all(basin: Basin) -> tuple[Spot, ...]:
    return (*basin.spots, *basin.finals)


def _mark(
    at: Place, symbol: str, size: float, *, brush: Any, pen: Any
) -> dict[str, Any]:
    return {"pos": at, "symbol": symbol, "size": size, "brush": brush, "pen": pen}
