"""Batches: what the tutorials' programs print and mean, and what their size does.

Every number comes from a closed form or from the tutorials' programs, never from
OptLab.
"""

from typing import Any

import numpy as np
import pytest

from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect_run

LINE: dict[str, Any] = {
    "name": "linear-regression",
    "data": "noisy-line",
    "rng": "numpy-legacy",
}


def race(
    catalog: Catalog,
    problem: dict[str, Any],
    *entries: dict[str, Any],
    **training: Any,
) -> Collected:
    labelled = [{"label": str(i)} | entry for i, entry in enumerate(entries)]
    tree = {"problem": problem, "training": training, "optimizers": labelled}
    return collect_run(catalog, tree, slice_seconds=0.25)


# ---- R2 and R3: what else the tutorials' programs print and mean


def test_that_each_sample_shrinks_the_error_by_its_own_factor(
    catalog: Catalog,
) -> None:
    # R2: 1 - 0.02 x² for x = 1 … 5.
    factors = [0.98, 0.92, 0.82, 0.68, 0.50]
    assert np.log(factors).mean() == pytest.approx(-0.276169, abs=5e-7)
    problem = LINE | {"data": "five-points", "batch_size": 1}
    run = race(catalog, problem, {"name": "SGD", "lr": 0.01}, steps=40)
    error = 2 - run.column(0, "param_norm")
    found = error[1:] / error[:-1]
    nearest = np.array(factors)[np.abs(found[:, None] - factors).argmin(axis=1)]
    np.testing.assert_allclose(found, nearest, rtol=1e-9)
    drawn = {factors.index(float(factor)) for factor in nearest}
    assert drawn == set(range(5))


@pytest.mark.parametrize(
    ("rng", "seed", "error"),
    [
        ("numpy-legacy", 0, 0.669785),
        ("numpy-legacy", 42, 1.469867),
        ("numpy-default", 0, 0.665332),
        ("numpy-default", 42, 1.029150),
    ],
)
def test_that_the_mini_batch_program_prints_its_last_error(
    catalog: Catalog, rng: str, seed: int, error: float
) -> None:
    # R3: of the last batch, before the last update.
    problem = LINE | {"rng": rng, "batch_size": 10}
    sgd = {"name": "SGD", "lr": 0.001}
    run = race(catalog, problem, sgd, steps=200, eval_every=200, seeds=[seed])
    assert run.column(0, "train_loss")[200] == pytest.approx(error, abs=5e-7)
    if (rng, seed) == ("numpy-legacy", 0):
        last = run.evaluations[0][-1].values["val_loss"]
        assert last == pytest.approx(1.035117, abs=5e-7)


@pytest.mark.parametrize(("seed", "optimum"), [(0, 2.007559), (42, 1.974457)])
def test_that_full_batches_end_at_the_least_squares_optimum(
    catalog: Catalog, seed: int, optimum: float
) -> None:
    # R3.
    gd = {"name": "SGD", "lr": 0.04}
    run = race(catalog, LINE | {"batch_size": 100}, gd, steps=60, seeds=[seed])
    assert run.column(0, "param_norm")[-1] == pytest.approx(optimum, abs=5e-7)


def test_that_without_noise_the_line_is_approached_as_computed(
    catalog: Catalog,
) -> None:
    # R3: mean x² of linspace(1, 5, 100) is 10.36027.
    square = float((np.linspace(1, 5, 100) ** 2).mean())
    assert square == pytest.approx(10.36027, abs=5e-6)
    problem = LINE | {"batch_size": 100, "noise": 0.0}
    run = race(catalog, problem, {"name": "SGD", "lr": 0.001}, steps=200)
    steps = np.arange(201)
    expected = 2 * (1 - (1 - 0.002 * square) ** steps)
    np.testing.assert_allclose(run.column(0, "param_norm"), expected, rtol=1e-12)
    assert expected[-1] == pytest.approx(1.969636, abs=5e-7)


# ---- S03 and S05: what the size of a batch does


def test_that_a_full_batch_does_not_mind_the_order_of_its_samples(
    catalog: Catalog,
) -> None:
    # S03: other seeds shuffle otherwise.
    gd = {"name": "SGD", "lr": 0.01}
    five = {"name": "linear-regression", "data": "five-points", "batch_size": 5}
    run = race(catalog, five, gd, steps=60, seeds=[0, 1, 2])
    assert len({run.stops[trial].batch_hash for trial in range(3)}) == 3
    for trial in (1, 2):
        np.testing.assert_allclose(
            run.column(trial, "param_norm"), run.column(0, "param_norm"), rtol=1e-12
        )
    line = LINE | {"rng": "philox", "batch_size": 100}
    one, other = (
        race(catalog, line, gd, steps=60, shuffle=shuffle).column(0, "param_norm")
        for shuffle in (True, False)
    )
    np.testing.assert_allclose(one, other, rtol=1e-12)
    line |= {"batch_size": 10}
    one, other = (
        race(catalog, line, gd, steps=60, shuffle=shuffle).column(0, "param_norm")
        for shuffle in (True, False)
    )
    assert np.abs(one - other).max() > 1e-3


def test_that_the_variance_of_a_gradient_falls_as_one_over_the_batch_size(
    catalog: Catalog,
) -> None:
    # S05. At a rate of 0 the weight stays at 0, where every sample pulls the same way,
    # so that the norm of a gradient is its size with one sign throughout.
    sizes = [1, 2, 4, 8, 16]
    still = [{"name": "SGD", "lr": 0.0, "batch_size": size} for size in sizes]
    problem = {"name": "linear-regression", "samples": 2048, "batch_size": 1}
    run = race(catalog, problem, *still, epochs=1, eval_every=5000)
    variances = [run.column(i, "grad_norm")[1:].var() for i in range(len(sizes))]
    slope, _ = np.polyfit(np.log(sizes), np.log(variances), 1)
    assert -1.1 <= slope <= -0.9
    assert [run.stops[i].step for i in range(5)] == [2048 // size for size in sizes]
