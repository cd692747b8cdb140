"""The worker tells begin, failure and end; the window can hold it still."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from optlab.control import RunControl
from optlab.records import State
from optlab.registry import Catalog
from optlab.run_process import RunProcess
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.run_data import RunData
from optlab.ui import launch, preferences, worker
from optlab.ui.controller import Phase, RunController
from optlab.ui.main_window import MainWindow
from optlab.ui.worker import Gate, Job, RunWorker
from tests.promises import Note
from tests.ui.shell.conftest import PATIENCE, both_ways
from tests.ui.shell.support import Hands

# To import torch takes long where many tests run at once.
SPAWN_PATIENCE = 4 * PATIENCE

OWN = """
import os, time
import torch

class Mine(torch.optim.SGD):
    def step(self, closure=None):
        if os.path.exists({file!r}):
            {act}
        super().step(closure)
"""
BAD = """
[problem]
name = "quadratic"
[training]
steps = 100_000_000
[[optimizers]]
name = "{name}"
lr = 0.001
"""


def bad(catalog: Catalog, folder: Path, act: str) -> tuple[ExperimentSpec, Path]:
    """Return an experiment that does something bad once a file is there, and that."""
    sign = folder / "now"
    path = folder / "mine.py"
    path.write_text(OWN.format(file=str(sign), act=act), encoding="utf-8")
    return spec_from_text(BAD.format(name=f"{path}:Mine"), catalog), sign


@both_ways
def test_that_a_run_held_still_shows_one_moment_and_goes_on(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
) -> None:
    window.editor.open(endless, source="")
    hands.press("start")
    until(Phase.RUNNING)
    data = window.controller.data
    assert data is not None

    def steps() -> list[int]:
        return [data.status(trial.trial).step for trial in data.trials]

    with window.controller.still():
        held = steps()
        revision = data.revision
        assert held[0] == held[1]
        window.clock.refresh_now()
        assert (steps(), data.revision) == (held, revision)
    qtbot.waitUntil(lambda: min(steps()) > held[0], timeout=PATIENCE)
    hands.press("stop")
    until(Phase.IDLE)
    assert all(event.name == "stop" for event in data.events())


def test_that_a_broken_run_is_told_in_one_sentence_and_ended(
    qtbot: QtBot,
    catalog: Catalog,
    short: ExperimentSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(worker, "Runner", broken)
    controller = RunController(catalog, runs=tmp_path)
    with (
        qtbot.waitSignal(controller.failed, timeout=PATIENCE) as failed,
        qtbot.waitSignal(controller.run_ended, timeout=PATIENCE),
    ):
        assert controller.start(short)
    assert failed.args == ["MemoryError: no room"]
    assert controller.phase is Phase.IDLE
    assert controller.shutdown()


def test_that_the_worker_rests_between_small_slices_only(
    catalog: Catalog,
    short: ExperimentSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[float] = []
    job = Job(
        catalog=catalog,
        control=RunControl(),
        gate=Gate(),
        device="cpu",
        spec=short,
        folder=tmp_path / "a",
    )
    monkeypatch.setattr(worker, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(worker, "TORCH_HEAVY", 1e9)
    RunWorker(rest=rests.append).execute(job)
    assert rests
    assert set(rests) == {worker.REST_SECONDS}


@both_ways
def test_that_a_second_start_is_refused_while_one_run_goes_on(
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
    tmp_path: Path,
) -> None:
    window.editor.open(endless, source="")
    hands.press("start")
    assert not window.controller.start(endless)
    assert not window.controller.open_run(tmp_path / "any.optlab")
    assert "Stop the run" in window.notice.text
    until(Phase.RUNNING)
    hands.press("stop")
    until(Phase.IDLE)


@pytest.mark.parametrize("way", ["process"], indirect=True)
def test_that_runs_train_in_a_process_of_their_own_unless_one_prefers_not(
    qtbot: QtBot,
    process: RunProcess,
    window: MainWindow,
    hands: Hands,
    short: ExperimentSpec,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As the program does it, and not as the tests do.
    monkeypatch.setattr(launch, "trains_apart", preferences.trains_apart)
    hands.trigger("action.preferences")
    runs = []
    for place in ("process", "window"):
        hands.choose("preferences.train_in", place)
        before = process.next_number()
        window.editor.open(short, source="")
        with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
            hands.press("start")
        data = window.controller.data
        assert data is not None
        assert data.state is State.FINISHED
        runs.append(process.next_number() - before - 1)
    assert runs == [1, 0]
    hands.press("preferences.train_in.reset")
    assert preferences.trains_apart(window.session.preferences)


@pytest.mark.timeout(120)
@pytest.mark.promise(19, "a run that dies leaves the window alive, and Start works")
@pytest.mark.parametrize("way", ["process"], indirect=True)
def test_that_the_window_outlives_a_run_that_dies(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    catalog: Catalog,
    short: ExperimentSpec,
    until: Callable[[Phase], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPTLAB_TRUST", "all")
    spec, now = bad(catalog, tmp_path, "os._exit(7)")
    window.editor.open(spec, source="")
    hands.press("start")
    until(Phase.RUNNING)
    now.touch()
    until(Phase.IDLE)
    assert "exit code 7" in window.notice.text
    path = window.controller.path
    assert path is not None
    assert RunData.open(path).state is State.FAILED
    window.editor.open(short, source="")
    with qtbot.waitSignal(window.controller.run_ended, timeout=SPAWN_PATIENCE):
        hands.press("start")
    data = window.controller.data
    assert data is not None
    assert data.state is State.FINISHED


@pytest.mark.timeout(120)
@pytest.mark.promise(19, "the program closes within 5 s while a run hangs")
def test_that_a_run_that_hangs_does_not_keep_the_program(
    qtbot: QtBot,
    catalog: Catalog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    measured: Note,
) -> None:
    monkeypatch.setenv("OPTLAB_TRUST", "all")
    spec, now = bad(catalog, tmp_path, "time.sleep(10_000)")
    controller = RunController(catalog, runs=tmp_path, apart=lambda: True)
    assert controller.start(spec)
    try:
        phases = (Phase.RUNNING, Phase.IDLE)
        qtbot.waitUntil(lambda: controller.phase in phases, timeout=SPAWN_PATIENCE)
        now.touch()
        pid, path = controller._worker._process.pid, controller.path
    finally:
        began = time.monotonic()
        assert controller.shutdown()
        took = time.monotonic() - began
    assert path is not None
    assert took < 6
    measured(f"{took:.1f} s")
    assert not Path(f"/proc/{pid}").exists()
    assert RunData.open(path).state in (State.FAILED, State.STOPPED)


def test_that_the_program_does_not_wait_for_another_process_to_begin(
    qtbot: QtBot, catalog: Catalog, tmp_path: Path
) -> None:
    controller = RunController(catalog, runs=tmp_path, apart=lambda: True)
    controller.warm_up()
    process = controller._worker._process
    qtbot.waitUntil(lambda: process.pid > 0, timeout=PATIENCE)
    began = time.monotonic()
    assert controller.shutdown()
    assert time.monotonic() - began < 3


def test_that_a_run_trains_in_the_window_where_no_process_can_be_had(
    qtbot: QtBot,
    catalog: Catalog,
    short: ExperimentSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: object) -> None:
        raise BlockingIOError("too many processes")

    monkeypatch.setattr(RunProcess, "ensure", refused)
    controller = RunController(catalog, runs=tmp_path, apart=lambda: True)
    with qtbot.waitSignal(controller.run_ended, timeout=PATIENCE):
        assert controller.start(short)
    assert controller.data is not None
    assert controller.data.state is State.FINISHED
    assert controller.shutdown()
