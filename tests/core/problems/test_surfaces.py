import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from optlab.params import InputError, ParamValue, check_values
from optlab.problems.curvature import hessian_at, stability_limit
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
    ("booth", {}, 170.0, 0.0),
    ("matyas", {}, 42.34, 1e-12),
    ("saddle", {}, 0.999999, 1e-12),
    ("monkey-saddle", {}, 0.1249985, 1e-12),
    ("styblinski-tang", {}, 0.0, 0.0),
    ("goldstein-price", {}, 2738.7433013916, 1e-12),
    ("three-hump-camel", {}, 0.8667, 1e-4),
    ("levy-13", {}, 41.0, 1e-12),
    ("cliff-valley", {}, 0.8237, 1e-4),
    ("noisy-quadratic", {"condition": 100.0}, 50.5, 0.0),
)

# science.md, table of surfaces: eigenvalues of the Hessian at the first minimum.
EIGENVALUES: tuple[tuple[str, dict[str, ParamValue], tuple[float, ...], float], ...] = (
    ("quadratic-1d", {}, (2.0,), 1e-12),
    ("quadratic", {"condition": 100.0, "rotation": 30.0}, (1.0, 100.0), 1e-12),
    ("rosenbrock", {}, (0.39936, 1001.60064), 1e-5),
    ("beale", {}, (0.30146, 48.97979), 2e-5),
    ("himmelblau", {}, (25.716, 82.284), 2e-5),
    ("rastrigin", {}, (396.784, 396.784), 1e-6),
    ("booth", {}, (2.0, 18.0), 1e-10),
    ("matyas", {}, (0.04, 1.0), 1e-9),
    ("styblinski-tang", {}, (34.583, 34.583), 1e-5),
    ("goldstein-price", {}, (402.83, 965.17), 1e-5),
    ("three-hump-camel", {}, (1.5858, 4.4142), 1e-5),
    ("six-hump-camel", {}, (7.68, 16.49), 1e-3),
    ("levy-13", {}, (2.0, 179.65), 1e-4),
)
# The same table: the largest rate of gradient descent, 2/λmax.
LIMITS = {
    "quadratic-1d": 1.0,
    "rosenbrock": 0.0019968,
    "beale": 0.040833,
    "himmelblau": 0.024306,
    "rastrigin": 0.0050405,
    "booth": 0.1111,
    "matyas": 2.0,
    "styblinski-tang": 0.057832,
    "goldstein-price": 0.0020722,
    "three-hump-camel": 0.45308,
    "six-hump-camel": 0.12126,
    "levy-13": 0.011133,
}
# Of these f has no minimum, or nobody knows it.
WITHOUT_MINIMUM = {"saddle", "monkey-saddle", "own-surface"}
BOUNDED = {"gaussian", "laplace"}


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


@every_case
def test_that_nothing_in_the_domain_lies_below_the_minimum(case: Case) -> None:
    surface = case.build()
    assert (surface.minimum is None) is (case.name in WITHOUT_MINIMUM)
    if surface.minimum is not None:
        assert surface.value(random_points(surface, 2000)).min() >= surface.minimum


@every_case
def test_that_the_gradient_is_the_slope_of_the_value(case: Case) -> None:
    # Five-point differences; by a kink or on a cliff of 1e-4 there is nothing to see.
    surface = case.build()
    points, h = random_points(surface, 40, seed=5), 1e-4
    points[0, np.abs(points[0]) < 0.1] += 0.25
    gradient = surface.gradient(points)
    for i in range(surface.dim):
        step = h * np.eye(surface.dim)[:, i : i + 1]
        near = surface.value(points + step) - surface.value(points - step)
        far = surface.value(points + 2 * step) - surface.value(points - 2 * step)
        slope = (8 * near - far) / (12 * h)
        scale = 1 + np.abs(surface.value(points)) + np.abs(slope)
        assert (np.abs(gradient[i] - slope) < 1e-6 * scale).all()


@pytest.mark.parametrize(("name", "values", "expected", "rel"), EIGENVALUES)
def test_that_the_minimum_has_the_published_curvatures(
    name: str,
    values: dict[str, ParamValue],
    expected: tuple[float, ...],
    rel: float,
) -> None:
    surface = build(name, **values)
    hessian = hessian_at(surface, surface.minima[0])
    assert np.linalg.eigvalsh(hessian) == pytest.approx(expected, rel=rel)


@pytest.mark.parametrize("name", LIMITS)
def test_that_the_rate_of_descent_has_the_published_limit(name: str) -> None:
    surface = build(name)
    limit = stability_limit(surface, surface.minima[0])
    assert limit == pytest.approx(LIMITS[name], rel=5e-4)


@pytest.mark.parametrize(("dim", "largest"), [(10, 1762.84), (100, 1801.61)])
def test_that_long_valleys_have_the_published_curvature(
    dim: int, largest: float
) -> None:
    hessian = hessian_at(build("rosenbrock", dim=dim), (1.0,) * dim)
    assert np.linalg.eigvalsh(hessian)[-1] == pytest.approx(largest, abs=0.005)


def test_that_saddles_have_the_curvature_of_saddles() -> None:
    saddle, monkey = build("saddle"), build("monkey-saddle")
    assert np.linalg.eigvalsh(hessian_at(saddle, (0, 0))) == pytest.approx((-2, 2))
    assert np.abs(hessian_at(monkey, (0, 0))).max() < 1e-12
    assert stability_limit(monkey, (0, 0)) == np.inf


@pytest.mark.parametrize("case", [c for c in CASES if c.build().hessian], ids=str)
def test_that_second_derivatives_in_closed_form_are_those_of_the_gradient(
    case: Case,
) -> None:
    surface = case.build()
    blind = replace(surface, hessian=None)
    for point in random_points(surface, 5, seed=7).T:
        exact = hessian_at(surface, point)
        assert exact.shape == (surface.dim, surface.dim)
        np.testing.assert_allclose(hessian_at(blind, point), exact, atol=1e-5)


def test_that_power_iteration_gives_the_published_curvature() -> None:
    # O17: Hessian-vector products by differences of the gradient, as on any surface.
    surface = build("rosenbrock")
    vector = np.array([0.6, 0.8])
    for _ in range(30):
        product = hessian_at(surface, (1.0, 1.0)) @ vector
        vector = product / np.linalg.norm(product)
    largest = float(vector @ hessian_at(surface, (1.0, 1.0)) @ vector)
    assert largest == pytest.approx(1001.60063923, abs=1e-8)
    smallest = np.linalg.eigvalsh(hessian_at(surface, (1.0, 1.0)))[0]
    assert smallest == pytest.approx(0.39936077, abs=1e-8)


def test_that_camels_have_their_other_wells() -> None:
    three, six = build("three-hump-camel"), build("six-hump-camel")
    local = np.array([-1.7475523458302889, 0.87377617291514445])
    assert np.abs(three.gradient(local)).max() < 1e-12
    assert three.value(local) == pytest.approx(0.29863844223685982, rel=1e-12)
    assert six.minima[0] == pytest.approx((0.0898420, -0.7126564), abs=5e-8)
    assert six.minimum == pytest.approx(-1.031628453, abs=5e-10)


def test_that_the_cliff_is_as_steep_as_published() -> None:
    surface = build("cliff-valley")
    edge = surface.gradient(np.array(surface.start))
    assert edge == pytest.approx((5.455, 0.5), rel=1e-4)
    assert surface.gradient(np.array([3.5, 0.0]))[0] == pytest.approx(20.14, rel=1e-3)
    # science.md gives the minimum as 0; the foot of the cliff moves it a little.
    (x, _), f = surface.minima[0], surface.minimum
    assert (x, f) == pytest.approx((-1.03e-6, 4.12e-9), rel=1e-3)
    assert surface.value(np.zeros(2)) > surface.value(np.array(surface.minima[0]))


def test_that_the_double_well_starts_in_the_shallower_one() -> None:
    surface = build("double-well")
    x = np.array(surface.start)
    for _ in range(200):
        x = x - 0.05 * surface.gradient(x)
    assert x == pytest.approx(0.96014955551910552, abs=1e-12)
    assert surface.value(x) == pytest.approx(0.29414648102826285, abs=1e-12)
    assert surface.minimum == pytest.approx(-0.30542848374391597, abs=1e-15)


def test_that_kinks_have_a_slope_of_zero() -> None:
    for shape in ("abs", "relu", "laplace", "cliff"):
        kink = build("unit-shape", shape=shape)
        assert kink.gradient(np.zeros(1)) == 0
    cone = build("own-surface", expression="sqrt(x^2 + y^2)")
    assert (cone.gradient(np.zeros((2, 3))) == 0).all()


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
    if dict(case.values).get("shape") not in BOUNDED:
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
    assert standard.noise == (1 if case.name.startswith("noisy") else 0)
    assert standard.starts == "fixed"
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
        "import optlab.problems.own_surface, optlab.problems.surfaces_1d; "
        "import optlab.problems.surfaces_2d, optlab.problems.curvature; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
