"""The optimizers of torch that wrappers wrap, chosen by a word."""

from collections.abc import Mapping
from typing import Any, Final

import torch

# Names on a form, and what torch calls them.
BASE_KEYS: Final[Mapping[str, str]] = {
    "lr": "lr",
    "base_momentum": "momentum",
    "base_betas": "betas",
    "base_weight_decay": "weight_decay",
}
_PLAIN: Final = ("lr", "base_weight_decay")
_BASES: Final[Mapping[str, tuple[type[torch.optim.Optimizer], tuple[str, ...]]]] = {
    "SGD": (torch.optim.SGD, _PLAIN),
    "SGD+momentum": (torch.optim.SGD, (*_PLAIN, "base_momentum")),
    "Adam": (torch.optim.Adam, (*_PLAIN, "base_betas")),
    "AdamW": (torch.optim.AdamW, (*_PLAIN, "base_betas")),
}


def base_of(
    word: str, values: Mapping[str, Any]
) -> tuple[type[torch.optim.Optimizer], dict[str, Any]]:
    """Return the class that is wrapped and its keywords.

    Args:
        word: One of the words on the form.
        values: ``lr`` and the parameters whose names begin with ``base_``.
    """
    base, names = _BASES[word]
    return base, {BASE_KEYS[name]: values[name] for name in names}


def own_groups(params: Any) -> Any:
    """Return parameters or groups of them with overrides as torch calls these."""
    if not isinstance(params[0], dict):
        return params
    return [
        {BASE_KEYS.get(key, key): value for key, value in group.items()}
        for group in params
    ]
