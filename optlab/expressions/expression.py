"""A formula that was typed, with its exact derivatives as NumPy functions."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from optlab.expressions.functions import Floats
from optlab.expressions.latex import typeset
from optlab.expressions.parsing import parse, slopes
from optlab.expressions.tape import Tape

Formula: TypeAlias = Callable[..., Floats]
Formulas: TypeAlias = Callable[..., tuple[Floats, ...]]


def parse_expression(text: str, variables: Sequence[str], key: str) -> "Expression":
    """Return the formula that ``text`` spells.

    Args:
        text: Numbers, pi, e, ``+ - * / % // ^ **``, parentheses, the variables, and
            calls of the functions of `FUNCTION_NAMES`.
        variables: Names of the variables; one that is called like a constant or a
            function hides it.
        key: Where the text was given, for the message.

    Raises:
        InputError: There is anything else in it; the message says what is allowed.
    """
    tape, place = parse(text, tuple(variables), key)
    return Expression(text, tuple(variables), tape, place)


class Expression:
    """A formula in some variables; `parse_expression` makes it.

    Its functions take one array or number for each variable, broadcast them, and never
    warn: where a formula has no value there is NaN, beyond the largest number infinity.
    No element's bits depend on its neighbours.

    Attributes:
        text: What was typed.
        variables: Names of the variables, in the order of the arguments.
        used: Those of them that occur.
    """

    def __init__(
        self, text: str, variables: tuple[str, ...], tape: Tape, place: int
    ) -> None:
        self.text, self.variables = text, variables
        self._tape, self._place = tape, place
        found = [tape.nodes[i] for i in tape.needed([place])]
        self.used = frozenset(
            variables[int(node.value)] for node in found if node.op == "variable"
        )

    def function(self) -> Formula:
        """Return the formula as a function of the variables."""
        return self._single(self._place)

    def gradient(self) -> tuple[Formula, ...]:
        """Return the derivative by each variable; at a kink one of its subgradients."""
        return tuple(self._single(place) for place in self._slopes(self._place))

    def partials(self) -> Formulas:
        """Return one function that gives all derivatives at once, which is cheaper."""
        return partial(_evaluated, self._tape.program(self._slopes(self._place)))

    def hessian(self) -> tuple[tuple[Formula, ...], ...]:
        """Return the second derivatives, row by row."""
        rows = [self._slopes(place) for place in self._slopes(self._place)]
        return tuple(tuple(self._single(place) for place in row) for row in rows)

    def latex(self) -> str:
        """Return the formula as TeX that matplotlib can typeset."""
        return typeset(self._tape, self._place, self.variables)

    def _slopes(self, place: int) -> list[int]:
        rule = partial(slopes, self._tape)
        return [
            self._tape.derivative(place, i, rule) for i in range(len(self.variables))
        ]

    def _single(self, place: int) -> Formula:
        return partial(_evaluated_single, self._tape.program([place]))


def _evaluated(
    program: Callable[[Sequence[Floats]], list[Floats]], *values: npt.ArrayLike
) -> tuple[Floats, ...]:
    arrays = [np.asarray(value, dtype=np.float64) for value in values]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    # At least one dimension: NumPy's scalars go other ways through powers and sines.
    inner = [np.broadcast_to(array, shape or (1,)) for array in arrays]
    results = program(inner)
    return tuple(np.array(result).reshape(shape)[()] for result in results)


def _evaluated_single(
    program: Callable[[Sequence[Floats]], list[Floats]], *values: npt.ArrayLike
) -> Floats:
    return _evaluated(program, *values)[0]
