"""What optimizers hold is told as soon as it is there, and again when it grows."""

from typing import Any

from optlab.engine.loop import Past
from optlab.records import Columns, TrialMemory
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect_run

VALLEY: dict[str, Any] = {
    "problem": {"name": "rosenbrock"},
    "training": {"steps": 40},
    "optimizers": [{"name": "SGD", "lr": 1e-4}, {"name": "Adam"}, {"name": "LBFGS"}],
}


def told(run: Collected, trial: int) -> list[float]:
    return [
        record.state_floats_per_param
        for record in run.records
        if isinstance(record, TrialMemory) and record.trial == trial
    ]


def test_that_memory_is_told_once_after_the_first_steps(catalog: Catalog) -> None:
    run = collect_run(catalog, VALLEY, slice_seconds=0.0)
    assert told(run, 0) == [0.0]
    assert told(run, 1) == [2.0]
    kinds = [type(record) for record in run.records]
    first = kinds.index(TrialMemory)
    # Before it come row 0 and the first steps of the three trials, and nothing else.
    assert kinds[:first].count(Columns) == 6


def test_that_a_history_that_grows_is_told_until_it_ends(catalog: Catalog) -> None:
    run = collect_run(catalog, VALLEY, slice_seconds=0.0)
    values = told(run, 2)
    assert len(values) > 2
    assert values == sorted(set(values))
    assert values[-1] <= run.stops[2].state_floats_per_param


def test_that_a_run_that_goes_on_tells_it_again(catalog: Catalog) -> None:
    whole = collect_run(catalog, VALLEY)
    saved = {1: whole.checkpoints[1].data}
    longer = VALLEY | {"training": {"steps": 60}}
    rest = collect_run(catalog, longer, past=Past(checkpoints=saved))
    assert told(rest, 1) == [2.0]
