"""The equal-loss speed-up curve: what the baseline pays to get as far, level by level.

At every level of the metric that two optimizers reach, each seed says how many of the
baseline's steps (or samples, or seconds) one of the other's is worth. What counts is
the first measurement at or past a level, so that every trial is seen as its best so
far; nothing is interpolated.

Where only one trial of a seed arrives, the ratio is not known but for its side: it
counts as infinitely large or small, which a median bears. Where neither arrives the
seed says nothing. The curve ends where in fewer than half of the seeds both arrive, or
the median itself is of that kind.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, Self

import numpy as np

from optlab.analysis.costs import Axis, Course, axis_unit, courses
from optlab.analysis.evidence import Findings
from optlab.analysis.targets import LEVEL, chosen_target, metric_words
from optlab.records import Floats, Ints
from optlab.translate import tr, tr_n

MOST_LEVELS: Final = 200
_RESAMPLES: Final = 2_000
_SEED: Final = 19
# Of the highest level: a surface may be solved to an exact zero, and a logarithmic grid
# has to end somewhere.
_DEPTH: Final = 1e-24


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """Cost of the baseline over that of the other, at several levels.

    Attributes:
        middle: Median over seeds, halfway between two on a logarithmic scale; above 1
            where the other is faster, NaN where too few seeds carry it.
        low: Lower end of its interval; NaN where there is none.
        high: Upper end; infinite where the seeds set no bound.
        both: In how many seeds both arrive.
        only: In how many only the other one does.
        only_baseline: In how many only the baseline does.
    """

    middle: Floats
    low: Floats
    high: Floats
    both: Ints
    only: Ints
    only_baseline: Ints

    def first(self, count: int) -> Self:
        """Return what is said at the first so many levels."""
        cut = {f.name: getattr(self, f.name)[:count] for f in fields(self)}
        return replace(self, **cut)


@dataclass(frozen=True, kw_only=True)
class SpeedUp:
    """How much faster one optimizer is than the baseline, at equal loss.

    Attributes:
        label: Label of the optimizer.
        baseline: Label of the other.
        axis: What is counted.
        metric: What the levels are values of.
        seeds: The seeds that both have.
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
    goals, log = _grid(pairs)
    drawn = _drawn(len(pairs))

    def band(logs: Floats) -> tuple[float, float]:
        return percentile_interval(medians(logs[drawn]), confidence)

    def exact(logs: Floats) -> tuple[float, float]:
        return median_interval(logs, confidence)

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
    return replace(found, headline=_headline(found), sentences=_sentences(found))


def share_of(ratios: Ratios) -> tuple[float, float, float] | None:
    """Return the part of the baseline's cost at the first level, with its interval.

    None where too few seeds carry it; ends are NaN without an interval.
    """
    if not math.isfinite(ratios.middle[0]):
        return None
    with np.errstate(divide="ignore"):
        ends = (1 / ratios.middle[0], 1 / ratios.high[0], 1 / ratios.low[0])
    return float(ends[0]), float(ends[1]), float(ends[2])


def fewest_for_interval(confidence: float = LEVEL) -> int:
    """Return how many seeds an interval takes: 6 for 95 %.

    With n seeds even the whole range of the ratios covers their median with a
    probability of only 1 − 2/2ⁿ.
    """
    return math.ceil(1 - math.log2(1 - confidence) - 1e-9)


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


def _ratios(
    pairs: Sequence[tuple[Course, Course]],
    goals: Floats,
    axis: Axis,
    *,
    level: float,
    interval: Callable[[Floats], tuple[float, float]],
) -> Ratios:
    shape = (len(goals), len(pairs))
    own, theirs = np.full(shape, np.inf), np.full(shape, np.inf)
    for k, (mine, other) in enumerate(pairs):
        own[:, k] = mine.costs_at(goals, axis)
        theirs[:, k] = other.costs_at(goals, axis)
    logs = log_ratios(own, theirs)
    here, there = np.isfinite(own), np.isfinite(theirs)
    both = (here & there).sum(axis=1)
    enough = both >= max(_half(len(pairs)), 1)
    middle = medians(logs)
    enough &= np.isfinite(middle)
    ends = np.full((2, len(goals)), np.nan)
    # A seed with which neither arrives says nothing, and so makes nothing surer.
    said = (~np.isnan(logs)).sum(axis=1) >= fewest_for_interval(level)
    for place in np.flatnonzero(enough & said):
        ends[:, place] = interval(logs[place])
    with np.errstate(over="ignore"):
        low, high = np.exp(ends)
        middle = np.exp(np.where(enough, middle, np.nan))
    return Ratios(
        middle=middle,
        low=low,
        high=high,
        both=both,
        only=(here & ~there).sum(axis=1),
        only_baseline=(~here & there).sum(axis=1),
    )


def log_ratios(own: Floats, baseline: Floats) -> Floats:
    """Return the logarithm of the baseline's cost over the other's.

    Args:
        own: Cost of the one, infinite where it never arrived.
        baseline: Cost of the other likewise.

    Returns:
        +∞ where only the one arrived, −∞ where only the baseline did, NaN where neither
        did. Where both had arrived before they began the costs are equal.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(baseline) - np.log(own)
    found: Floats = np.where((own == 0) & (baseline == 0), 0.0, logs)
    return found


def medians(values: Floats) -> Floats:
    """Return medians over the last axis, without NaN.

    NaN where nothing is left, or the middle lies between −∞ and +∞.
    """
    ordered = np.sort(values, axis=-1)
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    last = np.maximum(count - 1, 0)
    low = np.take_along_axis(ordered, last // 2, axis=-1)[..., 0]
    high = np.take_along_axis(ordered, (last + 1) // 2, axis=-1)[..., 0]
    with np.errstate(invalid="ignore"):
        between = (low + high) / 2
    found: Floats = np.where(low == high, low, between)
    return found


def median_interval(values: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of a median, between two of the values.

    The k-th smallest and the k-th largest, with the largest k that a fair coin falls
    short of in n tosses with a probability of at most (1 − level)/2 (Conover 1999,
    section 3.2). It covers the median at least as often as it says, however the values
    are spread and with as few as six of them; the bootstrap's covers it in 88 to 94 %.

    Args:
        values: One for each seed; NaN for what says nothing.
        level: Confidence of the interval.

    Returns:
        The ends; NaN where there are too few values.
    """
    from scipy.stats import binom

    ordered = np.sort(values[~np.isnan(values)])
    k = int(binom.ppf((1 - level) / 2, len(ordered), 0.5)) if len(ordered) else 0
    if k < 1:
        return math.nan, math.nan
    return float(ordered[k - 1]), float(ordered[-k])


def percentile_interval(found: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the bootstrap's percentile interval.

    Args:
        found: The statistic of each resample; one that says nothing, NaN, bounds
            nothing.
        level: Confidence of the interval.
    """
    tail = (1 - level) / 2
    place = math.floor(tail * len(found) + 1e-9)
    unknown = np.isnan(found)
    low = np.sort(np.where(unknown, -np.inf, found))[place]
    high = np.sort(np.where(unknown, np.inf, found))[len(found) - 1 - place]
    return float(low), float(high)


def _headline(found: SpeedUp) -> str:
    said = []
    n = len(found.seeds)
    if found.at_target is not None:
        said.append(_at_target(found, found.at_target))
    missed = found.at_target is None or found.at_target.both[0] < n
    if missed and found.at_common is not None:
        said.append(_at_common(found, found.at_common))
    return " ".join(said)


def _at_target(found: SpeedUp, at: Ratios) -> str:
    share = share_of(at)
    n, both = len(found.seeds), int(at.both[0])
    fields = _fields(found) | {"n": n, "both": both, "target": found.target}
    if share is None:
        fields["own"] = both + int(at.only[0])
        fields["theirs"] = both + int(at.only_baseline[0])
        text = (
            "{label} reaches {metric} {target:.4g} with {own} of {n} seeds, {baseline} "
            "with {theirs}: too few for a ratio."
        )
        return tr(text, **fields)
    fields["share"] = ratio_text(share[0])
    fields["interval"] = _interval_text(share, found.confidence)
    fields["seeds"] = tr_n("1 seed", "{n} seeds", n=n)
    if both < n:
        text = "{n} seeds, but both arrive with only {both}"
        fields["seeds"] = tr(text, n=n, both=both)
    text = (
        "{label} reaches {metric} {target:.4g} in {share} of {baseline}'s {unit}, "
        "{interval}, {seeds}."
    )
    return tr(text, **fields)


def _at_common(found: SpeedUp, at: Ratios) -> str:
    share = share_of(at)
    assert share is not None
    fields = _fields(found) | {"n": len(found.seeds), "common": found.common}
    fields["share"] = ratio_text(share[0])
    fields["interval"] = _interval_text(share, found.confidence)
    text = (
        "To {metric} {common:.4g}, which both reach with all {n} seeds, {label} takes "
        "{share} of {baseline}'s {unit}, {interval}."
    )
    return tr(text, **fields)


def _fields(found: SpeedUp) -> dict[str, object]:
    return {
        "label": found.label,
        "baseline": found.baseline,
        "metric": metric_words(found.metric, inside=True),
        "unit": axis_unit(found.axis),
    }


def _interval_text(share: tuple[float, float, float], confidence: float) -> str:
    _, low, high = share
    fields = {
        "level": 100 * confidence,
        "low": ratio_text(low),
        "high": ratio_text(high),
    }
    if math.isnan(low):
        return tr("too few seeds for an interval")
    if math.isinf(high):
        return tr("{level:.0f} % interval from {low} on", **fields)
    return tr("{level:.0f} % interval {low} to {high}", **fields)


def ratio_text(ratio: float) -> str:
    """Return a ratio with two decimals, or two digits where it is small: ``0.71``."""
    return f"{ratio:.2f}" if ratio >= 0.1 or ratio == 0 else f"{ratio:.2g}"


def _sentences(found: SpeedUp) -> tuple[str, ...]:
    fields = {"label": found.label, "baseline": found.baseline}
    if not found.seeds:
        text = "{label} and {baseline} have no seed in common that was measured."
        return (tr(text, **fields),)
    if not len(found.levels):
        text = (
            "There is no level that {label} and {baseline} both reach with half of "
            "their seeds."
        )
        return (tr(text, **fields),)
    text = (
        "The curve ends at {metric} {level:.4g}: with too few of the {n} seeds do both "
        "get further."
    )
    level = float(found.levels[-1])
    words = metric_words(found.metric, inside=True)
    return (tr(text, metric=words, level=level, n=len(found.seeds)),)
