"""The page of past runs: search, table, and a pane about what is selected."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from optlab.registry import Catalog
from optlab.store.run_facts import RunFacts
from optlab.translate import tr, tr_n
from optlab.ui.actions import add_entry
from optlab.ui.fields import QuietCombo
from optlab.ui.flow_layout import FlowLayout
from optlab.ui.icons import pixmap
from optlab.ui.library_details import RunDetails
from optlab.ui.library_model import (
    COLUMNS,
    TITLE,
    RunsModel,
    metric_words,
    problem_words,
    results_offered,
    run_title,
    size_words,
)
from optlab.ui.library_pictures import RunPictures
from optlab.ui.library_shelf import Shelf
from optlab.ui.library_table import RunsTable
from optlab.ui.theme import set_property
from optlab.ui.view_state import ViewState

LOOK_MS: Final = 2000
MOST_TAGS: Final = 12
MOST_IN_TRASH: Final = 12
_MARK: Final = 40
_SEARCH_WIDTH: Final = 240
_RESULT_WIDTH: Final = 200


class _Search(QLineEdit):
    """A field that Escape leaves."""

    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Keep Escape from whoever else has a use for it."""
        mine = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if mine and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class LibraryPage(QWidget):
    """Past runs.

    Args:
        shelf: The runs.
        catalog: Knows what people call problems.
        state: Gives the theme.
        pictures: Small pictures of the runs.
        blocked: Returns why a run cannot be opened now; empty if it can.
    """

    leave_wanted = Signal()
    """Back to the lab."""
    start_wanted = Signal()
    """There is no run yet, and there should be one."""

    def __init__(
        self,
        shelf: Shelf,
        catalog: Catalog,
        *,
        state: ViewState,
        pictures: RunPictures,
        blocked: Callable[[RunFacts], str],
    ) -> None:
        super().__init__()
        self.setObjectName("library")
        self._shelf = shelf
        self._catalog = catalog
        self._state = state
        self._blocked = blocked
        self._listing = False
        self.model = RunsModel(catalog, self)
        self.table = RunsTable(self.model, pictures, state=state)
        self.details = RunDetails(shelf, catalog, state=state)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._build()
        self._connect()
        self._show()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(1, 4, 1, 4)
        inner.addWidget(self.table)
        self._body = QWidget()
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addWidget(card, 1)
        body.addWidget(self.details)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._body)
        self._stack.addWidget(self._make_empty())
        self._tags = QWidget()
        self._tags.setObjectName("library.tag-chips")
        self._tag_layout = FlowLayout(self._tags)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(self._make_head())
        layout.addWidget(self._tags)
        layout.addWidget(self._stack, 1)
        self._order_keys()

    def _make_head(self) -> QHBoxLayout:
        self.back = QPushButton(tr("← Lab"))
        self.back.setObjectName("library.back")
        self.back.setProperty("kind", "quiet")
        self.back.setToolTip(tr("Back to the plots (Esc)"))
        headline = QLabel(tr("Runs"))
        headline.setProperty("role", "headline")
        self._count = QLabel()
        self._count.setObjectName("library.count")
        self._count.setProperty("role", "muted")
        self.search = _Search(self._shelf.view.query)
        self.search.setObjectName("library.search")
        self.search.setAccessibleName(tr("Search the runs"))
        self.search.setPlaceholderText(tr("Search, or tag:word"))
        self.search.setToolTip(
            tr(
                "All words are looked for in title, problem, optimizers, tags, notes "
                "and date; tag:word asks for that tag (Ctrl+F)"
            )
        )
        self.search.setFixedWidth(_SEARCH_WIDTH)
        self.results: QComboBox = QuietCombo()
        self.results.setObjectName("library.metric")
        self.results.setMinimumWidth(_RESULT_WIDTH)
        self.results.setAccessibleName(tr("Result that is shown"))
        self.results.setToolTip(tr("Result that the table shows"))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.back)
        head.addWidget(headline)
        head.addWidget(self._count)
        head.addWidget(self._make_trash())
        head.addStretch(1)
        head.addWidget(self.results)
        head.addWidget(self.search)
        return head

    def _make_trash(self) -> QPushButton:
        self.trash = QPushButton()
        self.trash.setObjectName("library.bin")
        self.trash.setProperty("kind", "quiet")
        self.trash.setToolTip(tr("Runs that were moved to the trash"))
        menu = QMenu(self.trash)
        menu.setObjectName("library.bin-menu")
        menu.aboutToShow.connect(self._fill_trash)
        self.trash.setMenu(menu)
        return self.trash

    def _make_empty(self) -> QWidget:
        empty = QFrame()
        empty.setObjectName("library.empty")
        empty.setProperty("role", "card")
        self._mark = QLabel()
        self._headline = QLabel()
        self._headline.setObjectName("library.empty.headline")
        self._headline.setProperty("role", "headline")
        self._advice = QLabel()
        self._advice.setProperty("role", "subtitle")
        self._advice.setWordWrap(True)
        self.start = QPushButton(tr("Go to the lab"))
        self.start.setObjectName("library.empty.start")
        self.clear = QPushButton(tr("Show all runs"))
        self.clear.setObjectName("library.empty.clear")
        layout = QVBoxLayout(empty)
        layout.setSpacing(8)
        layout.addStretch(2)
        for label in (self._mark, self._headline, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        for button in (self.start, self.clear):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)
        return empty

    def _connect(self) -> None:
        self._shelf.changed.connect(self._show)
        self._timer.timeout.connect(self._look)
        self._state.theme_changed.connect(self._show)
        self.back.clicked.connect(self.leave_wanted)
        self.table.leave_key.connect(self.leave_wanted)
        self.start.clicked.connect(self.start_wanted)
        self.clear.clicked.connect(self._clear)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._to_table)
        self.results.activated.connect(self._on_metric)
        self.table.activated.connect(self._on_activated)
        self.table.trash_key.connect(self._on_trash_key)
        self.table.customContextMenuRequested.connect(self._on_menu)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        self.table.horizontalHeader().sectionClicked.connect(self._on_sort)
        for keys in (QKeySequence(QKeySequence.StandardKey.Find), QKeySequence("/")):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.focus_search)
        self.search.left.connect(self._leave_search)

    # -- what is shown -----------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Look what there is."""
        super().showEvent(event)
        self._shelf.refresh()
        self._timer.start()
        self.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more; what was typed is written."""
        super().hideEvent(event)
        self._timer.stop()
        self._shelf.flush()

    @Slot()
    def _look(self) -> None:
        """Follow runs that go on."""
        if any(not facts.state.ended and not facts.fault for facts in self._shelf.runs):
            self._shelf.refresh()

    @Slot()
    def _show(self) -> None:
        wanted = self._shelf.wanted(self._known_as)
        self._listing = True
        if self.model.show_runs(wanted, self._shelf.view):
            rows = [self.model.row_of(path) for path in self._shelf.view.selected]
            self.table.select_rows([row for row in rows if row is not None])
        self._listing = False
        if wanted and not self.table.selected_runs():
            self.table.select_rows([0])
        self.table.fit_columns()
        self._show_words(len(wanted))
        self._show_metrics()
        self._show_tags()
        self._show_details()

    def _known_as(self, facts: RunFacts) -> str:
        """Return the words of this window by which a run can be found."""
        return f"{run_title(facts)}\n{problem_words(facts, self._catalog)}"

    def _show_words(self, shown: int) -> None:
        runs = self._shelf.runs
        total = size_words(sum(facts.size for facts in runs))
        count = tr_n("{n} run", "{n:,} runs", n=len(runs))
        text = tr("{count} · {size}", count=count, size=total)
        if shown < len(runs):
            text = tr("{shown} of {count}", shown=f"{shown:,}", count=count)
        self._count.setText(text if runs else "")
        self.trash.setVisible(bool(self._shelf.trash))
        self.trash.setText(tr("Trash: {n}", n=len(self._shelf.trash)))
        self._stack.setCurrentIndex(0 if shown else 1)
        for widget in (self.results, self.search):
            widget.setVisible(bool(runs))
        self.start.setVisible(self._shelf.listed and not runs)
        self.clear.setVisible(bool(runs))
        headline, advice = _empty_words(bool(runs), listed=self._shelf.listed)
        self._headline.setText(headline)
        self._advice.setText(advice)
        color = QColor(self._state.theme.faint)
        ratio = max(self.devicePixelRatioF(), 2.0)
        name = "search" if runs else "curve"
        self._mark.setPixmap(pixmap(name, color, size=_MARK, scale=ratio))

    def _show_metrics(self) -> None:
        view = self._shelf.view
        offered = results_offered(self._shelf.runs) or (view.metric,)
        if view.metric not in offered:
            offered = (view.metric, *offered)
        there = [self.results.itemData(k) for k in range(self.results.count())]
        if there != list(offered):
            self.results.clear()
            for metric in offered:
                self.results.addItem(metric_words(metric), metric)
        self.results.setCurrentIndex(offered.index(view.metric))

    def _show_tags(self) -> None:
        tags = self._shelf.tags()[:MOST_TAGS]
        chosen = self._shelf.view.tags
        tags = (*tags, *sorted(chosen - set(tags)))
        chips = self._tags.findChildren(QPushButton)
        if [chip.property("tag") for chip in chips] != list(tags):
            for chip in chips:
                self._tag_layout.removeWidget(chip)
                chip.setParent(None)
                chip.deleteLater()
            for tag in tags:
                self._tag_layout.addWidget(self._make_chip(tag))
        for chip in self._tags.findChildren(QPushButton):
            chip.setChecked(chip.property("tag") in chosen)
        self._tags.setVisible(bool(tags))
        self._tags.setFixedHeight(self._tag_layout.heightForWidth(self.width() - 24))

    def _make_chip(self, tag: str) -> QPushButton:
        chip = QPushButton(f"#{tag}", self._tags)
        chip.setObjectName(f"library.tag.{tag}")
        chip.setAccessibleName(tr("Only runs with the tag {tag}", tag=tag))
        chip.setToolTip(chip.accessibleName())
        chip.setCheckable(True)
        chip.setProperty("tag", tag)
        set_property(chip, "kind", "chip")
        chip.clicked.connect(self._on_tag)
        return chip

    def _show_details(self) -> None:
        runs = self.table.selected_runs()
        reasons = (self._blocked(facts) for facts in runs)
        blocked = "" if not runs else min(reasons, key=len)
        self.details.show_runs(runs, blocked=blocked)

    @Slot()
    def _fill_trash(self) -> None:
        menu = self.trash.menu()
        menu.clear()
        for number, each in enumerate(reversed(self._shelf.trash[-MOST_IN_TRASH:])):
            text = tr("Bring back {name}", name=each.path.parent.name)
            act = partial(self._shelf.bring_back, (each,))
            add_entry(menu, f"library.bin.{number}", text, act)
        menu.addSeparator()
        text = tr("Hand all on to the trash of the desktop")
        add_entry(menu, "library.bin.empty", text, self._shelf.empty_trash)

    def _order_keys(self) -> None:
        """Let Tab go from top to bottom, from left to right."""
        details = self.details
        order = (
            *(self.back, self.trash, self.results, self.search, self.table),
            *(details.pin, details.tags, details.notes, details.open),
            *(details.overlay, details.compare, details.copy, details.folder),
            *(details.trash, self.start, self.clear),
        )
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    # -- what a person does --------------------------------------------------------

    @Slot()
    def focus_search(self) -> None:
        """Let a person type what to search for."""
        self.search.setFocus()
        self.search.selectAll()

    @Slot()
    def _to_table(self) -> None:
        self.table.setFocus()

    @Slot()
    def _leave_search(self) -> None:
        self.search.clear()
        self.table.setFocus()

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self._shelf.set_view(replace(self._shelf.view, query=text))
        self._show()

    @Slot()
    def _clear(self) -> None:
        self._shelf.set_view(replace(self._shelf.view, query="", tags=frozenset()))
        self.search.clear()
        self._show()

    @Slot()
    def _on_metric(self) -> None:
        metric = str(self.results.currentData())
        self._shelf.set_view(replace(self._shelf.view, metric=metric))
        self._show()

    @Slot()
    def _on_tag(self) -> None:
        chips = self._tags.findChildren(QPushButton)
        tags = frozenset(str(c.property("tag")) for c in chips if c.isChecked())
        self._shelf.set_view(replace(self._shelf.view, tags=tags))
        self._show()

    @Slot(int)
    def _on_sort(self, column: int) -> None:
        name, view = COLUMNS[column], self._shelf.view
        # Names are read from A on, numbers from the largest.
        descending = not view.descending if name == view.sort else name != TITLE
        self._shelf.set_view(replace(view, sort=name, descending=descending))
        self._show()

    @Slot()
    def _on_selection(self) -> None:
        if self._listing:
            return
        paths = tuple(facts.path for facts in self.table.selected_runs())
        self._shelf.set_view(replace(self._shelf.view, selected=paths))
        self._show_details()

    @Slot(QModelIndex)
    def _on_activated(self, _index: QModelIndex) -> None:
        if self.details.open.isEnabled():
            self.details.open.click()
        elif self.details.overlay.isEnabled():
            self.details.overlay.click()

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        """Offer what can be done with the selected runs where the mouse is."""
        menu = QMenu(self.table)
        menu.setObjectName("library.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        details = self.details
        for button in (
            *(details.open, details.overlay, details.compare, details.folder),
            details.trash,
        ):
            name, tip = f"{button.objectName()}.entry", button.toolTip()
            entry = add_entry(menu, name, button.text(), button.click, tip=tip)
            entry.setEnabled(button.isEnabled())
        menu.insertMenu(entry, details.copy_menu).setEnabled(details.copy.isEnabled())
        menu.popup(self.table.viewport().mapToGlobal(at))

    @Slot()
    def _on_trash_key(self) -> None:
        if self.details.trash.isEnabled():
            self.details.trash.click()


def _empty_words(some: bool, *, listed: bool) -> tuple[str, str]:
    """Return headline and advice for a page without a row."""
    if some:
        return tr("No run matches"), tr("Search for fewer words, or take off a tag.")
    if not listed:
        return tr("Reading the runs"), tr("The first time this takes a moment.")
    return (
        tr("No runs yet"),
        tr("Every run that you start is kept, and can be found and compared here."),
    )
