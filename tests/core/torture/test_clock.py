"""A clock that jumps changes no duration, no order and no result."""

import signal
from pathlib import Path

import numpy as np
import pytest

from optlab.records import State
from optlab.store.run_data import RunData
from tests.core.torture.conftest import Nursery
from tests.core.torture.runs import COMPARED, curves, write_spec
from tests.promises import Note, Times

STEPS = 1_500
HOUR = 3600.0
TEN_YEARS = 10 * 365.25 * 24 * HOUR
JUMPS = {
    "back an hour": (-HOUR, 0.0),
    "forward ten years": (TEN_YEARS, 0.0),
    "summer time ends": (-HOUR, 0.0),
    "slewed": (0.0, -0.9),
}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer")
@pytest.mark.promise(20, "the clock jumps or is slewed again and again during a run")
def test_that_a_clock_that_jumps_does_not_matter(
    tmp_path: Path, failing: Nursery, times: Times, measured: Note
) -> None:
    write_spec(tmp_path, steps=STEPS)
    call = "tests.core.torture.writers:run_with_odd_clock"
    bare = "tests.core.torture.writers:run_bare"
    done = failing.run("spec.toml", "0", folder=tmp_path, call=bare)
    assert done.code == 0, done.err
    plain = curves(RunData.open(tmp_path / "0" / "run.optlab"))
    jumps = list(JUMPS.values())[: times(1, len(JUMPS))]
    for number, (jump, slew) in enumerate(jumps, start=1):
        words = (str(jump), str(slew), "spec.toml", f"{number}")
        done = failing.run(*words, folder=tmp_path, call=call)
        assert done.code == 0, done.err
        moved, off = (float(word) for word in done.out.split())
        assert moved > 2
        assert off > max(0.9 * abs(jump), 0.02), "the clock was not moved"
        data = RunData.open(tmp_path / f"{number}" / "run.optlab")
        assert data.state is State.FINISHED
        for trial in data.trials:
            for name in COMPARED:
                values = data.series(trial.trial, name).arrays()[1]
                assert values.tobytes() == plain[trial.trial, name].tobytes()
            seconds = data.series(trial.trial, "wall_time_s").arrays()[1]
            assert (np.diff(seconds) >= 0).all()
            assert 0 <= seconds[0] <= seconds[-1] < HOUR
            status = data.status(trial.trial)
            assert 0 <= status.optimizer_time_s <= status.wall_time_s < HOUR
    measured(f"{len(jumps)} kinds of jumps, each many times in a run")


@pytest.mark.promise(20, "folders of runs have names of their own though time repeats")
def test_that_folders_are_of_their_own_though_the_clock_stands_still(
    tmp_path: Path, failing: Nursery, times: Times
) -> None:
    count = times(5, 100)
    done = failing.run(
        str(tmp_path / "runs"),
        str(count),
        folder=tmp_path,
        call="tests.core.torture.writers:make_folders",
    )
    assert done.code == 0, done.err
    assert len(list((tmp_path / "runs").iterdir())) == count
