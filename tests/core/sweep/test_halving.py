"""Who goes on: the same budget for each optimizer, and the default to the end."""

import math
from collections.abc import Callable

import pytest

from optlab.analysis.tuning import rung_shares, survivors
from optlab.plugins import load_catalog
from optlab.spec import OptimizerSpec, TuningSpec
from optlab.sweep.halving import (
    Known,
    best_of,
    next_wants,
    planned_work,
)
from optlab.sweep.search import Setting, dimensions

CATALOG = load_catalog()
DIMS = dimensions(OptimizerSpec(name="Adam"), CATALOG, "optimizers.0")

Cost = Callable[[Setting, int], float]


def valley(centre: float) -> Cost:
    """Return a cost that is lowest at a rate, by its exponent."""
    return lambda setting, _: abs(math.log10(setting[0]) - centre)


def searched(
    tuning: TuningSpec, cost: Cost, *, at_once: int = 1000
) -> tuple[dict[int, Known], list[int]]:
    """Search to the end; return what is known, and the rung of everything done."""
    known: dict[int, Known] = {}
    done: list[int] = []
    while wants := next_wants(DIMS, tuning, known):
        # Whoever is stopped has done some, and any of them.
        for want in tuple(reversed(wants))[:at_once]:
            before = known[want.number].costs if want.number in known else ()
            assert len(before) == want.rung
            costs = (*before, cost(want.setting, want.rung))
            known[want.number] = Known(setting=want.setting, costs=costs)
            done.append(want.rung)
    return known, done


def test_that_one_in_eta_goes_on_and_the_default_beside_them() -> None:
    costs = {0: 9.0, 1: 3.0, 2: 1.0, 3: 2.0, 4: math.inf, 5: 8.0, 6: 7.0}
    assert survivors(costs, eta=3) == (0, 2, 3)
    assert survivors(costs | {0: 0.5}, eta=3) == (0, 2, 3)
    assert survivors({0: math.inf, 1: math.inf}, eta=3) == (0, 1)


def test_that_rungs_are_those_of_successive_halving() -> None:
    # Jamieson and Talwalkar's table for n = 27, eta = 3 is 27, 9, 3, 1; one is the
    # default's, so that 26 others are cut to 9, 3 and 1.
    tuning = TuningSpec(trials=27, rungs=4, eta=3)
    assert rung_shares(tuning) == (1 / 27, 1 / 9, 1 / 3, 1.0)
    _, done = searched(tuning, valley(-2))
    assert [done.count(rung) for rung in range(4)] == [27, 10, 4, 2]
    work = (27 * 1 + 10 * 2 + 4 * 6 + 2 * 18) / 27
    assert planned_work(tuning) == pytest.approx(work)


@pytest.mark.parametrize("search", ["grid", "sobol", "optuna"])
@pytest.mark.parametrize("refine", [0, 3])
def test_that_every_optimizer_gets_the_same_budget(search: str, refine: int) -> None:
    tuning = TuningSpec(trials=12, rungs=3, eta=2, search=search, refine=refine)
    costs: list[Cost] = [
        valley(-3),
        valley(-9),
        valley(4),
        lambda *_: math.inf,
        lambda *_: 0.0,
    ]
    budgets = {tuple(sorted(searched(tuning, cost)[1])) for cost in costs}
    assert len(budgets) == 1
    assert budgets.pop().count(0) == 12


@pytest.mark.parametrize("search", ["grid", "sobol", "optuna"])
def test_that_a_search_that_is_stopped_goes_on_as_if_it_had_not(search: str) -> None:
    tuning = TuningSpec(trials=11, rungs=2, eta=3, search=search, refine=2)
    whole, _ = searched(tuning, valley(-1.3))
    for at_once in (1, 3):
        assert searched(tuning, valley(-1.3), at_once=at_once)[0] == whole


def test_that_the_default_comes_to_the_last_rung_however_bad_it_is() -> None:
    tuning = TuningSpec(trials=9, rungs=3, eta=2)
    known, _ = searched(tuning, valley(-5))
    assert known[0].setting == (0.001,)
    assert len(known[0].costs) == 3


def test_that_the_second_round_finds_what_lies_beyond_the_border() -> None:
    tuning = TuningSpec(trials=12, refine=3)
    known, _ = searched(tuning, valley(-0.3))
    best = best_of(known, 1)
    assert best is not None
    assert best >= 9
    assert known[best].setting[0] > 0.1


def test_that_the_winner_is_the_best_of_those_that_came_to_the_end() -> None:
    known = {
        0: Known(setting=(1.0,), costs=(5.0, 4.0)),
        1: Known(setting=(2.0,), costs=(0.1,)),
        2: Known(setting=(3.0,), costs=(2.0, 4.0)),
        3: Known(setting=(4.0,), costs=(1.0, math.inf)),
    }
    assert best_of(known, 2) == 0
    assert best_of({3: known[3]}, 2) is None
