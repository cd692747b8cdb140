"""Catalog data of the small learning tasks. Imports neither torch nor NumPy."""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import ProblemInfo, Rule

FIVE_POINTS: Final = "five-points"
NOISY_LINE: Final = "noisy-line"
PHILOX: Final = "philox"
NUMPY_LEGACY: Final = "numpy-legacy"
NUMPY_DEFAULT: Final = "numpy-default"


def line_size(values: Values) -> int:
    """Return how many points a completed linear regression has."""
    samples = values["samples"]
    return 5 if values["data"] == FIVE_POINTS else int(str(samples))


def _batch_fits_line(values: Values) -> bool:
    batch_size = values["batch_size"]
    return isinstance(batch_size, int) and batch_size <= line_size(values)


def _batch_fits_samples(values: Values) -> bool:
    batch_size, samples = values["batch_size"], values["samples"]
    return (
        isinstance(batch_size, int)
        and isinstance(samples, int)
        and batch_size <= samples
    )


LINEAR_REGRESSION: Final = ProblemInfo(
    name="linear-regression",
    label="Linear regression",
    description="One weight, no bias, on points of the line y = 2x: one sample, a "
    "mini-batch or all of them in each step.",
    kind="task",
    params=(
        ParamSpec(
            name="data",
            label="data",
            kind=Kind.CHOICE,
            default=NOISY_LINE,
            choices=(FIVE_POINTS, NOISY_LINE),
            meaning="five-points: x = 1 … 5 without noise; noisy-line: x spread over "
            "1 … 5, with Gaussian noise on y.",
        ),
        ParamSpec(
            name="samples",
            label="samples",
            kind=Kind.INT,
            default=100,
            low=2,
            high=1_000_000,
            suggested=(10, 10_000),
            log=True,
            meaning="Points of the noisy line.",
        ),
        ParamSpec(
            name="noise",
            label="noise",
            kind=Kind.FLOAT,
            default=1.0,
            low=0,
            high=1e6,
            suggested=(0.0, 3.0),
            meaning="Standard deviation of the noise on y of the noisy line.",
        ),
        ParamSpec(
            name="batch_size",
            label="batch size",
            kind=Kind.INT,
            default=10,
            low=1,
            high=1_000_000,
            suggested=(1, 100),
            log=True,
            meaning="Samples in each step: 1 is stochastic, all of them full-batch "
            "gradient descent.",
        ),
        ParamSpec(
            name="w",
            kind=Kind.FLOAT,
            default=0.0,
            low=-1e6,
            high=1e6,
            suggested=(-10.0, 10.0),
            meaning="The weight at the start.",
            label="Start weight",
        ),
        ParamSpec(
            name="rng",
            kind=Kind.CHOICE,
            default=PHILOX,
            choices=(PHILOX, NUMPY_LEGACY, NUMPY_DEFAULT),
            meaning="Random numbers: philox is keyed and counter-based; the two NumPy "
            "streams draw data, then batches, as the tutorials' programs do.",
            label="Random numbers",
        ),
    ),
    rules=(
        Rule(
            keys=("batch_size", "data", "samples"),
            holds=_batch_fits_line,
            message="at most the number of points: 5 for five-points, samples for "
            "noisy-line",
        ),
    ),
    factory="optlab.problems.linear_regression:family",
    formula="L(w) = mean over the batch of (w xᵢ - yᵢ)²",
    source="The tutorials' second program (one sample in each step) and third "
    "(mini-batches).",
    metrics=("val_loss",),
    stochastic=True,
)

SPARSE_EMBEDDING: Final = ProblemInfo(
    name="sparse-embedding",
    label="Sparse embedding",
    description="Learn a vector for each word of a vocabulary in which few words are "
    "frequent and most are rare; a batch touches a few rows of the table only.",
    kind="task",
    params=(
        ParamSpec(
            name="vocabulary",
            label="vocabulary",
            kind=Kind.INT,
            default=1000,
            low=2,
            high=1_000_000,
            suggested=(100, 100_000),
            log=True,
            meaning="Number of words: rows of the table.",
        ),
        ParamSpec(
            name="dim",
            kind=Kind.INT,
            default=16,
            low=1,
            high=1024,
            suggested=(4, 64),
            log=True,
            meaning="Length of a word's vector: columns of the table.",
            label="Dimensions",
        ),
        ParamSpec(
            name="samples",
            label="samples",
            kind=Kind.INT,
            default=8192,
            low=2,
            high=1_000_000,
            suggested=(1000, 100_000),
            log=True,
            meaning="Training samples; a quarter as many again are held out.",
        ),
        ParamSpec(
            name="batch_size",
            label="batch size",
            kind=Kind.INT,
            default=64,
            low=1,
            high=65_536,
            suggested=(16, 1024),
            log=True,
            meaning="Samples in each step.",
        ),
    ),
    rules=(
        Rule(
            keys=("vocabulary", "dim"),
            holds=lambda values: (
                int(str(values["vocabulary"])) * int(str(values["dim"])) <= 20_000_000
            ),
            message="at most 20000000 numbers in the table: vocabulary times dim",
        ),
        Rule(
            keys=("batch_size", "samples"),
            holds=_batch_fits_samples,
            message="at most the number of samples",
        ),
    ),
    factory="optlab.problems.sparse_embedding:family",
    formula="L(E) = mean of (aᵀ E[word] - target)², a different fixed read-out a for "
    "each sample",
    source="Zipf 1949 for the frequencies of words; Duchi, Hazan & Singer 2011 for "
    "why rare features want larger steps.",
    metrics=("val_loss",),
    stochastic=True,
    matrices=True,
    sparse=True,
)
