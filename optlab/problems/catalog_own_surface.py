"""Catalog data of the surface that a person types. Imports neither torch nor NumPy."""

from typing import TYPE_CHECKING, Final

from optlab.params import Kind, ParamSpec, Values
from optlab.problems.catalog_surface_parts import surface_info
from optlab.registry import Rule

if TYPE_CHECKING:
    from optlab.expressions import Expression


def _parsed(values: Values) -> "Expression":
    """Return the formula.

    Raises:
        InputError: It cannot be read; the message says what is allowed.
    """
    from optlab.problems.own_surface import parsed

    return parsed(str(values["expression"]))


def _readable(values: Values) -> bool:
    return bool(_parsed(values).variables)


def _start_fits(values: Values) -> bool:
    start = values["start"]
    return not isinstance(start, tuple) or len(start) == len(_parsed(values).variables)


def _box_fits(values: Values) -> bool:
    from optlab.problems.own_surface import box

    dim = len(_parsed(values).variables)
    domain = box(values, dim)
    return len(domain) == dim and all(low < high for low, high in domain)


OWN_SURFACE: Final = surface_info(
    "own-surface",
    "Your own surface",
    "Type a formula: OptLab differentiates it exactly, draws it and lets every "
    "optimizer run on it.",
    factory="own_surface:own_surface",
    length=None,
    before=(
        ParamSpec(
            name="expression",
            kind=Kind.TEXT,
            default="x^2 + 3*y^2 + 2*sin(3*x)*sin(2*y)",
            meaning="A formula in x, in x and y, in x, y and z, in x1, x2, …, or in "
            "the names of f(a, b) = …, of numbers, + - * / ^, sin, exp, log, sqrt, "
            "abs, …",
            label="Formula",
        ),
        ParamSpec(
            name="box",
            label="box",
            kind=Kind.FLOATS,
            default=(-3.0, 3.0),
            low=-1e6,
            high=1e6,
            meaning="What is drawn: lowest and highest value of every variable, or two "
            "numbers for each variable in turn.",
        ),
    ),
    rules=(
        Rule(keys=("expression",), holds=_readable, message="a formula"),
        Rule(
            keys=("box", "expression"),
            holds=_box_fits,
            message="lowest and highest value, [-3, 3], or such a pair for each "
            "variable of the expression, [-3, 3, 0, 5]",
        ),
        Rule(
            keys=("start", "expression"),
            holds=_start_fits,
            message="one number for each variable of the expression, or leave it out",
        ),
    ),
    more=(
        ParamSpec(
            name="minimum",
            label="minimum",
            kind=Kind.FLOAT,
            default=None,
            low=-1e300,
            high=1e300,
            optional=True,
            none_word="unknown",
            meaning="The lowest value of the formula, if it is known: the contours "
            "start there.",
        ),
    ),
    formula="f(x, y) = what you type",
    source="Yours.",
)
