"""Imports a file of the user's own and builds the optimizer in it.

A factory is named by the path that was given, in hexadecimal digits, since a dotted
path cannot hold one.
"""

import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import torch

from optlab.optimizers.own import own_place
from optlab.params import InputError
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
    path, word = own_place(name, _KEY)
    try:
        found = getattr(_imported(path), word, None)
    # A user's code may raise anything, and leave by sys.exit.
    except (Exception, SystemExit) as error:
        raise _refused(name, tr("raises at import"), error) from None
    if not isinstance(found, type) or not issubclass(found, torch.optim.Optimizer):
        text = tr("a class that is a torch.optim.Optimizer")
        raise InputError(_KEY, name, text)
    try:
        return found(params, **values)
    except (Exception, SystemExit) as error:
        raise _refused(name, tr("raises when it is made"), error) from None


def _refused(name: str, what: str, error: BaseException) -> InputError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return InputError(_KEY, name, f"{what}: {reason}")


def _imported(path: Path) -> ModuleType:
    """Return a file as a module of its own, with its folder on the path meanwhile."""
    name = f"optlab_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(tr("no such file: {path}", path=path))
    module = importlib.util.module_from_spec(spec)
    folder = str(path.resolve().parent)
    # Some decorators look a class's module up by its name.
    sys.modules[name] = module
    sys.path.insert(0, folder)
    writing = sys.dont_write_bytecode
    # Nothing is left behind beside the user's files.
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writing
        sys.path.remove(folder)
    return module
