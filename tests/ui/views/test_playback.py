"""Playing through the history of a run."""

from pytestqt.qtbot import QtBot

from optlab.ui.playback import WHOLE_RUN_S, Playback
from optlab.ui.view_state import ViewState


class Run:
    """Stands for the data of a run."""


class Watch:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def at(playback: Playback) -> int | None:
    """Return the moment as it is now."""
    return playback.moment


def playing(length: int) -> tuple[Playback, Watch]:
    """Return a playback of so many steps, and its clock."""
    watch = Watch()
    playback = Playback(now=watch)
    playback.set_length(length)
    return playback, watch


def test_that_a_whole_run_takes_ten_seconds_and_then_stops(qtbot: QtBot) -> None:
    playback, watch = playing(1000)
    playback.play()
    assert at(playback) == 0
    watch.seconds = WHOLE_RUN_S / 4
    playback.tick()
    assert at(playback) == 250
    watch.seconds = WHOLE_RUN_S * 1.01
    playback.tick()
    assert at(playback) is None
    assert not playback.playing


def test_that_speed_counts_and_slow_parts_of_a_step_add_up(qtbot: QtBot) -> None:
    playback, watch = playing(10)
    playback.set_speed(0.25)
    playback.play()
    for _ in range(100):
        watch.seconds += 0.1
        playback.tick()
    assert at(playback) == 2
    playback.set_speed(16.0)
    watch.seconds += 0.4
    playback.tick()
    assert at(playback) == 8
    playback.pause()


def test_that_past_the_newest_step_one_follows_again(qtbot: QtBot) -> None:
    playback, _ = playing(100)
    with qtbot.waitSignal(playback.moved):
        playback.set_moment(40)
    playback.set_length(200)
    assert playback.step == 40
    playback.move(-1000)
    assert at(playback) == 0
    playback.move(+200)
    assert at(playback) is None
    playback.set_length(300)
    assert playback.step == 300


def test_that_another_run_is_seen_from_its_newest_step(qtbot: QtBot) -> None:
    state, run, other = ViewState(), Run(), Run()
    playback = state.playback
    playback.watch(run)
    playback.set_length(50)
    playback.set_moment(10)
    playback.play()
    playback.watch(run)
    assert at(playback) == 10
    with qtbot.waitSignal(state.moment_changed):
        playback.watch(other)
    assert state.moment is None
    assert not playback.playing
    assert playback.length == 0


def test_that_nothing_is_played_where_there_is_nothing(qtbot: QtBot) -> None:
    playback, _ = playing(0)
    playback.play()
    assert not playback.playing
