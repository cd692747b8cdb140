"""A run file opens after the power failed, whatever the disk had not yet written."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from optlab.records import State
from optlab.store.notes import read_notes
from optlab.store.run_data import RunData
from optlab.store.run_file import read_resume
from tests.core.store.synthetic import DENSE, column
from tests.core.torture.conftest import Nursery
from tests.core.torture.power import images, read_trace
from tests.core.torture.runs import check_integrity
from tests.core.torture.writers import (
    CLOSED,
    CLOSED_AGAIN,
    NOTES,
    SAVED_AT,
    STEPS,
)
from tests.promises import Note, Times


def last_steps(path: Path) -> list[int]:
    """Check what was recorded of each trial, and return their last steps."""
    data, lasts = RunData.open(path), []
    for trial in data.trials:
        last = data.status(trial.trial).step
        for name in DENSE:
            values = data.series(trial.trial, name).arrays()[1]
            expected = column(trial.trial, name, np.arange(last + 1))
            assert values.tobytes() == expected.tobytes()
        lasts.append(last)
    return lasts


@pytest.mark.promise(2, "the power fails; what was not synced is lost or reordered")
def test_that_a_run_file_opens_after_the_power_failed(
    tmp_path: Path, failing: Nursery, times: Times, measured: Note
) -> None:
    folder, trace = tmp_path / "disk", tmp_path / "trace"
    folder.mkdir()
    done = failing.run(
        str(folder / "run.optlab"),
        folder=tmp_path,
        call="tests.core.torture.writers:write_run",
        shim={"watch": str(folder), "trace": str(trace)},
    )
    assert done.code == 0, done.err
    there = whole = 0
    count = times(60, 1000)
    for i, (notes, image) in enumerate(images(read_trace(trace), count, seed=2)):
        found = tmp_path / f"image{i}"
        found.mkdir()
        for name, content in image.items():
            (found / Path(name).name).write_bytes(content)
        path = found / "run.optlab"
        if not path.exists():
            assert CLOSED not in notes
            continue
        there += 1
        said = read_notes(path)
        assert not said.fault
        assert said.text in ("", *NOTES)
        lasts = last_steps(path)
        check_integrity(path)
        if CLOSED in notes:
            # It goes on from a checkpoint then, and has been cut back to it.
            assert min(lasts) >= SAVED_AT
            saved = read_resume(path).trials
            assert [t.checkpoint for t in saved] == [
                bytes([trial]) * 1_000_000 for trial in (0, 1)
            ]
        if CLOSED_AGAIN in notes:
            assert lasts == [STEPS, STEPS]
            assert RunData.open(path).state is State.FINISHED
            whole += 1
        shutil.rmtree(found)
    assert there > count / 2
    measured(
        f"{there} of {count} had a file, and each opened; {whole} closed and whole"
    )
