"""The progress of a run in the terminal."""

import pytest

from optlab.cli.progress import progress_view
from optlab.records import State
from optlab.store.run_data import RunData
from tests.core.store.synthetic import rows, start, stop


def test_that_a_run_that_goes_on_tells_the_steps_of_all_its_trials(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = RunData()
    data.append(start(("SGD", "Adam", "Muon"), steps=100))
    for trial in range(3):
        data.append(rows(trial, 0, 31))
        state = State.DIVERGED if trial == 2 else State.STOPPED
        data.append(stop(trial, 30, state))
    with progress_view(data, quiet=False) as view:
        view.update()
    assert "3 trials, 230 steps in all" in capsys.readouterr().out
