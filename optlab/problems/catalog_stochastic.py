"""Catalog data of toys that come in samples. Imports neither torch nor NumPy."""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.problems.catalog_parts import batch_param, noise_param
from optlab.registry import ProblemInfo, Rule

DEEP_SAMPLES: Final = 1000


def _small_ones_lose(values: Values) -> bool:
    large, small, period = values["large"], values["small"], values["period"]
    return (
        isinstance(large, float)
        and isinstance(small, float)
        and isinstance(period, int)
        and large > small * (period - 1)
    )


QUADRATIC_DEEP: Final = ProblemInfo(
    name="quadratic-deep",
    label="Quadratic with a deep net's spectrum",
    description="A turned bowl in 100 dimensions, 90 of them nearly flat and ten "
    "steep, of which each batch shows a shifted copy: what noise and condition do "
    "together.",
    kind="task",
    params=(
        batch_param(128, high=DEEP_SAMPLES),
        noise_param(
            0.6,
            meaning="Standard deviation of the samples around 0, in each coordinate.",
            usual=1.0,
        ),
    ),
    factory="optlab.problems.quadratic_deep:family",
    formula="L(θ) = mean over the batch of ½ (θ - x)ᵀ Q (θ - x), x ~ N(0, σ² I)",
    source="Schneider, Balles & Hennig 2019, DeepOBS: a deep learning optimizer "
    "benchmark suite, ICLR; spectrum after Chaudhari et al. 2017, Entropy-SGD.",
    metrics=("val_loss",),
    stochastic=True,
)

ADAM_TRAP: Final = ProblemInfo(
    name="adam-trap",
    label="Where Adam fails",
    description="One number in [-1, 1]; a steep slope once in a period, a small one "
    "the other way in between. The mean loss is lowest at -1, yet Adam divides the "
    "rare steep slope by its own size and walks to 1; AMSGrad does not.",
    kind="task",
    params=(
        ParamSpec(
            name="large",
            kind=Kind.FLOAT,
            default=1010.0,
            low=0,
            low_open=True,
            high=1e9,
            suggested=(3.0, 2000.0),
            log=True,
            meaning="The slope of the first step of each period.",
            label="Rare slope",
        ),
        ParamSpec(
            name="small",
            kind=Kind.FLOAT,
            default=10.0,
            low=0,
            low_open=True,
            high=1e9,
            suggested=(1.0, 10.0),
            log=True,
            meaning="Minus the slope of all other steps.",
            label="Frequent slope",
        ),
        ParamSpec(
            name="period",
            label="period",
            kind=Kind.INT,
            default=101,
            low=2,
            high=1_000_000,
            suggested=(3, 101),
            log=True,
            meaning="Steps of a period. With shuffle off they come in order, as in the "
            "paper's online problem.",
        ),
    ),
    rules=(
        Rule(
            keys=("large", "small", "period"),
            holds=_small_ones_lose,
            message="more than small times (period - 1), so that -1 is the best place",
        ),
    ),
    factory="optlab.problems.adam_trap:family",
    formula="f_k(x) = large · x in the first step of a period, -small · x in the "
    "others; x in [-1, 1]",
    source="Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond, ICLR, "
    "sections 3 and 5.",
    metrics=("position", "val_loss"),
    stochastic=True,
)
