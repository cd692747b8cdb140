"""Basins, what a budget buys, and borders, held against counting by hand."""

import math
from itertools import product
from statistics import mean

import numpy as np
import pytest

from optlab.analysis.tuning import (
    BasinPoint,
    best_of,
    best_weights,
    edges,
    rung_costs,
    rung_shares,
    width,
)
from optlab.spec import TuningSpec
from tests.core.analysis.recorded import recorded


def point(number: int, cost: float, **values: float) -> BasinPoint:
    return BasinPoint(
        number=number,
        values=tuple(values.items()),
        share=1.0,
        cost=cost,
        value=cost,
        reached=1.0,
    )


def basin(*found: tuple[float, float]) -> list[BasinPoint]:
    return [point(i, cost, lr=lr) for i, (lr, cost) in enumerate(found)]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_that_the_best_of_k_is_that_of_all_draws_counted(k: int) -> None:
    costs = [0.3, 0.1, 0.7, 0.45]
    counted = mean(min(draw) for draw in product(costs, repeat=k))
    assert best_of(costs)[k - 1].value == pytest.approx(counted, rel=1e-12)


def test_that_the_best_of_k_is_the_published_sum_turned_round() -> None:
    # Sivaprasad et al. (2020): the expected maximum is the sum of
    # x_(i) ((i/N)^k - ((i-1)/N)^k) over rising x_(i).
    accuracies = np.sort([0.91, 0.5, 0.83, 0.1, 0.88])
    n, k = len(accuracies), 3
    i = np.arange(1, n + 1)
    published = float(accuracies @ ((i / n) ** k - ((i - 1) / n) ** k))
    found = best_of([-a for a in accuracies], negate=True)
    assert found[k - 1].value == pytest.approx(published, rel=1e-12)
    assert found[k - 1].low <= published <= found[k - 1].high


def test_that_weights_of_the_best_are_probabilities() -> None:
    for n, k in ((1, 1), (5, 2), (12, 12)):
        weights = best_weights(n, k)
        assert weights.sum() == pytest.approx(1, rel=1e-12)
        assert (weights >= 0).all()


def test_that_more_trials_never_make_the_best_worse() -> None:
    found = best_of([3.0, 1.0, 2.0, math.inf, 5.0], chance=4.0)
    values = [best.value for best in found]
    assert values == sorted(values, reverse=True)
    # What did not last is no better than the worst that did, and than chance.
    assert found[0].value == pytest.approx(mean([3, 1, 2, 5, 5]))
    assert best_of([math.inf, 1.0], chance=9.0)[0].value == 5.0


def test_that_the_width_ends_where_the_loss_is_a_tenth_above_the_best() -> None:
    found = basin((1e-4, 2.0), (1e-3, 1.1), (1e-2, 1.0), (1e-1, 1.09), (1.0, 1.2))
    assert width(found, "val_loss") == pytest.approx(2)
    assert width(basin((0.1, math.inf), (1.0, math.inf)), "val_loss") is None


def test_that_the_width_has_no_gap() -> None:
    found = basin((1e-4, 1.0), (1e-3, math.inf), (1e-2, 0.99), (1e-1, 1.0))
    assert width(found, "val_loss") == pytest.approx(1)


def test_that_the_width_of_an_accuracy_is_that_of_one_point() -> None:
    found = basin((1e-3, -0.92), (1e-2, -0.93), (1e-1, -0.9199))
    assert width(found, "val_accuracy") == pytest.approx(1)


def test_that_other_parameters_are_taken_at_their_best() -> None:
    found = [
        point(0, 5.0, lr=0.1, momentum=0.0),
        point(1, 1.0, lr=0.1, momentum=0.9),
        point(2, 1.05, lr=1.0, momentum=0.0),
        point(3, 9.0, lr=1.0, momentum=0.9),
    ]
    assert width(found, "val_loss") == pytest.approx(1)


def test_that_the_border_of_what_was_tried_is_told() -> None:
    found = basin((0.1, 3.0), (1.0, 2.0), (10.0, 1.0))
    assert edges(found, found[2]) == ("lr",)
    assert edges(found, found[1]) == ()
    # One value alone has no border.
    assert edges(found[:1], found[0]) == ()


def test_that_a_rung_is_judged_by_what_was_measured_up_to_it() -> None:
    falling = [10.0 - i for i in range(10)]
    run = recorded({"SGD": {0: falling, 1: [v + 2 for v in falling]}})
    shares = rung_shares(TuningSpec(rungs=3, eta=3))
    # 90 steps, measured every 10: rungs at 10, 30 and 90. Medians over two seeds.
    assert rung_costs(run, "val_loss", shares) == (10.0, 8.0, 2.0)


def test_that_what_diverges_later_counted_at_the_rung_before() -> None:
    curve = [3.0, 2.0, 1.0, 0.9]
    run = recorded({"SGD": {0: curve}}, diverged=[("SGD", 0)])
    step = run.status(0).step
    shares = ((step - 10) / 30, 1.0)
    assert rung_costs(run, "val_loss", shares)[0] < math.inf
    assert rung_costs(run, "val_loss", shares)[1] == math.inf
