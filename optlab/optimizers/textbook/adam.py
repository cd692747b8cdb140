"""Adam, with ε beside the corrected root or beside the uncorrected one (ε-hat).

m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   θ ← θ − η·m̂/(√v̂ + ε)
(Kingma & Ba 2014, arXiv:1412.6980, Algorithm 1; ε-hat: end of section 2; amsgrad:
Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import (
    adam_other_eps,
    adam_to_adamw,
    adam_to_torch,
)
from optlab.optimizers.shared import ADAPTIVE, AMSGRAD, betas, eps, lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    larger,
    zeros,
)
from optlab.optimizers.textbook.shared import DECAY, HOME, LICENCE, WEIGHT_DECAY
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo, Translation

EPS_FORM: Final = ParamSpec(
    name="eps_form",
    kind=Kind.CHOICE,
    default="eps",
    choices=("eps", "eps-hat"),
    meaning="What ε is added to: eps to √v̂ as in Algorithm 1, eps-hat to √v before "
    "its correction, as in Keras.",
)


def start(theta: Array, _g: Array, values: Settings) -> State:
    """Begin with averages of zero."""
    state = {"m": zeros(theta), "v": zeros(theta)}
    return state | {"v_max": zeros(theta)} if values["amsgrad"] else state


def step(
    theta: Array, g: Array, state: State, t: int, values: Settings
) -> tuple[Any, State]:
    """Divide the mean gradient by the root of the mean square."""
    lr, eps, (beta1, beta2) = values["lr"], values["eps"], values["betas"]
    theta, g = decayed(theta, g, values)
    m = beta1 * state["m"] + (1 - beta1) * g
    v = beta2 * state["v"] + (1 - beta2) * g**2
    after, square = {"m": m, "v": v}, v
    if values["amsgrad"]:
        square = after["v_max"] = larger(state["v_max"], v)
    if values["eps_form"] == "eps-hat":
        rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
        return theta - rate * m / (square**0.5 + eps), after
    m_hat = m / (1 - beta1**t)
    v_hat = square / (1 - beta2**t)
    return theta - lr * m_hat / (v_hat**0.5 + eps), after


RULE: Final = UpdateRule(start=start, step=step)

TEXTBOOK_ADAM: Final = OptimizerInfo(
    name="textbook-adam",
    label="Adam (textbook)",
    family=ADAPTIVE,
    year=2014,
    description="Running averages of the gradient and of its square, both corrected "
    "for their start at zero, with every form of ε and of weight decay.",
    factory="optlab.optimizers.textbook.adam:RULE.build",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-8),
        EPS_FORM,
        AMSGRAD,
        WEIGHT_DECAY,
        DECAY,
    ),
    notes=(
        "ε-hat acts as ε would if it were divided by √(1 − β₂^t): 32 times as large in "
        "the first step at β₂ = 0.999, and the same in late ones.",
        "With a huge eps the denominator is a constant: Adam is momentum then.",
    ),
    formula="m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   g = ∇f(θ)\n"
    "m̂ = m / (1 − β₁^t),   v̂ = v / (1 − β₂^t)\n"
    "eps:     θ ← θ − η·m̂ / (√v̂ + ε)\n"
    "eps-hat: θ ← θ − η·√(1 − β₂^t)/(1 − β₁^t)·m / (√v + ε)\n"
    "amsgrad: with the largest v so far\n"
    "decay: l2: g = ∇f(θ) + λ·θ; decoupled-by-lr: θ ← θ − η·λ·θ first; decoupled: "
    "θ ← θ − λ·θ first\n"
    "η lr, (β₁, β₂) betas, ε eps, λ weight_decay",
    source="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 1 and the end of section 2; "
    "amsgrad: Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2; decoupled "
    "decay: Loshchilov & Hutter 2017, arXiv:1711.05101, Algorithm 2",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Adam", "AdamW", "AMSGrad"),
    translations=(
        Translation(
            to="Adam",
            label="As Adam of PyTorch",
            convert=adam_to_torch,
            note="Equal, with ε beside the corrected root.",
        ),
        Translation(
            to="AdamW",
            label="As AdamW of PyTorch",
            convert=adam_to_adamw,
            note="Equal, with decay decoupled-by-lr.",
        ),
        Translation(
            to="textbook-adam",
            label="With the other form of ε",
            convert=adam_other_eps,
            note="Not equal at the same eps: ε-hat is larger by 1/√(1 − β₂^t), which "
            "goes to 1 in late steps.",
            exact=False,
        ),
    ),
)
