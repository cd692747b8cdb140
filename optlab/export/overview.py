"""What figures of a run as a whole show; imports no matplotlib."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final, Literal

from optlab.analysis.basins import Basin
from optlab.analysis.sweeps import Sweep, SweepPoint

Quantity = Literal["final", "noise", "speed"]
# Of the largest value: what lies deeper on a logarithmic axis is marked at this depth,
# or one exact zero would flatten all the others.
_DEPTH: Final = 1e-24


@dataclass(frozen=True, kw_only=True)
class SweepFigure:
    """What a figure of sweeps shows.

    Attributes:
        sweeps: The sweeps.
        quantity: The final loss, the noise of the loss, or samples per second.
        parameter: The swept parameter, in words.
        log_y: Whether the y axis is logarithmic.
        title: The heading; empty for none.
    """

    sweeps: tuple[Sweep, ...]
    quantity: Quantity
    parameter: str
    log_y: bool
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class BasinFigure:
    """What a map of basins shows.

    Attributes:
        basins: Where each trial started and ended.
        label: What the optimizer is called.
        title: The heading; empty for none.
    """

    basins: tuple[Basin, ...]
    label: str
    title: str = ""


def quantity_of(point: SweepPoint, quantity: Quantity) -> float | None:
    """Return what is drawn of a point; None where it was not measured."""
    found = {
        "final": point.final,
        "noise": point.noise,
        "speed": point.samples_per_s,
    }
    return found[quantity]


def shown_sweeps(sweeps: Sequence[Sweep], hidden: frozenset[int]) -> tuple[Sweep, ...]:
    """Return the sweeps without the points whose optimizers are hidden."""
    found = []
    for sweep in sweeps:
        points = tuple(p for p in sweep.points if p.entry not in hidden)
        if points:
            found.append(replace(sweep, points=points))
    return tuple(found)


def values_of(sweeps: Sequence[Sweep], quantity: Quantity) -> list[float]:
    """Return all finite values of a quantity."""
    points = [p for sweep in sweeps for p in sweep.points]
    found = [quantity_of(p, quantity) for p in points]
    return [value for value in found if value is not None and isfinite(value)]


def suits_log(values: Sequence[float]) -> bool:
    """Return whether a logarithmic axis can show values: none below 0, one above."""
    return bool(values) and min(values) >= 0 < max(values)


def floor_of(values: Sequence[float]) -> float:
    """Return the smallest value that a logarithmic axis goes down to."""
    return max(max(values) * _DEPTH, min(v for v in values if v > 0))
