"""Plain gradient descent.

θ ← θ − η·g   (Cauchy 1847, C. R. Acad. Sci. 25:536–538)
"""

from typing import Any, Final

from optlab.optimizers.shared import GRADIENT_DESCENT, lr
from optlab.optimizers.textbook.rule import Array, Settings, State, UpdateRule, decayed
from optlab.optimizers.textbook.shared import DECAY, HOME, LICENCE, WEIGHT_DECAY
from optlab.optimizers.translations import gd_to_sgd
from optlab.registry import OptimizerInfo, Translation


def step(
    theta: Array, g: Array, _state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Step along the negative gradient."""
    lr = values["lr"]
    theta, g = decayed(theta, g, values)
    return theta - lr * g, {}


RULE: Final = UpdateRule(step=step)

TEXTBOOK_GD: Final = OptimizerInfo(
    name="textbook-gd",
    label="Gradient descent",
    family=GRADIENT_DESCENT,
    year=1847,
    description="A step against the gradient, and nothing else. With the full batch it "
    "is gradient descent, with one sample stochastic, between them mini-batch.",
    factory="optlab.optimizers.textbook.gradient_descent:RULE.build",
    params=(lr(1e-2, 1e-2, 1e-1), WEIGHT_DECAY, DECAY),
    notes=(
        "On a parabola of curvature L it converges where lr < 2/L, and fastest for "
        "lr = 1/L.",
        "For plain gradient descent l2 and decoupled-by-lr are the same.",
    ),
    formula="θ ← θ − η·∇f(θ)\n"
    "decay: l2: ∇f(θ) + λ·θ in place of ∇f(θ); decoupled-by-lr: θ ← θ − η·λ·θ first; "
    "decoupled: θ ← θ − λ·θ first\n"
    "η lr, λ weight_decay",
    source="Cauchy 1847, C. R. Acad. Sci. 25:536–538; with samples: Robbins & Monro "
    "1951, doi:10.1214/aoms/1177729586",
    typical_lr=(1e-2, 1.0),
    state_floats=0.0,
    home=HOME,
    licence=LICENCE,
    aliases=("GD", "SGD", "Batch gradient descent", "Steepest descent"),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=gd_to_sgd,
            note="Equal: it is SGD without momentum.",
        ),
    ),
)
