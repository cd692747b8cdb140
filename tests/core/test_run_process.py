"""Runs in a process of their own: the same values, and whatever happens an end."""

import logging
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from optlab.control import RunControl
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.registry import Catalog
from optlab.run_process import RemoteRunner, RunFailedError, RunProcess, watch
from optlab.run_process.watch import Watch, is_halted
from optlab.runner import Runner
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.run_data import RunData
from tests.promises import Note, Times

SPEC = """
title = "Two"
[problem]
name = "quadratic"
[training]
steps = {steps}
[[optimizers]]
name = "Adam"
lr = 0.05
[[optimizers]]
name = "{other}"
lr = 0.01
"""
OWN = """
import logging, os, signal, time
import torch
from torch.optim import Optimizer

class Raised(Exception):
    pass

def act(where):
    if where == {where!r}:
        {act}

act("import")

class Mine(Optimizer):
    def __init__(self, params, lr=0.1):
        act("make")
        super().__init__(params, dict(lr=lr))
        self.taken = 0

    def add_param_group(self, group):
        act("add_param_group")
        super().add_param_group(group)

    def zero_grad(self, set_to_none=True):
        act("zero_grad")
        super().zero_grad(set_to_none)

    def state_dict(self):
        act("state_dict")
        return super().state_dict()

    def load_state_dict(self, state):
        act("load_state_dict")
        super().load_state_dict(state)

    def step(self, closure=None):
        self.taken += 1
        act("first step" if self.taken == 1 else "step")
        act(f"step {{self.taken}}")
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad, alpha=-group["lr"])
"""
HOOKS = (
    "import",
    "make",
    "add_param_group",
    "first step",
    "step",
    "zero_grad",
    "state_dict",
    "load_state_dict",
)
ENDLESS = 100_000_000
PATIENCE = 60.0


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Everything that OptLab ships."""
    return load_catalog()


@pytest.fixture(scope="module")
def process() -> Iterator[RunProcess]:
    """A process for the runs of all tests; one that died is followed by another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTLAB_TRUST", "all")
        process = RunProcess()
        yield process
        process.close()


def spec(
    catalog: Catalog, *, steps: int = 200, other: str = "SGD", text: str = SPEC
) -> ExperimentSpec:
    return spec_from_text(text.format(steps=steps, other=other), catalog)


def own(folder: Path, *, where: str, act: str) -> str:
    """Write an optimizer of a user's own that does something bad; return its name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mine.py"
    path.write_text(OWN.format(where=where, act=act), encoding="utf-8")
    return f"{path}:Mine"


def remote(
    process: RunProcess,
    catalog: Catalog,
    experiment: ExperimentSpec | Path,
    folder: Path,
    *,
    control: RunControl | None = None,
    steps: int | None = None,
) -> RemoteRunner:
    return RemoteRunner(
        process,
        catalog,
        control=control or RunControl(),
        device="cpu",
        slice_seconds=0.05,
        spec=None if isinstance(experiment, Path) else experiment,
        folder=None if isinstance(experiment, Path) else folder,
        path=experiment if isinstance(experiment, Path) else None,
        steps=steps,
    )


def run(runner: RemoteRunner | Runner) -> str:
    """Do a whole run; return why it failed, or nothing."""
    try:
        for _ in runner.run():
            pass
    except (RunFailedError, InputError) as error:
        return str(error)
    return ""


def values(data: RunData) -> dict[tuple[int, str], bytes]:
    """Return every value of a run, but for seconds."""
    return {
        (trial.trial, metric): data.series(trial.trial, metric).arrays()[1].tobytes()
        for trial in data.trials
        for metric in data.metrics
        if not metric.endswith("_s")
    }


def check_plain(path: Path) -> None:
    """Hold that a run file is one plain, sound SQLite file."""
    assert [p.name for p in path.parent.glob("run.optlab*")] == ["run.optlab"]
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def test_that_another_process_records_the_same_bits(
    process: RunProcess, catalog: Catalog, tmp_path: Path
) -> None:
    experiment = spec(catalog)
    here = Runner(experiment, catalog, folder=tmp_path / "here")
    there = remote(process, catalog, experiment, tmp_path / "there")
    assert (run(here), run(there)) == ("", "")
    assert there.data.state is State.FINISHED
    assert there.data.trials == here.data.trials
    assert values(there.data) == values(here.data) == values(RunData.open(there.path))
    assert there.data.spec_text == here.data.spec_text
    check_plain(there.path)


def test_that_a_run_goes_on_in_another_process_with_the_same_bits(
    process: RunProcess, catalog: Catalog, tmp_path: Path
) -> None:
    whole = Runner(spec(catalog, steps=300), catalog, folder=tmp_path / "whole")
    run(whole)
    parts = remote(process, catalog, spec(catalog, steps=200), tmp_path / "parts")
    run(parts)
    again = remote(process, catalog, parts.path, tmp_path, steps=300)
    assert run(again) == ""
    assert values(again.data) == values(RunData.open(again.path))
    assert values(again.data) == values(whole.data)


def test_that_what_is_asked_is_heard_and_recorded(
    process: RunProcess, catalog: Catalog, tmp_path: Path
) -> None:
    control = RunControl()
    control.step()
    experiment = spec(catalog, steps=ENDLESS)
    runner = remote(process, catalog, experiment, tmp_path / "a", control=control)
    asked: list[Callable[[], None]] = [
        control.step,
        lambda: control.set_rate(1, 0.02),
        lambda: control.stop_trial(0),
        control.resume,
        control.stop,
    ]
    seen = 0
    for _ in runner.run():
        if len(runner.data.events()) > seen:
            seen = len(runner.data.events())
            if asked:
                asked.pop(0)()
    names = [(event.name, event.trial) for event in runner.data.events()]
    assert names == [
        ("step", None),
        ("step", None),
        ("lr", 1),
        ("stop-trial", 0),
        ("resume", None),
        ("stop", None),
    ]
    assert runner.data.status(0).step == 2
    assert runner.data.state is State.STOPPED


def test_that_what_cannot_be_run_is_refused_in_the_same_words(
    process: RunProcess, catalog: Catalog, tmp_path: Path
) -> None:
    experiment = spec(catalog)
    folder = tmp_path / "taken"
    assert run(Runner(experiment, catalog, folder=folder)) == ""
    told = run(Runner(experiment, catalog, folder=folder))
    assert "nothing is overwritten" in told
    assert run(remote(process, catalog, experiment, folder)) == told
    with pytest.raises(InputError, match="no such file"):
        remote(process, catalog, tmp_path / "no.optlab", folder)


@pytest.mark.promise(19, "a hook of a user's own that raises ends its trial alone")
@pytest.mark.timeout(120)
def test_that_what_a_hook_raises_ends_its_trial_alone(
    process: RunProcess, catalog: Catalog, tmp_path: Path, times: Times
) -> None:
    acts = ("raise Raised('no')", "raise SystemExit(3)", "raise MemoryError")
    cases = [(where, act) for act in acts for where in HOOKS]
    process.ensure()
    pid, effects = process.pid, 0
    count = times(len(HOOKS), len(cases))
    for number, (where, act) in enumerate(cases[:count]):
        folder = tmp_path / str(number)
        bad = own(folder, where=where, act=act)
        runner = remote(process, catalog, spec(catalog, other=bad), folder)
        reason = run(runner)
        if where == "load_state_dict":
            runner = remote(process, catalog, runner.path, folder, steps=300)
            reason = run(runner)
        statuses = [runner.data.status(t.trial).state for t in runner.data.trials]
        assert reason or statuses[0] is State.FINISHED, (where, act)
        effects += bool(reason) or statuses[1] is State.FAILED
        assert process.pid == pid
    # The engine has no use for one of them, and asks for another one only at times.
    assert effects >= count * 3 // 4
    healthy = remote(process, catalog, spec(catalog), tmp_path / "healthy")
    assert run(healthy) == ""


DEATHS = (
    ("os._exit(3)", "exit code 3"),
    ("\n        while True: pass", "no step"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "run out of memory"),
    ("time.sleep(10_000)", "no step"),
    ("os.abort()", "signal 6"),
    ("os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
)


@pytest.mark.promise(19, "a run that dies or hangs has failed, and its file holds it")
@pytest.mark.timeout(180)
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_that_a_process_that_dies_or_hangs_ends_its_run_as_failed(
    process: RunProcess,
    catalog: Catalog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: Times,
) -> None:
    monkeypatch.setattr(watch, "HANG_SECONDS", 1.0)
    monkeypatch.setattr(watch, "HANG_STEPS", 1.0)
    for number, (act, told) in enumerate(DEATHS[: times(2, len(DEATHS))]):
        folder = tmp_path / str(number)
        bad = own(folder, where="step 5000", act=act)
        runner = remote(process, catalog, spec(catalog, steps=9000, other=bad), folder)
        reason = run(runner)
        assert told in reason
        assert runner.data.state is State.FAILED
        assert runner.data.reason == reason
        recorded = RunData.open(runner.path)
        assert (recorded.state, recorded.reason) == (State.FAILED, reason)
        assert recorded.status(0).state is State.STOPPED
        check_plain(runner.path)
        for trial in (0, 1):
            kept = recorded.series(trial, "train_loss").arrays()[1]
            seen = runner.data.series(trial, "train_loss").arrays()[1]
            both = min(len(kept), len(seen))
            assert both > 0
            assert kept[:both].tobytes() == seen[:both].tobytes()
    healthy = remote(process, catalog, spec(catalog), tmp_path / "healthy")
    assert run(healthy) == ""


@pytest.mark.promise(19, "a run that does not obey Stop is ended within 5 s")
@pytest.mark.timeout(60)
def test_that_a_run_that_does_not_obey_is_ended(
    process: RunProcess,
    catalog: Catalog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: Times,
    measured: Note,
) -> None:
    monkeypatch.setattr(watch, "STOP_SECONDS", float(times(1, 5)))
    bad = own(tmp_path, where="step 100", act="time.sleep(10_000)")
    control = RunControl()
    experiment = spec(catalog, steps=9000, other=bad)
    runner = remote(process, catalog, experiment, tmp_path, control=control)
    asked = last = 0.0
    revision, reason = -1, ""
    try:
        for _ in runner.run():
            if runner.data.revision != revision:
                revision, last = runner.data.revision, time.monotonic()
            elif not asked and time.monotonic() - last > 1:
                # By now it sleeps.
                asked = time.monotonic()
                control.stop()
    except RunFailedError as error:
        reason = str(error)
    assert "did not stop" in reason
    took = time.monotonic() - asked
    assert runner.data.state is State.FAILED
    assert took < watch.STOP_SECONDS + 2
    measured(f"{took:.1f} s")


@pytest.mark.promise(19, "a flood from a hook floods neither log nor memory")
@pytest.mark.timeout(120)
def test_that_a_flood_of_a_hook_is_bounded(
    process: RunProcess,
    catalog: Catalog,
    tmp_path: Path,
    times: Times,
    caplog: pytest.LogCaptureFixture,
) -> None:
    count = times(20_000, 1_000_000)
    act = f"[logging.getLogger('optlab.mine').warning('flood') for _ in range({count})]"
    bad = own(tmp_path, where="step 5", act=act)
    runner = remote(process, catalog, spec(catalog, other=bad), tmp_path)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, "optlab.mine"):
        reason = run(runner)
    # A million of them may take longer than a step may.
    assert not reason or "no step" in reason
    most = 100 * (time.monotonic() - began + 2)
    assert 0 < len([r for r in caplog.records if r.name == "optlab.mine"]) <= most


@pytest.mark.promise(19, "a hook that eats memory ends its run, not the program")
@pytest.mark.timeout(120)
def test_that_memory_that_runs_out_ends_the_run_alone(
    process: RunProcess, catalog: Catalog, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    assert resource is not None
    # The process keeps its limit, so it is not that of the other tests.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTLAB_TRUST", "all")
        own_process = RunProcess()
        own_process.ensure()
    act = (
        "import resource; "
        "resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33)); "
        "self_eaten = [bytearray(2**28) for _ in range(10_000)]"
    )
    bad = own(tmp_path, where="step 5", act=act)
    runner = remote(own_process, catalog, spec(catalog, other=bad), tmp_path)
    try:
        reason = run(runner)
    finally:
        own_process.close()
    failed = runner.data.status(1).state is State.FAILED
    assert reason or failed
    assert RunData.open(runner.path).state.ended


@pytest.mark.promise(22, "a run that was halted goes on, and does not count as hung")
@pytest.mark.timeout(180)
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_that_a_run_that_was_halted_goes_on(
    process: RunProcess,
    catalog: Catalog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: Times,
    measured: Note,
) -> None:
    seconds = times(2, 60)
    monkeypatch.setattr(watch, "HANG_SECONDS", seconds / 2)
    monkeypatch.setattr(watch, "HANG_STEPS", 0.0)
    control = RunControl()
    experiment = spec(catalog, steps=ENDLESS)
    process.ensure()
    runner = remote(process, catalog, experiment, tmp_path, control=control)
    halted = Thread(target=halt, args=(process.pid, float(seconds)))
    before = resumed_at = 0
    for _ in runner.run():
        step = runner.data.status(0).step
        if not before and step > 100:
            before = step
            halted.start()
        elif before and not resumed_at and not halted.is_alive():
            resumed_at = step
        elif resumed_at and step > resumed_at:
            control.stop()
    halted.join()
    assert runner.data.state is State.STOPPED
    assert process.pid
    measured(f"halted for {seconds} s at step {before}, went on")


def halt(pid: int, seconds: float) -> None:
    """Halt a process for so long."""
    assert pid
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + PATIENCE
    while not is_halted(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


@pytest.mark.timeout(60)
def test_that_a_run_is_stopped_and_closed_where_nobody_is_left(
    catalog: Catalog, tmp_path: Path
) -> None:
    alone = RunProcess()
    runner = remote(alone, catalog, spec(catalog, steps=ENDLESS), tmp_path)
    steps = runner.run()
    while not runner.data.trials or runner.data.status(0).step < 100:
        next(steps)
    process, pipe = alone._process, alone._pipe
    assert process is not None
    assert pipe is not None
    pipe.close()
    process.join(PATIENCE)
    assert process.exitcode == 0
    recorded = RunData.open(runner.path)
    assert (recorded.state, recorded.reason) == (State.STOPPED, "stopped by request")
    check_plain(runner.path)
    alone.close()


class Clock:
    """Seconds that a test counts."""

    def __init__(self) -> None:
        self.now = 0.0
        self.halted = False

    def watch(self) -> Watch:
        """Return a watch of a run that takes steps."""
        found = Watch(lambda: self.halted, now=lambda: self.now)
        found.built()
        found.stepped()
        return found

    def pass_by(self, found: Watch, seconds: float, *, turn: float = 0.1) -> bool:
        """Let time pass without progress, looking at times; return whether it hangs."""
        for _ in range(round(seconds / turn)):
            self.now += turn
            found.look(progress=False)
        return found.hangs


def test_that_a_watch_tells_a_hang_from_a_slow_step() -> None:
    clock = Clock()
    found = clock.watch()
    clock.pass_by(found, 3.0)
    found.look(progress=True)
    assert not clock.pass_by(found, 29.0)
    assert clock.pass_by(found, 2.0)
    quick = clock.watch()
    assert clock.pass_by(quick, 10.2)


def test_that_building_and_closing_may_take_longer() -> None:
    clock = Clock()
    building, ending = Watch(lambda: False, now=lambda: clock.now), clock.watch()
    building.look(progress=True)
    ending.closing()
    for found in (building, ending):
        assert not clock.pass_by(found, 59.0)
        assert clock.pass_by(found, 2.0)


@pytest.mark.promise(22, "time in which the watch or the run was halted does not count")
def test_that_only_time_counts_in_which_both_were_awake() -> None:
    clock = Clock()
    found = clock.watch()
    clock.now += 3600.0
    found.look(progress=False)
    assert not found.hangs
    clock.halted = True
    assert not clock.pass_by(found, 3600.0, turn=1.0)
    clock.halted = False
    assert clock.pass_by(found, 11.0)


def test_that_a_run_that_goes_on_may_measure_for_longer() -> None:
    clock = Clock()
    found = clock.watch()
    found.built(resumed=True)
    assert not clock.pass_by(found, 59.0)
    assert clock.pass_by(found, 2.0)


def test_that_a_machine_may_take_minutes_to_import_torch() -> None:
    clock = Clock()
    found = Watch(lambda: False, now=lambda: clock.now)
    assert not clock.pass_by(found, 170.0)
    assert clock.pass_by(found, 20.0)


def test_that_a_stop_is_waited_for_shortly() -> None:
    clock = Clock()
    found = clock.watch()
    clock.pass_by(found, 4.0)
    found.stop()
    assert not clock.pass_by(found, 4.0)
    assert found.stopping
    assert clock.pass_by(found, 2.0)
