"""Adam with the defaults of Keras.

θ ← θ − η·√(1 − β₂^t)/(1 − β₁^t)·m/(√v + ε)   (Kingma & Ba 2014, arXiv:1412.6980, end of
section 2; code: keras.optimizers.Adam)
"""

from dataclasses import replace
from typing import Final

from optlab.optimizers.adaptive_translations import keras_adam_to_torch
from optlab.optimizers.shared import AMSGRAD, betas, eps, lr
from optlab.optimizers.textbook.adam import EPS_FORM
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

KERAS_ADAM: Final = OptimizerInfo(
    name="keras-adam",
    label="Adam (Keras)",
    family=TF_FAMILY,
    year=2014,
    description="Adam as Keras has it: ε-hat, ten times as large as PyTorch's ε.",
    factory="optlab.optimizers.textbook.adam:RULE.build",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-7),
        replace(EPS_FORM, default="eps-hat", fixed="Keras has ε-hat"),
        AMSGRAD,
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "The difference to PyTorch shows where gradients are as small as ε.",
        TF_OPTIMIZER,
    ),
    formula="m ← β₁·m + (1 − β₁)·∇f(θ),   v ← β₂·v + (1 − β₂)·∇f(θ)²\n"
    "θ ← θ − η·√(1 − β₂^t)/(1 − β₁^t)·m / (√v + ε)\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, (β₁, β₂) betas, ε eps, λ weight_decay",
    source="Kingma & Ba 2014, arXiv:1412.6980, end of section 2; code: "
    "keras.optimizers.Adam (Keras 3)",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Adam", TF_ALIAS),
    translations=(
        Translation(
            to="textbook-adam",
            label="As the textbook's Adam",
            convert=same_values,
            note="Equal.",
        ),
        Translation(
            to="Adam",
            label="As Adam of PyTorch",
            convert=keras_adam_to_torch,
            note="Not equal at the same eps: ε-hat is larger by 1/√(1 − β₂^t), which "
            "goes to 1 in late steps.",
            exact=False,
        ),
    ),
)
