"""The ranges of the zoo's parameters against what its constructors accept."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from optlab.optimizers.zoo.adapter import ZooOptimizer
from optlab.optimizers.zoo.catalog import zoo_optimizers
from optlab.params import InputError, Kind, ParamSpec, ParamValue
from optlab.registry import OptimizerInfo, broken_rule
from tests.core.optimizers.test_zoo import drive
from tests.core.optimizers.toy import parameters

ZOO = zoo_optimizers()
NET = {"fc0.weight": (4, 3), "fc0.bias": (4,), "fc1.weight": (2, 4)}
PROBES = (-1e6, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 10.0, 1e6)
WHOLE_PROBES = (-1000, -1, 0, 1, 2, 10, 1000)

every_entry = pytest.mark.parametrize("info", ZOO, ids=lambda i: str(i.name))


def takes(info: OptimizerInfo, **values: ParamValue) -> bool:
    try:
        ZooOptimizer(info.name, parameters(NET), dict(info.complete(values)))
    # Some divide by what they do not check; whatever is raised is a refusal.
    except Exception:
        return False
    return True


def probed(spec: ParamSpec) -> Iterator[ParamValue]:
    """Yield values of the right kind, legal or not."""
    if spec.kind is Kind.INT:
        yield from WHOLE_PROBES
    elif spec.kind is Kind.FLOAT:
        yield from PROBES
    elif spec.kind is Kind.FLOATS and isinstance(spec.default, tuple):
        for place in range(len(spec.default)):
            for probe in PROBES:
                yield (*spec.default[:place], probe, *spec.default[place + 1 :])
    elif spec.kind is Kind.CHOICE:
        yield from spec.choices
    elif spec.kind is Kind.BOOL:
        yield from (True, False)


def allowed(info: OptimizerInfo, spec: ParamSpec, value: ParamValue) -> bool:
    try:
        spec.check(value, spec.name)
    except InputError:
        return False
    return broken_rule(info.rules, info.complete({spec.name: value})) is None


@every_entry
def test_that_constructors_take_whatever_the_form_allows(info: OptimizerInfo) -> None:
    refused = [
        (spec.name, value)
        for spec in info.params
        for value in probed(spec)
        if allowed(info, spec, value) and not takes(info, **{spec.name: value})
    ]
    assert refused == []


@pytest.mark.parametrize(
    "info",
    [
        pytest.param(
            info,
            id=info.name,
            # An iteration of its solver takes a tenth of a second.
            marks=[pytest.mark.slow] if info.name == "SpectralSphere" else [],
        )
        for info in ZOO
    ],
)
def test_that_every_choice_and_switch_takes_a_step(info: OptimizerInfo) -> None:
    for spec in info.params:
        choices: Sequence[Any] = list(probed(spec))
        if spec.kind not in (Kind.CHOICE, Kind.BOOL):
            continue
        for choice in choices:
            named = parameters(NET)
            values = dict(info.complete({spec.name: choice}))
            optimizer = ZooOptimizer(info.name, named, values)
            drive(info.name, optimizer, named, range(2))
            assert all(p.isfinite().all() for _, p in named), (spec.name, choice)
