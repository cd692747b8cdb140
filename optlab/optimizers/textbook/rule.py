"""What a textbook form is made of: how its state starts, and one step of it.

A rule is written with plain operators, for torch tensors and NumPy arrays alike: it
reads like the formula, and a whole batch of points can be driven by it. Imports no
torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, cast

from optlab.registry import resolve

L2: Final = "l2"
DECOUPLED_BY_LR: Final = "decoupled-by-lr"
DECOUPLED: Final = "decoupled"


class Array(Protocol):
    """What a rule needs of numbers: a torch tensor and a NumPy array have it."""

    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...
    def __pow__(self, other: Any, /) -> Any: ...
    def __abs__(self) -> Any: ...
    def __eq__(self, other: object, /) -> Any: ...

    def clip(self, smallest: Any, /) -> Any:
        """Return the numbers, each at least ``smallest``."""

    def sum(self) -> Any:
        """Return the sum of all."""


Settings: TypeAlias = Mapping[str, Any]
State: TypeAlias = dict[str, Any]
Start: TypeAlias = Callable[[Array, Array, Settings], State]
Step: TypeAlias = Callable[[Array, Array, State, int, Settings], tuple[Array, State]]
Prepare: TypeAlias = Callable[[Sequence[Array], Settings], Sequence[Array]]


def no_state(_theta: Array, _g: Array, _values: Settings) -> State:
    """Start a rule that remembers nothing."""
    return {}


@dataclass(frozen=True, kw_only=True)
class UpdateRule:
    """One form of an optimizer, for one array of weights at a time.

    Attributes:
        step: Takes weights, gradient, state, the number of the step (from 1) and the
            hyperparameters; returns new weights and new state, in new arrays.
        start: Takes weights, the first gradient and the hyperparameters; returns the
            state before the first step: arrays and plain numbers by name.
        prepare: Changes the gradients of a whole param group before its steps.
    """

    step: Step
    start: Start = no_state
    prepare: Prepare | None = None

    def build(self, params: object, **values: object) -> object:
        """Return the torch optimizer that follows this rule: a catalog's factory."""
        textbook = "optlab.optimizers.textbook.textbook:Textbook"
        return cast("Callable[..., object]", resolve(textbook))(params, self, values)


def zeros(theta: Array) -> Any:
    """Return zeros, as many as there are weights."""
    return theta - theta


def larger(one: Array, other: Array | float) -> Any:
    """Return the larger of two numbers, element by element."""
    return one.clip(other)


def sign(x: Array) -> Any:
    """Return −1, 0 or 1, element by element."""
    return x / (abs(x) + (x == 0))


def decayed(theta: Array, g: Array, values: Settings) -> tuple[Any, Any]:
    """Return weights and gradient after weight decay in the chosen form.

    ``l2`` is the gradient of the penalty λ/2·‖θ‖². The two decoupled ones shrink the
    weights themselves: by lr·λ as in AdamW's code, or by λ alone as in its paper
    (Loshchilov & Hutter 2017, arXiv:1711.05101, Algorithm 2, with α apart from η).
    """
    strength, form = values["weight_decay"], values["decay"]
    if strength == 0:
        return theta, g
    if form == L2:
        return theta, g + strength * theta
    rate = values["lr"] * strength if form == DECOUPLED_BY_LR else strength
    return theta - rate * theta, g
