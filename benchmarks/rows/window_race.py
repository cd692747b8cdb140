"""Rosenbrock at full speed in the open window: who waits for whom, and how long."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.row import Row
from benchmarks.rows.race import RACERS, race
from benchmarks.sides import recorded
from benchmarks.windowed import TIMER_MS, Watched, opened, run_in

SECONDS: Final = 30.0
THREAD_SECONDS: Final = 10.0
ENDLESS: Final = 10_000_000


def measure(rounds: int) -> Sequence[Row]:
    """Measure in turn with the window open and the same steps without it."""
    watched: list[Watched] = []
    alone: list[float] = []
    with opened() as window:
        for _ in range(rounds):
            watched.append(run_in(window, race(ENDLESS), seconds=SECONDS))
            alone.append(_speed_alone(watched[-1]))
    thread = _in_the_window()
    note = "in a process of its own; {}; trained in the window's process {}"
    return [
        Row(
            key="window-wait",
            figure=f"wait of a {TIMER_MS} ms timer of the window, p99: Rosenbrock race "
            f"at full speed, 6 plots × 6 curves, {SECONDS:.0f} s",
            baseline="",
            ours=[w.wait_ms(99) for w in watched],
            unit="ms",
            target=33.0,
            note=note.format(
                f"longest {max(w.wait_ms(100) for w in watched):.0f} ms",
                f"{thread.wait_ms(99):.0f} ms",
            ),
        ),
        Row(
            key="window-speed",
            figure="steps in a second of that race with the window open",
            baseline="the same steps recorded without a window",
            ours=[w.speed for w in watched],
            theirs=alone,
            unit="1/s",
            target=0.9,
            at_least=True,
            note=note.format(
                f"{len(watched[-1].waits_ms) / watched[-1].seconds:.0f} beats/s",
                f"{thread.speed / alone[-1]:.2f}",
            ),
        ),
    ]


def _speed_alone(watched: Watched) -> float:
    """Return the speed of as many steps where nobody watches."""
    rows = max(1, watched.steps // len(RACERS))
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = recorded(race(rows), Path(folder))
    return rows * len(RACERS) / seconds


def _in_the_window() -> Watched:
    """Return what was seen of the race where it shares the window's process."""
    with opened(train_in="window") as window:
        return run_in(window, race(ENDLESS), seconds=THREAD_SECONDS)
