"""The unit tests themselves: about sixty small problems, and the jobs that run them.

After Schaul, Antonoglou & Silver 2013, arXiv:1312.6055, sections 3.1 to 3.5: shapes,
each alone with every kind of noise and at other scales; then several dimensions at odds
with each other, valleys, saddles and walls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from optlab.analysis.unit_tests import REFERENCE, label
from optlab.params import InputError, ParamValue, Values
from optlab.registry import Catalog, OptimizerInfo
from optlab.spec import (
    ExperimentSpec,
    OptimizerSpec,
    ProblemSpec,
    TrainingSpec,
    check_spec,
    dump_spec,
    incompatible,
)
from optlab.sweep.jobs import Job

OPTIMIZERS: Final = (
    "SGD",
    "Adagrad",
    "RMSprop",
    "Adadelta",
    "Adam",
    "AdamW",
    "NAdam",
    "RAdam",
    "Adamax",
    "Lion",
)
"""What is tested if nothing else is asked for."""

STEPS: Final = 300
SEEDS: Final = (0, 1, 2)
RATES: Final = 7
# Decades to either side of an optimizer's own default.
_DECADES: Final = 3.0
_SHAPES: Final = (
    "quadratic",
    "quartic",
    "abs",
    "relu",
    "gaussian",
    "laplace",
    "cliff",
)
_NOISES: Final = (
    ("", 0.0, "gaussian"),
    ("gaussian", 1.0, "gaussian"),
    ("multiplicative", 1.0, "multiplicative"),
    ("cauchy", 0.1, "cauchy"),
    ("mask", 0.8, "mask"),
)
_SCALES: Final = (0.01, 100.0)


@dataclass(frozen=True, kw_only=True)
class UnitTest:
    """One small problem.

    Attributes:
        name: Its name in the matrix.
        group: What it is about: ``shape``, ``noise``, ``scale`` or ``space``.
        problem: The problem.
    """

    name: str
    group: str
    problem: ProblemSpec


def unit_tests() -> tuple[UnitTest, ...]:
    """Return all unit tests, in the order of the matrix."""
    found = []
    for noise, strength, kind in _NOISES:
        for shape in _SHAPES:
            values: dict[str, ParamValue] = {"shape": shape}
            if noise:
                values |= {"noise": strength, "noise_kind": kind}
            name = f"{shape}, {noise}" if noise else shape
            group = "noise" if noise else "shape"
            found.append(_test(name, group, "unit-shape", values))
    for scale in _SCALES:
        for shape in _SHAPES:
            values = {"shape": shape, "scale": scale}
            found.append(_test(f"{shape} × {scale:g}", "scale", "unit-shape", values))
    return (*found, *_in_space())


def _in_space() -> tuple[UnitTest, ...]:
    bowl: dict[str, ParamValue] = {"condition": 100.0}
    turned = bowl | {"rotation": 30.0}
    steep: dict[str, ParamValue] = {"dim": 10, "condition": 1e4, "rotation": 30.0}
    problems: tuple[tuple[str, str, dict[str, ParamValue]], ...] = (
        ("bowl 1:100", "quadratic", bowl),
        ("bowl 1:100, turned", "quadratic", turned),
        ("bowl 1:10000 in 10 dimensions", "quadratic", steep),
        ("bowl 1:100, turned, gaussian", "noisy-quadratic", turned),
        ("curved valley", "rosenbrock", {}),
        ("curved valley, tilted by noise", "noisy-rosenbrock", {}),
        ("saddle, gaussian", "saddle", {"noise": 0.1}),
        ("monkey saddle, gaussian", "monkey-saddle", {"noise": 0.1}),
        ("valley with a cliff", "cliff-valley", {}),
        ("two wells, gaussian", "double-well", {"noise": 1.0}),
        ("ripples around a cone", "ackley", {}),
    )
    return tuple(_test(name, "space", problem, v) for name, problem, v in problems)


def jobs(
    catalog: Catalog,
    names: Sequence[str] = OPTIMIZERS,
    *,
    steps: int = STEPS,
    rates: int = RATES,
    seeds: Sequence[int] = SEEDS,
) -> tuple[Job, ...]:
    """Return one job for each unit test; plain descent is always there.

    Args:
        catalog: Where optimizers and problems are.
        names: Names of the optimizers.
        steps: Steps that each may take.
        rates: Learning rates of each, on a logarithmic grid around its default.
        seeds: Seeds of the noise, where there is any; the median over them counts.

    Raises:
        InputError: There is no such optimizer, or it cannot work on a surface.
    """
    wanted = dict.fromkeys((REFERENCE, *names))
    surface = catalog.problems.get("unit-shape")
    entries: list[OptimizerSpec] = []
    for name in wanted:
        info = catalog.optimizers.get(name, "--optimizers")
        reason = incompatible(info, surface)
        if reason:
            raise InputError("--optimizers", name, reason)
        entries.extend(_entries(info, rates))
    found = []
    for number, test in enumerate(unit_tests()):
        problem = catalog.problems.get(test.problem.name)
        noise = problem.complete(test.problem.values)["noise"]
        training = TrainingSpec(
            steps=steps,
            seeds=tuple(seeds) if noise else tuple(seeds[:1]),
            eval_every=steps,
        )
        spec = ExperimentSpec(
            title=test.name,
            problem=test.problem,
            training=training,
            optimizers=tuple(entries),
        )
        check_spec(spec, catalog)
        text = dump_spec(spec, catalog)
        found.append(Job(key=f"unit-tests/{number:02d}", spec_text=text))
    return tuple(found)


def _entries(info: OptimizerInfo, count: int) -> list[OptimizerSpec]:
    """Return an optimizer at each of its rates, the default one among them."""
    lr = next((p for p in info.params if p.name == "lr"), None)
    if lr is None or not isinstance(lr.default, float) or lr.default <= 0:
        return [OptimizerSpec(name=info.name, label=label(info.name, None))]
    half = max(1, count // 2)
    powers = [_DECADES * k / half for k in range(-half, count - half)]
    found = []
    for power in powers:
        rate = lr.default * 10.0**power
        if (lr.low is None or rate >= lr.low) and (lr.high is None or rate <= lr.high):
            title, values = label(info.name, rate), Values({"lr": rate})
            found.append(OptimizerSpec(name=info.name, label=title, values=values))
    return found


def _test(
    name: str, group: str, problem: str, values: dict[str, ParamValue]
) -> UnitTest:
    spec = ProblemSpec(name=problem, values=Values(values))
    return UnitTest(name=name, group=group, problem=spec)
