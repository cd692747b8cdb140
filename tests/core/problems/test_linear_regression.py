from collections.abc import Mapping

import numpy as np
import pytest
import torch

from optlab.params import InputError, ParamValue
from optlab.problems.base import TaskContext
from optlab.problems.catalog_tasks import LINEAR_REGRESSION
from optlab.problems.linear_regression import LinearModel, LinearRegression, family
from optlab.registry import broken_rule

LEGACY = "numpy-legacy"
DEFAULT = "numpy-default"


def regression(seed: int = 0, **values: ParamValue) -> LinearRegression:
    return build(values, seed)


def build(values: Mapping[str, ParamValue], seed: int = 0) -> LinearRegression:
    completed = LINEAR_REGRESSION.complete(values)
    return family(completed, TaskContext(device="cpu")).for_seed(seed)


def numpy_state() -> bytes:
    """Return the state of NumPy's global generator."""
    name, keys, *rest = np.random.get_state(legacy=True)
    return repr((name, np.asarray(keys).tobytes(), rest)).encode()


def descend(task: LinearRegression, *, lr: float, steps: int) -> list[float]:
    """Return the weight after each step of plain gradient descent."""
    model = task.build_model(torch.Generator(), sparse=False)
    order = task.order(steps, task.batch_size)
    assert order is not None
    weights = []
    for indices in order:
        loss, extras = task.loss(model, task.batch(indices))
        assert not extras
        (gradient,) = torch.autograd.grad(loss, model.w)
        with torch.no_grad():
            model.w.sub_(lr * gradient)
        weights.append(model.w.item())
    return weights


# science.md R2: y = 2x, one sample in each step, rate 0.01, 100 steps.
@pytest.mark.parametrize(
    ("rng", "seed", "expected"),
    [
        (LEGACY, 0, 1.99999999999673),
        (LEGACY, 1, 1.99999999999847),
        (LEGACY, 42, 1.99999999999915),
        (DEFAULT, 0, 1.99999999999919),
        (DEFAULT, 42, 1.99999999999957),
    ],
)
def test_that_the_seed_s_stochastic_program_is_reproduced(
    rng: str, seed: int, expected: float
) -> None:
    task = regression(seed, data="five-points", batch_size=1, rng=rng)
    weights = descend(task, lr=0.01, steps=100)
    assert weights[-1] == pytest.approx(expected, rel=1e-14, abs=0)


def test_that_the_seed_s_stochastic_program_prints_the_same_numbers() -> None:
    task = regression(0, data="five-points", batch_size=1, rng=LEGACY)
    weights = descend(task, lr=0.01, steps=100)
    printed = (
        "1.92254321151877 1.98929361432704 1.99889473261657 1.99989344015444 "
        "1.99999612236114 1.99999922128579 1.99999998144519 1.99999999989227 "
        "1.99999999998195 1.99999999999673"
    )
    assert [f"{w:.14f}" for w in weights[9::10]] == printed.split()
    order = task.order(10, 1)
    assert order is not None
    assert order.ravel().tolist() == [4, 0, 3, 3, 3, 1, 3, 2, 4, 0]


# science.md R3: noisy line, batches of 10 without replacement, rate 0.001, 200 steps.
@pytest.mark.parametrize(
    ("rng", "seed", "weight", "batch_error"),
    [
        (LEGACY, 0, 1.967887, 0.669785),
        (LEGACY, 42, 1.938821, 1.469867),
        (DEFAULT, 0, 2.001276, 0.665332),
        (DEFAULT, 42, 1.934213, 1.029150),
    ],
)
def test_that_the_seed_s_mini_batch_program_is_reproduced(
    rng: str, seed: int, weight: float, batch_error: float
) -> None:
    task = regression(seed, data="noisy-line", batch_size=10, rng=rng)
    weights = descend(task, lr=0.001, steps=200)
    assert weights[-1] == pytest.approx(weight, abs=5e-7)
    order = task.order(200, 10)
    assert order is not None
    # The program prints the error of its last batch before the last update.
    model = LinearModel(weights[-2], device="cpu")
    loss, _ = task.loss(model, task.batch(order[-1]))
    assert loss.item() == pytest.approx(batch_error, abs=5e-7)


def test_that_the_seed_s_mini_batch_program_prints_the_same_numbers() -> None:
    task = regression(0, data="noisy-line", batch_size=10, rng=LEGACY)
    weights = descend(task, lr=0.001, steps=200)
    printed = (
        ".678975 1.119187 1.414618 1.624031 1.748907 1.848133 1.894387 1.927761 "
        "1.943259 1.967887"
    )
    expected = [float(text) for text in printed.split()]
    assert [round(w, 6) for w in weights[19::20]] == expected
    final = LinearModel(weights[-1], device="cpu")
    assert task.evaluate(final)["val_loss"].item() == pytest.approx(1.035117, abs=5e-7)


@pytest.mark.parametrize("rng", [LEGACY, DEFAULT])
@pytest.mark.parametrize("data", ["five-points", "noisy-line"])
def test_that_single_samples_are_drawn_as_if_one_by_one(rng: str, data: str) -> None:
    task = regression(7, data=data, rng=rng, batch_size=1)
    order = task.order(500, 1)
    assert order is not None
    stream: np.random.RandomState | np.random.Generator
    stream = np.random.RandomState(7) if rng == LEGACY else np.random.default_rng(7)
    if data == "noisy-line":
        stream.standard_normal(100)
    one_by_one = [
        stream.randint(task.train_size)
        if isinstance(stream, np.random.RandomState)
        else stream.integers(task.train_size)
        for _ in range(500)
    ]
    assert order.ravel().tolist() == one_by_one
    again = task.order(20, 1)
    assert again is not None
    assert (again == order[:20]).all()


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_that_the_gradient_is_the_seed_s_formula(batch_size: int) -> None:
    task = regression(batch_size=batch_size, w=0.7)
    model = task.build_model(torch.Generator(), sparse=False)
    indices = np.arange(batch_size, dtype=np.int64) * (99 // batch_size)
    x, y = task.batch(indices)
    loss, _ = task.loss(model, (x, y))
    (gradient,) = torch.autograd.grad(loss, model.w)
    expected = 2 * (x * (0.7 * x - y)).mean()
    assert gradient.item() == pytest.approx(expected.item(), rel=1e-14)
    assert model.w.item() == 0.7
    assert model.w.dtype == torch.float64


def test_that_the_engine_orders_the_batches_by_default() -> None:
    assert regression().order(5, 10) is None


def test_that_the_data_follow_the_seed_and_nothing_else() -> None:
    everything = np.arange(100, dtype=np.int64)
    first, again, other = regression(3), regression(3), regression(4)
    assert torch.equal(first.batch(everything)[1], again.batch(everything)[1])
    assert not torch.equal(first.batch(everything)[1], other.batch(everything)[1])
    x, y = regression(3, noise=0.0).batch(everything)
    assert torch.equal(y, 2 * x)
    noise = first.batch(everything)[1] - y
    assert 0.8 < noise.std().item() < 1.2


@pytest.mark.parametrize("rng", ["philox", LEGACY, DEFAULT])
def test_that_the_global_generators_are_left_alone(rng: str) -> None:
    before, torch_before = numpy_state(), torch.get_rng_state()
    task = regression(5, rng=rng)
    task.order(10, 10)
    task.build_model(torch.Generator(), sparse=False)
    assert numpy_state() == before
    assert torch.equal(torch.get_rng_state(), torch_before)


@pytest.mark.parametrize(
    "values",
    [
        {"data": "five-points", "batch_size": 6},
        {"data": "noisy-line", "batch_size": 101},
        {"data": "noisy-line", "samples": 20, "batch_size": 21},
    ],
)
def test_that_a_batch_larger_than_the_data_is_refused(
    values: dict[str, ParamValue],
) -> None:
    rule = broken_rule(LINEAR_REGRESSION.rules, LINEAR_REGRESSION.complete(values))
    assert rule is not None
    assert rule.keys[0] == "batch_size"
    with pytest.raises(InputError, match=r"problem\.batch_size"):
        build(values)


def test_that_full_batches_are_allowed() -> None:
    for data, size in (("five-points", 5), ("noisy-line", 100)):
        completed = LINEAR_REGRESSION.complete({"data": data, "batch_size": size})
        assert broken_rule(LINEAR_REGRESSION.rules, completed) is None
        assert build(completed).train_size == size


def test_that_a_seed_beyond_numpy_s_legacy_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"training\.seeds"):
        regression(2**32, rng=LEGACY)
