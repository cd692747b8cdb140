"""RMSprop, in the form of TensorFlow 1.

v ← ρ·v + (1 − ρ)·g²,   b ← μ·b + η·g/√(v + ε),   θ ← θ − b,   v₀ = 1   (Tieleman &
Hinton 2012; code: tf.compat.v1.train.RMSPropOptimizer)
"""

from typing import Final

from optlab.optimizers.adaptive_translations import rmsprop_from_keras
from optlab.optimizers.shared import eps, lr
from optlab.optimizers.textbook.shared import (
    CENTERED,
    DECAY,
    HOME,
    LICENCE,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
    decay_rate,
    initial,
    momentum,
)
from optlab.registry import OptimizerInfo, Translation

TF1_RMSPROP: Final = OptimizerInfo(
    name="tf1-rmsprop",
    label="RMSprop (TensorFlow 1)",
    family=TF_FAMILY,
    year=2012,
    description="RMSprop with an average that starts at one: the first steps are short "
    "where gradients are small. Many published image models were trained by it.",
    factory="optlab.optimizers.textbook.keras_rmsprop:RULE.build",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        decay_rate("rho", 0.9, "squared gradients"),
        eps(1e-10),
        momentum(0.0),
        CENTERED,
        initial("initial_average", 1.0, "average"),
        WEIGHT_DECAY,
        DECAY,
    ),
    notes=(
        "Numbers of EfficientNet or MnasNet hold for this form: with PyTorch's "
        "RMSprop the same numbers train differently or not at all.",
        "TensorFlow has no default for lr here; 0.001 is that of Keras.",
        TF_OPTIMIZER,
    ),
    formula="v ← ρ·v + (1 − ρ)·∇f(θ)²,   v₀ = 1\n"
    "b ← μ·b + η·∇f(θ) / √(v + ε)\n"
    "θ ← θ − b\n"
    "centered: ḡ ← ρ·ḡ + (1 − ρ)·∇f(θ), v − ḡ² in place of v\n"
    "η lr, ρ rho, ε eps, μ momentum",
    source="Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6e; "
    "code: tf.compat.v1.train.RMSPropOptimizer",
    typical_lr=(1e-4, 1e-2),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("RMSprop", "RMSpropTF", "RMSPropOptimizer", TF_ALIAS),
    translations=(
        Translation(
            to="textbook-rmsprop",
            label="As RMSprop of PyTorch",
            convert=rmsprop_from_keras,
            note="Equal in late steps only: its average starts at zero, and ε inside "
            "the root becomes √ε outside it.",
            exact=False,
        ),
    ),
)
