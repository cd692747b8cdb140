"""The clock: one visible view per tick, with rests, ranges in frames of their own."""

from collections.abc import Hashable

from pytestqt.qtbot import QtBot

from optlab.ui.clock import ViewClock


class Time:
    """Seconds that pass only when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class FakeView:
    """A view that costs what it is told to."""

    def __init__(self, time: Time, *, cost: float = 0.0, paint: float = 0.0) -> None:
        self.time, self.cost, self.paint = time, cost, paint
        self.look = 0.0
        self.visible = True
        self.news = 1
        self.wants_fit = False
        self.log: list[str] = []

    def shown(self) -> bool:
        return self.visible

    def revision(self) -> Hashable:
        self.time.now += self.look
        return self.news

    def draw(self) -> None:
        self.time.now += self.cost
        self.log.append("draw")

    def fit_due(self) -> bool:
        return self.wants_fit

    def fit(self) -> None:
        self.wants_fit = False
        self.log.append("fit")

    def paint_seconds(self) -> float:
        return self.paint


def clock_with(*views: FakeView, time: Time) -> ViewClock:
    clock = ViewClock(now=time)
    for view in views:
        clock.register(view)
    return clock


def test_that_only_visible_views_are_drawn(qtbot: QtBot) -> None:
    time = Time()
    seen, unseen = FakeView(time), FakeView(time)
    unseen.visible = False
    clock = clock_with(seen, unseen, time=time)
    for _ in range(4):
        clock.tick()
    assert (seen.log, unseen.log) == (["draw"], [])
    unseen.visible = True
    clock.tick()
    assert unseen.log == ["draw"]


def test_that_a_view_is_drawn_only_when_there_is_something_new(qtbot: QtBot) -> None:
    time = Time()
    view = FakeView(time)
    clock = clock_with(view, time=time)
    for _ in range(3):
        clock.tick()
    view.news += 1
    for _ in range(3):
        clock.tick()
    assert view.log == ["draw", "draw"]


def test_that_one_tick_draws_one_view_and_all_have_their_turn(qtbot: QtBot) -> None:
    time = Time()
    views = [FakeView(time) for _ in range(3)]
    clock = clock_with(*views, time=time)
    for tick in range(1, 7):
        clock.tick()
        assert sum(len(view.log) for view in views) == tick
        for view in views:
            view.news += 1
    assert [len(view.log) for view in views] == [2, 2, 2]


def test_that_the_next_frame_waits_three_times_the_cost_of_the_last(
    qtbot: QtBot,
) -> None:
    time = Time()
    view = FakeView(time, cost=0.1, paint=0.2)
    clock = clock_with(view, time=time)
    clock.tick()
    view.news += 1
    time.now = 0.89
    clock.tick()
    assert view.log == ["draw"]
    time.now = 0.91
    clock.tick()
    assert view.log == ["draw", "draw"]


def test_that_frames_rest_longer_where_that_is_asked_for(qtbot: QtBot) -> None:
    time = Time()
    view = FakeView(time, cost=0.1)
    clock = clock_with(view, time=time)
    clock.rest = 8.0
    clock.tick()
    view.news += 1
    time.now = 0.79
    clock.tick()
    assert view.log == ["draw"]
    time.now = 0.81
    clock.tick()
    assert view.log == ["draw", "draw"]


def test_that_looking_for_what_is_due_is_paid_for_too(qtbot: QtBot) -> None:
    time = Time()
    view = FakeView(time)
    clock = clock_with(view, time=time)
    clock.tick()
    view.look = 0.1
    clock.tick()
    assert time.now == 0.1
    time.now = 0.29
    clock.tick()
    assert time.now == 0.29
    time.now = 0.31
    clock.tick()
    assert time.now > 0.4


def test_that_a_change_of_range_is_a_frame_of_its_own(qtbot: QtBot) -> None:
    time = Time()
    view = FakeView(time)
    clock = clock_with(view, time=time)
    view.wants_fit = True
    clock.tick()
    assert view.log == ["fit"]
    clock.tick()
    assert view.log == ["fit", "draw"]


def test_that_refresh_draws_everything_at_once_hidden_views_too(qtbot: QtBot) -> None:
    time = Time()
    views = [FakeView(time) for _ in range(3)]
    views[1].visible = False
    views[2].wants_fit = True
    clock_with(*views, time=time).refresh_now()
    assert [view.log for view in views] == [
        ["draw"],
        ["draw"],
        ["draw", "fit", "draw"],
    ]


def test_that_a_view_that_was_taken_out_is_drawn_no_more(qtbot: QtBot) -> None:
    time = Time()
    view = FakeView(time)
    clock = clock_with(view, time=time)
    clock.tick()
    clock.unregister(view)
    view.news += 1
    clock.tick()
    assert view.log == ["draw"]


def test_that_the_clock_ticks_by_itself_between_start_and_stop(qtbot: QtBot) -> None:
    view = FakeView(Time())
    clock = ViewClock()
    clock.register(view)
    clock.start()
    qtbot.waitUntil(lambda: view.log == ["draw"])
    clock.stop()
    assert not clock.running()
