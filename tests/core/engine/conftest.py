"""What the tests of the engine share: a catalog and a way to collect a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from optlab.control import RunControl
from optlab.engine.loop import Past, run
from optlab.plugins import load_catalog
from optlab.records import (
    Checkpoint,
    Columns,
    Evaluation,
    Event,
    Record,
    RunStart,
    RunStop,
    TrialStop,
)
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, parse_spec


@dataclass
class Collected:
    """A run's records, sorted."""

    start: RunStart
    columns: dict[int, dict[str, npt.NDArray[np.float64]]]
    evaluations: dict[int, list[Evaluation]]
    stops: dict[int, TrialStop]
    checkpoints: dict[int, Checkpoint]
    events: list[Event]
    stop: RunStop
    records: list[Record] = field(default_factory=list)

    def column(self, trial: int, name: str) -> npt.NDArray[np.float64]:
        return self.columns[trial][name]


def collect(records: Iterable[Record]) -> Collected:
    everything = list(records)
    start, stop = everything[0], everything[-1]
    assert isinstance(start, RunStart)
    assert isinstance(stop, RunStop)
    pieces: dict[int, dict[str, list[npt.NDArray[np.float64]]]] = {}
    result = Collected(start, {}, {}, {}, {}, [], stop, everything)
    for record in everything:
        if isinstance(record, Columns):
            own = pieces.setdefault(record.trial, {})
            for name, values in record.values.items():
                own.setdefault(name, []).append(values)
        elif isinstance(record, Evaluation):
            result.evaluations.setdefault(record.trial, []).append(record)
        elif isinstance(record, TrialStop):
            assert record.trial not in result.stops
            result.stops[record.trial] = record
        elif isinstance(record, Checkpoint):
            result.checkpoints[record.trial] = record
        elif isinstance(record, Event):
            result.events.append(record)
    for trial, own in pieces.items():
        result.columns[trial] = {k: np.concatenate(v) for k, v in own.items()}
    return result


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


def experiment(catalog: Catalog, tree: Mapping[str, Any]) -> ExperimentSpec:
    return parse_spec(tree, catalog)


def collect_run(
    catalog: Catalog,
    tree: Mapping[str, Any],
    *,
    control: RunControl | None = None,
    past: Past | None = None,
    slice_seconds: float = 0.01,
) -> Collected:
    spec = experiment(catalog, tree)
    return collect(
        run(
            spec,
            catalog,
            control or RunControl(),
            device="cpu",
            past=past,
            slice_seconds=slice_seconds,
        )
    )


def surface(
    optimizers: list[dict[str, Any]], *, steps: int, **rest: Any
) -> dict[str, Any]:
    problem = {"name": "quadratic-1d"} | rest.pop("problem", {})
    return {
        "problem": problem,
        "training": {"steps": steps} | rest,
        "optimizers": optimizers,
    }
