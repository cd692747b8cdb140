"""Python files of the user's own: what ``path/to/file.py:Name`` names.

A form is made by looking at the file (`OwnPlace.tree`); it is run when a run is built
(`OwnPlace.load`), and only if somebody has allowed it (`OwnPlace.allow`). Imports
neither torch nor NumPy.
"""

import ast
import importlib.util
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from optlab.params import InputError, looks_like_path
from optlab.translate import tr
from optlab.trust import is_trusted, trust

# A file of Python that a person wrote is not larger.
_MOST_BYTES: Final = 4_000_000


class NotAllowed(InputError):
    """Code of a person's own that nobody has allowed to run."""


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
        data = self._data()
        try:
            return ast.parse(data, filename=str(self.path))
        except SyntaxError as error:
            line, reason = error.lineno or 0, error.msg
            text = tr("line {line} is no Python: {reason}", line=line, reason=reason)
            raise self.refuse(text) from None
        # ValueError: null bytes; RecursionError and MemoryError: too deep a nest.
        except (ValueError, RecursionError, MemoryError) as error:
            raise self._unreadable(error) from None

    def allowed(self) -> bool:
        """Return whether somebody has allowed the file, as it is now, to run.

        Raises:
            InputError: It cannot be read.
        """
        return is_trusted(self._data())

    def allow(self) -> None:
        """Allow the file, as it is now, to run, and remember that.

        Raises:
            InputError: It cannot be read, or that cannot be remembered.
        """
        try:
            trust(self._data(), self.path.absolute())
        except OSError as error:
            reason = error.strerror or str(error)
            text = tr("that it may run cannot be remembered: {reason}", reason=reason)
            raise self.refuse(text) from None

    def first_line(self) -> str:
        """Return the first line of the file that says something; for a question."""
        lines = self._data().decode("utf-8", errors="replace").splitlines()
        return next((line.strip() for line in lines if line.strip()), "")

    def load(self) -> object:
        """Run the file and return what it has under the name, None for nothing.

        Raises:
            NotAllowed: Nobody has allowed it to run; nothing of it was run.
            InputError: It raises.
        """
        data = self._data()
        if not is_trusted(data):
            text = tr("it is code that nobody has allowed to run, as it is now")
            raise NotAllowed(self.key, self.given, text)
        try:
            return getattr(_imported(self.path, data), self.word, None)
        # A user's code may raise anything, and leave by sys.exit.
        except (Exception, SystemExit) as error:
            raise self.raised(tr("raises at import"), error) from None

    def _data(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise self._unreadable(error) from None
        if len(data) > _MOST_BYTES:
            raise self.refuse(tr("a file of at most {n} bytes", n=_MOST_BYTES))
        return data

    def _unreadable(self, error: Exception) -> InputError:
        reason = " ".join(str(error).split()) or type(error).__name__
        return self.refuse(tr("cannot be read: {reason}", reason=reason))

    def refuse(self, allowed: str) -> InputError:
        """Return the refusal of what was given."""
        return InputError(self.key, self.given, allowed)

    def raised(self, what: str, error: BaseException) -> InputError:
        """Return the refusal of code that raises, with what it raised."""
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return self.refuse(f"{what}: {reason}")


def path_of(text: str) -> Path:
    """Return the path that a person typed; ``~`` is home, where there is one."""
    path = Path(text)
    with suppress(RuntimeError):
        return path.expanduser()
    return path


def is_file(path: Path) -> bool:
    """Return whether a path is a file; no name or folder is too odd to ask."""
    with suppress(OSError):
        return path.is_file()
    return False


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; no name or folder is too odd to ask."""
    with suppress(OSError):
        return path.is_dir()
    return False


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
    path = path_of(file)
    if not is_file(path):
        raise InputError(key, given, tr("no such file: {path}", path=file))
    return OwnPlace(given, key, path, word)


def not_allowed(given: Iterable[tuple[str, str]]) -> tuple[OwnPlace, ...]:
    """Return the files of code that nobody has allowed to run, each once.

    Args:
        given: Key and name of whatever can be the user's own; names of the catalog and
            files of data are passed over.

    Raises:
        InputError: A file cannot be read.
    """
    found: dict[Path, OwnPlace] = {}
    for key, name in given:
        if looks_like_path(name) and name.rpartition(":")[0].endswith(".py"):
            place = own_place(name, key, form="")
            if not place.allowed():
                found.setdefault(place.path, place)
    return tuple(found.values())


class _Loader(SourceFileLoader):
    """Runs the very bytes that were allowed: neither newer ones nor a cached .pyc."""

    def __init__(self, name: str, path: Path, data: bytes) -> None:
        super().__init__(name, str(path))
        self._data = data

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        """Return what the bytes say."""
        code: CodeType = self.source_to_code(self._data, self.path)
        return code


def _imported(path: Path, data: bytes) -> ModuleType:
    """Return a file as a module of its own, with its folder on the path meanwhile."""
    name = f"optlab_own_{path.stem}"
    spec = importlib.util.spec_from_file_location(
        name, path, loader=_Loader(name, path, data)
    )
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
