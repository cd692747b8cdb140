import subprocess
import sys

import numpy as np
import pytest
import torch

from optlab.params import InputError, ParamValue, check_values
from optlab.problems.rotations import plane_rotation
from optlab.registry import broken_rule
from tests.core.problems.surface_cases import (
    CASES,
    INFOS,
    TEXTBOOK,
    Case,
    autograd,
    build,
    random_points,
)

every_case = pytest.mark.parametrize("case", CASES, ids=str)

# science.md, table of surfaces: f at the standard start.
START_VALUES: tuple[tuple[str, dict[str, ParamValue], float, float], ...] = (
    ("quadratic-1d", {}, 100.0, 0.0),
    ("quadratic", {"condition": 100.0}, 50.5, 0.0),
    ("rosenbrock", {}, 24.2, 1e-12),
    ("rosenbrock", {"dim": 4}, 532.4, 1e-12),
    ("rosenbrock", {"dim": 10}, 2057.0, 1e-12),
    ("rosenbrock", {"dim": 100}, 24926.0, 1e-12),
    ("beale", {}, 14.203125, 1e-12),
    ("himmelblau", {}, 170.0, 0.0),
    ("rastrigin", {}, 40.83, 1e-3),
    ("ackley", {}, 10.22, 1e-3),
    ("saddle", {}, 0.999999, 1e-12),
    ("styblinski-tang", {}, 0.0, 0.0),
)


@every_case
def test_that_the_gradient_of_a_point_does_not_depend_on_its_neighbours(
    case: Case,
) -> None:
    surface = case.build()
    for count in range(1, 10):
        points = np.ascontiguousarray(random_points(surface, count, seed=count))
        together = surface.gradient(points)
        values = surface.value(points)
        assert together.shape == points.shape
        assert values.shape == (count,)
        for i in range(count):
            alone = surface.gradient(points[:, i].copy())
            column = surface.gradient(points[:, i : i + 1].copy())
            assert alone.tobytes() == together[:, i].tobytes()
            assert column[:, 0].tobytes() == together[:, i].tobytes()
            assert np.float64(values[i]) == surface.value(points[:, i].copy())


@every_case
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30, 1e155, -1e308])
def test_that_a_diverged_point_leaves_the_bits_of_the_others(
    case: Case, bad: float
) -> None:
    surface = case.build()
    points = random_points(surface, 9)
    clean = surface.gradient(points)
    for place in range(9):
        spoiled = points.copy()
        spoiled[:, place] = bad
        others = np.arange(9) != place
        gradient = surface.gradient(spoiled)
        assert gradient[:, others].tobytes() == clean[:, others].tobytes()


@every_case
def test_that_a_grid_gives_the_values_of_its_points(case: Case) -> None:
    surface = case.build()
    grid = random_points(surface, 12).reshape(surface.dim, 3, 4)
    values, gradients = surface.value(grid), surface.gradient(grid)
    assert values.shape == (3, 4)
    assert gradients.shape == grid.shape
    for i, j in np.ndindex(3, 4):
        assert values[i, j] == surface.value(grid[:, i, j].copy())
        assert (gradients[:, i, j] == surface.gradient(grid[:, i, j].copy())).all()


@every_case
def test_that_evaluation_leaves_its_argument_alone(case: Case) -> None:
    surface = case.build()
    points = random_points(surface, 3)
    before = points.copy()
    surface.value(points)
    surface.gradient(points)
    assert (points == before).all()


@pytest.mark.parametrize("case", [c for c in CASES if c.name in TEXTBOOK], ids=str)
def test_that_value_and_gradient_agree_with_autograd(case: Case) -> None:
    surface = case.build()
    points = random_points(surface, 200)
    values, gradients = autograd(case.name, points)
    mine = surface.gradient(points)
    scale = np.linalg.norm(gradients, axis=0)
    assert (np.linalg.norm(mine - gradients, axis=0) <= 1e-12 * scale).all()
    np.testing.assert_allclose(surface.value(points), values, rtol=1e-12, atol=1e-12)


def test_that_the_rosenbrock_gradient_is_bitwise_that_of_autograd() -> None:
    surface = build("rosenbrock")
    points = random_points(surface, 10_000)
    x = torch.tensor(points[0], requires_grad=True)
    y = torch.tensor(points[1], requires_grad=True)
    value = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    theirs = torch.autograd.grad(value.sum(), (x, y))
    mine = surface.gradient(points)
    assert mine[0].tobytes() == theirs[0].numpy().tobytes()
    assert mine[1].tobytes() == theirs[1].numpy().tobytes()
    assert surface.value(points).tobytes() == value.detach().numpy().tobytes()


@pytest.mark.parametrize(
    ("name", "lr", "steps"), [("rosenbrock", 1e-3, 500), ("quadratic-1d", 0.1, 200)]
)
def test_that_gradient_descent_is_bitwise_that_of_autograd(
    name: str, lr: float, steps: int
) -> None:
    surface = build(name)
    mine = np.array(surface.start)
    theirs = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(TEXTBOOK[name](theirs), theirs)
        assert surface.gradient(mine).tobytes() == gradient.numpy().tobytes()
        mine = mine - lr * surface.gradient(mine)
        theirs = (theirs.detach() - lr * gradient).requires_grad_()
    assert mine.tobytes() == theirs.detach().numpy().tobytes()


def test_that_the_parabola_s_gradient_is_bitwise_that_of_autograd() -> None:
    surface = build("quadratic-1d")
    points = random_points(surface, 10_000)
    x = torch.tensor(points[0], requires_grad=True)
    (theirs,) = torch.autograd.grad((x**2).sum(), x)
    assert surface.gradient(points)[0].tobytes() == theirs.numpy().tobytes()


@every_case
def test_that_the_gradient_vanishes_at_every_known_minimum(case: Case) -> None:
    surface = case.build()
    for minimum in surface.minima:
        point = np.array(minimum)
        low, high = np.array(surface.domain).T
        assert ((low <= point) & (point <= high)).all()
        assert np.abs(surface.gradient(point)).max() < 1e-10
        assert surface.value(point) == pytest.approx(surface.minimum, abs=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.name != "saddle"], ids=str)
def test_that_nothing_in_the_domain_lies_below_the_minimum(case: Case) -> None:
    surface = case.build()
    assert surface.minimum is not None
    assert surface.value(random_points(surface, 2000)).min() >= surface.minimum


@pytest.mark.parametrize(("name", "values", "expected", "rel"), START_VALUES)
def test_that_the_start_has_the_published_value(
    name: str, values: dict[str, ParamValue], expected: float, rel: float
) -> None:
    surface = build(name, **values)
    start = np.array(surface.start)
    assert surface.value(start) == pytest.approx(expected, rel=rel, abs=0)


@pytest.mark.parametrize("dim", [2, 4])
def test_that_styblinski_tang_has_the_published_minimum(dim: int) -> None:
    surface = build("styblinski-tang", dim=dim)
    assert surface.minimum == pytest.approx(-78.33233141 * dim / 2, rel=1e-9)
    assert surface.minima[0] == pytest.approx((-2.903534,) * dim, rel=1e-6)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_that_ackley_is_flat_at_the_tip_of_its_cone(dim: int) -> None:
    surface = build("ackley", dim=dim)
    tip = np.zeros((dim, 3))
    assert (surface.gradient(tip) == 0).all()
    assert (surface.value(tip) == 0).all()
    near = np.full(dim, 1e-9)
    assert np.linalg.norm(surface.gradient(near)) == pytest.approx(4 / np.sqrt(dim))


@every_case
def test_that_overflow_is_silent(case: Case) -> None:
    surface = case.build()
    # Warnings are errors here, so a warning would fail this test.
    for bad in (1e200, np.inf, np.nan):
        point = np.full(surface.dim, bad)
        surface.value(point)
        surface.gradient(point)
    assert not np.isfinite(surface.value(np.full(surface.dim, np.inf)))
    assert np.isnan(surface.gradient(np.full(surface.dim, np.nan))).all()


def test_that_a_quadratic_has_the_condition_number_that_was_asked_for() -> None:
    for rotation in (0.0, 37.0):
        surface = build("quadratic", dim=6, condition=1e3, rotation=rotation)
        hessian = surface.gradient(np.eye(6))
        np.testing.assert_allclose(
            np.linalg.eigvalsh(hessian), np.geomspace(1, 1e3, 6), rtol=1e-10
        )
        x = random_points(surface, 5)
        expected = 0.5 * np.einsum("it,ij,jt->t", x, hessian, x)
        np.testing.assert_allclose(surface.value(x), expected, rtol=1e-12)


def test_that_gradient_descent_does_not_care_for_rotation() -> None:
    # science.md O26: condition 100, start R(1, 1), rate 0.015, 100 steps.
    for degrees in (0.0, 30.0, 45.0):
        start = plane_rotation(2, degrees, seed=0) @ np.ones(2)
        surface = build("quadratic", rotation=degrees, start=tuple(map(float, start)))
        x = np.array(surface.start)
        for _ in range(100):
            x = x - 0.015 * surface.gradient(x)
        assert surface.value(x) == pytest.approx(0.0243341456892, abs=1e-8)


def test_that_a_rotation_is_orthogonal_and_follows_its_seed() -> None:
    for dim in (2, 3, 8):
        turn = plane_rotation(dim, 50.0, seed=3)
        np.testing.assert_allclose(turn @ turn.T, np.eye(dim), atol=1e-13)
        assert np.linalg.det(turn) == pytest.approx(1.0)
        assert (turn == plane_rotation(dim, 50.0, seed=3)).all()
    assert (plane_rotation(3, 50.0, seed=3) != plane_rotation(3, 50.0, seed=4)).any()
    np.testing.assert_allclose(plane_rotation(5, 0.0, seed=1), np.eye(5), atol=1e-13)


@every_case
def test_that_a_start_and_a_noise_can_be_given(case: Case) -> None:
    standard = case.build()
    assert len(standard.start) == standard.dim == len(standard.domain)
    assert standard.noise == 0
    start = tuple(0.25 * i for i in range(standard.dim))
    surface = case.build(start=start, noise=0.5)
    assert surface.start == start
    assert surface.noise == 0.5


@pytest.mark.parametrize("name", INFOS)
def test_that_a_start_of_another_length_is_refused(name: str) -> None:
    info = INFOS[name]
    start = (1.0, 2.0, 3.0)
    if info.param("start").length is None:
        rule = broken_rule(info.rules, info.complete({"start": start}))
        assert rule is not None
        assert rule.keys[0] == "start"
    else:
        with pytest.raises(InputError, match=r"problem\.start"):
            check_values(info.params, {"start": start}, "problem")


def test_that_the_standard_start_has_a_word() -> None:
    spec = INFOS["rosenbrock"].param("start")
    assert spec.check("standard", "start") is None
    assert spec.parse("standard", "start") is None
    assert spec.parse("1, -2.5", "start") == (1.0, -2.5)
    assert spec.to_toml(None) == "standard"
    assert '"standard"' in spec.allowed()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("rosenbrock", {"dim": 1}),
        ("rosenbrock", {"dim": 1_000_000_000}),
        ("quadratic", {"condition": 0.5}),
        ("ackley", {"noise": -1.0}),
        ("ackley", {"start": [float("nan"), 0.0]}),
        ("beale", {"start": [1.0]}),
        ("beale", {"dim": 3}),
    ],
)
def test_that_absurd_parameters_are_refused(
    name: str, given: dict[str, object]
) -> None:
    key = next(iter(given))
    with pytest.raises(InputError, match=f"problem.{key}"):
        check_values(INFOS[name].params, given, "problem")


def test_that_surfaces_and_catalog_import_no_torch() -> None:
    code = (
        "import sys, optlab.problems.surfaces, optlab.problems.catalog; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
