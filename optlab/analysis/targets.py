"""Time to target: when each optimizer first gets there, and how sure that is.

A trial reaches a target at its first measurement at or past it; nothing is interpolated
between measurements. A trial that has not reached it when its steps are over might have
later: it is censored there. One that diverged or failed never will: it stays in the
reckoning to the end, as if censored infinitely late, so that it holds a median up
instead of vanishing from it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, median_high
from typing import Final

from optlab.analysis.costs import (
    AXES,
    Axis,
    Course,
    amount_text,
    axis_unit,
    courses,
    seeds_alike,
)
from optlab.analysis.evidence import Findings
from optlab.analysis.ratios import LEVEL
from optlab.analysis.waiting import Waiting, kaplan_meier
from optlab.diagnostics.catalog import METRICS
from optlab.translate import tr, tr_n

_NEAR: Final = 1e-6


@dataclass(frozen=True, kw_only=True)
class TimeToTarget:
    """What it took one optimizer to reach the target, on one axis.

    Attributes:
        label: Label of the optimizer.
        axis: What is counted.
        waiting: The median over seeds.
        lost: How many trials diverged or failed before they reached it.
        times: One for each trial by seed; infinite where it was not reached.
        alike: Whether seeds change nothing, so that the interval means nothing.
    """

    label: str
    axis: Axis
    waiting: Waiting
    lost: int
    times: tuple[float, ...]
    alike: bool = False


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Time to target of every optimizer on every axis that was recorded.

    Attributes:
        target: The target, in units of the metric; None where none can be chosen.
        declared: Whether it was given, not chosen from how the trials ended.
        metric: What it is a value of.
        level: Confidence of the intervals.
        rows: One for each optimizer and axis.
        sentences: What is to be said of it.
    """

    target: float | None
    declared: bool
    metric: str
    level: float
    rows: tuple[TimeToTarget, ...]
    sentences: tuple[str, ...]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes that there are."""
        return tuple(dict.fromkeys(row.axis for row in self.rows))

    def of(self, label: str, axis: Axis) -> TimeToTarget | None:
        """Return what one optimizer took on one axis; None where not recorded."""
        own = (r for r in self.rows if (r.label, r.axis) == (label, axis))
        return next(own, None)


def targets(
    findings: Findings, target: float | None = None, *, level: float = LEVEL
) -> Targets:
    """Return when every optimizer reaches a target, on all axes.

    Args:
        findings: What is known of one problem.
        target: The target, in units of the metric; None for the one that the
            experiment declares, or else `default_target`.
        level: Confidence of the intervals.
    """
    goal, declared = chosen_target(findings, target)
    rows: list[TimeToTarget] = []
    if goal is not None:
        sign = -1.0 if findings.higher_is_better else 1.0
        for label in findings.labels:
            own = courses(findings, label)
            rows += [
                _row(own, axis, sign * goal, level=level, repeats=findings.repeats)
                for axis in AXES
                if own and _is_recorded(own, axis)
            ]
    return Targets(
        target=goal,
        declared=declared,
        metric=findings.metric,
        level=level,
        rows=tuple(rows),
        sentences=_sentences(findings, rows, goal),
    )


def chosen_target(
    findings: Findings, target: float | None = None
) -> tuple[float | None, bool]:
    """Return the target that counts, and whether it was given.

    What an experiment declares is about its own problem, not about the further ones.
    """
    if target is None and (
        findings.spec.part is None or not findings.spec.part.problem
    ):
        target = findings.spec.comparison.target
    if target is not None:
        return target, True
    return default_target(findings), False


def default_target(findings: Findings) -> float | None:
    """Return a target that tells the optimizers apart; None where none lasted.

    Half of them end at it or past it, by the median over their seeds; and where that is
    closer to the best than a millionth of the way from the start, it is that near.
    """
    sign = -1.0 if findings.higher_is_better else 1.0
    ends = [
        median(m.cost for m in findings.of(label))
        for label in findings.labels
        if findings.of(label)
    ]
    lasting = [end for end in ends if math.isfinite(end)]
    if not lasting:
        return None
    starts = [m.outcome.start for m in findings.measured]
    known = [sign * start for start in starts if start is not None]
    best = min(lasting)
    near = best + _NEAR * (median(known) - best) if known else best
    return sign * max(median_high(lasting), near)


def metric_words(metric: str, *, inside: bool = False) -> str:
    """Return what a metric is called, as a heading or inside a sentence."""
    words = next((tr(m.label) for m in METRICS if m.name == metric), metric)
    return words[:1].lower() + words[1:] if inside else words


def time_sentence(row: TimeToTarget, *, level: float = LEVEL) -> str:
    """Return what it took one optimizer, in one sentence."""
    wait = row.waiting
    median = amount_text(wait.median, row.axis)
    unit = axis_unit(row.axis)
    low, high = amount_text(wait.low, row.axis), amount_text(wait.high, row.axis)
    if not math.isfinite(wait.median):
        text = "{label}: {reached} of {n} seeds reach the target, fewer than half."
        return tr(text, label=row.label, reached=wait.reached, n=wait.n)
    if row.alike:
        return tr_n(
            "{label}: the one seed is there after {median} {unit}; others would "
            "change nothing.",
            "{label}: all {n} seeds are there after {median} {unit}; they change "
            "nothing.",
            n=wait.n,
            label=row.label,
            median=median,
            unit=unit,
        )
    if not math.isfinite(wait.high):
        text = (
            "{label}: half of the seeds are there after {median} {unit} "
            "({level:.0f} % interval from {low} on; {reached} of {n} seeds)."
        )
    else:
        text = (
            "{label}: half of the seeds are there after {median} {unit} "
            "({level:.0f} % interval {low} to {high}; {reached} of {n} seeds)."
        )
    return tr(
        text,
        label=row.label,
        median=median,
        unit=unit,
        level=100 * level,
        low=low,
        high=high,
        reached=wait.reached,
        n=wait.n,
    )


def _row(
    own: Sequence[Course], axis: Axis, goal: float, *, level: float, repeats: bool
) -> TimeToTarget:
    times = [one.cost_at(goal, axis) for one in own]
    reached = [math.isfinite(time) for time in times]
    seen = [
        time if done else (math.inf if one.lost else _known(one.ends[axis]))
        for one, time, done in zip(own, times, reached, strict=True)
    ]
    return TimeToTarget(
        label=own[0].label,
        axis=axis,
        waiting=kaplan_meier(seen, reached, level=level),
        lost=sum(one.lost and not done for one, done in zip(own, reached, strict=True)),
        times=tuple(times),
        alike=seeds_alike(own, repeats=repeats),
    )


def _is_recorded(own: Sequence[Course], axis: Axis) -> bool:
    return any(math.isfinite(one.ends[axis]) for one in own)


def _known(end: float) -> float:
    """Return where a trial ended: at its start if it has not begun."""
    return end if math.isfinite(end) else 0.0


def _sentences(
    findings: Findings, rows: Sequence[TimeToTarget], goal: float | None
) -> tuple[str, ...]:
    if goal is None:
        return (tr("No trial lasted to its end, so there is no target to reach."),)
    if any(row.waiting.reached for row in rows):
        return ()
    bests = [
        float(one.goals.min())
        for label in findings.labels
        for one in courses(findings, label)
        if len(one.goals)
    ]
    if not bests:
        return (tr("Nothing has been measured yet."),)
    best = -min(bests) if findings.higher_is_better else min(bests)
    return (unreached(findings.metric, goal, best),)


def unreached(metric: str, target: float, best: float) -> str:
    """Return in one sentence that no trial reaches a target, and how near one comes."""
    text = "{metric} {target:.4g} is reached by no trial; the best comes to {best:.4g}."
    return tr(text, metric=metric_words(metric), target=target, best=best)
