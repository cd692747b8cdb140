"""What is tried: as many settings for each optimizer, the given one first."""

import math

import numpy as np
import pytest
from scipy.stats import qmc

from optlab.params import InputError, ParamValue, Values
from optlab.plugins import load_catalog
from optlab.spec import OptimizerSpec, Range
from optlab.sweep.search import (
    Dimension,
    ask,
    default_of,
    dimensions,
    grid,
    refined,
    sobol,
)

CATALOG = load_catalog()


def dims_of(
    name: str = "Adam",
    values: dict[str, ParamValue] | None = None,
    **space: tuple[float, ...],
) -> tuple[Dimension, ...]:
    ranges = tuple(Range(name=n, values=v) for n, v in space.items())
    entry = OptimizerSpec(name=name, values=Values(values or {}), space=ranges)
    return dimensions(entry, CATALOG, "optimizers.0")


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12, 25])
@pytest.mark.parametrize(
    "dims",
    [
        dims_of(),
        dims_of("SGD", {"lr": 0.07}),
        dims_of(lr=(1e-4, 1.0)),
        dims_of(lr=(0.01, 1.0)),
        dims_of("Muon", lr=(1e-3, 0.1), rest_lr=(1e-4, 1e-2)),
        dims_of("SGD", lr=(1e-3, 1.0), momentum=(0.0, 0.99)),
    ],
    ids=["around", "given", "range", "outside", "two", "linear"],
)
def test_that_a_search_tries_so_many_settings_and_the_given_one_first(
    dims: tuple[Dimension, ...], count: int
) -> None:
    for found in (grid(dims, count), sobol(dims, count)):
        assert found[0] == default_of(dims)
        assert len(set(found)) == len(found) == count
        for setting in found:
            assert all(d.allowed(v) for d, v in zip(dims, setting, strict=True))


def test_that_a_grid_has_even_factors_over_four_decades() -> None:
    rates = np.sort([rate for (rate,) in grid(dims_of(), 25)])
    assert rates[12] == 0.001
    assert math.log10(rates[-1] / rates[0]) == pytest.approx(4, abs=1e-3)
    np.testing.assert_allclose(np.diff(np.log10(rates)), 4 / 24, atol=1e-3)


def test_that_a_range_is_tried_from_end_to_end() -> None:
    rates = sorted(rate for (rate,) in grid(dims_of(lr=(1e-5, 0.5)), 9))
    assert (rates[0], rates[-1]) == (1e-5, 0.5)
    assert 0.001 in rates


def test_that_a_list_of_values_is_tried_with_the_given_one() -> None:
    dims = dims_of(lr=(0.3, 0.1, 0.2))
    assert grid(dims, 10) == ((0.001,), (0.1,), (0.2,), (0.3,))
    assert {rate for (rate,) in sobol(dims, 30)} == {0.001, 0.1, 0.2, 0.3}


def test_that_sobol_points_are_those_of_scipy() -> None:
    dims = dims_of("Muon", lr=(1e-3, 0.1), rest_lr=(1e-4, 1e-2))
    points = qmc.Sobol(2, scramble=False).random(8)[1:]
    expected = np.array([1e-3, 1e-4]) * 100**points
    np.testing.assert_allclose(sobol(dims, 8)[1:], expected, rtol=1e-3)


def test_that_an_optimizer_without_a_number_to_begin_with_is_refused() -> None:
    with pytest.raises(InputError, match=r"optimizers.0.dampening_?\w* = |space"):
        dims_of("Adam", betas=(0.1, 0.2))


def cost(setting: tuple[float, ...]) -> float:
    return (math.log10(setting[0]) + 2) ** 2


def test_that_optuna_goes_on_as_if_it_had_not_been_stopped() -> None:
    dims = dims_of(lr=(1e-6, 1.0))
    told = [((10.0**-k,), cost((10.0**-k,))) for k in range(1, 6)]
    first = ask(dims, told, 4, number=8)
    assert ask(dims, list(told), 4, number=8) == first
    assert ask(dims, told, 4, number=12) != first
    assert len(set(first)) == 4


def test_that_optuna_looks_where_it_was_good() -> None:
    dims = dims_of(lr=(1e-6, 1.0))
    tried = [(10.0**-k,) for k in np.linspace(0.2, 5.8, 24)]
    told = [(s, cost(s)) for s in tried]
    wanted = ask(dims, told, 8, number=24)
    assert np.median([cost(s) for s in wanted]) < np.median([c for _, c in told]) / 2


def test_that_optuna_is_told_of_trials_that_did_not_last() -> None:
    dims = dims_of(lr=(1e-6, 1.0))
    told = [((10.0**-k,), math.inf if k < 3 else float(k)) for k in range(1, 6)]
    assert len(ask(dims, told, 4, number=8)) == 4


def test_that_a_second_round_goes_beyond_the_border() -> None:
    dims = dims_of("SGD", {"lr": 0.01})
    tried = [(0.001,), (0.01,), (0.1,)]
    assert refined(dims, tried, (0.1,), count=2) == ((1.0,), (10.0,))
    assert refined(dims, tried, (0.001,), count=2) == ((1e-4,), (1e-5,))


def test_that_a_second_round_goes_between_the_best_and_its_neighbours() -> None:
    dims = dims_of("SGD", {"lr": 0.01})
    tried = [(0.001,), (0.01,), (0.1,)]
    found = refined(dims, tried, (0.01,), count=2)
    np.testing.assert_allclose(found, [[10**-2.5], [10**-1.5]], rtol=1e-3)
    assert len(set(refined(dims, tried, (0.01,), count=6))) == 6


def test_that_a_second_round_stays_within_what_is_allowed() -> None:
    # dampening and momentum of SGD have a lowest value, 0, where one cannot go beyond.
    dims = dims_of("SGD", {"momentum": 0.0}, momentum=(0.0, 0.9))
    tried = [(0.0,), (0.45,), (0.9,)]
    for (value,) in refined(dims, tried, (0.0,), count=3):
        assert 0 < value < 0.45
