"""Nadam with the momentum schedule and the defaults of Keras.

μ_t = β₁·(1 − ½·0.96^t)   (Dozat 2016, ICLR workshop, Algorithm 2; code:
keras.optimizers.Nadam)
"""

from dataclasses import replace
from typing import Final

from optlab.optimizers.adaptive_translations import nadam_to_torch
from optlab.optimizers.shared import betas, eps, lr
from optlab.optimizers.textbook.nadam import MOMENTUM_DECAY, MOMENTUM_SCHEDULE
from optlab.optimizers.textbook.shared import (
    HOME,
    KERAS_DECAY,
    LICENCE,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
)
from optlab.optimizers.translations import same_values
from optlab.registry import OptimizerInfo, Translation

KERAS_NADAM: Final = OptimizerInfo(
    name="keras-nadam",
    label="Nadam (Keras)",
    family=TF_FAMILY,
    year=2016,
    description="Nadam as Keras has it: its momentum is half warmed up after 17 steps.",
    factory="optlab.optimizers.textbook.nadam:RULE.build",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-7),
        replace(MOMENTUM_SCHEDULE, fixed="Keras has a warm-up"),
        replace(MOMENTUM_DECAY, default=1.0, fixed="Keras has 1"),
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "PyTorch warms the momentum up 250 times more slowly.",
        TF_OPTIMIZER,
    ),
    formula="μ_t = β₁·(1 − ½·0.96^t)\n"
    "m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   g = ∇f(θ)\n"
    "m̂ = μ_{t+1}·m / (1 − Π_{i≤t+1} μ_i) + (1 − μ_t)·g / (1 − Π_{i≤t} μ_i)\n"
    "θ ← θ − η·m̂ / (√(v / (1 − β₂^t)) + ε)\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, (β₁, β₂) betas, ε eps, λ weight_decay",
    source="Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop, "
    "Algorithm 2; code: keras.optimizers.Nadam (Keras 3)",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Nadam", TF_ALIAS),
    translations=(
        Translation(
            to="textbook-nadam",
            label="As the textbook's Nadam",
            convert=same_values,
            note="Equal.",
        ),
        Translation(
            to="NAdam",
            label="As NAdam of PyTorch",
            convert=nadam_to_torch,
            note="Equal, but for PyTorch's product of momenta, which it keeps in "
            "single precision.",
        ),
    ),
)
