"""Runs that are recorded by hand, so that what is to be found in them is known."""

from collections.abc import Mapping, Sequence

import numpy as np

from optlab.analysis.evidence import Evidence, Findings, evidence
from optlab.plugins import load_catalog
from optlab.records import (
    Columns,
    Evaluation,
    RunStart,
    RunStop,
    State,
    TrialStart,
    TrialStop,
)
from optlab.spec import dump_spec, parse_spec
from optlab.store.run_data import RunData

EVERY = 10
BATCH = 4

Curves = Mapping[str, Mapping[int, Sequence[float]]]
"""By label and seed: what is measured at step 0, 10, 20 and so on."""


def recorded(
    curves: Curves,
    *,
    metric: str = "val_loss",
    diverged: Sequence[tuple[str, int]] = (),
    seconds: Mapping[str, float] | None = None,
    target: float | None = None,
    data: str = "noisy-line",
) -> RunData:
    """Return a run whose trials measured a metric every ten steps.

    A step sees 4 samples, evaluates one gradient and takes ``seconds`` by label, 1 if
    not given, half of it in the optimizer.
    """
    labels = list(curves)
    seeds = sorted({seed for own in curves.values() for seed in own})
    longest = max(len(v) for own in curves.values() for v in own.values())
    tree = {
        "title": "Recorded by hand",
        "problem": {"name": "linear-regression", "data": data, "batch_size": BATCH},
        "training": {"steps": EVERY * max(longest - 1, 1), "seeds": seeds},
        "optimizers": [{"name": "SGD", "label": label, "lr": 0.1} for label in labels],
        "comparison": {} if target is None else {"target": target},
    }
    catalog = load_catalog()
    spec = parse_spec(tree, catalog)
    run = RunData(spec_text=dump_spec(spec, catalog))
    trials = [(label, seed) for label in labels for seed in curves[label]]
    starts = tuple(
        TrialStart(
            trial=number,
            entry=labels.index(label),
            label=label,
            optimizer="SGD",
            seed=seed,
            batch_size=BATCH,
            steps=EVERY * max(longest - 1, 1),
            steps_per_epoch=10,
            init_hash=f"{seed:x}",
            n_parameters=2,
        )
        for number, (label, seed) in enumerate(trials)
    )
    dense = ("samples", "grad_evals", "wall_time_s", "train_loss", "optimizer_time_s")
    run.append(
        RunStart(
            spec=spec,
            trials=starts,
            metrics=(*dense[:4], metric, dense[4]),
            sparse=(metric,),
            device="cpu",
            versions={"optlab": "test"},
        )
    )
    for number, (label, seed) in enumerate(trials):
        values = curves[label][seed]
        steps = np.arange(EVERY * (len(values) - 1) + 1, dtype=np.float64)
        cost = (seconds or {}).get(label, 1.0)
        columns = {
            "samples": BATCH * steps,
            "grad_evals": steps,
            "wall_time_s": cost * steps,
            "train_loss": np.full(len(steps), np.nan),
            "optimizer_time_s": cost / 2 * steps,
        }
        run.append(Columns(trial=number, first=0, values=columns))
        for k, value in enumerate(values):
            run.append(Evaluation(trial=number, step=EVERY * k, values={metric: value}))
        lost = (label, seed) in diverged
        run.append(
            TrialStop(
                trial=number,
                state=State.DIVERGED if lost else State.FINISHED,
                step=int(steps[-1]),
                grad_evals=int(steps[-1]),
                wall_time_s=cost * float(steps[-1]),
                optimizer_time_s=cost / 2 * float(steps[-1]),
                state_floats_per_param=0.0,
                batch_hash="",
            )
        )
    run.append(RunStop(state=State.FINISHED))
    return run


def gathered(*runs: RunData) -> Evidence:
    """Return what runs say."""
    return evidence(runs, load_catalog())


def findings(*runs: RunData) -> Findings:
    """Return what runs of one problem say."""
    (found,) = gathered(*runs).findings
    return found
