"""What figures of a run as a whole show; imports no matplotlib."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from optlab.analysis.basins import Basin
from optlab.analysis.sweeps import Sweep, SweepPoint

Quantity = Literal["final", "noise", "speed"]


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
    """Return the sweeps of which something is not hidden."""
    return tuple(s for s in sweeps if any(p.entry not in hidden for p in s.points))
