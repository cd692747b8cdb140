from dataclasses import replace

import numpy as np
import pytest

from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.runner import surface_of
from optlab.spec import ExperimentSpec, parse_spec, spec_errors
from tests.core.problems.surface_cases import build


def experiment(**values: object) -> ExperimentSpec:
    tree = {
        "problem": {"name": "own-surface"} | values,
        "training": {"steps": 5},
        "optimizers": [{"name": "SGD"}],
    }
    return parse_spec(tree, load_catalog())


@pytest.mark.parametrize(
    ("text", "dim"),
    [
        ("x^2", 1),
        ("3", 1),
        ("y^2", 2),
        ("x*y*z", 3),
        ("x2^2", 2),
        ("f(x, y) = x^2", 2),
        ("f(u) = u^4 - u^2", 1),
        ("g(a,b,c)=a*b*c", 3),
        ("x1 + x10^2", 10),
    ],
)
def test_that_the_variables_are_those_of_the_formula(text: str, dim: int) -> None:
    surface = build("own-surface", expression=text)
    assert surface.dim == dim == len(surface.domain)
    assert surface.gradient(np.ones((dim, 3))).shape == (dim, 3)


def test_that_a_typed_valley_is_that_of_the_catalog() -> None:
    typed = build("own-surface", expression="f(x, y) = (1 - x)^2 + 100*(y - x^2)^2")
    ours = build("rosenbrock")
    points = np.random.default_rng(0).normal(size=(2, 500))
    np.testing.assert_allclose(typed.value(points), ours.value(points), rtol=1e-13)
    mine, theirs = typed.gradient(points), ours.gradient(points)
    np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


def test_that_the_box_is_one_for_all_or_one_for_each() -> None:
    surface = build("own-surface", expression="x*y", box=(-1.0, 1.0, -1.0, 2.0))
    assert surface.domain == ((-1.0, 1.0), (-1.0, 2.0))
    assert surface.start == pytest.approx((0.6, 1.4))
    surface = build("own-surface", expression="x*y*z", box=(0.0, 2.0))
    assert surface.domain == ((0.0, 2.0),) * 3


BAD: dict[str, list[dict[str, object]]] = {
    "problem.expression": [
        {"expression": "__import__('os')"},
        {"expression": "x.real"},
        {"expression": "x + q"},
        {"expression": ""},
        {"expression": "f(x, x) = x"},
        {"expression": "f(sin) = sin"},
        {"expression": "f() = 1"},
        {"expression": "f(x) = x + y"},
        {"expression": "9**9**9**9"},
    ],
    "problem.box": [
        {"box": [2.0, 1.0]},
        {"box": [1.0]},
        {"box": [0.0, 1.0, 2.0]},
        {"box": [0.0, 1.0, 3.0, 2.0]},
        {"expression": "x^2", "box": [0.0, 1.0, 0.0, 2.0]},
    ],
    "problem.start": [{"start": [1.0]}, {"expression": "x^2", "start": [1.0, 2.0]}],
}


@pytest.mark.parametrize(
    ("key", "values"),
    [(key, values) for key, rows in BAD.items() for values in rows],
)
def test_that_what_cannot_be_drawn_is_refused_before_a_run(
    key: str, values: dict[str, object]
) -> None:
    with pytest.raises(InputError) as caught:
        experiment(**values)
    assert caught.value.key == key
    assert "\n" not in str(caught.value)


def test_that_a_form_is_told_and_nothing_is_raised_past_it() -> None:
    catalog = load_catalog()
    spec = experiment()
    values = spec.problem.values.with_value("expression", "x +")
    broken = replace(spec, problem=replace(spec.problem, values=values))
    assert [error.key for error in spec_errors(broken, catalog)] == [
        "problem.expression"
    ]
    with pytest.raises(InputError, match="cannot be read"):
        surface_of(broken, catalog)
