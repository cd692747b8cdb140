"""What the editor of the experiment holds, and one step of its history."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakMethod

from PySide6.QtGui import QUndoCommand

from optlab.spec import ExperimentSpec


@dataclass(frozen=True)
class Draft:
    """What a person typed that cannot be used, and what would have been."""

    text: str
    allowed: str


@dataclass(frozen=True)
class Origin:
    """Where an experiment came from, and where it is saved."""

    source: str
    path: Path | None = None


@dataclass(frozen=True)
class State:
    """A spec, one lasting number for each of its optimizers, and its origin."""

    spec: ExperimentSpec
    ids: tuple[int, ...]
    origin: Origin


class Change(QUndoCommand):
    """One change of the experiment; consecutive ones of one field become one.

    Args:
        text: What was done, for the undo menu.
        put: Makes a state the present one.
        old: What there was.
        new: What there is to be.
        key: If not empty, a later change with the same key becomes one with this.
    """

    def __init__(
        self,
        text: str,
        put: Callable[[State], None],
        *,
        old: State,
        new: State,
        key: str,
    ) -> None:
        super().__init__(text)
        # Not held: a cycle through the stack crashes Python's garbage collector.
        self._method = WeakMethod(put)
        self.old = old
        self.new = new
        self.key = key

    def redo(self) -> None:
        """Make the change."""
        self._put(self.new)

    def undo(self) -> None:
        """Take it back."""
        self._put(self.old)

    def _put(self, state: State) -> None:
        put = self._method()
        if put is not None:
            put(state)

    def id(self) -> int:
        """Return the number that lets Qt offer a later change for merging."""
        return 1 if self.key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in a later change of the same field."""
        if not isinstance(other, Change) or other.key != self.key:
            return False
        self.new = other.new
        self.setText(other.text())
        self.setObsolete(self.new == self.old)
        return True
