"""What is drawn of one metric: a curve for each optimizer, and what lies behind it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import numpy as np

from optlab.diagnostics.catalog import DIAGNOSTICS, METRICS
from optlab.export.bands import bad_value, band, mean_band
from optlab.export.smoothing import smooth
from optlab.export.style import X_METRICS, FigureStyle
from optlab.params import InputError
from optlab.records import Floats, Ints, State, TrialStart
from optlab.registry import MetricInfo
from optlab.store.run_data import RunData
from optlab.store.series import Series
from optlab.translate import tr

Points: TypeAlias = tuple[Floats, Floats]

_COLUMNS: Final = 1200
"""Pixels that a curve is thinned for: at most two points in each."""

_BEYOND: Final = 1e300
"""Stands for an infinite edge of a band while it is thinned."""

_NOISY: Final = frozenset({"train_loss", "train_accuracy", "grad_norm", "update_norm"})
_USUAL_SMOOTHING: Final = 0.9
_TOO_SHORT_TO_SMOOTH: Final = 50


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One optimizer in one panel.

    Attributes:
        entry: Its index in the experiment.
        label: Its label.
        line: The line in front: the trace, the smoothed trace, or the median over
            seeds.
        faint: The traces behind it.
        band: x, lower and upper edge of the band over seeds; None for a single one.
        crosses: Last finite point of each trial that diverged.
        markers: Whether the values are so few that each gets a dot.
    """

    entry: int
    label: str
    line: Points
    faint: tuple[Points, ...] = ()
    band: tuple[Floats, Floats, Floats] | None = None
    crosses: tuple[tuple[float, float], ...] = ()
    markers: bool = False

    @property
    def diverged(self) -> bool:
        """Whether a trial of it diverged."""
        return bool(self.crosses)


def metric_info(metric: str) -> MetricInfo:
    """Return what is known of a metric; of a plug-in's own, little but the name."""
    for info in (*METRICS, *DIAGNOSTICS):
        if info.name == metric:
            return info
    group = metric.partition("lr:")[2]
    if group:
        label = tr("Learning rate of group {group}", group=group)
        return MetricInfo(name=metric, label=label, description="", log=True)
    return MetricInfo(name=metric, label=metric, description="")


def shown_entries(
    data: RunData, style: FigureStyle
) -> dict[int, tuple[TrialStart, ...]]:
    """Return the trials of each optimizer that is not hidden, by its index."""
    groups: dict[int, tuple[TrialStart, ...]] = {}
    for start in data.trials:
        if start.entry not in style.hidden:
            groups[start.entry] = (*groups.get(start.entry, ()), start)
    if style.spread == "seed":
        return {entry: of_seed(starts, style.seed) for entry, starts in groups.items()}
    return groups


def of_seed(starts: Sequence[TrialStart], seed: int | None) -> tuple[TrialStart, ...]:
    """Return the one trial of an optimizer that has a seed, or else its first.

    Args:
        starts: Trials of the optimizer.
        seed: The seed; None for the first.
    """
    return tuple(s for s in starts if s.seed == seed)[:1] or tuple(starts[:1])


def provisional(data: RunData, trials: Iterable[TrialStart]) -> bool:
    """Return whether some of these trials have not come to their end, nor diverged."""
    states = (data.status(start.trial).state for start in trials)
    return any(not state.ended or state is State.STOPPED for state in states)


def curves_of(data: RunData, metric: str, *, style: FigureStyle) -> tuple[Curve, ...]:
    """Return one curve for each optimizer that has values of ``metric``.

    Raises:
        InputError: The run has no such metric, or nothing that the x axis asks for.
    """
    _check(data, metric, style)
    curves = []
    for entry, starts in shown_entries(data, style).items():
        trials = [t.trial for t in starts if len(data.series(t.trial, metric))]
        parts = [[t] for t in trials] if style.spread == "trials" else [trials]
        for part in filter(None, parts):
            curve = _curve(data, metric, style, entry=entry, trials=part)
            if np.isfinite(curve.line[1]).any() or curve.crosses:
                curves.append(curve)
    return tuple(curves)


def _check(data: RunData, metric: str, style: FigureStyle) -> None:
    if metric not in data.metrics:
        text = tr("one of {choices}", choices=", ".join(data.metrics))
        raise InputError("metric", metric, text)
    counted = X_METRICS[style.x]
    if counted and counted not in data.metrics:
        have = [x for x, name in X_METRICS.items() if not name or name in data.metrics]
        text = tr("one of {choices} in this run", choices=", ".join(have))
        raise InputError("x", style.x, text)


def _curve(
    data: RunData, metric: str, style: FigureStyle, *, entry: int, trials: list[int]
) -> Curve:
    label = next(t.label for t in data.trials if t.entry == entry)
    all_series = [data.series(trial, metric) for trial in trials]
    weight = _weight(style, all_series, data.trials[trials[0]].batch_size)
    log = _log(style, all_series)
    smoothing = partial(smooth, weight=weight, log=log) if weight > 0 else np.asarray
    raw = [
        _x_of(data, trial, style, _thinned(series, style))
        for trial, series in zip(trials, all_series, strict=True)
    ]
    crosses = tuple(
        points
        for trial, series in zip(trials, all_series, strict=True)
        if (points := _cross(data, trial, style, series)) is not None
    )
    few = not all_series[0].dense and max(map(len, all_series)) <= 60
    if len(trials) == 1:
        if weight <= 0:
            return Curve(
                entry=entry, label=label, line=raw[0], crosses=crosses, markers=few
            )
        line = _thinned(_series(smoothing(all_series[0].values)), style)
        return Curve(
            entry=entry,
            label=label,
            line=_x_of(data, trials[0], style, line),
            faint=tuple(raw),
            crosses=crosses,
        )
    steps, table = _table(data, metric, trials, smoothing)
    low, middle, high = (mean_band if style.spread == "mean" else band)(table)
    middle = np.where(np.isfinite(middle), middle, np.nan)
    edges = (np.clip(values, -_BEYOND, _BEYOND) for values in (low, high))
    thin = [_picked(steps, values, style) for values in (middle, *edges)]
    # The x that counts is that of the seed that came furthest.
    clock = max(trials, key=lambda trial: data.series(trial, metric).last_step)
    x_middle, x_low, x_high = (_x_of(data, clock, style, t)[0] for t in thin)
    return Curve(
        entry=entry,
        label=label,
        line=(x_middle, thin[0][1]),
        faint=tuple(raw),
        band=_band((x_low, thin[1][1]), (x_high, thin[2][1])),
        crosses=crosses,
        markers=few,
    )


def _weight(style: FigureStyle, series: Sequence[Series], batch_size: int) -> float:
    if not series[0].dense:
        return 0.0
    if style.smoothing is not None:
        return style.smoothing
    noisy = batch_size > 0 and series[0].metric in _NOISY
    long = max(map(len, series)) > _TOO_SHORT_TO_SMOOTH
    return _USUAL_SMOOTHING if noisy and long else 0.0


def _log(style: FigureStyle, series: Sequence[Series]) -> bool:
    """Return whether the y axis will be logarithmic."""
    if style.y_scale is not None:
        return style.y_scale == "log"
    lowest = [low for one in series if (low := one.lowest()) is not None]
    return metric_info(series[0].metric).log and all(value > 0 for _, value in lowest)


def _series(values: Floats, steps: Ints | None = None) -> Series:
    series = Series("", dense=steps is None)
    if steps is None:
        series.append(values)
    else:
        series.append_at(steps, values)
    return series


def _thinned(series: Series, style: FigureStyle) -> Points:
    """Return steps and values, no more than a print can show."""
    last = series.last_step
    if not style.log_x:
        return series.envelope(0, last, _COLUMNS)
    return envelope_by_decades(series, 0.0, last, _COLUMNS // 4)


def envelope_by_decades(
    series: Series, first: float, last: float, columns: int
) -> Points:
    """Return what draws a part of a series on a logarithmic axis.

    A column of such an axis is narrow on the left: each decade is thinned by itself.

    Args:
        series: The series.
        first: Step at the left.
        last: Step at the right.
        columns: Pixels for each decade.
    """
    found = series.envelope(first, min(first + 1, last), 2)
    edge = max(first, 1.0)
    while edge <= last:
        x, y = series.envelope(edge, min(10 * edge, last), columns)
        # Neighbours on either side are in both.
        new = x > found[0][-1] if len(found[0]) else x >= 0
        found = np.append(found[0], x[new]), np.append(found[1], y[new])
        edge *= 10
    return found


def _picked(steps: Ints, values: Floats, style: FigureStyle) -> Points:
    dense = len(steps) == 0 or (steps[0] == 0 and steps[-1] == len(steps) - 1)
    return _thinned(_series(values, None if dense else steps), style)


def _x_of(data: RunData, trial: int, style: FigureStyle, points: Points) -> Points:
    metric = X_METRICS[style.x]
    if not metric:
        return points
    steps = points[0].astype(np.int64)
    return data.series(trial, metric).values_at(steps), points[1]


def _cross(
    data: RunData, trial: int, style: FigureStyle, series: Series
) -> tuple[float, float] | None:
    if data.status(trial).state is not State.DIVERGED:
        return None
    steps, values = series.arrays()
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return None
    at = finite[-1:]
    x, y = _x_of(data, trial, style, (steps[at].astype(np.float64), values[at]))
    return float(x[0]), float(y[0])


def _table(
    data: RunData,
    metric: str,
    trials: list[int],
    smoothing: Callable[[Floats], Floats],
) -> tuple[Ints, Floats]:
    """Return steps, and a row of values at them for each seed.

    What seeds that diverged count as is said in `optlab.export.bands`.
    """
    series = {trial: data.series(trial, metric) for trial in trials}
    diverged = {t for t in trials if data.status(t).state is State.DIVERGED}
    alive = [t for t in trials if t not in diverged]
    ends = [series[t].last_step for t in alive or trials]
    end = min(ends) if alive else max(ends)
    steps = series[(alive or trials)[0]].arrays()[0]
    for trial in alive[1:]:
        steps = np.intersect1d(steps, series[trial].arrays()[0], assume_unique=True)
    steps = steps[steps <= end]
    bad = bad_value(metric_info(metric).higher_is_better)
    table = np.full((len(trials), len(steps)), np.nan)
    for row, trial in zip(table, trials, strict=True):
        own, values = series[trial].arrays()
        smoothed = smoothing(values)
        at = np.searchsorted(own, steps)
        known = (at < len(own)) & (own[np.minimum(at, len(own) - 1)] == steps)
        row[known] = smoothed[at[known]]
        if trial in diverged:
            last = _last_finite(own, values)
            row[steps > last] = bad
    return steps, table


def _last_finite(steps: Ints, values: Floats) -> int:
    finite = np.flatnonzero(np.isfinite(values))
    return int(steps[finite[-1]]) if len(finite) else -1


def _band(low: Points, high: Points) -> tuple[Floats, Floats, Floats]:
    """Return both edges at the x of either: they were thinned apart."""
    x = np.union1d(low[0], high[0])
    x = x[np.isfinite(x)]
    edges = []
    for px, py in (low, high):
        known = np.isfinite(px)
        if not known.any():
            return np.empty(0), np.empty(0), np.empty(0)
        edge = np.interp(x, px[known], py[known])
        beyond = np.abs(edge) > _BEYOND / 10
        edges.append(np.where(beyond, np.copysign(np.inf, edge), edge))
    return x, edges[0], edges[1]
