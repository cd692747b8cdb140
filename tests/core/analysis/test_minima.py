"""Minima of surfaces, local ones too, against published places and counts."""

from dataclasses import replace
from math import dist

import numpy as np
import pytest

from optlab.analysis.minima import minima_of, nearness
from optlab.plugins import load_catalog
from optlab.problems.surface import Surface
from optlab.runner import surface_of
from optlab.spec import parse_spec

# Himmelblau 1972, and the six minima of Dixon & Szegő's camel with six humps.
HIMMELBLAU = {
    (3.0, 2.0),
    (-2.805118, 3.131312),
    (-3.779310, -3.283186),
    (3.584428, -1.848126),
}
CAMEL = {
    (0.0898, -0.7126),
    (-0.0898, 0.7126),
    (1.7036, -0.7961),
    (-1.7036, 0.7961),
    (1.6071, 0.5687),
    (-1.6071, -0.5687),
}


def surface(name: str) -> Surface:
    tree = {
        "problem": {"name": name},
        "training": {"steps": 1},
        "optimizers": [{"name": "SGD"}],
    }
    catalog = load_catalog()
    found = surface_of(parse_spec(tree, catalog), catalog)
    assert found is not None
    return found


def unknown(name: str) -> Surface:
    """Return a surface of which nobody has told the minima."""
    return replace(surface(name), minima=(), minimum=None)


@pytest.mark.parametrize(
    ("name", "published"), [("himmelblau", HIMMELBLAU), ("six-hump-camel", CAMEL)]
)
def test_that_all_published_minima_are_found_and_no_other(
    name: str, published: set[tuple[float, float]]
) -> None:
    it = unknown(name)
    found = minima_of(it, *it.domain[:2])
    assert len(found) == len(published)
    for point in published:
        assert min(dist(point, other) for other in found) < 1e-4


def test_that_the_minima_of_rastrigin_are_a_lattice() -> None:
    it = unknown("rastrigin")
    found = np.array(minima_of(it, *it.domain[:2]))
    # 11 to a side within ±5.12: each in its own cell of the lattice.
    assert sorted(map(tuple, np.rint(found).tolist())) == [
        (float(i), float(j)) for i in range(-5, 6) for j in range(-5, 6)
    ]
    assert it.value(found.T)[0] == min(it.value(found.T))


def test_that_known_minima_come_first_as_they_are() -> None:
    it = surface("six-hump-camel")
    found = minima_of(it, *it.domain[:2])
    assert found[:2] == it.minima
    assert len(found) == 6


@pytest.mark.parametrize("name", ["saddle", "monkey-saddle"])
def test_that_a_saddle_has_no_minimum(name: str) -> None:
    it = surface(name)
    assert minima_of(it, *it.domain[:2]) == ()


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "booth", "matyas"])
def test_that_a_valley_has_no_minima_but_its_own(name: str) -> None:
    it = surface(name)
    assert minima_of(it, *it.domain[:2]) == it.minima


def test_that_a_minimum_at_a_kink_is_one() -> None:
    it = unknown("ackley")
    found = minima_of(it, (-0.5, 0.5), (-0.5, 0.5))
    assert len(found) == 1
    assert dist(found[0], (0.0, 0.0)) < 1e-6


def test_that_no_place_is_near_to_two_minima() -> None:
    minima = ((0.0, 0.0), (1.0, 0.0), (0.0, 0.01))
    assert nearness(minima, (-5.0, 5.0), (-5.0, 5.0)) == pytest.approx(0.004)
    assert nearness((), (0.0, 3.0), (0.0, 4.0)) == pytest.approx(0.1)
