"""What holds for every learning task on data, at its defaults."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from optlab.diagnostics.catalog import METRICS
from optlab.params import ParamValue
from optlab.problems.base import Floats, Ints, Task, TaskContext, TaskFamily
from optlab.problems.catalog import PROBLEMS
from optlab.problems.learning import PROBE_SIZE, evaluating, probe_indices
from optlab.registry import ProblemInfo, resolve

# Other than defaults, so that tests are quick.
VALUES: Mapping[str, Mapping[str, ParamValue]] = {
    "image-classification": {"dataset": "glyphs", "val_samples": 20, "batch_size": 8},
    "characters": {"batch_size": 8, "context": 8},
}
COUNTS = {
    "linear-regression": 1,
    "image-classification": 145_578,
    "sparse-embedding": 1000 * 16,
    "moons": (2 * 32 + 32) + (32 * 32 + 32) + (32 * 2 + 2),
    "spirals": (2 * 64 + 64) + (64 * 64 + 64) + (64 * 3 + 3),
    "characters": 65 * 64 + 2 * (64 * 192 + 192) + (64 * 65 + 65),
    "zipf-softmax": 100 * 100 + 100,
    "rare-features": 3,
    "edge-of-stability": 50 + 50 + 50 + 1,
    "deep-linear": 3 * 25,
    "matrix-factorisation": (40 + 30) * 5,
}
TASKS = {info.name: info for info in PROBLEMS if info.name in COUNTS}
DATA_FREE = ("edge-of-stability", "deep-linear")
SHARED_DATA = (*DATA_FREE, "image-classification", "characters")

every_task = pytest.mark.parametrize("name", TASKS)


def task_of(name: str, seed: int = 0) -> Task:
    info = TASKS[name]
    factory = resolve(info.factory)
    assert callable(factory)
    values = info.complete(VALUES.get(name, {}))
    family: TaskFamily = factory(values, TaskContext(device="cpu"))
    return family.for_seed(seed)


def model_of(task: Task, seed: int = 0) -> torch.nn.Module:
    return task.build_model(torch.Generator().manual_seed(seed), sparse=False)


def first(task: Task, count: int | None = None) -> Ints:
    return np.arange(count or task.batch_size, dtype=np.int64)


def flat(model: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()])


def states() -> tuple[bytes, bytes]:
    """Return the states of NumPy's and torch's global generators."""
    name, keys, *rest = np.random.get_state(legacy=True)
    numpy_state = repr((name, np.asarray(keys).tobytes(), rest)).encode()
    return numpy_state, torch.get_rng_state().numpy().tobytes()


@every_task
def test_that_a_task_has_as_many_parameters_as_its_formula(name: str) -> None:
    assert len(flat(model_of(task_of(name)))) == COUNTS[name]


@every_task
def test_that_all_parameters_are_of_one_type(name: str) -> None:
    assert len({p.dtype for p in model_of(task_of(name)).parameters()}) == 1


@every_task
def test_that_a_batch_has_as_many_samples_as_it_was_asked_for(name: str) -> None:
    task = task_of(name)
    assert 1 <= task.batch_size <= task.train_size
    assert len(task.batch(first(task))[0]) == task.batch_size


@every_task
def test_that_loss_and_evaluation_give_the_metrics_that_the_catalog_names(
    name: str,
) -> None:
    task, known = task_of(name), {info.name for info in METRICS}
    model = model_of(task)
    loss, extras = task.loss(model, task.batch(first(task)))
    with torch.no_grad():
        evaluated = task.evaluate(model)
    assert {*extras, *evaluated} == set(TASKS[name].metrics)
    assert set(TASKS[name].metrics) <= known
    assert all(metric.startswith("train_") for metric in extras)
    assert all(metric.startswith("val_") for metric in evaluated)
    for value in (loss, *extras.values(), *evaluated.values()):
        assert value.ndim == 0
    assert all(torch.isfinite(value) for value in (loss, *evaluated.values()))
    assert not any(value.requires_grad for value in extras.values())


@every_task
def test_that_the_gradient_reaches_every_parameter(name: str) -> None:
    task = task_of(name)
    model = model_of(task)
    # Enough for every word, class and feature; a large net is given fewer.
    count = min(task.train_size, 500 if COUNTS[name] < 100_000 else 8)
    loss, _ = task.loss(model, task.batch(first(task, count)))
    loss.backward()  # type: ignore[no-untyped-call]
    for parameter in model.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.abs().max() > 0


@every_task
def test_that_the_seed_draws_the_data_and_the_generator_the_weights(name: str) -> None:
    one, again, other = task_of(name, 3), task_of(name, 3), task_of(name, 4)
    places = first(one)
    batches = [task.batch(places) for task in (one, again, other)]
    if name == "deep-linear":
        assert all(len(batch[0]) == 1 for batch in batches)
    else:
        assert all(torch.equal(a, b) for a, b in zip(*batches[:2], strict=True))
        alike = all(torch.equal(a, b) for a, b in zip(*batches[::2], strict=True))
        assert alike == (name in SHARED_DATA)
    weights = [flat(model_of(one, 7)), flat(model_of(other, 7)), flat(model_of(one, 8))]
    assert torch.equal(weights[0], weights[1])
    drawn = name not in ("linear-regression", "zipf-softmax", "rare-features")
    assert torch.equal(weights[0], weights[2]) != drawn


@every_task
def test_that_the_global_generators_are_left_alone(name: str) -> None:
    before = states()
    task = task_of(name, 5)
    model = model_of(task)
    task.order(3, task.batch_size)
    task.loss(model, task.batch(first(task)))
    task.probe(model)
    with torch.no_grad():
        task.evaluate(model)
    assert states() == before


@every_task
def test_that_evaluation_and_probe_change_nothing(name: str) -> None:
    task = task_of(name)
    model = model_of(task)
    task.loss(model, task.batch(first(task)))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    (flat_gradient,) = torch.autograd.grad(
        task.probe(model), [next(model.parameters())]
    )
    with torch.no_grad():
        task.evaluate(model)
    assert model.training
    assert all(p.grad is None for p in model.parameters())
    assert torch.isfinite(flat_gradient).all()
    after = model.state_dict()
    for key, value in before.items():
        assert torch.equal(after[key].nan_to_num(nan=-7.0), value.nan_to_num(nan=-7.0))


@every_task
def test_that_the_probe_is_a_training_loss_that_can_be_differentiated_twice(
    name: str,
) -> None:
    task = task_of(name)
    model = model_of(task)
    parameters = list(model.parameters())
    value = task.probe(model)
    places = probe_indices(task.train_size)
    if name != "characters":
        expected, _ = task.loss(model, task.batch(places))
        if name == "matrix-factorisation":
            expected, _ = task.loss(model, task.batch(first(task, task.train_size)))
        assert value.item() == pytest.approx(expected.item(), rel=1e-6)
    gradients = torch.autograd.grad(value, parameters, create_graph=True)
    square = torch.stack([g.square().sum() for g in gradients]).sum()
    seconds = torch.autograd.grad(square, parameters, materialize_grads=True)
    assert all(torch.isfinite(second).all() for second in seconds)


@pytest.mark.parametrize(
    ("size", "count"), [(1, 1), (20, 20), (256, 256), (257, 256), (50_000, 256)]
)
def test_that_the_probe_is_spread_over_the_training_samples(
    size: int, count: int
) -> None:
    places = probe_indices(size)
    assert len(places) == len(set(places.tolist())) == count <= PROBE_SIZE
    assert places[0] == 0
    assert places[-1] >= size - 1 - size // count
    gaps: Floats = np.diff(places)
    assert not len(gaps) or gaps.max() - gaps.min() <= 1


def test_that_a_model_is_back_in_its_mode_after_a_probe_that_failed() -> None:
    model = torch.nn.Dropout()
    modes = []

    def fail() -> None:
        with evaluating(model):
            modes.append(model.training)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert modes == [False]
    assert model.training


@every_task
def test_that_a_form_has_words_and_ranges_for_every_parameter(name: str) -> None:
    info: ProblemInfo = TASKS[name]
    assert info.formula
    assert info.source
    for spec in info.params:
        assert spec.meaning.endswith(".")
        assert spec.check(spec.default, spec.name) == spec.default
        if spec.suggested is not None:
            assert spec.low is not None
            assert spec.high is not None
            assert spec.low <= spec.suggested[0] < spec.suggested[1] <= spec.high
    assert all(rule.holds(info.complete({})) for rule in info.rules)
