"""The table of past runs: of each a picture, two lines of words, aligned figures."""

from typing import Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from optlab.records import State
from optlab.store.run_facts import RunFacts
from optlab.translate import tr
from optlab.ui.icons import pixmap
from optlab.ui.library_model import (
    COLUMNS,
    FACTS_ROLE,
    RESULT,
    SECOND_ROLE,
    SIZE,
    STATE,
    TIME,
    TITLE,
    Index,
    RunsModel,
)
from optlab.ui.library_pictures import SIZE as PICTURE
from optlab.ui.library_pictures import RunPictures
from optlab.ui.library_shelf import WHEN
from optlab.ui.theme import SECONDARY_PX, ui_font
from optlab.ui.view_state import ViewState

ROW_HEIGHT: Final = 56
_PAD: Final = 10
_PIN: Final = 12
_WIDTHS: Final = {RESULT: 132, STATE: 104, TIME: 72, SIZE: 76, WHEN: 100}
_NARROWEST_TITLE: Final = 320
_FIRST_TO_GO: Final = (SIZE, TIME, STATE)


class RunsTable(QTableView):
    """Shows a `RunsModel`.

    Args:
        model: The runs.
        pictures: Their small pictures.
        state: Gives the theme.
    """

    trash_key = Signal()
    """Delete was pressed."""
    leave_key = Signal()
    """Escape was pressed."""

    def __init__(
        self,
        model: RunsModel,
        pictures: RunPictures,
        *,
        state: ViewState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("library.table")
        self.setAccessibleName(tr("Runs"))
        self.setModel(model)
        self.setItemDelegate(_Delegate(pictures, state, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(40)
        pictures.changed.connect(self.viewport().update)
        state.theme_changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Trash on Delete, leave on Escape; everything else as tables do."""
        if event.key() == Qt.Key.Key_Delete:
            self.trash_key.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave_key.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width; what matters least goes first."""
        super().resizeEvent(event)
        self.fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Share out the width anew when fonts or style are others."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.fit_columns()

    def fit_columns(self) -> None:
        """Give every column that has room its width, and the first what is left."""
        room = self.viewport().width()
        widths = dict(_WIDTHS)
        heading = str(self.model().headerData(1, Qt.Orientation.Horizontal))
        wanted = self.fontMetrics().horizontalAdvance(heading) + 2 * _PAD + 8
        widths[RESULT] = min(max(widths[RESULT], wanted), 190)
        for name in _FIRST_TO_GO:
            if room - sum(widths.values()) < _NARROWEST_TITLE:
                widths.pop(name)
        for column, name in enumerate(COLUMNS):
            self.setColumnHidden(column, name != TITLE and name not in widths)
            width = widths.get(name, room - sum(widths.values()))
            self.setColumnWidth(column, width)

    def select_rows(self, rows: list[int]) -> None:
        """Select exactly these rows; the first becomes the current one."""
        model, selection = self.model(), self.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        selection.clearSelection()
        for row in rows:
            index = model.index(row, 0)
            selection.select(index, flags.Select | flags.Rows)
        if rows:
            at = model.index(rows[0], 0)
            selection.setCurrentIndex(at, flags.NoUpdate)
            self.scrollTo(at)

    def selected_runs(self) -> tuple[RunFacts, ...]:
        """Return the runs that are selected, in the order of the table."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.model().index(row, 0).data(FACTS_ROLE) for row in rows)


class _Delegate(QStyledItemDelegate):
    """Paints the cells."""

    def __init__(
        self, pictures: RunPictures, state: ViewState, view: QTableView
    ) -> None:
        super().__init__(view)
        self._pictures = pictures
        self._state = state

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(_NARROWEST_TITLE, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Paint one cell."""
        self.initStyleOption(option, index)
        option.text = ""
        option.state &= ~QStyle.StateFlag.State_HasFocus
        style = option.widget.style()
        control = QStyle.ControlElement.CE_ItemViewItem
        style.drawControl(control, option, painter, option.widget)
        facts: RunFacts = index.data(FACTS_ROLE)
        rect = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        painter.save()
        if COLUMNS[index.column()] == TITLE:
            rect = self._paint_picture(painter, rect, facts)
            rect = self._paint_pin(painter, rect, facts)
        self._paint_lines(painter, rect, facts, index)
        painter.restore()

    def _paint_picture(self, painter: QPainter, rect: QRect, facts: RunFacts) -> QRect:
        theme = self._state.theme
        box = QRect(rect.left(), 0, PICTURE.width(), PICTURE.height())
        box.moveTop(rect.top() + (rect.height() - box.height()) // 2)
        if facts.fault:
            size = 20
            mark = pixmap("warning", QColor(theme.danger), size=size, scale=2.0)
            corner = box.center()
            painter.drawPixmap(corner.x() - size // 2, corner.y() - size // 2, mark)
        else:
            ratio = painter.device().devicePixelRatioF()
            picture = self._pictures.picture(facts, theme, ratio)
            if picture is not None:
                painter.drawPixmap(box.topLeft(), picture)
        return rect.adjusted(box.width() + _PAD, 0, 0, 0)

    def _paint_pin(self, painter: QPainter, rect: QRect, facts: RunFacts) -> QRect:
        if not facts.notes.pinned:
            return rect
        mark = pixmap("pin", QColor(self._state.theme.accent), size=_PIN, scale=2.0)
        painter.drawPixmap(rect.left(), rect.top() + (rect.height() - _PIN) // 2, mark)
        return rect.adjusted(_PIN + 6, 0, 0, 0)

    def _paint_lines(
        self, painter: QPainter, rect: QRect, facts: RunFacts, index: Index
    ) -> None:
        theme, name = self._state.theme, COLUMNS[index.column()]
        first, second = str(index.data()), str(index.data(SECOND_ROLE) or "")
        top, bottom = QRect(rect), QRect(rect)
        if second:
            middle = rect.top() + rect.height() // 2
            top.setBottom(middle)
            bottom.setTop(middle + 1)
            top.adjust(0, 8, 0, 0)
            bottom.adjust(0, 0, 0, -8)
        _write(
            painter,
            top,
            first,
            font=ui_font(bold=name == TITLE),
            color=_color(name, facts, theme.danger, theme.accent, theme.text),
            align=index.data(Qt.ItemDataRole.TextAlignmentRole),
        )
        quiet = ui_font(SECONDARY_PX)
        if name == TITLE and facts.notes.tags:
            tags = " ".join(f"#{tag}" for tag in facts.notes.tags)
            shown = _write(painter, bottom, tags, font=quiet, color=theme.accent)
            bottom.adjust(shown + 8, 0, 0, 0)
        _write(
            painter,
            bottom,
            second,
            font=quiet,
            color=theme.danger if facts.fault else theme.muted,
            align=index.data(Qt.ItemDataRole.TextAlignmentRole),
        )


def _color(name: str, facts: RunFacts, bad: str, going: str, usual: str) -> str:
    if name != STATE or facts.fault:
        return usual
    if facts.state in (State.FAILED, State.DIVERGED):
        return bad
    return usual if facts.state.ended else going


def _write(
    painter: QPainter,
    rect: QRect,
    text: str,
    *,
    font: QFont,
    color: str,
    align: int | None = None,
) -> int:
    """Write a line as far as there is room; return its width."""
    if rect.width() < 2 * _PAD:
        return 0
    painter.setFont(font)
    painter.setPen(QColor(color))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    flags = Qt.AlignmentFlag.AlignVCenter if align is None else align
    painter.drawText(rect, int(flags), shown)
    return metrics.horizontalAdvance(shown)
