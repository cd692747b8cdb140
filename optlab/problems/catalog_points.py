"""Catalog data of the tasks whose samples have one or two coordinates.

Imports neither torch nor NumPy.
"""

from typing import Final

from optlab.params import Kind, ParamSpec
from optlab.problems.catalog_parts import (
    BATCH_FITS,
    batch_param,
    noise_param,
    samples_param,
    width_param,
)
from optlab.registry import ProblemInfo

SPIRAL_CLASSES: Final = 3
OWN_INIT: Final = "optlab"
TORCH_INIT: Final = "torch-seed"

_METRICS: Final = ("val_loss", "val_accuracy", "train_accuracy")

MOONS: Final = ProblemInfo(
    name="moons",
    label="Two moons",
    description="Two half circles that reach into each other: a tanh net of two "
    "hidden layers learns to tell them apart.",
    kind="task",
    params=(
        samples_param(
            1000,
            meaning="Training samples of both moons together; a quarter as many again "
            "are held out.",
        ),
        noise_param(
            0.2,
            meaning="Standard deviation of the noise on both coordinates.",
            usual=0.5,
        ),
        width_param(32, meaning="Units of each of the two hidden layers."),
        batch_param(50),
    ),
    rules=(BATCH_FITS,),
    factory="optlab.problems.points:moons",
    formula="(cos t, sin t) or (1 − cos t, ½ − sin t) with t ~ U(0, π), plus noise; "
    "L = mean of −log softmax(net(x))[class]",
    source="The half circles of scikit-learn's make_moons; OptLab.",
    metrics=_METRICS,
    stochastic=True,
    matrices=True,
)

SPIRALS: Final = ProblemInfo(
    name="spirals",
    label="Three spirals",
    description="Three arms of a spiral: a ReLU net of two hidden layers learns to "
    "tell them apart, and the learning rate decides whether it does.",
    kind="task",
    params=(
        samples_param(
            900,
            meaning="Training samples of the three arms together; a quarter as many "
            "again are held out.",
        ),
        noise_param(
            0.2, meaning="Standard deviation of the noise on the angle.", usual=0.5
        ),
        width_param(64, meaning="Units of each of the two hidden layers."),
        batch_param(50),
    ),
    rules=(BATCH_FITS,),
    factory="optlab.problems.points:spirals",
    formula="r (sin φ, cos φ) with φ = 4r + 2πk/3 + noise and r = i/n for sample i of "
    "arm k; L = mean of −log softmax(net(x))[class]",
    source="Lang & Witbrock 1988, Learning to Tell Two Spirals Apart, for the idea; "
    "OptLab.",
    metrics=_METRICS,
    stochastic=True,
    matrices=True,
)

EDGE_OF_STABILITY: Final = ProblemInfo(
    name="edge-of-stability",
    label="Edge of stability",
    description="A tanh net of one hidden layer learns the fifth Chebyshev polynomial "
    "with full batches: under gradient descent the sharpness rises until it hovers at "
    "2 / lr (switch the diagnostic sharpness on).",
    kind="task",
    params=(
        width_param(50, meaning="Units of the hidden layer."),
        ParamSpec(
            name="samples",
            kind=Kind.INT,
            default=20,
            low=2,
            high=10_000,
            suggested=(10, 100),
            log=True,
            meaning="Points, spread evenly over −1 … 1; each step takes all of them.",
            label="Points",
        ),
        ParamSpec(
            name="degree",
            label="degree",
            kind=Kind.INT,
            default=5,
            low=1,
            high=20,
            suggested=(2, 8),
            meaning="Degree of the Chebyshev polynomial to learn.",
        ),
        ParamSpec(
            name="init",
            kind=Kind.CHOICE,
            default=OWN_INIT,
            choices=(OWN_INIT, TORCH_INIT),
            meaning="Initial weights: optlab draws them as everywhere here; torch-seed "
            "gives the bits of torch.manual_seed(seed) followed by torch's own layers.",
            label="Initial weights",
        ),
    ),
    factory="optlab.problems.chebyshev:family",
    formula="L = ½ mean of (net(xᵢ) − T_degree(xᵢ))², T_n(x) = cos(n arccos x)",
    source="Cohen, Kaur, Li, Kolter & Talwalkar 2021, Gradient Descent on Neural "
    "Networks Typically Occurs at the Edge of Stability, ICLR (arXiv:2103.00065).",
    matrices=True,
)
