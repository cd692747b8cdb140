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
DATA: Final = (".npz",)


def names_in(path: Path, *, base: str, functions: bool = False) -> tuple[str, ...]:
    """Return the public classes of a Python file, by reading it alone.

    Args:
        path: The file.
        base: End of the name of a base class; where classes have such a base, only
            these are returned.
        functions: Whether functions count, too.

    Raises:
        InputError: It cannot be read, is not Python, or has none.
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
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
    ]
    classes = [node for node in public if isinstance(node, ast.ClassDef)]
    fitting = [node for node in classes if _has_base(node, base)]
    made = [node for node in public if node not in classes] if functions else []
    found = [*(fitting or ([] if made else classes)), *made]
    if not found:
        raise InputError(str(path), None, tr("a file that defines a class"))
    return tuple(node.name for node in found)


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

    @Slot(str)
    def choose(self, key: str) -> None:
        """Take a model or a dataset of a person's own into the experiment.

        Args:
            key: Place of the parameter, ``problem.model`` or ``problem.dataset``.
        """
        try:
            if key.endswith(".model"):
                title = tr("Model from a Python file")
                text = self._class(title, base="Module", functions=True)
            else:
                text = self._data()
        except InputError as error:
            self._window.notice.say(str(error))
            return
        if text:
            self._window.editor.enter(key, text)
            self._window.editor.finish_edit()
            self._window.consent.ask_model(key, text)

    def _data(self) -> str:
        """Return a file of arrays or a folder of images; nothing for neither."""
        self._window.notice.hide()
        kinds = tr("A file of arrays (.npz)"), tr("A folder with a folder per class")
        title = tr("Your own data")
        kind = self._window.chooser.pick(title, tr("What do you have?"), kinds)
        if not kind:
            return ""
        if kind == kinds[0]:
            path = self._window.chooser.open(title, DATA)
        else:
            path = self._window.chooser.folder(title)
        return "" if path is None else str(path)

    def _class(self, title: str, *, base: str, functions: bool = False) -> str:
        """Return ``file.py:Class``, or nothing where a person changed their mind."""
        self._window.notice.hide()
        path = self._window.chooser.open(title, PYTHON)
        if path is None:
            return ""
        found = names_in(path, base=base, functions=functions)
        if len(found) == 1:
            return f"{path}:{found[0]}"
        chosen = self._window.chooser.pick(
            title, tr("Which of those in {file}?", file=path.name), found
        )
        return f"{path}:{chosen}" if chosen else ""
