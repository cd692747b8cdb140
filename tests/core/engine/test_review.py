"""Corners of the engine that went wrong once: each test here failed before its fix."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from optlab.control import RunControl
from optlab.diagnostics.norms import flat_norm, row_norms, tensors_norm
from optlab.engine import surface_group
from optlab.engine.loop import Past, run
from optlab.engine.task_group import TaskGroup
from optlab.engine.task_trial import TaskTrial
from optlab.params import InputError
from optlab.problems.linear_regression import LinearRegression
from optlab.records import Checkpoint, Columns, Event, Record, RunStop, State
from optlab.registry import Catalog
from optlab.spec import incompatible
from tests.core.engine.conftest import Collected, collect, collect_run, experiment

LINE: dict[str, Any] = {
    "problem": {"name": "linear-regression", "data": "noisy-line", "batch_size": 10},
    "training": {"steps": 40, "eval_every": 10},
    "optimizers": [{"name": "SGD"}, {"name": "Adam"}],
}
VALLEY: dict[str, Any] = {
    "problem": {"name": "rosenbrock", "noise": 0.1},
    "training": {"steps": 120},
    "optimizers": [{"name": "SGD", "lr": 1e-4}, {"name": "Adam", "lr": 0.05}],
}
EXACT = ("train_loss", "param_norm", "grad_norm", "update_norm", "lr", "grad_evals")


def training(tree: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return dict(tree) | {"training": tree["training"] | changes}


def checkpoints_by_step(catalog: Catalog, tree: dict[str, Any]) -> dict[int, Past]:
    """Return what a run has saved after each of its first steps, one by one."""
    control, kept = RunControl(), {}
    control.step()
    found: dict[int, dict[int, bytes]] = {}
    spec = experiment(catalog, tree)
    for record in run(
        spec, catalog, control, device="cpu", checkpoint_every=0.0, slice_seconds=0.0
    ):
        if isinstance(record, Checkpoint):
            found.setdefault(record.step, {})[record.trial] = record.data
        if isinstance(record, Event) and record.name == "step":
            control.stop() if record.step >= 8 else control.step()
    for step, data in found.items():
        kept[step] = Past(checkpoints=data)
    return kept


def assert_goes_on(whole: Collected, rest: Collected, trial: int, step: int) -> None:
    for name in EXACT:
        np.testing.assert_array_equal(
            rest.column(trial, name), whole.column(trial, name)[step + 1 :]
        )
    assert rest.stops[trial].batch_hash == whole.stops[trial].batch_hash


@pytest.mark.parametrize("zero_grad", [True, False])
@pytest.mark.parametrize("tree", [VALLEY, LINE], ids=["surface", "task"])
def test_that_trials_that_stand_at_different_steps_go_on_exactly(
    catalog: Catalog, tree: dict[str, Any], *, zero_grad: bool
) -> None:
    tree = training(tree, steps=30, zero_grad=zero_grad)
    whole = collect_run(catalog, tree)
    saved = checkpoints_by_step(catalog, tree)
    past = Past(checkpoints={0: saved[3].checkpoints[0], 1: saved[7].checkpoints[1]})
    records: list[Record] = []
    spec = experiment(catalog, tree)
    for record in run(spec, catalog, RunControl(), device="cpu", past=past):
        records.append(record)
        assert len(records) < 1000
    rest = collect(records)
    assert_goes_on(whole, rest, 0, 3)
    assert_goes_on(whole, rest, 1, 7)


@pytest.mark.parametrize("tree", [VALLEY, LINE], ids=["surface", "task"])
def test_that_a_trial_without_a_checkpoint_starts_again_beside_the_others(
    catalog: Catalog, tree: dict[str, Any]
) -> None:
    whole = collect_run(catalog, tree)
    saved = checkpoints_by_step(catalog, tree)
    past = Past(checkpoints={1: saved[7].checkpoints[1]})
    spec = experiment(catalog, tree)
    rest = collect(run(spec, catalog, RunControl(), device="cpu", past=past))
    assert_goes_on(whole, rest, 0, -1)
    assert_goes_on(whole, rest, 1, 7)


def test_that_single_steps_do_not_make_later_slices_long(catalog: Catalog) -> None:
    control, single, rows = RunControl(), 0, 0
    control.step()
    spec = experiment(catalog, training(VALLEY, steps=100_000))
    for record in run(spec, catalog, control, device="cpu", slice_seconds=9.0):
        if isinstance(record, Event) and record.name == "step":
            single += 1
            control.step() if single < 16 else control.resume()
        if isinstance(record, Columns) and single == 16:
            rows = rows or len(record.values["lr"])
            control.stop()
    assert rows <= 2


def test_that_a_slice_ends_early_when_rows_become_slow(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = collect_run(catalog, VALLEY, slice_seconds=1.0)
    monkeypatch.setattr(surface_group, "_LONGEST", 0.0)
    cut = collect_run(catalog, VALLEY, slice_seconds=1.0)
    pieces = [r for r in cut.records if isinstance(r, Columns) and r.trial == 0]
    assert len(pieces) == 121
    for name in EXACT:
        np.testing.assert_array_equal(whole.column(0, name), cut.column(0, name))


def test_that_warnings_of_numpy_stay_as_the_reader_has_them(catalog: Catalog) -> None:
    before = np.geterr()
    spec = experiment(catalog, VALLEY)
    for _ in run(spec, catalog, RunControl(), device="cpu"):
        assert np.geterr() == before


def test_that_a_divergence_before_a_failure_counts_wherever_slices_end(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[int, int] = {}
    plain = torch.optim.SGD.step

    def fragile(self: torch.optim.SGD, closure: Any = None) -> Any:
        taken[id(self)] = taken.get(id(self), 0) + 1
        if taken[id(self)] == 40:
            raise KeyError("no more")
        return plain(self, closure)

    monkeypatch.setattr(torch.optim.SGD, "step", fragile)
    tree = {
        "problem": {"name": "quadratic-1d"},
        "training": {"steps": 60, "divergence_limit": 1e6},
        "optimizers": [
            {"name": "SGD", "lr": 2.0},
            {"name": "SGD", "lr": 0.1, "label": "calm"},
        ],
    }
    for seconds in (0.0, 1.0):
        taken.clear()
        run_ = collect_run(catalog, tree, slice_seconds=seconds)
        assert run_.stops[0].state is State.DIVERGED
        assert run_.stops[1].state is State.FAILED
        assert run_.stops[1].step == 39
        assert len(run_.column(1, "lr")) == 40
        assert math.isfinite(run_.column(1, "param_norm")[-1])


@pytest.mark.parametrize("foreach", [True, False])
def test_that_the_gradient_norm_is_that_before_the_update(
    catalog: Catalog, *, foreach: bool
) -> None:
    # torch's foreach code adds the momentum to the gradient in place.
    entry = {"name": "SGD", "lr": 1e-3, "momentum": 0.9, "nesterov": True}
    tree = training(LINE, steps=10) | {"optimizers": [entry | {"foreach": foreach}]}
    plain = training(LINE, steps=10) | {"optimizers": [entry]}
    one, other = collect_run(catalog, tree), collect_run(catalog, plain)
    np.testing.assert_array_equal(
        one.column(0, "grad_norm"), other.column(0, "grad_norm")
    )


@pytest.mark.parametrize("at", [0, 20])
def test_that_a_failed_evaluation_ends_its_own_trial_alone(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    plain = TaskTrial._evaluate

    def hungry(self: TaskTrial, step: int) -> None:
        if self.start.trial == 0 and step == at:
            raise torch.OutOfMemoryError("CUDA out of memory")
        plain(self, step)

    whole = collect_run(catalog, LINE)
    monkeypatch.setattr(TaskTrial, "_evaluate", hungry)
    hurt = collect_run(catalog, LINE)
    assert hurt.stops[0].state is State.FAILED
    assert "smaller batch" in hurt.stops[0].reason
    assert hurt.stops[0].step == at
    assert len(hurt.column(0, "lr")) == at + 1
    assert hurt.stops[1].state is State.FINISHED
    np.testing.assert_array_equal(
        hurt.column(1, "train_loss"), whole.column(1, "train_loss")
    )


def test_that_a_run_that_fails_closes_every_trial_and_says_why(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, made = LinearRegression.batch, []

    def broken(self: LinearRegression, indices: Any) -> Any:
        made.append(indices)
        if len(made) > 20:
            raise torch.OutOfMemoryError("CUDA out of memory\nTried to allocate")
        return plain(self, indices)

    monkeypatch.setattr(LinearRegression, "batch", broken)
    records: list[Record] = []
    stream = run(
        experiment(catalog, LINE),
        catalog,
        RunControl(),
        device="cpu",
        slice_seconds=0.0,
    )
    with pytest.raises(torch.OutOfMemoryError):
        records.extend(stream)
    failed = collect(records)
    assert failed.stop.state is State.FAILED
    assert "smaller batch" in failed.stop.reason
    assert "\n" not in failed.stop.reason
    assert {s.state for s in failed.stops.values()} == {State.STOPPED}
    for trial in (0, 1):
        assert failed.stops[trial].step == len(failed.column(trial, "lr")) - 1 > 0


def test_that_models_that_do_not_fit_are_refused_before_a_run(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(LinearRegression, "build_model", hungry)
    with pytest.raises(InputError, match="fewer trials"):
        next(run(experiment(catalog, LINE), catalog, RunControl(), device="cpu"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"PK" + data[2:100],
        lambda data: data[: len(data) // 2],
        lambda data: data[:60] + b"\xff" * 20 + data[80:],
    ],
)
def test_that_a_damaged_checkpoint_is_refused_before_anything_is_written(
    catalog: Catalog, damage: Any
) -> None:
    whole = collect_run(catalog, LINE)
    data = damage(whole.checkpoints[0].data)
    records = run(
        experiment(catalog, training(LINE, steps=50)),
        catalog,
        RunControl(),
        device="cpu",
        past=Past(checkpoints={0: data, 1: whole.checkpoints[1].data}),
    )
    with pytest.raises(InputError, match="checkpoint"):
        next(records)


def test_that_a_checkpoint_of_another_experiment_is_refused(catalog: Catalog) -> None:
    other = collect_run(catalog, VALLEY).checkpoints[0].data
    records = run(
        experiment(catalog, LINE),
        catalog,
        RunControl(),
        device="cpu",
        past=Past(checkpoints={0: other}),
    )
    with pytest.raises(InputError, match="checkpoint"):
        next(records)


def test_that_an_interrupt_ends_the_threads_after_their_step(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spec = experiment(catalog, training(LINE, steps=100_000))
    plain, steps = TaskTrial.take_step, []

    def interrupted(self: TaskTrial) -> bool:
        steps.append(self)
        if len(steps) == 30:
            raise KeyboardInterrupt
        return plain(self)

    monkeypatch.setattr(TaskTrial, "take_step", interrupted)
    closed: list[TaskGroup] = []
    close = TaskGroup.close

    def closing(self: TaskGroup) -> None:
        close(self)
        closed.append(self)

    monkeypatch.setattr(TaskGroup, "close", closing)
    with pytest.raises(KeyboardInterrupt):
        list(run(spec, catalog, RunControl(), device="cpu", slice_seconds=10.0))
    assert closed
    assert len(steps) < 40
    assert not caplog.records


def test_that_a_stopped_trial_is_recorded_with_its_own_step(catalog: Catalog) -> None:
    tree = training(LINE, steps=40) | {
        "optimizers": [{"name": "SGD"}, {"name": "SGD", "batch_size": 5}]
    }
    control, records = RunControl(), []
    spec = experiment(catalog, tree)
    for record in run(spec, catalog, control, device="cpu", slice_seconds=0.0):
        records.append(record)
        if isinstance(record, Columns) and record.trial == 1 and record.first > 9:
            control.stop_trial(1)
    stopped = collect(records)
    (event,) = stopped.events
    assert (event.trial, event.step) == (1, stopped.stops[1].step)
    assert event.step == len(stopped.column(1, "lr")) - 1


def test_that_a_pause_after_single_steps_saves_them(catalog: Catalog) -> None:
    control = RunControl()
    control.step()
    spec = experiment(catalog, VALLEY)
    saved = []
    for record in run(spec, catalog, control, device="cpu"):
        if isinstance(record, Checkpoint):
            saved.append(record.step)
            if len(saved) == 2:
                break
    assert saved == [1, 1]


def test_that_a_batch_larger_than_a_reproduced_run_takes_one_step(
    catalog: Catalog,
) -> None:
    tree = {
        "problem": {
            "name": "linear-regression",
            "rng": "numpy-legacy",
            "batch_size": 1,
        },
        "training": {"steps": 3},
        "optimizers": [{"name": "SGD"}, {"name": "SGD", "batch_size": 5}],
    }
    run_ = collect_run(catalog, tree)
    assert run_.stops[1].state is State.FINISHED
    assert run_.stops[1].step == 1


def test_that_sparse_gradients_that_pile_up_go_on_exactly(catalog: Catalog) -> None:
    tree = {
        "problem": {"name": "sparse-embedding"},
        "training": {"steps": 12, "zero_grad": False},
        "optimizers": [{"name": "SparseAdam"}],
    }
    whole = collect_run(catalog, tree)
    past = checkpoints_by_step(catalog, tree)[5]
    spec = experiment(catalog, tree)
    rest = collect(run(spec, catalog, RunControl(), device="cpu", past=past))
    assert_goes_on(whole, rest, 0, 5)


def test_that_norms_of_huge_and_tiny_numbers_are_right() -> None:
    for size in (1e-170, 1e-300, 1.0, 1e170, 1e300):
        rows = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, np.nan], [np.inf, 1.0]])
        norms = row_norms(rows * size)
        assert norms[0] == pytest.approx(5 * size, rel=1e-14)
        assert norms[1] == 0
        assert math.isnan(norms[2])
        assert norms[3] == math.inf
        flat = torch.tensor([3.0, 4.0], dtype=torch.float64) * size
        assert float(flat_norm(flat)) == pytest.approx(5 * size, rel=1e-14)
        assert float(tensors_norm([flat, flat])) == pytest.approx(
            math.sqrt(2) * 5 * size, rel=1e-14
        )
    for size in (1e-30, 1e-24, 1.0, 1e30):
        flat = torch.tensor([3.0, 4.0]) * size
        assert float(flat_norm(flat)) == pytest.approx(5 * size, rel=1e-6)
    assert float(flat_norm(torch.zeros(3, dtype=torch.float64))) == 0


def test_that_a_run_always_ends_with_one_stop(catalog: Catalog) -> None:
    control = RunControl()
    control.stop()
    records = list(run(experiment(catalog, LINE), catalog, control, device="cpu"))
    assert [type(r) for r in records].count(RunStop) == 1


@pytest.mark.parametrize(
    ("training_", "size"),
    [({"epochs": 1e300}, 10), ({"epochs": 1.7e308}, 10), ({"steps": 2**63 - 1}, 5)],
)
def test_that_more_steps_than_a_file_can_count_are_refused(
    catalog: Catalog, training_: dict[str, Any], size: int
) -> None:
    entry = {"name": "SGD", "batch_size": size}
    tree = LINE | {"training": training_, "optimizers": [entry]}
    with pytest.raises(InputError, match="at most 9223372036854775807 steps"):
        next(run(experiment(catalog, tree), catalog, RunControl(), device="cpu"))


RESUMED: dict[str, dict[str, Any]] = {
    "rosenbrock": {"dim": 3, "noise": 0.1},
    "sparse-embedding": {"vocabulary": 50, "samples": 200},
    "image-classification": {"dataset": "digits", "batch_size": 2, "val_samples": 1},
}


@pytest.mark.parametrize("zero_grad", [True, False])
@pytest.mark.parametrize("problem", RESUMED)
def test_that_every_optimizer_goes_on_exactly(
    catalog: Catalog, problem: str, *, zero_grad: bool
) -> None:
    info = catalog.problems.get(problem)
    # All others go on in their own tests (`tests/core/optimizers`), on smaller models.
    ours = (o for o in catalog.optimizers if o.home == "torch")
    names = [o.name for o in ours if not incompatible(o, info)]
    tree = {
        "problem": {"name": problem} | RESUMED[problem],
        "training": {"steps": 4, "zero_grad": zero_grad, "divergence_limit": math.inf},
        "optimizers": [{"name": name} for name in names],
    }
    whole = collect_run(catalog, tree)
    past = checkpoints_by_step(catalog, tree)[2]
    assert len(past.checkpoints) >= len(names) - 1
    spec = experiment(catalog, tree)
    rest = collect(run(spec, catalog, RunControl(), device="cpu", past=past))
    for trial in past.checkpoints:
        assert_goes_on(whole, rest, trial, 2)
