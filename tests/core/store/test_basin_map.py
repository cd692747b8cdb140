"""The file of a map of basins: it comes back as it was, and no other file does."""

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optlab.params import InputError
from optlab.records import State
from optlab.spec.basin_map import CODES, NOWHERE, MapPart, MapPlan
from optlab.store.basin_map import BasinMap

PLAN = MapPlan(
    x=(-1.0, 3.0),
    y=(0.1, 0.7),
    columns=4,
    rows=3,
    steps=50,
    near=0.1,
    minima=((0.0, 0.5), (2.0, 0.25)),
)


def part(entry: int = 0, *, first: int = 0, count: int = 12, **rest: Any) -> MapPart:
    given: dict[str, Any] = {
        "minimum": np.full(count, 1, np.int16),
        "since": np.arange(count, dtype=np.int32),
        "codes": np.full(count, CODES[State.FINISHED], np.uint8),
        "step": 50,
        "alone": False,
    } | rest
    return MapPart(entry=entry, first=first, **given)


def a_map() -> BasinMap:
    found = BasinMap(PLAN, labels=("SGD", "=Adam"), title="Two", spec_text="format = 1")
    found.take(part())
    found.take(part(1, first=2, count=3, alone=True))
    found.stop()
    return found


def test_that_a_map_comes_back_as_it_was(tmp_path: Path) -> None:
    path, before = tmp_path / "map.npz", a_map()
    before.write(path)
    after = BasinMap.read(path)
    for name in ("plan", "labels", "title", "spec_text", "alone"):
        assert getattr(after, name) == getattr(before, name)
    for name in ("minimum", "since", "codes"):
        assert np.array_equal(getattr(after, name), getattr(before, name))
    assert after.over
    assert after.share == 1.0


def test_that_numpy_reads_a_map_without_optlab(tmp_path: Path) -> None:
    a_map().write(tmp_path / "map.npz")
    with np.load(tmp_path / "map.npz", allow_pickle=False) as found:
        assert found["since"][0].tolist() == list(range(12))
        assert json.loads(found["header"].tobytes())["labels"] == ["SGD", "=Adam"]


def test_that_starts_are_the_centres_of_cells_row_by_row() -> None:
    starts = PLAN.starts()
    assert starts.shape == (2, 12)
    np.testing.assert_allclose(starts[:, 0], (-0.5, 0.2))
    np.testing.assert_allclose(starts[:, 1], (0.5, 0.2))
    np.testing.assert_allclose(starts[:, 4], (-0.5, 0.4))
    assert [PLAN.cell_at(*start) for start in starts.T] == list(range(12))
    assert PLAN.cell_at(3.1, 0.5) is None
    assert PLAN.cell_at(0.0, 0.0) is None


def test_that_what_was_not_done_is_stopped() -> None:
    found = a_map()
    assert found.state(0, 0) is State.FINISHED
    assert found.state(1, 1) is State.STOPPED
    assert found.state(1, 2) is State.FINISHED
    assert found.minimum[1, 1] == NOWHERE


def test_that_the_share_of_the_steps_grows_to_one() -> None:
    found = BasinMap(PLAN, labels=("SGD", "Adam"))
    shares = [found.share]
    for entry, first, step in ((0, 0, 25), (0, 0, 50), (1, 0, 50), (1, 6, 50)):
        count = 12 if entry == 0 else 6
        running = np.full(count, CODES[State.RUNNING], np.uint8)
        found.take(part(entry, first=first, count=count, step=step, codes=running))
        shares.append(found.share)
    assert shares == [0, 0.25, 0.5, 0.75, 1.0]


def test_that_a_map_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "map.npz"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="overwritten"):
        a_map().write(path)
    assert path.read_bytes() == b"mine"
    a_map().write(path, overwrite=True)
    assert BasinMap.read(path).title == "Two"
    assert list(tmp_path.iterdir()) == [path]


def changed(path: Path, name: str, data: bytes | None) -> Path:
    """Write the file of a map with another member, or without one."""
    original = io.BytesIO()
    whole = path.with_name("whole.npz")
    a_map().write(whole, overwrite=True)
    original.write(whole.read_bytes())
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(path, "w") as target:
        for info in source.infolist():
            content = data if info.filename == name else source.read(info)
            if content is not None:
                target.writestr(info.filename, content)
    return path


def npy(array: Any, **rest: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **rest)
    return file.getvalue()


def header(**changes: Any) -> bytes:
    whole: dict[str, Any] = {
        "format": 1,
        "title": "Two",
        "labels": ["SGD", "Adam"],
        "spec": "",
        "alone": [],
        "plan": {
            "x": [0, 1],
            "y": [0, 1],
            "columns": 4,
            "rows": 3,
            "steps": 5,
            "near": 0.1,
            "minima": [[0, 0], [1, 1]],
            "rest": [],
        },
    }
    whole["plan"] |= changes.pop("plan", {})
    text = json.dumps(whole | changes).encode()
    return npy(np.frombuffer(text, np.uint8))


BAD = {
    "no header": ("header.npy", None),
    "no array": ("codes.npy", None),
    "no array at all": ("codes.npy", b"codes"),
    "a pickle": ("codes.npy", pickle.dumps([1])),
    "an array of objects": ("codes.npy", npy(np.array([None, {}]), allow_pickle=True)),
    "another shape": ("codes.npy", npy(np.zeros((2, 13), np.uint8))),
    "another kind": ("codes.npy", npy(np.zeros((2, 12), np.float64))),
    "no such state": ("codes.npy", npy(np.full((2, 12), 99, np.uint8))),
    "a trial that goes on": ("codes.npy", npy(np.full((2, 12), 1, np.uint8))),
    "no such minimum": ("minimum.npy", npy(np.full((2, 12), 2, np.int16))),
    "negative steps": ("since.npy", npy(np.full((2, 12), -1, np.int32))),
    "half an array": ("since.npy", npy(np.zeros((2, 12), np.int32))[:-9]),
    "a header that is no JSON": ("header.npy", npy(np.zeros(9, np.uint8))),
    "a header that is a list": ("header.npy", npy(np.frombuffer(b"[1]", np.uint8))),
    "a newer format": ("header.npy", header(format=2)),
    "a label that is a number": ("header.npy", header(labels=["SGD", 3])),
    "too many starts": ("header.npy", header(plan={"columns": 10**9})),
    "no columns": ("header.npy", header(plan={"columns": 0})),
    "half a column": ("header.npy", header(plan={"columns": 4.5})),
    "a range that is none": ("header.npy", header(plan={"x": [1, 1]})),
    "an endless range": ("header.npy", header(plan={"x": [0, float("inf")]})),
    "a minimum of one number": ("header.npy", header(plan={"minima": [[1]]})),
    "nested": ("header.npy", npy(np.frombuffer(b"[" * 100_000, np.uint8))),
}


@pytest.mark.parametrize(("name", "data"), BAD.values(), ids=list(BAD))
def test_that_no_other_file_is_taken_for_a_map(
    name: str, data: bytes | None, tmp_path: Path
) -> None:
    path = changed(tmp_path / "map.npz", name, data)
    with pytest.raises(InputError, match="no map of basins"):
        BasinMap.read(path)


def test_that_the_unchanged_members_are_a_map(tmp_path: Path) -> None:
    assert BasinMap.read(changed(tmp_path / "map.npz", "", b"")).title == "Two"
    whole = changed(tmp_path / "other.npz", "header.npy", header())
    assert BasinMap.read(whole).plan.steps == 5


def test_that_a_cut_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "map.npz"
    a_map().write(path)
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError):
            BasinMap.read(path)
