"""What the table of past runs says: one row for each, sorted, pinned ones first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from optlab.export.curves import metric_info
from optlab.export.number_text import count, number
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.store.library import started
from optlab.store.run_facts import Result, RunFacts
from optlab.translate import tr, tr_n
from optlab.ui.library_shelf import WHEN, ShelfView
from optlab.ui.progress import duration
from optlab.ui.state_words import state_word

Index = QModelIndex | QPersistentModelIndex

FACTS_ROLE: Final = int(Qt.ItemDataRole.UserRole)
SECOND_ROLE: Final = FACTS_ROLE + 1
"""The second line of a cell."""
TITLE, RESULT, STATE, TIME, SIZE = "title", "result", "state", "time", "size"
COLUMNS: Final = (TITLE, RESULT, STATE, TIME, SIZE, WHEN)
NOT_KNOWN: Final = "–"
_NO_INDEX: Final = QModelIndex()
_KILO: Final = 1000


@dataclass(frozen=True)
class Cell:
    """What one cell shows: a line, and a quieter one below."""

    text: str
    second: str = ""


class RunsModel(QAbstractTableModel):
    """Runs as rows.

    Args:
        catalog: Knows what people call problems.
    """

    def __init__(self, catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._view = ShelfView()
        self._runs: tuple[RunFacts, ...] = ()

    @property
    def runs(self) -> tuple[RunFacts, ...]:
        """The runs in the order of the rows."""
        return self._runs

    def show_runs(self, runs: Iterable[RunFacts], view: ShelfView) -> bool:
        """Show other runs, or the same in another way.

        Returns:
            Whether the rows are others than before, so that selections are gone.
        """
        ordered = ordered_runs(runs, view)
        same = [f.path for f in ordered] == [f.path for f in self._runs]
        if same:
            self._runs, self._view = ordered, view
            if ordered:
                last = self.index(len(ordered) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
            return False
        self.beginResetModel()
        self._runs, self._view = ordered, view
        self.endResetModel()
        return True

    def row_of(self, path: Path) -> int | None:
        """Return the row of a run; None if it is not shown."""
        rows = (k for k, facts in enumerate(self._runs) if facts.path == path)
        return next(rows, None)

    def rowCount(self, _parent: Index = _NO_INDEX) -> int:
        """Return how many runs there are."""
        return len(self._runs)

    def columnCount(self, _parent: Index = _NO_INDEX) -> int:
        """Return how many columns there are."""
        return len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = 0
    ) -> Any:
        """Return headings, aligned as their columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        name = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = ("↓" if self._view.descending else "↑") + " "
            return (arrow if name == self._view.sort else "") + self._heading(name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr("Sort by {name}", name=self._heading(name))
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return the lines of a cell, its alignment, and the run."""
        facts, name = self._runs[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.cell(facts, name).text
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment(name)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tool_tip(facts, name)
            case Qt.ItemDataRole.AccessibleTextRole:
                cell = self.cell(facts, name)
                return ", ".join(part for part in (cell.text, cell.second) if part)
            case _:
                if role == SECOND_ROLE:
                    return self.cell(facts, name).second
                return facts if role == FACTS_ROLE else None

    def cell(self, facts: RunFacts, name: str) -> Cell:
        """Return what the cell of a run in a named column says."""
        if name == TITLE:
            what = facts.fault or self.about(facts)
            return Cell(run_title(facts), what)
        if name == SIZE:
            return Cell(size_words(facts.size))
        if facts.fault:
            return Cell(NOT_KNOWN)
        if name == RESULT:
            result = result_of(facts, self._view.metric)
            if result is None:
                return Cell(NOT_KNOWN)
            return Cell(result_words(self._view.metric, result.value), result.label)
        if name == STATE:
            return Cell(state_word(facts.state), steps_words(facts))
        if name == TIME:
            return Cell(duration(facts.seconds))
        when = started(facts)
        if when is None:
            return Cell(NOT_KNOWN)
        return Cell(when.strftime("%Y-%m-%d"), when.strftime("%H:%M"))

    def about(self, facts: RunFacts) -> str:
        """Return what a run compares, in one line."""
        parts = (problem_words(facts, self._catalog), ", ".join(facts.labels))
        return " · ".join(part for part in parts if part)

    def _heading(self, name: str) -> str:
        return {
            TITLE: tr("Run"),
            RESULT: metric_words(self._view.metric),
            STATE: tr("State"),
            TIME: tr("Time"),
            SIZE: tr("Size"),
            WHEN: tr("Started"),
        }[name]

    def _tool_tip(self, facts: RunFacts, name: str) -> str:
        if name == TITLE:
            lines = (run_title(facts), facts.fault or self.about(facts))
            return "\n".join((*lines, facts.notes.text.strip()[:300])).strip()
        if name == STATE:
            return facts.reason
        if name == TIME:
            return tr("Seconds that all trials spent in steps")
        if name == RESULT and not facts.fault:
            return metric_help(self._view.metric)
        return ""


def ordered_runs(runs: Iterable[RunFacts], view: ShelfView) -> tuple[RunFacts, ...]:
    """Return runs as they are sorted: pinned first, what is not known last."""
    key = _sort_key(view)
    # Newest first among equals, whatever they are sorted by.
    found = sorted(runs, key=lambda facts: facts.created, reverse=True)
    known = [facts for facts in found if key(facts) is not None]
    known.sort(key=lambda facts: key(facts) or 0, reverse=view.descending)
    unknown = [facts for facts in found if key(facts) is None]
    return tuple(sorted((*known, *unknown), key=lambda facts: not facts.notes.pinned))


def _sort_key(view: ShelfView) -> Callable[[RunFacts], Any]:
    def result(facts: RunFacts) -> float | None:
        found = result_of(facts, view.metric)
        return None if found is None else found.value

    keys: dict[str, Callable[[RunFacts], Any]] = {
        TITLE: lambda facts: run_title(facts).casefold(),
        RESULT: result,
        STATE: lambda facts: None if facts.fault else state_word(facts.state),
        TIME: lambda facts: None if facts.fault else facts.seconds,
        SIZE: lambda facts: facts.size,
        WHEN: lambda facts: facts.created or None,
    }
    return keys.get(view.sort, keys[WHEN])


def alignment(name: str) -> int:
    """Return how a column is aligned: numbers to the right."""
    left = name in (TITLE, STATE)
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def run_title(facts: RunFacts) -> str:
    """Return what a run is called: its title, or the folder that it lies in."""
    return tr(facts.title) if facts.title else facts.path.parent.name


def problem_words(facts: RunFacts, catalog: Catalog) -> str:
    """Return the problem of a run as people call it."""
    try:
        label = tr(catalog.problems.get(facts.problem).label)
    except InputError:
        label = facts.problem
    return ", ".join(part for part in (label, *facts.words) if part)


def steps_words(facts: RunFacts) -> str:
    """Return how far a run came."""
    if facts.step < facts.steps:
        step = max(facts.step, 0)
        return tr("{step} of {steps}", step=count(step), steps=count(facts.steps))
    return tr_n("{n} step", "{n:,} steps", n=facts.steps)


def size_words(size: int) -> str:
    """Return a number of bytes as people read it."""
    if size < _KILO**2:
        return tr("{n} kB", n=f"{size / _KILO:.0f}")
    if size < _KILO**3:
        return tr("{n} MB", n=f"{size / _KILO**2:,.1f}")
    return tr("{n} GB", n=f"{size / _KILO**3:,.1f}")


# -- results ---------------------------------------------------------------------------


def result_of(facts: RunFacts, metric: str) -> Result | None:
    """Return a result of a run; None where it has none.

    Args:
        facts: The run.
        metric: ``final:`` or ``best:`` and a metric.
    """
    kind, _, name = metric.partition(":")
    return (facts.bests if kind == "best" else facts.finals).get(name)


def results_offered(runs: Iterable[RunFacts]) -> tuple[str, ...]:
    """Return the results that some run has; what is most looked at comes first."""
    first = ("train_loss", "val_loss", "val_accuracy", "train_accuracy", "value")
    names: dict[str, None] = {}
    for facts in runs:
        for kind, results in (("final", facts.finals), ("best", facts.bests)):
            names.update(dict.fromkeys(f"{kind}:{name}" for name in results))

    def order(metric: str) -> tuple[int, str, bool]:
        kind, _, name = metric.partition(":")
        return first.index(name) if name in first else len(first), name, kind == "best"

    return tuple(sorted(names, key=order))


def metric_words(metric: str) -> str:
    """Return the name of a result: ``Training loss, final``."""
    kind, _, name = metric.partition(":")
    label = tr(metric_info(name).label)
    if kind == "best":
        return tr("{metric}, best", metric=label)
    return tr("{metric}, final", metric=label)


def metric_help(metric: str) -> str:
    """Return of which trial a result is."""
    kind, _, name = metric.partition(":")
    if metric_info(name).higher_is_better is None:
        return tr("At the end, of the trial with the lowest training loss")
    if kind == "best":
        return tr("The best value that any trial ever had")
    if name == "train_loss":
        return tr("Mean over the last tenth of the steps, of the best trial")
    return tr("At the end, of the best trial")


def result_words(metric: str, value: float) -> str:
    """Return a result as the tables of the window write it."""
    if metric.endswith("_accuracy"):
        return tr("{percent} %", percent=f"{100.0 * value:.1f}")
    return number(value)


def told_apart(runs: Sequence[RunFacts]) -> tuple[str, ...]:
    """Return when runs were started, in as few words as tell them apart."""
    moments = [started(facts) for facts in runs]
    one_day = len({when.date() for when in moments if when}) == 1
    day = "" if one_day and len(runs) > 1 else "%Y-%m-%d "
    minutes = _written(moments, f"{day}%H:%M")
    apart = len(set(minutes)) == len(minutes)
    return minutes if apart else _written(moments, f"{day}%H:%M:%S")


def _written(moments: Sequence[datetime | None], form: str) -> tuple[str, ...]:
    return tuple(when.strftime(form) if when else "" for when in moments)
