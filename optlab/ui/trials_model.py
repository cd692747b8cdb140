"""What the table of trials says: one row for each trial, read from the run.

Above several seeds of one optimizer stands a row for all of them: how many there are,
how they ended, and medians with quartiles. The seeds below it can be folded away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from optlab.export.number_text import count, number
from optlab.records import State, TrialStart
from optlab.translate import tr
from optlab.ui import trials_groups
from optlab.ui.state_words import state_word
from optlab.ui.theme import series_style, ui_font
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData
    from optlab.store.status import TrialStatus

Index = QModelIndex | QPersistentModelIndex

TRIAL_ROLE: Final = int(Qt.ItemDataRole.UserRole)
SORT_ROLE: Final = TRIAL_ROLE + 1
ENTRY_ROLE: Final = TRIAL_ROLE + 2
GROUP_ROLE: Final = TRIAL_ROLE + 3
"""Whether a row is that of all seeds of an optimizer."""
NOT_MEASURED: Final = "–"
_ROOT: Final = QModelIndex()
LABEL, STATE = "label", "state"


@dataclass(frozen=True)
class Cell:
    """What one cell shows, and the value by which its column is sorted."""

    text: str
    value: float | str
    tip: str = ""


@dataclass(frozen=True)
class Line:
    """What one row is about: one trial, or all of an optimizer, of which it is one."""

    start: TrialStart
    group: bool = False


def state_text(status: "TrialStatus") -> str:
    """Return the state of a trial in words."""
    if status.state is State.DIVERGED:
        return tr("diverged at step {step}", step=count(status.step))
    return state_word(status.state)


def _measured(value: float | None, digits: int = 4) -> Cell:
    if value is None:
        return Cell(NOT_MEASURED, float("inf"))
    return Cell(number(value, digits), value if isfinite(value) else float("inf"))


class TrialsModel(QAbstractTableModel):
    """Trials as rows; `refresh` reads what is new.

    Args:
        state: Settings of all views.
    """

    def __init__(self, state: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._data: RunData | None = None
        self._minima: tuple[tuple[float, ...], ...] = ()
        self._trials: tuple[TrialStart, ...] = ()
        self._columns: tuple[tuple[str, str], ...] = ()
        self._rows: list[tuple[Cell, ...]] = []
        self._lines: tuple[Line, ...] = ()
        self._group_rows: dict[int, int] = {}
        self._folded: frozenset[int] = frozenset()

    def set_run(
        self, data: "RunData | None", minima: Sequence[tuple[float, ...]]
    ) -> None:
        """Show another run, or none."""
        self.beginResetModel()
        self._data, self._minima = data, tuple(minima)
        self._trials = () if data is None else data.trials
        self._columns = self._choose_columns()
        self._lines = _lines(self._trials)
        self._group_rows = {
            line.start.entry: k for k, line in enumerate(self._lines) if line.group
        }
        self._rows = self._all_rows()
        self.endResetModel()

    def refresh(self) -> None:
        """Read what is new."""
        if self._data is None:
            return
        if self._data.trials != self._trials:
            self.set_run(self._data, self._minima)
            return
        for k, row in enumerate(self._all_rows()):
            if row != self._rows[k]:
                self._rows[k] = row
                last = len(self._columns) - 1
                self.dataChanged.emit(self.index(k, 0), self.index(k, last))

    def restyle(self) -> None:
        """Tell the view that colours have changed."""
        if self._rows and self._columns:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def column_names(self) -> tuple[str, ...]:
        """Return the names of the columns, as code knows them."""
        return tuple(name for name, _ in self._columns)

    def trial(self, row: int) -> TrialStart:
        """Return the trial of a row; of a row for several, the first."""
        return self._lines[row].start

    def trials(self, row: int) -> tuple[TrialStart, ...]:
        """Return the trials that a row is about."""
        line = self._lines[row]
        if not line.group:
            return (line.start,)
        return tuple(t for t in self._trials if t.entry == line.start.entry)

    def is_group(self, row: int) -> bool:
        """Return whether a row is that of all seeds of an optimizer."""
        return self._lines[row].group

    def group_row(self, row: int) -> int | None:
        """Return the row for all seeds of the optimizer that a row is about."""
        return self._group_rows.get(self._lines[row].start.entry)

    def set_folded(self, entries: frozenset[int]) -> None:
        """Fold away the seeds of these optimizers."""
        self._folded = entries
        self.refresh()

    def is_folded(self, row: int) -> bool:
        """Return whether a row is folded away."""
        line = self._lines[row]
        there = line.start.entry in self._group_rows
        return there and not line.group and line.start.entry in self._folded

    def text(self, row: int, name: str) -> str:
        """Return what the cell of a row in a named column says."""
        return self._rows[row][self.column_names().index(name)].text

    def rowCount(self, _parent: Index = _ROOT) -> int:
        """Return how many trials there are."""
        return len(self._rows)

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return how many columns there are."""
        return len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = 0
    ) -> Any:
        """Return headings, aligned as their columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return text, alignment, colour and font of a cell."""
        row, column = index.row(), index.column()
        line, cell = self._lines[row], self._rows[row][column]
        start = line.start
        name = self._columns[column][0]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                return self._color(row, name)
            case Qt.ItemDataRole.FontRole:
                return self._font(start, name)
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tip if line.group else self._tool_tip(start, name)
            case _:
                known = {
                    TRIAL_ROLE: start.trial,
                    SORT_ROLE: cell.value,
                    ENTRY_ROLE: start.entry,
                    GROUP_ROLE: line.group,
                }
                return known.get(role)

    def _alignment(self, column: int) -> int:
        left = self._columns[column][0] in (LABEL, STATE)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def _font(self, start: TrialStart, name: str) -> QFont:
        """Return the font of a cell; the label of what is hidden is struck out."""
        font = ui_font(bold=name == LABEL)
        font.setStrikeOut(name == LABEL and start.entry in self._state.hidden)
        return font

    def _color(self, row: int, name: str) -> QColor:
        theme, start = self._state.theme, self._lines[row].start
        hidden = start.entry in self._state.hidden
        if name == LABEL:
            return series_style(start.entry, theme).color
        if name == STATE:
            bad = any(map(self._is_lost, self.trials(row)))
            return QColor(theme.danger if bad else theme.muted)
        return QColor(theme.muted if hidden else theme.text)

    def _tool_tip(self, start: TrialStart, name: str) -> str:
        assert self._data is not None
        reason = self._data.status(start.trial).reason
        if name == STATE and reason:
            return reason
        if name == LABEL:
            text = tr(
                "{optimizer}, seed {seed}", optimizer=start.optimizer, seed=start.seed
            )
            return "\n".join((text, *start.notes))
        return ""

    def _choose_columns(self) -> tuple[tuple[str, str], ...]:
        columns = [
            (LABEL, tr("Trial")),
            (STATE, tr("State")),
            ("step", tr("Steps")),
            ("loss", tr("Loss")),
            ("best", tr("Best")),
        ]
        metrics = () if self._data is None else self._data.metrics
        if "val_accuracy" in metrics or "train_accuracy" in metrics:
            columns.append(("accuracy", tr("Accuracy")))
        elif "val_loss" in metrics:
            columns.append(("val_loss", tr("Validation loss")))
        elif self._minima and "x0" in metrics:
            columns.append(("distance", tr("Distance to minimum")))
        columns += [("ms", tr("ms / step")), ("memory", tr("Memory"))]
        return tuple(columns)

    def _is_lost(self, start: TrialStart) -> bool:
        assert self._data is not None
        return self._data.status(start.trial).state in (State.DIVERGED, State.FAILED)

    def _all_rows(self) -> list[tuple[Cell, ...]]:
        rows = {start.trial: self._row(start) for start in self._trials}
        return [
            self._group_row(line.start.entry, rows)
            if line.group
            else rows[line.start.trial]
            for line in self._lines
        ]

    def _group_row(
        self, entry: int, rows: Mapping[int, tuple[Cell, ...]]
    ) -> tuple[Cell, ...]:
        """Return the row for all seeds of an optimizer."""
        assert self._data is not None
        own = [start for start in self._trials if start.entry == entry]
        lost = [self._is_lost(start) for start in own]
        states = [self._data.status(start.trial).state for start in own]
        cells = []
        for column, (name, _) in enumerate(self._columns):
            theirs = [rows[start.trial][column] for start in own]
            if name == LABEL:
                closed = entry in self._folded
                text = trials_groups.name_of(own[0].label, len(own), closed=closed)
                cells.append(Cell(text, f"{entry:06d}", own[0].optimizer))
            elif name == STATE:
                text = trials_groups.states_of(states)
                cells.append(Cell(text, text))
            else:
                cells.append(_group_cell(name, theirs, lost))
        return tuple(cells)

    def _row(self, start: TrialStart) -> tuple[Cell, ...]:
        assert self._data is not None
        status = self._data.status(start.trial)
        return tuple(self._cell(start, status, name) for name, _ in self._columns)

    def _cell(self, start: TrialStart, status: "TrialStatus", name: str) -> Cell:
        assert self._data is not None
        match name:
            case "label":
                text = self._name(start)
                return Cell(text, f"{start.entry:06d} {start.trial:06d}")
            case "state":
                return Cell(state_text(status), state_text(status))
            case "step":
                step = max(status.step, 0)
                return Cell(count(step), step)
            case "loss":
                return _measured(self._last(start, "train_loss"))
            case "best":
                lowest = self._data.series(start.trial, "train_loss").lowest()
                return _measured(None if lowest is None else lowest[1])
            case "accuracy":
                return self._accuracy(start)
            case "val_loss":
                return _measured(self._last(start, "val_loss"))
            case "distance":
                return _measured(self._distance(start))
            case "ms":
                if status.step < 1:
                    return _measured(None)
                return _measured(1000.0 * status.wall_time_s / status.step, 3)
            case _:
                return _memory(status.state_floats_per_param)

    def _name(self, start: TrialStart) -> str:
        seeds = {t.seed for t in self._trials if t.entry == start.entry}
        if len(seeds) < 2:
            return start.label
        return tr("{label} · seed {seed}", label=start.label, seed=start.seed)

    def _last(self, start: TrialStart, metric: str) -> float | None:
        assert self._data is not None
        series = self._data.series(start.trial, metric)
        # Row 0 has no training loss: nothing is measured before the first step.
        if not len(series) or (metric == "train_loss" and series.last_step == 0):
            return None
        return float(series.last)

    def _accuracy(self, start: TrialStart) -> Cell:
        value = self._last(start, "val_accuracy")
        assert self._data is not None
        if value is None and "val_accuracy" not in self._data.metrics:
            value = self._last(start, "train_accuracy")
        if value is None or not isfinite(value):
            return _measured(None)
        return Cell(tr("{percent} %", percent=f"{100.0 * value:.1f}"), value)

    def _distance(self, start: TrialStart) -> float | None:
        assert self._data is not None
        dims = len(self._minima[0])
        at = [self._last(start, f"x{k}") for k in range(dims)]
        if any(x is None for x in at):
            return None
        point = np.array([nan if x is None else x for x in at])
        with np.errstate(over="ignore", invalid="ignore"):
            gaps = np.linalg.norm(np.array(self._minima) - point, axis=1)
        return float(gaps.min())


def _memory(floats: float | None) -> Cell:
    if floats is None:
        return _measured(None)
    if floats == 0:
        return Cell("0", 0.0)
    return Cell(tr("{n}×", n=f"{floats:.3g}"), floats)


def _lines(trials: Sequence[TrialStart]) -> tuple[Line, ...]:
    """Return the rows: trials, and above those of several seeds one for all."""
    grouped, seen, found = trials_groups.grouped(trials), set(), []
    for start in trials:
        if start.entry in grouped and start.entry not in seen:
            seen.add(start.entry)
            # An overlay has the trials of one optimizer side by side, as a run has.
            found.append(Line(start, group=True))
        found.append(Line(start))
    return tuple(found)


def _group_cell(name: str, cells: Sequence[Cell], lost: Sequence[bool]) -> Cell:
    """Return what stands in a column for several trials."""
    values = [nan if isinstance(c.value, str) else float(c.value) for c in cells]
    if name == "step":
        return Cell(trials_groups.steps_of([int(v) for v in values]), max(values))
    unknown = [cell.text == NOT_MEASURED for cell in cells]
    if any(u and not gone for u, gone in zip(unknown, lost, strict=True)):
        return _measured(None)
    judged = name in ("loss", "val_loss", "distance", "accuracy")
    gone = list(lost) if judged else [False] * len(cells)
    values = [inf if u else v for u, v in zip(unknown, values, strict=True)]
    more = name == "accuracy"
    quartiles = trials_groups.middle_of(values, gone, more_is_better=more)
    if quartiles is None:
        return _measured(None)

    def text(value: float) -> str:
        if name == "accuracy" and isfinite(value):
            return tr("{percent} %", percent=f"{100.0 * value:.1f}")
        if name == "memory" and isfinite(value):
            return _memory(value).text
        return number(value, 3 if name == "ms" else 4)

    tip = trials_groups.tip_of(quartiles, text, lost=sum(gone))
    return Cell(text(quartiles[1]), quartiles[1], tip)
