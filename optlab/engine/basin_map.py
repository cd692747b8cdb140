"""Many starts on one surface, for a map of basins.

Where an optimizer treats every number apart, all starts are one tensor that one
optimizer moves: 10,000 starts cost little more than one. Every lane of it is the trial
that would have started there, and that is not taken on trust: a few witnesses run
along as trials of their own, and at the first number that is not theirs the optimizer
is taken the other road, on which each start has an optimizer to itself.

Noise is that of the experiment's first seed, the same for all starts, so that
neighbours differ in nothing but where they began.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import numpy as np

from optlab.engine.arrivals import Arrivals
from optlab.engine.basin_batch import Batch
from optlab.engine.surface_group import SurfaceGroup
from optlab.engine.trial import Floats
from optlab.optimizers.build import entry_needs
from optlab.problems.base import Surface
from optlab.records import Columns, State
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, OptimizerSpec, TrialPlan, trial_plans
from optlab.spec.basin_map import MapPart, MapPlan

# Starts that are taken one by one at a time, and witnesses of those that are not.
_HANDFUL: Final = 64
_WITNESSES: Final = 3
# More than vector code rounds differently, much less than what coupling does.
_ROUNDING: Final = 1e-12


class CoupledError(Exception):
    """One start of a batch had a say in what became of another."""


def map_basins(
    spec: ExperimentSpec,
    catalog: Catalog,
    plan: MapPlan,
    *,
    surface: Surface,
    slice_seconds: float = 0.05,
) -> Iterator[MapPart]:
    """Take the trials of a map, the optimizers in turns; who wants no more may leave.

    Args:
        spec: The experiment. Its number of steps does not count, nor do its seeds but
            the first.
        catalog: What it is made of.
        plan: The map.
        surface: Its surface.
        slice_seconds: Time between two parts, roughly.

    Raises:
        InputError: An optimizer cannot be built.
    """
    training = replace(
        spec.training,
        steps=plan.steps,
        epochs=None,
        seeds=spec.training.seeds[:1],
        diagnostics=(),
    )
    spec = replace(spec, training=training)
    roads = [
        _Road(spec, catalog, plan, trial, surface, slice_seconds).parts()
        for trial in trial_plans(spec, catalog)
    ]
    while roads:
        for road in tuple(roads):
            part = next(road, None)
            if part is None:
                roads.remove(road)
            else:
                yield part


def can_be_batched(entry: OptimizerSpec, catalog: Catalog) -> bool:
    """Return whether an optimizer is said to treat every number apart."""
    names = {entry.name} | {g.optimizer for g in entry.groups if g.optimizer}
    needs, schedule = entry_needs(entry, catalog), entry.scheduler
    return (
        all(catalog.optimizers.get(name).elementwise for name in names)
        and not (needs.closure or needs.second_derivatives or needs.draws)
        and not (schedule and catalog.schedulers.get(schedule.name).needs_metric)
    )


@dataclass(frozen=True)
class _Road:
    """How the trials of one optimizer are taken."""

    spec: ExperimentSpec
    catalog: Catalog
    plan: MapPlan
    trial: TrialPlan
    surface: Surface
    seconds: float

    def parts(self) -> Iterator[MapPart]:
        """Take all steps of all trials."""
        entry = self.spec.optimizers[self.trial.entry]
        if self.plan.count > _HANDFUL and can_be_batched(entry, self.catalog):
            try:
                yield from self._batched()
                return
            except CoupledError:
                pass
        for first in range(0, self.plan.count, _HANDFUL):
            yield from self._one_by_one(first)

    def _batched(self) -> Iterator[MapPart]:
        """Take all trials at once.

        Raises:
            CoupledError: They cannot be, or not so that each is a trial of its own.
        """
        count, starts = self.plan.count, self.plan.starts()
        lanes = [count * (2 * i + 1) // (2 * _WITNESSES) for i in range(_WITNESSES)]
        witnesses = _Separate(self, starts[:, lanes])
        try:
            batch = Batch(
                self.spec,
                self.catalog,
                self.plan,
                trial=self.trial,
                surface=self.surface,
            )
            rows = 1
            while batch.going:
                began = perf_counter()
                batch.advance(rows)
                _confirm(batch, lanes, witnesses.places_after(batch.step))
                yield self._part(batch.arrivals, 0, batch.step, alone=False)
                fit = int(rows * self.seconds / (perf_counter() - began))
                rows = max(1, min(fit, 2 * rows))
        except CoupledError:
            raise
        except Exception as error:
            # What it raises of many numbers it may not raise of two.
            raise CoupledError from error

    def _one_by_one(self, first: int) -> Iterator[MapPart]:
        """Take the trials of a few starts, each with an optimizer of its own."""
        starts = self.plan.starts()[:, first : first + _HANDFUL]
        separate = _Separate(self, starts)
        rows = 1
        while separate.going:
            began = perf_counter()
            separate.advance(rows)
            yield self._part(separate.arrivals, first, separate.step, alone=True)
            fit = int(rows * self.seconds / (perf_counter() - began))
            rows = max(1, min(fit, 2 * rows))

    def _part(self, of: Arrivals, first: int, step: int, *, alone: bool) -> MapPart:
        return MapPart(
            entry=self.trial.entry,
            first=first,
            step=step,
            minimum=of.minimum.copy(),
            since=of.since.copy(),
            codes=of.codes.copy(),
            alone=alone,
        )


class _Separate:
    """Trials of one optimizer from several starts, each with an optimizer of its own.

    Args:
        road: Which optimizer on which surface.
        starts: Where they start, of shape (dim, count).
    """

    def __init__(self, road: _Road, starts: Floats) -> None:
        plans = [replace(road.trial, trial=i) for i in range(starts.shape[1])]
        self._group = SurfaceGroup(
            road.spec, road.catalog, plans=plans, surface=road.surface, starts=starts.T
        )
        self._places = starts.copy()
        self.arrivals = Arrivals(starts, road.plan.minima, near=road.plan.near)

    @property
    def going(self) -> bool:
        """Whether there are steps to take."""
        return any(trial.live for trial in self._group.trials)

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self._group.row

    def advance(self, rows: int) -> None:
        """Take up to so many steps."""
        dim, first = len(self._places), self._group.row
        paths = np.repeat(self._places[:, :, None], rows, axis=2)
        for record in self._group.advance(rows):
            if isinstance(record, Columns):
                path = np.stack([record.values[f"x{i}"] for i in range(dim)])
                paths[:, record.trial, : path.shape[1]] = path
        for row in range(self._group.row - first):
            self.arrivals.look(paths[:, :, row], first + row + 1)
            self._places = paths[:, :, row]
        for lane, trial in enumerate(self._group.trials):
            if trial.state in (State.DIVERGED, State.FAILED):
                self.arrivals.lose(lane, trial.step, trial.state)
        if not self.going:
            self.arrivals.finish()

    def places_after(self, step: int) -> tuple[Floats, Arrivals]:
        """Take the steps that are left up to ``step``; return where trials are then."""
        while self.going and self.step < step:
            self.advance(step - self.step)
        return self._places, self.arrivals


def _confirm(batch: Batch, lanes: list[int], told: tuple[Floats, Arrivals]) -> None:
    """Hold some lanes of a batch to trials that started in the same places.

    Raises:
        CoupledError: One is elsewhere.
    """
    places, alone = told
    codes, since = batch.arrivals.codes[lanes], batch.arrivals.since[lanes]
    here = batch.places[:, lanes]
    near = np.isclose(here, places, rtol=_ROUNDING, atol=_ROUNDING).all(axis=0)
    lost = alone.lost
    fits = np.where(lost, since == alone.since, near) & (codes == alone.codes)
    if not fits.all():
        raise CoupledError
