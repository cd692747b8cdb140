"""The built-in problems, models and datasets as data.

Imports neither torch nor NumPy: factories are dotted paths that the engine resolves.
"""

from typing import Final

from optlab.problems.catalog_images import (
    DATASETS,
    IMAGE_CLASSIFICATION,
)
from optlab.problems.catalog_matrices import DEEP_LINEAR, MATRIX_FACTORISATION
from optlab.problems.catalog_models import MODELS
from optlab.problems.catalog_points import EDGE_OF_STABILITY, MOONS, SPIRALS
from optlab.problems.catalog_rare import CHARACTERS, RARE_FEATURES, ZIPF_SOFTMAX
from optlab.problems.catalog_stochastic import ADAM_TRAP, QUADRATIC_DEEP
from optlab.problems.catalog_surfaces import SURFACES
from optlab.problems.catalog_tasks import LINEAR_REGRESSION, SPARSE_EMBEDDING
from optlab.registry import ProblemInfo

__all__ = ["DATASETS", "MODELS", "PROBLEMS"]

PROBLEMS: Final[tuple[ProblemInfo, ...]] = (
    *SURFACES,
    LINEAR_REGRESSION,
    QUADRATIC_DEEP,
    ADAM_TRAP,
    IMAGE_CLASSIFICATION,
    SPARSE_EMBEDDING,
    MOONS,
    SPIRALS,
    CHARACTERS,
    ZIPF_SOFTMAX,
    RARE_FEATURES,
    EDGE_OF_STABILITY,
    DEEP_LINEAR,
    MATRIX_FACTORISATION,
)
