"""How the formula on a tape is typeset: TeX that matplotlib understands."""

import math
from typing import Final

from optlab.expressions.functions import FUNCTIONS
from optlab.expressions.tape import Tape
from optlab.params import format_number

_GREEK: Final = ("alpha", "beta", "gamma", "theta", "mu", "sigma", "omega")
# How tightly an operation binds; what binds less than its surroundings is put into
# parentheses.
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def typeset(tape: Tape, place: int, names: tuple[str, ...]) -> str:
    """Return the TeX of what stands at ``place``."""
    return _typeset(tape, place, names)[0]


def _typeset(tape: Tape, place: int, names: tuple[str, ...]) -> tuple[str, int]:
    node = tape.nodes[place]
    if node.op == "number":
        return _number(node.value)
    if node.op == "variable":
        return _variable(names[int(node.value)]), _ATOM
    parts = [_typeset(tape, arg, names) for arg in node.args]
    if node.op in FUNCTIONS:
        inner = {key: text for key, (text, _) in zip("uv", parts, strict=False)}
        return FUNCTIONS[node.op].latex.format(name=node.op, **inner), _ATOM
    return _arithmetic(node.op, parts)


def _arithmetic(op: str, parts: list[tuple[str, int]]) -> tuple[str, int]:
    if op == "neg":
        return f"-{_bound(parts[0], _PRODUCT)}", _SUM
    left, right = parts
    if op == "add":
        return f"{left[0]} + {_bound(right, _SUM, signed=False)}", _SUM
    if op == "sub":
        return f"{left[0]} - {_bound(right, _PRODUCT)}", _SUM
    if op == "mul":
        between = r" \cdot " if right[0][:1].isdigit() else r" \, "
        return f"{_bound(left, _PRODUCT)}{between}{_bound(right, _PRODUCT)}", _PRODUCT
    if op == "div":
        return rf"\frac{{{left[0]}}}{{{right[0]}}}", _PRODUCT
    return f"{_bound(left, _ATOM)}^{{{right[0]}}}", _POWER


def _bound(part: tuple[str, int], least: int, *, signed: bool = True) -> str:
    text, binds = part
    if binds >= least and (signed or not text.startswith("-")):
        return text
    return rf"\left({text}\right)"


def _number(value: float) -> tuple[str, int]:
    if value == math.e:
        return "e", _ATOM
    for factor in range(1, 21):
        if value == factor * math.pi:
            return (rf"{factor} \pi", _PRODUCT) if factor > 1 else (r"\pi", _ATOM)
    text = format_number(int(value) if value.is_integer() else value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{exponent}}}", _PRODUCT
    return text, _ATOM if value >= 0 else _SUM


def _variable(name: str) -> str:
    stem = name.rstrip("0123456789")
    index = name[len(stem) :]
    if stem in _GREEK:
        stem = rf"\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}".replace("_", r"\_")
    return f"{stem}_{{{index}}}" if index else stem
