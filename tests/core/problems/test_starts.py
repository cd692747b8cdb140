import numpy as np
import pytest

from optlab.params import InputError, check_values
from optlab.registry import broken_rule
from tests.core.problems.surface_cases import CASES, INFOS, Case, build

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_that_a_grid_of_400_seeds_is_20_by_20_from_the_lowest_row() -> None:
    surface = build("himmelblau", starts="grid")
    points = np.array(surface.starting_points(range(400)))
    steps = -4.75 + 0.5 * np.arange(20)
    expected = [(x, y) for y in steps for x in steps]
    np.testing.assert_allclose(points, expected, rtol=1e-14)


def test_that_a_grid_has_room_for_any_count_of_seeds() -> None:
    surface = build("himmelblau", starts="grid")
    for count in (1, 2, 3, 4, 5, 9, 10, 17):
        points = surface.starting_points(range(count))
        assert len(set(points)) == count
        assert all(-5 < x < 5 and -5 < y < 5 for x, y in points)
    assert build("himmelblau", starts="grid").starting_points([7]) == ((0.0, 0.0),)


def test_that_a_line_is_divided_into_as_many_cells_as_there_are_seeds() -> None:
    line = build("quadratic-1d", starts="grid").starting_points([5, 6, 7])
    assert line == ((-8.0,), (0.0,), (8.0,))


def test_that_a_grid_in_more_dimensions_lies_in_the_first_two() -> None:
    points = build("rosenbrock", dim=4, starts="grid").starting_points(range(4))
    assert points[1] == (1.0, -1.0, -1.2, 1.0)


@every_case
def test_that_random_starts_belong_to_their_seed_alone(case: Case) -> None:
    surface = case.build(starts="random")
    low, high = np.array(surface.domain).T
    points = np.array(surface.starting_points(range(200)))
    assert ((low <= points) & (points <= high)).all()
    assert len(np.unique(points, axis=0)) == 200
    share = (points - low) / (high - low)
    assert np.abs(share.mean(axis=0) - 0.5).max() < 0.1
    assert surface.start_for(3, 9, 17) == tuple(points[17])


@every_case
def test_that_all_seeds_start_together_unless_told_otherwise(case: Case) -> None:
    surface = case.build()
    assert surface.starting_points([4, 5]) == (surface.start, surface.start)


@pytest.mark.parametrize("name", INFOS)
def test_that_a_start_and_a_spread_of_starts_exclude_each_other(name: str) -> None:
    info = INFOS[name]
    dim = len(build(name).start)
    given = info.complete({"start": (0.5,) * dim, "starts": "grid"})
    rule = broken_rule(info.rules, given)
    assert rule is not None
    assert rule.keys[0] == "starts"
    with pytest.raises(InputError, match="one of fixed, grid, random"):
        check_values(info.params, {"starts": "lattice"}, "problem")
