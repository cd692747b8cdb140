"""What is measured of trials on a surface at every evaluation: their sharpness."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from optlab.engine import surface_probe
from optlab.engine.loop import Past
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.registry import Catalog, DiagnosticInfo
from optlab.runner import Runner
from optlab.spec import parse_spec
from optlab.store.run_data import RunData
from tests.core.engine.conftest import Collected, collect_run, surface

SGD = {"name": "SGD", "lr": 0.0005, "label": "SGD"}
AVERAGED = {"name": "EMA", "base": "SGD", "lr": 0.0005, "label": "averaged"}
VALLEY = {"name": "rosenbrock"}
SEEN = {"eval_every": 4, "diagnostics": ["sharpness"]}


def found(run: Collected, trial: int = 0) -> dict[int, float]:
    steps = [e.step for e in run.evaluations[trial]]
    assert len(set(steps)) == len(steps)
    return {e.step: e.values["sharpness"] for e in run.evaluations[trial]}


def rosenbrock_sharpness(x: float, y: float) -> float:
    """Return the larger eigenvalue of its Hessian, which every textbook has."""
    hessian: npt.NDArray[np.float64] = np.array(
        [[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200.0]]
    )
    trace, half = np.trace(hessian), np.linalg.det(hessian)
    return float(trace / 2 + np.sqrt(trace**2 / 4 - half))


def test_that_the_sharpness_of_a_bowl_is_its_largest_eigenvalue(
    catalog: Catalog,
) -> None:
    bowl = {"name": "quadratic", "condition": 100.0, "rotation": 30.0}
    run = collect_run(catalog, surface([SGD], steps=10, problem=bowl, **SEEN))
    assert run.start.sparse == ("sharpness",)
    assert "sharpness" in run.start.metrics
    assert "sharpness" not in run.columns[0]
    assert list(found(run)) == [0, 4, 8, 10]
    assert list(found(run).values()) == pytest.approx([100.0] * 4, rel=1e-9)


@pytest.mark.parametrize("entry", [SGD, AVERAGED], ids=lambda e: str(e["name"]))
def test_that_sharpness_is_that_of_the_place_that_is_recorded(
    catalog: Catalog, entry: dict[str, Any]
) -> None:
    run = collect_run(catalog, surface([entry], steps=21, problem=VALLEY, **SEEN))
    x, y = run.column(0, "x0"), run.column(0, "x1")
    assert list(found(run)) == [0, 4, 8, 12, 16, 20, 21]
    for step, value in found(run).items():
        wanted = rosenbrock_sharpness(float(x[step]), float(y[step]))
        assert value == pytest.approx(wanted, rel=1e-8)
    assert len(set(found(run).values())) == 7


def test_that_looking_at_the_sharpness_changes_no_bit(catalog: Catalog) -> None:
    entries = [SGD, AVERAGED]
    tree = surface(entries, steps=40, problem=VALLEY | {"noise": 1.0}, eval_every=4)
    plain = collect_run(catalog, tree)
    tree["training"]["diagnostics"] = ["sharpness"]
    seen = collect_run(catalog, tree)
    for trial in (0, 1):
        for name in ("train_loss", "value", "x0", "x1", "grad_norm", "update_norm"):
            np.testing.assert_array_equal(
                plain.column(trial, name), seen.column(trial, name)
            )


def test_that_what_is_not_asked_for_is_not_measured(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> float:
        raise AssertionError

    monkeypatch.setattr(surface_probe, "hessian_at", never)
    run = collect_run(catalog, surface([SGD], steps=10, problem=VALLEY))
    assert run.evaluations == {}
    assert run.start.sparse == ()
    assert "sharpness" not in run.start.metrics


def test_that_a_run_that_goes_on_measures_nothing_twice(catalog: Catalog) -> None:
    def tree(steps: int) -> dict[str, Any]:
        return surface([SGD], steps=steps, problem=VALLEY, **SEEN)

    short, whole = (collect_run(catalog, tree(steps)) for steps in (8, 20))
    past = Past(checkpoints={0: short.checkpoints[0].data})
    rest = collect_run(catalog, tree(20), past=past)
    assert found(short) | found(rest) == found(whole)
    assert not set(found(short)) & set(found(rest))


def test_that_a_trial_that_flies_away_has_no_sharpness_there(catalog: Catalog) -> None:
    wild = SGD | {"lr": 1e200}
    run = collect_run(catalog, surface([wild], steps=8, problem=VALLEY, eval_every=1,
                                       diagnostics=["sharpness"]))  # fmt: skip
    assert run.stops[0].state == "diverged"
    steps = list(found(run))
    assert steps == list(range(run.stops[0].step + 1))
    assert np.isnan(found(run)[steps[-1]])


def test_that_a_run_file_that_goes_on_holds_each_measurement_once(
    catalog: Catalog, tmp_path: Path
) -> None:
    tree = surface([SGD], steps=10, problem=VALLEY, **SEEN)
    run = Runner(parse_spec(tree, catalog), catalog, folder=tmp_path)
    for _ in run.run():
        pass
    for _ in Runner.resume(run.path, catalog, steps=18).run():
        pass
    file = RunData.open(run.path)
    steps, values = file.series(0, "sharpness").arrays()
    assert steps.tolist() == [0, 4, 8, 10, 12, 16, 18]
    x, y = (file.series(0, name).values for name in ("x0", "x1"))
    wanted = [rosenbrock_sharpness(float(x[k]), float(y[k])) for k in steps]
    assert values == pytest.approx(wanted, rel=1e-8)


def test_that_a_diagnostic_of_nets_is_refused_on_a_surface() -> None:
    info = DiagnosticInfo(
        name="sharpest",
        label="Sharpest",
        description="Somebody's own.",
        factory="no.where:at_all",
        source="nowhere",
        cost="nothing",
    )
    catalog = load_catalog()
    catalog.diagnostics.add(info)
    tree = surface([SGD], steps=3, diagnostics=["sharpest"])
    with pytest.raises(InputError, match="on a surface only sharpness"):
        collect_run(catalog, tree)
