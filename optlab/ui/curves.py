"""The card that draws one metric of all trials against steps, epochs or seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from optlab.records import State, TrialStart
from optlab.translate import tr
from optlab.ui.canvas import Range
from optlab.ui.cards import Card
from optlab.ui.crosshair import Crosshair, Reading
from optlab.ui.curve_items import EntryCurve, Sampler
from optlab.ui.end_labels import EndLabels, LabelSpec, label_width
from optlab.ui.figures import count, number
from optlab.ui.smoothing import robust_range
from optlab.ui.theme import series_style
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

Floats = npt.NDArray[np.float64]

_LABELS_FROM: Final = 400.0
_OVERVIEW: Final = 500
_GROWTH: Final = 1.12


@dataclass(frozen=True, kw_only=True)
class CurveSpec:
    """What a card of curves shows.

    Attributes:
        metric: Name of the metric.
        title: Heading.
        subtitle: What it is, and its unit.
        log: Whether a log axis suits it, as long as no value is negative.
        noisy: Whether smoothing is of use.
        companion: A second metric drawn along with it; empty for none.
    """

    metric: str
    title: str
    subtitle: str = ""
    log: bool = False
    noisy: bool = False
    companion: str = ""


def entries_of(trials: Sequence[TrialStart]) -> dict[int, tuple[TrialStart, ...]]:
    """Return the trials of each optimizer, by its index in the spec."""
    groups: dict[int, list[TrialStart]] = {}
    for trial in trials:
        groups.setdefault(trial.entry, []).append(trial)
    return {entry: tuple(found) for entry, found in groups.items()}


class CurveCard(Card):
    """One metric of all trials.

    Args:
        spec: What it shows.
        state: Settings of all views.
        smooth: False where training is free of noise and smoothing would only lag.
    """

    def __init__(
        self,
        spec: CurveSpec,
        state: ViewState,
        *,
        smooth: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        self.spec = spec
        self.smooth = smooth
        self._data: RunData | None = None
        self._sampler: Sampler | None = None
        self._entries: dict[int, tuple[TrialStart, ...]] = {}
        self._curves: dict[int, EntryCurve] = {}
        self._companions: dict[int, EntryCurve] = {}
        self._before_click: frozenset[int] = frozenset()
        self._outside = False
        super().__init__(
            spec.metric,
            spec.title,
            subtitle=spec.subtitle,
            state=state,
            parent=parent,
        )
        self._crosses: dict[int, tuple[float, float]] = {}
        self._cross_item: Any = pg.ScatterPlotItem(symbol="x", size=14, pxMode=True)
        self.canvas.add(self._cross_item, z=20.0)
        viewport = self.canvas.viewport()
        self.labels = EndLabels(viewport)
        self.crosshair = Crosshair(viewport)
        self.labels.clicked.connect(self._on_label_clicked)
        self.labels.isolated.connect(self._on_label_isolated)
        self.labels.hovered.connect(state.set_hovered)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self.crosshair.hide)
        self.canvas.range_changed.connect(self._on_view_moved)
        state.hovered_changed.connect(self._restyle_curves)

    def set_run(self, data: "RunData | None") -> None:
        """Show another run, or none."""
        for curve in (*self._curves.values(), *self._companions.values()):
            curve.remove()
        self._curves, self._companions, self._crosses = {}, {}, {}
        self.labels.clear()
        self.crosshair.hide()
        self._data, self._sampler, self._entries = data, None, {}
        if data is not None:
            self._sampler = Sampler(data, self.state)
            self._entries = entries_of(data.trials)
            self._make_curves(data)
        self.ask_fit()

    def _make_curves(self, data: "RunData") -> None:
        assert self._sampler is not None
        for entry, starts in self._entries.items():
            trials = [start.trial for start in starts]
            self._curves[entry] = EntryCurve(
                self.canvas, self._sampler, metric=self.spec.metric, trials=trials
            )
            if self.spec.companion in data.metrics:
                self._companions[entry] = EntryCurve(
                    self.canvas,
                    self._sampler,
                    metric=self.spec.companion,
                    trials=trials,
                    quiet=True,
                )

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the arrays that were handed to pyqtgraph for one trial."""
        for curve in self._curves.values():
            if trial in curve.traces:
                return curve.traces[trial].x, curve.traces[trial].y
        raise KeyError(trial)

    def plotted_companion(self, trial: int) -> tuple[Floats, Floats]:
        """Return those of the second metric."""
        for curve in self._companions.values():
            if trial in curve.traces:
                return curve.traces[trial].x, curve.traces[trial].y
        raise KeyError(trial)

    def smoothed(self, entry: int) -> tuple[Floats, Floats]:
        """Return the strong line of an optimizer; empty where the trace is strong."""
        return self._curves[entry].strong.x, self._curves[entry].strong.y

    def crosses(self) -> dict[int, tuple[float, float]]:
        """Return last finite step (as x) and value of every diverged trial."""
        return dict(self._crosses)

    def visible_entries(self) -> tuple[int, ...]:
        """Return the indices of the optimizers that are drawn."""
        return tuple(e for e in self._entries if e not in self.state.hidden)

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision

    @property
    def weight(self) -> float:
        """Weight of the smoothing that is used here."""
        return self.state.smoothing if self.smooth and self.spec.noisy else 0.0

    def draw(self) -> None:
        """Draw what is new."""
        self._drawn()
        if self._data is None:
            return
        (lo, hi), _ = self._x_view()
        columns = max(int(self.canvas.plot_rect().width()), 50)
        for entry, curve in self._each_curve():
            on = entry not in self.state.hidden
            if on:
                curve.update(lo=lo, hi=hi, columns=columns, weight=self.weight)
            curve.show(on)
        if self.canvas.set_log(self.state.log_x, self._wants_log()):
            self._fit_wanted = True
        self.log_action.setChecked(self.canvas.log[1])
        self._restyle_curves()
        self._find_crosses()
        self._place_overlays()
        self._describe()
        self._outside = self._is_outside()

    def out_of_range(self) -> bool:
        """Return whether data lie outside the range that is shown, or use little."""
        return self._outside

    def _is_outside(self) -> bool:
        wanted = self._limits(all_of_it=False)
        if wanted is None or self._data is None:
            return False
        (x0, x1), (y0, y1) = self.canvas.view()
        end, (lo, hi) = wanted
        room = (x1 - x0) * self._label_room() / max(self.canvas.plot_rect().width(), 1)
        slack = (y1 - y0) * 1e-6
        if end > x1 - room + (x1 - x0) * 1e-6 or lo < y0 - slack or hi > y1 + slack:
            return True
        return (hi - lo) * 3.0 < y1 - y0 and hi > lo

    def fit(self) -> None:
        """Take a range that holds all data, labels and some growth."""
        self._fit_wanted = self._outside = False
        wanted = self._limits(all_of_it=True)
        if wanted is None or self._data is None:
            self.canvas.set_view((0.0, 1.0), (0.0, 1.0))
            return
        end, (lo, hi) = wanted
        start = 0.0
        growing = not self._data.state.ended
        if self.canvas.log[0]:
            start = float(self._first_x_log())
            end = max(end + (log10(_GROWTH) if growing else 0.0), start + 0.3)
        elif growing:
            end = self._grown(end)
        if end <= start:
            end = start + 1.0
        width = max(self.canvas.plot_rect().width(), 60.0)
        share = min(self._label_room() / width, 0.5)
        self.canvas.set_view(
            (start, start + (end - start) / (1.0 - share)),
            self._padded(lo, hi, growing=growing),
        )

    def _padded(self, lo: float, hi: float, *, growing: bool) -> Range:
        span = hi - lo
        if span <= 1e-12 * max(abs(hi), abs(lo)):
            span = 0.3 if self.canvas.log[1] else max(abs(hi) * 0.1, 1e-12)
            return lo - span, hi + span
        more = 0.12 if growing else 0.06
        bottom = lo - more * span
        # A quantity that is never negative does not need an axis that says so.
        if lo >= 0 > bottom and not self.canvas.log[1]:
            bottom = -0.02 * span
        return bottom, hi + 0.06 * span

    def _grown(self, end: float) -> float:
        """Return ``end`` with room for what comes, up to the steps that are planned."""
        assert self._data is not None
        planned = float(max((t.steps for t in self._data.trials), default=0))
        step = max(self._data.status(t.trial).step for t in self._data.trials)
        if step < 1 or planned <= 0:
            return max(end, min(planned, 20.0) if self.state.x_axis == "step" else 1.0)
        grown = min(planned, max(step * _GROWTH, min(20.0, planned)))
        return end * grown / step

    def _x_view(self) -> tuple[Range, Range]:
        x, y = self.canvas.view()
        if self.canvas.log[0]:
            x = 10.0 ** min(x[0], 300.0), 10.0 ** min(x[1], 300.0)
        return x, y

    def _first_x_log(self) -> float:
        assert self._sampler is not None
        firsts = []
        for trial in self._each_trial():
            x = self._sampler.to_x(trial, np.array([1]))
            if len(x) and x[0] > 0:
                firsts.append(float(log10(x[0])))
        return min(firsts, default=0.0)

    def _limits(self, *, all_of_it: bool) -> tuple[float, Range] | None:
        """Return the last x and the range of y, both in logarithms on log axes."""
        if self._data is None or self._sampler is None:
            return None
        end = max((self._sampler.end(t) for t in self._each_trial()), default=0.0)
        good: list[Floats] = []
        failed: list[Floats] = []
        for entry, curve in self._each_curve():
            if entry in self.state.hidden:
                continue
            for trial, trace in curve.traces.items():
                y = trace.y
                if all_of_it:
                    y = self._overview(curve, trial, end)
                bad = self._data.status(trial).state is State.DIVERGED
                (failed if bad else good).append(y)
        y_range = robust_range(good, failed, log_scale=self.canvas.log[1])
        if y_range is None:
            return None
        if self.canvas.log[0]:
            end = log10(end) if end > 0 else 0.0
        return end, y_range

    def _overview(self, curve: EntryCurve, trial: int, end: float) -> Floats:
        assert self._sampler is not None
        lo, hi = 0.0, max(end, 1.0)
        _, y = self._sampler.points(
            trial, curve.metric, lo=lo, hi=hi, columns=_OVERVIEW
        )
        return y

    def _wants_log(self) -> bool:
        asked = self.state.log_y(self.spec.metric)
        if asked is not None or not self.spec.log:
            return bool(asked)
        return not any(
            np.any(trace.y < 0)
            for curve in self._curves.values()
            for trace in curve.traces.values()
        )

    def _each_curve(self) -> Iterator[tuple[int, EntryCurve]]:
        yield from self._curves.items()
        yield from self._companions.items()

    def _each_trial(self) -> list[int]:
        return [
            start.trial
            for entry, starts in self._entries.items()
            for start in starts
            if entry not in self.state.hidden
        ]

    def _restyle(self) -> None:
        super()._restyle()
        self._restyle_curves()

    def _restyle_curves(self) -> None:
        theme = self.state.theme
        ground = QColor(theme.card)
        for entry, curve in self._each_curve():
            style = series_style(entry, theme)
            curve.restyle(style, ground=ground, hovered=entry == self.state.hovered)

    def _find_crosses(self) -> None:
        assert self._data is not None
        assert self._sampler is not None
        for trial in self._each_diverged():
            if trial in self._crosses:
                continue
            steps, values = self._data.series(trial, self.spec.metric).arrays()
            finite = np.flatnonzero(np.isfinite(values))
            if len(finite):
                step, value = steps[finite[-1]], values[finite[-1]]
                self._crosses[trial] = (float(step), float(value))

    def _each_diverged(self) -> list[int]:
        assert self._data is not None
        return [
            start.trial
            for start in self._data.trials
            if self._data.status(start.trial).state is State.DIVERGED
        ]

    def _on_view_moved(self) -> None:
        self.crosshair.hide()
        if self._data is not None:
            self._place_overlays()

    def _place_overlays(self) -> None:
        self._place_crosses()
        self._place_labels()

    def _place_crosses(self) -> None:
        """Draw the crosses; those beyond the edge lie on it, for nothing is hidden."""
        assert self._data is not None
        assert self._sampler is not None
        theme = self.state.theme
        (_, _), (y0, y1) = self.canvas.view()
        edge = (y1 - y0) * 9.0 / max(self.canvas.plot_rect().height(), 20.0)
        spots = []
        for entry, starts in self._entries.items():
            color = series_style(entry, theme).color
            for start in starts:
                if entry in self.state.hidden or start.trial not in self._crosses:
                    continue
                step, value = self._crosses[start.trial]
                x = float(self._sampler.to_x(start.trial, np.array([step]))[0])
                pos = self._on_axes(x, value)
                y = min(max(pos[1], y0 + edge), y1 - edge)
                pen = pg.mkPen(color, width=1)
                spots.append({"pos": (pos[0], y), "brush": color, "pen": pen})
        self._cross_item.setData(spots)

    def _on_axes(self, x: float, y: float) -> tuple[float, float]:
        log_x, log_y = self.canvas.log
        if log_x:
            x = log10(x) if x > 0 else -300.0
        if log_y:
            y = log10(y) if y > 0 else -300.0
        return x, y

    def _label_texts(self) -> dict[int, str]:
        if self._data is None or not self._labelled():
            return {}
        texts = {}
        for entry, starts in self._entries.items():
            failed = [
                self._data.status(start.trial)
                for start in starts
                if self._data.status(start.trial).state is State.DIVERGED
            ]
            text = starts[0].label
            if len(failed) == 1 == len(starts):
                text = tr("{label} ✕ {step}", label=text, step=count(failed[0].step))
            elif failed:
                text = tr(
                    "{label} ✕ {n} of {all}", label=text, n=len(failed), all=len(starts)
                )
            texts[entry] = text
        return texts

    def _labelled(self) -> bool:
        wide = self.canvas.plot_rect().width() >= _LABELS_FROM
        return wide and len(self._entries) <= 8

    def _label_room(self) -> float:
        return label_width(self._label_texts().values())

    def _place_labels(self) -> None:
        theme = self.state.theme
        specs = []
        for entry, text in self._label_texts().items():
            at = self._line_end(entry)
            if at is None:
                continue
            specs.append(
                LabelSpec(
                    entry=entry,
                    text=text,
                    color=series_style(entry, theme).color,
                    x=at.x(),
                    y=at.y(),
                    hidden=entry in self.state.hidden,
                )
            )
        self.labels.place(specs, self.canvas.plot_rect())

    def _line_end(self, entry: int) -> QPointF | None:
        line = self._curves[entry].line()
        finite = np.flatnonzero(np.isfinite(line.y))
        if not len(finite):
            return None
        last = finite[-1]
        x, y = self._on_axes(float(line.x[last]), float(line.y[last]))
        return self.canvas.to_pixels(x, min(max(y, -1e12), 1e12))

    def _on_label_clicked(self, entry: int) -> None:
        self._before_click = self.state.hidden
        self.state.toggle(entry)

    def _on_label_isolated(self, entry: int) -> None:
        # The first click of the two has hidden or shown it; that does not count.
        self.state.set_hidden(self._before_click)
        self.state.isolate(entry, among=frozenset(self._entries))

    def _on_pointed(self, position: QPointF) -> None:
        room = self.canvas.plot_rect()
        if self._data is None or not room.contains(position):
            self.crosshair.hide()
            return
        x = self.canvas.to_x(position.x())
        x = 10.0**x if self.canvas.log[0] else x
        readings = self.read(x)
        self.crosshair.show(
            position.x(),
            room,
            title=self._x_text(x),
            readings=readings,
            theme=self.state.theme,
        )

    def read(self, x: float) -> list[Reading]:
        """Return what every curve that is shown says at ``x``."""
        if self._data is None or self._sampler is None:
            return []
        readings = []
        for entry in self.visible_entries():
            curve = self._curves[entry]
            raw, smooth = [], []
            for trial in curve.trials:
                step = self._sampler.to_step(trial, x)
                value = self._data.series(trial, self.spec.metric).at(step)
                if value is not None and isfinite(value):
                    raw.append(value)
                    averaged = curve.smoothed_at(trial, step)
                    smooth.append(value if averaged is None else averaged)
            if not raw:
                continue
            main = float(np.median(smooth))
            texts: tuple[str, ...] = (number(main),)
            if self.weight > 0:
                texts = (number(main), number(float(np.median(raw))))
            readings.append(
                Reading(
                    label=self._entries[entry][0].label,
                    color=series_style(entry, self.state.theme).color,
                    texts=texts,
                    value=main,
                )
            )
        return readings

    def _x_text(self, x: float) -> str:
        axis = self.state.x_axis
        if axis == "step":
            return tr("step {n}", n=count(max(0, int(x + 1e-9))))
        if axis == "samples":
            return tr("{n} samples", n=count(max(0, int(x))))
        if axis == "epoch":
            return tr("epoch {x}", x=number(x))
        return tr("{x} s", x=number(x))

    def _describe(self) -> None:
        parts = [self.subtitle] if self.subtitle else []
        if self.weight > 0:
            parts.append(tr("smoothed {weight:g}", weight=self.weight))
        seeds = max((len(starts) for starts in self._entries.values()), default=0)
        if seeds > 1:
            parts.append(tr("median of {n} seeds", n=seeds))
        self.set_subtitle(" · ".join(parts))
