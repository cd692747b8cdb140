"""How each trial of a run ended, and when it reached a target.

A trial that diverged or failed counts as infinitely bad: it stays in every table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, median_high
from typing import Final

import numpy as np

from optlab.records import Floats, State, TrialStart
from optlab.store.run_data import RunData
from optlab.store.series import Series

JUDGED: Final = ("val_loss", "value", "train_loss")
"""What a trial is judged by: the first of these that its run has."""

_TAIL: Final = 0.25
_AVERAGED: Final = 0.1
_NEAR: Final = 1e-6


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


def outcomes(
    data: RunData, *, target: float | None = None, metric: str = ""
) -> tuple[Outcome, ...]:
    """Return how every trial of a run ended.

    Args:
        data: The run.
        target: What ``metric`` is to fall to; None for no target.
        metric: What trials are judged by; `judged_by` if empty.
    """
    metric = metric or judged_by(data)
    return tuple(_outcome(data, start, metric, target) for start in data.trials)


def usual_target(data: RunData) -> float | None:
    """Return a target that tells the optimizers of a run apart.

    Half of them end at it or below, by the median over their seeds; and where that is
    closer to the best than a millionth of the way from the start, it is that near.
    None where no optimizer lasted.
    """
    found = outcomes(data)
    entries = dict.fromkeys(outcome.entry for outcome in found)
    ends = [median_final([o for o in found if o.entry == entry]) for entry in entries]
    lasting = [end for end in ends if math.isfinite(end)]
    if not lasting:
        return None
    starts = [o.start for o in found if o.start is not None]
    best = min(lasting)
    near = best + _NEAR * (median(starts) - best) if starts else best
    return max(median_high(lasting), near)


def median_final(found: Sequence[Outcome]) -> float:
    """Return the median of how trials ended; infinite where half did not last."""
    return median(outcome.final for outcome in found)


@dataclass(frozen=True, kw_only=True)
class EntryOutcome:
    """How the trials of one optimizer ended, all seeds together.

    Attributes:
        entry: Index of the optimizer in the experiment.
        label: Its label.
        optimizer: Its name.
        n: How many trials there are.
        lasted: How many of them neither diverged nor failed.
        final: Quartiles of how they ended; infinite where they did not last.
        reached: How many reached the target.
        steps: Median of the steps to it; infinite where half did not reach it.
        noise: Median of the noise of their losses.
        samples_per_s: Median of their speed.
    """

    entry: int
    label: str
    optimizer: str
    n: int
    lasted: int
    final: tuple[float, float, float]
    reached: int
    steps: float
    noise: float | None
    samples_per_s: float | None


def by_entry(found: Sequence[Outcome]) -> tuple[EntryOutcome, ...]:
    """Return how the trials of every optimizer ended."""
    entries = dict.fromkeys(outcome.entry for outcome in found)
    return tuple(_entry([o for o in found if o.entry == entry]) for entry in entries)


def _entry(own: Sequence[Outcome]) -> EntryOutcome:
    first = own[0]
    finals = sorted(o.final for o in own)
    steps = [math.inf if o.reach is None else float(o.reach.step) for o in own]
    places = [round(q * (len(finals) - 1)) for q in (0.25, 0.75)]
    return EntryOutcome(
        entry=first.entry,
        label=first.label,
        optimizer=first.optimizer,
        n=len(own),
        lasted=sum(math.isfinite(o.final) for o in own),
        final=(finals[places[0]], median(finals), finals[places[1]]),
        reached=sum(o.reach is not None for o in own),
        steps=median_high(steps),
        noise=_median_of([o.noise for o in own]),
        samples_per_s=_median_of([o.samples_per_s for o in own]),
    )


def _median_of(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


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
    with np.errstate(over="ignore"):
        noise = float(np.sqrt(np.sum(rest**2) / (len(tail) - 2)))
    return noise if math.isfinite(noise) else None


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
