"""Optimizers, models and data of a person's own: which file, and which class in it.

A file is only read here; its code runs when an experiment that names it starts.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot

from optlab.params import InputError
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

PYTHON: Final = (".py",)


def classes_in(path: Path, *, base: str) -> tuple[str, ...]:
    """Return the public classes of a Python file, by reading it alone.

    Args:
        path: The file.
        base: End of the name of a base class; where classes have such a base, only
            these are returned.

    Raises:
        InputError: It cannot be read, is not Python, or has no class.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be read: {reason}", reason=reason)
        raise InputError(str(path), None, text) from None
    except (SyntaxError, ValueError) as error:
        text = tr("not valid Python: {reason}", reason=error)
        raise InputError(str(path), None, text) from None
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    if not found:
        raise InputError(str(path), None, tr("a file that defines a class"))
    fitting = [node.name for node in found if _has_base(node, base)]
    return tuple(fitting or [node.name for node in found])


def _has_base(node: ast.ClassDef, base: str) -> bool:
    return any(ast.unparse(each).endswith(base) for each in node.bases)


class OwnFileDesk(QObject):
    """Asks for files of a person's own and hands them to the experiment."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def add_optimizer(self) -> None:
        """Add an optimizer that a person brings as a class in a file."""
        try:
            name = self._class(tr("Optimizer from a Python file"), base="Optimizer")
            if name:
                self._window.session.catalog.optimizers.get(name)
                self._window.optimizers_panel.add(name)
        except InputError as error:
            self._window.notice.say(str(error))

    def _class(self, title: str, *, base: str) -> str:
        """Return ``file.py:Class``, or nothing where a person changed their mind."""
        self._window.notice.hide()
        path = self._window.chooser.open(title, PYTHON)
        if path is None:
            return ""
        found = classes_in(path, base=base)
        if len(found) == 1:
            return f"{path}:{found[0]}"
        chosen = self._window.chooser.pick(
            title, tr("{file} has several classes:", file=path.name), found
        )
        return f"{path}:{chosen}" if chosen else ""
