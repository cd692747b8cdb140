"""Records of runs that never took place, for tests of store and export."""

from collections.abc import Iterator, Sequence

import numpy as np

from optlab.records import (
    Checkpoint,
    Columns,
    Evaluation,
    Event,
    Floats,
    Record,
    RunStart,
    RunStop,
    State,
    TrialMemory,
    TrialStart,
    TrialStop,
)
from optlab.spec import ExperimentSpec, OptimizerSpec, ProblemSpec, TrainingSpec

DENSE = (
    "epoch",
    "samples",
    "grad_evals",
    "wall_time_s",
    "train_loss",
    "param_norm",
    "grad_norm",
    "update_norm",
    "lr",
)
SPARSE = ("val_loss", "val_accuracy")
METRICS = (*DENSE, *SPARSE, "optimizer_time_s")
SPEC_TEXT = 'format = 1\ntitle = "A test"\n'
RESOLVED_TEXT = 'format = 1\ntitle = "A test"\n# resolved\n'


def experiment(labels: Sequence[str], *, steps: int = 100) -> ExperimentSpec:
    return ExperimentSpec(
        title="A test",
        problem=ProblemSpec(name="rosenbrock"),
        training=TrainingSpec(steps=steps, eval_every=10),
        optimizers=tuple(OptimizerSpec(name="SGD", label=label) for label in labels),
    )


def start(
    labels: Sequence[str] = ("SGD", "Adam"),
    *,
    seeds: Sequence[int] = (0,),
    steps: int = 100,
    metrics: tuple[str, ...] = METRICS,
    sparse: tuple[str, ...] = SPARSE,
    resumed: bool = False,
) -> RunStart:
    trials: list[TrialStart] = []
    for entry, label in enumerate(labels):
        for seed in seeds:
            trials.append(
                TrialStart(
                    trial=len(trials),
                    entry=entry,
                    label=label,
                    optimizer="SGD",
                    seed=seed,
                    batch_size=64,
                    steps=steps,
                    steps_per_epoch=30,
                    init_hash=f"{seed:08x}",
                    n_parameters=10,
                    notes=("a note with ünïcode",) if entry else (),
                )
            )
    return RunStart(
        spec=experiment(labels, steps=steps),
        trials=tuple(trials),
        metrics=metrics,
        sparse=sparse,
        device="cpu",
        versions={"numpy": "2"},
        resumed=resumed,
    )


def rows(
    trial: int,
    first: int,
    n: int,
    *,
    metrics: tuple[str, ...] = METRICS,
    sparse: tuple[str, ...] = SPARSE,
) -> Columns:
    """Return rows whose values depend on trial, metric and step alone."""
    steps = np.arange(first, first + n)
    values: dict[str, Floats] = {}
    for metric in metrics:
        if metric not in sparse:
            values[metric] = column(trial, metric, steps)
    return Columns(trial=trial, first=first, values=values)


def column(trial: int, metric: str, steps: np.ndarray) -> Floats:
    if metric in ("samples", "grad_evals"):
        return steps * (64.0 if metric == "samples" else 1.0)
    if metric == "epoch":
        return steps / 30
    if metric == "lr":
        return np.where(steps == 0, np.nan, 0.1)
    if metric.endswith("time_s"):
        return steps * 0.001 * (trial + 1)
    wave = np.sin(steps * 12.9898 + trial + len(metric)) * 43758.5453 % 1.0
    values = (1.0 + 0.2 * wave) * np.exp(-steps * 0.01 * (trial + 1)) + 1e-3
    if metric in ("train_loss", "grad_norm", "update_norm"):
        values = np.where(steps == 0, np.nan, values)
    return values


def evaluation(trial: int, step: int) -> Evaluation:
    values = {"val_loss": 1 / (step + 1), "val_accuracy": 1 - 1 / (step + 2)}
    return Evaluation(trial=trial, step=step, values=values)


def stop(trial: int, step: int, state: State = State.FINISHED) -> TrialStop:
    return TrialStop(
        trial=trial,
        state=state,
        step=step,
        reason="" if state is State.FINISHED else f"{state} at step {step}",
        grad_evals=step,
        wall_time_s=step * 0.001 * (trial + 1),
        optimizer_time_s=step * 0.0001,
        state_floats_per_param=2.0,
        batch_hash="0" * 16,
    )


def whole_run(
    labels: Sequence[str] = ("SGD", "Adam"),
    *,
    seeds: Sequence[int] = (0,),
    steps: int = 100,
    slice_rows: int = 7,
    diverged: dict[int, int] | None = None,
) -> Iterator[Record]:
    """Yield a run; ``diverged`` says at which step which trial diverges."""
    begin = start(labels, seeds=seeds, steps=steps)
    ends = {t.trial: (diverged or {}).get(t.trial, steps) for t in begin.trials}
    yield begin
    for trial in ends:
        yield rows(trial, 0, 1)
        yield evaluation(trial, 0)
    for first in range(1, steps + 1, slice_rows):
        for trial, end in ends.items():
            n = min(slice_rows, end + 1 - first)
            if n > 0:
                record = rows(trial, first, n)
                if trial in (diverged or {}) and first + n - 1 == end:
                    record.values["train_loss"][-1] = np.inf
                    record.values["param_norm"][-1] = np.nan
                yield record
                for step in range(first, first + n):
                    if step % 10 == 0:
                        yield evaluation(trial, step)
        if first == 1:
            yield TrialMemory(trial=0, state_floats_per_param=1.5)
            yield Event(trial=None, step=first, name="pause")
            yield Checkpoint(trial=0, step=first, data=b"\x00\x01state")
            yield Event(trial=None, step=first, name="resume", text="by hand")
    for trial, end in ends.items():
        yield Checkpoint(trial=trial, step=end, data=f"at {end}".encode())
        state = State.DIVERGED if trial in (diverged or {}) else State.FINISHED
        yield stop(trial, end, state)
    yield RunStop(state=State.FINISHED)
