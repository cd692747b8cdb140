"""What keeps a comparison fair: nobody's fate or presence changes anybody's bits."""

import math
from typing import Any

import numpy as np
import pytest

from optlab.control import RunControl
from optlab.engine.loop import Past, run
from optlab.records import Checkpoint, Columns, Event, Record, State
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect, collect_run, experiment

EXACT = ("train_loss", "param_norm", "grad_norm", "update_norm", "lr", "grad_evals")

SURFACE: dict[str, Any] = {
    "problem": {"name": "rosenbrock", "noise": 0.1},
    "training": {"steps": 120, "seeds": [0, 7]},
    "optimizers": [
        {"name": "SGD", "lr": 1e-3},
        {"name": "Adam", "lr": 0.05},
        {"name": "LBFGS", "max_iter": 3, "line_search_fn": "strong_wolfe"},
    ],
}
NET: dict[str, Any] = {
    "problem": {
        "name": "image-classification",
        "dataset": "digits",
        "batch_size": 8,
        "val_samples": 50,
    },
    "training": {"steps": 12, "seeds": [3], "eval_every": 5},
    "optimizers": [
        {"name": "SGD", "lr": 0.05, "momentum": 0.9},
        {"name": "Adam"},
        {"name": "Muon"},
    ],
}
SPARSE: dict[str, Any] = {
    "problem": {"name": "sparse-embedding"},
    "training": {"steps": 30, "eval_every": 10},
    "optimizers": [{"name": "SparseAdam"}, {"name": "Adam"}, {"name": "Adagrad"}],
}
LINE: dict[str, Any] = {
    "problem": {"name": "linear-regression", "data": "noisy-line", "batch_size": 10},
    "training": {"steps": 40, "eval_every": 10},
    "optimizers": [{"name": "SGD"}, {"name": "LBFGS", "max_iter": 2}],
}
TREES = {"surface": SURFACE, "net": NET, "sparse": SPARSE, "line": LINE}


def assert_same_bits(one: Collected, other: Collected, pairs: dict[int, int]) -> None:
    for a, b in pairs.items():
        for name in (*EXACT, "val_loss", "x0"):
            if name in one.columns[a]:
                np.testing.assert_array_equal(
                    one.column(a, name), other.column(b, name)
                )
        ours = [(e.step, dict(e.values)) for e in one.evaluations.get(a, [])]
        theirs = [(e.step, dict(e.values)) for e in other.evaluations.get(b, [])]
        assert ours == theirs


@pytest.mark.parametrize("name", TREES)
def test_that_a_run_repeats_bit_for_bit(catalog: Catalog, name: str) -> None:
    one = collect_run(catalog, TREES[name], slice_seconds=0.05)
    other = collect_run(catalog, TREES[name], slice_seconds=0.0)
    assert_same_bits(one, other, {t: t for t in one.columns})


@pytest.mark.parametrize("name", TREES)
def test_that_a_diverging_neighbour_changes_no_bit(catalog: Catalog, name: str) -> None:
    tree = TREES[name]
    wild = {"name": "SGD", "lr": 1e8, "label": "wild"}
    with_wild = tree | {"optimizers": [wild, *tree["optimizers"]]}
    seeds = len(tree["training"].get("seeds", [0]))
    plain, disturbed = collect_run(catalog, tree), collect_run(catalog, with_wild)
    stop = disturbed.stops[0]
    assert stop.state is State.DIVERGED
    assert f"step {stop.step}" in stop.reason
    assert len(disturbed.column(0, "train_loss")) == stop.step + 1
    assert_same_bits(plain, disturbed, {t: t + seeds for t in plain.columns})


@pytest.mark.parametrize("name", TREES)
def test_that_every_optimizer_of_a_seed_starts_alike_and_sees_the_same_batches(
    catalog: Catalog, name: str
) -> None:
    run_ = collect_run(catalog, TREES[name])
    by_seed: dict[int, set[tuple[str, str]]] = {}
    for start in run_.start.trials:
        hashes = (start.init_hash, run_.stops[start.trial].batch_hash)
        by_seed.setdefault(start.seed, set()).add(hashes)
    assert all(len(hashes) == 1 for hashes in by_seed.values())
    if name != "surface":
        assert all(len(h) == 32 for pair in by_seed.values() for h in next(iter(pair)))


def test_that_another_seed_draws_other_weights_and_batches(catalog: Catalog) -> None:
    tree = NET | {
        "training": {"steps": 1, "seeds": [0, 1]},
        "optimizers": [{"name": "SGD"}],
    }
    run_ = collect_run(catalog, tree)
    a, b = run_.start.trials
    assert a.init_hash != b.init_hash
    assert run_.stops[0].batch_hash != run_.stops[1].batch_hash


def test_that_a_trial_of_an_own_batch_size_sees_the_same_samples(
    catalog: Catalog,
) -> None:
    tree = LINE | {
        "optimizers": [{"name": "SGD"}, {"name": "SGD", "batch_size": 5}],
        "training": {"steps": 33, "eval_every": 100},
    }
    run_ = collect_run(catalog, tree)
    assert run_.column(0, "samples")[-1] == run_.column(1, "samples")[-1] == 330
    assert len(run_.column(1, "samples")) == 67


def interrupted(
    catalog: Catalog, tree: dict[str, Any], at: int
) -> tuple[Collected, list[Record]]:
    """Stop a run after about ``at`` rows, and go on from its checkpoints."""
    control = RunControl()
    records: list[Record] = []
    spec = experiment(catalog, tree)
    for record in run(spec, catalog, control, device="cpu", slice_seconds=0.0):
        records.append(record)
        if isinstance(record, Columns) and record.first >= at:
            control.stop()
    first = collect(records)
    past = Past(checkpoints={t: c.data for t, c in first.checkpoints.items()})
    rest = list(run(spec, catalog, RunControl(), device="cpu", past=past))
    return first, rest


@pytest.mark.parametrize("name", TREES)
def test_that_a_resumed_run_goes_on_as_if_nothing_had_happened(
    catalog: Catalog, name: str
) -> None:
    whole = collect_run(catalog, TREES[name])
    first, rest = interrupted(catalog, TREES[name], at=5)
    second = collect(rest)
    assert {s.state for s in first.stops.values()} == {State.STOPPED}
    for trial in whole.columns:
        cut = first.checkpoints[trial].step + 1
        assert 5 < cut < len(whole.column(trial, "train_loss"))
        for column in EXACT:
            joined = np.concatenate(
                [first.column(trial, column)[:cut], second.column(trial, column)]
            )
            np.testing.assert_array_equal(joined, whole.column(trial, column))
        assert second.stops[trial].batch_hash == whole.stops[trial].batch_hash
    assert second.start.resumed


@pytest.mark.parametrize("name", TREES)
def test_that_stopping_one_trial_leaves_the_others_as_they_would_be(
    catalog: Catalog, name: str
) -> None:
    whole = collect_run(catalog, TREES[name])
    control = RunControl()
    control.stop_trial(1)
    stopped = collect_run(catalog, TREES[name], control=control)
    assert stopped.stops[1].state is State.STOPPED
    others = {t: t for t in whole.columns if t != 1}
    assert_same_bits(whole, stopped, others)
    assert stopped.stop.state is State.FINISHED


def test_that_a_step_takes_one_step_and_pauses(catalog: Catalog) -> None:
    control = RunControl()
    control.step()
    control.step()
    seen = []
    spec = experiment(catalog, SURFACE)
    for record in run(spec, catalog, control, device="cpu"):
        if isinstance(record, Columns):
            seen.append(record.first + len(record.values["train_loss"]) - 1)
        if isinstance(record, Event) and record.name == "step":
            control.stop()
    assert max(seen) == 2


def test_that_a_pause_saves_every_trial_and_the_run_goes_on(catalog: Catalog) -> None:
    control = RunControl()
    spec = experiment(catalog, SURFACE)
    records: list[Record] = []
    control.pause()
    for record in run(spec, catalog, control, device="cpu"):
        records.append(record)
        saved = [r for r in records if isinstance(r, Checkpoint)]
        if len(saved) == 6:
            control.resume()
    names = [r.name for r in records if isinstance(r, Event)]
    assert names == ["pause", "resume"]
    assert collect(records).stop.state is State.FINISHED


def test_that_infinity_switches_the_rule_on_losses_off(catalog: Catalog) -> None:
    entry = [{"name": "SGD", "lr": 2.0}]
    tree = {"problem": {"name": "quadratic-1d"}, "optimizers": entry}
    limited = collect_run(catalog, tree | {"training": {"steps": 60}})
    assert limited.stops[0].state is State.DIVERGED
    free = {"steps": 60, "divergence_limit": math.inf}
    assert (
        collect_run(catalog, tree | {"training": free}).stops[0].state is State.FINISHED
    )


def test_that_an_optimizer_that_raises_ends_its_own_trial_alone(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def broken(self: object, closure: object = None) -> None:
        raise RuntimeError("no step\nfor you")

    tree = NET | {"optimizers": [{"name": "SGD"}, {"name": "Rprop"}, {"name": "Adam"}]}
    plain = collect_run(catalog, tree)
    monkeypatch.setattr(torch.optim.Rprop, "step", broken)
    hurt = collect_run(catalog, tree)
    assert hurt.stops[1].state is State.FAILED
    assert "no step for you" in hurt.stops[1].reason
    assert_same_bits(plain, hurt, {0: 0, 2: 2})


def test_that_a_trial_without_memory_says_what_helps(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def hungry(self: object, closure: object = None) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.optim.Rprop, "step", hungry)
    tree = NET | {"optimizers": [{"name": "SGD"}, {"name": "Rprop"}]}
    hurt = collect_run(catalog, tree)
    assert hurt.stops[1].state is State.FAILED
    assert "smaller batch" in hurt.stops[1].reason
    assert hurt.stops[0].state is State.FINISHED
