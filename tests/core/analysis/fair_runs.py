"""Runs recorded by hand for what is said of fairness: one thing differs at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optlab.analysis.evidence import Findings, evidence
from optlab.plugins import load_catalog
from optlab.records import (
    Columns,
    Evaluation,
    Event,
    RunStart,
    RunStop,
    State,
    TrialStart,
    TrialStop,
)
from optlab.spec import dump_spec, parse_spec
from optlab.store.run_data import RunData

CATALOG = load_catalog()
STEPS = 100
VERSIONS = {"optlab": "1", "torch": "2"}
LINE = {"name": "linear-regression", "data": "noisy-line", "batch_size": 4}
IMAGES = {"name": "image-classification", "model": "seed-cnn", "dataset": "digits"}
STUDY = "ab12"
SGD: dict[str, Any] = {"name": "SGD", "label": "SGD", "lr": 0.1}
ADAM: dict[str, Any] = {"name": "Adam", "label": "Adam", "lr": 0.01}
SEEDS = tuple(range(8))


def run(
    *optimizers: dict[str, Any],
    seeds: Sequence[int] = SEEDS,
    problem: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    part: Mapping[str, Any] | None = None,
    tuning: Mapping[str, Any] | None = None,
    finals: Mapping[Any, float] | None = None,
    hill: float = 0.0,
    states: Mapping[tuple[str, int], State] | None = None,
    steps: Mapping[tuple[str, int], int] | None = None,
    weights: Mapping[tuple[str, int], str] | None = None,
    batches: Mapping[tuple[str, int], str] | None = None,
    sizes: Mapping[str, int] | None = None,
    pace: Mapping[str, Sequence[float]] | None = None,
    events: Sequence[Event] = (),
    versions: Mapping[str, str] | None = None,
    device: str = "cpu",
    over: bool = True,
) -> RunData:
    """Return a run in which everything is fair but what is given.

    Args:
        optimizers: Entries; SGD and Adam if none are given.
        seeds: Seeds of all of them.
        problem: The problem.
        training: What differs in the training.
        part: Which part of a study it is.
        tuning: How it was tuned.
        finals: Validation loss at the end, by label, or by label and seed; it begins
            at 2.
        hill: How much higher all losses are half-way.
        states: How trials ended, by label and seed.
        steps: Where trials ended, likewise.
        weights: Hashes of initial weights that differ from those of the seed.
        batches: Hashes of batches that differ from those of the seed.
        sizes: Batch sizes by label.
        pace: Seconds of each step, by label.
        events: What happened.
        versions: Versions of what took part.
        device: Where it ran.
        over: Whether the trials have ended.
    """
    optimizers = optimizers or (SGD, ADAM)
    tree: dict[str, Any] = {
        "title": "By hand",
        "problem": dict(problem or LINE),
        "training": {"steps": STEPS, "seeds": list(seeds)} | dict(training or {}),
        "optimizers": list(optimizers),
    }
    tree |= {"part": dict(part)} if part else {}
    tree |= {"tuning": dict(tuning)} if tuning else {}
    spec = parse_spec(tree, CATALOG)
    data = RunData(spec_text=dump_spec(spec, CATALOG))
    starts = [
        TrialStart(
            trial=len(seeds) * entry + i,
            entry=entry,
            label=one["label"],
            optimizer=one["name"],
            seed=seed,
            batch_size=(sizes or {}).get(one["label"], 4),
            steps=STEPS,
            steps_per_epoch=10,
            init_hash=(weights or {}).get((one["label"], seed), f"w{seed}"),
            n_parameters=2,
        )
        for entry, one in enumerate(optimizers)
        for i, seed in enumerate(seeds)
    ]
    data.append(
        RunStart(
            spec=spec,
            trials=tuple(starts),
            metrics=("grad_evals", "wall_time_s", "train_loss", "val_loss"),
            sparse=("val_loss",),
            device=device,
            versions=versions or VERSIONS,
        )
    )
    for start in starts:
        key = start.label, start.seed
        n = (steps or {}).get(key, STEPS)
        own = (pace or {}).get(start.label, [0.01] * n)
        given: dict[Any, float] = dict(finals or {})
        end = given.get(key, given.get(start.label, 1.0 - 0.01 * start.entry))
        losses = np.linspace(2.0, end, n + 1)
        losses += hill * np.sin(np.linspace(0.0, np.pi, n + 1))
        values = {
            "grad_evals": np.arange(n + 1.0),
            "wall_time_s": np.concatenate([[0.0], np.cumsum(own[:n])]),
            "train_loss": losses,
        }
        data.append(Columns(trial=start.trial, first=0, values=values))
        for step in range(0, n + 1, 10):
            value = {"val_loss": float(losses[step])}
            data.append(Evaluation(trial=start.trial, step=step, values=value))
        if over:
            batch_hash = f"b{start.seed}-{start.batch_size}-{n}"
            data.append(
                TrialStop(
                    trial=start.trial,
                    state=(states or {}).get(key, State.FINISHED),
                    step=n,
                    grad_evals=n,
                    wall_time_s=0.01 * n,
                    optimizer_time_s=0.001 * n,
                    state_floats_per_param=0.0,
                    batch_hash=(batches or {}).get(key, batch_hash),
                )
            )
    for event in events:
        data.append(event)
    if over:
        data.append(RunStop(state=State.FINISHED))
    return data


def tuning_runs(
    optimizer: dict[str, Any],
    rates: Sequence[float],
    *,
    finals: Sequence[float] = (),
    shares: Sequence[float] = (),
    seed: int = 1000,
    broken: Sequence[int] = (),
    **how: Any,
) -> list[RunData]:
    """Return the tuning trials of one optimizer, one run for each rate."""
    found = []
    for number, rate in enumerate(rates):
        label = optimizer["label"]
        n = round(STEPS * (shares[number] if shares else 1.0))
        ended = State.FINISHED if n == STEPS else State.STOPPED
        found.append(
            run(
                optimizer | {"lr": rate, "space": {"lr": [1e-4, 1.0]}},
                seeds=(seed,),
                part={"study": STUDY, "part": "tuning", "trial": number},
                tuning={"trials": len(rates)},
                finals={label: finals[number] if finals else 1.0},
                steps={(label, seed): n},
                states={(label, seed): State.DIVERGED if number in broken else ended},
                **how,
            )
        )
    return found


def final_run(*optimizers: dict[str, Any], **how: Any) -> RunData:
    """Return the comparison of a study."""
    part = {"study": STUDY, "part": "final"}
    return run(*optimizers, part=part, tuning={"trials": 4}, **how)


def fair_study(**how: Any) -> list[RunData]:
    """Return a study with nothing to complain of."""
    rates, finals = (1e-3, 1e-2, 1e-1, 1.0), (1.8, 1.1, 1.2, 1.9)
    tuned = [r for o in (SGD, ADAM) for r in tuning_runs(o, rates, finals=finals)]
    return [*tuned, final_run(**how)]


def found_in(*runs: RunData) -> Findings:
    """Return what runs of one problem say."""
    (found,) = evidence(runs, CATALOG).findings
    return found
