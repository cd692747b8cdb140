"""Python files of the user's own: what ``path/to/file.py:Name`` names.

A form is made by looking at the file (`OwnPlace.tree`); it is run when a run is built
(`OwnPlace.load`). Imports neither torch nor NumPy.
"""

import ast
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from optlab.params import InputError
from optlab.translate import tr

# A file of Python that a person wrote is not larger.
_MOST_BYTES: Final = 4_000_000


@dataclass(frozen=True)
class OwnPlace:
    """A name in a file of the user's.

    Attributes:
        given: What was given.
        key: Where it was given, for messages.
        path: The file.
        word: The name in it.
    """

    given: str
    key: str
    path: Path
    word: str

    def tree(self) -> ast.Module:
        """Return the syntax of the file, of which no line is run.

        Raises:
            InputError: It cannot be read, or is no Python.
        """
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise self.refuse(tr("a file of at most {n} bytes", n=_MOST_BYTES))
            return ast.parse(self.path.read_bytes(), filename=str(self.path))
        except SyntaxError as error:
            line, reason = error.lineno or 0, error.msg
            text = tr("line {line} is no Python: {reason}", line=line, reason=reason)
            raise self.refuse(text) from None
        except InputError:
            raise
        # ValueError: null bytes; RecursionError and MemoryError: too deep a nest.
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            text = tr("cannot be read: {reason}", reason=reason)
            raise self.refuse(text) from None

    def load(self) -> object:
        """Run the file and return what it has under the name, None for nothing.

        Raises:
            InputError: It raises.
        """
        try:
            return getattr(_imported(self.path), self.word, None)
        # A user's code may raise anything, and leave by sys.exit.
        except (Exception, SystemExit) as error:
            raise self.raised(tr("raises at import"), error) from None

    def refuse(self, allowed: str) -> InputError:
        """Return the refusal of what was given."""
        return InputError(self.key, self.given, allowed)

    def raised(self, what: str, error: BaseException) -> InputError:
        """Return the refusal of code that raises, with what it raised."""
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return self.refuse(f"{what}: {reason}")


def own_place(given: str, key: str, *, form: str) -> OwnPlace:
    """Return what ``path/to/file.py:Name`` names.

    Args:
        given: What was given.
        key: Where it was given, for messages.
        form: How it has to look, for the message.

    Raises:
        InputError: It looks otherwise, or there is no such file.
    """
    file, colon, word = given.rpartition(":")
    if not colon or not file.endswith(".py") or not word.isidentifier():
        raise InputError(key, given, form)
    path = Path(file).expanduser()
    if not path.is_file():
        raise InputError(key, given, tr("no such file: {path}", path=file))
    return OwnPlace(given, key, path, word)


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
