"""The help: a page, the contents and a search beside it, offline."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QStackedWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.help_browser import HelpBrowser
from optlab.ui.help_pages import GUIDE, PLOTS, Found, HelpPages, Section, search
from optlab.ui.help_results import FOUND, HelpResults
from optlab.ui.icons import icon
from optlab.ui.view_state import ViewState

SIZE: Final = (980, 680)
SIDE: Final = 270
NAME: Final = Qt.ItemDataRole.UserRole


class HelpWindow(QDialog):
    """The help; not modal, so that one reads and tries at the same time.

    Args:
        pages: All pages.
        state: Where the theme is.
        parent: The window.

    `searched` comes when somebody begins to search, so that more can be read.
    """

    searched = Signal()

    def __init__(self, pages: HelpPages, state: ViewState, parent: QWidget) -> None:
        super().__init__(parent)
        self._pages = pages
        self._state = state
        self._sections: tuple[Section, ...] = ()
        self._items: dict[str, QTreeWidgetItem] = {}
        self.setObjectName("help")
        self.setWindowTitle(tr("Help"))
        room = self.screen().availableSize()
        self.resize(QSize(*SIZE).boundedTo(room * 0.92))
        self._build()
        self._connect()
        self._restyle()

    def _build(self) -> None:
        self.browser = HelpBrowser(self._pages, self._state)
        self._search = QLineEdit()
        self._search.setObjectName("help.search")
        self._search.setPlaceholderText(tr("Search the help"))
        self._search.setAccessibleName(tr("Search the help"))
        self._search.setClearButtonEnabled(True)
        self._contents = self._make_contents()
        self._results = HelpResults(self._state)
        self._nothing = QLabel(tr("Nothing is found; try fewer letters"))
        self._nothing.setObjectName("help.nothing")
        self._nothing.setProperty("role", "muted")
        self._nothing.setContentsMargins(10, 8, 10, 8)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.setWordWrap(True)
        self._lists = QStackedWidget()
        for widget in (self._contents, self._results, self._nothing):
            self._lists.addWidget(widget)
        side = QFrame()
        side.setProperty("role", "side")
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(10, 10, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._search)
        column.addWidget(self._lists, 1)
        page = QVBoxLayout()
        page.setSpacing(0)
        page.addLayout(self._make_buttons())
        page.addWidget(self.browser, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(side)
        layout.addLayout(page, 1)

    def _make_contents(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setObjectName("help.contents")
        tree.setAccessibleName(tr("Contents"))
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(True)
        tree.setIndentation(12)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for title, names in (
            (tr("User guide"), GUIDE),
            (tr("How to read a plot"), PLOTS),
            (tr("Reference"), self._pages.reference),
        ):
            part = QTreeWidgetItem(tree, [title])
            part.setFlags(part.flags() & ~Qt.ItemFlag.ItemIsSelectable)
            part.setExpanded(True)
            for name in names:
                item = QTreeWidgetItem(part, [self._pages.title(name)])
                item.setData(0, NAME, name)
                item.setToolTip(0, self._pages.title(name))
                self._items[name] = item
        return tree

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 8, 10, 6)
        row.setSpacing(4)
        self._back = self._button("back", tr("Back"), tr("Back (Alt+Left)"))
        self._forward = self._button(
            "forward", tr("Forward"), tr("Forward (Alt+Right)")
        )
        self._home = self._button("home", tr("First page"), tr("First page"))
        self._smaller = self._button("smaller", tr("Smaller text"), tr("Smaller text"))
        self._larger = self._button("larger", tr("Larger text"), tr("Larger text"))
        for button in (self._back, self._forward, self._home):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._smaller)
        row.addWidget(self._larger)
        return row

    def _button(self, part: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"help.{part}")
        button.setProperty("kind", "quiet")
        button.setAccessibleName(name)
        button.setToolTip(tip)
        return button

    def _connect(self) -> None:
        self._back.clicked.connect(self.browser.backward)
        self._forward.clicked.connect(self.browser.forward)
        self._home.clicked.connect(self.browser.home)
        self._smaller.clicked.connect(self._make_smaller)
        self._larger.clicked.connect(self._make_larger)
        self._search.textChanged.connect(self._look_for)
        self._search.returnPressed.connect(self._take_first)
        self._contents.itemClicked.connect(self._take_item)
        self._contents.itemActivated.connect(self._take_item)
        self._results.itemClicked.connect(self._take_found)
        self._results.itemActivated.connect(self._take_found)
        self.browser.visited.connect(self._show_place)
        self._state.theme_changed.connect(self._restyle)
        for keys, act in (
            (QKeySequence.StandardKey.Find, self._focus_search),
            (QKeySequence.StandardKey.ZoomIn, self._make_larger),
            (QKeySequence.StandardKey.ZoomOut, self._make_smaller),
            (QKeySequence("Alt+Left"), self.browser.backward),
            (QKeySequence("Alt+Right"), self.browser.forward),
            (QKeySequence("Alt+Down"), self.browser.next_link),
            (QKeySequence("Alt+Up"), self.browser.previous_link),
        ):
            QShortcut(keys, self).activated.connect(act)

    def open_page(self, name: str) -> None:
        """Show a page, and the window if it is not there."""
        self.browser.visit(name)
        self.show()
        self.raise_()
        self.activateWindow()
        self.browser.setFocus()

    def set_sections(self, sections: tuple[Section, ...]) -> None:
        """Say in what is searched; what was typed is searched for again."""
        self._sections = sections
        self._find()

    @Slot(str)
    def _look_for(self, _text: str) -> None:
        self.searched.emit()
        self._find()

    def _find(self) -> None:
        text = self._search.text()
        places = search(self._sections, text)
        self._results.show_found(places)
        shown: QWidget = self._results if places else self._nothing
        self._lists.setCurrentWidget(shown if text.strip() else self._contents)

    @Slot()
    def _take_first(self) -> None:
        if self._results.count():
            self._results.setCurrentRow(0)
            self._take_found(self._results.item(0))

    @Slot(QListWidgetItem)
    def _take_found(self, item: QListWidgetItem) -> None:
        place = item.data(FOUND)
        if isinstance(place, Found):
            words = tuple(self._search.text().split())
            self.browser.visit(place.page, heading=place.heading, words=words)

    @Slot(QTreeWidgetItem, int)
    def _take_item(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        name = item.data(0, NAME)
        if name:
            self.browser.visit(name)
        else:
            item.setExpanded(not item.isExpanded())

    @Slot(str)
    def _show_place(self, name: str) -> None:
        item = self._items.get(name)
        if item is not None:
            self._contents.setCurrentItem(item)
        self._back.setEnabled(self.browser.can_go_back())
        self._forward.setEnabled(self.browser.can_go_forward())

    @Slot()
    def _make_larger(self) -> None:
        self.browser.zoom_by(1)

    @Slot()
    def _make_smaller(self) -> None:
        self.browser.zoom_by(-1)

    @Slot()
    def _focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    @Slot()
    def _restyle(self) -> None:
        theme = self._state.theme
        for name, button in (
            ("back", self._back),
            ("forward", self._forward),
            ("home", self._home),
            ("minus", self._smaller),
            ("plus", self._larger),
        ):
            button.setIcon(icon(name, theme))
