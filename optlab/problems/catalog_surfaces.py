"""Catalog data of the toy surfaces. Imports neither torch nor NumPy."""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import ProblemInfo, Rule

_NOISE: Final = ParamSpec(
    name="noise",
    kind=Kind.FLOAT,
    default=0.0,
    low=0,
    high=1e6,
    suggested=(0.0, 10.0),
    meaning="Standard deviation of the Gaussian noise added to each gradient "
    "component; the same for every optimizer of a seed.",
    label="Gradient noise",
)


def _start(length: int | None) -> ParamSpec:
    return ParamSpec(
        name="start",
        kind=Kind.FLOATS,
        default=None,
        low=-1e6,
        high=1e6,
        length=length,
        none_word="standard",
        meaning="Where every optimizer starts: one number for each dimension.",
    )


def _dim(default: int, low: int) -> ParamSpec:
    return ParamSpec(
        name="dim",
        kind=Kind.INT,
        default=default,
        low=low,
        high=1000,
        suggested=(low, 100),
        log=True,
        meaning="Number of dimensions; 2 is drawn with contours.",
        label="Dimensions",
    )


def _start_fits(values: Values) -> bool:
    start = values["start"]
    return not isinstance(start, tuple) or len(start) == values["dim"]


def _start_is_single(values: Values) -> bool:
    start = values["start"]
    return not isinstance(start, tuple) or len(start) == 1


_START_FITS: Final = Rule(
    keys=("start", "dim"),
    holds=_start_fits,
    message="a list of as many numbers as dim says, or leave it out",
)
_START_IS_SINGLE: Final = Rule(
    keys=("start",),
    holds=_start_is_single,
    message="one number, or leave it out",
)


def _flat(
    name: str, label: str, description: str, *, formula: str, source: str
) -> ProblemInfo:
    """Return the info of a surface that has exactly two dimensions."""
    return ProblemInfo(
        name=name,
        label=label,
        description=description,
        kind="surface",
        params=(_start(2), _NOISE),
        factory=f"optlab.problems.surfaces:{name.replace('-', '_')}",
        formula=formula,
        source=source,
    )


def _any_dim(
    name: str,
    label: str,
    description: str,
    *,
    low: int = 1,
    formula: str,
    source: str,
    more: tuple[ParamSpec, ...] = (),
) -> ProblemInfo:
    """Return the info of a surface that has as many dimensions as one likes."""
    return ProblemInfo(
        name=name,
        label=label,
        description=description,
        kind="surface",
        params=(_dim(2, low), *more, _start(None), _NOISE),
        rules=(_START_FITS,),
        factory=f"optlab.problems.surfaces:{name.replace('-', '_')}",
        formula=formula,
        source=source,
    )


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
        kind=Kind.INT,
        default=0,
        low=0,
        high=2**32 - 1,
        meaning="Picks the planes of the rotation where dim is more than 2.",
    ),
)

SURFACES: Final[tuple[ProblemInfo, ...]] = (
    ProblemInfo(
        name="quadratic-1d",
        label="x²",
        description="The parabola of the tutorials that OptLab grew out of: gradient "
        "descent with rate η multiplies x by 1 - 2η in each step.",
        kind="surface",
        params=(_start(None), _NOISE),
        rules=(_START_IS_SINGLE,),
        factory="optlab.problems.surfaces:quadratic_1d",
        formula="f(x) = x²",
        source="The tutorials' first program: start 10, rate 0.1, 50 steps.",
    ),
    _any_dim(
        "quadratic",
        "Quadratic",
        "A bowl with a chosen condition number and rotation. Gradient descent does not "
        "care for the rotation, methods that scale each coordinate do.",
        low=2,
        more=_QUADRATIC_PARAMS,
        formula="f(x) = ½ xᵀ R diag(1 … κ) Rᵀ x, eigenvalues spaced geometrically",
        source="Nesterov 2004, Introductory Lectures on Convex Optimization, "
        "section 2.1.",
    ),
    _any_dim(
        "rosenbrock",
        "Rosenbrock",
        "A curved valley with a nearly flat floor: quick to reach, slow to follow. "
        "With 4 or more dimensions it has a second, local minimum.",
        low=2,
        formula="f(x) = Σ (1 - xᵢ)² + 100 (xᵢ₊₁ - xᵢ²)²",
        source="Rosenbrock 1960, An automatic method for finding the greatest or "
        "least value of a function, Computer Journal 3(3), 175-184.",
    ),
    _flat(
        "beale",
        "Beale",
        "Flat inside, with steep walls at the corners of its box.",
        formula="f(x, y) = (1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²",
        source="Beale 1958, On an iterative method for finding a local minimum of a "
        "function of more than one variable, Princeton technical report 25.",
    ),
    _flat(
        "himmelblau",
        "Himmelblau",
        "Four minima of equal depth: which one is reached depends on start and method.",
        formula="f(x, y) = (x² + y - 11)² + (x + y² - 7)²",
        source="Himmelblau 1972, Applied Nonlinear Programming, McGraw-Hill.",
    ),
    _any_dim(
        "rastrigin",
        "Rastrigin",
        "A bowl covered with a regular lattice of local minima.",
        formula="f(x) = Σ xᵢ² + 10 - 10 cos(2π xᵢ)",
        source="Rastrigin 1974, Systems of Extremal Control, Nauka (in Russian).",
    ),
    _any_dim(
        "ackley",
        "Ackley",
        "A nearly flat, rippled plain around one deep cone. It has no derivative at "
        "the tip; the gradient there is taken to be 0.",
        formula="f(x) = 20 - 20 exp(-0.2 √(Σ xᵢ² / n)) + e - exp(Σ cos(2π xᵢ) / n)",
        source="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing, "
        "Kluwer, section 2.3.",
    ),
    _flat(
        "saddle",
        "Saddle",
        "Down in one direction, up in the other, and no minimum: how long does a "
        "method take to leave the ridge?",
        formula="f(x, y) = x² - y²",
        source="Dauphin et al. 2014, Identifying and attacking the saddle point "
        "problem in high-dimensional non-convex optimization, NeurIPS 27.",
    ),
    _any_dim(
        "styblinski-tang",
        "Styblinski-Tang",
        "Two wells for each coordinate, one deeper than the other.",
        formula="f(x) = ½ Σ xᵢ⁴ - 16 xᵢ² + 5 xᵢ",
        source="Styblinski & Tang 1990, Experiments in nonconvex optimization, "
        "Neural Networks 3(4), 467-483.",
    ),
)
