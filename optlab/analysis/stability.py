"""How sharp a loss may become before gradient descent is unstable on it.

On a quadratic with the largest eigenvalue λ, descent with rate η converges for
λ < 2/η, with momentum β for λ < (2 + 2β)/η (Polyak) and λ < (2 + 2β)/(η(1 + 2β))
(Nesterov): Cohen et al. 2021, Gradient Descent on Neural Networks Typically Occurs at
the Edge of Stability, arXiv:2103.00065, equation 1.
"""

from collections.abc import Mapping
from typing import Final

from optlab.params import Values
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec

_DESCENT: Final = ("SGD", "textbook-gd")
# With any of these it is another rule.
_OFF: Final = ("weight_decay", "dampening", "maximize")


def stability_limits(spec: ExperimentSpec, catalog: Catalog) -> Mapping[int, float]:
    """Return the sharpness at which an entry stops being stable, by its index.

    Those are left out whose rate does not stay as it is, and all optimizers for which
    there is no such number.
    """
    found = {}
    for i, entry in enumerate(spec.optimizers):
        if entry.name in _DESCENT and entry.scheduler is None and not entry.groups:
            info = catalog.optimizers.get(entry.name)
            limit = _limit(info.complete(entry.values))
            if limit is not None:
                found[i] = limit
    return found


def _limit(values: Values) -> float | None:
    rate, momentum = values.get("lr"), values.get("momentum", 0.0)
    if any(values.get(name) for name in _OFF):
        return None
    if not isinstance(rate, int | float) or not isinstance(momentum, int | float):
        return None
    if rate <= 0:
        return None
    ahead = 1 + 2 * momentum if values.get("nesterov") else 1.0
    return (2 + 2 * momentum) / (rate * ahead)
