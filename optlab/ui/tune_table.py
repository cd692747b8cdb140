"""The table of a study: each optimizer's winner, and the final runs as they come."""

from math import isfinite
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from optlab.export.number_text import count, number
from optlab.params import format_number
from optlab.translate import tr
from optlab.ui.theme import series_style, ui_font
from optlab.ui.tune_picture import ProblemPicture, Row
from optlab.ui.view_state import ViewState

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_DASH: Final = "–"
_ROW_HEIGHT: Final = 27
_PAD: Final = 26


class TuneModel(QAbstractTableModel):
    """One row for each optimizer."""

    def __init__(self, state: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._picture: ProblemPicture | None = None
        self._cells: list[tuple[str, ...]] = []

    def show_picture(self, picture: ProblemPicture | None) -> None:
        """Show another state of a study, or none."""
        cells = [] if picture is None else [cells_of(row) for row in picture.rows]
        same = len(cells) == len(self._cells) and self._heads(picture) == self._heads(
            self._picture
        )
        if same:
            self._picture, self._cells = picture, cells
            self.restyle()
            return
        self.beginResetModel()
        self._picture, self._cells = picture, cells
        self.endResetModel()

    def restyle(self) -> None:
        """Tell the view that what is shown is another."""
        if self._cells:
            last = self.index(len(self._cells) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def text(self, row: int, column: str) -> str:
        """Return what the cell of a row in a named column says."""
        return self._cells[row][COLUMNS.index(column)]

    def rowCount(self, _parent: Index = _ROOT) -> int:
        """Return how many optimizers there are."""
        return len(self._cells)

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return how many columns there are."""
        return len(COLUMNS)

    def _heads(self, picture: ProblemPicture | None) -> tuple[str, ...]:
        if picture is None:
            return ()
        return (
            tr("Optimizer"),
            tr("Winner"),
            tr("Tuned: {metric}", metric=metric_words(picture.tuned_by)),
            tr("Width, decades"),
            tr("Trials"),
            tr("Final: {metric}", metric=metric_words(picture.metric)),
            tr("Quartiles"),
            tr("Seeds"),
        )

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = 0
    ) -> Any:
        """Return headings, aligned as their columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            heads = self._heads(self._picture)
            return heads[section] if section < len(heads) else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return text, alignment, colour and font of a cell."""
        assert self._picture is not None
        row = self._picture.rows[index.row()]
        column = COLUMNS[index.column()]
        text = self._cells[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
            case Qt.ItemDataRole.ForegroundRole:
                return self._color(row, column)
            case Qt.ItemDataRole.FontRole:
                return ui_font(bold=column == "label")
            case Qt.ItemDataRole.ToolTipRole:
                return f"{text}\n{row.note}" if row.note else text
            case _:
                return None

    def _alignment(self, column: int) -> int:
        left = COLUMNS[column] in ("label", "winner")
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def _color(self, row: Row, column: str) -> QColor:
        theme = self._state.theme
        if column == "label":
            return series_style(row.entry, theme).color
        if column == "winner" and row.note:
            return QColor(theme.warning)
        bad = (column == "trials" and row.lost) or (
            column == "seeds" and row.lost_seeds
        )
        return QColor(theme.danger if bad else theme.text)


COLUMNS: Final = (
    "label",
    "winner",
    "tuned",
    "width",
    "trials",
    "final",
    "quartiles",
    "seeds",
)


def cells_of(row: Row) -> tuple[str, ...]:
    """Return what a row of the table says."""
    winner = ", ".join(
        f"{name} {format_number(value) if isinstance(value, int | float) else value}"
        for name, value in row.winner
    )
    quartiles = _DASH
    if row.low is not None and row.high is not None:
        quartiles = f"{_measured(row.low)} … {_measured(row.high)}"
    return (
        row.label,
        winner or _DASH,
        _measured(row.tuned),
        _DASH if row.width is None else number(row.width, 2),
        _counted(row.trials, row.lost),
        _measured(row.final),
        quartiles,
        _counted(row.seeds, row.lost_seeds),
    )


def metric_words(metric: str) -> str:
    """Return a metric as people call it."""
    known = {
        "val_loss": tr("validation loss"),
        "val_accuracy": tr("validation accuracy"),
        "value": tr("value"),
        "train_loss": tr("training loss"),
    }
    return known.get(metric, metric)


def _measured(value: float | None) -> str:
    return _DASH if value is None or not isfinite(value) else number(value, 4)


def _counted(whole: int, lost: int) -> str:
    if not lost:
        return count(whole)
    return tr("{n}, {lost} diverged", n=count(whole), lost=count(lost))


class TuneTable(QTableView):
    """Shows the table at the height of its rows."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TuneModel(state, self)
        self.setModel(self.rows)
        self.setObjectName("tune.table")
        self.setAccessibleName(tr("Winners and final runs"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)
        state.theme_changed.connect(self._restyle)

    def show_picture(self, picture: ProblemPicture | None) -> None:
        """Show another state of a study, or none."""
        self.rows.show_picture(picture)
        for column in range(self.rows.columnCount()):
            texts = [self.rows.text(r, COLUMNS[column]) for r in range(self._count())]
            bold = self.fontMetrics() if column else _bold_metrics()
            wide = max((bold.horizontalAdvance(text) for text in texts), default=0)
            title = self.rows.headerData(
                column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole
            )
            metrics = self.horizontalHeader().fontMetrics()
            wide = max(wide, metrics.horizontalAdvance(str(title or "")))
            self.setColumnWidth(column, wide + _PAD)
        bar = self.horizontalScrollBar().sizeHint().height()
        head = self.horizontalHeader().sizeHint().height()
        rows = _ROW_HEIGHT * max(1, self._count())
        self.setFixedHeight(head + rows + bar + 2 * self.frameWidth() + 2)

    def _count(self) -> int:
        return self.rows.rowCount()

    @Slot()
    def _restyle(self) -> None:
        self.rows.restyle()


def _bold_metrics() -> QFontMetrics:
    return QFontMetrics(ui_font(bold=True))
