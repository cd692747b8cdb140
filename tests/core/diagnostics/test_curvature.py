"""Sharpness against dense Hessians, and that measuring it leaves no trace."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from optlab.diagnostics.catalog import DIAGNOSTICS
from optlab.diagnostics.curvature import (
    hessian_product,
    largest_eigenvalue,
    sharpness,
)
from optlab.params import ParamValue
from optlab.problems.base import Task, TaskContext
from optlab.problems.catalog_matrices import DEEP_LINEAR, MATRIX_FACTORISATION
from optlab.problems.catalog_points import EDGE_OF_STABILITY, MOONS
from optlab.problems.catalog_rare import RARE_FEATURES
from optlab.problems.catalog_tasks import LINEAR_REGRESSION
from optlab.registry import ProblemInfo, resolve

CASES: list[tuple[ProblemInfo, dict[str, ParamValue]]] = [
    (EDGE_OF_STABILITY, {"init": "torch-seed"}),
    (EDGE_OF_STABILITY, {"width": 7}),
    (DEEP_LINEAR, {"init_scale": 0.5}),
    (DEEP_LINEAR, {"depth": 1}),
    (MATRIX_FACTORISATION, {"rows": 6, "columns": 5, "rank": 3}),
    (MATRIX_FACTORISATION, {"rows": 6, "columns": 5, "rank": 3, "observed": 0.6}),
    (MOONS, {"width": 4, "samples": 100}),
    (RARE_FEATURES, {}),
    (LINEAR_REGRESSION, {}),
]


def task_of(info: ProblemInfo, values: dict[str, ParamValue], seed: int = 0) -> Task:
    factory = resolve(info.factory)
    assert callable(factory)
    made: Task = factory(info.complete(values), TaskContext(device="cpu")).for_seed(
        seed
    )
    return made


def model_of(task: Task) -> nn.Module:
    return task.build_model(torch.Generator().manual_seed(0), sparse=False)


def dense(loss: Callable[[], torch.Tensor], model: nn.Module) -> torch.Tensor:
    """Return the Hessian, row by row, in double precision."""
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss(), parameters, create_graph=True)
    flat = torch.cat([g.reshape(-1) for g in gradients])
    rows = []
    for element in flat:
        parts = torch.autograd.grad(
            element, parameters, retain_graph=True, materialize_grads=True
        )
        rows.append(torch.cat([p.reshape(-1) for p in parts]))
    return torch.stack(rows).double()


@pytest.mark.parametrize(("info", "values"), CASES, ids=lambda case: str(case)[:40])
def test_that_sharpness_is_the_largest_eigenvalue_of_the_hessian(
    info: ProblemInfo, values: dict[str, ParamValue]
) -> None:
    task = task_of(info, values)
    model = model_of(task)
    parameters = list(model.parameters())
    matrix = dense(lambda: task.probe(model), model)
    exact = torch.linalg.eigvalsh(matrix)[-1].item()
    close = 1e-6 if parameters[0].dtype is torch.float64 else 1e-5
    found = sharpness(lambda: task.probe(model), parameters, tolerance=1e-7)
    assert found == pytest.approx(exact, rel=close)
    # As it is measured in runs.
    rough = sharpness(lambda: task.probe(model), parameters)
    assert rough == pytest.approx(exact, rel=1e-3)


# science.md O20.
def test_that_the_net_at_the_edge_of_stability_starts_as_published() -> None:
    task = task_of(EDGE_OF_STABILITY, {"init": "torch-seed"})
    model = model_of(task)
    loss = task.probe(model)
    found = sharpness(lambda: task.probe(model), list(model.parameters()))
    assert loss.item() == pytest.approx(0.29338, abs=5e-6)
    assert found == pytest.approx(11.844, abs=5e-4)


def test_that_torch_s_own_layers_give_the_same_net() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        first = nn.Linear(1, 50, dtype=torch.float64)
        second = nn.Linear(50, 1, dtype=torch.float64)
    theirs = [*first.parameters(), *second.parameters()]
    mine = model_of(task_of(EDGE_OF_STABILITY, {"init": "torch-seed"}, 3))
    for p, q in zip(mine.parameters(), theirs, strict=True):
        assert torch.equal(p, q)


def test_that_measuring_leaves_gradients_weights_and_random_states_alone() -> None:
    task = task_of(MOONS, {})
    model = model_of(task)
    task.probe(model).backward()  # type: ignore[no-untyped-call]
    parameters = list(model.parameters())
    gradients = [p.grad for p in parameters]
    kept = [g.clone() for g in gradients if g is not None]
    weights = [p.detach().clone() for p in parameters]
    torch_state, numpy_state = torch.get_rng_state(), repr(np.random.get_state())
    with torch.no_grad():
        first = sharpness(lambda: task.probe(model), parameters)
    assert first == sharpness(lambda: task.probe(model), parameters)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert repr(np.random.get_state()) == numpy_state
    for p, gradient, copy, weight in zip(
        parameters, gradients, kept, weights, strict=True
    ):
        assert p.grad is gradient
        assert torch.equal(copy, p.grad if p.grad is not None else p)
        assert torch.equal(weight, p)


@pytest.mark.parametrize("size", [1, 2, 3, 50, 200])
def test_that_any_symmetric_matrix_gives_its_largest_eigenvalue(size: int) -> None:
    draw = torch.Generator().manual_seed(size)
    basis, _ = torch.linalg.qr(
        torch.randn(size, size, generator=draw, dtype=torch.float64)
    )
    # Negative ones of larger size must not be taken for the largest.
    values = torch.linspace(-5.0, 2.0, size, dtype=torch.float64)
    matrix = (basis * values) @ basis.T
    start = torch.randn(size, generator=draw, dtype=torch.float64)
    found = largest_eigenvalue(lambda v: matrix @ v, start, tolerance=1e-8)
    assert found == pytest.approx(values[-1].item(), rel=1e-6)


def test_that_a_multiple_eigenvalue_is_found() -> None:
    start = torch.arange(1.0, 11.0, dtype=torch.float64)
    found = largest_eigenvalue(lambda v: 3 * v, start, tolerance=1e-4)
    assert found == pytest.approx(3.0, rel=1e-12)


def test_that_a_loss_without_curvature_has_a_sharpness_of_zero() -> None:
    w = torch.ones(3, requires_grad=True)
    unused = torch.ones(2, requires_grad=True)
    assert hessian_product(lambda: (2 * w).sum(), [w]) is None
    assert sharpness(lambda: (2 * w).sum(), [w]) == 0.0
    assert sharpness(lambda: (2 * w).sum(), [w, unused]) == 0.0
    assert sharpness(lambda: (w * w).sum() * 0.0, [w]) == 0.0


def test_that_parameters_the_loss_does_not_see_add_nothing() -> None:
    w, unused = torch.ones(3, requires_grad=True), torch.ones(2, requires_grad=True)
    assert sharpness(lambda: (w * w).sum(), [w, unused]) == pytest.approx(2.0)


def test_that_weights_beyond_numbers_have_no_sharpness() -> None:
    w = torch.full((3,), math.inf, requires_grad=True)
    assert math.isnan(sharpness(lambda: (w**3).sum(), [w]))


def test_that_a_diagnostic_s_factory_takes_loss_and_parameters() -> None:
    for info in DIAGNOSTICS:
        measure = resolve(info.factory)
        assert callable(measure)
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        found = measure(lambda w=w: (w**2).sum() + w[0] ** 2, [w])
        assert found == pytest.approx(4.0)
