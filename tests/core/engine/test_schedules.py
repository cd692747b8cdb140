"""Schedules through the engine: what is recorded as lr, and going on with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from optlab.control import RunControl
from optlab.engine.loop import Past, run
from optlab.params import InputError
from optlab.records import Columns, Record, State
from optlab.registry import Catalog
from optlab.spec import SchedulerSpec
from tests.core.engine.conftest import (
    Collected,
    collect,
    collect_run,
    experiment,
    surface,
)
from tests.core.optimizers.schedule_cases import CASES, Case, schedule

SHORT = [case for case in CASES if case.steps == 300]
LONG = [case for case in CASES if case.steps > 300]
LINE = {"name": "linear-regression", "samples": 100, "batch_size": 10}
MOONS = {"name": "moons", "batch_size": 100}


def table(spec: SchedulerSpec) -> dict[str, Any]:
    """Return a schedule as an experiment's TOML spells it."""
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in spec.values.items()}
    parts = {"schedulers": [table(part) for part in spec.parts]} if spec.parts else {}
    return {"name": spec.name} | values | parts


def sgd(spec: SchedulerSpec, **more: Any) -> dict[str, Any]:
    return {"name": "SGD", "lr": 0.1, "scheduler": table(spec)} | more


def entries(cases: Sequence[Case]) -> list[dict[str, Any]]:
    return [sgd(case.spec, label=str(i)) for i, case in enumerate(cases)]


def holds(found: Collected, cases: Sequence[Case]) -> None:
    """Assert that the lr of row k is the schedule at k - 1."""
    for trial, case in enumerate(cases):
        lr = found.column(trial, "lr")
        assert np.isnan(lr[0])
        expected = [case.form(0.1, k, case.steps) for k in range(case.steps)]
        np.testing.assert_allclose(
            lr[1:], expected, rtol=1e-12, atol=0, err_msg=case.title
        )


def test_that_the_recorded_rate_equals_the_formula_at_every_step(
    catalog: Catalog,
) -> None:
    found = collect_run(catalog, surface(entries(SHORT), steps=300))
    holds(found, SHORT)
    assert {stop.state for stop in found.stops.values()} == {State.FINISHED}


@pytest.mark.parametrize("case", LONG, ids=[c.title for c in LONG])
def test_that_the_recorded_rate_equals_the_formula_over_thousands_of_steps(
    case: Case, catalog: Catalog
) -> None:
    holds(collect_run(catalog, surface(entries([case]), steps=case.steps)), [case])


def test_that_the_rate_of_each_param_group_is_recorded(catalog: Catalog) -> None:
    cases = [case for case in SHORT if case.spec.name in ("WSD", "StepLR", "SWALR")]
    groups = [{"match": ":biases", "lr": 0.02, "name": "biases"}]
    tree = {
        "problem": MOONS,
        "training": {"steps": 300, "eval_every": 300},
        "optimizers": [e | {"param_groups": groups} for e in entries(cases)],
    }
    found = collect_run(catalog, tree)
    for trial, case in enumerate(cases):
        for name, base in (("lr", 0.1), ("lr:biases", 0.02)):
            expected = [case.form(base, k, 300) for k in range(300)]
            np.testing.assert_allclose(
                found.column(trial, name)[1:], expected, rtol=1e-12, atol=0
            )


def test_that_epochs_are_those_of_each_entry(catalog: Catalog) -> None:
    halves = schedule("ExponentialLR", gamma=0.5, every="epoch")
    tree = {
        "problem": LINE,
        "training": {"epochs": 3, "eval_every": 100},
        "optimizers": [sgd(halves), sgd(halves, batch_size=50)],
    }
    found = collect_run(catalog, tree)
    assert found.column(0, "lr")[1:].tolist() == [0.1] * 10 + [0.05] * 10 + [0.025] * 10
    assert found.column(1, "lr")[1:].tolist() == [0.1] * 2 + [0.05] * 2 + [0.025] * 2


def interrupted(catalog: Catalog, tree: dict[str, Any], at: int) -> list[Collected]:
    control = RunControl()
    records: list[Record] = []
    spec = experiment(catalog, tree)
    for record in run(spec, catalog, control, device="cpu", slice_seconds=0.0):
        records.append(record)
        if isinstance(record, Columns) and record.first >= at:
            control.stop()
    first = collect(records)
    past = Past(checkpoints={t: c.data for t, c in first.checkpoints.items()})
    return [first, collect_run(catalog, tree, past=past)]


def goes_on_bitwise(catalog: Catalog, tree: dict[str, Any], names: list[str]) -> None:
    whole = collect_run(catalog, tree)
    first, second = interrupted(catalog, tree, 40)
    for trial in range(len(tree["optimizers"])):
        assert 40 <= first.stops[trial].step < whole.stops[trial].step
        for name in names:
            joined = [run_.column(trial, name) for run_ in (first, second)]
            both = np.concatenate(joined)
            assert both.tobytes() == whole.column(trial, name).tobytes()


def test_that_a_run_that_was_stopped_goes_on_with_its_schedules_bitwise(
    catalog: Catalog,
) -> None:
    tree = surface(entries(SHORT), steps=300)
    goes_on_bitwise(catalog, tree, ["lr", "x0"])


def test_that_a_plateau_goes_on_bitwise_and_drops_on_the_validation_loss(
    catalog: Catalog,
) -> None:
    # So high a threshold that no evaluation is ever a gain but the first.
    drops = schedule(
        "ReduceLROnPlateau", patience=1, factor=0.5, threshold=1e9, threshold_mode="abs"
    )
    tree = {
        "problem": LINE,
        "training": {"steps": 105, "eval_every": 10},
        "optimizers": [
            sgd(drops, lr=0.01),
            sgd(schedule("ReduceLROnPlateau", metric="train_loss"), lr=0.01),
        ],
    }
    goes_on_bitwise(catalog, tree, ["lr", "train_loss"])
    lr = collect_run(catalog, tree).column(0, "lr")[1:]
    # The first evaluation is a gain; the third is the second one without.
    expected = [0.01] * 30 + [0.005] * 20 + [0.0025] * 20 + [0.00125] * 20
    assert lr.tolist() == [*expected, *[0.000625] * 15]


def test_that_a_plateau_of_the_training_loss_works_on_a_surface(
    catalog: Catalog,
) -> None:
    drops = schedule("ReduceLROnPlateau", metric="train_loss", patience=0)
    # x goes 10, -10, 10, …: the loss stays as it is.
    tree = surface([sgd(drops, lr=1.0)], steps=30, eval_every=10)
    lr = collect_run(catalog, tree).column(0, "lr")[1:]
    np.testing.assert_allclose(lr, [1.0] * 20 + [0.1] * 10, rtol=1e-15)


def test_that_a_schedule_changes_the_training_as_if_the_rate_were_typed(
    catalog: Catalog,
) -> None:
    tree = surface([sgd(schedule("StepLR", step_size=2, gamma=0.5))], steps=6)
    x = 10.0
    expected = [x]
    for rate in (0.1, 0.1, 0.05, 0.05, 0.025, 0.025):
        x -= rate * 2 * x
        expected.append(x)
    found = collect_run(catalog, tree)
    np.testing.assert_allclose(found.column(0, "x0"), expected, rtol=1e-15)


def test_that_cycling_momentum_moves_the_trial(catalog: Catalog) -> None:
    still = schedule("OneCycleLR", max_lr=0.1, cycle_momentum=False)
    tree = surface([sgd(still), sgd(schedule("OneCycleLR", max_lr=0.1))], steps=50)
    found = collect_run(catalog, tree)
    assert (found.column(0, "lr")[1:] == found.column(1, "lr")[1:]).all()
    assert found.column(0, "x0")[-1] != found.column(1, "x0")[-1]


REFUSED: list[tuple[dict[str, Any], SchedulerSpec, str]] = [
    (
        {"name": "quadratic-1d"},
        schedule("StepLR"),
        "optimizers.0.scheduler.step_size: give step_size, the number of counts",
    ),
    (
        {"name": "quadratic-1d"},
        schedule("StepLR", step_size=3, every="epoch"),
        "optimizers.0.scheduler.every = 'epoch': x² has no epochs",
    ),
    (
        {"name": "quadratic-1d"},
        schedule("ReduceLROnPlateau"),
        "optimizers.0.scheduler.metric = 'val_loss': x² is not measured so; give "
        "metric, one of train_loss",
    ),
    (
        LINE,
        schedule("ReduceLROnPlateau", metric="val_accuracy"),
        "optimizers.0.scheduler.metric = 'val_accuracy': Linear regression is not "
        "measured so; give metric, one of val_loss, train_loss",
    ),
    (
        {"name": "quadratic-1d"},
        schedule("LambdaLR", lr_lambda="__import__('os')"),
        "optimizers.0.scheduler.lr_lambda = \"__import__('os')\": ",
    ),
    (
        {"name": "quadratic-1d"},
        schedule("SequentialLR", schedule("Constant"), milestones=[3]),
        "optimizers.0.scheduler.schedulers: a list of at least 2 tables",
    ),
]


@pytest.mark.parametrize(
    ("problem", "spec", "message"), REFUSED, ids=[m[:60] for _, _, m in REFUSED]
)
def test_that_a_schedule_that_cannot_be_is_refused_before_the_run(
    problem: dict[str, Any], spec: SchedulerSpec, message: str, catalog: Catalog
) -> None:
    tree = {"problem": problem, "training": {"steps": 9}, "optimizers": [sgd(spec)]}
    with pytest.raises(InputError) as caught:
        collect_run(catalog, tree)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_that_an_optimizer_without_momentum_is_refused_before_the_run(
    catalog: Catalog,
) -> None:
    entry = sgd(schedule("OneCycleLR", max_lr=0.1)) | {"name": "Adagrad"}
    with pytest.raises(InputError, match="cycle_momentum = True: false: Adagrad has"):
        collect_run(catalog, surface([entry], steps=9))
