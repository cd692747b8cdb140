"""A run that stops at a share of its steps, and what happens at known steps."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from optlab.control import Planned, RunControl
from optlab.engine.loop import Past, run
from optlab.records import Event, Record, State
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect, experiment

TIMES = ("wall_time_s", "optimizer_time_s")
COSINE = {"name": "CosineAnnealingLR"}
PLATEAU = {"name": "ReduceLROnPlateau", "patience": 0, "metric": "train_loss"}
HILL: dict[str, Any] = {
    "problem": {"name": "rosenbrock", "noise": 0.1},
    "training": {"steps": 50, "seeds": [0, 4], "eval_every": 20},
    "optimizers": [
        {"name": "SGD", "lr": 1e-3, "momentum": 0.9, "scheduler": COSINE},
        {
            "name": "Adam",
            "lr": 0.05,
            "scheduler": PLATEAU,
        },
        {"name": "SGD", "lr": 1e3, "label": "wild"},
    ],
}
NET: dict[str, Any] = {
    "problem": {"name": "moons", "batch_size": 16},
    "training": {"steps": 26, "eval_every": 6},
    "optimizers": [
        {"name": "SGD", "lr": 0.1, "momentum": 0.9, "scheduler": COSINE},
        {
            "name": "Adam",
            "batch_size": 5,
            "scheduler": {"name": "OneCycleLR", "max_lr": 0.1},
        },
        {"name": "AdamW", "batch_size": 40},
    ],
}
TREES = pytest.mark.parametrize("tree", [HILL, NET], ids=["hill", "net"])


def records(
    catalog: Catalog,
    tree: dict[str, Any],
    *,
    past: Past | None = None,
    until: float = 1.0,
    planned: Iterable[Planned] = (),
    control: RunControl | None = None,
    slice_seconds: float = 0.01,
) -> Iterable[Record]:
    return run(
        experiment(catalog, tree),
        catalog,
        control or RunControl(),
        device="cpu",
        past=past,
        until=until,
        planned=tuple(planned),
        slice_seconds=slice_seconds,
    )


def past_of(result: Collected, before: Past | None = None) -> Past:
    """Return what the next session needs, as a run file would keep it."""
    own_end = (State.DIVERGED, State.FAILED, State.FINISHED)
    ended = dict((before or Past()).ended)
    ended |= {n: s.state for n, s in result.stops.items() if s.state in own_end}
    saved = {n: c.data for n, c in result.checkpoints.items() if n not in ended}
    return Past(checkpoints=saved, ended=ended)


def joined(*parts: Collected) -> dict[tuple[int, str], list[float]]:
    """Return all values of all sessions by trial and metric, times left out."""
    values: dict[tuple[int, str], list[float]] = {}
    for part in parts:
        for trial, columns in part.columns.items():
            for name, found in columns.items():
                if name not in TIMES:
                    values.setdefault((trial, name), []).extend(found.tolist())
        for trial, evaluations in part.evaluations.items():
            for one in evaluations:
                for name, value in one.values.items():
                    own = values.setdefault((trial, f"{name} at"), [])
                    own.extend((float(one.step), value))
    return values


def assert_same_bits(
    mine: dict[tuple[int, str], list[float]], other: dict[tuple[int, str], list[float]]
) -> None:
    assert mine.keys() == other.keys()
    for key, values in mine.items():
        ours, theirs = np.array(values), np.array(other[key])
        assert ours.tobytes() == theirs.tobytes(), key


@TREES
@pytest.mark.parametrize(
    "shares", [(0.04,), (0.34,), (0.5,), (0.95,), (0.2, 0.21, 0.7)]
)
def test_that_a_run_in_stretches_has_the_bits_of_a_run_in_one_go(
    catalog: Catalog, tree: dict[str, Any], shares: tuple[float, ...]
) -> None:
    whole = collect(records(catalog, tree))
    parts: list[Collected] = []
    past = None
    steps = tree["training"]["steps"]
    for share in (*shares, 1.0):
        part = collect(records(catalog, tree, past=past, until=share))
        parts.append(part)
        past = past_of(part, past)
        if share < 1:
            assert part.stop.state is State.STOPPED
            (stop,) = [e for e in part.events if e.name == "stop"]
            assert stop.step == math.ceil(share * steps)
    assert_same_bits(joined(*parts), joined(whole))
    ends: dict[int, Any] = {}
    for part in parts:
        ends |= part.stops
    for trial, end in whole.stops.items():
        for name in ("state", "step", "batch_hash", "grad_evals"):
            assert getattr(ends[trial], name) == getattr(end, name)


@TREES
def test_that_trials_of_other_batch_sizes_stop_at_the_same_samples(
    catalog: Catalog, tree: dict[str, Any]
) -> None:
    part = collect(records(catalog, tree, until=0.5))
    half = math.ceil(0.5 * tree["training"]["steps"])
    for trial in part.start.trials:
        if trial.label == "wild":
            continue
        seen = part.stops[trial.trial].step * max(trial.batch_size, 1)
        assert seen <= half * (16 if trial.batch_size else 1)
        assert seen > half * (16 if trial.batch_size else 1) - max(trial.batch_size, 1)


def changed_by_hand(
    catalog: Catalog, tree: dict[str, Any], *, at: int, trial: int, lr: float
) -> Collected:
    control = RunControl()
    control.step()
    found: list[Record] = []
    for record in records(catalog, tree, control=control, slice_seconds=0.0):
        found.append(record)
        if isinstance(record, Event) and record.name == "step":
            if record.step == at:
                control.set_rate(trial, lr)
                control.resume()
            elif record.step < at:
                control.step()
    return collect(found)


@TREES
def test_that_a_planned_rate_has_the_bits_of_one_that_is_changed_by_hand(
    catalog: Catalog, tree: dict[str, Any]
) -> None:
    hand = changed_by_hand(catalog, tree, at=9, trial=0, lr=0.01234567890123)
    (event,) = [e for e in hand.events if e.name == "lr"]
    plan = Planned(step=event.step, act="lr", trial=0, rate=0.01234567890123)
    again = collect(records(catalog, tree, planned=[plan], slice_seconds=1.0))
    assert [e for e in again.events if e.name == "lr"] == [event]
    assert_same_bits(joined(again), joined(hand))
    untouched = collect(records(catalog, tree))
    assert (
        untouched.column(0, "lr")[:10].tobytes() == again.column(0, "lr")[:10].tobytes()
    )
    assert untouched.column(0, "lr")[10] != again.column(0, "lr")[10]


@TREES
def test_that_a_trial_stops_at_its_step_and_disturbs_nobody(
    catalog: Catalog, tree: dict[str, Any]
) -> None:
    # Nine batches of 5 fit into three of 16: the clock of the run is there, too.
    plan = [Planned(step=s, act="stop-trial", trial=t) for s, t in ((0, 0), (9, 1))]
    found = collect(records(catalog, tree, planned=plan, slice_seconds=1.0))
    whole = collect(records(catalog, tree))
    assert [found.stops[t].step for t in (0, 1)] == [0, 9]
    assert found.stops[1].state is State.STOPPED
    others = [t.trial for t in whole.start.trials if t.trial > 1]
    kept = {k: v for k, v in joined(found).items() if k[0] in others}
    assert_same_bits(kept, {k: v for k, v in joined(whole).items() if k[0] in others})


@TREES
def test_that_what_lies_behind_is_not_done_again(
    catalog: Catalog, tree: dict[str, Any]
) -> None:
    """Who resumes may give the whole plan once more."""
    plan = [
        Planned(step=4, act="lr", trial=0, rate=5e-4),
        Planned(step=20, act="lr", trial=0, rate=2e-4),
    ]
    whole = collect(records(catalog, tree, planned=plan))
    first = collect(records(catalog, tree, planned=plan, until=0.4))
    rest = collect(records(catalog, tree, planned=plan, past=past_of(first)))
    assert [e.step for e in rest.events if e.name == "lr"] == [20]
    assert_same_bits(joined(first, rest), joined(whole))


def test_that_a_planned_stop_ends_the_run_at_its_step(catalog: Catalog) -> None:
    stop = Planned(step=13, act="stop")
    found = collect(records(catalog, HILL, planned=[stop], slice_seconds=1.0))
    assert found.stop.state is State.STOPPED
    assert {end.step for trial, end in found.stops.items() if trial < 4} == {13}
