"""AdaGrad with the defaults of Keras.

θ ← θ − η·g/√(G + ε),   G₀ = 0.1   (code: keras.optimizers.Adagrad)
"""

from dataclasses import replace
from typing import Final

from optlab.optimizers.shared import eps, lr
from optlab.optimizers.textbook.adagrad import EPS_PLACEMENT
from optlab.optimizers.textbook.shared import (
    HOME,
    KERAS_DECAY,
    LICENCE,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
    initial,
)
from optlab.optimizers.translations import same_values
from optlab.registry import OptimizerInfo, Translation

KERAS_ADAGRAD: Final = OptimizerInfo(
    name="keras-adagrad",
    label="Adagrad (Keras)",
    family=TF_FAMILY,
    year=2011,
    description="AdaGrad with Keras' defaults: a small learning rate, a sum that "
    "starts at 0.1, and ε inside the root.",
    factory="optlab.optimizers.textbook.adagrad:RULE.build",
    params=(
        lr(1e-3, 3e-3, 3e-1),
        eps(1e-7),
        replace(EPS_PLACEMENT, fixed="Keras has it inside the root"),
        initial("initial_accumulator", 0.1, "sum"),
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "Keras has lr 0.001 by default, PyTorch 0.01; the paper's own scale is 1.",
        "A sum that starts at 0.1 keeps the first steps short where gradients are "
        "small.",
        TF_OPTIMIZER,
    ),
    formula="G ← G + ∇f(θ)²,   G₀ = 0.1\n"
    "θ ← θ − η·∇f(θ) / √(G + ε)\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, ε eps, λ weight_decay",
    source="Duchi, Hazan & Singer 2011, JMLR 12:2121–2159; code: "
    "keras.optimizers.Adagrad (Keras 3)",
    typical_lr=(1e-3, 1.0),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Adagrad", TF_ALIAS),
    translations=(
        Translation(
            to="textbook-adagrad",
            label="As the textbook's AdaGrad",
            convert=same_values,
            note="Equal.",
        ),
    ),
)
