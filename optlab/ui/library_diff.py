"""The window that shows what differs between two experiments."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr, tr_n
from optlab.ui.experiment_diff import Row, diff_text
from optlab.ui.library_model import Index
from optlab.ui.theme import Theme, ui_font
from optlab.ui.view_state import ViewState

ABSENT: Final = "–"
_NO_INDEX: Final = QModelIndex()
_SIZE: Final = (760, 480)


class DiffDialog(QDialog):
    """Two experiments side by side; at first only what differs.

    Args:
        rows: Every parameter of both.
        left: What the first is called.
        right: What the second is called.
        state: Gives the theme.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        left: str,
        right: str,
        *,
        state: ViewState,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("diff")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Compare experiments"))
        self.resize(*_SIZE)
        self._rows = tuple(rows)
        self._names = left, right
        self.model = DiffModel(self._names, state.theme, self)
        self._build()
        self.all.toggled.connect(self._show)
        self.copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.close)
        self._show()

    def _build(self) -> None:
        self._count = QLabel()
        self._count.setObjectName("diff.count")
        self._count.setProperty("role", "muted")
        self.all = QCheckBox(tr("Show what is the same, too"))
        self.all.setObjectName("diff.all")
        self.table = QTableView()
        self.table.setObjectName("diff.table")
        self.table.setAccessibleName(tr("Parameters of both experiments"))
        self.table.setModel(self.model)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._same = QLabel(tr("Both experiments are the same."))
        self._same.setProperty("role", "subtitle")
        self._same.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._same)
        self.copy = QPushButton(tr("Copy"))
        self.copy.setObjectName("diff.copy")
        self.copy.setToolTip(tr("Copy the table, with tabs"))
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setObjectName("diff.close")
        line = QHBoxLayout()
        line.addWidget(self._count)
        line.addStretch(1)
        line.addWidget(self.all)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(line)
        layout.addWidget(self._stack, 1)
        layout.addLayout(buttons)
        self.table.setFocus()

    def shown(self) -> tuple[Row, ...]:
        """Return the rows that are shown."""
        everything = self.all.isChecked()
        return tuple(row for row in self._rows if everything or row.differs)

    def _show(self) -> None:
        rows = self.shown()
        self.model.set_rows(rows)
        self._stack.setCurrentWidget(self.table if rows else self._same)
        self.copy.setEnabled(bool(rows))
        differ = sum(row.differs for row in self._rows)
        self._count.setText(tr_n("{n} difference", "{n} differences", n=differ))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(diff_text(self.shown(), *self._names))


class DiffModel(QAbstractTableModel):
    """Rows of a comparison: where, what, here, there."""

    def __init__(
        self, names: tuple[str, str], theme: Theme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._heads = (tr("Where"), tr("Parameter"), *names)
        self._theme = theme
        self._rows: tuple[Row, ...] = ()

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, _parent: Index = _NO_INDEX) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def columnCount(self, _parent: Index = _NO_INDEX) -> int:
        """Return four."""
        return len(self._heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = 0
    ) -> Any:
        """Return the headings."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._heads[section]
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return int(left) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell; the place is said once for all rows that share it."""
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                above = self._rows[index.row() - 1] if index.row() else None
                repeated = above is not None and above.section == row.section
                return "" if column == 0 and repeated else self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(row, column)
            case Qt.ItemDataRole.ForegroundRole:
                quiet = column == 1 or not row.differs
                return QColor(self._theme.muted if quiet else self._theme.text)
            case Qt.ItemDataRole.FontRole:
                return ui_font(bold=column == 0)
            case _:
                return None

    def _text(self, row: Row, column: int) -> str:
        texts = (row.section, row.name, row.left, row.right)
        text = texts[column]
        return ABSENT if text is None else text
