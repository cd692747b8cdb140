"""Exact results of the tutorials and of theory, through the engine of the window.

Every number here comes from a closed form, from the articles' own programs or from
PyTorch's documentation, never from OptLab.
"""

import math
from typing import Any

import numpy as np
import pytest

from optlab.registry import Catalog
from optlab.spec import spec_from_text
from tests.core.engine.conftest import Collected, collect_run, surface

SQUARE_FROM_10: dict[str, Any] = {"problem": {"start": [10.0]}}


def race(
    catalog: Catalog, steps: int, *entries: dict[str, Any], **rest: Any
) -> Collected:
    return collect_run(catalog, surface(list(entries), steps=steps, **rest))


def preset(catalog: Catalog, name: str, **training: Any) -> Collected:
    import tomllib

    tree = tomllib.loads(catalog.presets.get(name).text)
    tree["training"] |= training
    return collect_run(catalog, tree)


def test_that_seed_gd_reaches_the_published_point_after_50_steps(
    catalog: Catalog,
) -> None:
    run = preset(catalog, "seed-gd")
    x, f = run.column(0, "x0"), run.column(0, "value")
    assert x[1] == 8.0
    assert f[1] == 64.0
    assert math.isclose(x[10], 1.073741824, rel_tol=1e-12)
    assert math.isclose(f[10], 1.152921504606847, rel_tol=1e-12)
    assert math.isclose(x[50], 1.4272476927059603e-04, rel_tol=1e-12)
    assert math.isclose(f[50], 2.0370359763344873e-08, rel_tol=1e-12)
    np.testing.assert_allclose(x, 10 * 0.8 ** np.arange(51), rtol=1e-12)


@pytest.mark.parametrize(
    ("rng", "seed", "weight"),
    [
        ("numpy-legacy", 0, 1.99999999999673),
        ("numpy-legacy", 1, 1.99999999999847),
        ("numpy-legacy", 42, 1.99999999999915),
        ("numpy-default", 0, 1.99999999999919),
        ("numpy-default", 42, 1.99999999999957),
    ],
)
def test_that_seed_sgd_follows_the_tutorials_program(
    catalog: Catalog, rng: str, seed: int, weight: float
) -> None:
    import tomllib

    tree = tomllib.loads(catalog.presets.get("seed-sgd").text)
    tree["problem"]["rng"] = rng
    tree["training"]["seeds"] = [seed]
    run = collect_run(catalog, tree)
    assert run.column(0, "param_norm")[100] == pytest.approx(weight, abs=6e-15)


def test_that_seed_sgd_prints_the_published_weights_on_the_way(
    catalog: Catalog,
) -> None:
    run = preset(catalog, "seed-sgd")
    weights = run.column(0, "param_norm")[10::10]
    published = [
        1.92254321151877, 1.98929361432704, 1.99889473261657, 1.99989344015444,
        1.99999612236114, 1.99999922128579, 1.99999998144519, 1.99999999989227,
        1.99999999998195, 1.99999999999673,
    ]  # fmt: skip
    np.testing.assert_allclose(weights, published, rtol=0, atol=6e-15)


@pytest.mark.parametrize(
    ("rng", "seed", "weight"),
    [
        ("numpy-legacy", 0, 1.967887),
        ("numpy-legacy", 42, 1.938821),
        ("numpy-default", 0, 2.001276),
        ("numpy-default", 42, 1.934213),
    ],
)
def test_that_seed_mini_batch_follows_the_tutorials_program(
    catalog: Catalog, rng: str, seed: int, weight: float
) -> None:
    import tomllib

    tree = tomllib.loads(catalog.presets.get("seed-mini-batch").text)
    tree["problem"]["rng"] = rng
    tree["training"]["seeds"] = [seed]
    run = collect_run(catalog, tree)
    assert run.column(0, "param_norm")[200] == pytest.approx(weight, abs=5e-7)


def test_that_seed_mini_batch_prints_the_published_weights_on_the_way(
    catalog: Catalog,
) -> None:
    run = preset(catalog, "seed-mini-batch")
    published = [
        0.678975, 1.119187, 1.414618, 1.624031, 1.748907,
        1.848133, 1.894387, 1.927761, 1.943259, 1.967887,
    ]  # fmt: skip
    weights = run.column(0, "param_norm")[20::20]
    np.testing.assert_allclose(weights, published, rtol=0, atol=5e-7)


def test_that_gradient_descent_turns_at_the_limit_two_over_curvature(
    catalog: Catalog,
) -> None:
    run = race(
        catalog,
        20_000,
        {"name": "SGD", "lr": 1.0, "label": "at"},
        {"name": "SGD", "lr": 0.999, "label": "below"},
        {"name": "SGD", "lr": 1.001, "label": "above"},
        divergence_limit=math.inf,
    )
    at = run.column(0, "x0")
    assert set(np.abs(at)) == {10.0}
    assert at[1] == -10.0
    assert run.column(1, "x0")[-1] == pytest.approx(4.08e-17, rel=2e-3)
    assert abs(run.column(2, "x0")[-1]) == pytest.approx(2.26e18, rel=2e-3)


def test_that_heavy_ball_turns_at_its_limit(catalog: Catalog) -> None:
    run = race(
        catalog,
        20_000,
        {"name": "SGD", "lr": 1.8981, "momentum": 0.9, "label": "below"},
        {"name": "SGD", "lr": 1.9019, "momentum": 0.9, "label": "above"},
        divergence_limit=math.inf,
    )
    assert abs(run.column(0, "x0")[-1]) < 1e-30
    assert abs(run.column(1, "x0")[-1]) == pytest.approx(3.9e259, rel=0.5)
    assert run.stops[1].state == "finished"


MOMENTUM = {
    "heavy ball": (
        {"momentum": 0.9},
        [8, 4.6, 0.62],
        {10: 0.0439987, 50: -0.304984291391},
    ),
    "EMA": (
        # EMA(lr) is torch's SGD at lr·(1 − β): the same trajectory (R5).
        {"momentum": 0.9, "lr": 0.01},
        [9.8, 9.424, 8.89712],
        {10: 3.07119761101153, 50: 0.7393761812965604},
    ),
    "EMA from g0": (
        {"momentum": 0.9, "dampening": 0.9},
        [8, 6.04, 4.1552],
        {50: 0.267191494780},
    ),
    "Nesterov": (
        {"momentum": 0.9, "nesterov": True},
        [6.2, 2.224, -1.08352],
        {50: -0.000470824778},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", MOMENTUM)
def test_that_each_form_of_momentum_follows_its_published_trajectory(
    catalog: Catalog, form: str
) -> None:
    values, first, later = MOMENTUM[form]
    run = race(catalog, 50, {"name": "SGD", "lr": 0.1} | values)
    x = run.column(0, "x0")
    np.testing.assert_allclose(x[1:4], first, rtol=1e-12)
    for step, expected in later.items():
        assert x[step] == pytest.approx(
            expected, rel=2e-7 if step == 10 and form == "heavy ball" else 1e-9
        )


FIRST_STEPS = {
    "SGD": 0.02,
    "Adagrad": 0.00999999999995,
    "RMSprop": 0.0999999995,
    "Adadelta": 0.00316227762,
    "Adam": 0.0009999999995,
    "AdamW": 0.0010999999995,
    "Adamax": 0.001999999999,
    "Rprop": 0.01,
    "ASGD": 0.20001,
    "Adafactor": 0.1,
}


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_that_the_first_step_at_defaults_has_the_published_length(
    catalog: Catalog, name: str
) -> None:
    run = race(catalog, 1, {"name": name})
    step = 10.0 - run.column(0, "x0")[1]
    # ASGD keeps its rate as a float32 tensor, which shows in the ninth digit.
    tolerance = 1e-7 if name == "ASGD" else 1e-8
    assert step == pytest.approx(FIRST_STEPS[name], rel=tolerance)
    assert run.column(0, "update_norm")[1] == pytest.approx(step, rel=1e-12)


def test_that_adam_follows_its_published_trajectory(catalog: Catalog) -> None:
    x = race(catalog, 50, {"name": "Adam", "lr": 0.1}).column(0, "x0")
    assert x[1] == pytest.approx(9.90000000005, rel=1e-12)
    assert x[2] == pytest.approx(9.80002745905947, rel=1e-12)
    assert x[10] == pytest.approx(9.00349653548962, rel=1e-12)
    assert x[50] == pytest.approx(5.36821171233052, rel=1e-12)


def test_that_adagrad_and_rmsprop_follow_their_published_trajectories(
    catalog: Catalog,
) -> None:
    run = race(
        catalog,
        50,
        {"name": "Adagrad", "lr": 0.1},
        {"name": "RMSprop", "lr": 0.1},
        {"name": "RMSprop", "lr": 0.1, "alpha": 0.9},
    )
    assert run.column(0, "x0")[2] == pytest.approx(9.82964554020874, rel=1e-12)
    assert run.column(0, "x0")[50] == pytest.approx(8.75659607539099, rel=1e-12)
    assert run.column(1, "x0")[50] == pytest.approx(1.14659805704642, rel=1e-10)
    assert run.column(2, "x0")[50] == pytest.approx(4.59238901162698, rel=1e-10)


def test_that_forgetting_zero_grad_accumulates_gradients(catalog: Catalog) -> None:
    run = race(catalog, 3, {"name": "SGD", "lr": 0.1}, zero_grad=False)
    np.testing.assert_allclose(run.column(0, "x0"), [10, 8, 4.4, -0.08], rtol=1e-12)


def test_that_lbfgs_solves_rosenbrock_and_counts_its_closure_calls(
    catalog: Catalog,
) -> None:
    entry = {
        "name": "LBFGS",
        "line_search_fn": "strong_wolfe",
        "max_iter": 100,
        "tolerance_grad": 1e-12,
        "tolerance_change": 1e-14,
    }
    tree = surface([entry], steps=1, problem={"name": "rosenbrock"})
    run = collect_run(catalog, tree)
    x, y = run.column(0, "x0")[1], run.column(0, "x1")[1]
    assert math.hypot(x - 1, y - 1) < 1e-8
    assert run.column(0, "grad_evals")[1] == pytest.approx(45, rel=0.3)
    assert run.column(0, "train_loss")[1] == pytest.approx(24.2, rel=1e-12)


def test_that_optimizers_on_rosenbrock_reach_the_published_points(
    catalog: Catalog,
) -> None:
    run = collect_run(
        catalog,
        surface(
            [
                {"name": "SGD", "lr": 1e-3},
                {"name": "SGD", "lr": 1e-3, "momentum": 0.9},
                {"name": "Adam", "lr": 0.01},
                {"name": "Adam", "lr": 0.1},
            ],
            steps=10_000,
            problem={"name": "rosenbrock"},
        ),
    )

    def point(trial: int, step: int) -> tuple[float, float]:
        return (run.column(trial, "x0")[step], run.column(trial, "x1")[step])

    assert point(0, 10_000) == pytest.approx((0.99235584, 0.984739384), abs=1e-6)
    assert point(1, 1000) == pytest.approx((0.994999001, 0.99000294), abs=1e-6)
    assert point(2, 1000) == pytest.approx((-0.120211278, 0.0154582785), abs=1e-6)
    assert point(2, 5000) == pytest.approx((0.999978277, 0.999956485), abs=1e-6)
    assert point(3, 1000) == pytest.approx((0.996476745, 0.992954379), abs=1e-6)


def test_that_every_preset_is_a_legal_experiment(catalog: Catalog) -> None:
    for info in catalog.presets:
        assert spec_from_text(info.text, catalog, name=info.name).title
