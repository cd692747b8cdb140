"""Catalog data of the tasks in which some things are frequent and most are rare.

Imports neither torch nor NumPy.
"""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.problems.catalog_parts import (
    BATCH_FITS,
    batch_param,
    noise_param,
    samples_param,
)
from optlab.problems.values import integer
from optlab.registry import ProblemInfo, Rule

GRU: Final = "gru"
TRANSFORMER: Final = "transformer"

FEATURES: Final = ("frequent", "occasional", "rare")

ZIPF_SOFTMAX: Final = ProblemInfo(
    name="zipf-softmax",
    label="Zipf softmax",
    description="Softmax regression on classes of which the c-th is drawn with a "
    "probability as 1 / c: gradient descent learns the few frequent classes and "
    "hardly the many rare ones, Adam learns both.",
    kind="task",
    params=(
        ParamSpec(
            name="classes",
            label="classes",
            kind=Kind.INT,
            default=100,
            low=2,
            high=2000,
            suggested=(10, 500),
            log=True,
            meaning="Number of classes.",
        ),
        ParamSpec(
            name="dim",
            kind=Kind.INT,
            default=100,
            low=1,
            high=2000,
            suggested=(20, 500),
            log=True,
            meaning="Length of a sample.",
            label="Dimensions",
        ),
        samples_param(
            5000,
            high=200_000,
            meaning="Training samples; a quarter as many again are held out.",
        ),
        noise_param(
            2.0,
            meaning="Standard deviation of the samples of a class around its centre; "
            "the centres are spread with standard deviation 1 in each dimension.",
            usual=5.0,
        ),
        ParamSpec(
            name="mean",
            kind=Kind.FLOAT,
            default=5.0,
            low=0,
            high=100,
            suggested=(0.0, 10.0),
            meaning="Mean of all inputs, as those behind a ReLU have one: it makes the "
            "loss steep in one direction and so bounds the step of gradient descent.",
            label="Mean of inputs",
        ),
        batch_param(500),
    ),
    rules=(
        BATCH_FITS,
        Rule(
            keys=("samples", "dim"),
            holds=lambda values: (
                integer(values, "samples") * integer(values, "dim") <= 50_000_000
            ),
            message="at most 50000000 numbers in the samples: samples times dim",
        ),
    ),
    factory="optlab.problems.zipf_softmax:family",
    formula="L(W, b) = mean of −log softmax(W x + b)[class], p(class c) ∝ 1/c",
    source="Kunstner, Milligan, Yadav, Schmidt & Bietti 2024, Heavy-Tailed Class "
    "Imbalance and Why Adam Outperforms Gradient Descent on Language Models, NeurIPS "
    "(arXiv:2402.19449).",
    metrics=(
        "val_loss",
        "val_accuracy",
        "val_head_loss",
        "val_tail_loss",
        "train_accuracy",
    ),
    stochastic=True,
    matrices=True,
)

RARE_FEATURES: Final = ProblemInfo(
    name="rare-features",
    label="Rare features",
    description="Linear regression on three features of which one is always there, "
    "one sometimes and one hardly ever; the effective learning rate of each weight "
    "shows whether rare features get larger steps.",
    kind="task",
    params=(
        ParamSpec(
            name="probabilities",
            label="probabilities",
            kind=Kind.FLOATS,
            default=(1.0, 0.1, 0.01),
            low=0,
            high=1,
            low_open=True,
            length=3,
            meaning="How likely the frequent, the occasional and the rare feature are "
            "to be on in a sample; then they are 1 or −1, otherwise 0.",
        ),
        noise_param(
            1.0, meaning="Standard deviation of the noise on the targets.", usual=3.0
        ),
        samples_param(
            10_000, meaning="Training samples; a quarter as many again are held out."
        ),
        batch_param(10),
    ),
    rules=(BATCH_FITS,),
    factory="optlab.problems.rare_features:family",
    formula="L(w) = mean of (wᵀx − y)², y = x₁ + x₂ + x₃ + noise",
    source="Duchi, Hazan & Singer 2011, Adaptive Subgradient Methods for Online "
    "Learning and Stochastic Optimization, JMLR 12.",
    metrics=(
        "val_loss",
        *(f"train_rate_{name}" for name in FEATURES),
        *(f"val_error_{name}" for name in FEATURES),
    ),
    stochastic=True,
)

# Characters of the shipped text that are trained on: the first nine tenths.
TRAIN_TEXT: Final = 18_331


def windows(values: Values) -> int:
    """Return how many stretches of text completed values have to train on."""
    return TRAIN_TEXT - integer(values, "context")


CHARACTERS: Final = ProblemInfo(
    name="characters",
    label="Characters",
    description="A small recurrent net or transformer that learns to guess the next "
    "character of an English text of 20 kB.",
    kind="task",
    params=(
        ParamSpec(
            name="model",
            label="model",
            kind=Kind.CHOICE,
            default=GRU,
            choices=(GRU, TRANSFORMER),
            meaning="gru: one layer of gated recurrent units; transformer: two blocks "
            "of causal attention with four heads.",
        ),
        ParamSpec(
            name="width",
            label="width",
            kind=Kind.INT,
            default=64,
            low=4,
            high=512,
            suggested=(16, 256),
            log=True,
            meaning="Length of the vectors inside the net.",
        ),
        ParamSpec(
            name="context",
            label="context",
            kind=Kind.INT,
            default=32,
            low=1,
            high=512,
            suggested=(8, 128),
            log=True,
            meaning="Characters in a sample: the net sees those before the one that it "
            "guesses, but none beyond this stretch.",
        ),
        batch_param(32, high=4096),
    ),
    rules=(
        Rule(
            keys=("width", "model"),
            holds=lambda values: (
                values["model"] == GRU or integer(values, "width") % 4 == 0
            ),
            message="a multiple of 4, the number of heads, for a transformer",
        ),
    ),
    factory="optlab.problems.characters:family",
    formula="L = mean of −log softmax(net(characters so far))[next character], in nats",
    source="Cho et al. 2014 (arXiv:1406.1078) for the gated recurrent unit, Vaswani et "
    "al. 2017 (arXiv:1706.03762) for the transformer; text: Lewis Carroll 1865, "
    "Alice's Adventures in Wonderland, chapters 1 to 3.",
    metrics=("val_loss", "val_accuracy", "train_accuracy"),
    stochastic=True,
    matrices=True,
)
