"""AdaGrad, with ε inside the root as articles have it, or outside as PyTorch.

G ← G + g²,   θ ← θ − η·g/√(G + ε)  or  θ ← θ − η·g/(√G + ε)   (Duchi, Hazan & Singer
2011, JMLR 12:2121–2159, Fig. 1, diagonal form)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import (
    adagrad_other_placement,
    adagrad_to_torch,
)
from optlab.optimizers.shared import ADAPTIVE, eps, lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    zeros,
)
from optlab.optimizers.textbook.shared import (
    DECAY,
    HOME,
    LICENCE,
    WEIGHT_DECAY,
    initial,
)
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo, Translation

EPS_PLACEMENT: Final = ParamSpec(
    name="eps_placement",
    kind=Kind.CHOICE,
    default="inside",
    choices=("inside", "outside"),
    meaning="Where ε stands: inside the root, √(G + ε), or outside it, √G + ε.",
)


def start(theta: Array, _g: Array, values: Settings) -> State:
    """Begin with the initial accumulator."""
    return {"G": zeros(theta) + values["initial_accumulator"]}


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Divide the step by the root of the sum of all squared gradients."""
    lr, eps = values["lr"], values["eps"]
    theta, g = decayed(theta, g, values)
    total = state["G"] + g**2
    if values["eps_placement"] == "inside":
        return theta - lr * g / (total + eps) ** 0.5, {"G": total}
    return theta - lr * g / (total**0.5 + eps), {"G": total}


RULE: Final = UpdateRule(start=start, step=step)

TEXTBOOK_ADAGRAD: Final = OptimizerInfo(
    name="textbook-adagrad",
    label="AdaGrad (textbook)",
    family=ADAPTIVE,
    year=2011,
    description="Each weight has a learning rate of its own, which falls with the root "
    "of its squared gradients so far: rare features get larger steps.",
    factory="optlab.optimizers.textbook.adagrad:RULE.build",
    params=(
        lr(1e-2, 3e-3, 3e-1),
        eps(1e-8),
        EPS_PLACEMENT,
        initial("initial_accumulator", 0.0, "sum"),
        WEIGHT_DECAY,
        DECAY,
    ),
    notes=(
        "On a constant gradient step k is lr/√k: steps only ever shrink.",
        "Where ε stands matters only if it is not tiny beside G: try eps = 100.",
    ),
    formula="G ← G + ∇f(θ)²,   G₀ initial_accumulator\n"
    "inside:  θ ← θ − η·∇f(θ) / √(G + ε)\n"
    "outside: θ ← θ − η·∇f(θ) / (√G + ε)\n"
    "η lr, ε eps",
    source="Duchi, Hazan & Singer 2011, JMLR 12:2121–2159, Fig. 1 (diagonal form)",
    typical_lr=(3e-3, 3e-1),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Adagrad",),
    translations=(
        Translation(
            to="Adagrad",
            label="As Adagrad of PyTorch",
            convert=adagrad_to_torch,
            note="Equal, with eps outside the root.",
        ),
        Translation(
            to="textbook-adagrad",
            label="With ε on the other side of the root",
            convert=adagrad_other_placement,
            note="Not equal: ε inside the root is as √ε outside it where G is 0, and "
            "both are lost where G is large.",
            exact=False,
        ),
    ),
)
