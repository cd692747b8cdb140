"""The functions that a formula may call: NumPy function, derivative, typesetting."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Beyond, vector code may hand a whole register to other code, which rounds otherwise.
_LARGE: Final = 1e4


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function of a formula.

    Attributes:
        compute: The function of NumPy arrays.
        slopes: Derivative by each argument, as a formula in the arguments ``u`` and
            ``v``; where there is a kink, one of its subgradients.
        latex: How it is typeset; ``{u}`` and ``{v}`` are the arguments.
        hidden: Whether it turns up in derivatives only and cannot be typed.
    """

    compute: Callable[..., Floats]
    slopes: tuple[str, ...]
    latex: str
    hidden: bool = False


def lanewise(function: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """Return ``function`` such that no element's bits depend on its neighbours.

    Elements that are huge or not finite are computed apart from the others.
    """

    def apart(x: Floats) -> Floats:
        usual = np.abs(x) < _LARGE
        if usual.all():
            return function(x)
        if not usual.any():
            return function(x)
        near = function(np.where(usual, x, 0.5))
        far = function(np.where(usual, 2 * _LARGE, x))
        return np.where(usual, near, far)

    return apart


def _sigmoid(x: Floats) -> Floats:
    small = _exp(-np.abs(x))
    result: Floats = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return np.where(np.isnan(x), x, result)


def _softplus(x: Floats) -> Floats:
    return np.maximum(x, 0.0) + _log1p(_exp(-np.abs(x)))


def _error_function(x: Floats) -> Floats:
    from scipy.special import erf

    result: Floats = np.asarray(erf(x))
    return result


def _jump(x: Floats) -> Floats:
    return np.heaviside(x, 0.5)


_exp: Final = lanewise(np.exp)
_log1p: Final = lanewise(np.log1p)


def _plain(
    compute: Callable[[Floats], Floats], slope: str, latex: str = ""
) -> Function:
    return Function(
        compute=lanewise(compute),
        slopes=(slope,),
        latex=latex or r"\{name}\left({u}\right)",
    )


FUNCTIONS: Final[dict[str, Function]] = {
    "sin": _plain(np.sin, "cos(u)"),
    "cos": _plain(np.cos, "-sin(u)"),
    "tan": _plain(np.tan, "1 + tan(u)**2"),
    "asin": _plain(np.arcsin, "1/sqrt(1 - u**2)", r"\arcsin\left({u}\right)"),
    "acos": _plain(np.arccos, "-1/sqrt(1 - u**2)", r"\arccos\left({u}\right)"),
    "atan": _plain(np.arctan, "1/(1 + u**2)", r"\arctan\left({u}\right)"),
    "sinh": _plain(np.sinh, "cosh(u)"),
    "cosh": _plain(np.cosh, "sinh(u)"),
    "tanh": _plain(np.tanh, "1 - tanh(u)**2"),
    "exp": _plain(np.exp, "exp(u)", r"e^{{{u}}}"),
    "log": _plain(np.log, "1/u"),
    "log2": _plain(np.log2, "1/(u*log(2))", r"\log_{{2}}\left({u}\right)"),
    "log10": _plain(np.log10, "1/(u*log(10))", r"\log_{{10}}\left({u}\right)"),
    "sqrt": _plain(np.sqrt, "0.5/sqrt(u)", r"\sqrt{{{u}}}"),
    "abs": _plain(np.abs, "sign(u)", r"\left|{u}\right|"),
    "sign": _plain(np.sign, "0", r"\mathrm{{sign}}\left({u}\right)"),
    "floor": _plain(np.floor, "0", r"\lfloor {u}\rfloor "),
    "ceil": _plain(np.ceil, "0", r"\lceil {u}\rceil "),
    "erf": _plain(
        _error_function,
        "2/sqrt(pi)*exp(-u**2)",
        r"\mathrm{{erf}}\left({u}\right)",
    ),
    "relu": _plain(
        lambda x: np.maximum(x, 0.0), "jump(u)", r"\mathrm{{relu}}\left({u}\right)"
    ),
    "sigmoid": Function(
        compute=_sigmoid,
        slopes=("sigmoid(u)*sigmoid(-u)",),
        latex=r"\sigma\left({u}\right)",
    ),
    "softplus": Function(
        compute=_softplus,
        slopes=("sigmoid(u)",),
        latex=r"\log\left(1 + e^{{{u}}}\right)",
    ),
    "min": Function(
        compute=np.minimum,
        slopes=("jump(v - u)", "jump(u - v)"),
        latex=r"\min\left({u}, {v}\right)",
    ),
    "max": Function(
        compute=np.maximum,
        slopes=("jump(u - v)", "jump(v - u)"),
        latex=r"\max\left({u}, {v}\right)",
    ),
    "jump": Function(
        compute=_jump, slopes=("0",), latex=r"\theta\left({u}\right)", hidden=True
    ),
}
