"""A map of basins: what it says of every start is what a trial from there did."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from optlab.analysis.basins import basins
from optlab.control import RunControl
from optlab.engine import basin_map
from optlab.engine.basin_batch import Batch
from optlab.engine.basin_map import can_be_batched, map_basins
from optlab.engine.loop import run
from optlab.plugins import load_catalog
from optlab.problems.surface import Surface
from optlab.records import Floats, Record, State
from optlab.registry import Catalog, OptimizerInfo
from optlab.runner import surface_of
from optlab.spec import ExperimentSpec, parse_spec, trial_plans
from optlab.spec.basin_map import NOWHERE, STATES, MapPart, MapPlan
from optlab.store.run_data import RunData
from optlab.sweep.basins import plan_of

CATALOG = load_catalog()
STEPS = 25
ON_SURFACES = [
    info
    for info in CATALOG.optimizers
    if info.dense_gradients and not info.matrices_only
]
# They say that they treat every number apart, and the map finds out that they do not.
FOUND_OUT = {"AdSGD", "DAdaptLion", "StableAdamW", "SWATS"}
# Of those that are taken one by one: a closure, several of them, second derivatives,
# random numbers, a norm. Others differ in nothing that a map sees.
TYPICAL = {"LBFGS", "SAM", "AdaHessian", "SPAM", "clipped-gd"}
PLATEAU = {"name": "ReduceLROnPlateau", "patience": 0, "metric": "train_loss"}


class Wild(MapPlan):
    """A plan one of whose starts is so far out that it does not last."""

    def starts(self) -> Floats:
        starts = super().starts()
        starts[:2, 4] = 1e6
        return starts


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basin_map, "_HANDFUL", 4)


def spec_for(
    *entries: Mapping[str, Any],
    problem: Mapping[str, Any] | None = None,
    **training: Any,
) -> ExperimentSpec:
    tree = {
        "problem": problem or {"name": "himmelblau"},
        "training": {"steps": STEPS, "seeds": [3], **training},
        "optimizers": [dict(entry) for entry in entries],
    }
    return parse_spec(tree, CATALOG)


def surface_for(spec: ExperimentSpec) -> Surface:
    surface = surface_of(spec, CATALOG)
    assert surface is not None
    return surface


def wild(spec: ExperimentSpec, *, grid: int = 3) -> MapPlan:
    plan = plan_of(surface_for(spec), grid=grid, steps=STEPS)
    return Wild(**vars(plan))


def made(spec: ExperimentSpec, plan: MapPlan) -> dict[int, MapPart]:
    """Return what is known at last of all trials of each optimizer."""
    pieces: dict[int, dict[int, MapPart]] = {}
    for part in map_basins(spec, CATALOG, plan, surface=surface_for(spec)):
        known = pieces.setdefault(part.entry, {})
        # Who takes the other road begins again.
        if known and next(iter(known.values())).alone != part.alone:
            known.clear()
        known[part.first] = part
    whole = {}
    for entry, found in pieces.items():
        order = [found[first] for first in sorted(found)]
        whole[entry] = replace(
            order[0],
            step=min(part.step for part in order),
            minimum=np.concatenate([part.minimum for part in order]),
            since=np.concatenate([part.since for part in order]),
            codes=np.concatenate([part.codes for part in order]),
        )
    return whole


def separate(spec: ExperimentSpec, plan: MapPlan) -> list[RunData]:
    """Run each start as a run of its own, by the usual road."""
    found = []
    for start in plan.starts().T:
        values = spec.problem.values.with_value("start", tuple(map(float, start)))
        there = replace(spec, problem=replace(spec.problem, values=values))
        data = RunData()
        for record in run(there, CATALOG, RunControl(), device="cpu"):
            data.append(record)
        found.append(data)
    return found


def told(part: MapPart, lane: int) -> tuple[State, int | None, int | None]:
    """Return what a map says of a start: its state, which minimum, since when."""
    minimum, state = int(part.minimum[lane]), STATES[part.codes[lane]]
    if state is State.DIVERGED:
        return state, None, int(part.since[lane])
    if minimum == NOWHERE:
        return state, None, None
    return state, minimum, int(part.since[lane])


def lived(data: RunData, plan: MapPlan) -> tuple[State, int | None, int | None]:
    """Return the same of a run, by what is recorded of it."""
    status = data.status(0)
    if status.state is State.DIVERGED:
        return status.state, None, status.step
    names = [f"x{i}" for i in range(2 + len(plan.rest))]
    path = np.column_stack([data.series(0, name).values for name in names])
    for number, minimum in enumerate(plan.minima):
        away = np.linalg.norm(path - np.array(minimum), axis=1) > plan.near
        if not away[-1]:
            outside = np.flatnonzero(away)
            return status.state, number, int(outside[-1]) + 1 if len(outside) else 0
    return status.state, None, None


def usual(info: OptimizerInfo) -> bool:
    """Return whether an optimizer is tried each time, and not in slow tests alone."""
    entry = spec_for({"name": info.name}).optimizers[0]
    return info.name in TYPICAL or can_be_batched(entry, CATALOG)


@pytest.mark.parametrize(
    "info",
    [
        pytest.param(i, id=i.name, marks=[] if usual(i) else [pytest.mark.slow])
        for i in ON_SURFACES
    ],
)
def test_that_every_start_is_the_trial_from_there(info: OptimizerInfo) -> None:
    spec = spec_for({"name": info.name})
    plan = wild(spec)
    part = made(spec, plan)[0]
    runs = separate(spec, plan)
    assert [told(part, lane) for lane in range(plan.count)] == [
        lived(data, plan) for data in runs
    ]
    says = can_be_batched(spec.optimizers[0], CATALOG)
    assert part.alone == (not says or info.name in FOUND_OUT)


@pytest.mark.parametrize(
    "info",
    [
        info
        for info in ON_SURFACES
        if can_be_batched(spec_for({"name": info.name}).optimizers[0], CATALOG)
        and info.name not in FOUND_OUT
    ],
    ids=lambda info: info.name,
)
def test_that_the_lanes_of_a_batch_are_trials_to_the_last_digit(
    info: OptimizerInfo,
) -> None:
    spec = spec_for({"name": info.name})
    plan = wild(spec)
    batch = batch_of(spec, plan)
    while batch.going:
        batch.advance(STEPS)
    for lane, data in enumerate(separate(spec, plan)):
        if data.status(0).state is State.FINISHED:
            ends = [data.series(0, name).values[-1] for name in ("x0", "x1")]
            if info.home in ("torch", "optlab"):
                assert batch.places[:, lane].tolist() == ends
            # Powers such as cube roots are rounded otherwise in vector code.
            np.testing.assert_allclose(batch.places[:, lane], ends, rtol=1e-12)


def batch_of(spec: ExperimentSpec, plan: MapPlan) -> Batch:
    trial = trial_plans(spec, CATALOG)[0]
    return Batch(spec, CATALOG, plan, trial=trial, surface=surface_for(spec))


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "SGD", "lr": 0.01, "momentum": 0.9},
        {"name": "Adam", "lr": 0.5, "scheduler": {"name": "StepLR", "step_size": 5}},
        {"name": "Adam", "scheduler": PLATEAU},
        {"name": "SGD", "lr": 10.0},
    ],
    ids=["momentum", "schedule", "plateau", "diverging"],
)
@pytest.mark.parametrize(
    "problem",
    [
        {"name": "himmelblau"},
        {"name": "himmelblau", "noise": 5.0},
        {"name": "rosenbrock", "dim": 4},
    ],
    ids=["plain", "noisy", "four-coordinates"],
)
@pytest.mark.parametrize("zero_grad", [True, False], ids=["zeroed", "summed"])
def test_that_noise_and_schedules_are_those_of_the_trial(
    entry: Mapping[str, Any], problem: Mapping[str, Any], zero_grad: bool
) -> None:
    spec = spec_for(entry, problem=problem, zero_grad=zero_grad, eval_every=5)
    plan = plan_of(surface_for(spec), grid=3, steps=STEPS)
    part = made(spec, plan)[0]
    assert [told(part, lane) for lane in range(plan.count)] == [
        lived(data, plan) for data in separate(spec, plan)
    ]
    assert part.alone == ("ReduceLROnPlateau" in str(entry))


def test_that_the_card_of_starts_and_the_map_tell_the_same() -> None:
    spec = spec_for({"name": "SGD", "lr": 0.01}, seeds=list(range(25)))
    spec = replace(
        spec,
        problem=replace(
            spec.problem, values=spec.problem.values.with_value("starts", "grid")
        ),
    )
    surface = surface_for(spec)
    data = RunData()
    for record in run(spec, CATALOG, RunControl(), device="cpu"):
        data.append(record)
    plan = plan_of(surface, grid=5, steps=STEPS)
    part = made(spec, plan)[0]
    for basin in basins(data, surface.minima, surface.domain):
        state, minimum, since = told(part, basin.trial)
        assert (minimum, since) == (basin.minimum, basin.steps)
        assert state is State.FINISHED
        np.testing.assert_allclose(plan.starts()[:, basin.trial], basin.start)


def test_that_optimizers_take_turns() -> None:
    spec = spec_for({"name": "SGD", "lr": 0.01}, {"name": "Adam"}, {"name": "LBFGS"})
    plan = plan_of(surface_for(spec), grid=3, steps=STEPS)
    first = [
        part.entry
        for part, _ in zip(
            map_basins(spec, CATALOG, plan, surface=surface_for(spec)),
            range(6),
            strict=False,
        )
    ]
    assert first == [0, 1, 2, 0, 1, 2]


class Together(torch.optim.Optimizer):
    """Moves everything as the largest gradient of all says, as nobody should."""

    def __init__(self, params: Any, lr: float = 0.01) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter -= group["lr"] * parameter.grad / parameter.grad.abs().max()


def test_that_a_plug_in_that_couples_numbers_unsaid_is_found_out() -> None:
    catalog: Catalog = CATALOG.copy()
    sgd = catalog.optimizers.get("SGD")
    catalog.optimizers.add(
        replace(
            sgd,
            name="Together",
            params=(sgd.param("lr"),),
            rules=(),
            factory=f"{__name__}:Together",
        )
    )
    tree = {
        "problem": {"name": "himmelblau"},
        "training": {"steps": STEPS},
        "optimizers": [{"name": "Together", "lr": 0.1}],
    }
    spec = parse_spec(tree, catalog)
    assert can_be_batched(spec.optimizers[0], catalog)
    plan = plan_of(surface_for(spec), grid=3, steps=STEPS)
    parts = list(map_basins(spec, catalog, plan, surface=surface_for(spec)))
    assert parts[-1].alone
    # One step of the largest of both numbers is a tenth: nobody went farther.
    records: list[Record] = list(run(spec, catalog, RunControl(), device="cpu"))
    assert records


def test_that_a_lane_that_diverged_is_nowhere_since_then() -> None:
    spec = spec_for({"name": "SGD", "lr": 0.01})
    plan = wild(spec)
    part = made(spec, plan)[0]
    assert STATES[part.codes[4]] is State.DIVERGED
    assert part.minimum[4] == NOWHERE
    assert part.since[4] == 2
    others = np.delete(part.codes, 4)
    assert {STATES[code] for code in others} == {State.FINISHED}
