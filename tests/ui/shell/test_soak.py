"""A real worker and real plots for a while: nothing grows, nothing starves."""

import gc
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import pytest
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from optlab.records import Floats
from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.ui.clock import ClockedView, ViewClock
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.promises import Note, Times, tortured
from tests.ui.shell.conftest import PATIENCE, both_ways
from tests.ui.shell.memory import Memory
from tests.ui.shell.support import Hands

SECONDS: Final = 3
FULL_SECONDS: Final = 20 * 60
SHORT_SECONDS: Final = 80
WARM_UP_SECONDS: Final = 1.0
DRAWN_SECONDS: Final = 3.0
"""After so long all plots show all that was recorded."""
# Memory is taken in such steps: pools of Python, Qt and torch grow and shrink by some.
NOISE: Final = 40e6
BYTES_PER_VALUE: Final = 16
"""8 of the value itself; arrays have room to grow, and are copied when they do."""
BESIDE: Final = 0.5
"""Of these, bytes that are no room for values; curves take more points to draw."""
SLOPE: Final = 1e6
"""Bytes an hour, apart from the room for the values of the run itself."""
FRAME_SECONDS: Final = 0.033
GAP_SECONDS: Final = 0.050
LONGEST_GAP_SECONDS: Final = 0.250
CALLS: Final = 1000
RACE: Final = """
format = 1
title = "Soak"
[problem]
name = "rosenbrock"
[training]
steps = 100_000_000
""" + "".join(
    f'[[optimizers]]\nname = "{name}"\nlr = 1e-5\n'
    for name in (
        "SGD",
        "Adam",
        "AdamW",
        "Adagrad",
        "RMSprop",
        "NAdam",
        "RAdam",
        "Adamax",
    )
)


def references() -> tuple[int, int, int]:
    """Return how often None, True and False are referred to."""
    none, true, false = (sys.getrefcount(it) for it in (None, True, False))
    return none, true, false


def values(window: MainWindow) -> int:
    """Return how many values the run on the screen has recorded."""
    data = window.controller.data
    assert data is not None
    steps = sum(data.status(trial.trial).step for trial in data.trials)
    return steps * (len(data.metrics) + 1)


def turns_of_this_thread() -> tuple[int, int]:
    """Return for how long this thread had a core, and how long it waited for one."""
    path = Path("/proc/thread-self/schedstat")
    if not path.exists():
        return 1, 0
    had, waited, _ = path.read_text("ascii").split()
    return int(had), int(waited)


class Log:
    """Takes down seconds in room that was made before: it must not grow itself."""

    def __init__(self) -> None:
        self._room = np.empty(1_000_000)
        self._n = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return self._n

    def add(self, seconds: float) -> None:
        """Take down one more."""
        self._room[self._n] = seconds
        self._n += 1

    @property
    def all(self) -> Floats:
        """All of them."""
        return self._room[: self._n]


class Heart:
    """Beats in the event loop, and takes down how late, what is held, and frames.

    Args:
        window: The window.
        patch: Puts a watch around what draws.
    """

    def __init__(self, window: MainWindow, patch: pytest.MonkeyPatch) -> None:
        self._window = window
        self.gaps, self.frames = Log(), Log()
        self._looks: list[tuple[float, int, Memory]] = []
        self._turns = turns_of_this_thread()
        self._last = self._began = time.monotonic()
        self._timer = QTimer()
        self._timer.setInterval(16)
        self._timer.timeout.connect(self._beat)
        self._watch(patch)
        self._timer.start()

    def _watch(self, patch: pytest.MonkeyPatch) -> None:
        """Take down what each frame costs: drawing it, and painting it afterwards."""
        timed = ViewClock._time
        drawn: list[tuple[float, ClockedView]] = []

        def time_frame(
            clock: ViewClock, view: ClockedView, work: Callable[[], None]
        ) -> None:
            if drawn:
                cost, before = drawn.pop()
                self.frames.add(cost + before.paint_seconds())
            began = time.perf_counter()
            timed(clock, view, work)
            drawn.append((time.perf_counter() - began, view))

        patch.setattr(ViewClock, "_time", time_frame)

    def _beat(self) -> None:
        now = time.monotonic()
        self.gaps.add(now - self._last)
        self._last = now

    def look(self) -> None:
        """Take down what is held; the time that it takes is no gap."""
        memory = Memory.now()
        self._last = time.monotonic()
        seconds = self._last - self._began
        self._looks.append((seconds, values(self._window), memory))

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    def slowed(self) -> float:
        """Return how much slower other programs made this one; 1 for not at all."""
        (had, waited), (had_then, waited_then) = turns_of_this_thread(), self._turns
        return 1 + (waited - waited_then) / max(had - had_then, 1)

    def growth(self) -> tuple[float, float, float]:
        """Return what memory grows by, in bytes.

        What is in use and is no room for values: in an hour, as the median over the
        times in which the run stood still, and with each value that is recorded. And
        the resident memory with each value.
        """
        still = zip(self._looks[::2], self._looks[1::2], strict=True)
        slopes = [(b[2].used - a[2].used) / (b[0] - a[0]) for a, b in still]
        (_, few, early), (_, many, last) = self._looks[0], self._looks[-1]
        more = max(many - few, 1)
        return (
            3600 * median(slopes),
            (last.used - early.used) / more,
            (last.resident - early.resident) / more,
        )


def watched(
    qtbot: QtBot,
    window: MainWindow,
    *,
    seconds: float,
    look: Callable[[], None] = lambda: None,
) -> None:
    """Let a run go on for some seconds and stand still for as long, drawn all the time.

    Where it stands still, what smooths its curves changes at 30 Hz.

    Args:
        qtbot: What waits.
        window: The window.
        seconds: How long it runs, and how long it stands still.
        look: Called twice while it stands still: all that was recorded is drawn then.
    """
    hands, state = Hands(window), window.state
    wait(qtbot, seconds)
    hands.press("start")
    qtbot.waitUntil(partial(is_at, window, Phase.PAUSED), timeout=PATIENCE)
    wait(qtbot, min(seconds / 4, DRAWN_SECONDS))
    look()
    weights = cycle((0.5, 0.9))
    redraw = QTimer()
    redraw.setInterval(33)
    redraw.timeout.connect(lambda: state.set_smoothing(next(weights)))
    redraw.start()
    wait(qtbot, seconds)
    redraw.stop()
    look()
    hands.press("start")
    qtbot.waitUntil(partial(is_at, window, Phase.RUNNING), timeout=PATIENCE)


def is_at(window: MainWindow, phase: Phase) -> bool:
    """Return whether the run of a window is in a phase."""
    return window.controller.phase is phase


def wait(qtbot: QtBot, seconds: float) -> None:
    """Let the window live for so many seconds."""
    end = time.monotonic() + seconds
    qtbot.waitUntil(lambda: time.monotonic() >= end, timeout=round(2000 * seconds))


@pytest.mark.promise(7, "seconds of 8 optimizers drawn at 30 Hz: memory, frames, gaps")
@both_ways
def test_that_a_long_run_neither_leaks_nor_starves_the_window(
    qtbot: QtBot,
    window: MainWindow,
    catalog: Catalog,
    way: str,
    times: Times,
    measured: Note,
) -> None:
    seconds = times(SECONDS, FULL_SECONDS if way == "process" else SHORT_SECONDS)
    window.editor.open(spec_from_text(RACE, catalog), source="")
    hands = Hands(window)
    hands.press("start")
    running = partial(is_at, window, Phase.RUNNING)
    qtbot.waitUntil(running, timeout=3 * PATIENCE)
    turns = max(2, seconds // 60)
    watched(qtbot, window, seconds=WARM_UP_SECONDS / 2)
    gc.collect()
    before, threads = references(), threading.active_count()
    memory, recorded = Memory.now(), values(window)
    with pytest.MonkeyPatch.context() as patch:
        heart = Heart(window, patch)
        for _ in range(turns):
            watched(qtbot, window, seconds=seconds / turns / 2, look=heart.look)
        heart.stop()
    more = values(window) - recorded
    grown = Memory.now().resident - memory.resident
    an_hour, beside, a_value = heart.growth()
    p95 = float(np.quantile(heart.frames.all, 0.95))
    p99 = float(np.quantile(heart.gaps.all, 0.99))
    longest, slowed = float(heart.gaps.all.max()), heart.slowed()
    measured(
        f"{way}: in use {an_hour / 1e6:+.2f} MB/h and {beside:.2f} B for each of "
        f"{more:,} values beside the room for it; RSS {a_value:.1f} B for each; "
        f"frames p95 {1000 * p95:.0f} ms; "
        f"gaps p99 {1000 * p99:.0f} ms, max {1000 * longest:.0f} ms "
        f"(others made it {slowed:.1f} times slower)"
    )
    assert more > 10_000
    assert len(heart.frames) > seconds
    assert threading.active_count() == threads
    assert grown < NOISE + BYTES_PER_VALUE * more
    # PySide6 6.12.0 loses about 160 references to None in each painted frame.
    for few, many in zip(references(), before, strict=True):
        assert few > many - 1000
    assert longest < 1.5
    if tortured() and way == "process":
        assert an_hour < SLOPE
        assert beside < BESIDE
        assert a_value < BYTES_PER_VALUE
        assert p95 < FRAME_SECONDS
        assert p99 < GAP_SECONDS
        assert longest < LONGEST_GAP_SECONDS
    hands.press("stop")
    qtbot.waitUntil(lambda: window.controller.phase is Phase.IDLE, timeout=PATIENCE)


class Bell(QObject):
    """Rings, and hears itself ring."""

    rang = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        self.rang.connect(self.hear)

    @Slot(bool)
    def hear(self, _loud: bool) -> None:
        """Count."""
        self.heard += 1


@pytest.mark.promise(26, "calls of Qt take no references to None, True, False")
def test_that_qt_takes_no_references_that_are_not_its_own(
    qtbot: QtBot, times: Times, measured: Note
) -> None:
    calls = times(CALLS, CALLS if sys.version_info < (3, 12) else 1_000_000)
    bell, painted = Bell(), []
    kind = type("Board", (QWidget,), {"paintEvent": lambda *_: painted.append(0)})
    board: QWidget = kind()
    qtbot.addWidget(board)
    with qtbot.waitExposed(board):
        board.show()

    def call() -> None:
        bell.rang.emit(True)
        bell.property("nothing")
        board.repaint()
        QApplication.processEvents()

    call()
    before = references()
    for _ in range(calls):
        call()
    lost = [many - few for few, many in zip(references(), before, strict=True)]
    measured(f"None, True, False lost {lost} references in {calls:,} calls")
    assert bell.heard > calls
    assert len(painted) > calls
    if sys.version_info < (3, 12):
        # From then on they are counted no more.
        assert max(lost) <= 0.01 * calls
