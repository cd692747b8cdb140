"""The table of trials: where each one stands, in figures that line up."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from optlab.store.overlay import Overlay
from optlab.translate import tr
from optlab.ui import trials_groups
from optlab.ui.clock import ViewClock
from optlab.ui.contour import SurfaceLike
from optlab.ui.trials_model import (
    ENTRY_ROLE,
    GROUP_ROLE,
    SORT_ROLE,
    TrialsModel,
)
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_ROW_HEIGHT: Final = 27
_PAD: Final = 28
_TIGHT: Final = 24
_NARROWEST: Final = 56


class _Rows(QSortFilterProxyModel):
    """Sorts optimizers by what all their seeds say, and the seeds below that."""

    def lessThan(
        self,
        left: QModelIndex | QPersistentModelIndex,
        right: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Return whether one row stands above another, as sorting goes up."""
        first, last = self._key(left), self._key(right)
        if first[0] == last[0] and first[2] != last[2]:
            # The row for all seeds stands above them, whichever way one sorts.
            up = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return bool(first[2] == up)
        if first[0] == last[0]:
            return bool(first[3] < last[3])
        return bool((first[1], first[0]) < (last[1], last[0]))

    def _key(self, index: QModelIndex | QPersistentModelIndex) -> tuple[Any, ...]:
        """Return which rows it stays with, what these are sorted by, and its own value.

        The third of the four is whether it is the row for all seeds. Where there is
        none, each trial stands for itself.
        """
        model, value = self.sourceModel(), index.data(SORT_ROLE)
        assert isinstance(model, TrialsModel)
        row = model.group_row(index.row())
        if row is None:
            return index.row(), value, False, value
        common = model.index(row, index.column()).data(SORT_ROLE)
        return row, common, row == index.row(), value

    def filterAcceptsRow(
        self, row: int, _parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Return whether a row is not folded away."""
        model = self.sourceModel()
        assert isinstance(model, TrialsModel)
        return not model.is_folded(row)


class _Table(QTableView):
    """A table view that hands on the keys that mean something here."""

    stop_key = Signal()
    fold_key = Signal(bool)
    copy_key = Signal()
    mouse_left = Signal()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is gone."""
        super().leaveEvent(event)
        self.mouse_left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Stop on Delete, copy on the copy key."""
        if event.key() == Qt.Key.Key_Delete:
            self.stop_key.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_key.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.fold_key.emit(event.key() == Qt.Key.Key_Left)
        else:
            super().keyPressEvent(event)


class TrialsTable(QWidget):
    """One row for each trial of a run.

    Args:
        state: Settings of all views.
        clock: Draws it.

    `stop_trial_requested` carries the number of a trial that is to stop,
    `rate_requested` that of one that is to have another learning rate.
    """

    stop_trial_requested = Signal(int)
    rate_requested = Signal(int)

    def __init__(
        self, state: ViewState, clock: ViewClock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._data: RunData | None = None
        self.model = TrialsModel(state, self)
        self._proxy = _Rows(self)
        self._folded: frozenset[int] = frozenset()
        self._folded_by_hand: dict[int, bool] = {}
        self._proxy.setSourceModel(self.model)
        self._proxy.setSortRole(SORT_ROLE)
        self.view = _Table()
        self._widths: list[int] = []
        self._build()
        self._connect()
        clock.register(self)

    def _build(self) -> None:
        self.setObjectName("trials")
        self.view.setObjectName("trials-table")
        self.view.setAccessibleName(tr("Trials"))
        self.view.setModel(self._proxy)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setMouseTracking(True)
        self.view.setTabKeyNavigation(False)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.view.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(_NARROWEST)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)
        self.view.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        header.setSortIndicatorShown(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 4)
        layout.addWidget(self.view)
        self._build_menu()

    def _build_menu(self) -> None:
        self.menu = QMenu(self)
        self.menu.setObjectName("trials-menu")
        self.stop_action = self._action("stop", tr("Stop this trial\tDel"))
        self.rate_action = self._action("rate", tr("Change its learning rate…"))
        self.hide_action = self._action("hide", tr("Hide or show its curves"))
        self.alone_action = self._action("alone", tr("Show this one alone"))
        self.fold_action = self._action("fold", tr("Fold or unfold all seeds"))
        self.menu.addSeparator()
        self.copy_action = self._action("copy", tr("Copy the table"))

    def _action(self, part: str, text: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"trials-{part}")
        self.menu.addAction(action)
        return action

    def _connect(self) -> None:
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.view.stop_key.connect(self._stop_selected)
        self.view.copy_key.connect(self.copy)
        self.view.fold_key.connect(self._fold_selected)
        self.view.clicked.connect(self._on_click)
        self.fold_action.triggered.connect(self._fold_all)
        self.view.entered.connect(self._on_entered)
        self.view.mouse_left.connect(self._on_mouse_left)
        self.view.doubleClicked.connect(self._on_double_click)
        self.stop_action.triggered.connect(self._stop_selected)
        self.rate_action.triggered.connect(self._change_rate)
        self.hide_action.triggered.connect(self._hide_selected)
        self.alone_action.triggered.connect(self._isolate_selected)
        self.copy_action.triggered.connect(self.copy)
        self._state.changed.connect(self.model.restyle)

    def set_run(
        self, data: "RunData | None", surface: SurfaceLike | None = None
    ) -> None:
        """Show another run, or none.

        Args:
            data: The run.
            surface: Its surface, for the distance to the nearest minimum.
        """
        self._data = data
        self.model.set_run(data, () if surface is None else surface.minima)
        self._fold()
        self._set_widths()

    def shown(self) -> bool:
        """Return whether a person can see it."""
        return self.isVisible()

    def revision(self) -> Hashable:
        """Return a value that differs when there is something new to show."""
        return (-1 if self._data is None else self._data.revision), self.width()

    def draw(self) -> None:
        """Show what is new."""
        before = self.model.rowCount()
        self.model.refresh()
        if self.model.rowCount() != before:
            self._fold()
        self._set_widths()

    def fit_due(self) -> bool:
        """Return False; a table has no range."""
        return False

    def fit(self) -> None:
        """Do nothing."""

    def paint_seconds(self) -> float:
        """Return 0; painting it costs next to nothing."""
        return 0.0

    def copy(self) -> None:
        """Put the whole table on the clipboard, with tabs, as it is sorted."""
        columns = range(self._proxy.columnCount())
        horizontal = Qt.Orientation.Horizontal
        lines = ["\t".join(str(self._proxy.headerData(c, horizontal)) for c in columns)]
        lines += [
            "\t".join(str(self._proxy.index(r, c).data()) for c in columns)
            for r in range(self._proxy.rowCount())
        ]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def _set_widths(self) -> None:
        """Give every column what it needs and share out what is left."""
        columns = self._proxy.columnCount()
        if not columns:
            return
        needed = []
        metrics, header = self.view.fontMetrics(), self.view.horizontalHeader()
        for column in range(columns):
            texts = [
                str(self._proxy.index(row, column).data())
                for row in range(self._proxy.rowCount())
            ]
            head = str(self._proxy.headerData(column, Qt.Orientation.Horizontal))
            widest = max(metrics.horizontalAdvance(t) for t in (*texts, head))
            if column == 0:
                widest = round(widest * 1.08)
            needed.append(max(widest + _PAD, _NARROWEST))
        room = self.view.viewport().width()
        if sum(needed) > room:
            needed = [max(width - _PAD + _TIGHT, _NARROWEST) for width in needed]
        spare = max(0, room - sum(needed)) // columns
        widths = [width + spare for width in needed]
        if widths == self._widths:
            return
        # A column that shrinks by a few pixels with every figure would be restless.
        if self._widths and len(self._widths) == columns and room >= sum(self._widths):
            steady = zip(widths, self._widths, strict=True)
            if all(old - 40 <= new <= old for new, old in steady):
                return
        self._widths = widths
        for column, width in enumerate(widths):
            header.resizeSection(column, width)

    def _selected(self) -> list[tuple[int, int]]:
        """Return trials and their optimizers; of a row for several, all of them."""
        rows = self.view.selectionModel().selectedRows()
        found = [
            (start.trial, start.entry)
            for index in rows
            for start in self.model.trials(self._proxy.mapToSource(index).row())
        ]
        return list(dict.fromkeys(found))

    # -- folding -------------------------------------------------------------------

    def _fold(self) -> None:
        """Fold away the seeds that nobody has asked to see, where there are many."""
        trials = () if self._data is None else self._data.trials
        first = trials_groups.folded(trials)
        groups = trials_groups.grouped(trials)
        kept = self._folded_by_hand
        self._folded = frozenset(e for e in groups if kept.get(e, e in first))
        self.model.set_folded(self._folded)
        self._proxy.invalidate()

    def _set_fold(self, entry: int, closed: bool) -> None:
        self._folded_by_hand[entry] = closed
        self._fold()
        self._set_widths()

    def _fold_selected(self, closed: bool) -> None:
        for index in self.view.selectionModel().selectedRows()[:1]:
            self._set_fold(int(index.data(ENTRY_ROLE)), closed)

    def _fold_all(self) -> None:
        trials = () if self._data is None else self._data.trials
        groups = trials_groups.grouped(trials)
        closed = self._folded != groups
        self._folded_by_hand |= dict.fromkeys(groups, closed)
        self._fold()
        self._set_widths()

    def _on_click(self, index: QModelIndex) -> None:
        """Fold or unfold where the name of a row for several seeds is clicked."""
        if index.column() == 0 and index.data(GROUP_ROLE):
            entry = int(index.data(ENTRY_ROLE))
            self._set_fold(entry, entry not in self._folded)

    def _stop_selected(self) -> None:
        for trial, _ in self._selected():
            if self._data is not None and not self._data.status(trial).state.ended:
                self.stop_trial_requested.emit(trial)

    def _change_rate(self) -> None:
        for trial, _ in self._selected()[:1]:
            self.rate_requested.emit(trial)

    def _hide_selected(self) -> None:
        entries = frozenset(entry for _, entry in self._selected())
        self._state.set_hidden(self._state.hidden ^ entries)

    def _isolate_selected(self) -> None:
        for _, entry in self._selected()[:1]:
            self._isolate(entry)

    def _isolate(self, entry: int) -> None:
        if self._data is not None:
            among = frozenset(start.entry for start in self._data.trials)
            self._state.isolate(entry, among=among)

    def _on_menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if not index.isValid():
            return
        if not self.view.selectionModel().isRowSelected(index.row(), QModelIndex()):
            self.view.selectRow(index.row())
        for action in (self.stop_action, self.rate_action):
            action.setEnabled(self._any_runs())
        trials = () if self._data is None else self._data.trials
        self.fold_action.setVisible(bool(trials_groups.grouped(trials)))
        self.menu.popup(self.view.viewport().mapToGlobal(at))

    def _any_runs(self) -> bool:
        data = self._data
        # Several runs as one are looked at, not steered.
        return (
            data is not None
            and not isinstance(data, Overlay)
            and any(not data.status(trial).state.ended for trial, _ in self._selected())
        )

    def _on_entered(self, index: QModelIndex) -> None:
        self._state.set_hovered(int(index.data(ENTRY_ROLE)))

    def _on_mouse_left(self) -> None:
        self._state.set_hovered(None)

    def _on_double_click(self, index: QModelIndex) -> None:
        self._isolate(int(index.data(ENTRY_ROLE)))
