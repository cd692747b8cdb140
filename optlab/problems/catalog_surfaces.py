"""Catalog data of the toy surfaces. Imports neither torch nor NumPy."""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.problems.catalog_own_surface import OWN_SURFACE
from optlab.problems.catalog_surface_parts import (
    START_IS_SINGLE,
    any_dim_info,
    flat_info,
    surface_info,
)
from optlab.problems.noise_kinds import GAUSSIAN, MASK, NOISE_KINDS
from optlab.registry import ProblemInfo, Rule

_QUADRATIC_PARAMS: Final = (
    ParamSpec(
        name="condition",
        kind=Kind.FLOAT,
        default=100.0,
        low=1,
        high=1e12,
        suggested=(1.0, 1e6),
        log=True,
        meaning="Condition number: the largest curvature, where the smallest is 1.",
        label="Condition number",
    ),
    ParamSpec(
        name="rotation",
        label="rotation",
        kind=Kind.FLOAT,
        default=0.0,
        low=-360,
        high=360,
        suggested=(0.0, 90.0),
        unit="degrees",
        meaning="Angle by which the axes of the bowl are turned against the "
        "coordinates.",
    ),
    ParamSpec(
        name="rotation_seed",
        label="rotation seed",
        kind=Kind.INT,
        default=0,
        low=0,
        high=2**32 - 1,
        meaning="Picks the planes of the rotation where dim is more than 2.",
    ),
)

_SHAPE_PARAMS: Final = (
    ParamSpec(
        name="shape",
        label="shape",
        kind=Kind.CHOICE,
        default="abs",
        choices=("quadratic", "quartic", "abs", "relu", "gaussian", "laplace", "cliff"),
        meaning="quadratic ½x²; quartic x⁴; abs |x|; relu max(x, 0); gaussian "
        "1 - exp(-½x²); laplace 1 - exp(-|x|); cliff |x| with a wall beyond 1.",
    ),
    ParamSpec(
        name="scale",
        label="scale",
        kind=Kind.FLOAT,
        default=1.0,
        low=0,
        low_open=True,
        high=1e12,
        suggested=(0.01, 100.0),
        log=True,
        meaning="Factor on the shape and so on every gradient.",
    ),
)

_NOISE_KIND: Final = ParamSpec(
    name="noise_kind",
    label="kind of noise",
    kind=Kind.CHOICE,
    default=GAUSSIAN,
    choices=NOISE_KINDS,
    meaning="gaussian or cauchy: such a number, times the noise, is added to the "
    "gradient; multiplicative: the gradient is multiplied by 1 + noise · a Gaussian "
    "number; mask: with the probability noise the gradient is zero.",
)


def _mask_is_a_share(values: Values) -> bool:
    noise = values["noise"]
    assert isinstance(noise, float)
    return values["noise_kind"] != MASK or noise < 1


_MASK_IS_A_SHARE: Final = Rule(
    keys=("noise", "noise_kind"),
    holds=_mask_is_a_share,
    message="a probability < 1 where the kind of noise is mask",
)

SURFACES: Final[tuple[ProblemInfo, ...]] = (
    surface_info(
        "quadratic-1d",
        "x²",
        "The parabola of the tutorials that OptLab grew out of: gradient "
        "descent with rate η multiplies x by 1 - 2η in each step.",
        factory="surfaces:quadratic_1d",
        length=None,
        rules=(START_IS_SINGLE,),
        formula="f(x) = x²",
        source="The tutorials' first program: start 10, rate 0.1, 50 steps.",
    ),
    any_dim_info(
        "quadratic",
        "Quadratic",
        "A bowl with a chosen condition number and rotation. Gradient descent does not "
        "care for the rotation, methods that scale each coordinate do.",
        low=2,
        own=_QUADRATIC_PARAMS,
        formula="f(x) = ½ xᵀ R diag(1 … κ) Rᵀ x, eigenvalues spaced geometrically",
        source="Nesterov 2004, Introductory Lectures on Convex Optimization, "
        "section 2.1.",
    ),
    any_dim_info(
        "rosenbrock",
        "Rosenbrock",
        "A curved valley with a nearly flat floor: quick to reach, slow to follow. "
        "With 4 or more dimensions it has a second, local minimum.",
        low=2,
        formula="f(x) = Σ (1 - xᵢ)² + 100 (xᵢ₊₁ - xᵢ²)²",
        source="Rosenbrock 1960, An automatic method for finding the greatest or "
        "least value of a function, Computer Journal 3(3), 175-184.",
    ),
    flat_info(
        "beale",
        "Beale",
        "Flat inside, with steep walls at the corners of its box.",
        formula="f(x, y) = (1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²",
        source="Beale 1958, On an iterative method for finding a local minimum of a "
        "function of more than one variable, Princeton technical report 25.",
    ),
    flat_info(
        "himmelblau",
        "Himmelblau",
        "Four minima of equal depth: which one is reached depends on start and method.",
        formula="f(x, y) = (x² + y - 11)² + (x + y² - 7)²",
        source="Himmelblau 1972, Applied Nonlinear Programming, McGraw-Hill.",
    ),
    any_dim_info(
        "rastrigin",
        "Rastrigin",
        "A bowl covered with a regular lattice of local minima.",
        formula="f(x) = Σ xᵢ² + 10 - 10 cos(2π xᵢ)",
        source="Rastrigin 1974, Systems of Extremal Control, Nauka (in Russian).",
    ),
    any_dim_info(
        "ackley",
        "Ackley",
        "A nearly flat, rippled plain around one deep cone. It has no derivative at "
        "the tip; the gradient there is taken to be 0.",
        formula="f(x) = 20 - 20 exp(-0.2 √(Σ xᵢ² / n)) + e - exp(Σ cos(2π xᵢ) / n)",
        source="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, "
        "Kluwer, section 2.3.",
    ),
    flat_info(
        "booth",
        "Booth",
        "A bowl that lies askew, with condition number 9: the easy one.",
        module="surfaces_2d",
        formula="f(x, y) = (x + 2y - 7)² + (2x + y - 5)²",
        source="Jamil & Yang 2013, A literature survey of benchmark functions for "
        "global optimisation problems, arXiv:1308.4008, no. 17.",
    ),
    flat_info(
        "matyas",
        "Matyas",
        "A flat trough along the diagonal: a bowl with condition number 25, turned by "
        "45 degrees, so that rates for each coordinate are of no help.",
        module="surfaces_2d",
        formula="f(x, y) = 0.26 (x² + y²) - 0.48 xy",
        source="Matyas 1965, Random optimization, Automation and Remote Control 26(2), "
        "246-253.",
    ),
    flat_info(
        "saddle",
        "Saddle",
        "Down in one direction, up in the other, and no minimum: how long does a "
        "method take to leave the ridge?",
        formula="f(x, y) = x² - y²",
        source="Dauphin et al. 2014, Identifying and attacking the saddle point "
        "problem in high-dimensional non-convex optimization, NeurIPS 27.",
    ),
    flat_info(
        "monkey-saddle",
        "Monkey saddle",
        "Three ways down and three up, and no curvature at all at the centre: a "
        "monkey needs room for its tail.",
        module="surfaces_2d",
        formula="f(x, y) = x³ - 3xy²",
        source="Hilbert & Cohn-Vossen 1932, Anschauliche Geometrie, section 29.",
    ),
    any_dim_info(
        "styblinski-tang",
        "Styblinski-Tang",
        "Two wells for each coordinate, one deeper than the other.",
        formula="f(x) = ½ Σ xᵢ⁴ - 16 xᵢ² + 5 xᵢ",
        source="Styblinski & Tang 1990, Experiments in nonconvex optimization, "
        "Neural Networks 3(4), 467-483.",
    ),
    flat_info(
        "goldstein-price",
        "Goldstein-Price",
        "From 3 to a million within a small box: what suits the floor is far too much "
        "for the walls.",
        module="surfaces_2d",
        formula="f(x, y) = [1 + (x + y + 1)² (19 - 14x + 3x² - 14y + 6xy + 3y²)] · "
        "[30 + (2x - 3y)² (18 - 32x + 12x² + 48y - 36xy + 27y²)]",
        source="Goldstein & Price 1971, On descent from local minima, Mathematics of "
        "Computation 25(115), 569-574.",
    ),
    flat_info(
        "three-hump-camel",
        "Three-hump camel",
        "One deep well in the middle and a shallow one to either side; from the start "
        "small steps end in a shallow one.",
        module="surfaces_2d",
        formula="f(x, y) = 2x² - 1.05x⁴ + x⁶/6 + xy + y²",
        source="Dixon & Szegő 1978, Towards Global Optimisation 2, North-Holland.",
    ),
    flat_info(
        "six-hump-camel",
        "Six-hump camel",
        "Six wells, two of them deepest and equally deep.",
        module="surfaces_2d",
        formula="f(x, y) = (4 - 2.1x² + x⁴/3) x² + xy + (4y² - 4) y²",
        source="Dixon & Szegő 1978, Towards Global Optimisation 2, North-Holland.",
    ),
    flat_info(
        "levy-13",
        "Lévy no. 13",
        "A bowl with ripples that grow away from its centre.",
        module="surfaces_2d",
        formula="f(x, y) = sin²(3πx) + (x - 1)² (1 + sin²(3πy)) + "
        "(y - 1)² (1 + sin²(2πy))",
        source="Lévy & Montalvo 1985, The tunneling algorithm for the global "
        "minimization of functions, SIAM J. Sci. Stat. Comput. 6(1), 15-29.",
    ),
    flat_info(
        "cliff-valley",
        "Valley with cliff",
        "A shallow valley that ends at a cliff, where the gradient is twenty times as "
        "large: one step from its edge throws plain descent far away; clipping and "
        "sign methods walk on.",
        module="surfaces_2d",
        formula="f(x, y) = 0.02x² + 0.5y² + 2 log(1 + exp(10 (x - 2)))",
        source="After Pascanu, Mikolov & Bengio 2013, On the difficulty of training "
        "recurrent neural networks, section 2.3.",
    ),
    any_dim_info(
        "double-well",
        "Double well",
        "The start lies in the shallower of two wells: without noise small steps stay "
        "there; with noise some seeds get out, and more of them the larger it is.",
        default=1,
        factory="surfaces_1d:double_well",
        formula="f(x) = (x₀² - 1)² + 0.3 x₀ + ½ Σ xᵢ² over i > 0",
        source="Kramers 1940, Brownian motion in a field of force and the diffusion "
        "model of chemical reactions, Physica 7(4), 284-304.",
    ),
    any_dim_info(
        "noisy-quadratic",
        "Noisy quadratic",
        "A bowl with noise on its gradient: descent at a constant rate comes to hover, "
        "with a variance of η σ² / (λ (2 - η λ)) along a direction of curvature λ.",
        low=2,
        factory="surfaces:quadratic",
        own=_QUADRATIC_PARAMS,
        noise=1.0,
        formula="f(x) = ½ xᵀ R diag(1 … κ) Rᵀ x, g = ∇f + σ ξ, ξ ~ N(0, I)",
        source="Schaul, Zhang & LeCun 2013, No more pesky learning rates, ICML, "
        "section 3.",
    ),
    surface_info(
        "noisy-rosenbrock",
        "Noisy Rosenbrock",
        "Rosenbrock's valley, tilted anew in each step; in the mean it is as it was.",
        factory="surfaces:noisy_rosenbrock",
        length=2,
        noise=1.0,
        formula="f(x, y) = (1 - x)² + 100 (y - x²)² + σ (u x + v y), u, v ~ N(0, 1)",
        source="Schneider, Balles & Hennig 2019, DeepOBS: a deep learning optimizer "
        "benchmark suite, ICLR (2d_rosenbrock).",
    ),
    surface_info(
        "unit-shape",
        "Unit shape",
        "One simple shape at a time, to see what a method makes of it: a kink, a "
        "plateau, a wall.",
        factory="surfaces_1d:unit_shape",
        length=None,
        before=_SHAPE_PARAMS,
        more=(_NOISE_KIND,),
        rules=(START_IS_SINGLE, _MASK_IS_A_SHARE),
        formula="f(x) = s · one of ½x², x⁴, |x|, max(x, 0), 1 - exp(-½x²), "
        "1 - exp(-|x|), |x| + 100 max(x - 1, 0)",
        source="After Schaul, Antonoglou & Silver 2013, Unit tests for stochastic "
        "optimization, arXiv:1312.6055, section 3.1.",
    ),
    OWN_SURFACE,
)
