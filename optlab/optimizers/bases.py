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


class Wrapper(torch.optim.Optimizer):
    """An optimizer around another one of torch.

    Groups and state are shared with the wrapped optimizer, so that a learning rate
    that is set here and a state that is loaded here hold for it.

    Args:
        params: Parameters, or groups of them.
        base: Word for the wrapped optimizer.
        values: Its hyperparameters, as on a form.
    """

    def __init__(self, params: Any, base: str, values: Mapping[str, Any]) -> None:
        kind, keywords = base_of(base, values)
        self._base = kind(own_groups(params), **keywords)
        super().__init__(self._base.param_groups, {})
        self._share()

    def _share(self) -> None:
        self._base.param_groups, self._base.state = self.param_groups, self.state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over a loaded state; torch calls this from ``load_state_dict``."""
        super().__setstate__(state)
        self._share()


def own_groups(params: Any) -> Any:
    """Return parameters or groups of them with overrides as torch calls these."""
    if not isinstance(params[0], dict):
        return params
    return [
        {BASE_KEYS.get(key, key): value for key, value in group.items()}
        for group in params
    ]
