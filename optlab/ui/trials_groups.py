"""What the table says of all seeds of one optimizer together."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import inf, isnan
from typing import Final

from optlab.export.number_text import count
from optlab.records import State, TrialStart
from optlab.translate import tr, tr_n
from optlab.ui.state_words import state_word

FEWEST: Final = 3
"""So many seeds have a row of their own for all of them; quartiles take as many."""
FOLDED_FROM: Final = 4
"""So many seeds are folded away until a person wants to see them."""
CLOSED, OPEN = "▸", "▾"


def grouped(trials: Sequence[TrialStart]) -> frozenset[int]:
    """Return the optimizers whose seeds have a common row, by their indices."""
    counts = Counter(start.entry for start in trials)
    return frozenset(entry for entry, n in counts.items() if n >= FEWEST)


def folded(trials: Sequence[TrialStart]) -> frozenset[int]:
    """Return the optimizers whose seeds are folded away at first."""
    counts = Counter(start.entry for start in trials)
    return frozenset(entry for entry, n in counts.items() if n >= FOLDED_FROM)


def name_of(label: str, n: int, *, closed: bool) -> str:
    """Return the name of a common row, with what a click would do."""
    text = tr_n("{label} · {n} seed", "{label} · {n} seeds", n=n, label=label)
    return f"{CLOSED if closed else OPEN} {text}"


def states_of(states: Sequence[State]) -> str:
    """Return how many trials are in which state: those that did not last first."""
    counts = Counter(states)
    bad = [State.DIVERGED, State.FAILED]
    order = [*bad, *(state for state in counts if state not in bad)]
    parts = [
        tr("{n} {state}", n=counts[state], state=state_word(state))
        for state in order
        if counts[state]
    ]
    return ", ".join(parts) if len(parts) > 1 else state_word(states[0])


def steps_of(steps: Sequence[int]) -> str:
    """Return how many steps trials took: as many, or from the least to the most."""
    low, high = min(steps), max(steps)
    if low == high:
        return count(low)
    return tr("{low} to {high}", low=count(low), high=count(high))


def middle_of(
    values: Sequence[float], lost: Sequence[bool], *, more_is_better: bool
) -> tuple[float, float, float] | None:
    """Return quartiles with the median between; what did not last is infinitely bad.

    None where a value is not known.

    Args:
        values: One for each trial.
        lost: Which of them diverged or failed.
        more_is_better: On which side bad is.
    """
    if any(isnan(value) for value in values):
        return None
    bad = -inf if more_is_better else inf
    ordered = sorted(
        bad if gone else value for value, gone in zip(values, lost, strict=True)
    )
    # Values that were measured: between a finite and an infinite one is no third.
    n = len(ordered)
    low, high = ordered[round(0.25 * (n - 1))], ordered[round(0.75 * (n - 1))]
    pair = ordered[(n - 1) // 2], ordered[n // 2]
    middle = pair[0] if pair[0] == pair[1] else sum(pair) / 2
    return low, middle, high


def tip_of(
    quartiles: tuple[float, float, float], text: Callable[[float], str], *, lost: int
) -> str:
    """Return what stands behind a median: the quartiles, and what did not last."""
    low, middle, high = quartiles
    told = tr(
        "median {middle}, quartiles {low} to {high}",
        middle=text(middle),
        low=text(low),
        high=text(high),
    )
    if not lost:
        return told
    more = tr_n(
        "{n} that did not last counts as infinitely bad",
        "{n} that did not last count as infinitely bad",
        n=lost,
    )
    return f"{told}; {more}"
