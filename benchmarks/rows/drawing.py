"""A frame of a plot: what it costs whether a curve has 2,000 points or ten million.

A frame is what the clock of the window does for the card of a metric: 10,000 points
arrive (625 rows of each of 16 trials), the card reads what its pixels need, and Qt
paints it. The curves are a falling loss with noise at every step.
"""

import os
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks.row import Row
from optlab.records import Columns, Floats, RunStart, TrialStart
from optlab.spec import ExperimentSpec, OptimizerSpec, ProblemSpec, TrainingSpec
from optlab.store.run_data import RunData
from optlab.ui.clock import ViewClock
from optlab.ui.curve_specs import CurveSpec
from optlab.ui.curves import CurveCard
from optlab.ui.view_state import ViewState

CURVES: Final = 16
LONG, SHORT = 10_000_000, 2_000
ROWS: Final = 625
FRAMES: Final = 5
WIDTH, HEIGHT = 1600, 900
METRIC: Final = "train_loss"


def measure(rounds: int) -> Sequence[Row]:
    """Measure frames of long and of short curves in turn."""
    long, short = frames(LONG, rounds * FRAMES), frames(SHORT)
    next(long), next(short)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(median(next(long) for _ in range(FRAMES)))
        theirs.append(median(next(short) for _ in range(FRAMES)))
    return [
        Row(
            key="drawing",
            figure=f"a frame of {CURVES} noisy curves × {LONG:,} points, "
            f"{CURVES * ROWS:,} of them new: append, view, paint",
            baseline=f"such a frame of {CURVES} curves × {SHORT:,} points",
            ours=ours,
            theirs=theirs,
            unit="ms",
            target=1.5,
            note=f"{WIDTH} × {HEIGHT} pixels, {ROWS} rows of each trial arrive; "
            "curves as recorded, without smoothed lines",
            also={"ms": (median(ours), 33.0)},
        )
    ]


def frames(
    points: int, ahead: int = 1, *, curves: int = CURVES, smoothing: float = 0.0
) -> Iterator[float]:
    """Yield the milliseconds of one frame after another.

    Each one ends with so many points in each curve, or, where several are drawn of the
    same run, a few less.

    Args:
        points: In each curve, at the last of ``ahead`` frames.
        ahead: Frames that are drawn before the run begins anew.
        curves: Of how many trials.
        smoothing: Weight of the smoothed line; 0 for none.
    """
    app = QApplication.instance() or QApplication([])
    state = ViewState()
    state.set_smoothing(smoothing)
    spec = CurveSpec(metric=METRIC, title="Training loss", log=True, noisy=True)
    card = CurveCard(spec, state)
    card.resize(WIDTH, HEIGHT)
    card.show()
    state.set_zoom(card.look.x_key, (0.0, float(points)))
    rng = np.random.default_rng(0)
    while True:
        there = points - ahead * ROWS
        data = run(curves, points)
        for trial in range(curves):
            values = (1.0 + 0.1 * trial) * loss(0, there, points, rng)
            data.append(Columns(trial=trial, first=0, values={METRIC: values}))
        card.set_run(data)
        new_clock(card).refresh_now()
        app.processEvents()
        for frame in range(ahead):
            first = there + frame * ROWS
            news = [
                (1.0 + 0.1 * k) * loss(first, ROWS, points, rng) for k in range(curves)
            ]
            # One that has no frame to rest from.
            clock = new_clock(card)
            began = perf_counter()
            for trial, values in enumerate(news):
                data.append(Columns(trial=trial, first=first, values={METRIC: values}))
            clock.tick()
            app.processEvents()
            yield 1000.0 * (perf_counter() - began)


def new_clock(card: CurveCard) -> ViewClock:
    """Return a clock that draws one card."""
    clock = ViewClock()
    clock.register(card)
    return clock


def loss(first: int, count: int, points: int, rng: np.random.Generator) -> Floats:
    """Return the loss at some steps of a run of ``points`` steps."""
    done = np.arange(first, first + count) / points
    noise = rng.standard_normal(count)
    found: Floats = (0.5 + 2.0 * np.exp(-4.0 * done)) * np.exp(0.15 * noise)
    return found


def run(curves: int, points: int) -> RunData:
    """Return a run of as many trials, of which nothing is recorded yet."""
    spec = ExperimentSpec(
        title="Frames",
        problem=ProblemSpec(name="rosenbrock"),
        training=TrainingSpec(steps=points),
        optimizers=tuple(
            OptimizerSpec(name="SGD", label=f"SGD {k}") for k in range(curves)
        ),
    )
    trials = tuple(
        TrialStart(
            trial=k,
            entry=k,
            label=entry.label,
            optimizer="SGD",
            seed=0,
            batch_size=64,
            steps=points,
            steps_per_epoch=100,
            init_hash="00",
            n_parameters=2,
        )
        for k, entry in enumerate(spec.optimizers)
    )
    data = RunData()
    start = RunStart(
        spec=spec,
        trials=trials,
        metrics=(METRIC,),
        sparse=(),
        device="cpu",
        versions={},
    )
    data.append(start)
    return data
