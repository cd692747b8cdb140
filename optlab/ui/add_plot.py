"""What can be added to the plots, and a pop-up that finds it by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.arrangement import PlotSettings, XAxis

SIZE: Final = (320, 360)
_LOW: Final = 160
_MARGIN: Final = 8
_KEYS: Final = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A plot that can be added.

    Attributes:
        name: The plot, or the metric of a second plot.
        text: What it is called.
        settings: How it is looked at; None for as it was last.
    """

    name: str
    text: str
    settings: PlotSettings | None = None


def second_looks(
    name: str, title: str, *, axis: XAxis, log: bool, counted: Iterable[XAxis]
) -> tuple[Offer, ...]:
    """Return further plots of what a plot shows: on other axes.

    Args:
        name: The plot.
        title: What it is called.
        axis: What its x axis counts.
        log: Whether its y axis is logarithmic.
        counted: What the x axes of the run can count.
    """
    others = {
        "step": tr("{title} against steps", title=title),
        "epoch": tr("{title} against epochs", title=title),
        "samples": tr("{title} against samples", title=title),
        "evaluations": tr("{title} against gradient evaluations", title=title),
        "seconds": tr("{title} against seconds", title=title),
    }
    found = [
        Offer(name=name, text=others[x], settings=PlotSettings(x_axis=x))
        for x in counted
        if x != axis
    ]
    text = (
        tr("{title} on a linear axis", title=title)
        if log
        else tr("{title} on a logarithmic axis", title=title)
    )
    scale = PlotSettings(y_scale="linear" if log else "log")
    return (*found, Offer(name=name, text=text, settings=scale))


class AddPlot(QFrame):
    """A search line over a list; Enter or a click takes one entry."""

    taken = Signal(object)
    """Carries the `Offer` that was taken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._offers: tuple[Offer, ...] = ()
        self.setObjectName("plots.add")
        self.setProperty("role", "popup")
        self.setAccessibleName(tr("Add a plot"))
        self._search = QLineEdit()
        self._search.setObjectName("plots.add.search")
        self._search.setPlaceholderText(tr("Search plots by name"))
        self._search.setAccessibleName(tr("Search plots by name"))
        self._search.setClearButtonEnabled(True)
        self._search.installEventFilter(self)
        self._list = QListWidget()
        self._list.setObjectName("plots.add.list")
        self._list.setAccessibleName(tr("Plots that can be added"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._none = QLabel()
        self._none.setProperty("role", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setWordWrap(True)
        self._stack = QStackedLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.addWidget(self._search)
        layout.addLayout(self._stack, 1)
        # Now that it belongs to this: it shows its first widget, as a window otherwise.
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._none)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._take_current)
        self._list.itemClicked.connect(self._take)
        self._list.itemActivated.connect(self._take)
        self.resize(*SIZE)

    def open_at(self, corner: QPoint, offers: Iterable[Offer]) -> None:
        """Open with the lower left corner at a point of the screen.

        Args:
            corner: The point.
            offers: What there is to add.
        """
        self._offers = tuple(offers)
        self._search.clear()
        self._filter("")
        self.resize(SIZE[0], self._height())
        screen = self.screen().availableGeometry()
        x = max(screen.left(), min(corner.x(), screen.right() - self.width()))
        y = max(screen.top(), corner.y() - self.height())
        self.move(x, y)
        self.show()
        self._search.setFocus()

    def _height(self) -> int:
        """Return how high it is with all its entries, up to a limit."""
        rows = self._list.count()
        entries = rows * self._list.sizeHintForRow(0) if rows else SIZE[1]
        spare = self._search.sizeHint().height() + 4 * _MARGIN
        return min(SIZE[1], max(entries + spare, _LOW))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let keys walk through the list while one types."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _KEYS:
                step = 1 if event.key() in (_KEYS[0], _KEYS[2]) else -1
                row = max(
                    0, min(self._list.count() - 1, self._list.currentRow() + step)
                )
                self._list.setCurrentRow(row)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self._list.clear()
        words = text.casefold().split()
        for offer in self._offers:
            there = f"{offer.text} {offer.name}".casefold()
            if all(word in there for word in words):
                item = QListWidgetItem(offer.text)
                item.setData(Qt.ItemDataRole.UserRole, offer)
                item.setToolTip(offer.name)
                self._list.addItem(item)
        self._list.setCurrentRow(0)
        none = tr("No plot is called that") if words else tr("All plots are shown")
        self._none.setText(none)
        self._stack.setCurrentIndex(0 if self._list.count() else 1)

    def _take_current(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self._take(item)

    def _take(self, item: QListWidgetItem) -> None:
        self.close()
        self.taken.emit(item.data(Qt.ItemDataRole.UserRole))
