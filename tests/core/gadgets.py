"""Bytes and texts that run code where somebody unpickles or evaluates them."""

import base64
import builtins
import functools
import importlib
import io
import json
import marshal
import operator
import os
import pickle
import runpy
import shutil
import subprocess
import timeit
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Canary:
    """A file that is there once hostile code has run."""

    path: Path

    def sang(self) -> bool:
        """Whether any code has run."""
        return self.path.exists()

    @property
    def python(self) -> str:
        """Code that makes the file."""
        return f"open({str(self.path)!r}, 'w').close()"

    @property
    def shell(self) -> str:
        """A command that makes the file."""
        return f"touch {self.path}"


class Gadget:
    """Pickles to a call; its arguments may be gadgets, too."""

    def __init__(self, call: Callable[..., Any], *arguments: object) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the call that unpickling does."""
        return self.call, self.arguments


def _script(canary: Canary) -> str:
    path = canary.path.with_suffix(".py")
    path.write_text(canary.python)
    return str(path)


def _system(canary: Canary) -> Any:
    return operator.methodcaller("system", canary.shell)


GADGETS: Mapping[str, Callable[[Canary], Gadget]] = {
    "os.system": lambda c: Gadget(os.system, c.shell),
    "os.spawnlp": lambda c: Gadget(os.spawnlp, 0, "touch", "touch", str(c.path)),
    "os.open": lambda c: Gadget(os.open, str(c.path), os.O_CREAT | os.O_WRONLY),
    "os.mkdir": lambda c: Gadget(os.mkdir, str(c.path)),
    "os.symlink": lambda c: Gadget(os.symlink, "/", str(c.path)),
    "subprocess.run": lambda c: Gadget(subprocess.run, c.shell.split()),
    "subprocess.call": lambda c: Gadget(subprocess.call, c.shell.split()),
    "subprocess.check_output": lambda c: Gadget(
        subprocess.check_output, c.shell.split()
    ),
    "subprocess.getoutput": lambda c: Gadget(subprocess.getoutput, c.shell),
    "builtins.eval": lambda c: Gadget(builtins.eval, c.python),
    "builtins.exec": lambda c: Gadget(builtins.exec, c.python),
    "builtins.__import__": lambda c: Gadget(
        _system(c), Gadget(builtins.__import__, "os")
    ),
    "importlib.import_module": lambda c: Gadget(
        _system(c), Gadget(importlib.import_module, "os")
    ),
    "builtins.getattr": lambda c: Gadget(
        operator.call,
        Gadget(getattr, Gadget(importlib.import_module, "os"), "system"),
        c.shell,
    ),
    "builtins.map": lambda c: Gadget(list, Gadget(map, os.system, [c.shell])),
    "functools.partial": lambda c: Gadget(functools.partial(os.system, c.shell)),
    "functools.reduce": lambda c: Gadget(
        functools.reduce, operator.call, [os.system, c.shell]
    ),
    "marshal.loads": lambda c: Gadget(
        builtins.exec,
        Gadget(marshal.loads, marshal.dumps(compile(c.python, "x", "exec"))),
    ),
    "pickle.loads": lambda c: Gadget(
        pickle.loads, pickle.dumps(Gadget(os.system, c.shell))
    ),
    "runpy.run_path": lambda c: Gadget(runpy.run_path, _script(c)),
    "pathlib.Path.touch": lambda c: Gadget(Path.touch, c.path),
    "shutil.copy": lambda c: Gadget(shutil.copy, __file__, str(c.path)),
    "timeit.timeit": lambda c: Gadget(
        timeit.timeit, c.python, "pass", timeit.default_timer, 1
    ),
}


def pickled(canary: Canary, name: str, protocol: int = 4) -> bytes:
    """Return the pickle of a gadget."""
    return pickle.dumps(GADGETS[name](canary), protocol=protocol)


def object_array(canary: Canary, name: str) -> bytes:
    """Return an npy file of an array of objects, one of which is a gadget."""
    buffer = io.BytesIO()
    array = np.array([GADGETS[name](canary)], dtype=object)
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def archive_of(**members: bytes) -> bytes:
    """Return an npz file of these npy files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for word, data in members.items():
            archive.writestr(f"{word}.npy", data)
    return buffer.getvalue()


def torch_file(canary: Canary, name: str) -> bytes:
    """Return a file as torch.save writes it, whose pickle is a gadget."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickled(canary, name, 2))
        archive.writestr("archive/version", b"3\n")
    return buffer.getvalue()


def texts(canary: Canary) -> tuple[bytes, ...]:
    """Return texts that some readers of YAML, JSON or TOML make calls of."""
    pickle_64 = base64.b64encode(pickled(canary, "os.system")).decode()
    yaml = (
        f'!!python/object/apply:os.system ["{canary.shell}"]',
        f'title: !!python/object/new:os.system ["{canary.shell}"]',
        f"!!python/name:os.system\n--- !!binary {pickle_64}",
        f"!!python/module:os\n!!python/object/apply:eval ['{canary.shell}']",
    )
    trees = (
        {"__class__": "os.system", "args": [canary.shell]},
        {"py/object": "os.system", "py/reduce": [{"py/function": "os.system"}]},
        {"py/reduce": [{"py/type": "os.system"}, {"py/tuple": [canary.shell]}]},
        {"__reduce__": ["os.system", [canary.shell]]},
        {"_target_": "os.system", "_args_": [canary.shell]},
        {"$type": "System.Diagnostics.Process", "__import__": canary.python},
        {"problem": {"__class__": "os.system", "name": canary.python}},
    )
    return (
        *(text.encode() for text in yaml),
        *(json.dumps(tree).encode() for tree in trees),
        canary.python.encode(),
        f"__import__('os').system({canary.shell!r})".encode(),
    )
