"""A live run and its file say the same."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optlab.params import InputError
from optlab.records import (
    Checkpoint,
    Columns,
    Event,
    Record,
    RunStop,
    State,
    TrialMemory,
)
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter, read_resume
from tests.core.store.synthetic import (
    METRICS,
    RESOLVED_TEXT,
    SPARSE,
    SPEC_TEXT,
    evaluation,
    rows,
    start,
    stop,
    whole_run,
)


def record_run(path: Path, records: Iterable[Record], *, close: bool = True) -> RunData:
    """Write records to a file and return the live data of the same records."""
    live = RunData(spec_text=SPEC_TEXT, path=path)
    writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT)
    for record in records:
        writer.append(record)
        live.append(record)
    if close:
        writer.close()
    return live


def state_of(data: RunData) -> str:
    return data.state.value


def assert_same(one: RunData, other: RunData) -> None:
    for name in ("spec_text", "title", "device", "trials", "metrics", "sparse"):
        assert getattr(one, name) == getattr(other, name)
    assert dict(one.versions) == dict(other.versions)
    assert (one.state, one.reason) == (other.state, other.reason)
    assert one.events() == other.events()
    for trial in (t.trial for t in one.trials):
        assert one.status(trial) == other.status(trial)
        for metric in one.metrics:
            a, b = one.series(trial, metric), other.series(trial, metric)
            assert a.dense == b.dense
            for mine, theirs in zip(a.arrays(), b.arrays(), strict=True):
                assert mine.tobytes() == theirs.tobytes(), (trial, metric)
    # repr, because nan is not equal to itself
    assert repr(one.summary()) == repr(other.summary())


@pytest.mark.parametrize(
    ("steps", "slice_rows"), [(0, 1), (1, 1), (100, 7), (9000, 900), (5000, 5000)]
)
def test_that_a_closed_file_equals_the_live_run(
    tmp_path: Path, steps: int, slice_rows: int
) -> None:
    path = tmp_path / "run.optlab"
    records = whole_run(
        ("SGD", "Adam, 中文"), seeds=(0, 1), steps=steps, slice_rows=slice_rows
    )
    live = record_run(path, records)
    assert_same(RunData.open(path), live)
    assert [p.name for p in tmp_path.iterdir()] == ["run.optlab"]


def test_that_a_run_with_a_diverged_trial_equals_its_file(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    live = record_run(path, whole_run(diverged={1: 57}))
    opened = RunData.open(path)
    assert_same(opened, live)
    row = opened.summary()[1]
    assert (row.status, row.steps) == (State.DIVERGED, 57)
    assert row.final_train_loss == np.inf
    assert row.best_train_loss is not None
    assert np.isfinite(row.best_train_loss)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 14, 20, 40])
def test_that_a_file_equals_the_live_run_after_any_record(
    tmp_path: Path, count: int
) -> None:
    path = tmp_path / "run.optlab"
    live = RunData(spec_text=SPEC_TEXT, path=path)
    with RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0) as writer:
        for record, _ in zip(whole_run(), range(count), strict=False):
            writer.append(record)
            live.append(record)
        assert_same(RunData.open(path), live)


def test_that_a_live_run_announces_its_trials_and_metrics() -> None:
    live = RunData()
    assert state_of(live) == "queued"
    assert len(live.series(0, "val_loss")) == 0
    before = live.revision
    live.append(start())
    assert live.revision > before
    assert state_of(live) == "running"
    assert live.metrics == METRICS
    assert live.title == "A test"
    assert live.status(0).state is State.QUEUED
    assert not live.series(0, "val_loss").dense
    live.append(rows(0, 0, 5))
    assert live.status(0).state is State.RUNNING
    assert live.status(0).step == 4


def test_that_memory_is_known_from_the_first_steps_on(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    records: list[Record] = [
        start(),
        rows(0, 0, 2),
        TrialMemory(trial=0, state_floats_per_param=2.0),
        rows(0, 2, 5),
    ]
    live = record_run(path, records, close=True)
    for data in (live, RunData.open(path)):
        assert data.status(0).state_floats_per_param == 2.0
        assert data.status(0).step == 6
        assert data.summary()[0].state_floats_per_param == 2.0
        assert data.status(1).state_floats_per_param is None


def test_that_a_pause_shows_in_every_trial_that_has_not_ended() -> None:
    live = RunData()
    live.append(start())
    live.append(rows(0, 0, 5))
    live.append(rows(1, 0, 5))
    live.append(stop(1, 4))
    live.append(Event(trial=None, step=4, name="pause"))
    assert state_of(live) == "paused"
    assert [live.status(t).state for t in (0, 1)] == [State.PAUSED, State.FINISHED]
    live.append(Event(trial=None, step=4, name="resume"))
    assert state_of(live) == "running"
    assert live.status(0).state is State.RUNNING


def test_that_the_summary_holds_what_the_design_says() -> None:
    live = RunData()
    live.append(start(("SGD",)))
    live.append(rows(0, 0, 101))
    live.append(evaluation(0, 100))
    live.append(stop(0, 100))
    live.append(RunStop(state=State.FINISHED))
    loss = rows(0, 0, 101).values["train_loss"]
    row = live.summary()[0]
    assert row.final_train_loss == loss[-10:].mean()
    assert row.best_train_loss == np.nanmin(loss)
    assert row.best_step == np.nanargmin(loss)
    assert row.final_val_loss == 1 / 101
    assert row.final_val_accuracy == 1 - 1 / 102
    assert (row.steps, row.grad_evals, row.batch_hash) == (100, 100, "0" * 16)


def test_that_what_was_not_measured_is_none_in_the_summary() -> None:
    live = RunData()
    live.append(start(("SGD",), metrics=("train_loss", "lr"), sparse=()))
    live.append(rows(0, 0, 1, metrics=("train_loss", "lr"), sparse=()))
    row = live.summary()[0]
    assert row.final_train_loss is None
    assert row.best_train_loss is None
    assert row.best_step is None
    assert row.final_val_loss is None
    assert row.state_floats_per_param is None


def test_that_rows_with_a_gap_are_refused(tmp_path: Path) -> None:
    def refuses(append: Callable[[Record], None]) -> None:
        append(start())
        append(rows(0, 0, 5))
        with pytest.raises(ValueError, match="row 5"):
            append(rows(0, 6, 5))

    refuses(RunData().append)
    with RunWriter(tmp_path / "r.optlab", "", resolved_text="") as writer:
        refuses(writer.append)


def interrupted(path: Path, *, kept: int) -> list[Record]:
    """Write a run that ends without `RunStop`, and return its records."""
    records: list[Record] = [
        r for r in whole_run(steps=60) if not isinstance(r, Checkpoint | RunStop)
    ]
    records = records[:kept]
    writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT)
    for record in records:
        writer.append(record)
    writer.close()
    return records


def test_that_an_interrupted_run_opens_as_stopped(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    interrupted(path, kept=20)
    data = RunData.open(path)
    assert data.state is State.STOPPED
    assert "interrupted" in data.reason
    assert {data.status(t.trial).state for t in data.trials} == {State.STOPPED}
    point = read_resume(path)
    assert point.state is State.RUNNING
    assert [t.state for t in point.trials] == [State.RUNNING] * 2
    assert (point.spec_text, point.resolved_text) == (SPEC_TEXT, RESOLVED_TEXT)


def resumed_run(path: Path, saved: dict[int, int], until: int) -> RunData:
    """Go on from checkpoints at ``saved`` as the engine does; return live data."""
    writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, resume=True)
    live = RunData.open(path)
    records: list[Record] = [start(steps=until, resumed=True)]
    for trial in (0, 1):
        first = saved.get(trial, -1) + 1
        records.append(rows(trial, first, until + 1 - first))
        records += [evaluation(trial, s) for s in range(first, until + 1) if not s % 10]
        records.append(stop(trial, until))
    records.append(RunStop(state=State.FINISHED))
    for record in records:
        live.append(record)
        writer.append(record)
    writer.close()
    return live


@pytest.mark.parametrize("saved", [{}, {0: 25}, {0: 30, 1: 12}, {0: 0, 1: 60}])
def test_that_a_resumed_run_equals_one_that_was_not_interrupted(
    tmp_path: Path, saved: dict[int, int]
) -> None:
    path = tmp_path / "run.optlab"
    writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0)
    for record in whole_run(steps=60):
        if isinstance(record, Checkpoint | RunStop) or record == stop(1, 60):
            continue
        if record != stop(0, 60):
            writer.append(record)
        if isinstance(record, Columns):
            step = record.first + len(record.values["lr"]) - 1
            if step >= saved.get(record.trial, 10**9):
                at = saved.pop(record.trial)
                checkpoint = Checkpoint(trial=record.trial, step=at, data=b"state")
                writer.append(checkpoint)
                saved = {**saved, -record.trial - 1: at}
    saved = {-key - 1: step for key, step in saved.items()}
    writer.close()

    point = read_resume(path)
    assert {t.trial: t.step for t in point.trials if t.checkpoint} == saved
    live = resumed_run(path, saved, 80)
    opened = RunData.open(path)
    assert_same(opened, live)
    whole = RunData(spec_text=SPEC_TEXT)
    for record in whole_run(steps=80):
        whole.append(record)
    for trial in (0, 1):
        for metric in METRICS:
            mine = opened.series(trial, metric).arrays()
            theirs = whole.series(trial, metric).arrays()
            if metric not in SPARSE:
                assert mine[1].tobytes() == theirs[1].tobytes(), (trial, metric)
            assert mine[0].tolist() == theirs[0].tolist(), (trial, metric)


def test_that_rows_that_come_again_replace_those_after_them(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    other = rows(0, 40, 5)
    other.values["param_norm"][:] = 7.0
    records: list[Record] = [
        start(),
        rows(0, 0, 60),
        evaluation(0, 30),
        evaluation(0, 50),
        other,
        evaluation(0, 44),
    ]
    live = record_run(path, records)
    opened = RunData.open(path)
    for data in (live, opened):
        assert len(data.series(0, "lr")) == 45
        assert data.series(0, "param_norm").at(42) == 7.0
        assert data.series(0, "param_norm").at(39) != 7.0
        assert data.series(0, "val_loss").arrays()[0].tolist() == [30, 44]


def test_that_an_ended_trial_stays_as_it_is_when_the_run_goes_on(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    record_run(path, [r for r in whole_run() if not isinstance(r, Checkpoint)])
    with RunWriter(path, "", resolved_text="", resume=True) as writer:
        live = RunData.open(path)
        for append in (writer.append, live.append):
            append(start(steps=200, resumed=True))
        assert live.status(0).state is State.FINISHED
        assert live.status(0).step == 100
        for append in (writer.append, live.append):
            append(rows(0, 101, 50))
        assert live.status(0).state is State.RUNNING
        assert live.status(1).state is State.FINISHED
        writer.flush()
        opened = RunData.open(path)
        assert opened.spec_text == SPEC_TEXT
        assert_same(opened, live)


def test_that_a_series_of_a_run_that_goes_on_is_as_long_as_its_status_says(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    with RunWriter(path, "", resolved_text="", interval=0) as writer:
        writer.append(start())
        writer.append(rows(0, 0, 10))
        opened = RunData.open(path)
        writer.append(rows(0, 10, 10))
        writer.append(evaluation(0, 15))
        assert opened.status(0).step == 9
        assert len(opened.series(0, "train_loss")) == 10
        assert len(opened.series(0, "val_loss")) == 0
        assert opened.state is State.RUNNING


def test_that_a_file_is_not_kept_open_by_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    record_run(path, whole_run())
    data = RunData.open(path)
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        data.series(0, "train_loss")
    assert replace(data.trials[0], label="x") != data.trials[0]


def test_that_what_is_read_ahead_is_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    live = record_run(path, whole_run(steps=5000, slice_rows=900))
    data = RunData.open(path)
    data.read_ahead([*data.metrics, "no such metric"])
    data.read_ahead(data.metrics)
    assert_same(data, live)


def test_that_damage_that_is_read_ahead_shows_where_it_is_asked_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    record_run(path, whole_run(steps=5000, slice_rows=900))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE chunk SET data = x'00' WHERE metric = 0")
        connection.commit()
    data = RunData.open(path)
    data.read_ahead(data.metrics)
    for _ in range(2):
        with pytest.raises(InputError, match="damaged"):
            data.series(0, data.metrics[0])
    assert len(data.series(0, data.metrics[1]))
