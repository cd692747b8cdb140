"""What is measured of trials on a surface now and then: its curvature where they are.

Positions are looked at after they were recorded, so that nothing here can change a bit
of the training, and nothing is done where nothing is asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from math import nan
from types import MappingProxyType
from typing import Final

import numpy as np

from optlab.params import InputError
from optlab.problems.base import Surface
from optlab.problems.curvature import hessian_at
from optlab.records import Evaluation, Floats
from optlab.spec import TrainingSpec
from optlab.translate import tr

Measure = Callable[[Surface, Floats], float]


def largest_curvature(surface: Surface, position: Floats) -> float:
    """Return the largest eigenvalue of the Hessian; NaN where it is not finite."""
    if not np.isfinite(position).all():
        return nan
    hessian = hessian_at(surface, position.tolist())
    if not np.isfinite(hessian).all():
        return nan
    return float(np.linalg.eigvalsh(hessian)[-1])


# A surface has no parameters that torch could differentiate by: what the catalog names
# is measured in another way here.
_MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {"sharpness": largest_curvature}
)


class SurfaceProbe:
    """Measures the diagnostics of a run on a surface at every evaluation.

    Args:
        surface: The surface.
        training: Says which diagnostics, and how often.

    Raises:
        InputError: A diagnostic cannot be measured on a surface.
    """

    def __init__(self, surface: Surface, training: TrainingSpec) -> None:
        self._surface = surface
        self._every = training.eval_every
        self._last = training.steps or 0
        self.names = training.diagnostics
        for name in self.names:
            if name not in _MEASURES:
                known = ", ".join(_MEASURES)
                text = tr("on a surface only {known}", known=known)
                raise InputError("training.diagnostics", name, text)

    def records(
        self, trial: int, positions: Floats, *, first: int
    ) -> Iterator[Evaluation]:
        """Yield what is due at consecutive steps of one trial.

        Args:
            trial: Its number.
            positions: Where it is evaluated after each step, of shape (rows, dim).
            first: The step of the first of them.
        """
        if not self.names:
            return
        for step, position in enumerate(positions, first):
            if step % self._every == 0 or step == self._last:
                values = {n: _MEASURES[n](self._surface, position) for n in self.names}
                yield Evaluation(trial=trial, step=step, values=values)
