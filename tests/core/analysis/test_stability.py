"""The sharpness that gradient descent bears, against runs on bowls that have it."""

from typing import Any

import pytest

from optlab.analysis.stability import stability_limits
from optlab.control import RunControl
from optlab.engine.loop import run
from optlab.plugins import load_catalog
from optlab.records import TrialStop
from optlab.registry import Catalog
from optlab.spec import parse_spec


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Everything that OptLab ships."""
    return load_catalog()


def tree(*entries: dict[str, Any], **problem: Any) -> dict[str, Any]:
    return {
        "problem": {"name": "quadratic", **problem},
        "training": {"steps": 4000},
        "optimizers": [{"label": str(i)} | e for i, e in enumerate(entries)],
    }


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "SGD"},
        {"name": "textbook-gd"},
        {"name": "SGD", "momentum": 0.9},
        {"name": "SGD", "momentum": 0.9, "nesterov": True},
    ],
    ids=lambda entry: "-".join(map(str, entry.values())),
)
def test_that_descent_is_stable_up_to_the_limit_and_no_further(
    catalog: Catalog, entry: dict[str, Any]
) -> None:
    # On a bowl whose largest eigenvalue is 100, by rates on both sides of the limit.
    (unit,) = stability_limits(
        parse_spec(tree(entry | {"lr": 1.0}), catalog), catalog
    ).values()
    rates = [share * unit / 100.0 for share in (0.97, 1.03)]
    spec = parse_spec(
        tree(*(entry | {"lr": rate} for rate in rates), condition=100.0), catalog
    )
    limits = stability_limits(spec, catalog)
    assert limits[0] > 100.0 > limits[1]
    stops = [
        record.state
        for record in run(spec, catalog, RunControl(), device="cpu")
        if isinstance(record, TrialStop)
    ]
    assert sorted(stops) == ["diverged", "finished"]


def test_that_only_descent_with_a_constant_rate_has_a_limit(catalog: Catalog) -> None:
    entries = (
        {"name": "SGD", "lr": 0.1},
        {"name": "Adam"},
        {"name": "SGD", "lr": 0.1, "weight_decay": 0.1},
        {"name": "SGD", "lr": 0.1, "scheduler": {"name": "CosineAnnealingLR"}},
        {"name": "SGD", "lr": 0.1, "param_groups": [{"match": ":output", "lr": 0.2}]},
        {"name": "SGD", "lr": 0.1, "momentum": 0.5, "dampening": 0.5},
        {"name": "SGD", "lr": 0.0},
    )
    spec = parse_spec(tree(*entries, name="moons"), catalog)
    assert stability_limits(spec, catalog) == {0: 20.0}
