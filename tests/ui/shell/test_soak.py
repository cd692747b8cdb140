"""A real worker and real plots for a while: nothing grows, nothing starves."""

import gc
import sys
import threading
import time

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.status import memory_in_use
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Hands

SECONDS = 20.0
WARM_UP_SECONDS = 4.0
# The values of a run stay in memory: 8 bytes for each of about 12 metrics, twice.
BYTES_PER_STEP = 400
RACE = """
format = 1
title = "Soak"
[problem]
name = "rosenbrock"
[training]
steps = 100_000_000
[[optimizers]]
name = "SGD"
[[optimizers]]
name = "Adam"
"""


def references() -> tuple[int, int, int]:
    """Return how often None, True and False are referred to."""
    return tuple(sys.getrefcount(it) for it in (None, True, False))  # type: ignore[return-value]


def taken(window: MainWindow) -> int:
    """Return the steps of all trials."""
    data = window.controller.data
    assert data is not None
    return sum(data.status(trial.trial).step for trial in data.trials)


@pytest.mark.timeout(120)
def test_that_a_long_run_neither_leaks_nor_starves_the_window(
    qtbot: QtBot, window: MainWindow, hands: Hands, catalog: Catalog
) -> None:
    window.editor.open(spec_from_text(RACE, catalog), source="")
    gaps: list[float] = []
    last = [time.monotonic()]

    def beat() -> None:
        now = time.monotonic()
        gaps.append(now - last[0])
        last[0] = now

    heart = QTimer()
    heart.setInterval(10)
    heart.timeout.connect(beat)
    hands.press("start")
    qtbot.waitUntil(lambda: window.controller.phase is Phase.RUNNING, timeout=PATIENCE)
    wait(qtbot, WARM_UP_SECONDS)
    gc.collect()
    before = references()
    threads = threading.active_count()
    memory, steps = memory_in_use(), taken(window)
    last[0] = time.monotonic()
    heart.start()
    wait(qtbot, SECONDS)
    heart.stop()
    gc.collect()
    more_steps = taken(window) - steps
    after = references()
    assert more_steps > 1000
    assert threading.active_count() == threads
    assert memory_in_use() - memory < 40e6 + BYTES_PER_STEP * more_steps
    # PySide6 6.12.0 loses about 160 references to None in each painted frame.
    for few, many in zip(after, before, strict=True):
        assert few > many - 1000
    assert max(gaps) < 1.5
    hands.press("stop")
    qtbot.waitUntil(lambda: window.controller.phase is Phase.IDLE, timeout=PATIENCE)


def wait(qtbot: QtBot, seconds: float) -> None:
    """Let the window live for so many seconds."""
    end = time.monotonic() + seconds
    qtbot.waitUntil(lambda: time.monotonic() >= end, timeout=round(2000 * seconds))
