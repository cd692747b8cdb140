"""Catalog data of the tasks whose unknowns are matrices and nothing else.

Imports neither torch nor NumPy.
"""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.problems.values import integer, number
from optlab.registry import ProblemInfo, Rule

DEEP_LINEAR: Final = ProblemInfo(
    name="deep-linear",
    label="Deep linear net",
    description="A product of square matrices that is to become diag(n, …, 2, 1): "
    "from a small start it learns one singular value after the other, the largest "
    "first, with a plateau at a saddle before each.",
    kind="task",
    params=(
        ParamSpec(
            name="size",
            label="size",
            kind=Kind.INT,
            default=5,
            low=2,
            high=64,
            suggested=(3, 10),
            meaning="Rows and columns of each matrix; the singular values to learn "
            "are size, …, 2, 1.",
        ),
        ParamSpec(
            name="depth",
            label="depth",
            kind=Kind.INT,
            default=3,
            low=1,
            high=10,
            suggested=(1, 5),
            meaning="Number of matrices; 1 is a convex quadratic without plateaus.",
        ),
        ParamSpec(
            name="init_scale",
            kind=Kind.FLOAT,
            default=0.1,
            low=0,
            high=10,
            low_open=True,
            suggested=(1e-3, 0.5),
            log=True,
            meaning="Standard deviation of the elements at the start; 0.001 is all "
            "but the saddle at zero.",
            label="Initial scale",
        ),
    ),
    factory="optlab.problems.deep_linear:family",
    formula="L = ½ ‖W_depth ⋯ W₂ W₁ − diag(size, …, 2, 1)‖²_F",
    source="Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear "
    "dynamics of learning in deep linear neural networks, ICLR (arXiv:1312.6120).",
    metrics=("train_mode_first", "train_mode_middle", "train_mode_last"),
    matrices=True,
)


def entries_seen(values: Values) -> int:
    """Return how many entries of the matrix a completed factorisation observes."""
    whole = integer(values, "rows") * integer(values, "columns")
    return max(1, round(number(values, "observed") * whole))


def _rank_fits(values: Values) -> bool:
    sides = integer(values, "rows"), integer(values, "columns")
    return integer(values, "rank") <= min(sides)


def _batch_fits(values: Values) -> bool:
    size = values["batch_size"]
    return size is None or integer(values, "batch_size") <= entries_seen(values)


MATRIX_FACTORISATION: Final = ProblemInfo(
    name="matrix-factorisation",
    label="Matrix factorisation",
    description="Two thin matrices whose product is to become a given matrix of a "
    "condition number that you choose: a toy for matrix optimizers.",
    kind="task",
    params=(
        ParamSpec(
            name="rows",
            label="rows",
            kind=Kind.INT,
            default=40,
            low=1,
            high=1000,
            suggested=(10, 200),
            log=True,
            meaning="Rows of M and of U.",
        ),
        ParamSpec(
            name="columns",
            label="columns",
            kind=Kind.INT,
            default=30,
            low=1,
            high=1000,
            suggested=(10, 200),
            log=True,
            meaning="Columns of M, rows of V.",
        ),
        ParamSpec(
            name="rank",
            label="rank",
            kind=Kind.INT,
            default=5,
            low=1,
            high=1000,
            suggested=(2, 20),
            log=True,
            meaning="Columns of U and V, and rank of M.",
        ),
        ParamSpec(
            name="condition",
            kind=Kind.FLOAT,
            default=100.0,
            low=1,
            high=1e8,
            suggested=(1.0, 1e4),
            log=True,
            meaning="Largest singular value of M (which is 1) over its smallest; those "
            "between are spread evenly on a logarithmic scale.",
            label="Condition number",
        ),
        ParamSpec(
            name="init_scale",
            kind=Kind.FLOAT,
            default=0.1,
            low=0,
            high=10,
            low_open=True,
            suggested=(1e-3, 0.5),
            log=True,
            meaning="Standard deviation of the elements of U and V at the start.",
            label="Initial scale",
        ),
        ParamSpec(
            name="observed",
            kind=Kind.FLOAT,
            default=1.0,
            low=0,
            high=1,
            low_open=True,
            suggested=(0.2, 1.0),
            meaning="Share of the entries of M that are trained on.",
            label="Observed share",
        ),
        ParamSpec(
            name="batch_size",
            label="batch size",
            kind=Kind.INT,
            default=None,
            low=1,
            high=1_000_000,
            suggested=(10, 1000),
            log=True,
            optional=True,
            none_word="all",
            meaning="Observed entries in each step.",
        ),
    ),
    rules=(
        Rule(
            keys=("rank", "rows", "columns"),
            holds=_rank_fits,
            message="at most the smaller of rows and columns",
        ),
        Rule(
            keys=("batch_size", "rows", "columns", "observed"),
            holds=_batch_fits,
            message="at most the number of observed entries: rows × columns × observed",
        ),
    ),
    factory="optlab.problems.matrix_factorisation:family",
    formula="L(U, V) = ‖U Vᵀ − M‖²_F over the observed entries, estimated from a "
    "batch where not all are taken",
    source="Burer & Monteiro 2003, Mathematical Programming 95; Tong, Ma & Chi 2021, "
    "Accelerating Ill-Conditioned Low-Rank Matrix Estimation via Scaled Gradient "
    "Descent, JMLR 22 (arXiv:2005.08898), for the part of the condition number.",
    metrics=("val_loss",),
    stochastic=True,
    matrices=True,
)
