"""Successive halving: who goes on, and what is to be done next for one optimizer.

Everything is a function of what is recorded, so that a search can be stopped at any
moment and goes on as if it had not been. Jamieson and Talwalkar (2016), algorithm 1,
with two changes: schedules are those of all steps, of which a rung is a prefix, and the
setting that was given goes through all rungs, beside those that won their places.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optlab.analysis.tuning import rung_shares, survivors
from optlab.spec import TuningSpec
from optlab.sweep.search import (
    BATCH,
    Dimension,
    Setting,
    ask,
    default_of,
    grid,
    refined,
    sobol,
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one tuning trial.

    Attributes:
        setting: What was tried.
        costs: What it cost at each rung that it has come to, less is better; infinite,
            and so for all further rungs, where it did not last.
    """

    setting: Setting
    costs: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Want:
    """A tuning trial that is to go on to a rung.

    Attributes:
        number: Its number.
        setting: What is tried.
        rung: The rung, from 0.
    """

    number: int
    setting: Setting
    rung: int


def next_wants(
    dims: Sequence[Dimension], tuning: TuningSpec, known: Mapping[int, Known]
) -> tuple[Want, ...]:
    """Return what can be done next, all of it side by side; nothing at the end.

    Args:
        dims: What is searched.
        tuning: How.
        known: What is known so far, by number.
    """
    settings, more = _settings(dims, tuning, known)
    wants = _missing(range(len(settings)), settings, 0, known)
    if wants or more:
        return wants
    numbers = tuple(range(len(settings)))
    for rung in range(1, tuning.rungs):
        numbers = survivors(
            {n: known[n].costs[rung - 1] for n in numbers}, eta=tuning.eta
        )
        wants = _missing(numbers, settings, rung, known)
        if wants:
            return wants
    return ()


def came_to(known: Mapping[int, Known], rung: int, *, eta: int) -> tuple[int, ...]:
    """Return the trials that were to come to a rung; those before it are done."""
    numbers = tuple(known)
    for before in range(rung):
        numbers = survivors({n: known[n].costs[before] for n in numbers}, eta=eta)
    return numbers


def best_of(known: Mapping[int, Known], rungs: int) -> int | None:
    """Return the number of the best trial that came to the end; None if none lasted.

    Of equal ones the default wins, then the lower number.
    """
    last = {n: k.costs[-1] for n, k in known.items() if len(k.costs) == rungs}
    lasting = {n: cost for n, cost in last.items() if math.isfinite(cost)}
    return min(lasting, key=lambda n: (lasting[n], n)) if lasting else None


def planned_work(tuning: TuningSpec) -> float:
    """Return what tuning one optimizer takes at most, in trials of full length."""
    shares = rung_shares(tuning)
    count, work, before = tuning.trials, 0.0, 0.0
    for share in shares:
        work += count * (share - before)
        before = share
        count = 1 + math.ceil((count - 1) / tuning.eta)
    return work


def _missing(
    numbers: Sequence[int],
    settings: Sequence[Setting],
    rung: int,
    known: Mapping[int, Known],
) -> tuple[Want, ...]:
    return tuple(
        Want(number=n, setting=settings[n], rung=rung)
        for n in numbers
        if n not in known or len(known[n].costs) <= rung
    )


def _settings(
    dims: Sequence[Dimension], tuning: TuningSpec, known: Mapping[int, Known]
) -> tuple[tuple[Setting, ...], bool]:
    """Return the settings that are known to be tried, and whether more will follow."""
    count = tuning.trials - tuning.refine
    if tuning.search == "optuna":
        found, more = _asked(dims, count, known)
    else:
        found = (sobol if tuning.search == "sobol" else grid)(dims, count)
        more = False
    if more or not tuning.refine:
        return found, more
    if any(n not in known for n in range(len(found))):
        return found, True
    costs = [(known[n].costs[0], n) for n in range(len(found))]
    best = found[min(costs)[1]]
    return (*found, *refined(dims, found, best, count=tuning.refine)), False


def _asked(
    dims: Sequence[Dimension], count: int, known: Mapping[int, Known]
) -> tuple[tuple[Setting, ...], bool]:
    """Return what Optuna wanted so far, batch by batch."""
    found: tuple[Setting, ...] = (default_of(dims),)
    while (start := len(found)) < count:
        if start > 1 and any(n not in known for n in range(start)):
            return found, True
        # The first batch is known beforehand: the default is told with it.
        told = [
            (known[n].setting, known[n].costs[0]) for n in range(start) if start > 1
        ]
        size = min(BATCH if start > 1 else BATCH - 1, count - start)
        found = (*found, *ask(dims, told, size, number=start))
    return found, False
