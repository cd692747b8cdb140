"""How each trial of a run ended, and when it reached a target.

A trial that diverged or failed counts as infinitely bad: it stays in every table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from optlab.records import Floats, State, TrialStart
from optlab.store.run_data import RunData
from optlab.store.series import Series

JUDGED: Final = ("val_loss", "value", "train_loss")
"""What a trial is judged by: the first of these that its run has."""

_TAIL: Final = 0.25
_AVERAGED: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Reach:
    """When a trial first had its metric at or below a target; nothing interpolated.

    Attributes:
        step: The step of that measurement.
        grad_evals: Gradient evaluations up to it.
        seconds: The trial's own seconds in steps up to it.
        samples: Training samples up to it; None where there are none.
    """

    step: int
    grad_evals: int
    seconds: float
    samples: int | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one trial ended.

    Attributes:
        trial: Its number.
        entry: Index of its optimizer in the experiment.
        label: Label of its optimizer.
        optimizer: Name of its optimizer.
        seed: Its seed.
        state: Its state.
        steps: Steps that it took.
        final: What it is judged by, at the end; infinite where it did not last.
            For a training loss on batches that is the mean over the last tenth.
        start: What it is judged by at the first measurement; None where there is none.
        best: The lowest value on the way; None where there is none.
        accuracy: The last validation accuracy; None where there is none.
        noise: Standard deviation of the training loss about its straight trend over
            the last quarter of the steps; None where there are too few.
        steps_per_s: Steps in a second of its own time; None before there is any.
        samples_per_s: Training samples likewise; None where there are none.
        reach: When it reached the target; None where it did not, or there is none.
    """

    trial: int
    entry: int
    label: str
    optimizer: str
    seed: int
    state: State
    steps: int
    final: float
    start: float | None
    best: float | None
    accuracy: float | None
    noise: float | None
    steps_per_s: float | None
    samples_per_s: float | None
    reach: Reach | None


def judged_by(data: RunData) -> str:
    """Return the metric by which the trials of a run are judged."""
    return next((name for name in JUDGED if name in data.metrics), JUDGED[-1])


def outcomes(data: RunData, *, target: float | None = None) -> tuple[Outcome, ...]:
    """Return how every trial of a run ended.

    Args:
        data: The run.
        target: What `judged_by` is to fall to; None for no target.
    """
    metric = judged_by(data)
    return tuple(_outcome(data, start, metric, target) for start in data.trials)


def baseline_target(data: RunData) -> float | None:
    """Return what the first optimizer of a run ended at: the median over its seeds.

    None where that is not finite.
    """
    metric = judged_by(data)
    first = [_final(data, s, metric) for s in data.trials if s.entry == 0]
    target = median(first) if first else math.inf
    return target if math.isfinite(target) else None


def median_final(found: Sequence[Outcome]) -> float:
    """Return the median of how trials ended; infinite where half did not last."""
    return median(outcome.final for outcome in found)


def _outcome(
    data: RunData, start: TrialStart, metric: str, target: float | None
) -> Outcome:
    status = data.status(start.trial)
    steps = max(status.step, 0)
    seconds = status.wall_time_s
    samples = data.series(start.trial, "samples").last if start.batch_size else None
    best = data.series(start.trial, metric).lowest()
    return Outcome(
        trial=start.trial,
        entry=start.entry,
        label=start.label,
        optimizer=start.optimizer,
        seed=start.seed,
        state=status.state,
        steps=steps,
        final=_final(data, start, metric),
        start=_first(data.series(start.trial, metric)),
        best=None if best is None else best[1],
        accuracy=_last(data.series(start.trial, "val_accuracy")),
        noise=_noise(data.series(start.trial, "train_loss")),
        steps_per_s=steps / seconds if seconds > 0 else None,
        samples_per_s=samples / seconds if samples and seconds > 0 else None,
        reach=None if target is None else _reach(data, start, metric, target),
    )


def _final(data: RunData, start: TrialStart, metric: str) -> float:
    if data.status(start.trial).state in (State.DIVERGED, State.FAILED):
        return math.inf
    series = data.series(start.trial, metric)
    _, values = series.arrays()
    if metric == "train_loss":
        # Row 0 has no loss; batches are noisy.
        values = values[1:]
        values = values[-max(1, math.ceil(_AVERAGED * len(values))) :]
    else:
        values = values[-1:]
    if not len(values):
        return math.inf
    final = float(np.mean(values))
    return final if math.isfinite(final) else math.inf


def _last(series: Series) -> float | None:
    return series.last if len(series) else None


def _first(series: Series) -> float | None:
    values = series.values[:2]
    found = values[np.isfinite(values)]
    return float(found[0]) if len(found) else None


def _noise(losses: Series) -> float | None:
    _, values = losses.arrays()
    tail = values[1:][-int(_TAIL * len(values)) :] if len(values) >= 12 else values[:0]
    if len(tail) < 3 or not np.isfinite(tail).all():
        return None
    x = np.arange(len(tail), dtype=np.float64)
    slope, height = np.polyfit(x, tail, 1)
    rest: Floats = tail - (slope * x + height)
    return float(np.sqrt(np.sum(rest**2) / (len(tail) - 2)))


def _reach(
    data: RunData, start: TrialStart, metric: str, target: float
) -> Reach | None:
    steps, values = data.series(start.trial, metric).arrays()
    found = np.flatnonzero(values <= target)
    if not len(found):
        return None
    step = int(steps[found[0]])
    # The loss of row k was measured before the k-th update.
    updates = step - 1 if metric == "train_loss" else step

    def there(name: str) -> float:
        return data.series(start.trial, name).at(updates) or 0.0

    return Reach(
        step=updates,
        grad_evals=int(there("grad_evals")),
        seconds=there("wall_time_s"),
        samples=int(there("samples")) if start.batch_size else None,
    )
