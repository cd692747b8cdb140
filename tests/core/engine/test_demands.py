"""What optimizers may ask of the engine: draws, curvature, switches, calls."""

from typing import Any

import numpy as np
import pytest
import torch

from optlab.control import RunControl
from optlab.engine.loop import run as run_loop
from optlab.params import Kind, ParamSpec
from optlab.plugins import load_catalog
from optlab.registry import Catalog, OptimizerInfo
from tests.core.engine.conftest import Collected, collect, collect_run, experiment
from tests.core.engine.test_review import assert_goes_on, checkpoints_by_step

LR = ParamSpec(name="lr", kind=Kind.FLOAT, default=0.1, low=0, meaning="Rate.")
FLAGS: dict[str, dict[str, Any]] = {
    "Drawn": {"draws": True},
    "Newton": {"second_derivatives": True},
    "Averaged": {"mode_switch": True},
    "Careless": {"home": "own"},
    "TwoCalls": {"needs_closure": True},
}


@pytest.fixture(scope="module")
def demanding() -> Catalog:
    catalog = load_catalog()
    for name, flags in FLAGS.items():
        catalog.optimizers.add(
            OptimizerInfo(
                name=name,
                label=name,
                family="adaptive",
                year=2026,
                description="A test.",
                factory=f"tests.core.engine.demanding:{name}",
                params=(LR,),
                typical_lr=(0.01, 0.1),
                **flags,
            )
        )
    return catalog


QUADRATIC = {"name": "quadratic-1d", "start": [10.0]}
LINE = {"name": "linear-regression"}


def run(
    catalog: Catalog,
    problem: dict[str, Any],
    *names: str,
    lr: float = 0.01,
    steps: int = 30,
    **training: Any,
) -> Collected:
    return collect_run(
        catalog,
        {
            "problem": problem,
            "training": {"steps": steps, "eval_every": 5} | training,
            "optimizers": [
                {"name": name, "lr": lr, "label": f"entry {i}"}
                for i, name in enumerate(names)
            ],
        },
    )


@pytest.mark.parametrize("problem", [QUADRATIC, LINE], ids=["surface", "task"])
@pytest.mark.parametrize("name", list(FLAGS))
def test_that_demanding_optimizers_descend(
    demanding: Catalog, problem: dict[str, Any], name: str
) -> None:
    made = run(demanding, problem, name)
    losses = made.column(0, "train_loss")
    assert made.stops[0].state == "finished", made.stops[0].reason
    assert losses[-1] < 0.9 * losses[1]


@pytest.mark.parametrize("problem", [QUADRATIC, LINE], ids=["surface", "task"])
def test_that_draws_depend_on_seed_and_step_alone(
    demanding: Catalog, problem: dict[str, Any]
) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one = run(demanding, problem, "Drawn", "Drawn", "SGD", seeds=[3, 4])
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(
        one.column(0, "param_norm"), one.column(2, "param_norm")
    )
    assert not np.array_equal(one.column(0, "param_norm"), one.column(1, "param_norm"))
    torch.manual_seed(2)
    two = run(demanding, problem, "Drawn", seeds=[3])
    np.testing.assert_array_equal(
        one.column(0, "param_norm"), two.column(0, "param_norm")
    )


@pytest.mark.parametrize("problem", [QUADRATIC, LINE], ids=["surface", "task"])
def test_that_a_second_derivative_counts_two_evaluations(
    demanding: Catalog, problem: dict[str, Any]
) -> None:
    made = run(demanding, problem, "Newton", lr=0.5, steps=10)
    np.testing.assert_array_equal(made.column(0, "grad_evals"), 3.0 * np.arange(11))


def test_that_curvature_on_a_surface_is_exact(demanding: Catalog) -> None:
    made = run(demanding, QUADRATIC, "Newton", lr=0.5, steps=10)
    x = made.column(0, "x0")
    np.testing.assert_allclose(x, 10 * 0.5 ** np.arange(11), rtol=1e-8)


def test_that_weights_are_evaluated_elsewhere_than_they_train(
    demanding: Catalog,
) -> None:
    made = run(demanding, QUADRATIC, "Averaged", "SGD", lr=0.1)
    trained = 10 * 0.8 ** np.arange(1, 31)
    means = np.cumsum(trained) / np.arange(1, 31)
    np.testing.assert_allclose(made.column(0, "x0")[1:], means, rtol=1e-12)
    np.testing.assert_allclose(made.column(0, "value")[1:], means**2, rtol=1e-12)
    # Looking has changed no bit of the training.
    for name in ("param_norm", "train_loss", "update_norm"):
        np.testing.assert_array_equal(made.column(0, name), made.column(1, name))


def test_that_evaluating_more_often_changes_no_bit_of_a_task(
    demanding: Catalog,
) -> None:
    rarely = run(demanding, LINE, "Averaged", "SGD", eval_every=1000)
    often = run(demanding, LINE, "Averaged", "SGD", eval_every=1)
    for trial in (0, 1):
        np.testing.assert_array_equal(
            rarely.column(trial, "param_norm"), often.column(trial, "param_norm")
        )
    np.testing.assert_array_equal(
        often.column(0, "param_norm"), often.column(1, "param_norm")
    )


@pytest.mark.parametrize("problem", [QUADRATIC, LINE], ids=["surface", "task"])
def test_that_replaced_tensors_are_found_again(
    demanding: Catalog, problem: dict[str, Any]
) -> None:
    made = run(demanding, problem, "Careless", "SGD")
    for name in ("train_loss", "param_norm", "grad_norm", "update_norm"):
        np.testing.assert_allclose(
            made.column(0, name), made.column(1, name), rtol=1e-12
        )


@pytest.mark.parametrize("problem", [QUADRATIC, LINE], ids=["surface", "task"])
def test_that_closures_record_their_first_call_and_count_all(
    demanding: Catalog, problem: dict[str, Any]
) -> None:
    made = run(demanding, problem, "TwoCalls", "SGD")
    np.testing.assert_array_equal(made.column(0, "grad_evals"), 2.0 * np.arange(31))
    assert made.column(0, "train_loss")[1] == made.column(1, "train_loss")[1]
    assert made.column(0, "grad_norm")[1] == made.column(1, "grad_norm")[1]


@pytest.mark.parametrize("problem", [QUADRATIC, LINE], ids=["surface", "task"])
@pytest.mark.parametrize("name", list(FLAGS))
def test_that_demanding_optimizers_go_on_exactly(
    demanding: Catalog, problem: dict[str, Any], name: str
) -> None:
    tree = {
        "problem": problem,
        "training": {"steps": 20, "eval_every": 3},
        "optimizers": [{"name": name, "lr": 0.01}],
    }
    whole = collect_run(demanding, tree)
    past = checkpoints_by_step(demanding, tree)[5]
    records = run_loop(
        experiment(demanding, tree), demanding, RunControl(), device="cpu", past=past
    )
    assert_goes_on(whole, collect(records), 0, 5)
