"""The built-in problems, models and datasets as data.

Imports neither torch nor NumPy: factories are dotted paths that the engine resolves.
"""

from typing import Final

from optlab.problems.catalog_images import (
    DATASETS,
    IMAGE_CLASSIFICATION,
    MODELS,
)
from optlab.problems.catalog_surfaces import SURFACES
from optlab.problems.catalog_tasks import LINEAR_REGRESSION, SPARSE_EMBEDDING
from optlab.registry import ProblemInfo

__all__ = ["DATASETS", "MODELS", "PROBLEMS"]

PROBLEMS: Final[tuple[ProblemInfo, ...]] = (
    *SURFACES,
    LINEAR_REGRESSION,
    IMAGE_CLASSIFICATION,
    SPARSE_EMBEDDING,
)
