"""A formula as a list of operations, each on the results of earlier ones.

Equal operations are kept once, so that a formula and its derivatives share what they
have in common.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from optlab.expressions.functions import FUNCTIONS, Floats

_LARGEST_CHAIN: Final = 64


class Node(NamedTuple):
    """One operation.

    ``op`` is ``number``, ``variable``, ``add``, ``sub``, ``mul``, ``div``, ``pow``,
    ``neg`` or the name of a function; ``value`` is the number, or the place of the
    variable.
    """

    op: str
    args: tuple[int, ...] = ()
    value: float = 0.0


class Tape:
    """The operations of formulas in the same variables, in the order of evaluation."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._places: dict[Node, int] = {}

    def number(self, value: float) -> int:
        """Return the place of a number."""
        return self._put(Node("number", (), value + 0.0))

    def variable(self, place: int) -> int:
        """Return the place of the variable that stands at ``place`` of the list."""
        return self._put(Node("variable", (), float(place)))

    def apply(self, op: str, *args: int) -> int:
        """Return the place of an operation on what stands at ``args``."""
        values = [self.constant(arg) for arg in args]
        known = [value for value in values if value is not None]
        if len(known) == len(args):
            with np.errstate(all="ignore"):
                result = _compute(op, [np.full(1, v) for v in known], values)
            return self.number(float(result[0]))
        short = self._shortened(op, args, values)
        return self._put(Node(op, args)) if short is None else short

    def constant(self, place: int) -> float | None:
        """Return the number that stands at ``place``; None if it is none."""
        node = self.nodes[place]
        return node.value if node.op == "number" else None

    def _put(self, node: Node) -> int:
        place = self._places.setdefault(node, len(self.nodes))
        if place == len(self.nodes):
            self.nodes.append(node)
        return place

    def _shortened(
        self, op: str, args: tuple[int, ...], values: Sequence[float | None]
    ) -> int | None:
        """Return the place of what is the same and shorter; None if nothing is."""
        if op == "neg" and self.nodes[args[0]].op == "neg":
            return self.nodes[args[0]].args[0]
        if len(args) < 2:
            return None
        left, right = values
        if op == "mul" and 0.0 in values:
            return self.number(0.0)
        if op == "div" and left == 0.0:
            return self.number(0.0)
        if (op in ("add", "sub") and right == 0.0) or (
            op in ("mul", "div", "pow") and right == 1.0
        ):
            return args[0]
        if (op == "add" and left == 0.0) or (op == "mul" and left == 1.0):
            return args[1]
        if (op == "sub" and left == 0.0) or (op == "mul" and left == -1.0):
            return self.apply("neg", args[1])
        if op == "pow" and right == 0.0:
            return self.number(1.0)
        if op == "pow" and right == 0.5:
            return self.apply("sqrt", args[0])
        return None

    def derivative(
        self,
        place: int,
        variable: int,
        slopes: Callable[[str, tuple[int, ...]], list[int]],
    ) -> int:
        """Return the place of a derivative.

        Args:
            place: What is differentiated.
            variable: Place of the variable in the list.
            slopes: Returns the places of the derivatives of a function, called with
                arguments at certain places, by each of them.
        """
        zero = self.number(0.0)
        found: dict[int, int] = {}
        for i in self.needed([place]):
            node = self.nodes[i]
            if node.op == "variable":
                found[i] = self.number(1.0 if node.value == variable else 0.0)
                continue
            inner = [found[arg] for arg in node.args]
            if all(d == zero for d in inner):
                found[i] = zero
            elif node.op in FUNCTIONS:
                terms = [
                    self.apply("mul", outer, d)
                    for outer, d in zip(slopes(node.op, node.args), inner, strict=True)
                    if d != zero
                ]
                found[i] = self._sum(terms)
            else:
                found[i] = self._rule(i, node, inner)
        return found[place]

    def _sum(self, terms: Sequence[int]) -> int:
        total = terms[0]
        for term in terms[1:]:
            total = self.apply("add", total, term)
        return total

    def _rule(self, place: int, node: Node, inner: Sequence[int]) -> int:
        """Return the derivative of arithmetic from those of its arguments."""
        if node.op == "neg":
            return self.apply("neg", inner[0])
        if node.op in ("add", "sub"):
            return self.apply(node.op, *inner)
        (u, v), (du, dv) = node.args, inner
        if node.op == "mul":
            return self.apply("add", self.apply("mul", du, v), self.apply("mul", u, dv))
        if node.op == "div":
            # (u/v)' = (u' - (u/v) v') / v
            rest = self.apply("sub", du, self.apply("mul", place, dv))
            return self.apply("div", rest, v)
        return self._power_rule(place, node, inner)

    def _power_rule(self, place: int, node: Node, inner: Sequence[int]) -> int:
        """Return (uᵛ)' = v uᵛ⁻¹ u' + uᵛ log(u) v'."""
        (u, v), (du, dv) = node.args, inner
        zero = self.number(0.0)
        terms = []
        if du != zero:
            less = self.apply("pow", u, self.apply("sub", v, self.number(1.0)))
            terms.append(self.apply("mul", self.apply("mul", v, less), du))
        if dv != zero:
            growth = self.apply("mul", place, self.apply("log", u))
            terms.append(self.apply("mul", growth, dv))
        return self._sum(terms)

    def needed(self, places: Iterable[int]) -> list[int]:
        """Return all that is needed for what stands at ``places``, in order."""
        found: set[int] = set()
        open_ = list(places)
        while open_:
            place = open_.pop()
            if place not in found:
                found.add(place)
                open_.extend(self.nodes[place].args)
        return sorted(found)

    def program(
        self, places: Sequence[int]
    ) -> Callable[[Sequence[Floats]], list[Floats]]:
        """Return a function of the variables' values: what stands at ``places``.

        The values are arrays of one shape, of at least one dimension.
        """
        order = self.needed(places)
        last = {arg: i for i in order for arg in self.nodes[i].args}
        ends: dict[int, list[int]] = {}
        for place, user in last.items():
            if place not in places:
                ends.setdefault(user, []).append(place)
        nodes = {i: self.nodes[i] for i in order}
        constants = {i: self.constant(i) for i in order}

        def evaluate(variables: Sequence[Floats]) -> list[Floats]:
            shape = variables[0].shape
            results: dict[int, Floats] = {}
            with np.errstate(all="ignore"):
                for i in order:
                    node = nodes[i]
                    if node.op == "number":
                        results[i] = np.full((1,) * len(shape), node.value)
                    elif node.op == "variable":
                        results[i] = variables[int(node.value)]
                    else:
                        args = [results[arg] for arg in node.args]
                        results[i] = _compute(
                            node.op, args, [constants[arg] for arg in node.args]
                        )
                    for done in ends.get(i, ()):
                        del results[done]
            return [np.broadcast_to(results[place], shape) for place in places]

        return evaluate


def _compute(
    op: str, args: Sequence[Floats], constants: Sequence[float | None]
) -> Floats:
    if op in FUNCTIONS:
        return FUNCTIONS[op].compute(*args)
    if op == "neg":
        return -args[0]
    if op == "pow":
        return _power(args[0], args[1], constants[1])
    left, right = args
    result: Floats = _ARITHMETIC[op](left, right)
    return result


_ARITHMETIC: Final[dict[str, Callable[[Floats, Floats], Floats]]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
}


def _power(base: Floats, exponent: Floats, known: float | None) -> Floats:
    """Return a power; small whole ones by multiplication, which all lanes share."""
    if known is None or not abs(known) <= _LARGEST_CHAIN or known != int(known):
        return np.power(base, exponent)
    rest, square = int(abs(known)), base
    result = np.ones_like(base)
    while rest:
        if rest & 1:
            result = result * square
        rest >>= 1
        if rest:
            square = square * square
    return result if known >= 0 else 1.0 / result
