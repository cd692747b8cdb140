"""The equal-loss speed-up curve: what the baseline pays to get as far, level by level.

At every level of the metric that two optimizers reach, each seed says how many of the
baseline's steps (or samples, or seconds) one of the other's is worth. What counts is
the first measurement at or past a level, so that every trial is seen as its best so
far; nothing is interpolated.

Where only one trial of a seed arrives, all that is known is that the other would have
taken more than it had: the ratio has one bound. A median bears that as long as it is
the same whatever lies beyond the bounds; intervals take the outermost. Where neither
arrives the seed says nothing. The curve ends where in fewer than half of the seeds both
arrive, or nothing settles the median any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from optlab.analysis.costs import Axis, Course, courses, seeds_alike
from optlab.analysis.evidence import Findings
from optlab.analysis.paired import median_interval
from optlab.analysis.ratios import (
    LEVEL,
    LogRatios,
    Ratios,
    fewest_for_interval,
    log_ratios,
    medians,
    percentile_interval,
    share_of,
)
from optlab.analysis.speed_words import headline, sentences
from optlab.analysis.targets import chosen_target
from optlab.records import Floats, Ints

MOST_LEVELS: Final = 200
_RESAMPLES: Final = 2_000
_SEED: Final = 19
# Of the highest level: a surface may be solved to an exact zero, and a logarithmic grid
# has to end somewhere.
_DEPTH: Final = 1e-24


@dataclass(frozen=True, kw_only=True)
class SpeedUp:
    """How much faster one optimizer is than the baseline, at equal loss.

    Attributes:
        label: Label of the optimizer.
        baseline: Label of the other.
        axis: What is counted.
        metric: What the levels are values of.
        seeds: The seeds that both have.
        alike: Whether seeds change nothing, so that there is no interval.
        confidence: Confidence of the intervals.
        log: Whether the levels lie on a logarithmic grid.
        levels: The levels, from the one that is reached first to the last; may be
            empty.
        ratios: What the seeds say at each of them, with a paired bootstrap band.
        target: The target; None where there is none.
        at_target: What they say at the target, one level, with an exact interval;
            None likewise.
        common: The last level that both reach with every seed; None without one.
        at_common: What they say there, with an exact interval; None likewise.
        headline: What they say at the target, in a sentence, and in another one at the
            common level where some seeds miss the target; empty without either.
        sentences: What else is to be said.
    """

    label: str
    baseline: str
    axis: Axis
    metric: str
    seeds: tuple[int, ...]
    alike: bool
    confidence: float
    log: bool
    levels: Floats
    ratios: Ratios
    target: float | None
    at_target: Ratios | None
    common: float | None
    at_common: Ratios | None
    headline: str
    sentences: tuple[str, ...]

    @property
    def share(self) -> tuple[float, float, float] | None:
        """The part of the baseline's cost that the target takes, and its interval.

        None where too few seeds reach the target; ends are NaN without an interval.
        """
        return None if self.at_target is None else share_of(self.at_target)


def speedup(
    findings: Findings,
    label: str,
    axis: Axis = "step",
    *,
    baseline: str = "",
    target: float | None = None,
    confidence: float = LEVEL,
) -> SpeedUp:
    """Return how much faster an optimizer is than the baseline, at equal loss.

    Args:
        findings: What is known of one problem.
        label: Label of the optimizer.
        axis: What is counted.
        baseline: Label of the other; the declared baseline if empty.
        target: The target; by default as `chosen_target` has it.
        confidence: Confidence of the intervals.
    """
    baseline = baseline or findings.baseline
    pairs = _pairs(findings, label, baseline)
    pairs = [p for p in pairs if all(len(c.goals) and _known(c, axis) for c in p)]
    sign = -1.0 if findings.higher_is_better else 1.0
    same = bool(pairs) and all(
        seeds_alike(side, repeats=findings.repeats) for side in zip(*pairs, strict=True)
    )
    goals, log = _grid(pairs)
    drawn = _drawn(len(pairs))

    def band(logs: LogRatios) -> tuple[float, float]:
        low = high = medians(logs.low[drawn])
        if not np.array_equal(logs.low, logs.high, equal_nan=True):
            high = medians(logs.high[drawn])
        return percentile_interval(low, high, level=confidence)

    def exact(logs: LogRatios) -> tuple[float, float]:
        if same:
            return np.nan, np.nan
        ends = [
            median_interval(values[~np.isnan(values)].tolist(), level=1 - confidence)
            for values in (logs.low, logs.high)
        ]
        low, high = (end or (np.nan, np.nan) for end in ends)
        return low[0], high[1]

    ratios = _ratios(pairs, goals, axis, level=confidence, interval=band)
    shown = int(np.flatnonzero(np.isfinite(ratios.middle)).max(initial=-1)) + 1

    def at(level: float | None) -> Ratios | None:
        if level is None or not pairs:
            return None
        one = np.array([sign * level])
        return _ratios(pairs, one, axis, level=confidence, interval=exact)

    goal, _ = chosen_target(findings, target)
    common = _common(pairs)
    common = None if common is None else sign * common
    found = SpeedUp(
        label=label,
        baseline=baseline,
        axis=axis,
        metric=findings.metric,
        seeds=tuple(own.seed for own, _ in pairs),
        alike=same,
        confidence=confidence,
        log=log,
        levels=sign * goals[:shown],
        ratios=ratios.first(shown),
        target=goal,
        at_target=at(goal),
        common=common,
        at_common=at(common),
        headline="",
        sentences=(),
    )
    return replace(found, headline=headline(found), sentences=sentences(found))


def _pairs(
    findings: Findings, label: str, baseline: str
) -> list[tuple[Course, Course]]:
    theirs = {one.seed: one for one in courses(findings, baseline)}
    own = courses(findings, label)
    return [(one, theirs[one.seed]) for one in own if one.seed in theirs]


def _known(one: Course, axis: Axis) -> bool:
    return bool(np.isfinite(one.costs[axis]).all())


def _grid(pairs: Sequence[tuple[Course, Course]]) -> tuple[Floats, bool]:
    """Return the levels at which half of the seeds or more compare, easiest first."""
    if not pairs:
        return np.empty(0), False
    # No trial may begin past a level, or there is nothing to compare.
    top = min(float(one.goals[0]) for pair in pairs for one in pair)
    ends = sorted(max(float(one.goals.min()) for one in pair) for pair in pairs)
    last = ends[_half(len(pairs)) - 1]
    if last >= top:
        return np.empty(0), False
    if top > 0 <= last:
        last = max(last, top * _DEPTH)
        grid = np.geomspace(top, last, MOST_LEVELS + 1)
    else:
        grid = np.linspace(top, last, MOST_LEVELS + 1)
    grid[-1] = last
    return grid[1:], bool(top > 0 <= last)


def _common(pairs: Sequence[tuple[Course, Course]]) -> float | None:
    """Return the last level that every trial reaches and none began past."""
    trials = [one for pair in pairs for one in pair]
    if not trials:
        return None
    last = max(float(one.goals.min()) for one in trials)
    return last if last < min(float(one.goals[0]) for one in trials) else None


def _half(n: int) -> int:
    return (n + 1) // 2


def _drawn(n: int) -> Ints:
    """Return which seeds each resample takes, the same for all levels."""
    rng = np.random.default_rng(_SEED)
    return rng.integers(0, max(n, 1), size=(_RESAMPLES, n))


def _end(one: Course, axis: Axis) -> float:
    return np.inf if one.lost else one.ends[axis]


def _ratios(
    pairs: Sequence[tuple[Course, Course]],
    goals: Floats,
    axis: Axis,
    *,
    level: float,
    interval: Callable[[LogRatios], tuple[float, float]],
) -> Ratios:
    shape = (len(goals), len(pairs))
    own, theirs = np.full(shape, np.inf), np.full(shape, np.inf)
    for k, (mine, other) in enumerate(pairs):
        own[:, k] = mine.costs_at(goals, axis)
        theirs[:, k] = other.costs_at(goals, axis)
    logs = log_ratios(
        own,
        theirs,
        own_end=np.array([_end(mine, axis) for mine, _ in pairs]),
        baseline_end=np.array([_end(other, axis) for _, other in pairs]),
    )
    here, there = np.isfinite(own), np.isfinite(theirs)
    both = (here & there).sum(axis=1)
    middle = logs.medians()
    enough = both >= max(_half(len(pairs)), 1)
    settled = enough & np.isfinite(middle)
    ends = np.full((2, len(goals)), np.nan)
    # A seed with which neither arrives says nothing, and so makes nothing surer.
    said = (here | there).sum(axis=1) >= fewest_for_interval(level)
    for place in np.flatnonzero(enough & said):
        ends[:, place] = interval(logs.at(int(place)))
    with np.errstate(over="ignore"):
        low, high = np.exp(ends)
        middle = np.exp(np.where(settled, middle, np.nan))
    return Ratios(
        middle=middle,
        low=low,
        high=high,
        both=both,
        only=(here & ~there).sum(axis=1),
        only_baseline=(~here & there).sum(axis=1),
    )
