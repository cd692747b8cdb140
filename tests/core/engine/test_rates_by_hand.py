"""Learning rates that are changed by hand while a run goes on."""

from typing import Any

import numpy as np
import pytest

from optlab.control import RunControl
from optlab.engine.loop import Past, run
from optlab.records import Checkpoint, Columns, Event, Record
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect, experiment, surface

STEPS = 40
PLAIN = {"name": "SGD", "lr": 0.1}
SCHEDULED = {
    "name": "SGD",
    "lr": 0.1,
    "scheduler": {"name": "ExponentialLR", "gamma": 0.95},
}
NET: dict[str, Any] = {
    "problem": {"name": "moons"},
    "training": {"steps": STEPS},
    "optimizers": [
        {
            "name": "SGD",
            "lr": 0.1,
            "param_groups": [{"match": ":biases", "name": "biases", "lr": 0.3}],
        },
        {"name": "Adam"},
    ],
}


def changed(
    catalog: Catalog, tree: dict[str, Any], *, at: int, trial: int, lr: float
) -> tuple[Collected, list[Record]]:
    """Change the rate of a trial once row ``at`` is there."""
    control = RunControl()
    control.step()
    records: list[Record] = []
    spec = experiment(catalog, tree)
    for record in run(spec, catalog, control, device="cpu", slice_seconds=0.0):
        records.append(record)
        if isinstance(record, Event) and record.name == "step":
            if record.step == at:
                control.set_rate(trial, lr)
                control.resume()
            elif record.step < at:
                control.step()
    return collect(records), records


def test_that_a_rate_by_hand_counts_from_the_next_step_on(catalog: Catalog) -> None:
    tree = surface([PLAIN, PLAIN | {"label": "the other"}], steps=STEPS)
    result, _ = changed(catalog, tree, at=10, trial=0, lr=0.025)
    rates = result.column(0, "lr")
    assert rates[1:11].tolist() == [0.1] * 10
    assert rates[11:].tolist() == [0.025] * (STEPS - 10)
    assert set(result.column(1, "lr")[1:]) == {0.1}
    x = float(result.column(0, "x0")[0])
    for step in range(1, STEPS + 1):
        x -= (0.1 if step <= 10 else 0.025) * 2 * x
        assert result.column(0, "x0")[step] == pytest.approx(x, rel=1e-14)


def test_that_a_schedule_goes_on_by_the_same_factor(catalog: Catalog) -> None:
    tree = surface([SCHEDULED], steps=STEPS)
    result, _ = changed(catalog, tree, at=10, trial=0, lr=1.0)
    rates = result.column(0, "lr")[1:]
    plain = 0.1 * 0.95 ** np.arange(STEPS)
    np.testing.assert_allclose(rates[:10], plain[:10], rtol=1e-12)
    np.testing.assert_allclose(rates[10:], 0.95 ** np.arange(STEPS - 10), rtol=1e-12)


def test_that_all_groups_change_in_proportion_and_the_event_tells(
    catalog: Catalog,
) -> None:
    result, _ = changed(catalog, NET, at=6, trial=0, lr=0.05)
    assert result.column(0, "lr")[7:].tolist() == [0.05] * (STEPS - 6)
    np.testing.assert_allclose(result.column(0, "lr:biases")[7:], 0.15, rtol=1e-12)
    told = [e for e in result.events if e.name == "lr"]
    assert [(e.trial, e.step, e.text) for e in told] == [(0, 6, "0.1 → 0.05")]
    assert result.column(1, "lr")[-1] == 0.001


@pytest.mark.parametrize("tree", [surface([SCHEDULED], steps=STEPS), NET])
def test_that_a_run_resumed_after_the_change_goes_on_bitwise(
    catalog: Catalog, tree: dict[str, Any]
) -> None:
    whole, records = changed(catalog, tree, at=10, trial=0, lr=0.04)
    after = next(
        i for i, r in enumerate(records) if isinstance(r, Event) and r.name == "lr"
    )
    saved = next(r for r in records[after:] if isinstance(r, Checkpoint))
    assert saved.step == 10
    others = [r for r in records if isinstance(r, Checkpoint) and r.step <= 10]
    checkpoints = {r.trial: r.data for r in others} | {0: saved.data}
    rest = [
        r
        for r in run(
            experiment(catalog, tree),
            catalog,
            RunControl(),
            device="cpu",
            past=Past(checkpoints=checkpoints),
        )
        if isinstance(r, Columns) and r.trial == 0
    ]
    joined = np.concatenate([r.values["train_loss"] for r in rest])
    np.testing.assert_array_equal(joined, whole.column(0, "train_loss")[-len(joined) :])


@pytest.mark.parametrize("lr", [0.0, -1.0, float("nan"), float("inf")])
def test_that_a_rate_that_is_none_changes_nothing(catalog: Catalog, lr: float) -> None:
    tree = surface([PLAIN], steps=STEPS)
    result, _ = changed(catalog, tree, at=10, trial=0, lr=lr)
    assert set(result.column(0, "lr")[1:]) == {0.1}
    assert not [e for e in result.events if e.name == "lr"]
