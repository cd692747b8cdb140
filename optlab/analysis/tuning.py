"""What tuning found: the basin of each optimizer, its width, and what a budget buys.

Trials are compared after the same share of their steps. With successive halving most of
them end early; the basin is that of the last rung that every trial came to, the winner
that of the last one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from optlab.analysis.evidence import (
    Findings,
    Tuned,
    higher_is_better,
    judged_metric,
    late_value,
)
from optlab.params import ParamValue
from optlab.records import Floats, State, TrialStart
from optlab.spec import TuningSpec
from optlab.store.run_data import RunData

AS_GOOD: Final = 0.1
"""A loss that is at most by this share above the best is as good."""
POINT: Final = 0.01
"""An accuracy that is at most by this below the best is as good."""
_RESAMPLES: Final = 2_000
_SEED: Final = 0


@dataclass(frozen=True, kw_only=True)
class BasinPoint:
    """One tuning trial, all its seeds together.

    Attributes:
        number: Its number among the tuning trials of its optimizer.
        values: The values that were searched, by parameter.
        share: Share of all steps after which ``cost`` holds.
        cost: Median over seeds, less is better; infinite where half did not last.
        value: The same as it was measured; NaN where half did not last.
        reached: Share of all steps that it was taken to.
    """

    number: int
    values: tuple[tuple[str, ParamValue], ...]
    share: float
    cost: float
    value: float
    reached: float


@dataclass(frozen=True, kw_only=True)
class BestOf:
    """What the best of k trials can be expected to be.

    Attributes:
        k: How many trials.
        value: The expectation, as it is measured; a trial that did not last counts as
            good as the start.
        low: Lower end of the bootstrap band over trials.
        high: Upper end.
    """

    k: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """What was found for one optimizer.

    Attributes:
        label: Its label.
        metric: What it was tuned by.
        parameters: Names of what was searched.
        points: Its trials at the last rung that all of them came to, by number.
        share: Share of all steps at that rung.
        finalists: Its trials at the last rung of all.
        best: Number of the winner; None where no trial lasted to the end.
        winner: What the winner's values are, or those that were given.
        cost: What the winner cost at the end; infinite where there is none.
        value: The same as it was measured; NaN where there is none.
        default: Number of the trial with the values that were given.
        width: Decades of the first parameter around its best value that are as good,
            without a gap, others at their best; None where nothing lasted.
        edges: Parameters whose best value is the smallest or largest that was tried.
        best_of: What the best of k trials can be expected to be, for k from 1.
        trials: How many trials were spent.
        steps: How many steps were spent, over all seeds.
        planned: How many trials were to be spent.
        done: Whether there is nothing left to try; until then there may be a better
            winner, or a first one.
    """

    label: str
    metric: str
    parameters: tuple[str, ...]
    points: tuple[BasinPoint, ...]
    share: float
    finalists: tuple[BasinPoint, ...]
    best: int | None
    winner: tuple[tuple[str, ParamValue], ...]
    cost: float
    value: float
    default: int
    width: float | None
    edges: tuple[str, ...]
    best_of: tuple[BestOf, ...]
    trials: int
    steps: int
    planned: int
    done: bool


def rung_shares(tuning: TuningSpec) -> tuple[float, ...]:
    """Return the share of all steps at which each rung ends, the last one 1."""
    return tuple(1.0 / tuning.eta**r for r in range(tuning.rungs - 1, -1, -1))


def survivors(costs: Mapping[int, float], *, eta: int) -> tuple[int, ...]:
    """Return who goes on: one in ``eta`` of the others, and number 0, the default.

    Args:
        costs: What they cost at this rung.
        eta: One in so many goes on, rounded up.
    """
    others = sorted((cost, number) for number, cost in costs.items() if number)
    kept = [number for _, number in others[: math.ceil(len(others) / eta)]]
    return tuple(sorted({0, *kept} & set(costs)))


def step_of(start: TrialStart, share: float) -> int:
    """Return the step of a trial at a share of its steps."""
    return math.ceil(share * start.steps)


def rung_costs(run: RunData, metric: str, shares: Sequence[float]) -> tuple[float, ...]:
    """Return what a tuning run cost at each rung that it has come to.

    Args:
        run: The run of one setting, with one trial for each tuning seed.
        metric: What it is judged by.
        shares: Share of all steps at each rung.

    Returns:
        The median over seeds for each rung, less is better; infinite where half of
        the seeds did not last.
    """
    sign = -1.0 if higher_is_better(metric) else 1.0
    costs: list[float] = []
    for share in shares:
        if not run.trials or not all(_is_at(run, t, share) for t in run.trials):
            break
        values = [
            late_value(run, t, metric, until=step_of(t, share)) for t in run.trials
        ]
        costs.append(median(math.inf if math.isnan(v) else sign * v for v in values))
    return tuple(costs)


def _is_at(run: RunData, start: TrialStart, share: float) -> bool:
    """Return whether a trial came to a share of its steps, or ended by itself."""
    status = run.status(start.trial)
    if status.state in (State.DIVERGED, State.FAILED, State.FINISHED):
        return True
    return status.step >= math.floor(share * start.steps)


def tunings(findings: Findings) -> tuple[Tuning, ...]:
    """Return what tuning found for each optimizer that was tuned, in their order."""
    spec = findings.spec.tuning
    if spec is None:
        return ()
    groups = {label: findings.tuned_of(label) for label in findings.labels}
    return tuple(
        found
        for label, own in groups.items()
        if own and (found := _tuning(label, own, findings, spec)) is not None
    )


def _tuning(
    label: str, own: Sequence[Tuned], findings: Findings, spec: TuningSpec
) -> Tuning | None:
    metric = judged_metric(findings.spec, own[0].run.metrics, tuning=True)
    shares = rung_shares(spec)
    runs = {t.number: t for t in own}
    costs = {n: rung_costs(t.run, metric, shares) for n, t in runs.items()}
    there = {n: found for n, found in costs.items() if found}
    if not there:
        return None
    common = min(map(len, there.values())) - 1
    points = tuple(
        _point(runs[n], found[common], shares[common], metric)
        for n, found in sorted(there.items())
    )
    finalists = tuple(
        _point(runs[n], found[-1], shares[-1], metric)
        for n, found in sorted(there.items())
        if len(found) == len(shares)
    )
    lasting = [p for p in finalists if math.isfinite(p.cost)]
    best = min(lasting, key=lambda p: (p.cost, p.number), default=None)
    default = runs[0] if 0 in runs else own[0]
    names = tuple(name for name, _ in default.values)
    return Tuning(
        label=label,
        metric=metric,
        parameters=names,
        points=points,
        share=shares[common],
        finalists=finalists,
        best=None if best is None else best.number,
        winner=default.values if best is None else best.values,
        cost=math.inf if best is None else best.cost,
        value=math.nan if best is None else best.value,
        default=default.number,
        width=width(points, metric),
        edges=() if best is None else edges(points, best),
        best_of=best_of(
            [p.cost for p in points],
            chance=_chance(own, metric),
            negate=higher_is_better(metric),
        ),
        trials=len(points),
        steps=sum(max(t.run.status(t.start.trial).step, 0) for t in own),
        planned=spec.trials,
        done=bool(findings.of(label)) or _is_done(there, spec),
    )


def _is_done(costs: Mapping[int, tuple[float, ...]], spec: TuningSpec) -> bool:
    """Return whether all came to the first rung, and to others whoever was to."""
    numbers = tuple(costs)
    for rung in range(1, spec.rungs):
        before = {n: costs[n] for n in numbers if len(costs[n]) >= rung}
        if len(before) < len(numbers):
            return False
        numbers = survivors(
            {n: own[rung - 1] for n, own in before.items()}, eta=spec.eta
        )
    lasting = all(len(costs[n]) == spec.rungs for n in numbers)
    return len(costs) >= spec.trials and lasting


def _point(tuned: Tuned, cost: float, share: float, metric: str) -> BasinPoint:
    lasted = math.isfinite(cost)
    sign = -1.0 if higher_is_better(metric) else 1.0
    return BasinPoint(
        number=tuned.number,
        values=tuned.values,
        share=share,
        cost=cost,
        value=sign * cost if lasted else math.nan,
        reached=tuned.share,
    )


def width(points: Sequence[BasinPoint], metric: str) -> float | None:
    """Return over how many decades the first parameter is as good as at its best.

    As good is a loss within 10 % of the best, an accuracy within one point. Trials
    that differ in other parameters count with their best at each value. The width
    ends at the last value that is as good, so it is a lower bound.

    Args:
        points: The trials of one optimizer at one share of the steps.
        metric: What they are judged by.

    Returns:
        Decades; None where nothing lasted or a value is not positive.
    """
    best: dict[float, float] = {}
    for point in points:
        value = point.values[0][1] if point.values else None
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            return None
        best[float(value)] = min(point.cost, best.get(float(value), math.inf))
    values = sorted(best)
    costs = [best[value] for value in values]
    if not any(map(math.isfinite, costs)):
        return None
    place = min(range(len(costs)), key=lambda k: costs[k])
    slack = POINT if higher_is_better(metric) else AS_GOOD * abs(costs[place])
    # One point is one point, also where 0.93 - 0.92 is not quite 0.01 in floats.
    limit = costs[place] + slack * (1 + 1e-9)
    low = high = place
    while low > 0 and costs[low - 1] <= limit:
        low -= 1
    while high + 1 < len(costs) and costs[high + 1] <= limit:
        high += 1
    return math.log10(values[high] / values[low])


def edges(points: Sequence[BasinPoint], best: BasinPoint) -> tuple[str, ...]:
    """Return the parameters whose best value lies on the border of what was tried."""
    found = []
    for place, (name, value) in enumerate(best.values):
        tried = {_number(point.values[place][1]) for point in points}
        if len(tried) > 1 and _number(value) in (min(tried), max(tried)):
            found.append(name)
    return tuple(found)


def _number(value: ParamValue) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def best_of(
    costs: Sequence[float], *, chance: float = math.inf, negate: bool = False
) -> tuple[BestOf, ...]:
    """Return what the best of k trials can be expected to be, for k = 1 … N.

    The sum over sorted costs x₍₁₎ ≤ … ≤ x₍N₎ of Sivaprasad et al. (2020), turned round
    for the smallest: k draws with replacement have their best at x₍i₎ with probability
    ((N - i + 1)/N)^k - ((N - i)/N)^k. The band holds 95 % of bootstrap samples.

    Args:
        costs: What each trial cost, less is better; infinite where it did not last.
        chance: What stands for an infinite cost, which would swallow every mean.
        negate: Whether the values to be told are the negated costs.
    """
    if not len(costs):
        return ()
    x = np.asarray(costs, dtype=np.float64)
    x = np.sort(
        np.where(
            np.isfinite(x),
            x,
            np.maximum(chance, x[np.isfinite(x)].max(initial=-np.inf)),
        )
    )
    n = len(x)
    rng = np.random.default_rng(_SEED)
    samples = np.sort(x[rng.integers(0, n, size=(_RESAMPLES, n))], axis=1)
    found = []
    for k in range(1, n + 1):
        weights = best_weights(n, k)
        centre = float(x @ weights)
        low, high = np.quantile(samples @ weights, [0.025, 0.975])
        if negate:
            centre, low, high = -centre, -high, -low
        found.append(BestOf(k=k, value=centre, low=float(low), high=float(high)))
    return tuple(found)


def best_weights(n: int, k: int) -> Floats:
    """Return how probable it is that each of n sorted costs is the lowest of k drawn.

    Returns:
        Shape (n,), for the lowest first.
    """
    i = np.arange(1, n + 1)
    weights: Floats = ((n - i + 1) / n) ** k - ((n - i) / n) ** k
    return weights


def _chance(own: Sequence[Tuned], metric: str) -> float:
    """Return the cost at the start, before anything was learnt."""
    sign = -1.0 if higher_is_better(metric) else 1.0
    starts = [
        sign * float(values[finite][0])
        for t in own
        for values in [t.run.series(t.start.trial, metric).arrays()[1][:2]]
        for finite in [np.isfinite(values)]
        if finite.any()
    ]
    return median(starts) if starts else math.inf


def spent(found: Sequence[Tuning]) -> Mapping[str, tuple[int, int]]:
    """Return trials and steps that were spent on each optimizer."""
    return {tuning.label: (tuning.trials, tuning.steps) for tuning in found}
