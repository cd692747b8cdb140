"""Catalog entries of Adam and what descends from it.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.adaptive_translations import (
    adam_from_torch,
    adamw_from_torch,
    nadam_from_torch,
    torch_adam_to_adamw,
    torch_adamw_to_adam,
)
from optlab.optimizers.shared import (
    ADAPTIVE,
    AMSGRAD,
    CAPTURABLE,
    DECOUPLED,
    DECOUPLED_FLAG,
    DIFFERENTIABLE,
    FOREACH,
    FUSED,
    FUSED_OR_FOREACH,
    MAXIMIZE,
    betas,
    eps,
    lr,
    weight_decay,
)
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo, Translation

_MOMENTS: Final = (
    "m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²\n"
    "m̂ = m / (1 − β₁^t),   v̂ = v / (1 − β₂^t)\n"
)

ADAM: Final = OptimizerInfo(
    name="Adam",
    label="Adam",
    family=ADAPTIVE,
    year=2014,
    description="Running averages of the gradient and of its square, both corrected "
    "for their start at zero; each weight moves by about lr in a step.",
    factory="torch.optim:Adam",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-8),
        weight_decay(),
        AMSGRAD,
        DECOUPLED_FLAG,
        MAXIMIZE,
        FOREACH,
        FUSED,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    rules=(FUSED_OR_FOREACH,),
    formula="g = ∇f(θ) + λ·θ   (decoupled: g = ∇f(θ), θ ← θ − η·λ·θ)\n"
    + _MOMENTS
    + "θ ← θ − η·m̂ / (√v̂ + ε)   (amsgrad: with the largest v so far)\n"
    "η lr, (β₁, β₂) betas, λ weight_decay",
    source="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 1; code: torch.optim.Adam",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    translations=(
        Translation(
            to="AdamW",
            label="As AdamW",
            convert=torch_adam_to_adamw,
            note="Equal, where decay is decoupled or 0.",
        ),
        Translation(
            to="textbook-adam",
            label="As the textbook's Adam",
            convert=adam_from_torch,
            note="Equal.",
        ),
    ),
)

ADAMW: Final = OptimizerInfo(
    name="AdamW",
    label="AdamW",
    family=ADAPTIVE,
    year=2017,
    description="Adam with weight decay that acts on the weights themselves and not "
    "through the gradient.",
    factory="torch.optim:AdamW",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-8),
        weight_decay(1e-2, (1e-2, 1e-1), DECOUPLED),
        AMSGRAD,
        MAXIMIZE,
        FOREACH,
        FUSED,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    rules=(FUSED_OR_FOREACH,),
    formula="θ ← θ − η·λ·θ\n"
    + _MOMENTS
    + "θ ← θ − η·m̂ / (√v̂ + ε)   (amsgrad: with the largest v so far)\n"
    "η lr, (β₁, β₂) betas, λ weight_decay",
    source="Loshchilov & Hutter 2017, arXiv:1711.05101, Algorithm 2; code: "
    "torch.optim.AdamW",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    translations=(
        Translation(
            to="Adam",
            label="As Adam with decoupled decay",
            convert=torch_adamw_to_adam,
            note="Equal.",
        ),
        Translation(
            to="textbook-adam",
            label="As the textbook's Adam",
            convert=adamw_from_torch,
            note="Equal.",
        ),
    ),
)

ADAMAX: Final = OptimizerInfo(
    name="Adamax",
    label="Adamax",
    family=ADAPTIVE,
    year=2014,
    description="Adam with a running maximum of the gradient's size in place of the "
    "average of its square.",
    factory="torch.optim:Adamax",
    params=(
        lr(2e-3, 5e-4, 2e-2),
        betas(),
        eps(1e-8, "Added to the gradient's size before the maximum is taken."),
        weight_decay(),
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    formula="g = ∇f(θ) + λ·θ\n"
    "m ← β₁·m + (1 − β₁)·g,   u ← max(β₂·u, |g| + ε)\n"
    "θ ← θ − η/(1 − β₁^t)·m / u\n"
    "η lr, (β₁, β₂) betas, λ weight_decay",
    source="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 2; code: torch.optim.Adamax",
    typical_lr=(5e-4, 2e-2),
    state_floats=2.0,
)

NADAM: Final = OptimizerInfo(
    name="NAdam",
    label="NAdam",
    family=ADAPTIVE,
    year=2016,
    description="Adam that looks ahead along its momentum, as Nesterov's method does, "
    "with a momentum that warms up.",
    factory="torch.optim:NAdam",
    params=(
        lr(2e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-8),
        weight_decay(),
        ParamSpec(
            name="momentum_decay",
            kind=Kind.FLOAT,
            default=4e-3,
            low=0,
            suggested=(1e-3, 1.0),
            log=True,
            meaning="How fast the momentum warms up from half of β₁ to β₁: half of the "
            "way takes 17/ψ steps, 4250 with 0.004 and 17 with Keras's 1.",
        ),
        DECOUPLED_FLAG,
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    formula="g = ∇f(θ) + λ·θ   (decoupled: g = ∇f(θ), θ ← θ − η·λ·θ)\n"
    "μ_t = β₁·(1 − ½·0.96^(t·ψ))\n"
    "m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²\n"
    "m̂ = μ_{t+1}·m / (1 − Π_{i≤t+1} μ_i) + (1 − μ_t)·g / (1 − Π_{i≤t} μ_i)\n"
    "θ ← θ − η·m̂ / (√(v / (1 − β₂^t)) + ε)\n"
    "η lr, (β₁, β₂) betas, ψ momentum_decay, λ weight_decay",
    source="Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop, "
    "Algorithm 2; code: torch.optim.NAdam",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    aliases=("Nadam",),
    translations=(
        Translation(
            to="textbook-nadam",
            label="As the textbook's Nadam",
            convert=nadam_from_torch,
            note="Equal, but for the product of momenta, which is kept in single "
            "precision here.",
        ),
    ),
)

RADAM: Final = OptimizerInfo(
    name="RAdam",
    label="RAdam",
    family=ADAPTIVE,
    year=2019,
    description="Adam that does without the division by gradient sizes until it has "
    "seen enough of them, and then phases it in.",
    factory="torch.optim:RAdam",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-8),
        weight_decay(),
        DECOUPLED_FLAG,
        MAXIMIZE,
        FOREACH,
        CAPTURABLE,
        DIFFERENTIABLE,
    ),
    notes=(
        "The first five steps (at the default betas) are plain momentum with lr: they "
        "are large where gradients are large.",
    ),
    formula="g = ∇f(θ) + λ·θ   (decoupled: g = ∇f(θ), θ ← θ − η·λ·θ)\n"
    + _MOMENTS
    + "ρ∞ = 2/(1 − β₂) − 1,   ρ_t = ρ∞ − 2·t·β₂^t / (1 − β₂^t)\n"
    "ρ_t > 5: θ ← θ − η·r_t·m̂ / (√v̂ + ε),   r_t = √((ρ_t−4)(ρ_t−2)ρ∞ / "
    "((ρ∞−4)(ρ∞−2)ρ_t));   otherwise θ ← θ − η·m̂\n"
    "η lr, (β₁, β₂) betas, λ weight_decay",
    source="Liu et al. 2019, arXiv:1908.03265, Algorithm 2; code: torch.optim.RAdam",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
)

SPARSE_ADAM: Final = OptimizerInfo(
    name="SparseAdam",
    label="SparseAdam",
    family=ADAPTIVE,
    year=2014,
    description="Adam for embeddings: touches only the rows that a batch speaks of, "
    "and leaves weights and averages of all others alone.",
    factory="torch.optim:SparseAdam",
    params=(
        lr(1e-3, 1e-4, 1e-2, low_open=True),
        betas(),
        eps(1e-8, low_open=True),
        MAXIMIZE,
    ),
    notes=(
        "SparseAdam takes sparse gradients only, as an embedding gives them: use it "
        "with the problem sparse-embedding.",
        "It has no weight decay.",
    ),
    formula="as Adam, for the rows that have a gradient; t counts all steps\n"
    "m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²\n"
    "θ ← θ − η·√(1 − β₂^t)/(1 − β₁^t)·m / (√v + ε)   (ε beside √v, not √v̂)\n"
    "η lr, (β₁, β₂) betas",
    source="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 1 in the form at "
    "the end of section 2, masked; code: torch.optim.SparseAdam",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    # SGD and Adagrad take sparse gradients too, but not with every setting; dense
    # ones give them the same numbers, so that only SparseAdam is marked.
    sparse_gradients=True,
    dense_gradients=False,
    elementwise=False,
)
