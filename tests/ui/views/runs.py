"""Runs made up in memory, for tests of the views and for pictures of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optlab.records import (
    Columns,
    Evaluation,
    RunStart,
    RunStop,
    State,
    TrialStart,
    TrialStop,
)
from optlab.spec import ExperimentSpec, OptimizerSpec, ProblemSpec, TrainingSpec
from optlab.store.run_data import RunData

Floats = npt.NDArray[np.float64]

SIX = ("SGD", "SGD + momentum", "Adam", "RMSprop", "Adagrad", "Adadelta")
COMMON = ("epoch", "samples", "grad_evals", "wall_time_s")
NORMS = ("train_loss", "param_norm", "grad_norm", "update_norm", "lr")
SPARSE = ("val_loss", "val_accuracy")


@dataclass(frozen=True, kw_only=True)
class Valley:
    """Rosenbrock's function, as the window sees a surface."""

    dim: int = 2
    start: tuple[float, ...] = (-1.2, 1.0)
    domain: tuple[tuple[float, float], ...] = ((-2.0, 2.0), (-1.0, 3.0))
    minima: tuple[tuple[float, ...], ...] = ((1.0, 1.0),)
    minimum: float | None = 0.0
    noise: float = 0.0
    starts: str = "fixed"

    def value(self, x: Floats, /) -> Floats:
        """Return f."""
        f: Floats = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        return f

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient."""
        d = x[1] - x[0] ** 2
        return np.array([-2 * (1 - x[0]) - 400 * x[0] * d, 200 * d])


def begin(
    labels: Sequence[str],
    *,
    steps: int,
    seeds: Sequence[int] = (0,),
    metrics: Sequence[str],
    surface: bool = False,
) -> tuple[RunData, RunStart]:
    """Return a run of which nothing is known but what will come."""
    spec = ExperimentSpec(
        title="Made up",
        problem=ProblemSpec(name="rosenbrock"),
        training=TrainingSpec(steps=steps, seeds=tuple(seeds)),
        optimizers=tuple(OptimizerSpec(name="SGD", label=text) for text in labels),
    )
    trials = [
        (entry, text, seed) for entry, text in enumerate(labels) for seed in seeds
    ]
    start = RunStart(
        spec=spec,
        trials=tuple(
            TrialStart(
                trial=k,
                entry=entry,
                label=text,
                optimizer="SGD",
                seed=seed,
                batch_size=0 if surface else 64,
                steps=steps,
                steps_per_epoch=0 if surface else 100,
                init_hash="00",
                n_parameters=2,
            )
            for k, (entry, text, seed) in enumerate(trials)
        ),
        metrics=tuple(metrics),
        sparse=tuple(name for name in SPARSE if name in metrics),
        device="cpu",
        versions={},
    )
    data = RunData(spec_text="")
    data.append(start)
    return data, start


def stop(data: RunData, trial: int, state: State, *, floats: float = 1.0) -> None:
    """End one trial where it stands."""
    status = data.status(trial)
    data.append(
        TrialStop(
            trial=trial,
            state=state,
            step=status.step,
            reason="the loss is no longer finite" if state is State.DIVERGED else "",
            grad_evals=status.step,
            wall_time_s=status.wall_time_s,
            optimizer_time_s=0.0,
            state_floats_per_param=floats,
            batch_hash="00",
        )
    )


def common(first: int, count: int, *, epochs: bool) -> dict[str, Floats]:
    """Return what every trial has: epoch, samples, evaluations, seconds."""
    k = np.arange(first, first + count, dtype=np.float64)
    return {
        "epoch": k / 100 if epochs else np.zeros(count),
        "samples": k * 64 if epochs else np.zeros(count),
        "grad_evals": k,
        "wall_time_s": k * 0.025,
    }


def _walk(rule: int, x: Floats, valley: Valley, *, steps: int) -> Floats:
    """Return the positions of one of six textbook rules."""
    m, v = np.zeros(2), np.zeros(2)
    out = [x]
    for k in range(1, steps + 1):
        g = valley.gradient(x)
        if rule == 0:
            x = x - 0.001 * g
        elif rule == 1:
            m = 0.9 * m + g
            x = x - 0.001 * m
        elif rule == 2:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            step = (m / (1 - 0.9**k)) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8)
            x = x - 0.02 * step
        elif rule == 3:
            v = 0.99 * v + 0.01 * g * g
            x = x - 0.01 * g / (np.sqrt(v) + 1e-8)
        elif rule == 4:
            v = v + g * g
            x = x - 0.3 * g / (np.sqrt(v) + 1e-8)
        else:
            v = 0.9 * v + 0.1 * g * g
            d = g * np.sqrt(m + 1e-5) / np.sqrt(v + 1e-5)
            m = 0.9 * m + 0.1 * d * d
            x = x - d
        out.append(x)
    return np.array(out)


def surface_columns(trial: int, xs: Floats, valley: Valley, *, first: int) -> Columns:
    """Return the columns of one trial that went over ``xs``."""
    n = len(xs)
    loss = np.concatenate(([np.nan], valley.value(xs.T)[:-1]))
    grads = np.linalg.norm(np.array([valley.gradient(x) for x in xs]), axis=1)
    steps = np.linalg.norm(np.diff(xs, axis=0, prepend=xs[:1]), axis=1)
    values = common(first, n, epochs=False) | {
        "train_loss": loss,
        "param_norm": np.linalg.norm(xs, axis=1),
        "grad_norm": np.concatenate(([np.nan], grads[:-1])),
        "update_norm": steps,
        "lr": np.full(n, 0.001),
        "value": valley.value(xs.T),
        "x0": xs[:, 0],
        "x1": xs[:, 1],
    }
    return Columns(trial=trial, first=first, values=values)


def race(
    labels: Sequence[str] = SIX,
    *,
    steps: int = 640,
    planned: int = 1000,
    valley: Valley | None = None,
    end: bool = False,
) -> RunData:
    """Return a race over Rosenbrock's valley, still running or ended."""
    valley = valley or Valley()
    metrics = (*COMMON, *NORMS, "value", "x0", "x1")
    data, _ = begin(labels, steps=planned, metrics=metrics, surface=True)
    for trial in range(len(labels)):
        xs = _walk(trial % 6, np.array(valley.start), valley, steps=steps)
        data.append(surface_columns(trial, xs, valley, first=0))
    if end:
        for trial in range(len(labels)):
            stop(data, trial, State.FINISHED, floats=(0, 1, 2, 1, 1, 2)[trial % 6])
        data.append(RunStop(state=State.FINISHED))
    return data


def nets(
    labels: Sequence[str] = SIX,
    *,
    steps: int = 640,
    planned: int = 1000,
    seeds: Sequence[int] = (0,),
    diverged: Sequence[int] = (),
    diverged_at: int = 212,
    blow_up: Callable[[int], float] | None = None,
) -> RunData:
    """Return noisy trainings of image models.

    Args:
        labels: Labels of the optimizers.
        steps: Steps that are recorded.
        planned: Steps that are planned.
        seeds: Seeds; each optimizer has one trial for each.
        diverged: Indices of optimizers all of whose trials diverge.
        diverged_at: The step at which they do.
        blow_up: Loss of a diverging trial, by how many steps are left to it.
    """
    metrics = (*COMMON, *NORMS, "val_loss", "val_accuracy", "train_accuracy")
    data, start = begin(labels, steps=planned, seeds=seeds, metrics=metrics)
    for item in start.trials:
        rng = np.random.default_rng(100 * item.entry + item.seed)
        failed = item.entry in diverged
        n = (diverged_at if failed else steps) + 1
        k = np.arange(n)
        speed = 0.6 + 0.35 * item.entry / max(len(labels) - 1, 1) * 2
        level = 2.2 * np.exp(-k * speed / 260) + 0.5 / (1 + item.entry)
        loss = level * np.exp(0.14 * rng.normal(size=n))
        loss[0] = np.nan
        if failed and blow_up is not None:
            for back in range(5):
                loss[n - 1 - back] = blow_up(back)
        accuracy = 1 - 0.9 * np.exp(-k * speed / 200)
        noise = np.exp(0.3 * rng.normal(size=n))
        values = common(0, n, epochs=True) | {
            "train_loss": loss,
            "param_norm": 9 + (2 + item.entry) * np.log1p(k / 60),
            "grad_norm": level * 2 * noise,
            "update_norm": 0.01 / (1 + item.entry) / (1 + k / 300) * noise,
            "lr": np.full(n, 0.01),
            "train_accuracy": np.clip(accuracy + 0.05 * rng.normal(size=n), 0, 1),
        }
        data.append(Columns(trial=item.trial, first=0, values=values))
        for step in range(0, n, 40):
            found = {"val_loss": level[step] * 1.1, "val_accuracy": accuracy[step]}
            data.append(Evaluation(trial=item.trial, step=step, values=found))
        if failed:
            stop(data, item.trial, State.DIVERGED)
    return data
