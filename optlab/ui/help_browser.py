"""Shows one page of the help, with its pictures, and remembers the way to it."""

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QImage,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from optlab.translate import tr
from optlab.ui.help_dress import MARGIN, blocks, dress, pieces
from optlab.ui.help_pages import HOME, HelpPages
from optlab.ui.view_state import ViewState

SCHEME: Final = "help"
ZOOMS: Final = (0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
_WIDEST: Final = 820
"""Longer lines are hard to read."""
_MARKS: Final = 300


@dataclass(frozen=True)
class Visit:
    """A page, and how far down it a person was."""

    page: str
    down: int = 0


class HelpBrowser(QTextBrowser):
    """A page of the help.

    Args:
        pages: All pages.
        state: Where the theme is.

    `visited` carries the name of the page that is shown now, `zoomed` the new zoom.
    """

    visited = Signal(str)
    zoomed = Signal(float)

    def __init__(
        self, pages: HelpPages, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pages = pages
        self._state = state
        self._here = Visit("")
        self._back: list[Visit] = []
        self._forward: list[Visit] = []
        self._words: tuple[str, ...] = ()
        self.zoom = 1.0
        self.setObjectName("help.page")
        self.setAccessibleName(tr("Page of the help"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        # Tab leaves the page, however many links it has.
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(
            flags.TextSelectableByMouse
            | flags.TextSelectableByKeyboard
            | flags.LinksAccessibleByMouse
        )
        self.anchorClicked.connect(self._follow)
        state.theme_changed.connect(self.show_again)

    @property
    def page(self) -> str:
        """Name of the page that is shown; empty before the first one."""
        return self._here.page

    def visit(
        self, page: str, *, heading: str = "", words: tuple[str, ...] = ()
    ) -> None:
        """Go to a page.

        Args:
            page: Its name.
            heading: Where on the page to begin; empty for the top.
            words: What was searched for; it is marked.
        """
        if self.page and self.page != page:
            self._back.append(self._now())
            self._forward.clear()
        self._words = words
        self._show(Visit(page))
        if heading:
            self._go_to(heading)

    def can_go_back(self) -> bool:
        """Return whether there is a page from which one came."""
        return bool(self._back)

    def can_go_forward(self) -> bool:
        """Return whether there is a page from which one went back."""
        return bool(self._forward)

    def backward(self) -> None:
        """Go to the page from which one came."""
        if self._back:
            self._forward.append(self._now())
            self._words = ()
            self._show(self._back.pop())

    def forward(self) -> None:
        """Go to the page from which one went back."""
        if self._forward:
            self._back.append(self._now())
            self._words = ()
            self._show(self._forward.pop())

    def home(self) -> None:
        """Go to the first page."""
        self.visit(HOME)

    def next_link(self) -> None:
        """Go to the link after the place where the cursor is; at the end, the first."""
        links, at = self._links(), self.textCursor().selectionEnd()
        after = [link for link in links if link[0] >= at]
        self._choose(after[:1] or links[:1])

    def previous_link(self) -> None:
        """Go to the link before the place where the cursor is; else to the last."""
        links, at = self._links(), self.textCursor().selectionStart()
        before = [link for link in links if link[1] <= at]
        self._choose(before[-1:] or links[-1:])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow the link that was gone to."""
        address = self.textCursor().charFormat().anchorHref()
        if address and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.anchorClicked.emit(QUrl(address))
            return
        super().keyPressEvent(event)

    def set_zoom(self, zoom: float) -> None:
        """Show text larger or smaller."""
        if zoom != self.zoom:
            self.zoom = zoom
            self.setLineWrapColumnOrWidth(self._room() + 2 * MARGIN)
            self.show_again()
            self.zoomed.emit(zoom)

    def zoom_by(self, steps: int) -> None:
        """Show text so many sizes larger; smaller for a negative number."""
        nearest = min(range(len(ZOOMS)), key=lambda k: abs(ZOOMS[k] - self.zoom))
        self.set_zoom(ZOOMS[max(0, min(len(ZOOMS) - 1, nearest + steps))])

    @Slot()
    def show_again(self) -> None:
        """Show the same page anew, as theme or size are others."""
        if self.page:
            self._show(self._now())

    def loadResource(self, kind: int, url: QUrl | str) -> Any:
        """Return a picture of the page, no wider than there is room."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, url)
        path = self._address().resolved(QUrl(url)).path().lstrip("/")
        picture = QImage(str(self._pages.file(path)))
        if picture.isNull():
            return picture
        ratio = self.devicePixelRatioF()
        width = round(min(self._room(), picture.width()) * ratio)
        smooth = Qt.TransformationMode.SmoothTransformation
        small = picture.scaledToWidth(width, smooth)
        small.setDevicePixelRatio(ratio)
        return small

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let pictures be as wide as there is room."""
        before = self._room(event.oldSize())
        super().resizeEvent(event)
        self.setLineWrapColumnOrWidth(self._room() + 2 * MARGIN)
        if self.page and self._room() != before and "\ufffc" in self.toPlainText():
            self.show_again()

    def _room(self, size: QSize | None = None) -> int:
        whole = self.viewport().size() if size is None else size
        return min(max(whole.width() - 2 * MARGIN, 80), round(_WIDEST * self.zoom))

    def _now(self) -> Visit:
        return Visit(self.page, self.verticalScrollBar().value())

    def _show(self, visit: Visit) -> None:
        self._here = visit
        self.document().clear()
        self.setMarkdown(self._pages.text(visit.page))
        dress(self.document(), self._state.theme, zoom=self.zoom)
        self._mark()
        self.verticalScrollBar().setValue(visit.down)
        self.visited.emit(visit.page)

    def _links(self) -> list[tuple[int, int]]:
        """Return where the links of the page begin and end."""
        return [
            (begin, end)
            for block in blocks(self.document())
            for begin, end, look in pieces(block)
            if look.isAnchor()
        ]

    def _choose(self, links: list[tuple[int, int]]) -> None:
        """Select a link, if there is one, and bring it into view."""
        for begin, end in links:
            cursor = self.textCursor()
            cursor.setPosition(begin)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)

    def _mark(self) -> None:
        """Mark the words that were searched for."""
        marks: list[QTextEdit.ExtraSelection] = []
        for word in self._words:
            cursor = self.document().find(word)
            while not cursor.isNull() and len(marks) < _MARKS:
                mark = QTextEdit.ExtraSelection()
                mark.cursor = cursor
                look = cursor.charFormat()
                look.setBackground(QColor(self._state.theme.selected))
                mark.format = look
                marks.append(mark)
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    def _go_to(self, heading: str) -> None:
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and block.text() == heading:
                self.setTextCursor(QTextCursor(block))
                layout = self.document().documentLayout()
                top = layout.blockBoundingRect(block).top()
                self.verticalScrollBar().setValue(round(top) - 8)
                return
            block = block.next()

    def _address(self) -> QUrl:
        return QUrl(f"{SCHEME}:/{self._pages.path(self.page)}")

    @Slot(QUrl)
    def _follow(self, link: QUrl) -> None:
        url = self._address().resolved(link)
        if url.scheme() == SCHEME:
            self.visit(self._pages.name(url.path().lstrip("/")))
        else:
            QDesktopServices.openUrl(url)
