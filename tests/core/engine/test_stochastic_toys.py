"""The toys that come in samples, against the numbers of their papers."""

from typing import Any

import numpy as np
import pytest

from optlab.params import InputError
from optlab.problems.quadratic_deep import spectrum
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect_run

TRAP_STEPS = 2020


def race(
    catalog: Catalog,
    problem: dict[str, Any],
    *entries: dict[str, Any],
    **training: Any,
) -> Collected:
    labelled = [{"label": str(i)} | entry for i, entry in enumerate(entries)]
    tree = {"problem": problem, "training": training, "optimizers": labelled}
    return collect_run(catalog, tree, slice_seconds=0.25)


def test_that_the_deep_quadratic_has_the_spectrum_of_deepobs() -> None:
    eigenvalues, turn = spectrum()
    assert eigenvalues.sum() == pytest.approx(477.61228, abs=5e-6)
    assert eigenvalues.max() == pytest.approx(53.12902, abs=5e-6)
    assert eigenvalues.max() / eigenvalues.min() == pytest.approx(9621, abs=0.5)
    assert (eigenvalues[:90] < 1).all()
    assert (eigenvalues[90:] > 30).all()
    np.testing.assert_allclose(turn @ turn.T, np.eye(100), atol=1e-13)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    # Uniform among rotations: no axis keeps its direction.
    assert np.abs(np.diagonal(turn)).max() < 0.5


@pytest.mark.slow
def test_that_the_deep_quadratic_comes_down_to_its_noise_floor(
    catalog: Catalog,
) -> None:
    problem = {"name": "quadratic-deep", "batch_size": 1000}
    run = race(catalog, problem, {"name": "SGD", "lr": 0.03}, steps=150)
    # 0.18 tr Q, but for the samples: there are 1000 of them.
    assert run.column(0, "train_loss")[-1] == pytest.approx(0.18 * 477.612, rel=0.03)
    held_out = float(run.evaluations[0][-1].values["val_loss"])
    assert held_out == pytest.approx(0.18 * 477.612, rel=0.03)
    eigenvalues, turn = spectrum()
    samples = np.random.RandomState(42).normal(0.0, 0.6, (1000, 100))
    off = (np.ones(100) - samples) @ turn.T
    first = 0.5 * (off**2 @ eigenvalues).mean()
    assert run.column(0, "train_loss")[1] == pytest.approx(first, rel=1e-12)


def test_that_descent_on_the_deep_quadratic_turns_at_its_limit(
    catalog: Catalog,
) -> None:
    limit = 2 / 53.12902
    entries = [{"name": "SGD", "lr": share * limit} for share in (0.9, 1.1)]
    problem = {"name": "quadratic-deep", "batch_size": 1000}
    run = race(catalog, problem, *entries, steps=150)
    assert run.stops[0].state == "finished"
    assert run.stops[1].state == "diverged"


def adams(lr: float, beta1: float, beta2: float) -> list[dict[str, Any]]:
    adam = {"name": "Adam", "lr": lr, "betas": [beta1, beta2]}
    return [adam, adam | {"amsgrad": True}]


@pytest.mark.slow
def test_that_adam_walks_into_the_trap_and_amsgrad_does_not(catalog: Catalog) -> None:
    # Reddi et al. 2018, the synthetic experiment in order: betas 0.9 and 0.99.
    descent = {"name": "SGD", "lr": 1e-4}
    run = race(
        catalog,
        {"name": "adam-trap"},
        *adams(0.05, 0.9, 0.99),
        descent,
        steps=TRAP_STEPS,
        shuffle=False,
    )
    adam, amsgrad, plain = (run.column(i, "position")[-101:] for i in range(3))
    assert adam.min() > 0.7
    assert amsgrad.mean() < 0
    assert plain.mean() < 0
    losses = [float(run.evaluations[i][-1].values["val_loss"]) for i in range(3)]
    assert losses[1] < 0 < losses[0]


@pytest.mark.parametrize("shuffle", [True, False])
def test_that_the_theorem_s_trap_holds_in_order_and_shuffled(
    catalog: Catalog, shuffle: bool
) -> None:
    # Theorem 1: slopes C, -1, -1 with C > 2, β₁ = 0 and β₂ = 1 / (1 + C²).
    problem = {"name": "adam-trap", "large": 4.0, "small": 1.0, "period": 3}
    entries = adams(0.01, 0.0, 1 / 17)
    run = race(catalog, problem, *entries, steps=TRAP_STEPS, shuffle=shuffle)
    positions = [run.column(i, "position")[1:] for i in range(2)]
    assert positions[0][-30:].mean() > 0.95
    assert positions[1][-30:].mean() < -0.95
    assert all((np.abs(x) <= 1).all() for x in positions)


@pytest.mark.parametrize(
    ("problem", "key"),
    [
        ({"name": "adam-trap", "large": 1000.0}, "problem.large"),
        ({"name": "adam-trap", "period": 1}, "problem.period"),
        ({"name": "adam-trap", "small": 0.0}, "problem.small"),
        ({"name": "quadratic-deep", "batch_size": 1001}, "problem.batch_size"),
    ],
)
def test_that_a_toy_that_makes_no_sense_is_refused(
    catalog: Catalog, problem: dict[str, Any], key: str
) -> None:
    with pytest.raises(InputError) as caught:
        race(catalog, problem, {"name": "SGD"}, steps=5)
    assert caught.value.key == key
