"""What it costs a trial to get anywhere: steps, samples, evaluations, seconds.

A trial is followed from measurement to measurement; nothing is interpolated between.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from optlab.analysis.evidence import Findings, Measured
from optlab.records import Floats, State
from optlab.translate import tr

Axis = Literal["step", "samples", "grad_evals", "optimizer_time_s", "wall_time_s"]
AXES: Final[tuple[Axis, ...]] = get_args(Axis)
"""Steps, and the metrics that count what else a trial has cost."""

_BEFORE_UPDATE: Final = ("train_loss", "train_accuracy")


@dataclass(frozen=True, kw_only=True)
class Course:
    """One trial, measurement by measurement.

    Attributes:
        label: Label of its optimizer.
        seed: Its seed.
        lost: Whether it diverged or failed: what it has not reached it never will.
        goals: Its metric as a number of which less is better, finite ones only.
        costs: What it had cost at each of these, by axis; NaN where not recorded.
        ends: What it had cost at its last step, by axis; NaN where not recorded.
    """

    label: str
    seed: int
    lost: bool
    goals: Floats
    costs: dict[Axis, Floats]
    ends: dict[Axis, float]

    def cost_at(self, goal: float, axis: Axis) -> float:
        """Return the cost of the first measurement at or below; infinite without."""
        found = np.flatnonzero(self.goals <= goal)
        return float(self.costs[axis][found[0]]) if len(found) else np.inf

    def costs_at(self, goals: Floats, axis: Axis) -> Floats:
        """Return what `cost_at` does for each of several goals."""
        best = np.minimum.accumulate(self.goals)
        # Falling from left to right: the first place that is low enough.
        found = np.searchsorted(-best, -goals, side="left")
        costs = np.append(self.costs[axis], np.inf)
        return costs[found]


def seeds_alike(own: Sequence[Course], *, repeats: bool) -> bool:
    """Return whether seeds change nothing: all trials measured the same.

    Args:
        own: The trials of one optimizer, at least one.
        repeats: Whether nothing is drawn by a seed, so that one says as much as many.
    """
    if len(own) == 1:
        return repeats
    return all(np.array_equal(own[0].goals, one.goals) for one in own[1:])


def course(measured: Measured, metric: str, *, higher_is_better: bool) -> Course:
    """Return the course of a trial.

    Args:
        measured: The trial.
        metric: What it is judged by.
        higher_is_better: Whether more of that is better.
    """
    run, start = measured.run, measured.start
    steps, values = run.series(start.trial, metric).arrays()
    finite = np.isfinite(values)
    steps, values = steps[finite], values[finite]
    # What is measured on batch k belongs to the weights before the k-th update.
    updates = steps - 1 if metric in _BEFORE_UPDATE else steps
    status = run.status(start.trial)
    last = max(status.step, 0)
    costs: dict[Axis, Floats] = {"step": updates.astype(np.float64)}
    ends: dict[Axis, float] = {"step": float(last)}
    for axis in AXES[1:]:
        series = run.series(start.trial, axis)
        costs[axis] = series.values_at(updates)
        ends[axis] = float(series.values_at(np.array([last]))[0])
    return Course(
        label=start.label,
        seed=start.seed,
        lost=status.state in (State.DIVERGED, State.FAILED),
        goals=-values if higher_is_better else values,
        costs=costs,
        ends=ends,
    )


def courses(findings: Findings, label: str) -> tuple[Course, ...]:
    """Return the courses of one optimizer's trials, by seed."""
    higher = findings.higher_is_better
    return tuple(
        course(measured, findings.metric, higher_is_better=higher)
        for measured in findings.of(label)
    )


def axis_label(axis: Axis) -> str:
    """Return what an axis counts, as a heading."""
    return {
        "step": tr("Steps"),
        "samples": tr("Samples"),
        "grad_evals": tr("Gradient evaluations"),
        "optimizer_time_s": tr("Seconds in the optimizer"),
        "wall_time_s": tr("Seconds in steps"),
    }[axis]


def axis_unit(axis: Axis) -> str:
    """Return what an axis counts, within a sentence."""
    return {
        "step": tr("steps"),
        "samples": tr("samples"),
        "grad_evals": tr("gradient evaluations"),
        "optimizer_time_s": tr("seconds in the optimizer"),
        "wall_time_s": tr("seconds"),
    }[axis]


def amount_text(amount: float, axis: Axis) -> str:
    """Return an amount of what an axis counts, without its unit: ``12,340``, ``8.25``.

    Whole steps, samples and evaluations; of seconds three digits.
    """
    if not math.isfinite(amount):
        return "∞"
    whole = axis in ("step", "samples", "grad_evals") or amount >= 1000
    return f"{amount:,.0f}" if whole else f"{amount:.3g}"
