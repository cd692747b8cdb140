"""Exact results for the textbook forms, through the engine of the window.

Every number comes from a closed form, from the articles' own programs or from the
documentation of PyTorch or Keras, never from OptLab.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from optlab.registry import Catalog
from tests.core.engine.conftest import collect_run, surface

FROM_10: dict[str, Any] = {"start": [10.0]}
# ½·(x² + y²): the gradient is the point.
BOWL: dict[str, Any] = {"name": "quadratic", "condition": 1.0, "start": [10.0, 10.0]}
SLOPE: dict[str, Any] = {"name": "unit-shape", "shape": "abs", "start": [10.0]}


def paths(
    catalog: Catalog,
    steps: int,
    *entries: dict[str, Any],
    problem: dict[str, Any] = FROM_10,
) -> list[npt.NDArray[np.float64]]:
    labelled = [{"label": str(i)} | entry for i, entry in enumerate(entries)]
    tree = surface(labelled, steps=steps, problem=problem)
    run = collect_run(catalog, tree, slice_seconds=0.25)
    assert not run.events
    return [run.column(trial, "x0") for trial in run.columns]


def test_that_gradient_descent_follows_its_closed_form(catalog: Catalog) -> None:
    # R1 and O1.
    (x,) = paths(catalog, 50, {"name": "textbook-gd", "lr": 0.1})
    np.testing.assert_allclose(x, 10 * 0.8 ** np.arange(51), rtol=1e-12)
    assert x[50] == pytest.approx(1.4272476927059603e-04, rel=1e-12)


MOMENTA: dict[str, tuple[list[float], dict[int, float]]] = {
    "momentum-ema": (
        [9.8, 9.424, 8.89712],
        {10: 3.07119761101153, 50: 0.7393761812965604},
    ),
    "momentum-heavy-ball": ([8, 4.6, 0.62], {10: 0.0439987, 50: -0.304984291391}),
    "momentum-velocity": ([8, 4.6, 0.62], {10: 0.0439987, 50: -0.304984291391}),
    "momentum-ema-g0": ([8, 6.04, 4.1552], {50: 0.267191494780}),
    "momentum-nesterov": ([6.2, 2.224, -1.08352], {50: -0.000470824778}),
}


@pytest.mark.parametrize("name", MOMENTA)
def test_that_each_momentum_follows_the_published_path(
    catalog: Catalog, name: str
) -> None:
    # R4.
    (x,) = paths(catalog, 50, {"name": name, "lr": 0.1, "momentum": 0.9})
    first, later = MOMENTA[name]
    np.testing.assert_allclose(x[1:4], first, rtol=1e-12)
    for step, expected in later.items():
        # The heavy ball's tenth point was printed with six digits.
        digits = (
            2e-7 if expected == 0.0439987 else 2e-12 if name == "momentum-ema" else 2e-9
        )
        assert x[step] == pytest.approx(expected, rel=digits)


def test_that_an_average_is_sgd_at_a_smaller_rate_and_dampening_is_not(
    catalog: Catalog,
) -> None:
    # R5.
    average, smaller, damped, from_first = paths(
        catalog,
        50,
        {"name": "momentum-ema", "lr": 0.1, "momentum": 0.9},
        {"name": "SGD", "lr": 0.1 * (1 - 0.9), "momentum": 0.9},
        {"name": "SGD", "lr": 0.1, "momentum": 0.9, "dampening": 0.9},
        {"name": "momentum-ema-g0", "lr": 0.1, "momentum": 0.9},
    )
    np.testing.assert_allclose(average, smaller, rtol=1e-12)
    assert average[10] == pytest.approx(3.07119761101153, rel=1e-12)
    assert average[50] == pytest.approx(0.739376181296561, rel=1e-12)
    np.testing.assert_allclose(damped, from_first, rtol=1e-12)
    assert abs(damped[1] - average[1]) > 1


def test_that_adagrad_follows_the_published_paths(catalog: Catalog) -> None:
    # R6: ε inside and outside the root; a large one makes the difference visible.
    outside, inside, far_inside, far_outside = paths(
        catalog,
        50,
        *(
            {"name": "textbook-adagrad", "lr": 0.1, "eps": eps, "eps_placement": place}
            for place, eps in (
                ("outside", 1e-10),
                ("inside", 1e-8),
                ("inside", 100.0),
                ("outside", 100.0),
            )
        ),
    )
    assert outside[1] == pytest.approx(9.9000000000005, rel=1e-13)
    assert outside[2] == pytest.approx(9.82964554020874, rel=1e-13)
    assert outside[50] == pytest.approx(8.75659607539099, rel=1e-13)
    assert inside[1] == pytest.approx(9.90000000000125, rel=1e-13)
    assert inside[50] == pytest.approx(8.75659607539168, rel=1e-13)
    assert far_inside[50] == pytest.approx(8.782810229770, rel=1e-12)
    assert far_outside[50] == pytest.approx(9.482057487978, rel=1e-12)


def test_that_adam_follows_the_published_path(catalog: Catalog) -> None:
    # O9.
    (x,) = paths(catalog, 50, {"name": "textbook-adam", "lr": 0.1})
    published = {
        1: 9.90000000005,
        2: 9.80002745905947,
        10: 9.00349653548962,
        50: 5.36821171233052,
    }
    for step, expected in published.items():
        assert x[step] == pytest.approx(expected, rel=1e-13)


def test_that_the_two_forms_of_adams_eps_differ_as_published(catalog: Catalog) -> None:
    # Section 1d: the first step on x² from 10, lr 0.1.
    published = [
        ("eps", 1e-3, 9.900004999750),
        ("eps-hat", 1e-3, 9.900157864278),
        ("eps", 1.0, 9.904761904762),
        ("eps-hat", 1.0, 9.961257411328),
    ]
    ends = paths(
        catalog,
        1,
        *(
            {"name": "textbook-adam", "lr": 0.1, "eps": eps, "eps_form": form}
            for form, eps, _ in published
        ),
    )
    for (_, _, expected), x in zip(published, ends, strict=True):
        assert x[1] == pytest.approx(expected, abs=6e-13)
    keras, hat = paths(
        catalog,
        20,
        {"name": "keras-adam", "lr": 0.1, "eps": 1e-3},
        {"name": "textbook-adam", "lr": 0.1, "eps": 1e-3, "eps_form": "eps-hat"},
    )
    assert np.array_equal(keras, hat)


def test_that_adagrads_steps_on_a_slope_shrink_with_the_root_of_their_number(
    catalog: Catalog,
) -> None:
    # O10: the gradient of |x| is 1, all the way from 10 to 5.
    for eps, place in ((0.0, "inside"), (0.0, "outside")):
        entry = {"name": "textbook-adagrad", "lr": 0.1, "eps": eps}
        (x,) = paths(catalog, 400, entry | {"eps_placement": place}, problem=SLOPE)
        steps = 0.1 / np.sqrt(np.arange(1, 401))
        np.testing.assert_allclose(x, 10 - np.append(0, np.cumsum(steps)), rtol=1e-12)


def test_that_rmsprop_follows_the_published_paths(catalog: Catalog) -> None:
    # O11.
    slow, fast = paths(
        catalog,
        50,
        {"name": "textbook-rmsprop", "lr": 0.1},
        {"name": "textbook-rmsprop", "lr": 0.1, "alpha": 0.9},
    )
    assert slow[1] == pytest.approx(9.000000005, rel=1e-12)
    assert slow[50] == pytest.approx(1.14659805704642, rel=1e-12)
    assert fast[1] == pytest.approx(9.68377223448316, rel=1e-12)
    assert fast[50] == pytest.approx(4.59238901162698, rel=1e-12)


def test_that_keras_forms_do_what_keras_documents(catalog: Catalog) -> None:
    # The examples of Keras' documentation, all on x²/2: RMSprop goes from 10 to
    # 9.683772; the first two steps of SGD with momentum from 1 are 0.1 and 0.18.
    (rmsprop,) = paths(catalog, 1, {"name": "keras-rmsprop", "lr": 0.1}, problem=BOWL)
    assert rmsprop[1] == pytest.approx(9.683772, abs=5e-7)
    (sgd,) = paths(
        catalog,
        2,
        {"name": "keras-sgd", "lr": 0.1, "momentum": 0.9},
        problem=BOWL | {"start": [1.0, 1.0]},
    )
    np.testing.assert_allclose(np.diff(sgd), [-0.1, -0.18], rtol=1e-12)


# O8, of the Keras forms: g = 20 at x = 10, written out.
FIRST_STEPS = {
    "textbook-gd": 0.2,
    "keras-sgd": 0.2,
    "keras-adagrad": 1e-3 * 20 / math.sqrt(0.1 + 400 + 1e-7),
    "keras-adadelta": 1e-3 * 20 * math.sqrt(1e-7 / (0.05 * 400 + 1e-7)),
    "keras-rmsprop": 1e-3 * 20 / math.sqrt(0.1 * 400 + 1e-7),
    "tf1-rmsprop": 1e-3 * 20 / math.sqrt(0.9 * 1 + 0.1 * 400 + 1e-10),
    "keras-adam": 1e-3 * math.sqrt(1e-3) / 0.1 * 2 / (math.sqrt(0.4) + 1e-7),
    "keras-adamax": 1e-3 / 0.1 * 2 / (20 + 1e-7),
    "keras-nadam": 1e-3 * (0.48528 * 2 / (1 - 0.468 * 0.48528) + 20) / (20 + 1e-7),
    "textbook-rmsprop": 1e-2 * 20 / (math.sqrt(0.01 * 400) + 1e-8),
    "textbook-adam": 1e-3 * 20 / (20 + 1e-8),
    "signsgd": 1e-3,
    "signum": 1e-3,
    "clipped-gd": 1e-2,
}


def test_that_the_first_step_at_defaults_is_what_the_formula_gives(
    catalog: Catalog,
) -> None:
    ends = paths(catalog, 1, *({"name": name} for name in FIRST_STEPS))
    for (name, step), x in zip(FIRST_STEPS.items(), ends, strict=True):
        assert 10 - x[1] == pytest.approx(step, rel=1e-9, abs=4e-15), name


def test_that_adam_with_a_huge_eps_is_corrected_momentum(catalog: Catalog) -> None:
    # O25: lr η·ε and ε = 1e8 against the bias-corrected average at lr η = 0.1.
    momentum, textbook, torch = paths(
        catalog,
        50,
        {"name": "momentum-ema-corrected", "lr": 0.1, "momentum": 0.9},
        {"name": "textbook-adam", "lr": 1e7, "eps": 1e8},
        {"name": "Adam", "lr": 1e7, "eps": 1e8},
    )
    for step, with_eps, without in (
        (1, 8.00000039999992, 8.0),
        (10, -1.67527725, -1.67527790),
        (50, 0.0481615293, 0.0481613508),
    ):
        assert momentum[step] == pytest.approx(without, abs=5e-9)
        assert textbook[step] == pytest.approx(with_eps, abs=5e-9)
        assert torch[step] == pytest.approx(with_eps, abs=5e-9)
        assert abs(textbook[step] - momentum[step]) < 1e-6
    # The published tolerance holds where it was published; step 5 lies just beyond.
    assert np.abs(textbook - momentum).max() == pytest.approx(1.0089e-6, rel=1e-3)


def test_that_a_clipped_step_is_never_longer_than_agreed(catalog: Catalog) -> None:
    # On the valley's cliff the gradient is 20 long; plain descent is thrown back.
    run = collect_run(
        catalog,
        surface(
            [
                {"name": "clipped-gd", "lr": 0.1, "max_norm": 1.0},
                {"name": "textbook-gd", "lr": 0.1},
            ],
            steps=100,
            problem={"name": "cliff-valley", "start": [3.0, 1.0]},
        ),
    )
    clipped, plain = (run.column(trial, "update_norm")[1:] for trial in (0, 1))
    assert clipped.max() == pytest.approx(0.1, rel=1e-9)
    assert plain.max() > 1.5
