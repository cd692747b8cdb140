"""The worker tells begin, failure and end; the window can hold it still."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from optlab.control import RunControl
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec
from optlab.ui import worker
from optlab.ui.controller import Phase, RunController
from optlab.ui.main_window import MainWindow
from optlab.ui.worker import Gate, Job, RunWorker
from tests.ui.shell.conftest import PATIENCE, both_ways
from tests.ui.shell.support import Hands


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
