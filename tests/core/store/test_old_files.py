"""Run files of every version of the program open; those of a newer one are refused.

``old/`` holds files as the first version wrote them, packed: there has been one format
since, of which later versions use encodings more often.
"""

import gzip
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optlab.export.csv_files import write_metrics_csv
from optlab.params import InputError
from optlab.records import Columns, Floats, State
from optlab.store.database import FORMAT
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter, read_resume
from tests.core.store.synthetic import start

OLD = sorted((Path(__file__).parent / "old").glob("*.optlab.gz"))
LAST = 4300
SAVED = 4100


def expected() -> dict[str, Floats]:
    rows = np.arange(LAST + 1)
    return {
        "samples": 64.0 * rows,
        "epoch": rows / 782,
        "lr": np.where(rows == 0, np.nan, 0.1),
        "train_loss": np.where(rows == 0, np.nan, (rows * rows % 1000) / 7),
    }


def unpacked(packed: Path, folder: Path) -> Path:
    path = folder / packed.name.removesuffix(".gz")
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.promise(17, "run files of every earlier version open, unchanged")
@pytest.mark.parametrize("packed", OLD, ids=lambda path: path.name)
def test_that_a_file_of_an_earlier_version_opens_and_stays_as_it_is(
    tmp_path: Path, packed: Path
) -> None:
    path = unpacked(packed, tmp_path)
    before = fingerprint(path)
    data = RunData.open(path)
    for metric, values in expected().items():
        assert data.series(0, metric).values.tobytes() == values.tobytes(), metric
    steps, losses = data.series(0, "val_loss").arrays()
    assert steps.tolist() == [0, 2000, 4000]
    assert losses.tolist() == [1 / (step + 1) for step in steps]
    assert [event.name for event in data.events()] == ["pause"]
    ended = "finished" in path.name
    assert data.state is (State.FINISHED if ended else State.STOPPED)
    assert data.summary()[0].steps == LAST
    write_metrics_csv(data, tmp_path / "metrics.csv")
    assert read_resume(path).trials[0].checkpoint == b"saved"
    assert fingerprint(path) == before
    assert not list(tmp_path.glob("*.optlab-*"))


@pytest.mark.promise(17, "a run of an earlier version goes on, or stays as it was")
@pytest.mark.parametrize("fails", [False, True])
def test_that_a_run_of_an_earlier_version_goes_on_or_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    path = unpacked(next(p for p in OLD if "killed" in p.name), tmp_path)
    if fails:
        monkeypatch.setattr(
            "optlab.store.recorder.Recorder._write_statuses", _failing("disk I/O error")
        )
        with pytest.raises(InputError, match="cannot be written: disk I/O error"):
            RunWriter(path, "", resolved_text="", resume=True)
        monkeypatch.undo()
        assert len(RunData.open(path).series(0, "lr")) == LAST + 1
        return
    metrics = (*expected(), "val_loss")
    begin = start(
        ("SGD",), steps=5000, metrics=metrics, sparse=("val_loss",), resumed=True
    )
    rest = {name: values[SAVED + 1 :] for name, values in expected().items()}
    with RunWriter(path, "", resolved_text="", resume=True) as writer:
        assert len(RunData.open(path).series(0, "lr")) == SAVED + 1
        writer.append(begin)
        writer.append(Columns(trial=0, first=SAVED + 1, values=rest))
    data = RunData.open(path)
    for metric, values in expected().items():
        assert data.series(0, metric).values.tobytes() == values.tobytes(), metric


def _failing(reason: str) -> Callable[..., None]:
    def fail(*_: Any) -> None:
        raise sqlite3.OperationalError(reason)

    return fail


@pytest.mark.promise(17, "a run file of a newer format is refused in one sentence")
@pytest.mark.parametrize("version", [FORMAT + 1, FORMAT + 41, 2**31 - 1])
def test_that_a_newer_format_is_refused_and_nothing_is_written(
    tmp_path: Path, version: int
) -> None:
    path = unpacked(OLD[0], tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("DROP TABLE summary")
    before = fingerprint(path)
    doors: tuple[Callable[[], object], ...] = (
        lambda: RunData.open(path),
        lambda: read_resume(path),
        lambda: RunWriter(path, "", resolved_text="", resume=True),
    )
    for door in doors:
        with pytest.raises(InputError) as error:
            door()
        assert str(error.value).count("\n") == 0
        assert f"written in format {version}" in str(error.value)
        assert "use a newer one" in str(error.value)
    assert fingerprint(path) == before
