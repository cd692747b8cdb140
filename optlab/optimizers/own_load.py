"""Imports a file of the user's own and builds the optimizer in it.

A factory is named by the path that was given, in hexadecimal digits, since a dotted
path cannot hold one.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import torch

from optlab.optimizers.own import class_place
from optlab.translate import tr

_PREFIX: Final = "own_"
_KEY: Final = "name"


def __getattr__(name: str) -> Callable[..., torch.optim.Optimizer]:
    """Return the factory of ``own_…``."""
    if not name.startswith(_PREFIX):
        raise AttributeError(name)
    return partial(_make, bytes.fromhex(name.removeprefix(_PREFIX)).decode())


def _make(name: str, params: Any, **values: Any) -> torch.optim.Optimizer:
    """Build the optimizer of ``path/to/file.py:Class``.

    Raises:
        InputError: The file or the class cannot be used.
    """
    place = class_place(name, _KEY)
    found = place.load()
    if not isinstance(found, type) or not issubclass(found, torch.optim.Optimizer):
        raise place.refuse(tr("a class that is a torch.optim.Optimizer"))
    if getattr(found, "mode_switch", False) is True and not (
        hasattr(found, "train") and hasattr(found, "eval")
    ):
        raise place.refuse(tr("mode_switch = True needs methods train() and eval()"))
    try:
        return found(params, **values)
    # A user's code may raise anything, and leave by sys.exit.
    except (Exception, SystemExit) as error:
        raise place.raised(tr("raises when it is made"), error) from None
