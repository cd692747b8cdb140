"""What the table of trials says: one row for each trial, read from the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
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
NOT_MEASURED: Final = "–"
_ROOT: Final = QModelIndex()
LABEL, STATE = "label", "state"


@dataclass(frozen=True)
class Cell:
    """What one cell shows, and the value by which its column is sorted."""

    text: str
    value: float | str


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

    def set_run(
        self, data: "RunData | None", minima: Sequence[tuple[float, ...]]
    ) -> None:
        """Show another run, or none."""
        self.beginResetModel()
        self._data, self._minima = data, tuple(minima)
        self._trials = () if data is None else data.trials
        self._columns = self._choose_columns()
        self._rows = [self._row(start) for start in self._trials]
        self.endResetModel()

    def refresh(self) -> None:
        """Read what is new."""
        if self._data is None:
            return
        if self._data.trials != self._trials:
            self.set_run(self._data, self._minima)
            return
        for k, start in enumerate(self._trials):
            row = self._row(start)
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
        """Return the trial of a row."""
        return self._trials[row]

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
        start, cell = self._trials[row], self._rows[row][column]
        name = self._columns[column][0]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                return self._color(start, name)
            case Qt.ItemDataRole.FontRole:
                return self._font(start, name)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tool_tip(start, name)
            case _:
                known = {
                    TRIAL_ROLE: start.trial,
                    SORT_ROLE: cell.value,
                    ENTRY_ROLE: start.entry,
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

    def _color(self, start: TrialStart, name: str) -> QColor:
        theme = self._state.theme
        hidden = start.entry in self._state.hidden
        if name == LABEL:
            return series_style(start.entry, theme).color
        if name == STATE:
            assert self._data is not None
            bad = self._data.status(start.trial).state in (State.DIVERGED, State.FAILED)
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
