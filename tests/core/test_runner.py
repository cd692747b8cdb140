"""The road that both front ends take: an experiment into a run file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.registry import Catalog
from optlab.runner import Runner, describe, new_folder, surface_of
from optlab.spec import ExperimentSpec, parse_spec
from optlab.store.run_data import RunData

TREE: dict[str, Any] = {
    "title": "a valley",
    "problem": {"name": "rosenbrock"},
    "training": {"steps": 2000},
    "optimizers": [
        {"name": "SGD", "lr": 1e-3},
        {"name": "Adam", "lr": 0.05},
        {"name": "SGD", "lr": 1e3, "label": "wild"},
    ],
}


LINE: dict[str, Any] = {
    "problem": {"name": "linear-regression", "data": "noisy-line", "batch_size": 10},
    "training": {"steps": 20},
    "optimizers": [{"name": "SGD"}, {"name": "Adam"}],
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def spec(catalog: Catalog, **training: Any) -> ExperimentSpec:
    return parse_spec(TREE | {"training": TREE["training"] | training}, catalog)


def finish(runner: Runner) -> RunData:
    for _ in runner.run():
        pass
    return runner.data


def stopped(catalog: Catalog, folder: Path, *, after: int) -> Runner:
    runner = Runner(spec(catalog), catalog, folder=folder, slice_seconds=0.0)
    for count, _ in enumerate(runner.run()):
        if count == after:
            runner.control.stop()
    return runner


def assert_equal_values(one: RunData, other: RunData, trial: int) -> None:
    for metric in ("train_loss", "param_norm", "x0", "x1", "lr", "grad_evals"):
        for a, b in zip(
            one.series(trial, metric).arrays(),
            other.series(trial, metric).arrays(),
            strict=True,
        ):
            np.testing.assert_array_equal(a, b)


def test_that_what_was_watched_live_is_what_the_file_holds(
    catalog: Catalog, tmp_path: Path
) -> None:
    runner = Runner(spec(catalog), catalog, folder=tmp_path)
    live = finish(runner)
    read = RunData.open(runner.path)
    assert read.state is live.state is State.FINISHED
    assert read.summary() == live.summary()
    assert [row.status for row in read.summary()] == [
        "finished",
        "finished",
        "diverged",
    ]
    for trial in range(3):
        assert_equal_values(live, read, trial)


def test_that_a_stopped_run_goes_on_with_the_same_bits(
    catalog: Catalog, tmp_path: Path
) -> None:
    whole = finish(Runner(spec(catalog), catalog, folder=tmp_path / "whole"))
    first = stopped(catalog, tmp_path / "cut", after=20)
    assert 0 < first.data.status(0).step < 2000
    again = Runner.resume(first.path, catalog)
    data = finish(again)
    read = RunData.open(first.path)
    for trial in range(3):
        assert data.status(trial).state is whole.status(trial).state
        assert data.status(trial).step == whole.status(trial).step
        assert_equal_values(whole, data, trial)
        assert_equal_values(whole, read, trial)


def test_that_a_finished_run_goes_on_only_with_more_steps(
    catalog: Catalog, tmp_path: Path
) -> None:
    runner = Runner(spec(catalog), catalog, folder=tmp_path)
    finish(runner)
    with pytest.raises(InputError, match="more steps"):
        Runner.resume(runner.path, catalog)
    with pytest.raises(InputError, match="2000 steps"):
        Runner.resume(runner.path, catalog, steps=1999)
    longer = finish(Runner.resume(runner.path, catalog, steps=2500))
    at_once = finish(
        Runner(spec(catalog, steps=2500), catalog, folder=tmp_path / "at-once")
    )
    for trial in range(2):
        assert longer.status(trial).step == 2500
        assert_equal_values(at_once, longer, trial)
    assert longer.status(2).state is State.DIVERGED


def test_that_a_trial_stopped_by_hand_stays_stopped(
    catalog: Catalog, tmp_path: Path
) -> None:
    runner = Runner(spec(catalog), catalog, folder=tmp_path, slice_seconds=0.0)
    for count, _ in enumerate(runner.run()):
        if count == 10:
            runner.control.stop_trial(0)
        if count == 60:
            runner.control.stop()
    at = runner.data.status(0).step
    data = finish(Runner.resume(runner.path, catalog))
    assert (data.status(0).state, data.status(0).step) == (State.STOPPED, at)
    assert data.status(1).state is State.FINISHED


def test_that_a_run_never_overwrites_another(catalog: Catalog, tmp_path: Path) -> None:
    finish(Runner(spec(catalog, steps=3), catalog, folder=tmp_path))
    before = (tmp_path / "run.optlab").read_bytes()
    with pytest.raises(InputError, match=r"run\.optlab"):
        finish(Runner(spec(catalog, steps=4), catalog, folder=tmp_path))
    assert (tmp_path / "run.optlab").read_bytes() == before


def test_that_leaving_a_run_in_the_middle_closes_its_file(
    catalog: Catalog, tmp_path: Path
) -> None:
    runner = Runner(spec(catalog), catalog, folder=tmp_path, slice_seconds=0.0)
    steps = runner.run()
    for _ in range(30):
        next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert [f.name for f in tmp_path.iterdir()] == ["run.optlab"]
    assert RunData.open(runner.path).status(0).step > 0


def test_that_an_abandoned_run_is_stopped_and_not_failed(
    catalog: Catalog, tmp_path: Path
) -> None:
    runner = Runner(spec(catalog), catalog, folder=tmp_path, slice_seconds=0.0)
    steps = runner.run()
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert runner.data.state is State.STOPPED
    assert runner.data.reason == "interrupted"


def test_that_more_steps_are_counted_in_those_of_the_run(
    catalog: Catalog, tmp_path: Path
) -> None:
    tree = LINE | {"optimizers": [{"name": "SGD"}, {"name": "Adam", "batch_size": 5}]}
    finish(Runner(parse_spec(tree, catalog), catalog, folder=tmp_path))
    path = tmp_path / "run.optlab"
    with pytest.raises(InputError, match="20 steps"):
        Runner.resume(path, catalog, steps=19)
    data = finish(Runner.resume(path, catalog, steps=25))
    assert (data.status(0).step, data.status(1).step) == (25, 50)


def test_that_a_run_that_failed_goes_on_from_what_it_saved(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from optlab.problems.linear_regression import LinearRegression

    line = parse_spec(LINE, catalog)
    whole = finish(Runner(line, catalog, folder=tmp_path / "whole"))
    plain, made = LinearRegression.batch, []

    def broken(self: LinearRegression, indices: Any) -> Any:
        made.append(indices)
        if len(made) > 10:
            raise RuntimeError("no data\nany more")
        return plain(self, indices)

    with monkeypatch.context() as patch:
        patch.setattr(LinearRegression, "batch", broken)
        runner = Runner(line, catalog, folder=tmp_path / "cut", slice_seconds=0.0)
        with pytest.raises(RuntimeError):
            finish(runner)
    read = RunData.open(runner.path)
    assert (read.state, read.reason) == (State.FAILED, "RuntimeError: no data any more")
    assert read.status(0).state is State.STOPPED
    data = finish(Runner.resume(runner.path, catalog))
    for trial in (0, 1):
        for metric in ("train_loss", "param_norm", "grad_evals"):
            np.testing.assert_array_equal(
                data.series(trial, metric).arrays()[1],
                whole.series(trial, metric).arrays()[1],
            )


def test_that_a_damaged_checkpoint_leaves_the_file_as_it_is(
    catalog: Catalog, tmp_path: Path
) -> None:
    import sqlite3

    runner = stopped(catalog, tmp_path, after=20)
    with sqlite3.connect(runner.path) as connection:
        connection.execute("UPDATE checkpoint SET data = ? WHERE trial = 1", (b"PK",))
    connection.close()
    before = runner.path.read_bytes()
    with pytest.raises(InputError, match="checkpoint cannot be read"):
        finish(Runner.resume(runner.path, catalog))
    assert runner.path.read_bytes() == before


def test_that_an_experiment_is_described_without_being_run(catalog: Catalog) -> None:
    tree = {
        "problem": {"name": "image-classification", "dataset": "digits"},
        "training": {"steps": 1},
        "optimizers": [{"name": "Muon"}],
    }
    description = describe(parse_spec(tree, catalog), catalog)
    assert description.n_parameters == 145_578
    assert description.train_size == 1437
    first = description.parameters[0]
    assert (first.name, first.shape) == ("conv1.weight", (32, 3, 5, 5))
    assert first.kinds == (":convolutions",)
    assert description.notes


def test_that_a_surface_is_at_hand_without_torch(catalog: Catalog) -> None:
    surface = surface_of(spec(catalog), catalog)
    assert surface is not None
    assert surface.minima == ((1.0, 1.0),)


def test_that_each_new_folder_is_its_own(tmp_path: Path) -> None:
    first, second = (new_folder(tmp_path, "A title / of two") for _ in range(2))
    assert first != second
    assert first.is_dir()
    assert second.is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"):
        new_folder(tmp_path / "file", "title")
