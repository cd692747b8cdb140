"""Catalog entries of SGD, ASGD and Rprop.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.shared import (
    CAPTURABLE,
    DIFFERENTIABLE,
    FOREACH,
    FUSED,
    FUSED_OR_FOREACH,
    GRADIENT_DESCENT,
    MAXIMIZE,
    SIGN,
    lr,
    number,
    numbers,
    weight_decay,
)
from optlab.optimizers.translations import (
    sgd_to_average,
    sgd_to_average_from_first,
    sgd_to_gd,
    sgd_to_heavy_ball,
    sgd_to_nesterov,
    sgd_to_velocity,
)
from optlab.params import Kind, ParamSpec, Values
from optlab.registry import OptimizerInfo, Rule, Translation


def _nesterov_has_momentum(values: Values) -> bool:
    plain = number(values, "momentum") > 0 and number(values, "dampening") == 0
    return not values["nesterov"] or plain


SGD: Final = OptimizerInfo(
    name="SGD",
    label="SGD",
    family=GRADIENT_DESCENT,
    year=1951,
    description="Gradient descent, plain or with heavy-ball or Nesterov momentum. With "
    "the full batch it is gradient descent proper, with one sample it is stochastic.",
    factory="torch.optim:SGD",
    params=(
        lr(1e-3, 1e-2, 1e-1),
        ParamSpec(
            name="momentum",
            kind=Kind.FLOAT,
            default=0.0,
            low=0,
            suggested=(0.0, 0.99),
            meaning="Share of the last step that is kept; 0.9 moves up to ten times as "
            "far as without.",
        ),
        ParamSpec(
            name="dampening",
            kind=Kind.FLOAT,
            default=0.0,
            suggested=(0.0, 1.0),
            meaning="Share of each new gradient (but the first) that does not enter "
            "the momentum.",
        ),
        weight_decay(),
        ParamSpec(
            name="nesterov",
            kind=Kind.BOOL,
            default=False,
            meaning="Whether the step looks ahead along the momentum.",
        ),
        MAXIMIZE,
        FOREACH,
        FUSED,
        DIFFERENTIABLE,
    ),
    rules=(
        Rule(
            keys=("nesterov", "momentum", "dampening"),
            holds=_nesterov_has_momentum,
            message="nesterov needs momentum > 0 and dampening = 0",
        ),
        FUSED_OR_FOREACH,
    ),
    formula="g = ∇f(θ) + λ·θ\n"
    "v ← μ·v + (1 − τ)·g   (first step: v = g)\n"
    "θ ← θ − η·v   (Nesterov: θ ← θ − η·(g + μ·v))\n"
    "η lr, μ momentum, τ dampening, λ weight_decay",
    source="Robbins & Monro 1951, doi:10.1214/aoms/1177729586; momentum: Polyak 1964, "
    "doi:10.1016/0041-5553(64)90137-5, eq. 9; Nesterov form: Sutskever et al., ICML "
    "2013, eq. 3 and 4; code: torch.optim.SGD",
    typical_lr=(1e-3, 1.0),
    state_floats=0.0,
    translations=(
        Translation(
            to="textbook-gd",
            label="As plain gradient descent",
            convert=sgd_to_gd,
            note="Equal: there is no momentum to lose.",
        ),
        Translation(
            to="momentum-heavy-ball",
            label="As a heavy ball",
            convert=sgd_to_heavy_ball,
            note="Equal.",
        ),
        Translation(
            to="momentum-ema",
            label="As an average of gradients, as in the articles",
            convert=sgd_to_average,
            note="Equal: lr is divided by 1 − momentum.",
        ),
        Translation(
            to="momentum-ema-g0",
            label="As an average that starts at g₀",
            convert=sgd_to_average_from_first,
            note="Equal, where dampening is momentum.",
        ),
        Translation(
            to="momentum-nesterov",
            label="As Nesterov momentum",
            convert=sgd_to_nesterov,
            note="Equal.",
        ),
        Translation(
            to="momentum-velocity",
            label="As a velocity, as Keras",
            convert=sgd_to_velocity,
            note="Equal while lr is constant.",
        ),
    ),
)

ASGD: Final = OptimizerInfo(
    name="ASGD",
    label="ASGD",
    family=GRADIENT_DESCENT,
    year=1992,
    description="Gradient descent with a falling learning rate, which keeps an average "
    "of the weights beside the weights.",
    factory="torch.optim:ASGD",
    params=(
        lr(1e-2, 1e-2, 1.0),
        ParamSpec(
            name="lambd",
            kind=Kind.FLOAT,
            default=1e-4,
            low=0,
            suggested=(1e-6, 1e-2),
            log=True,
            meaning="How fast the learning rate falls, and how strongly weights shrink "
            "in each step.",
        ),
        ParamSpec(
            name="alpha",
            kind=Kind.FLOAT,
            default=0.75,
            low=0,
            suggested=(0.5, 1.0),
            meaning="Power with which the learning rate falls.",
        ),
        ParamSpec(
            name="t0",
            kind=Kind.FLOAT,
            default=1e6,
            low=0,
            suggested=(1.0, 1e6),
            log=True,
            meaning="Step at which averaging starts; a shorter run averages nothing.",
            unit="steps",
        ),
        weight_decay(),
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    notes=(
        "The average sits beside the weights and training does not use it: all curves "
        "show the weights themselves.",
        "With t0 at its default of a million steps averaging practically never starts.",
    ),
    formula="g = ∇f(θ) + λ_w·θ\n"
    "θ ← (1 − λ·η_t)·θ − η_t·g,   η_t = η / (1 + λ·η·t)^α\n"
    "ā ← ā + μ_t·(θ − ā),   μ_t = 1 / max(1, t − t0)\n"
    "η lr, λ lambd, α alpha, λ_w weight_decay, ā the average",
    source="Polyak & Juditsky 1992, doi:10.1137/0330046; code: torch.optim.ASGD",
    typical_lr=(1e-2, 1.0),
    state_floats=1.0,
)


def _etas_enclose_one(values: Values) -> bool:
    shrink, grow = numbers(values, "etas")
    return shrink is not None and grow is not None and shrink < 1 < grow


def _step_sizes_in_order(values: Values) -> bool:
    low, high = numbers(values, "step_sizes")
    return low is not None and high is not None and low <= high


RPROP: Final = OptimizerInfo(
    name="Rprop",
    label="Rprop",
    family=SIGN,
    year=1993,
    description="Looks at the sign of each gradient component alone; every weight has "
    "a step size of its own that grows while the sign stays and shrinks when it turns.",
    factory="torch.optim:Rprop",
    params=(
        lr(1e-2, 1e-3, 1e-1),
        ParamSpec(
            name="etas",
            kind=Kind.FLOATS,
            default=(0.5, 1.2),
            length=2,
            low=0,
            low_open=True,
            suggested=(0.2, 2.0),
            meaning="Factors by which a step size shrinks when the sign turns and "
            "grows when it stays.",
        ),
        ParamSpec(
            name="step_sizes",
            kind=Kind.FLOATS,
            default=(1e-6, 50.0),
            length=2,
            low=0,
            suggested=(1e-6, 50.0),
            log=True,
            meaning="Smallest and largest step size.",
        ),
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    rules=(
        Rule(
            keys=("etas",),
            holds=_etas_enclose_one,
            message="the first of etas must be < 1 and the second > 1",
        ),
        Rule(
            keys=("step_sizes",),
            holds=_step_sizes_in_order,
            message="the first of step_sizes must not exceed the second",
        ),
    ),
    notes=(
        "Rprop is meant for full batches: on mini-batches the signs that it trusts are "
        "noise.",
        "lr is only the size of the first step; after that each weight finds its own.",
    ),
    formula="s = sign(g_t·g_{t−1})\n"
    "Δ ← clip(Δ·η₊, Δ_min, Δ_max) if s > 0;   Δ·η₋ and g_t = 0 if s < 0\n"
    "θ ← θ − Δ·sign(g_t)\n"
    "Δ starts at lr; (η₋, η₊) etas, (Δ_min, Δ_max) step_sizes",
    source="Riedmiller & Braun 1993, doi:10.1109/ICNN.1993.298623, in the "
    "form without going back (iRprop−: Igel & Hüsken 2000); code: torch.optim.Rprop",
    typical_lr=(1e-3, 1e-1),
    state_floats=2.0,
    full_batch_only=True,
)
