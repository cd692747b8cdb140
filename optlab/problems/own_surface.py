"""A surface that a person types: ``f(x, y) = …`` with its exact gradient.

Must not import torch.
"""

import re
from functools import partial
from typing import Final

import numpy as np

from optlab.expressions import FUNCTION_NAMES, Expression, parse_expression
from optlab.expressions.expression import Formula, Formulas
from optlab.params import InputError, Values
from optlab.problems.surface import Floats, Surface
from optlab.problems.surface_math import make_surface
from optlab.problems.values import numbers, optional_number, word
from optlab.translate import tr

KEY: Final = "problem.expression"
MOST: Final = 10

_NUMBERED: Final = tuple(f"x{i}" for i in range(1, MOST + 1))
_NAMED: Final = re.compile(r"\s*\w+\s*\((?P<names>[^()]*)\)\s*=(?P<formula>.*)", re.S)
_NAME: Final = re.compile(r"[A-Za-z]\w*")
# Share of the way through the box at which a run starts, if nothing is said.
_START: Final = 0.8


def own_surface(values: Values) -> Surface:
    """Return the surface that completed values describe.

    Raises:
        InputError: The expression is no formula; the message says what is allowed.
    """
    formula = parsed(word(values, "expression"))
    dim = len(formula.variables)
    domain = box(values, dim)
    return make_surface(
        values,
        value=partial(_value, formula.function()),
        gradient=partial(_gradient, formula.function(), formula.partials()),
        start=tuple(low + _START * (high - low) for low, high in domain),
        domain=domain,
        minimum=optional_number(values, "minimum"),
        hessian=partial(_hessian, formula),
    )


def parsed(text: str) -> Expression:
    """Return the formula of ``f(a, b) = …`` in a and b, or of a bare formula.

    A bare one is in x, in x and y, in x, y and z, or in x1, x2, … up to the highest
    that occurs.

    Raises:
        InputError: It is none of these.
    """
    named = _NAMED.fullmatch(text)
    if named:
        names = tuple(name.strip() for name in named["names"].split(","))
        if (
            not all(_NAME.fullmatch(name) for name in names)
            or len(set(names)) < len(names)
            or set(names) & set(FUNCTION_NAMES)
            or len(names) > MOST
        ):
            allowed = tr("f(x, y) = …, with at most {n} different names", n=MOST)
            raise InputError(KEY, text, allowed)
        return parse_expression(named["formula"], names, KEY)
    if _numbered(text):
        used = parse_expression(text, _NUMBERED, KEY).used
        dim = max(_NUMBERED.index(name) for name in used) + 1 if used else 1
        return parse_expression(text, _NUMBERED[:dim], KEY)
    used = parse_expression(text, ("x", "y", "z"), KEY).used
    names = ("x", "y", "z") if "z" in used else ("x", "y") if "y" in used else ("x",)
    return parse_expression(text, names, KEY)


def box(values: Values, dim: int) -> tuple[tuple[float, float], ...]:
    """Return the lowest and the highest value of each of ``dim`` coordinates.

    There are others or none if the numbers given are not two, nor two for each.
    """
    given = numbers(values, "box") or ()
    pairs = tuple(zip(given[::2], given[1::2], strict=False))
    if len(given) % 2:
        return ()
    return pairs * dim if len(pairs) == 1 else pairs


def _numbered(text: str) -> bool:
    return re.search(r"\bx[1-9]\d*\b", text) is not None


def _value(function: Formula, x: Floats) -> Floats:
    return function(*x)


def _gradient(function: Formula, partials: Formulas, x: Floats) -> Floats:
    result = np.stack(partials(*x))
    lost = np.isnan(result)
    if lost.any():
        # At the tip of a cone such as √(x² + y²) the slope is 0/0, and 0 will do.
        result = np.where(lost & np.isfinite(function(*x)), 0.0, result)
    return result


def _hessian(formula: Expression, x: Floats) -> Floats:
    return np.array([[float(entry(*x)) for entry in row] for row in formula.hessian()])
