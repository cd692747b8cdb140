"""Param groups: what each parameter is trained with, and what is recorded of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from optlab.params import InputError, Values
from optlab.plugins import load_catalog
from optlab.problems.base import Ints, TaskContext
from optlab.registry import Catalog, ProblemInfo
from tests.core.engine.conftest import Collected, collect_run


class Slopes(torch.nn.Module):
    """Two layers of numbers whose loss has the gradient 1 everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(1, 1, dtype=torch.float64)
        self.second = torch.nn.Linear(1, 1, dtype=torch.float64)
        for parameter in self.parameters():
            torch.nn.init.zeros_(parameter)


class SlopesTask:
    """The sum of all weights, to be made small without end."""

    train_size = batch_size = 4

    def build_model(self, _: torch.Generator, *, sparse: bool) -> torch.nn.Module:
        return Slopes()

    def order(self, _steps: int, _size: int) -> None:
        return None

    def batch(self, indices: Ints) -> Any:
        return indices

    def loss(
        self, model: torch.nn.Module, batch: Any
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        return torch.stack([p.sum() for p in model.parameters()]).sum(), {}

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        return self.loss(model, None)[0]

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        return {f"w_{n}": p.detach().sum() for n, p in model.named_parameters()}


class SlopesFamily:
    def for_seed(self, _: int) -> SlopesTask:
        return SlopesTask()


def family(_values: Values, _context: TaskContext) -> SlopesFamily:
    return SlopesFamily()


@pytest.fixture(scope="module")
def slopes() -> Catalog:
    catalog = load_catalog()
    catalog.problems.add(
        ProblemInfo(
            name="slopes",
            label="Slopes",
            description="A test.",
            kind="task",
            stochastic=True,
            matrices=True,
            factory=f"{__name__}:family",
        )
    )
    return catalog


def run(catalog: Catalog, *entries: dict[str, Any], steps: int = 1) -> Collected:
    return collect_run(
        catalog,
        {
            "problem": {"name": "slopes"},
            "training": {"steps": steps, "eval_every": 1},
            "optimizers": list(entries),
        },
    )


def weights(run: Collected, trial: int) -> list[float]:
    last = run.evaluations[trial][-1].values
    return [
        last[f"w_{layer}.{kind}"]
        for layer in ("first", "second")
        for kind in ("weight", "bias")
    ]


def sgd(*groups: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"name": "SGD", "lr": 1e-2, "param_groups": list(groups)} | values


def test_that_layers_take_steps_of_their_own_rates(slopes: Catalog) -> None:
    made = run(slopes, sgd({"match": "first.*", "lr": 1e-3}))
    assert weights(made, 0) == [-0.001, -0.001, -0.01, -0.01]
    assert made.column(0, "lr")[1] == 1e-2
    assert made.column(0, "lr:first.*")[1] == 1e-3


def test_that_a_group_can_be_named_and_notes_count_it(slopes: Catalog) -> None:
    made = run(slopes, sgd({"match": ":biases", "name": "biases", "lr": 0.5}))
    assert weights(made, 0) == [-0.01, -0.5, -0.01, -0.5]
    assert "lr:biases" in made.start.metrics
    assert made.start.trials[0].notes == (
        "param group default: 2 parameters, 2 numbers",
        "param group biases: 2 parameters, 2 numbers",
    )


def test_that_a_group_can_have_an_optimizer_of_its_own(slopes: Catalog) -> None:
    other = {"match": "second.*", "optimizer": "Adagrad", "lr": 0.3, "eps": 0.0}
    made = run(slopes, sgd(other), steps=2)
    second = -(0.3 + 0.3 / np.sqrt(2))
    assert weights(made, 0) == pytest.approx([-0.02, -0.02, second, second], abs=1e-15)


def test_that_a_schedule_moves_every_group_from_its_own_rate(slopes: Catalog) -> None:
    halves = {"name": "ExponentialLR", "gamma": 0.5}
    other = {"match": "second.*", "optimizer": "Adagrad", "lr": 0.3}
    made = run(
        slopes,
        sgd({"match": "first.bias", "lr": 1.0}, other, scheduler=halves),
        steps=4,
    )
    for name, rate in (("lr", 0.01), ("lr:first.bias", 1.0), ("lr:second.*", 0.3)):
        np.testing.assert_allclose(
            made.column(0, name)[1:], rate * 0.5 ** np.arange(4), rtol=1e-12
        )


def test_that_groups_that_hold_everything_need_no_default(slopes: Catalog) -> None:
    made = run(
        slopes, sgd({"match": "first.*", "lr": 0.1}, {"match": "second.*", "lr": 0.2})
    )
    assert weights(made, 0) == [-0.1, -0.1, -0.2, -0.2]
    assert made.column(0, "lr")[1] == made.column(0, "lr:first.*")[1] == 0.1
    assert made.column(0, "lr:second.*")[1] == 0.2


def test_that_entries_without_a_group_have_no_values_there(slopes: Catalog) -> None:
    made = run(slopes, {"name": "Adam"}, sgd({"match": "first.*", "lr": 1e-3}))
    assert "lr:first.*" in made.start.metrics
    assert "lr:first.*" not in made.columns[0]


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ([{"match": "third.*"}], "no parameter matches; there are first.weight"),
        ([{"match": ":embeddings"}], "no parameter matches"),
        (
            [{"match": "first.*"}, {"match": "*.bias"}],
            "first.bias is in group first.* already",
        ),
        ([{"match": ":bias"}], "did you mean :biases"),
        ([{"match": " , "}], "a pattern of parameter names"),
        ([{"match": "first.*", "lr": -1}], "param_groups.0.lr = -1"),
        ([{"match": "first.*", "betas": [0.9, 0.9]}], "param_groups.0.betas: unknown"),
        ([{"match": "first.*", "nesterov": True}], "nesterov"),
        ([{"match": "first.*", "optimizer": "LBFGS"}], "one ordinary step"),
        ([{"match": "first.*", "optimizer": "Adm"}], "did you mean"),
        ([{"match": "first.*"}, {"match": "first.*"}], "a name of its own"),
        ([{"lr": 1.0}], "a table with a match"),
        (["first.*"], "a table with a match"),
        ("first.*", "a list of tables"),
        ([{"match": ":biases", "optimizer": "Muon"}], "weight matrix"),
    ],
)
def test_that_a_wrong_group_is_refused_in_one_line(
    slopes: Catalog, groups: Any, says: str
) -> None:
    with pytest.raises(InputError) as refused:
        run(slopes, {"name": "SGD", "param_groups": groups})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_that_one_group_optimizers_and_surfaces_take_none(slopes: Catalog) -> None:
    groups = [{"match": "first.*"}]
    with pytest.raises(InputError, match="one param group only"):
        run(slopes, {"name": "LBFGS", "param_groups": groups})
    with pytest.raises(InputError, match="one parameter only"):
        collect_run(
            slopes,
            {
                "problem": {"name": "rosenbrock"},
                "training": {"steps": 1},
                "optimizers": [{"name": "SGD", "param_groups": groups}],
            },
        )


def test_that_a_group_may_have_the_name_of_muons_own_rest(slopes: Catalog) -> None:
    other = {"match": "second.*", "optimizer": "SGD", "name": "rest", "lr": 0.25}
    made = run(
        slopes,
        {"name": "Muon", "lr": 0.5, "rest_lr": 0.125, "param_groups": [other]},
    )
    rates = {n: made.column(0, n)[1] for n in made.columns[0] if n.startswith("lr")}
    assert rates == {"lr": 0.5, "lr:rest #2": 0.125, "lr:rest": 0.25}


def test_that_muon_takes_all_matrices_where_a_row_has_the_output(
    catalog: Catalog,
) -> None:
    made = collect_run(
        catalog,
        {
            "problem": {"name": "spirals"},
            "training": {"steps": 1},
            "optimizers": [
                {
                    "name": "Muon",
                    "param_groups": [{"match": ":output", "optimizer": "SGD"}],
                }
            ],
        },
    )
    first = made.start.trials[0].notes[0]
    assert first.startswith("Muon trains 2 of 4 parameters")
