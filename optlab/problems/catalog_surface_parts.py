"""What the catalog data of surfaces share. Imports neither torch nor NumPy."""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import ProblemInfo, Rule

_STARTS: Final = ("fixed", "grid", "random")


def noise_param(default: float = 0.0) -> ParamSpec:
    """Return the parameter that says how strong the noise of the gradient is."""
    return ParamSpec(
        name="noise",
        kind=Kind.FLOAT,
        default=default,
        low=0,
        high=1e6,
        suggested=(0.0, 10.0),
        meaning="Standard deviation of the Gaussian noise added to each gradient "
        "component; the same for every optimizer of a seed.",
        label="Gradient noise",
    )


def start_param(length: int | None) -> ParamSpec:
    """Return the parameter that says where trials start."""
    return ParamSpec(
        name="start",
        label="start",
        kind=Kind.FLOATS,
        default=None,
        low=-1e6,
        high=1e6,
        length=length,
        none_word="standard",
        meaning="Where every optimizer starts: one number for each dimension.",
    )


def starts_param() -> ParamSpec:
    """Return the parameter that spreads the seeds over the surface."""
    return ParamSpec(
        name="starts",
        kind=Kind.CHOICE,
        default="fixed",
        choices=_STARTS,
        meaning="fixed: all seeds start at the same point; grid: they are spread over "
        "the box, row by row; random: each starts at a point of its own. The same for "
        "every optimizer of a seed.",
        label="Starts of seeds",
    )


def dim_param(default: int, low: int) -> ParamSpec:
    """Return the parameter that says how many dimensions there are."""
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


def _start_or_starts(values: Values) -> bool:
    return values["start"] is None or values["starts"] == "fixed"


START_FITS: Final = Rule(
    keys=("start", "dim"),
    holds=_start_fits,
    message="a list of as many numbers as dim says, or leave it out",
)
START_IS_SINGLE: Final = Rule(
    keys=("start",),
    holds=_start_is_single,
    message="one number, or leave it out",
)
START_OR_STARTS: Final = Rule(
    keys=("starts", "start"),
    holds=_start_or_starts,
    message="fixed where start is given; leave one of the two out",
)


def surface_info(
    name: str,
    label: str,
    description: str,
    *,
    factory: str,
    formula: str,
    source: str,
    length: int | None,
    before: tuple[ParamSpec, ...] = (),
    rules: tuple[Rule, ...] = (),
    noise: float = 0.0,
    more: tuple[ParamSpec, ...] = (),
) -> ProblemInfo:
    """Return the info of a surface.

    Args:
        name: The key in TOML.
        label: The name that people read.
        description: One or two sentences.
        factory: ``module:name`` inside `optlab.problems`.
        formula: The formula in plain text.
        source: Where it comes from.
        length: How many numbers a start has; None where that differs.
        before: Parameters of its own, first on a form.
        rules: Conditions between parameters besides those of all surfaces.
        noise: Default of the gradient's noise.
        more: Parameters of its own, last on a form.
    """
    return ProblemInfo(
        name=name,
        label=label,
        description=description,
        kind="surface",
        params=(
            *before,
            start_param(length),
            starts_param(),
            noise_param(noise),
            *more,
        ),
        rules=(*rules, START_OR_STARTS),
        factory=f"optlab.problems.{factory}",
        formula=formula,
        source=source,
    )


def flat_info(
    name: str,
    label: str,
    description: str,
    *,
    module: str = "surfaces",
    formula: str,
    source: str,
) -> ProblemInfo:
    """Return the info of a surface that has exactly two dimensions."""
    return surface_info(
        name,
        label,
        description,
        factory=f"{module}:{name.replace('-', '_')}",
        formula=formula,
        source=source,
        length=2,
    )


def any_dim_info(
    name: str,
    label: str,
    description: str,
    *,
    low: int = 1,
    default: int = 2,
    factory: str = "",
    formula: str,
    source: str,
    own: tuple[ParamSpec, ...] = (),
    noise: float = 0.0,
) -> ProblemInfo:
    """Return the info of a surface that has as many dimensions as one likes."""
    return surface_info(
        name,
        label,
        description,
        factory=factory or f"surfaces:{name.replace('-', '_')}",
        formula=formula,
        source=source,
        length=None,
        before=(dim_param(default, low), *own),
        rules=(START_FITS,),
        noise=noise,
    )
