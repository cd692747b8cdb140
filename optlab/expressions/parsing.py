"""From the text of a formula to a tape, by a white list of what a tree may hold."""

import ast
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from optlab.expressions.functions import FUNCTIONS
from optlab.expressions.tape import Tape
from optlab.params import InputError
from optlab.translate import tr

FUNCTION_NAMES: Final = tuple(
    sorted(name for name, function in FUNCTIONS.items() if not function.hidden)
)
CONSTANTS: Final[Mapping[str, float]] = {"pi": math.pi, "e": math.e}

_LONGEST: Final = 1000
_DEEPEST: Final = 100
# What people type or paste for the same thing.
_SAME: Final = {
    "−": "-",
    "–": "-",
    "·": "*",
    "×": "*",
    "÷": "/",
    "π": "pi",
    "²": "**2",
    "³": "**3",
    "^": "**",
}
_STRANGE: Final = re.compile(r"[^A-Za-z0-9_.,+\-*/%() ]")
_NUMBER: Final = r"(?>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_JUXTAPOSED: Final = re.compile(
    rf"(?<![\w.])(?P<number>{_NUMBER}) *(?P<next>[A-Za-z_(])|\) *(?P<after>[\w(.])"
)
_ARITHMETIC: Final[Mapping[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}


class Refusal(Exception):
    """A formula cannot be read, and this is why, as a phrase."""


def parse(text: str, names: Sequence[str], key: str) -> tuple[Tape, int]:
    """Return a tape and the place on it of a formula in the variables ``names``.

    Raises:
        InputError: It is no formula of what is allowed.
    """
    tape = Tape()
    places = {name: tape.variable(i) for i, name in enumerate(names)}
    try:
        plain = _plain(text)
        place = Builder(tape, places, plain).build(_tree(plain))
    except Refusal as refusal:
        allowed = tr(
            "{reason}; a formula is made of {names}, numbers, pi, e, + - * / ^, "
            "parentheses and {functions}",
            reason=str(refusal),
            names=", ".join(names),
            functions=", ".join(FUNCTION_NAMES),
        )
        raise InputError(key, text, allowed) from None
    return tape, place


def slopes(tape: Tape, name: str, args: tuple[int, ...]) -> list[int]:
    """Return the places of the derivatives of a function by each argument."""
    places = dict(zip(("u", "v"), args, strict=False))
    texts = FUNCTIONS[name].slopes
    return [Builder(tape, places, t, inside=True).build(_tree(t)) for t in texts]


def _plain(text: str) -> str:
    """Return the text in the characters of a formula, on one line."""
    for typed, meant in _SAME.items():
        text = text.replace(typed, meant)
    text = " ".join(text.split())
    if not text:
        raise Refusal(tr("it is empty"))
    if len(text) > _LONGEST:
        raise Refusal(tr("more than {n} characters", n=_LONGEST))
    strange = _STRANGE.search(text)
    if strange:
        raise Refusal(tr("{character} is not allowed", character=repr(strange[0])))
    glued = _JUXTAPOSED.search(text)
    if glued:
        raise Refusal(tr("a * is missing in {part}", part=repr(glued[0])))
    return text


def _tree(text: str) -> ast.expr:
    """Return the tree of a text, in which anything may still stand."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Refusal(tr("it cannot be read")) from None


class Builder:
    """Puts the nodes of a tree onto a tape, each by a rule of its own.

    Args:
        tape: Where they are put.
        names: Places of the variables.
        text: What the trees are of.
        inside: Whether functions are known that cannot be typed.
    """

    def __init__(
        self,
        tape: Tape,
        names: Mapping[str, int],
        text: str,
        *,
        inside: bool = False,
    ) -> None:
        self._tape, self._names, self._inside = tape, names, inside
        self._text = text

    def build(self, tree: ast.expr, depth: int = 0) -> int:
        """Return the place of a tree.

        Raises:
            Refusal: Something in it is not on the white list.
        """
        if depth > _DEEPEST:
            raise Refusal(tr("nested more than {n} deep", n=_DEEPEST))
        place = self._place(tree, depth + 1)
        value = self._tape.constant(place)
        if value is not None and not math.isfinite(value) and not self._inside:
            raise Refusal(tr("{part} is no finite number", part=self._part(tree)))
        return place

    def _place(self, tree: ast.expr, depth: int) -> int:
        match tree:
            case ast.Constant(value=value):
                return self._number(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._tape.apply("neg", self.build(operand, depth))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.build(operand, depth)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, left, right, depth)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args, depth)
        raise Refusal(tr("{part} is not allowed", part=self._part(tree)))

    def _part(self, tree: ast.expr) -> str:
        return _short(self._text[tree.col_offset : tree.end_col_offset])

    def _number(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refusal(tr("{part} is not allowed", part=_short(repr(value))))
        try:
            return self._tape.number(float(value))
        except OverflowError:
            raise Refusal(tr("a number is too large")) from None

    def _name(self, name: str) -> int:
        if name in self._names:
            return self._names[name]
        if name in CONSTANTS:
            return self._tape.number(CONSTANTS[name])
        if name in FUNCTIONS:
            raise Refusal(tr("{name} needs an argument in parentheses", name=name))
        raise Refusal(tr("{name} is not known", name=_short(name)))

    def _binary(
        self, op: ast.operator, left: ast.expr, right: ast.expr, depth: int
    ) -> int:
        tape = self._tape
        a, b = self.build(left, depth), self.build(right, depth)
        if type(op) in _ARITHMETIC:
            return tape.apply(_ARITHMETIC[type(op)], a, b)
        if isinstance(op, ast.FloorDiv | ast.Mod):
            whole = tape.apply("floor", tape.apply("div", a, b))
            if isinstance(op, ast.FloorDiv):
                return whole
            return tape.apply("sub", a, tape.apply("mul", b, whole))
        raise Refusal(tr("it cannot be read"))

    def _call(self, name: str, args: list[ast.expr], depth: int) -> int:
        function = FUNCTIONS.get(name)
        if function is None or (function.hidden and not self._inside):
            if name in self._names or name in CONSTANTS:
                part = tr("a * is missing in {part}", part=repr(f"{name}("))
                raise Refusal(part)
            raise Refusal(tr("{name} is not known", name=_short(name)))
        wanted = len(function.slopes)
        pairs = name in ("min", "max") and len(args) > wanted
        if len(args) != wanted and not pairs:
            text = tr("{name} takes {n} arguments", name=name, n=wanted)
            if wanted == 1:
                text = tr("{name} takes one argument", name=name)
            raise Refusal(text)
        places = [self.build(arg, depth) for arg in args]
        result = self._tape.apply(name, *places[:wanted])
        for place in places[wanted:]:
            result = self._tape.apply(name, result, place)
        return result


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
