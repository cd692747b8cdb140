"""The rest of the published results, through the engine of the window.

Beside `test_oracles`, `test_surface_oracles`, `test_textbook_oracles`, `test_learning`
and `test_batch_oracles`; docs/seeds.md says which test holds which result. Every number
comes from a closed form, from the tutorials' programs or from PyTorch, never from
OptLab.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.registry import Catalog, OptimizerInfo
from tests.core.engine.conftest import Collected, collect_run, surface
from tests.core.optimizers.toy import TORCH, make, net_for, same_bits


def race(
    catalog: Catalog,
    problem: dict[str, Any],
    *entries: dict[str, Any],
    **training: Any,
) -> Collected:
    labelled = [{"label": str(i)} | entry for i, entry in enumerate(entries)]
    tree = {"problem": problem, "training": training, "optimizers": labelled}
    return collect_run(catalog, tree, slice_seconds=0.25)


def on_parabola(
    catalog: Catalog, steps: int, *entries: dict[str, Any], **rest: Any
) -> list[npt.NDArray[np.float64]]:
    labelled = [{"label": str(i)} | entry for i, entry in enumerate(entries)]
    run = collect_run(catalog, surface(labelled, steps=steps, **rest))
    return [run.column(trial, "x0") for trial in run.columns]


# ---- O2, O3, O8, O22: the parabola


def test_that_descent_beside_its_limit_is_the_closed_form(catalog: Catalog) -> None:
    # O2: x_k = x_0 (1 - 2 η)^k.
    rates = (0.999, 1.001)
    entries = [{"name": "SGD", "lr": rate} for rate in rates]
    below, above = on_parabola(catalog, 20_000, *entries, divergence_limit=math.inf)
    assert below[-1] == pytest.approx(10 * (1 - 2 * 0.999) ** 20_000, rel=1e-10)
    assert above[-1] == pytest.approx(10 * (1 - 2 * 1.001) ** 20_000, rel=1e-10)
    assert (f"{below[-1]:.2e}", f"{above[-1]:.2e}") == ("4.08e-17", "2.26e+18")


def test_that_a_heavy_ball_beside_its_limit_is_the_closed_form(
    catalog: Catalog,
) -> None:
    # O3: powers of the matrix that takes (x, v) to the next, 20 000 times over.
    ball = {"name": "SGD", "momentum": 0.9}
    entries = [ball | {"lr": rate} for rate in (1.8981, 1.9019)]
    paths = on_parabola(catalog, 20_000, *entries, divergence_limit=math.inf)
    for rate, path in zip((1.8981, 1.9019), paths, strict=True):
        step = np.array([[1 - 2 * rate, -0.9 * rate], [2.0, 0.9]])
        end = np.linalg.matrix_power(step, 20_000) @ [10.0, 0.0]
        assert path[-1] == pytest.approx(end[0], rel=1e-8)
    assert abs(paths[1][-1]) == pytest.approx(3.9e259, rel=0.02)
    assert abs(paths[0][-1]) < 1e-30


FIRST_STEPS = {
    "SGD": 0.02,
    "Adagrad": 0.00999999999995,
    "RMSprop": 0.0999999995,
    # Printed with nine digits: √(ε/((1 - ρ) g² + ε)) g.
    "Adadelta": math.sqrt(1e-6 / (0.1 * 400 + 1e-6)) * 20,
    "Adam": 0.0009999999995,
    "AdamW": 0.0010999999995,
    "Adamax": 0.001999999999,
    "Rprop": 0.01,
    "Adafactor": 0.1,
}


def test_that_first_steps_at_defaults_have_all_their_digits(catalog: Catalog) -> None:
    # O8, but for ASGD, whose rates torch keeps in float32. 10 - x has lost some bits.
    assert FIRST_STEPS["Adadelta"] == pytest.approx(0.00316227762, abs=5e-12)
    ends = on_parabola(catalog, 1, *({"name": name} for name in FIRST_STEPS))
    for (name, step), x in zip(FIRST_STEPS.items(), ends, strict=True):
        assert 10 - x[1] == pytest.approx(step, rel=1e-10, abs=4e-15), name


def test_that_maximize_climbs_by_the_gradient(catalog: Catalog) -> None:
    # O22.
    entry = {"name": "SGD", "lr": 0.1, "maximize": True}
    (x,) = on_parabola(catalog, 1, entry, problem={"start": [1.0]})
    assert x[1] == 1.2


# ---- O13: L-BFGS


SEARCHING: dict[str, Any] = {
    "name": "LBFGS",
    "line_search_fn": "strong_wolfe",
    "tolerance_grad": 0.0,
    "tolerance_change": 0.0,
}


def test_that_lbfgs_needs_few_iterations_on_rosenbrock(catalog: Catalog) -> None:
    # O13: about 37 iterations, give or take 30 %, all in one step.
    entries = [SEARCHING | {"max_iter": count} for count in (26, 48)]
    run = race(catalog, {"name": "rosenbrock"}, *entries, steps=1)
    few, enough = (
        math.hypot(run.column(i, "x0")[1] - 1, run.column(i, "x1")[1] - 1)
        for i in (0, 1)
    )
    assert enough < 1e-8 < few


def test_that_lbfgs_solves_a_bad_bowl_to_rounding(catalog: Catalog) -> None:
    # O13: ten dimensions, condition 1e4; 4.8e-29 after about 60 calls.
    calls = {"max_iter": 200}
    entries = [SEARCHING | calls | {"max_eval": count} for count in (42, 78)]
    problem = {"name": "quadratic", "dim": 10, "condition": 1e4}
    run = race(catalog, problem, *entries, steps=1)
    few, enough = (run.column(i, "value")[1] for i in (0, 1))
    assert enough < 4.8e-29 < few
    assert run.column(1, "grad_evals")[1] == pytest.approx(78, abs=2)


# ---- O15: schedules


O15: list[tuple[dict[str, Any], dict[int, float]]] = [
    ({"name": "StepLR", "step_size": 30, "gamma": 0.1}, {30: 0.01}),
    ({"name": "ExponentialLR", "gamma": 0.95}, {10: 0.05987369, 50: 0.0076945}),
    (
        {"name": "CosineAnnealingLR", "T_max": 100},
        {10: 0.09755283, 30: 0.07938926, 50: 0.05},
    ),
    ({"name": "PolynomialLR", "total_iters": 100, "power": 2.0}, {50: 0.025}),
    ({"name": "LinearLR"}, {0: 0.0333333, 1: 0.0466667}),
    (
        {
            "name": "OneCycleLR",
            "max_lr": 0.1,
            "total_steps": 101,
            "cycle_momentum": False,
        },
        {0: 0.004, 10: 0.0290474, 30: 0.09997581, 100: 4e-7},
    ),
    (
        {"name": "CosineAnnealingWarmRestarts", "T_0": 10, "T_mult": 2},
        {50: 0.05, 100: 0.06913417},
    ),
]


def test_that_schedules_record_the_published_rates(catalog: Catalog) -> None:
    # Row k + 1 is the update with the rate of count k.
    sgd = {"name": "SGD", "lr": 0.1}
    entries = [sgd | {"scheduler": scheduler} for scheduler, _ in O15]
    run = race(catalog, {"name": "quadratic-1d"}, *entries, steps=101)
    for trial, (_, published) in enumerate(O15):
        found = {k: run.column(trial, "lr")[k + 1] for k in published}
        assert found == pytest.approx(published, rel=0, abs=1e-7)


# ---- O16, O17, O21, O23: equal forms, curvature, sizes


@pytest.mark.parametrize("problem", ["rosenbrock", "moons"])
def test_that_adamw_is_adam_with_decoupled_decay_bit_for_bit(
    catalog: Catalog, problem: str
) -> None:
    # O16.
    adam, adamw = {"name": "Adam", "lr": 0.01}, {"name": "AdamW", "lr": 0.01}
    decay = {"weight_decay": 0.1}
    run = race(
        catalog,
        {"name": problem},
        adamw | {"weight_decay": 0.0},
        adam,
        adamw | decay,
        adam | decay | {"decoupled_weight_decay": True},
        adam | decay,
        steps=50,
        eval_every=50,
    )
    for name in ("train_loss", "param_norm", "update_norm"):
        none, same, decoupled, too, coupled = (run.column(i, name) for i in range(5))
        assert none.tobytes() == same.tobytes()
        assert decoupled.tobytes() == too.tobytes()
        assert decoupled.tobytes() not in (none.tobytes(), coupled.tobytes())


def test_that_the_sharpness_at_rosenbrock_s_minimum_is_the_published_one(
    catalog: Catalog,
) -> None:
    # O17.
    problem = {"name": "rosenbrock", "start": [1.0, 1.0]}
    still = {"name": "SGD", "lr": 1e-3}
    run = race(
        catalog, problem, still, steps=2, eval_every=1, diagnostics=["sharpness"]
    )
    found = [e.values["sharpness"] for e in run.evaluations[0]]
    assert found == pytest.approx([1001.60063923] * 3, abs=5e-6)


STATE: list[tuple[dict[str, Any], float]] = [
    ({"name": "SGD"}, 0),
    ({"name": "SGD", "momentum": 0.9}, 1),
    ({"name": "Adagrad"}, 1),
    ({"name": "RMSprop"}, 1),
    ({"name": "Adam"}, 2),
    ({"name": "Adadelta"}, 2),
    ({"name": "Adamax"}, 2),
    ({"name": "NAdam"}, 2),
    ({"name": "RAdam"}, 2),
    ({"name": "Rprop"}, 2),
    ({"name": "ASGD"}, 1),
    # All of it to Muon: by itself it would leave the second matrix to AdamW.
    ({"name": "SGD", "param_groups": [{"match": "*", "optimizer": "Muon"}]}, 1),
    ({"name": "Adafactor"}, 0.02),
]


def test_that_states_have_the_published_sizes(catalog: Catalog) -> None:
    # O21, on two matrices of 100 × 100.
    problem = {"name": "matrix-factorisation", "rows": 100, "columns": 100, "rank": 100}
    entries = [{"lr": 1e-3} | entry for entry, _ in STATE]
    run = race(catalog, problem, *entries, steps=3, eval_every=3)
    assert run.start.trials[0].n_parameters == 20_000
    found = [run.stops[i].state_floats_per_param for i in range(len(STATE))]
    assert found == [size for _, size in STATE]


@pytest.mark.parametrize(
    ("model", "classes", "count"),
    [
        ("seed-cnn", 10, 145_578),
        ("seed-cnn-relu", 10, 145_578),
        ("3c3d", 10, 895_210),
        ("all-cnn-c", 100, 1_387_108),
    ],
)
def test_that_nets_have_the_published_numbers_of_parameters(
    catalog: Catalog, tmp_path: Path, model: str, classes: int, count: int
) -> None:
    # O23 and R10.
    images = np.zeros((classes, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(classes)
    path = tmp_path / "images.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    problem = {
        "name": "image-classification",
        "model": model,
        "dataset": str(path),
        "batch_size": 1,
        "val_samples": 1,
    }
    run = race(catalog, problem, {"name": "SGD"}, steps=1)
    assert run.start.trials[0].n_parameters == count


# ---- S16: backward before step


# L-BFGS runs backward itself.
PLAIN = [info for info in (*TORCH, *TEXTBOOK) if not info.needs_closure]


@pytest.mark.parametrize("info", PLAIN, ids=lambda info: str(info.name))
def test_that_a_step_without_gradients_moves_nothing(info: OptimizerInfo) -> None:
    # S16: what an optimizer does when step comes before backward.
    named, untouched = net_for(info), net_for(info)
    optimizer = make(info, named)
    for _ in range(3):
        optimizer.step()
    assert same_bits(named, untouched)
