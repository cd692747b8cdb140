"""The curve of a schedule before anything has run; imports no torch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optlab.optimizers.schedules.closed_forms import rates
from optlab.optimizers.schedules.plan import make_plan
from optlab.registry import Registry, SchedulerInfo
from optlab.spec import SchedulerSpec


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A few points of a schedule.

    Attributes:
        steps: Numbers of updates, from 1.
        lr: The learning rate of each of them.
    """

    steps: npt.NDArray[np.int64]
    lr: npt.NDArray[np.float64]


def preview(
    schedulers: Registry[SchedulerInfo],
    spec: SchedulerSpec,
    *,
    lr: float,
    steps: int,
    steps_per_epoch: int = 0,
    key: str = "scheduler",
    points: int = 400,
) -> Preview | None:
    """Return the curve of a schedule; None where it depends on the run.

    Args:
        schedulers: The catalog.
        spec: The schedule.
        lr: The learning rate of the optimizer.
        steps: Updates of the run.
        steps_per_epoch: Updates of an epoch; 0 where there are no epochs.
        key: Dotted place of the schedule, for messages.
        points: How many points there are at most.

    Raises:
        InputError: The schedule cannot be built for this run.
    """
    plan = make_plan(
        schedulers, spec, key=key, steps=steps, steps_per_epoch=steps_per_epoch
    )
    wanted = np.linspace(1, steps, min(points, steps)).round()
    numbers = np.unique(wanted.astype(np.int64))
    counts = numbers - 1
    if plan.every == "epoch":
        counts = counts // steps_per_epoch
    with np.errstate(all="ignore"):
        found = rates(plan, counts, lr)
    return None if found is None else Preview(steps=numbers, lr=found)
