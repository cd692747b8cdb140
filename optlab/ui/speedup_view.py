"""The card of the speed-up: what one step is worth in steps of the baseline.

At every level that both reach; levels get harder from left to right. Above 1 an
optimizer is faster than the baseline there.
"""

from collections.abc import Hashable
from functools import partial
from math import inf, isfinite, log10
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QActionGroup, QColor
from PySide6.QtWidgets import QMenu, QWidget

from optlab.analysis.costs import AXES, axis_label, axis_unit
from optlab.analysis.speedup import SpeedUp
from optlab.analysis.targets import metric_words
from optlab.export.number_text import number
from optlab.records import Floats
from optlab.translate import tr, tr_n
from optlab.ui.canvas import Range
from optlab.ui.cards import Card
from optlab.ui.crosshair import Crosshair, Reading
from optlab.ui.curve_band import OPACITY, BandItem
from optlab.ui.end_labels import EndLabels, LabelSpec, label_width
from optlab.ui.label_keys import LabelKeys
from optlab.ui.theme import SeriesStyle, series_style
from optlab.ui.verdict_reader import VerdictReader
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

NAME: Final = "speedup"
_WIDTH: Final = 2.0
_END: Final = 14
# Logarithms of ratios: at least so much around 1, and no more than a person reads.
_LEAST: Final = 0.08
_MOST: Final = 3.0
_USED: Final = 0.5


class SpeedupCard(Card):
    """The equal-loss speed-up of every optimizer against the baseline.

    Args:
        reader: Works it out.
        state: Settings of all views.
    """

    def __init__(
        self,
        reader: VerdictReader,
        state: ViewState,
        parent: QWidget | None = None,
    ) -> None:
        self.reader = reader
        self._data: RunData | None = None
        self._entries: dict[str, int] = {}
        self._items: list[Any] = []
        self._bands: list[BandItem] = []
        self._shown: tuple[SpeedUp, ...] = ()
        self._drawn_for: Hashable = None
        title = tr("Speed-up at equal loss")
        super().__init__(NAME, title, state=state, parent=parent)
        self.log_action.setVisible(False)
        self._one: Any = pg.InfiniteLine(pos=0.0, angle=0)
        self._target: Any = pg.InfiniteLine(pos=0.0, angle=90)
        self.canvas.add(self._target, z=1.0)
        self.canvas.add(self._one, z=1.0)
        viewport = self.canvas.viewport()
        self.labels = EndLabels(viewport)
        self.labels.clicked.connect(state.toggle)
        self.labels.hovered.connect(state.set_hovered)
        LabelKeys(self.canvas, self.labels.shown)
        self.crosshair = Crosshair(viewport)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self.crosshair.hide)
        self.canvas.range_changed.connect(self._place_labels)
        self._restyle()

    def _add_settings(self) -> None:
        self._axes = QMenu(tr("Count"), self.menu)
        self._axes.setObjectName(f"card-{self.name}-axis")
        group = QActionGroup(self._axes)
        self._axis_actions: dict[str, QAction] = {}
        for axis in AXES:
            action = QAction(axis_label(axis), self._axes)
            action.setObjectName(f"card-{self.name}-axis-{axis}")
            action.setCheckable(True)
            action.triggered.connect(partial(self._choose_axis, axis))
            group.addAction(action)
            self._axes.addAction(action)
            self._axis_actions[axis] = action
        self._axes.aboutToShow.connect(self._show_axis)
        self.menu.addMenu(self._axes)

    def _show_axis(self) -> None:
        self._axis_actions[self.reader.choice.axis].setChecked(True)

    def _choose_axis(self, axis: str) -> None:
        self.reader.choose(axis=axis)

    def csv_text(self) -> str:
        """Return what the menu says of writing data."""
        return tr("Export the data of this plot as CSV…")

    # -- as a card -----------------------------------------------------------------

    def set_run(self, data: "RunData | None") -> None:
        """Show another run, or none."""
        self._data, self._drawn_for = data, None
        trials = () if data is None else data.trials
        self._entries = {start.label: start.entry for start in trials}
        self.ask_fit()

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return levels and ratios of the optimizer that a trial belongs to."""
        assert self._data is not None
        label = next(t.label for t in self._data.trials if t.trial == trial)
        found = next(s for s in self._shown if s.label == label)
        return found.levels, found.ratios.middle

    def speedups(self) -> tuple[SpeedUp, ...]:
        """Return what is drawn."""
        return self._shown

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision + self.reader.revision

    def draw(self) -> None:
        """Ask for what is new, and draw what is known."""
        self._drawn()
        answers = self.reader.look("speedup") if self.shown() else self.reader.answers
        hidden, theme = self.state.hidden, self.state.theme.name
        drawn_for = self.reader.revision, id(self._data), hidden, theme
        if drawn_for == self._drawn_for:
            return
        self._drawn_for = drawn_for
        self._shown = tuple(
            found
            for found in answers.speedups
            if self._entry(found) not in hidden and len(found.levels)
        )
        self.canvas.set_log(False, True)
        rule = self.canvas.x_rule
        rule.mirrored = bool(self._shown) and self._falls()
        rule.scale = "log" if self._logs() else "linear"
        self._draw_curves()
        self._place_target()
        self._place_labels()
        self._describe(answers.speedups)

    def out_of_range(self) -> bool:
        """Return whether curves lie outside the range shown, or use little of it."""
        if not self._shown:
            return False
        return any(
            wanted[0] < have[0] - 1e-9
            or wanted[1] > have[1] + 1e-9
            or wanted[1] - wanted[0] < _USED * (have[1] - have[0])
            for wanted, have in zip(self._range(), self.canvas.view(), strict=True)
        )

    def fit(self) -> None:
        """Show all curves, and the line of no difference."""
        self._fit_wanted = False
        self.canvas.set_view(*self._range())

    # -- where things are ------------------------------------------------------------

    def _entry(self, found: SpeedUp) -> int:
        return self._entries.get(found.label, 0)

    def _falls(self) -> bool:
        """Return whether levels fall as they get harder."""
        levels = self._shown[0].levels
        return len(levels) > 1 and bool(levels[0] > levels[-1])

    def _logs(self) -> bool:
        return bool(self._shown) and all(found.log for found in self._shown)

    def _places(self, found: SpeedUp) -> Floats:
        """Return where the levels of a curve lie, harder ones further right."""
        levels = found.levels
        places = np.log10(levels) if self._logs() else levels
        return -places if self._falls() else places

    def _range(self) -> tuple[Range, Range]:
        places = [self._places(found) for found in self._shown]
        xs = [float(at[k]) for at in places for k in (0, -1)]
        x0, x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        heights = [0.0, -_LEAST, _LEAST]
        for found in self._shown:
            ratios = found.ratios
            for values in (ratios.middle, ratios.low, ratios.high):
                heights += [log10(v) for v in values if v > 0 and isfinite(v)]
        y0, y1 = max(min(heights), -_MOST), min(max(heights), _MOST)
        pad = 0.06 * (y1 - y0)
        share = self._label_room() / max(self.canvas.plot_rect().width(), 60.0)
        span = (x1 - x0) or 1.0
        right = x0 + span / (1.0 - min(share, 0.5)) + 0.02 * span
        return (x0 - 0.02 * span, right), (y0 - pad, y1 + pad)

    def _place_target(self) -> None:
        """Stand at the target, where the verdict reads the speed-up."""
        targets = [s.target for s in self._shown if s.target is not None]
        target = targets[0] if targets else None
        self._target.hide()
        if target is None or (target <= 0 and self._logs()):
            return
        place = log10(target) if self._logs() else target
        place = -place if self._falls() else place
        self._target.setPos(place)
        left, right = self._range()[0]
        self._target.setVisible(left <= place <= right)

    # -- drawing -----------------------------------------------------------------

    def _draw_curves(self) -> None:
        for item in self._items:
            self.canvas.remove(item)
        for band in self._bands:
            scene = band.scene()
            # First: PySide would go on to count it among what the box deletes.
            band.setParentItem(None)  # type: ignore[arg-type]
            scene.removeItem(band)
        self._items, self._bands = [], []
        ratio = self.canvas.devicePixelRatioF()
        for found in self._shown:
            style = series_style(self._entry(found), self.state.theme)
            x, ratios = self._places(found), found.ratios
            self._draw_band(found, style)
            with np.errstate(divide="ignore", invalid="ignore"):
                y = np.log10(ratios.middle)
            line = pg.PlotCurveItem(
                x,
                np.where(np.isfinite(y), y, np.nan),
                connect="finite",
                antialias=True,
                pen=style.pen(_WIDTH * ratio),
            )
            self._keep(line, z=5.0)
            ends = np.flatnonzero(np.isfinite(y))
            if len(ends):
                at = int(ends[-1])
                mark = pg.ScatterPlotItem(
                    [x[at]],
                    [y[at]],
                    symbol="|",
                    size=_END,
                    pen=style.pen(_WIDTH * ratio, dashed=False),
                    brush=style.color,
                )
                self._keep(mark, z=6.0)

    def _draw_band(self, found: SpeedUp, style: SeriesStyle) -> None:
        ratios = found.ratios
        if not np.isfinite(ratios.low).any():
            return
        band = BandItem(self.canvas)
        color = QColor(style.color)
        color.setAlphaF(OPACITY)
        band.color = color
        # An end that no seed bounds lies beyond the edge.
        high = np.where(np.isnan(ratios.high), np.nan, np.minimum(ratios.high, 1e30))
        band.set_data(self._places(found), np.maximum(ratios.low, 1e-30), high)
        self._bands.append(band)

    def _keep(self, item: Any, *, z: float) -> None:
        self.canvas.add(item, z=z)
        self._items.append(item)

    def _label_room(self) -> float:
        return label_width(_label(found) for found in self._shown)

    def _place_labels(self) -> None:
        self.crosshair.hide()
        specs = []
        for found in self._shown:
            y = found.ratios.middle
            ends = np.flatnonzero(np.isfinite(y) & (y > 0))
            if not len(ends):
                continue
            last = int(ends[-1])
            at = self.canvas.to_pixels(
                float(self._places(found)[last]), log10(float(y[last]))
            )
            specs.append(
                LabelSpec(
                    entry=self._entry(found),
                    text=_label(found),
                    color=series_style(self._entry(found), self.state.theme).color,
                    x=at.x(),
                    y=at.y(),
                    hidden=False,
                )
            )
        self.labels.place(specs, self.canvas.plot_rect())

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "_one"):
            pen = pg.mkPen(QColor(self.state.theme.muted), width=1)
            pen.setStyle(Qt.PenStyle.DashLine)
            self._one.setPen(pen)
            pen = pg.mkPen(QColor(self.state.theme.faint), width=1)
            pen.setStyle(Qt.PenStyle.DotLine)
            self._target.setPen(pen)

    # -- reading -------------------------------------------------------------------

    def read(self, place: float) -> tuple[str, list[Reading]]:
        """Return the level at a place of the x axis, and what every curve says."""
        readings, level = [], -place if self.canvas.x_rule.mirrored else place
        if self._logs():
            level = 10.0 ** min(level, 300.0)
        for found in self._shown:
            places, ratios = self._places(found), found.ratios
            at = int(np.searchsorted(places, place))
            if not 0 < at < len(places) or not isfinite(ratios.middle[at]):
                continue
            style = series_style(self._entry(found), self.state.theme)
            readings.append(
                Reading(
                    label=found.label,
                    color=style.color,
                    dash=style.dash,
                    texts=_texts(found, at),
                    value=float(ratios.middle[at]),
                )
            )
        words = metric_words(self._shown[0].metric) if self._shown else ""
        return f"{words} {number(level, 3)}", readings

    def _on_pointed(self, position: QPointF) -> None:
        room = self.canvas.plot_rect()
        if not self._shown or not room.contains(position):
            self.crosshair.hide()
            return
        title, readings = self.read(self.canvas.to_x(position.x()))
        self.crosshair.show(
            position.x(),
            room,
            title=title,
            readings=readings,
            theme=self.state.theme,
        )

    def _describe(self, found: tuple[SpeedUp, ...]) -> None:
        if not found:
            self.set_subtitle("")
            return
        first = found[0]
        n = max(len(s.seeds) for s in found)
        unit = axis_unit(first.axis)
        one = len({s.baseline for s in found}) == 1
        text = tr(
            "{unit} of {baseline} that one is worth", unit=unit, baseline=first.baseline
        )
        parts = [text if one else unit, tr_n("{n} seed", "{n} seeds", n=n)]
        if not self._shown:
            parts = [" ".join(found[0].sentences)]
        elif not any(np.isfinite(s.ratios.low).any() for s in self._shown):
            parts.append(tr("too few seeds for a band"))
        if self._target.isVisible() and first.target is not None:
            target = number(first.target, 3)
            parts.append(tr("dots: target {target}", target=target))
        if self.reader.live:
            parts.append(tr("provisional"))
        self.set_subtitle(" · ".join(parts))

    def table(self) -> list[tuple[str, ...]]:
        """Return what is drawn as a table with a header, in full precision."""
        head = ("label", "baseline", "axis", "level", "ratio", "low", "high")
        rows: list[tuple[str, ...]] = [(*head, "both", "only", "only_baseline")]
        for found in self._shown:
            r = found.ratios
            counts = zip(r.both, r.only, r.only_baseline, strict=True)
            values = zip(found.levels, r.middle, r.low, r.high, counts, strict=True)
            for *numbers, n in values:
                cells = [_cell(float(x)) for x in numbers]
                names = (found.label, found.baseline, found.axis)
                rows.append((*names, *cells, *(str(int(k)) for k in n)))
        return rows


def _texts(found: SpeedUp, at: int) -> tuple[str, ...]:
    """Return ratio, interval and how many seeds both reach a level."""
    ratios = found.ratios
    texts = [tr("×{ratio}", ratio=number(float(ratios.middle[at]), 3))]
    low, high = float(ratios.low[at]), float(ratios.high[at])
    if isfinite(low):
        ends = number(low, 3), "∞" if high == inf else number(high, 3)
        texts.append(tr("{low} to {high}", low=ends[0], high=ends[1]))
    both, n = int(ratios.both[at]), len(found.seeds)
    texts.append(tr("{both} of {n} seeds", both=both, n=n))
    return tuple(texts)


def _label(found: SpeedUp) -> str:
    """Return what stands at the end: there, so many seeds still compare."""
    both = [int(n) for n in found.ratios.both]
    n = len(found.seeds)
    if both[-1] < n:
        text = "{label}, {both} of {n} seeds"
        return tr(text, label=found.label, both=both[-1], n=n)
    return found.label


def _cell(value: float) -> str:
    return "" if np.isnan(value) else repr(value)
