"""The real window, without a screen, with a run going on in it.

`opened` gives a window of 1440 × 900; `run_in` starts an experiment in it, lets the
event loop run until the run has ended (or for some seconds), and tells how long it
took, how far it came, and how long a timer of 16 ms had to wait for its turn.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from optlab.plugins import load_catalog
from optlab.spec import ExperimentSpec, parse_spec
from optlab.store.run_data import RunData
from optlab.ui.arrangement import Pane, Split
from optlab.ui.collector import Collector
from optlab.ui.controller import Phase
from optlab.ui.launch import SWITCH_SECONDS, make_session
from optlab.ui.main_window import MainWindow
from optlab.ui.theme import apply_theme, theme_named

SIZE: Final = (1440, 900)
TIMER_MS: Final = 16
PATIENCE_S: Final = 120.0
SIX_PLOTS: Final = (
    "train_loss",
    "grad_norm",
    "update_norm",
    "param_norm",
    "x0",
    "x1",
)
"""Six plots of curves that every run on a surface of two dimensions has."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What was seen of one run in the window.

    Attributes:
        data: The run.
        seconds: From its first records in the window to its end.
        steps: Steps of all trials in that time.
        waits_ms: Times between two turns of a timer of 16 ms meanwhile.
    """

    data: RunData
    seconds: float
    steps: int
    waits_ms: Sequence[float]

    @property
    def speed(self) -> float:
        """Steps of all trials in a second."""
        return self.steps / self.seconds

    def wait_ms(self, per_cent: float) -> float:
        """Return the wait that so many per cent of all waits do not exceed."""
        return float(np.percentile(self.waits_ms, per_cent))


@contextmanager
def opened(
    folder: Path | None = None, *, train_in: str = "process"
) -> Iterator[MainWindow]:
    """Open the window, warmed up, and close it in the end.

    Args:
        folder: Where runs and settings are kept; None for one that is removed again.
        train_in: ``process`` or ``window``, as in the preferences.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    before = sys.getswitchinterval()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        sys.setswitchinterval(SWITCH_SECONDS)
        session = make_session(load_catalog(), folder=folder or Path(own))
        session.preferences.set_value("train_in", train_in)
        theme = theme_named("light")
        apply_theme(application, theme)
        session.state.set_theme(theme)
        window = MainWindow(session)
        collector = Collector()
        window.resize(*SIZE)
        window.show()
        gc.freeze()
        known: list[bool] = []
        session.controller.devices_known.connect(lambda: known.append(True))
        session.controller.warm_up()
        wait_for(lambda: bool(known))
        try:
            yield window
        finally:
            window.close()
            collector.stop()
            window.deleteLater()
            application.processEvents()
            sys.setswitchinterval(before)


def run_in(
    window: MainWindow,
    experiment: ExperimentSpec | Mapping[str, Any],
    *,
    plots: Sequence[str] = SIX_PLOTS,
    seconds: float | None = None,
) -> Watched:
    """Start an experiment in a window and watch it.

    Args:
        window: The window.
        experiment: A spec, or a table as of a TOML file.
        plots: Names of the plots to show, in rows of three.
        seconds: After so many seconds the run is stopped; None to let it end.
    """
    catalog, controller = window.session.catalog, window.controller
    if not isinstance(experiment, ExperimentSpec):
        experiment = parse_spec(experiment, catalog)
    window.editor.open(experiment, source="")
    arrange(window, plots)
    begun: list[float] = []
    began_at: list[int] = []
    ended: list[float] = []

    def begin() -> None:
        if controller.shows_live and not begun:
            began_at.append(_steps(controller.data))
            begun.append(perf_counter())

    def end() -> None:
        ended.append(perf_counter())

    controller.run_changed.connect(begin)
    controller.run_ended.connect(end)
    waits: list[float] = []
    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.setInterval(TIMER_MS)
    last = [0.0]

    def beat() -> None:
        now = perf_counter()
        if begun and last[0]:
            waits.append(1000 * (now - last[0]))
        last[0] = now

    heart.timeout.connect(beat)
    try:
        if not controller.start(experiment):
            raise SystemExit(f"the run did not start: {window.notice.text}")
        wait_for(lambda: bool(begun) or controller.phase is Phase.IDLE)
        heart.start()
        wait_for(lambda: bool(ended), seconds=seconds)
        heart.stop()
        data = controller.data
        if data is None or not begun:
            raise SystemExit(f"the run did not begin: {window.notice.text}")
        steps, now = _steps(data) - began_at[0], perf_counter()
        if not ended:
            controller.stop()
            wait_for(lambda: bool(ended))
        else:
            now = ended[0]
    finally:
        heart.stop()
        controller.run_changed.disconnect(begin)
        controller.run_ended.disconnect(end)
    return Watched(
        data=data, seconds=now - begun[0], steps=steps, waits_ms=tuple(waits)
    )


def wait_for(done: Callable[[], bool], *, seconds: float | None = None) -> None:
    """Let the window live until something is so, or for some seconds.

    Raises:
        SystemExit: It has not come so after a long time.
    """
    loop = QEventLoop()
    look = QTimer()
    look.setInterval(20)
    look.timeout.connect(lambda: loop.quit() if done() else None)
    look.start()
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    if seconds is not None:
        limit.start(round(1000 * seconds))
    else:
        limit.start(round(1000 * PATIENCE_S))
    if not done():
        loop.exec()
    look.stop()
    limit.stop()
    if seconds is None and not done():
        raise SystemExit("the window waited in vain")


def arrange(window: MainWindow, plots: Sequence[str]) -> None:
    """Show some plots, in rows of three."""
    state = window.state
    rows = [plots[i : i + 3] for i in range(0, len(plots), 3)]
    tree = Split(
        across=False,
        parts=tuple(
            Split(
                across=True,
                parts=tuple(Pane(name=name) for name in row),
                weights=(1.0,) * len(row),
            )
            for row in rows
        ),
        weights=(1.0,) * len(rows),
    )
    arrangement = replace(state.arrangement, copies=tuple(plots), tree=tree)
    state.set_arrangement(arrangement, "benchmark")


def _steps(data: RunData | None) -> int:
    if data is None:
        return 0
    return sum(max(0, data.status(trial.trial).step) for trial in data.trials)
