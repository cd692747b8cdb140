"""Exact and statistical results on surfaces, through the engine of the window.

Every number comes from a closed form or from theory, never from OptLab.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from optlab.diagnostics.curvature import sharpness
from optlab.problems.curvature import stability_limit
from optlab.problems.rotations import plane_rotation
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect_run, surface
from tests.core.problems.surface_cases import TEXTBOOK, build
from tests.core.problems.test_surfaces import LIMITS

ILL = {"name": "quadratic", "condition": 100.0}
DESCENT = {"name": "SGD", "lr": 2 / 101}
HEAVY_BALL = {"name": "SGD", "lr": 4 / 121, "momentum": 81 / 121}
NESTEROV = {"name": "SGD", "lr": 0.01, "momentum": 9 / 11, "nesterov": True}


def race(
    catalog: Catalog, steps: int, problem: dict[str, Any], *entries: dict[str, Any],
    **rest: Any,
) -> Collected:  # fmt: skip
    labelled = [{"label": str(i)} | entry for i, entry in enumerate(entries)]
    tree = surface(labelled, steps=steps, problem=problem, **rest)
    return collect_run(catalog, tree, slice_seconds=0.25)


def points(run: Collected, trial: int = 0) -> npt.NDArray[np.float64]:
    columns = run.columns[trial]
    names = [name for name in columns if name[0] == "x" and name[1:].isdigit()]
    return np.stack([columns[name] for name in names])


def ends(run: Collected) -> npt.NDArray[np.float64]:
    return np.array([points(run, trial)[:, -1] for trial in run.columns])


def test_that_the_three_classics_on_a_bowl_follow_their_closed_forms(
    catalog: Catalog,
) -> None:
    # O5, O6 and O7: condition 100, from (1, 1).
    run = race(catalog, 400, ILL, DESCENT, HEAVY_BALL, NESTEROV)
    descent, heavy, _ = (points(run, trial) for trial in range(3))
    assert descent[:, 10] == pytest.approx((0.8187252945636,) * 2, rel=1e-10)
    assert descent[:, 100] == pytest.approx((0.13532626064379,) * 2, rel=1e-10)
    ratio = np.abs(descent[:, 1:] / descent[:, :-1])
    np.testing.assert_allclose(ratio, 99 / 101, rtol=1e-10)
    wanted = (0.37884996504808, 2.57862395546408)
    assert heavy[:, 10] == pytest.approx(wanted, rel=1e-10)
    wanted = (4.4301813826e-4, 4.0350570972e-3)
    assert heavy[:, 50] == pytest.approx(wanted, rel=1e-10)
    for trial, steps in enumerate((346, 58, 62)):
        value = run.column(trial, "value")
        assert int(np.argmax(value < 1e-6 * value[0])) == steps
    heavy_value = run.column(1, "value")
    assert heavy_value[1:20].max() > 2 * heavy_value[0]


def test_that_momentum_overshoots_where_descent_does_not(catalog: Catalog) -> None:
    # S07: changes of sign along each eigenvector.
    descent = {"name": "SGD", "lr": 0.005}
    run = race(catalog, 300, ILL, descent, descent | {"momentum": 0.95})
    changes = [
        (np.diff(np.sign(points(run, trial)), axis=1) != 0).sum(axis=1)
        for trial in range(2)
    ]
    assert changes[0].tolist() == [0, 0]
    assert changes[1][0] >= 3
    assert changes[1][1] > 5 * changes[1][0]


@pytest.mark.parametrize("name", LIMITS)
def test_that_descent_stays_at_a_minimum_below_its_limit_only(
    catalog: Catalog, name: str
) -> None:
    # O12 and S18: η = 2/λmax.
    minimum = np.array(build(name).minima[0])
    start = minimum + 1e-5 * np.array([1.0, -0.5])[: len(minimum)]
    problem = {"name": name, "start": [float(x) for x in start]}
    entries = [{"name": "SGD", "lr": share * LIMITS[name]} for share in (0.99, 1.01)]
    run = race(catalog, 400, problem, *entries, divergence_limit=math.inf)
    below, above = (
        np.linalg.norm(points(run, trial) - minimum[:, None], axis=0)
        for trial in range(2)
    )
    assert below[-1] < 0.75 * below[0]
    assert above[-1] > 5 * above[0]


def test_that_descent_on_rosenbrock_turns_at_its_limit(catalog: Catalog) -> None:
    # O17: λmax is 1001.60063923, so that 2/λmax is 0.0019968.
    problem = {"name": "rosenbrock", "start": [1.0 + 1e-6, 1.0]}
    entries = [{"name": "SGD", "lr": lr} for lr in (0.00199, 0.00201)]
    run = race(catalog, 3000, problem, *entries)
    stable, unstable = (points(run, trial) - 1.0 for trial in range(2))
    assert np.abs(stable[:, -1]).max() < 1e-6
    assert np.abs(unstable[:, -500:]).max() > 1e-2


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "levy-13"])
def test_that_the_instrument_finds_the_curvature_of_the_surface(name: str) -> None:
    # O17: Hessian-vector products alone, against second differences of our gradient.
    ours = build(name)
    x = torch.tensor(ours.minima[0], dtype=torch.float64, requires_grad=True)
    measured = sharpness(lambda: TEXTBOOK[name](x), [x])
    assert 2 / measured == pytest.approx(stability_limit(ours, ours.minima[0]))
    if name == "rosenbrock":
        assert measured == pytest.approx(1001.60063923, abs=5e-9)


def test_that_adam_minds_a_rotation_and_descent_does_not(catalog: Catalog) -> None:
    # O26: condition 100, from R(1, 1).
    adam = {0.0: 0.00089566, 30.0: 0.50976711, 45.0: 0.34134233}
    for degrees, expected in adam.items():
        start = plane_rotation(2, degrees, seed=0) @ np.ones(2)
        problem = ILL | {"rotation": degrees, "start": [float(x) for x in start]}
        run = race(
            catalog,
            100,
            problem,
            {"name": "SGD", "lr": 0.015},
            {"name": "Adam", "lr": 0.05},
        )
        descent = run.column(0, "value")[-1]
        assert descent == pytest.approx(0.0243341456892, abs=1e-8)
        assert run.column(1, "value")[-1] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("rate", "curvature", "noise", "variance"),
    [(0.1, 1.0, 1.0, 0.0526316), (0.5, 2.0, 0.5, 0.0625)],
)
def test_that_noise_keeps_descent_hovering_with_the_variance_of_theory(
    catalog: Catalog, rate: float, curvature: float, noise: float, variance: float
) -> None:
    # O18: η σ² / (λ (2 - η λ)); the last coordinate has the largest curvature.
    assert variance == pytest.approx(
        rate * noise**2 / (curvature * (2 - rate * curvature)), rel=1e-6
    )
    if curvature == 1:
        problem = {"name": "noisy-quadratic", "dim": 1000, "condition": 1.0}
        run = race(catalog, 2000, problem, {"name": "SGD", "lr": rate})
        squares = run.column(0, "param_norm")[200:] ** 2 / 1000
    else:
        problem = {"name": "noisy-quadratic", "condition": curvature, "noise": noise}
        run = race(
            catalog, 8000, problem, {"name": "SGD", "lr": rate}, seeds=list(range(4))
        )
        squares = np.concatenate(
            [run.column(trial, "x1")[50:] ** 2 for trial in run.columns]
        )
    assert squares.mean() == pytest.approx(variance, rel=0.02)


def test_that_noise_lets_seeds_escape_from_a_shallow_well(catalog: Catalog) -> None:
    # S04: the barrier is at 0.0754.
    descent = {"name": "SGD", "lr": 0.05}
    escaped = []
    for noise in (0.0, 2.5, 4.0):
        problem = {"name": "double-well", "noise": noise}
        run = race(catalog, 400, problem, descent, seeds=list(range(24)))
        escaped.append(float((ends(run)[:, 0] < 0.0754).mean()))
    assert escaped[0] == 0.0
    assert 0.0 < escaped[1] < escaped[2]


def test_that_the_noise_of_a_seed_is_the_same_for_every_optimizer(
    catalog: Catalog,
) -> None:
    problem = {"name": "noisy-rosenbrock"}
    entries = [{"name": "SGD", "lr": 1e-9}, {"name": "Adam", "lr": 1e-9}]
    run = race(catalog, 50, problem, *entries, seeds=[0, 1])
    norms = [run.column(trial, "grad_norm")[1:] for trial in range(4)]
    seeds = [run.start.trials[trial].seed for trial in range(4)]
    for i in range(4):
        for j in range(i):
            same = np.allclose(norms[i], norms[j], rtol=1e-5)
            assert same is (seeds[i] == seeds[j])


@pytest.mark.slow
def test_that_a_grid_of_starts_finds_the_four_basins_of_himmelblau(
    catalog: Catalog,
) -> None:
    # S12: which minimum is reached depends on the start.
    problem = {"name": "himmelblau", "starts": "grid"}
    run = race(
        catalog, 100, problem, {"name": "SGD", "lr": 0.01}, seeds=list(range(400))
    )
    starts = np.array([points(run, trial)[:, 0] for trial in range(400)])
    assert len(np.unique(starts, axis=0)) == 400
    minima = np.array(build("himmelblau").minima)
    distance = np.linalg.norm(ends(run)[:, None] - minima, axis=2)
    assert (distance.min(axis=1) < 1e-6).mean() > 0.95
    assert len(set(distance.argmin(axis=1))) == 4
    assert np.bincount(distance.argmin(axis=1)).min() > 40


def test_that_starts_of_seeds_are_shared_by_all_optimizers(catalog: Catalog) -> None:
    problem = {"name": "rosenbrock", "starts": "random"}
    entries: list[dict[str, Any]] = [{"name": "SGD", "lr": 1e-4}, {"name": "Adam"}]
    run = race(catalog, 3, problem, *entries, seeds=[3, 11])
    rosenbrock = build("rosenbrock", starts="random")
    for start in run.start.trials:
        first = points(run, start.trial)[:, 0]
        assert tuple(first) == rosenbrock.start_for(0, 2, start.seed)
