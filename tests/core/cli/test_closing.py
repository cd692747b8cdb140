"""How the end of a run is told: exit codes, certificate, interruption."""

import os
import signal
import sys
from pathlib import Path

import pytest

from optlab.cli.closing import certificate
from optlab.cli.training import finish, stopping
from optlab.control import RunControl
from optlab.plugins import load_catalog
from optlab.records import RunStart, RunStop, State, TrialStart, TrialStop
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData

CATALOG = load_catalog()


def trial(
    number: int, *, seed: int = 0, init: str = "aa", batch_size: int = 8
) -> TrialStart:
    return TrialStart(
        trial=number,
        entry=number,
        label=f"entry {number}",
        optimizer="SGD",
        seed=seed,
        batch_size=batch_size,
        steps=5,
        steps_per_epoch=5,
        init_hash=init,
        n_parameters=1,
    )


def run_of(
    *trials: TrialStart,
    hashes: tuple[str, ...] = (),
    states: tuple[State, ...] = (),
    state: State = State.FINISHED,
) -> RunData:
    data = RunData()
    data.append(
        RunStart(
            spec=spec_from_text(CATALOG.presets.get("seed-sgd").text, CATALOG),
            trials=trials,
            metrics=("train_loss",),
            sparse=(),
            device="cpu",
            versions={},
        )
    )
    for i, start in enumerate(trials):
        data.append(
            TrialStop(
                trial=start.trial,
                state=states[i] if states else State.FINISHED,
                step=5,
                reason="out of memory; choose a smaller batch" if states else "",
                grad_evals=5,
                wall_time_s=1.0,
                optimizer_time_s=0.5,
                state_floats_per_param=0.0,
                batch_hash=hashes[i] if hashes else "bb",
            )
        )
    data.append(RunStop(state=state))
    return data


def certified(data: RunData) -> str:
    return certificate(data)[0]


def test_that_equal_hashes_are_paired() -> None:
    data = run_of(trial(0), trial(1), trial(2, seed=1, init="cc"))
    assert certified(data).startswith("Paired")


def test_that_different_weights_are_not_paired() -> None:
    text = certified(run_of(trial(0), trial(1, init="other")))
    assert text.startswith("Not paired")
    assert "weights" in text


def test_that_different_batches_are_not_paired() -> None:
    text = certified(run_of(trial(0), trial(1), hashes=("bb", "other")))
    assert text.startswith("Not paired")
    assert "batches" in text


def test_that_different_batch_sizes_are_said() -> None:
    trials = trial(0), trial(1, batch_size=4)
    text = certified(run_of(*trials, hashes=("bb", "other")))
    assert "batches of different sizes" in text


def test_that_a_run_that_finished_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(run_of(trial(0)), Path("run.optlab"), quiet=True) == 0
    assert capsys.readouterr() == ("", "")


def test_that_a_trial_that_failed_is_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = run_of(trial(0), trial(1), states=(State.FINISHED, State.FAILED))
    assert finish(data, Path("run.optlab"), quiet=True) == 1
    err = capsys.readouterr().err
    assert "entry 1, seed 0 failed: out of memory; choose a smaller batch" in err


def test_that_a_trial_that_diverged_is_none() -> None:
    data = run_of(trial(0), trial(1), states=(State.FINISHED, State.DIVERGED))
    assert finish(data, Path("run.optlab"), quiet=True) == 0


def test_that_a_run_that_was_stopped_names_the_way_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = run_of(trial(0), state=State.STOPPED)
    assert finish(data, Path("out", "run.optlab"), quiet=True) == 1
    assert f"optlab resume {Path('out', 'run.optlab')}" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_that_ctrl_c_asks_the_run_to_stop() -> None:
    control = RunControl()
    before = signal.getsignal(signal.SIGINT)
    with stopping(control.stop):
        os.kill(os.getpid(), signal.SIGINT)
        assert control.take().stop
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_that_a_second_ctrl_c_insists() -> None:
    with pytest.raises(KeyboardInterrupt), stopping(RunControl().stop):
        interrupt(times=2)


def interrupt(times: int) -> None:
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)
