"""Every optimizer of the catalog, through the engine: what all of them must do."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optlab.control import RunControl
from optlab.engine.loop import Past, run
from optlab.params import InputError, Kind, ParamSpec
from optlab.plugins import load_catalog
from optlab.records import Columns, Record, State
from optlab.registry import Catalog, OptimizerInfo, broken_rule
from optlab.spec import dump_spec, parse_spec, spec_from_text
from tests.core.engine.conftest import Collected, collect, collect_run, experiment

EVERY = tuple(load_catalog().optimizers)
STEPS, STOP_AT = 120, 50
# An iteration of its solver takes a tenth of a second.
SLOW = ("SpectralSphere",)
BOWL = {"name": "booth"}
MOONS = {"name": "moons"}
MATRICES = {"name": "matrix-factorisation", "rows": 8, "columns": 6, "rank": 2}
TABLE = {"name": "sparse-embedding", "vocabulary": 20, "dim": 4, "samples": 200}
# Where the defaults are not for this bowl, whose curvature is 18 and start zero.
FITTING: dict[str, dict[str, object]] = {
    # A relative step from zero weights is an absolute one.
    "LARS": {"lr": 1e-2},
    "ScheduleFreeSGD": {"lr": 5e-2},
}
# Two look at directions of whole weights, of which a bowl has none to learn; Gravity
# steps less the larger a gradient is, and those of the bowl are large.
NEED_NETS = ("Gravity", "OrthoGrad", "Ranger")
# One in ten steps climbs, or multiplies with the Hessian (two evaluations).
IN_THE_MEAN = {"LookSAM": 1.1, "SophiaH": 1.2}


def entries() -> list[Any]:
    return [
        pytest.param(
            info,
            id=info.name,
            marks=[pytest.mark.slow] if info.name in SLOW else [],
        )
        for info in EVERY
    ]


every_optimizer = pytest.mark.parametrize("info", entries())


def problem_for(info: OptimizerInfo) -> dict[str, Any]:
    """Return the first problem that an optimizer's constraints admit."""
    if not info.dense_gradients:
        return TABLE
    if info.matrices_only:
        return MATRICES
    # A task is evaluated before the first step, which is where a switch may fail.
    return MOONS if info.name in NEED_NETS or info.mode_switch else BOWL


def tree_for(info: OptimizerInfo, **values: object) -> dict[str, Any]:
    return {
        "problem": problem_for(info),
        "training": {"steps": STEPS},
        "optimizers": [{"name": info.name, **FITTING.get(info.name, {}), **values}],
    }


@dataclass(frozen=True)
class Whole:
    """A run of one optimizer with its defaults."""

    info: OptimizerInfo
    found: Collected

    def objective(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        name = "value" if problem_for(self.info) is BOWL else "train_loss"
        values = self.found.column(0, name)
        return values[np.isfinite(values)]


@pytest.fixture(scope="module", params=entries())
def whole(request: pytest.FixtureRequest, catalog: Catalog) -> Whole:
    info: OptimizerInfo = request.param
    return Whole(info, collect_run(catalog, tree_for(info)))


def interrupted(catalog: Catalog, tree: dict[str, Any]) -> Iterator[Record]:
    control = RunControl()
    spec = experiment(catalog, tree)
    for record in run(spec, catalog, control, device="cpu", slice_seconds=0.0):
        yield record
        if isinstance(record, Columns) and record.first >= STOP_AT:
            control.stop()


def test_that_every_optimizer_descends(whole: Whole) -> None:
    stop, values = whole.found.stops[0], whole.objective()
    assert stop.state is State.FINISHED, stop.reason
    # Batches are noisy: ten of them stand for the start, the last tenth for the end.
    at_start = values[:1] if problem_for(whole.info) is BOWL else values[:10]
    assert np.mean(values[-STEPS // 10 :]) < np.mean(at_start)


def test_that_every_optimizer_goes_on_bitwise_where_it_was_stopped(
    whole: Whole, catalog: Catalog
) -> None:
    tree = tree_for(whole.info)
    first = collect(interrupted(catalog, tree))
    assert STOP_AT <= first.stops[0].step < STEPS
    past = Past(checkpoints={0: first.checkpoints[0].data})
    second = collect_run(catalog, tree, past=past)
    for name in ("lr", "param_norm", "grad_norm", "update_norm"):
        joined = [found.column(0, name) for found in (first, second)]
        expected = whole.found.column(0, name)
        assert np.concatenate(joined).tobytes() == expected.tobytes(), name
    assert second.stops[0].grad_evals == whole.found.stops[0].grad_evals


def test_that_evaluations_are_counted_as_the_catalog_says(whole: Whole) -> None:
    per_step = whole.found.stops[0].grad_evals / STEPS
    info = whole.info
    if info.name == "LBFGS":
        assert 1 <= per_step <= info.grad_evals
    else:
        assert per_step == pytest.approx(IN_THE_MEAN.get(info.name, info.grad_evals))


def test_that_state_is_as_large_as_the_catalog_says(whole: Whole) -> None:
    # Matrices of the zoo are held exactly in `test_zoo`, those of torch by O21.
    info, stop = whole.info, whole.found.stops[0]
    assert math.isfinite(stop.state_floats_per_param)
    if info.home == "optlab":
        assert stop.state_floats_per_param == pytest.approx(info.state_floats)
    elif info.elementwise and info.name != "SGD":
        # Some keep a number or two for a whole parameter, of two elements here.
        # A mask for matrices only is none here.
        matrices = 1.0 if info.name == "SPAM" else 0.0
        assert info.state_floats - matrices <= stop.state_floats_per_param + 0.01
        assert stop.state_floats_per_param <= info.state_floats + 2


@every_optimizer
def test_that_a_form_comes_back_from_toml(
    info: OptimizerInfo, catalog: Catalog
) -> None:
    values = {p.name: p.to_toml(p.default) for p in info.params}
    spec = parse_spec(tree_for(info, **values), catalog)
    assert dict(spec.optimizers[0].values) == dict(info.complete({}))
    assert spec_from_text(dump_spec(spec, catalog), catalog) == spec
    assert broken_rule(info.rules, info.complete({})) is None


def bad_values(spec: ParamSpec) -> Iterator[object]:
    """Yield values that a parameter must refuse."""
    if spec.kind is not Kind.TEXT:
        yield "no such value"
    yield {"a": "table"}
    if spec.kind in (Kind.FLOAT, Kind.INT):
        yield float("nan")
        yield [1.0]
        if spec.low is not None:
            yield spec.low if spec.low_open else spec.low - 1
        if spec.high is not None:
            yield spec.high if spec.high_open else spec.high + 1
    if spec.kind in (Kind.FLOATS, Kind.INTS):
        yield []
        if spec.length is not None:
            yield [0.5] * (spec.length + 1)
        if spec.low is not None:
            yield [spec.low - 1] * (spec.length or 1)
    if spec.fixed:
        yield not spec.default


@pytest.mark.parametrize("info", EVERY, ids=lambda info: str(info.name))
def test_that_every_parameter_refuses_what_it_cannot_be(
    info: OptimizerInfo, catalog: Catalog
) -> None:
    for spec in info.params:
        for value in bad_values(spec):
            with pytest.raises(InputError) as caught:
                parse_spec(tree_for(info, **{spec.name: value}), catalog)
            assert caught.value.key == f"optimizers.0.{spec.name}"
            assert "\n" not in str(caught.value)


def small_digits(folder: Path) -> dict[str, Any]:
    """Return a problem of 64 inputs: the digits of scikit-learn as they are."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    path = folder / "digits.npz"
    np.savez(path, x=pixels.astype(np.float32) / 16, y=labels)
    mine = {"name": "image-classification", "dataset": str(path), "model": "mlp"}
    return {**mine, "batch_size": 32}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["moons", "digits"])
def test_that_all_take_finite_steps_side_by_side_on_a_net(
    name: str, catalog: Catalog, tmp_path: Path
) -> None:
    problem = MOONS if name == "moons" else small_digits(tmp_path)
    # What a split gives matrices alone is at home here; Muon of torch takes no biases.
    fit = [i for i in EVERY if i.dense_gradients and i.name != "Muon"]
    # On batches its whole steps follow noise.
    optimizers = [
        {"name": i.name, **({"lr": 0.1} if i.name == "LBFGS" else {})} for i in fit
    ]
    tree = {"problem": problem, "training": {"steps": 30}, "optimizers": optimizers}
    found = collect_run(catalog, tree)
    states = {i.name: found.stops[n].state for n, i in enumerate(fit)}
    assert set(states.values()) == {State.FINISHED}, states
    for n, info in enumerate(fit):
        assert np.isfinite(found.column(n, "train_loss")[1:]).all(), info.name
        assert found.column(n, "update_norm")[1:].max() > 0, info.name
