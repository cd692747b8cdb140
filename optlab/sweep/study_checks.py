"""What must hold before a study starts, and the problems that it is about."""

import math
from dataclasses import replace

from optlab.analysis.tuning import rung_shares
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, check_spec, labels
from optlab.sweep.search import dimensions, grid
from optlab.translate import tr


def check_study(spec: ExperimentSpec, catalog: Catalog) -> None:
    """Check everything that must hold before a study starts.

    Raises:
        InputError: The first thing that does not hold.
    """
    check_spec(spec, catalog)
    known = labels(spec, catalog)
    baseline = spec.comparison.baseline
    if baseline and baseline not in known:
        text = tr("the label of an optimizer: {names}", names=", ".join(known))
        raise InputError("comparison.baseline", baseline, text)
    for i, problem in enumerate(problems_of(spec)):
        if i:
            check_spec(problem, catalog)
    if spec.tuning is None:
        return
    tuning = spec.tuning
    if tuning.refine >= tuning.trials:
        text = tr("fewer than tuning.trials, {n}", n=tuning.trials)
        raise InputError("tuning.refine", tuning.refine, text)
    first = tuning.trials - tuning.refine
    for i, entry in enumerate(spec.optimizers):
        dims = dimensions(entry, catalog, f"optimizers.{i}")
        needed = len(grid(dims, first)) if tuning.search == "grid" else 0
        if needed > first:
            text = tr(
                "at least {n}, the settings that {label} is given",
                n=needed + tuning.refine,
                label=known[i],
            )
            raise InputError("tuning.trials", tuning.trials, text)
    steps = spec.training.steps
    shortest = rung_shares(tuning)[0]
    if steps is not None and steps * shortest < 1:
        text = tr(
            "at least {n}, a step for the first rung",
            n=tuning.eta ** (tuning.rungs - 1),
        )
        raise InputError("training.steps", steps, text)
    dense = catalog.problems.get(spec.problem.name).kind == "surface"
    measured = dense or tuning.metric == "train_loss"
    too_rare = steps is not None and spec.training.eval_every > steps * shortest
    if steps is not None and too_rare and not measured:
        text = tr(
            "at most {n}, so that the first rung of tuning is measured",
            n=math.floor(steps * shortest),
        )
        raise InputError("training.eval_every", spec.training.eval_every, text)


def problems_of(spec: ExperimentSpec) -> list[ExperimentSpec]:
    """Return the experiment on each of its problems."""
    alone = replace(spec, further_problems=())
    return [alone, *(replace(alone, problem=p) for p in spec.further_problems)]


def has_images(spec: ExperimentSpec, catalog: Catalog) -> bool:
    """Return whether a part of the training data can be held out."""
    params = catalog.problems.get(spec.problem.name).params
    return any(param.name == "dataset" for param in params)
