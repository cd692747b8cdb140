"""Catalog entries of Adagrad, Adadelta, RMSprop and Adafactor.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.adaptive_translations import (
    adagrad_from_torch,
    rmsprop_from_torch,
)
from optlab.optimizers.shared import (
    ADAPTIVE,
    CAPTURABLE,
    DECOUPLED,
    DIFFERENTIABLE,
    FOREACH,
    FUSED,
    FUSED_OR_FOREACH,
    MAXIMIZE,
    eps,
    lr,
    numbers,
    weight_decay,
)
from optlab.params import Kind, ParamSpec, Values
from optlab.registry import OptimizerInfo, Rule, Translation

ADAGRAD: Final = OptimizerInfo(
    name="Adagrad",
    label="Adagrad",
    family=ADAPTIVE,
    year=2011,
    description="Divides each step by the root of the sum of all squared gradients so "
    "far: rare features get larger steps, and all steps shrink with time.",
    factory="torch.optim:Adagrad",
    params=(
        lr(1e-2, 3e-3, 3e-1),
        ParamSpec(
            name="lr_decay",
            kind=Kind.FLOAT,
            default=0.0,
            low=0,
            suggested=(1e-6, 1e-2),
            log=True,
            meaning="How fast the learning rate falls besides: lr / (1 + (t − 1)·"
            "lr_decay).",
        ),
        weight_decay(),
        ParamSpec(
            name="initial_accumulator_value",
            kind=Kind.FLOAT,
            default=0.0,
            low=0,
            suggested=(1e-3, 1.0),
            log=True,
            meaning="What the sum of squared gradients starts from; Keras starts from "
            "0.1.",
        ),
        eps(1e-10),
        MAXIMIZE,
        FOREACH,
        FUSED,
        DIFFERENTIABLE,
    ),
    rules=(FUSED_OR_FOREACH,),
    notes=(
        "Steps only ever shrink, so that a long run may come to a halt far from the "
        "minimum.",
    ),
    formula="g = ∇f(θ) + λ·θ\n"
    "G ← G + g²\n"
    "θ ← θ − η_t·g / (√G + ε),   η_t = η / (1 + (t − 1)·d)\n"
    "η lr, d lr_decay, λ weight_decay",
    source="Duchi, Hazan & Singer 2011, JMLR 12:2121–2159, Fig. 1 (diagonal form); "
    "code: torch.optim.Adagrad",
    typical_lr=(3e-3, 3e-1),
    state_floats=1.0,
    translations=(
        Translation(
            to="textbook-adagrad",
            label="As the textbook's AdaGrad",
            convert=adagrad_from_torch,
            note="Equal, where lr_decay is 0.",
        ),
    ),
)

ADADELTA: Final = OptimizerInfo(
    name="Adadelta",
    label="Adadelta",
    family=ADAPTIVE,
    year=2012,
    description="Measures its steps by its own earlier steps, so that a learning rate "
    "of 1 is natural; it starts slowly.",
    factory="torch.optim:Adadelta",
    params=(
        lr(1.0, 1e-1, 10.0),
        ParamSpec(
            name="rho",
            kind=Kind.FLOAT,
            default=0.9,
            low=0,
            high=1,
            suggested=(0.8, 0.99),
            meaning="Decay rate of the running averages of squared gradients and "
            "squared steps.",
        ),
        eps(
            1e-6,
            "Added under both roots; it sets the size of the first step, "
            "√(eps / (1 − rho)).",
        ),
        weight_decay(),
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    notes=(
        "Keras has lr 0.001 by default, about a thousand times slower than the paper's "
        "1 that is used here.",
    ),
    formula="g = ∇f(θ) + λ·θ\n"
    "v ← ρ·v + (1 − ρ)·g²\n"
    "Δ = g·√(u + ε) / √(v + ε)\n"
    "u ← ρ·u + (1 − ρ)·Δ²\n"
    "θ ← θ − η·Δ\n"
    "η lr, ρ rho, λ weight_decay",
    source="Zeiler 2012, arXiv:1212.5701, Algorithm 1; code: torch.optim.Adadelta",
    typical_lr=(1e-1, 10.0),
    state_floats=2.0,
)

RMSPROP: Final = OptimizerInfo(
    name="RMSprop",
    label="RMSprop",
    family=ADAPTIVE,
    year=2012,
    description="Divides each step by the root of a running average of squared "
    "gradients; can be centred and can have momentum.",
    factory="torch.optim:RMSprop",
    params=(
        lr(1e-2, 1e-4, 1e-2),
        ParamSpec(
            name="alpha",
            kind=Kind.FLOAT,
            default=0.99,
            low=0,
            suggested=(0.9, 0.999),
            meaning="Decay rate of the running average of squared gradients; above 1 "
            "it grows without bound.",
        ),
        eps(1e-8),
        weight_decay(),
        ParamSpec(
            name="momentum",
            kind=Kind.FLOAT,
            default=0.0,
            low=0,
            suggested=(0.0, 0.99),
            meaning="Share of the last step that is kept.",
        ),
        ParamSpec(
            name="centered",
            kind=Kind.BOOL,
            default=False,
            meaning="Whether the square of the mean gradient is taken off, which "
            "leaves an estimate of the variance.",
        ),
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    notes=(
        "The average is not corrected for its start at zero: the first step is "
        "lr / √(1 − alpha), ten times lr at the default.",
    ),
    formula="g = ∇f(θ) + λ·θ\n"
    "v ← α·v + (1 − α)·g²\n"
    "d = √v   (centered: ḡ ← α·ḡ + (1 − α)·g, d = √(v − ḡ²))\n"
    "b ← μ·b + g / (d + ε)\n"
    "θ ← θ − η·b\n"
    "η lr, α alpha, μ momentum, λ weight_decay",
    source="Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6e; "
    "centred form: Graves 2013, arXiv:1308.0850, eq. 38 to 45; code: "
    "torch.optim.RMSprop",
    typical_lr=(1e-4, 1e-2),
    state_floats=1.0,
    translations=(
        Translation(
            to="textbook-rmsprop",
            label="As the textbook's RMSprop",
            convert=rmsprop_from_torch,
            note="Equal.",
        ),
    ),
)


def _second_eps_is_a_number(values: Values) -> bool:
    return numbers(values, "eps")[1] is not None


ADAFACTOR: Final = OptimizerInfo(
    name="Adafactor",
    label="Adafactor",
    family=ADAPTIVE,
    year=2018,
    description="Keeps only row and column sums of the squared gradients of a matrix, "
    "and makes steps in proportion to the size of the weights.",
    factory="torch.optim:Adafactor",
    params=(
        lr(1e-2, 1e-3, 1e-1),
        ParamSpec(
            name="beta2_decay",
            kind=Kind.FLOAT,
            default=-0.8,
            high=0,
            suggested=(-1.0, -0.5),
            meaning="Power by which the memory for squared gradients grows: it keeps "
            "1 − t^beta2_decay of the old value in step t.",
        ),
        ParamSpec(
            name="eps",
            kind=Kind.FLOATS,
            default=(None, 1e-3),
            length=2,
            optional=True,
            low=0,
            suggested=(1e-30, 1e-2),
            log=True,
            meaning="Smallest denominator (none: the machine precision), and smallest "
            "size of the weights that a step is measured by.",
        ),
        ParamSpec(
            name="d",
            kind=Kind.FLOAT,
            default=1.0,
            low=1,
            suggested=(1.0, 10.0),
            meaning="Threshold above which the root mean square of an update is cut.",
        ),
        weight_decay(meaning=DECOUPLED, suggested=(1e-3, 1e-1)),
        MAXIMIZE,
        FOREACH,
    ),
    rules=(
        Rule(
            keys=("eps",),
            holds=_second_eps_is_a_number,
            message="the second of eps must be a number; only the first may be none",
        ),
    ),
    notes=(
        "lr is relative: a step is about lr times the root mean square of the weights, "
        "and at most 1/√t of it.",
        "There is no momentum. Vectors such as biases keep one average per element.",
    ),
    formula="ρ_t = min(η, 1/√t),   α_t = ρ_t·max(ε₂, RMS(θ)),   β_t = 1 − t^γ\n"
    "matrices: R ← β_t·R + (1 − β_t)·rowmean(g²),   C ← β_t·C + (1 − β_t)·colmean(g²),"
    "   V = R·C / mean(R)\n"
    "vectors: V ← β_t·V + (1 − β_t)·g²\n"
    "U = g / max(√V, ε₁),   θ ← (1 − η·λ)·θ − α_t·U / max(1, RMS(U)/d)\n"
    "η lr, γ beta2_decay, λ weight_decay",
    source="Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 and 5; code: "
    "torch.optim.Adafactor",
    typical_lr=(1e-3, 1e-1),
    state_floats=0.02,
    elementwise=False,
)
