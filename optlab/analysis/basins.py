"""Where trials on a surface ended: which minimum, and how often they overshot it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from optlab.problems.surface import Surface
from optlab.records import Floats
from optlab.store.run_data import RunData

# Of the diagonal of the box: nearer than this a trial has arrived.
_NEAR: Final = 0.02


@dataclass(frozen=True, kw_only=True)
class Basin:
    """Where one trial started and ended.

    Attributes:
        trial: Its number.
        start: Its starting point.
        end: Where it was last.
        minimum: Which of the surface's minima it ended at; None where at none.
        steps: The step at which it came near for good; None where it did not.
    """

    trial: int
    start: tuple[float, ...]
    end: tuple[float, ...]
    minimum: int | None
    steps: int | None


def basins(
    data: RunData, minima: Sequence[Sequence[float]], domain: Sequence[Sequence[float]]
) -> tuple[Basin, ...]:
    """Return where every trial of a run on a surface ended.

    Args:
        data: The run.
        minima: Points that a trial may end at, local minima included.
        domain: Lowest and highest value of each coordinate.
    """
    known = np.array(minima, dtype=np.float64).reshape(len(minima), -1)
    box = np.array(domain, dtype=np.float64)
    near = _NEAR * float(np.linalg.norm(box[:, 1] - box[:, 0]))
    found = []
    for start in data.trials:
        path = path_of(data, start.trial)
        if len(path):
            found.append(_basin(start.trial, path, known, near))
    return tuple(found)


def path_of(data: RunData, trial: int) -> Floats:
    """Return the positions of a trial, of shape (rows, dim)."""
    names = [m for m in data.metrics if m[:1] == "x" and m[1:].isdecimal()]
    columns = [data.series(trial, name).values for name in names]
    rows = min((len(column) for column in columns), default=0)
    if not rows:
        return np.empty((0, len(names)))
    return np.column_stack([column[:rows] for column in columns])


def overshoots(path: Floats, surface: Surface) -> tuple[int, ...]:
    """Return how often a path crossed the minimum, along each axis of its curvature.

    The axes are the eigenvectors of the Hessian at the minimum, flattest first; the
    Hessian is that of central differences of the gradient.

    Args:
        path: Positions, of shape (rows, dim).
        surface: The surface; its nearest minimum to the end of the path counts.
    """
    # The last position of a trial that diverged may be none.
    path = path[np.isfinite(path).all(axis=1)]
    if not surface.minima or not len(path):
        return ()
    minima = np.array(surface.minima)
    minimum = minima[np.argmin(np.linalg.norm(minima - path[-1], axis=1))]
    _, axes = np.linalg.eigh(_hessian(surface, minimum))
    along = (path - minimum) @ axes
    signs = np.sign(along)
    return tuple(
        int(np.count_nonzero(np.diff(column[column != 0]))) for column in signs.T
    )


def _hessian(surface: Surface, point: Floats) -> Floats:
    width = float(np.cbrt(np.finfo(np.float64).eps)) * max(1.0, np.abs(point).max())
    steps = width * np.eye(surface.dim)
    ahead = surface.gradient((point + steps).T)
    behind = surface.gradient((point - steps).T)
    hessian: Floats = (ahead - behind) / (2 * width)
    return (hessian + hessian.T) / 2


def _basin(trial: int, path: Floats, minima: Floats, near: float) -> Basin:
    end = path[-1]
    minimum, steps = None, None
    if len(minima) and np.isfinite(end).all():
        nearest = int(np.argmin(np.linalg.norm(minima - end, axis=1)))
        away = np.linalg.norm(path - minima[nearest], axis=1) > near
        if not away[-1]:
            minimum = nearest
            steps = int(np.flatnonzero(away)[-1]) + 1 if away.any() else 0
    return Basin(
        trial=trial,
        start=tuple(float(x) for x in path[0]),
        end=tuple(float(x) for x in end),
        minimum=minimum,
        steps=steps,
    )
