"""Run files: opening a long one in the window, what it weighs, and what it holds.

The long run is written once, by the program's own writer, from made-up records of six
metrics as nets record them: a noisy falling loss and an accuracy in 64ths, both of
float32; norms of parameters, gradient and update, of float64, the latter as noisy as
the loss; a rate that halves ten times. No two trials have the same values.
"""

import gc
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from PySide6.QtWidgets import QApplication

from benchmarks.row import Row
from benchmarks.rows.race import race
from benchmarks.sides import recorded
from benchmarks.windowed import arrange, opened, wait_for
from optlab.plugins import load_catalog
from optlab.records import (
    Columns,
    Floats,
    Record,
    RunStart,
    RunStop,
    State,
    TrialStart,
    TrialStop,
)
from optlab.spec import ExperimentSpec, dump_spec, parse_spec, spec_from_text
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter

RACERS: Final = (
    "SGD",
    "Adam",
    "AdamW",
    "NAdam",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
)
TRIALS: Final = len(RACERS)
STEPS: Final = 1_000_000
METRICS: Final = (
    "train_loss",
    "train_accuracy",
    "param_norm",
    "grad_norm",
    "update_norm",
    "lr",
)
NET_STEPS: Final = 1000
NET_BATCH: Final = 16
BATCH: Final = 64
EPOCH: Final = 782
SETTLING_S: Final = 3.0
NOISE_B: Final = 1e6
_AT_ONCE: Final = 10_000
_HALVINGS: Final = 10


def measure(rounds: int) -> Sequence[Row]:
    """Measure opening, memory and size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.optlab"
        write_run(path)
        fresh = [_shown_by_another(path) for _ in range(rounds)]
        shown = [_shown_by_another(path, "ready") for _ in range(rounds)]
    data = float(TRIALS * (STEPS + 1) * len(METRICS) * 8)
    sizes = _sizes()
    worst = max(sizes, key=lambda name: sizes[name][0] / sizes[name][1])
    return [
        Row(
            key="opening",
            figure="opening 8 trials × 1,000,000 steps × 6 metrics until drawn",
            baseline="",
            ours=[one["seconds"] for one in fresh],
            target=1.5,
            note=f"in a fresh window of {fresh[0]['plots']:.0f} plots",
        ),
        Row(
            key="size",
            figure="run file, checkpoints apart",
            baseline="8 bytes per recorded value other than step",
            ours=[sizes[worst][0]],
            theirs=[sizes[worst][1]],
            unit="B",
            target=0.9,
            note="; ".join(f"{n} {a / b:.3f}" for n, (a, b) in sizes.items()),
        ),
        Row(
            key="memory",
            figure="memory that showing that run takes",
            baseline="8 bytes for each of its values",
            ours=[one["grown"] for one in shown],
            theirs=[data] * rounds,
            unit="B",
            target=1.5,
            note=f"at the peak {max(one['peak'] for one in shown) / data:.2f}; "
            "in six plots, with the experiment in the panels before",
        ),
    ]


def write_run(
    path: Path,
    metrics: Sequence[str] = METRICS,
    *,
    trials: int = TRIALS,
    steps: int = STEPS,
) -> None:
    """Write a finished run of so many steps and their starting points."""
    catalog = load_catalog()
    tree = {
        "title": "A long run",
        "problem": {"name": "image-classification", "batch_size": BATCH},
        "training": {"steps": steps},
        "optimizers": [{"name": name, "lr": 0.1} for name in RACERS[:trials]],
    }
    spec = parse_spec(tree, catalog)
    text = dump_spec(spec, catalog)
    with RunWriter(path, text, resolved_text=text) as writer:
        for record in _records(spec, tuple(metrics), steps):
            writer.append(record)


def _records(
    spec: ExperimentSpec, metrics: tuple[str, ...], steps: int
) -> Iterator[Record]:
    trials = tuple(
        TrialStart(
            trial=i,
            entry=i,
            label=entry.name,
            optimizer=entry.name,
            seed=0,
            batch_size=BATCH,
            steps=steps,
            steps_per_epoch=EPOCH,
            init_hash="0" * 8,
            n_parameters=100_000,
        )
        for i, entry in enumerate(spec.optimizers)
    )
    yield RunStart(
        spec=spec, trials=trials, metrics=metrics, sparse=(), device="cpu", versions={}
    )
    rng = np.random.default_rng(0)
    for first in range(0, steps + 1, _AT_ONCE):
        rows = np.arange(first, min(first + _AT_ONCE, steps + 1))
        for trial in trials:
            found = _rows(rows, trial.trial, rng, steps)
            values = {name: found[name] for name in metrics}
            yield Columns(trial=trial.trial, first=first, values=values)
    for trial in trials:
        yield TrialStop(
            trial=trial.trial,
            state=State.FINISHED,
            step=steps,
            grad_evals=steps,
            wall_time_s=1e-3 * steps,
            optimizer_time_s=1e-4 * steps,
            state_floats_per_param=1.0,
            batch_hash="0" * 16,
        )
    yield RunStop(state=State.FINISHED)


def _rows(
    rows: np.ndarray[Any, Any], trial: int, rng: np.random.Generator, steps: int
) -> Mapping[str, Floats]:
    n = len(rows)
    loss = (
        2.3 * (1 + rows / 1000) ** (-0.1 * (1 + trial / 8)) * rng.lognormal(0, 0.2, n)
    )
    right = rng.binomial(BATCH, np.clip(np.exp(-loss), 0, 1)) / BATCH
    grad = loss * rng.lognormal(0, 0.3, n)
    lr = 0.1 / (1 + trial) * 0.5 ** (rows * _HALVINGS // (steps + 1))
    values = {
        "epoch": rows / EPOCH,
        "samples": 1.0 * BATCH * rows,
        "grad_evals": 1.0 * rows,
        "wall_time_s": 0.012 * rows + rng.uniform(0, 0.001, n).cumsum(),
        "train_loss": _single(loss),
        "train_accuracy": _single(right),
        "param_norm": 10 + np.log1p(rows) + 1e-4 * rng.standard_normal(n).cumsum(),
        "grad_norm": grad,
        "update_norm": lr * grad,
        "lr": lr,
    }
    if rows[0] == 0:
        # Of the starting point only the parameters are known.
        for name in set(METRICS) - {"param_norm"}:
            values[name][0] = np.nan
    return values


def _single(values: Floats) -> Floats:
    return values.astype(np.float32).astype(np.float64)


def _sizes() -> Mapping[str, tuple[float, float]]:
    """Return bytes of two real run files, and of their values as plain numbers."""
    names = ("SGD", "Adam", "RMSprop", "Adagrad")
    net = {
        "problem": {"name": "image-classification", "batch_size": NET_BATCH},
        "training": {"steps": NET_STEPS, "eval_every": NET_STEPS // 10},
        "optimizers": [{"name": name, "lr": 1e-3} for name in names],
    }
    found = {}
    for name, tree in (("Rosenbrock", race()), ("seed-cnn", net)):
        with tempfile.TemporaryDirectory() as folder:
            _, runner = recorded(tree, Path(folder))
            found[name] = _weight(runner.path)
    return found


def _weight(path: Path) -> tuple[float, float]:
    """Return the bytes of a file without its checkpoints, and 8 for each value.

    Pages that are free now held earlier checkpoints, and rows that wait for a block.
    """
    with closing(sqlite3.connect(path)) as connection:
        pages, values = connection.execute(
            "SELECT (SELECT sum(pgsize) FROM dbstat WHERE name <> 'checkpoint'), "
            "(SELECT sum(n) FROM chunk)"
        ).fetchone()
    return float(pages), 8.0 * values


def _shown_by_another(path: Path, *how: str) -> Mapping[str, float]:
    """Return what a fresh process tells of showing a run."""
    command = [sys.executable, "-m", "benchmarks.rows.run_files", str(path), *how]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(path: Path, *, ready: bool = False) -> Mapping[str, float]:
    """Open a run in the window; return seconds, and bytes that memory grew by.

    Args:
        path: The run file.
        ready: Whether the panels show its experiment before: what it takes to describe
            a net (torch and its data) is then not counted for the run.
    """
    with opened() as window:

        def painted() -> bool:
            names = window.grid.shown_names()
            cards = [window.grid.card(name) for name in names]
            return all(c.canvas.paint_seconds() and not c.fit_due() for c in cards)

        if ready:
            spec = spec_from_text(RunData.open(path).spec_text, window.session.catalog)
            window.editor.open(spec, source=path.name)
            _settle()
        gc.collect()
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        began = perf_counter()
        if not window.runs.load_run(path):
            raise SystemExit(window.notice.text)
        while not painted():
            QApplication.processEvents()
        seconds = perf_counter() - began
        plots = len(window.grid.shown_names())
        arrange(window, METRICS)
        wait_for(lambda: painted() and not window.reader.busy)
        return {
            "seconds": seconds,
            "plots": plots,
            "grown": _memory("VmRSS") - before,
            "peak": _memory("VmHWM") - before,
        }


def _settle() -> None:
    """Wait until memory grows no more."""
    last = 0.0
    while _memory("VmRSS") - last > NOISE_B:
        last = _memory("VmRSS")
        wait_for(lambda: False, seconds=SETTLING_S)


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024.0 * next(int(x.split()[1]) for x in lines if x.startswith(name))


if __name__ == "__main__":
    print(json.dumps(show(Path(sys.argv[1]), ready="ready" in sys.argv[2:])))
