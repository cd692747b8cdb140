"""Two recordings of one experiment held against each other, bit for bit.

Everything that is recorded counts but the times: every value of every metric at every
step, how each trial ended, what it began with and the hash of its batches. A NaN is as
good as any other NaN; a zero is not as good as a negative one.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from optlab.records import Floats, TrialStart
from optlab.store.run_data import RunData
from optlab.store.series import Series
from optlab.translate import tr

TIMES: Final = frozenset({"wall_time_s", "optimizer_time_s"})
"""Metrics that no repetition can reproduce."""

_BEGINNING: Final = ("optimizer", "seed", "batch_size", "init_hash", "n_parameters")
_END: Final = ("state", "step", "grad_evals", "state_floats_per_param", "batch_hash")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first step at which two recordings differ.

    Attributes:
        trial: Number of the trial.
        label: Label of its optimizer.
        seed: Its seed.
        metric: The metric, or what else of the trial it is (``state``, ``init_hash``).
        step: The step.
        recorded: What was recorded, in full; empty where nothing was.
        replayed: What the repetition gave.
    """

    trial: int
    label: str
    seed: int
    metric: str
    step: int
    recorded: str
    replayed: str

    @property
    def text(self) -> str:
        """The same in one sentence."""
        return tr(
            "{label}, seed {seed} (trial {trial}): {metric} at step {step} was "
            "recorded as {recorded} and is {replayed} now",
            label=self.label,
            seed=self.seed,
            trial=self.trial,
            metric=self.metric,
            step=self.step,
            recorded=self.recorded or tr("nothing"),
            replayed=self.replayed or tr("nothing"),
        )


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """How a repetition compares with what was recorded.

    Attributes:
        values: How many values were held against each other.
        trials: Of how many trials.
        first: The first difference; None where there is none.
        differing: Metrics that differ somewhere, in the order of the run.
    """

    values: int
    trials: int
    first: Difference | None
    differing: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every value is the same, bit for bit."""
        return self.first is None


def hold_against(
    recorded: RunData,
    again: RunData,
    *,
    trials: Collection[int] | None = None,
    whole: bool = True,
) -> Replayed:
    """Hold a repetition against what was recorded.

    Args:
        recorded: The run.
        again: The repetition, with the same numbers of trials.
        trials: Numbers of the trials that count; all if None.
        whole: Whether both should end at the same step; else the repetition may have
            gone further, and how trials ended does not count.
    """
    starts = {start.trial: start for start in again.trials}
    values, found = 0, []
    own = [s for s in recorded.trials if trials is None or s.trial in trials]
    for start in own:
        other = starts.get(start.trial)
        if other is None:
            found.append(_difference(start, "trial", 0, start.label, ""))
            continue
        found += _beginnings(start, other)
        for metric in recorded.metrics:
            if metric in TIMES:
                continue
            mine = recorded.series(start.trial, metric)
            theirs = again.series(start.trial, metric)
            values += len(mine)
            first = _first(mine, theirs, whole=whole)
            if first is not None:
                step, *both = first
                shown = [_number(value) for value in both]
                found.append(_difference(start, metric, step, *shown))
        if whole:
            found += _ends(start, recorded, again)
    order = {name: i for i, name in enumerate(recorded.metrics)}
    found.sort(key=lambda d: (d.step, order.get(d.metric, len(order)), d.trial))
    return Replayed(
        values=values,
        trials=len(own),
        first=found[0] if found else None,
        differing=tuple(dict.fromkeys(d.metric for d in found)),
    )


def _beginnings(start: TrialStart, other: TrialStart) -> Iterator[Difference]:
    for name in _BEGINNING:
        mine, theirs = getattr(start, name), getattr(other, name)
        if mine != theirs:
            yield _difference(start, name, 0, str(mine), str(theirs))


def _ends(start: TrialStart, recorded: RunData, again: RunData) -> Iterator[Difference]:
    mine, theirs = recorded.status(start.trial), again.status(start.trial)
    for name in _END:
        a, b = getattr(mine, name), getattr(theirs, name)
        if a != b:
            step = max(mine.step, 0)
            yield _difference(start, name, step, str(a), str(b))


def _first(
    mine: Series, theirs: Series, *, whole: bool
) -> tuple[int, float | None, float | None] | None:
    """Return the first step with other values, and both; None is no value there."""
    steps, values = mine.arrays()
    other_steps, others = theirs.arrays()
    n = min(len(values), len(others))
    unlike = (steps[:n] != other_steps[:n]) | ~_same_bits(values[:n], others[:n])
    places = np.flatnonzero(unlike)
    if len(places):
        i = int(places[0])
        if steps[i] == other_steps[i]:
            return int(steps[i]), float(values[i]), float(others[i])
        if steps[i] < other_steps[i]:
            return int(steps[i]), float(values[i]), None
        return int(other_steps[i]), None, float(others[i])
    if len(values) > n:
        return int(steps[n]), float(values[n]), None
    if len(others) > n and whole:
        return int(other_steps[n]), None, float(others[n])
    return None


def _same_bits(
    mine: Floats, theirs: Floats
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    bits = np.ascontiguousarray(mine).view(np.uint64)
    others = np.ascontiguousarray(theirs).view(np.uint64)
    same: np.ndarray[tuple[int], np.dtype[np.bool_]] = bits == others
    return same | (np.isnan(mine) & np.isnan(theirs))


def _difference(
    start: TrialStart, metric: str, step: int, mine: str, theirs: str
) -> Difference:
    return Difference(
        trial=start.trial,
        label=start.label,
        seed=start.seed,
        metric=metric,
        step=step,
        recorded=mine,
        replayed=theirs,
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return repr(value) if not math.isnan(value) else "nan"
