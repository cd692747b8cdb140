"""The factories of the zoo: ``factories:NAME`` builds the optimizer of that name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from optlab.optimizers.zoo.adapter import ZooOptimizer


def __getattr__(name: str) -> Callable[..., ZooOptimizer]:
    """Return the factory of an optimizer."""
    if name.startswith("_"):
        raise AttributeError(name)
    return partial(_make, name)


def _make(name: str, params: Any, **values: Any) -> ZooOptimizer:
    return ZooOptimizer(name, params, values)
