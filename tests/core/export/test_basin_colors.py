"""How a map of basins is painted: what differs looks different."""

from itertools import combinations
from math import dist

import numpy as np
import pytest

from optlab.export.basin_colors import (
    WAYS,
    By,
    depth_of,
    hue_numbers,
    inks_for,
    painted,
)
from optlab.records import State
from optlab.spec.basin_map import CODES, NOWHERE, MapPart, MapPlan
from optlab.store.basin_map import BasinMap

PLAN = MapPlan(
    x=(0.0, 1.0),
    y=(0.0, 1.0),
    columns=4,
    rows=2,
    steps=100,
    near=0.1,
    minima=((0.0, 0.0), (1.0, 1.0)),
)


def a_map() -> BasinMap:
    found = BasinMap(PLAN, labels=("SGD",))
    finished, diverged, waiting = (
        CODES[s] for s in (State.FINISHED, State.DIVERGED, State.QUEUED)
    )
    found.take(
        MapPart(
            entry=0,
            first=0,
            step=100,
            minimum=np.array([0, 1, 0, NOWHERE, NOWHERE, NOWHERE, 1, 1], np.int16),
            since=np.array([10, 10, 90, 50, 3, 0, 0, 100], np.int32),
            codes=np.array([finished] * 4 + [diverged, waiting, finished, finished]),
            alone=False,
        )
    )
    return found


def cell(picture: np.ndarray, number: int) -> np.ndarray:
    times = picture.shape[1] // PLAN.columns
    row, column = divmod(number, PLAN.columns)
    found: np.ndarray = picture[
        row * times : (row + 1) * times, column * times : (column + 1) * times
    ]
    return found


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("by", WAYS)
def test_that_what_differs_looks_different(by: By, dark: bool) -> None:
    inks = inks_for(dark=dark)
    picture = painted(a_map(), 0, by=by, inks=inks)
    ground = [int(inks.ground[i : i + 2], 16) for i in (1, 3, 5)]
    plain = [cell(picture, n) for n in (0, 2, 6, 7)]
    assert all((c == c[0, 0]).all() for c in plain)
    nowhere, lost, waiting = (cell(picture, n) for n in (3, 4, 5))
    assert (waiting == ground).all()
    # Patterns: some of the ground, some ink, and not the same.
    for pattern in (nowhere, lost):
        on_ground = (pattern == ground).all(axis=2)
        assert 0.3 < on_ground.mean() < 0.97
    assert not np.array_equal(nowhere, lost)
    same_steps = [cell(picture, n)[0, 0].tolist() for n in (0, 1)]
    assert (same_steps[0] == same_steps[1]) == (by == "steps")
    colors = {tuple(c[0, 0].tolist()) for c in plain}
    assert len(colors) == 4


def test_that_more_steps_are_farther_from_the_ground() -> None:
    inks = inks_for(dark=False)
    picture = painted(a_map(), 0, by="minimum", inks=inks).astype(int)
    few, many = (np.abs(255 - cell(picture, n)[0, 0]).sum() for n in (0, 2))
    assert many > few
    assert depth_of(0, 300) == 0.0
    assert depth_of(300, 300) == 1.0


def test_that_no_neighbours_share_a_hue() -> None:
    lattice = [(float(i), float(j)) for i in range(11) for j in range(11)]
    hues = hue_numbers(lattice)
    pairs = combinations(range(len(lattice)), 2)
    assert all(
        hues[a] != hues[b] for a, b in pairs if dist(lattice[a], lattice[b]) < 1.1
    )
    assert max(np.bincount(hues)) < 2 * min(np.bincount(hues))
