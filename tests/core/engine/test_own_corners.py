"""Optimizers that do what nobody expects: each ends its own trial at most."""

from typing import Any

import numpy as np
import pytest

from optlab.params import Kind, ParamSpec
from optlab.plugins import load_catalog
from optlab.registry import Catalog, OptimizerInfo
from tests.core.engine.conftest import Collected, collect_run

LR = ParamSpec(name="lr", kind=Kind.FLOAT, default=0.1, low=0, meaning="Rate.")
CLOSURES = ("Silent", "LooksAhead")
PROBLEMS: dict[str, dict[str, Any]] = {
    "surface": {"name": "quadratic-1d", "start": [10.0]},
    "task": {"name": "linear-regression"},
}
NAMES = (
    "WithoutRate",
    "RateOfNone",
    "Leaves",
    "Unsaveable",
    "Silent",
    "LooksAhead",
)

every_problem = pytest.mark.parametrize("problem", list(PROBLEMS))


@pytest.fixture(scope="module")
def corners() -> Catalog:
    catalog = load_catalog()
    for name in NAMES:
        catalog.optimizers.add(
            OptimizerInfo(
                name=name,
                label=name,
                family="adaptive",
                year=2026,
                description="A test.",
                factory=f"tests.core.engine.own_corners:{name}",
                params=(LR,),
                typical_lr=(0.01, 0.1),
                home="own",
                needs_closure=name in CLOSURES,
            )
        )
    return catalog


def run(catalog: Catalog, problem: str, name: str) -> Collected:
    return collect_run(
        catalog,
        {
            "problem": PROBLEMS[problem],
            "training": {"steps": 4},
            "optimizers": [{"name": name}, {"name": "SGD", "lr": 0.01}],
        },
    )


@every_problem
@pytest.mark.parametrize("name", ["WithoutRate", "RateOfNone"])
def test_that_an_optimizer_without_a_rate_runs(
    corners: Catalog, problem: str, name: str
) -> None:
    made = run(corners, problem, name)
    assert made.stops[0].state == "finished", made.stops[0].reason
    assert np.isnan(made.column(0, "lr")).all()
    assert np.all(made.column(1, "lr")[1:] == 0.01)


@every_problem
@pytest.mark.parametrize(
    ("name", "says"),
    [("Leaves", "step 1: SystemExit: 3"), ("Unsaveable", "cannot be saved: TypeError")],
)
def test_that_a_failure_of_any_kind_ends_one_trial_alone(
    corners: Catalog, problem: str, name: str, says: str
) -> None:
    made = run(corners, problem, name)
    assert made.stops[0].state == "failed"
    assert made.stops[0].reason.startswith(says)
    assert made.stops[1].state == made.stop.state == "finished"
    assert 1 in made.checkpoints


def test_that_a_closure_that_is_never_called_is_told(corners: Catalog) -> None:
    reason = run(corners, "task", "Silent").stops[0].reason
    assert reason == "step 1: RuntimeError: its step never called the closure"


def test_that_a_first_call_elsewhere_has_the_gradient_there(corners: Catalog) -> None:
    made = run(corners, "surface", "LooksAhead")
    assert made.column(0, "x0")[1] == pytest.approx(10 - 0.1 * 2 * 11)
