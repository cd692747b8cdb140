"""The list from which an optimizer is added: grouped by family, found by typing."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from optlab.params import format_number
from optlab.registry import Catalog, OptimizerInfo, ProblemInfo
from optlab.spec import incompatible
from optlab.translate import tr

NAME: Final = Qt.ItemDataRole.UserRole
WORDS: Final = Qt.ItemDataRole.UserRole + 1
SIZE: Final = (300, 620)


class OptimizerPicker(QFrame):
    """A pop-up with a search line over the optimizers of the catalog."""

    picked = Signal(str)
    """The name of the optimizer that was chosen."""

    def __init__(self, catalog: Catalog, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._catalog = catalog
        self._build()
        self._connect()

    def _build(self) -> None:
        self.setObjectName("optimizers.picker")
        self.setProperty("role", "popup")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        self._search = QLineEdit()
        self._search.setObjectName("optimizers.picker.search")
        self._search.setAccessibleName(tr("Search optimizers"))
        self._search.setPlaceholderText(tr("Search by name, family or year"))
        self._search.setClearButtonEnabled(True)
        self._list = QListWidget()
        self._list.setObjectName("optimizers.picker.list")
        self._list.setAccessibleName(tr("Optimizers"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setUniformItemSizes(False)
        self._words = QLabel()
        self._words.setObjectName("optimizers.picker.words")
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._words.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget in (self._search, self._list, self._words):
            layout.addWidget(widget)
        self.resize(*SIZE)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._take_current)
        self._search.installEventFilter(self)
        self._list.itemClicked.connect(self._take)
        self._list.itemActivated.connect(self._take)
        self._list.currentItemChanged.connect(self._describe)

    def open_at(self, corner: QPoint, problem: ProblemInfo) -> None:
        """Show the list with its upper left corner at a place on the screen.

        Args:
            corner: The place.
            problem: What the optimizers are to work on; those that cannot say why.
        """
        self._fill(problem)
        self._search.clear()
        self._filter("")
        screen = self.screen().availableGeometry()
        x = min(corner.x(), screen.right() - self.width())
        y = min(corner.y(), screen.bottom() - self.height())
        self.move(max(x, screen.left()), max(y, screen.top()))
        self.show()
        self._search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Up and Down in the search line walk through the list."""
        pressed = event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent):
            way = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if way is not None:
                self._walk(way)
                return True
        return super().eventFilter(watched, event)

    def _fill(self, problem: ProblemInfo) -> None:
        self._list.clear()
        infos = tuple(self._catalog.optimizers)
        families = list(dict.fromkeys(info.family for info in infos))
        for family in families:
            self._list.addItem(_heading(tr(family).capitalize()))
            for info in infos:
                if info.family == family:
                    self._list.addItem(_item(info, incompatible(info, problem)))

    def _filter(self, text: str) -> None:
        needle = text.casefold().strip()
        heading: QListWidgetItem | None = None
        fitting: list[QListWidgetItem] = []
        for row in range(self._list.count()):
            item = self._list.item(row)
            if not item.data(NAME):
                heading = item
                item.setHidden(True)
                continue
            fits = all(w in str(item.data(WORDS)) for w in needle.split())
            item.setHidden(not fits)
            if fits and heading is not None:
                heading.setHidden(False)
            if fits:
                fitting.append(item)
        if not fitting:
            self._list.setCurrentRow(-1)
            return
        # Who types the name of one means that one, wherever else the word occurs.
        named = [i for i in fitting if str(i.data(NAME)).casefold().startswith(needle)]
        self._list.setCurrentItem((named or fitting)[0])

    def _walk(self, direction: int) -> None:
        row = self._list.currentRow() + direction
        while 0 <= row < self._list.count():
            item = self._list.item(row)
            if item.data(NAME) and not item.isHidden():
                self._list.setCurrentItem(item)
                return
            row += direction

    def _describe(self, item: QListWidgetItem | None) -> None:
        self._words.setText("" if item is None else item.toolTip())

    def _take_current(self) -> None:
        for item in self._list.selectedItems():
            if not item.isHidden():
                self._take(item)

    def _take(self, item: QListWidgetItem) -> None:
        name = item.data(NAME)
        if name:
            self.close()
            self.picked.emit(str(name))


def _heading(text: str) -> QListWidgetItem:
    item = QListWidgetItem(text)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    font = item.font()
    font.setWeight(QFont.Weight.DemiBold)
    font.setPixelSize(11)
    item.setFont(font)
    return item


def _item(info: OptimizerInfo, reason: str) -> QListWidgetItem:
    item = QListWidgetItem(f"   {tr(info.label)}")
    item.setData(NAME, info.name)
    words = f"{info.name} {info.label} {tr(info.family)} {info.year} {info.description}"
    item.setData(WORDS, words.casefold())
    low, high = (format_number(number) for number in info.typical_lr)
    usual = tr("usual lr {low} to {high}", low=low, high=high)
    text = reason or tr(info.description)
    item.setToolTip(f"{text} ({info.year}; {usual})")
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, text)
    if reason:
        font = item.font()
        font.setItalic(True)
        item.setFont(font)
    return item
