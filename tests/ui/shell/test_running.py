"""Start, pause, step, stop, go on and close, by pressing the real buttons."""

import sqlite3
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.records import State
from optlab.spec import ExperimentSpec
from optlab.store.run_data import RunData
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.shell.conftest import PATIENCE, both_ways
from tests.ui.shell.support import Answers, Hands

Until = Callable[[Phase], None]


def shown_run(window: MainWindow) -> RunData:
    """Return the run on the screen."""
    data = window.controller.data
    assert data is not None
    return data


def steps(window: MainWindow) -> list[int]:
    """Return the last step of each trial on the screen."""
    data = shown_run(window)
    return [data.status(trial.trial).step for trial in data.trials]


def run_file(window: MainWindow) -> Path:
    """Return the file of the run on the screen."""
    assert window.controller.path is not None
    return window.controller.path


def check_file(path: Path) -> None:
    """Hold that a run file is one plain, sound SQLite file."""
    assert [p.name for p in path.parent.glob("run.optlab*")] == ["run.optlab"]
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


@both_ways
def test_that_start_trains_to_the_end_and_saves(ran: MainWindow, hands: Hands) -> None:
    assert steps(ran) == [60, 60]
    check_file(run_file(ran))
    again = RunData.open(run_file(ran))
    assert again.state is State.FINISHED
    assert hands.find(QPushButton, "start").text() == "Start"
    assert "finished" in hands.find(QLabel, "progress.words").text()
    assert run_file(ran).parent.name in hands.find(QToolButton, "status.saved").text()


@both_ways
def test_that_a_run_is_paused_resumed_and_stopped(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Until,
) -> None:
    window.editor.open(endless, source="")
    hands.press("start")
    until(Phase.RUNNING)
    qtbot.waitUntil(lambda: min(steps(window)) > 100, timeout=PATIENCE)
    hands.press("start")
    assert window.controller.phase is Phase.PAUSED
    qtbot.waitUntil(
        lambda: any(e.name == "pause" for e in shown_run(window).events()),
        timeout=PATIENCE,
    )
    resting = steps(window)
    assert resting[0] == resting[1]
    hands.press("start")
    qtbot.waitUntil(lambda: min(steps(window)) > resting[0], timeout=PATIENCE)
    hands.press("stop")
    until(Phase.IDLE)
    assert shown_run(window).state is State.STOPPED
    check_file(run_file(window))


@both_ways
def test_that_step_takes_one_step_from_idle_and_one_more(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Until,
) -> None:
    window.editor.open(endless, source="")
    hands.press("step")
    until(Phase.PAUSED)
    qtbot.waitUntil(lambda: steps(window) == [1, 1], timeout=PATIENCE)
    hands.press("step")
    qtbot.waitUntil(lambda: steps(window) == [2, 2], timeout=PATIENCE)
    hands.press("stop")
    until(Phase.IDLE)
    assert steps(window) == [2, 2]


@both_ways
def test_that_one_trial_is_stopped_while_the_other_goes_on(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Until,
) -> None:
    window.editor.open(endless, source="")
    hands.press("start")
    until(Phase.RUNNING)
    window.table.stop_trial_requested.emit(0)
    data = shown_run(window)
    qtbot.waitUntil(lambda: data.status(0).state is State.STOPPED, timeout=PATIENCE)
    ended = data.status(0).step
    qtbot.waitUntil(lambda: data.status(1).step > ended, timeout=PATIENCE)
    assert data.status(0).step == ended
    hands.press("stop")
    until(Phase.IDLE)


@both_ways
def test_that_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    short: ExperimentSpec,
    until: Until,
    ran: MainWindow,
) -> None:
    whole = shown_run(ran)
    hands.press("step")
    until(Phase.PAUSED)
    qtbot.waitUntil(lambda: steps(window) == [1, 1], timeout=PATIENCE)
    hands.press("stop")
    until(Phase.IDLE)
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("continue")
    parts = shown_run(window)
    assert parts.state is State.FINISHED
    for trial in whole.trials:
        before = whole.series(trial.trial, "train_loss").arrays()[1]
        after = parts.series(trial.trial, "train_loss").arrays()[1]
        assert before.tobytes() == after.tobytes()


@both_ways
def test_that_closing_in_mid_run_leaves_a_valid_file(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Until,
) -> None:
    window.editor.open(endless, source="")
    hands.press("start")
    until(Phase.RUNNING)
    qtbot.waitUntil(lambda: min(steps(window)) > 100, timeout=PATIENCE)
    path = run_file(window)
    assert window.close()
    check_file(path)
    again = RunData.open(path)
    assert again.state is State.STOPPED
    assert again.status(0).step > 100


@both_ways
def test_that_an_opened_run_looks_like_the_live_one(
    window: MainWindow, hands: Hands, answers: Answers, ran: MainWindow
) -> None:
    answers.path = run_file(ran)
    live = [card.name for card in ran.grid.cards()]
    spec = ran.editor.spec
    hands.trigger("menu.presets.first-look")
    assert window.controller.data is None
    hands.trigger("action.open_run")
    assert [card.name for card in window.grid.cards()] == live
    assert window.editor.spec == spec
    assert steps(window) == [60, 60]


def test_that_another_problem_clears_the_run_of_the_last_one(
    window: MainWindow, hands: Hands, ran: MainWindow
) -> None:
    hands.choose("problem.name", "beale")
    assert window.controller.data is None
    assert hands.find(QLabel, "progress.words").text() == "ready"


def test_that_another_experiment_clears_the_run_of_the_last_one(
    window: MainWindow, hands: Hands, ran: MainWindow
) -> None:
    hands.trigger("action.undo")
    hands.choose("problem.name", "quadratic")
    hands.trigger("menu.presets.seed-gd")
    assert window.controller.data is None
    assert window.editor.slots() == (0,)


@both_ways
def test_that_a_run_that_cannot_begin_says_why(
    window: MainWindow, hands: Hands
) -> None:
    window.session.runs.parent.mkdir(parents=True, exist_ok=True)
    window.session.runs.write_text("in the way", encoding="utf-8")
    hands.press("start")
    assert window.controller.phase is Phase.IDLE
    assert str(window.session.runs) in window.notice.text


def test_that_a_file_that_is_no_run_is_refused_in_words(
    window: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    answers.path = tmp_path / "no.optlab"
    answers.path.write_bytes(b"not a database")
    hands.trigger("action.open_run")
    assert str(answers.path) in window.notice.text
    assert window.controller.data is None


def test_that_recent_runs_are_listed_newest_first(
    window: MainWindow, hands: Hands, ran: MainWindow
) -> None:
    window.menu.fill_recent()
    hands.trigger("menu.recent.0")
    assert run_file(window).parent.parent == window.session.runs


def test_that_cuda_is_offered_only_when_torch_has_found_it(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    window.bar.show_devices(("auto", "cpu"), "")
    device = hands.find(QWidget, "device")
    model = window.bar._device.model()
    index = model.index(2, 0)
    assert device.isEnabled()
    assert not index.flags().value & 0x20
    window.bar.show_devices(("auto", "cpu", "cuda"), "")
    assert index.flags().value & 0x20


@pytest.mark.parametrize("width", [900, 960, 1024, 1100, 1280, 1400])
def test_that_the_bar_has_room_for_all_that_it_shows(
    ran: MainWindow, qtbot: QtBot, width: int
) -> None:
    bar = ran.bar
    ran.resize(width, 700)
    for can_continue in (False, True):
        bar.show_phase(Phase.IDLE, can_continue=can_continue)
        qtbot.wait(1)
        parts = [part for part in bar.children() if isinstance(part, QWidget)]
        shown = sorted((p.geometry() for p in parts if p.isVisible()), key=QRect.left)
        assert len(shown) >= 7 + can_continue
        assert shown[-1].right() <= bar.width()
        for one, other in pairwise(shown):
            assert one.right() < other.left()


def test_that_a_wide_bar_shows_everything_again(
    ran: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    for width, seen in ((900, False), (1440, True)):
        ran.resize(width, 700)
        qtbot.wait(1)
        assert hands.find(QToolButton, "log-x").isVisible() is seen
        assert bool(hands.find(QPushButton, "step").text()) is seen
