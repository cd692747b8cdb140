"""Make a map of basins: the one road that both front ends take.

Imports neither torch nor Qt when it is imported; the engine comes in with the first
step.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Final

from optlab.analysis.minima import minima_of, nearness
from optlab.params import InputError
from optlab.problems.surface import Surface
from optlab.registry import Catalog
from optlab.runner import surface_of
from optlab.spec import ExperimentSpec, check_spec, dump_spec, labels
from optlab.spec.basin_map import GRID, STEPS, MapPlan
from optlab.store.basin_map import BasinMap
from optlab.translate import tr

MOST_COORDINATES: Final = 16


class MapMaker:
    """Makes one map of basins.

    Args:
        spec: The experiment; what it says of steps does not count, and of its seeds
            the first alone.
        catalog: What it is made of.
        grid: Starts to a side.
        steps: Steps from each start.
        slice_seconds: Time between two looks at the map, roughly.

    Attributes:
        map: What is known of it; grows while it is made.
        surface: The surface that it is of.

    Raises:
        InputError: The experiment is wrong, or not on a surface that has a map.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        *,
        grid: int = 100,
        steps: int = 300,
        slice_seconds: float = 0.05,
    ) -> None:
        GRID.check(grid, GRID.name)
        STEPS.check(steps, STEPS.name)
        self.surface = surface_with_map(spec, catalog)
        training = replace(spec.training, steps=steps, epochs=None)
        self._spec = replace(spec, training=training)
        check_spec(self._spec, catalog)
        self._catalog, self._seconds = catalog, slice_seconds
        self.map = BasinMap(
            plan_of(self.surface, grid=grid, steps=steps),
            labels=labels(spec, catalog),
            title=spec.title,
            spec_text=dump_spec(self._spec, catalog),
        )

    def make(self) -> Generator[None]:
        """Take all steps, yielding often; what is left undone is stopped.

        Raises:
            InputError: An optimizer cannot be built.
        """
        from optlab.engine.basin_map import map_basins

        parts = map_basins(
            self._spec,
            self._catalog,
            self.map.plan,
            surface=self.surface,
            slice_seconds=self._seconds,
        )
        try:
            for part in parts:
                self.map.take(part)
                yield
        finally:
            self.map.stop()


def surface_with_map(spec: ExperimentSpec, catalog: Catalog) -> Surface:
    """Return the surface of an experiment.

    Raises:
        InputError: It has none, or none of which a map can be drawn.
    """
    surface = surface_of(spec, catalog)
    if surface is None or not 2 <= surface.dim <= MOST_COORDINATES:
        text = tr(
            "a surface of 2 to {most} coordinates; a map of basins is drawn over two",
            most=MOST_COORDINATES,
        )
        raise InputError("problem.name", spec.problem.name, text)
    return surface


def plan_of(surface: Surface, *, grid: int, steps: int) -> MapPlan:
    """Return the map of the whole domain of a surface."""
    x, y = surface.domain[:2]
    minima = minima_of(surface, x, y)
    return MapPlan(
        x=x,
        y=y,
        columns=grid,
        rows=grid,
        steps=steps,
        near=nearness(minima, x, y),
        minima=minima,
        rest=surface.start[2:],
    )
