"""What runs say: targets, noise, basins, crossings and sweeps, held by hand."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optlab.analysis.basins import basins, overshoots, path_of
from optlab.analysis.outcomes import by_entry, judged_by, outcomes, usual_target
from optlab.analysis.sweeps import sweeps, swept_parameter
from optlab.plugins import load_catalog
from optlab.registry import Catalog
from optlab.runner import Runner, surface_of
from optlab.spec import ExperimentSpec, parse_spec
from optlab.store.run_data import RunData


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def experiment(
    catalog: Catalog, problem: dict[str, Any], *entries: dict[str, Any], **training: Any
) -> ExperimentSpec:
    tree = {
        "problem": problem,
        "training": {"steps": 40} | training,
        "optimizers": list(entries),
    }
    return parse_spec(tree, catalog)


def run(spec: ExperimentSpec, catalog: Catalog, folder: Path) -> RunData:
    runner = Runner(spec, catalog, folder=folder, device="cpu")
    for _ in runner.run():
        pass
    return RunData.open(runner.path)


SQUARE = {"name": "quadratic-1d", "start": [10.0]}


def test_that_a_target_is_reached_at_the_first_step_below_it(
    catalog: Catalog, tmp_path: Path
) -> None:
    spec = experiment(
        catalog, SQUARE, {"name": "SGD", "lr": 0.1}, {"name": "SGD", "lr": 0.01}
    )
    data = run(spec, catalog, tmp_path)
    assert judged_by(data) == "value"
    # f after k steps is 100·0.64^k; 0.64^11 > 0.005 ≥ 0.64^12.
    fast, slow = outcomes(data, target=0.5)
    assert fast.reach is not None
    assert (fast.reach.step, fast.reach.grad_evals) == (12, 12)
    assert fast.reach.samples is None
    assert slow.reach is None
    assert slow.final == pytest.approx(100 * 0.98**80)
    assert fast.final == fast.best
    # The two in the middle: the worse one, which both reach.
    assert usual_target(data) == slow.final
    first, second = by_entry(outcomes(data, target=0.5))
    assert (first.n, first.reached, first.steps) == (1, 1, 12)
    assert (second.reached, second.steps) == (0, math.inf)
    assert first.final == (fast.final,) * 3


def test_that_what_diverged_ends_infinitely_bad(
    catalog: Catalog, tmp_path: Path
) -> None:
    spec = experiment(
        catalog, SQUARE, {"name": "SGD", "lr": 9.0}, {"name": "SGD", "lr": 0.1}
    )
    data = run(spec, catalog, tmp_path)
    bad, good = outcomes(data)
    assert (bad.state, bad.final) == ("diverged", math.inf)
    assert math.isfinite(good.final)
    assert usual_target(data) == pytest.approx(good.final + 1e-6 * 100, rel=1e-3)
    assert [entry.lasted for entry in by_entry(outcomes(data))] == [0, 1]


def test_that_noise_is_what_is_left_beside_the_trend(
    catalog: Catalog, tmp_path: Path
) -> None:
    problem = {"name": "linear-regression", "data": "noisy-line", "batch_size": 10}
    spec = experiment(
        catalog,
        problem,
        {"name": "SGD", "lr": 0.0},
        {"name": "SGD", "lr": 0.0, "batch_size": 100, "label": "full batch"},
        steps=400,
    )
    found = outcomes(run(spec, catalog, tmp_path))
    noise, still = found[0].noise, found[1].noise
    assert noise is not None
    assert still is not None
    assert noise > 1
    assert still == pytest.approx(0, abs=1e-10)
    assert found[0].samples_per_s is not None


def test_that_trials_end_in_the_basin_of_the_nearest_minimum(
    catalog: Catalog, tmp_path: Path
) -> None:
    spec = experiment(
        catalog,
        {"name": "himmelblau", "starts": "grid"},
        {"name": "SGD", "lr": 0.01},
        {"name": "SGD", "lr": 0.0, "label": "still"},
        steps=300,
        seeds=list(range(16)),
    )
    data = run(spec, catalog, tmp_path)
    surface = surface_of(spec, catalog)
    assert surface is not None
    found = basins(data, surface.minima, surface.domain)
    moved, still = found[:16], found[16:]
    assert {b.minimum for b in moved} == {0, 1, 2, 3}
    assert {b.minimum for b in still} == {None}
    for basin in moved:
        assert basin.minimum is not None
        end = surface.minima[basin.minimum]
        assert basin.end == pytest.approx(end, abs=0.3)
        assert basin.steps is not None


def test_that_crossings_are_counted_along_the_axes_of_curvature(
    catalog: Catalog, tmp_path: Path
) -> None:
    problem = {"name": "quadratic", "dim": 2, "start": [1.0, 1.0]}
    spec = experiment(catalog, problem, {"name": "SGD", "lr": 0.01}, steps=30)
    surface = surface_of(spec, catalog)
    assert surface is not None
    hessian = np.column_stack([surface.gradient(e) for e in np.eye(2)])
    eigenvalues = np.linalg.eigvalsh(hessian)
    # Between 1/λ and 2/λ of the steep axis each step crosses it, and no other.
    lr = 1.5 / eigenvalues[-1]
    spec = experiment(catalog, problem, {"name": "SGD", "lr": lr}, steps=30)
    data = run(spec, catalog, tmp_path)
    assert overshoots(path_of(data, 0), surface) == (0, 30)
    # Where a diverged trial ended is no place to have crossed to.
    away = np.vstack([path_of(data, 0), [[np.inf, -np.inf]]])
    assert overshoots(away, surface) == (0, 30)


def test_that_entries_that_differ_in_one_number_are_a_sweep(
    catalog: Catalog, tmp_path: Path
) -> None:
    rates = [1e-4, 0.3, 0.5, 0.6, 0.99, 3.0]
    spec = experiment(
        catalog, SQUARE, *({"name": "SGD", "lr": lr} for lr in rates), steps=100
    )
    assert swept_parameter(spec, catalog) == "lr"
    found = outcomes(run(spec, catalog, tmp_path))
    (sweep,) = sweeps(spec, catalog, found)
    assert sweep.parameter == "lr"
    assert [p.value for p in sweep.points] == rates
    # At 0.5 the first step ends at the minimum exactly; 0.3 and 0.6 come so near that
    # nothing is left of 100. At 0.99 the factor of each step is −0.98.
    zones = [p.zone for p in sweep.points]
    assert zones == ["small", "good", "good", "good", "large", "diverged"]
    assert sweep.width == pytest.approx(math.log10(2))
    assert sweep.default == 1e-3


@pytest.mark.parametrize(
    "entries",
    [
        [{"name": "SGD", "lr": 0.1}, {"name": "SGD", "lr": 0.2}],
        [{"name": "SGD", "lr": 0.1 * k, "momentum": 0.1 * k} for k in range(1, 4)],
        [{"name": "SGD"}, {"name": "Adam"}, {"name": "Adagrad"}],
        [{"name": "SGD", "momentum": 0.9, "nesterov": n} for n in (True, False)],
    ],
)
def test_that_other_entries_are_none(
    catalog: Catalog, entries: list[dict[str, Any]]
) -> None:
    spec = experiment(catalog, SQUARE, *entries)
    assert swept_parameter(spec, catalog) is None
    assert sweeps(spec, catalog, ()) == ()
