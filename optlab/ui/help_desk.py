"""Opens the help, at its first page or at the one that tells how to read a plot."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from optlab.translate import tr
from optlab.ui.background import BackgroundTask, Report
from optlab.ui.cards import Card
from optlab.ui.commands_page import commands_page
from optlab.ui.help_pages import (
    COMMANDS,
    GUIDE,
    HOME,
    PLOTS,
    HelpPages,
    Section,
    help_folder,
    page_of_plot,
)
from optlab.ui.help_window import HelpWindow

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

ZOOM: Final = "help/zoom"


class HelpDesk(QObject):
    """Opens the help; outlives the widgets.

    Args:
        window: The window.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._help: HelpWindow | None = None
        self._page = HOME
        self._open = False
        self._written: tuple[Section, ...] = ()
        self._rest: tuple[Section, ...] = ()
        self._reading: BackgroundTask | None = None
        window.rebuilt.connect(self._reopen)
        window.closing.connect(self.shutdown)

    def furnish(self) -> None:
        """Give the window, whose widgets are new, the command and the entries."""
        self.shutdown()
        self._help, self._written, self._rest = None, (), ()
        self._window.commands.add(
            "help",
            tr("User guide"),
            self.show,
            keys=["Shift+F1"],
            group="help",
            tip=tr("How everything is done, and how to read each plot"),
        )
        self._window.grid.run_cards.made.connect(self._add_entry)

    @Slot()
    def show(self) -> None:
        """Open the help where it was left."""
        self._open_at(self._page)

    def show_page(self, name: str) -> None:
        """Open the help at a page."""
        self._open_at(name)

    @property
    def window(self) -> HelpWindow | None:
        """The help; None before it was opened."""
        return self._help

    @Slot()
    def shutdown(self) -> None:
        """Wait, bounded, for what is being read."""
        if self._reading is not None:
            self._reading.ended.disconnect(self._take_rest)
            self._reading.shutdown()
            self._reading = None

    @Slot(Card)
    def _add_entry(self, card: Card) -> None:
        """Let the menu of a card lead to the page about its plot."""
        action = QAction(tr("How to read this plot"), card.menu)
        action.setObjectName(f"card-{card.name}-help")
        page = page_of_plot(card.name)
        action.triggered.connect(partial(self._open_for_card, page))
        card.menu.addSeparator()
        card.menu.addAction(action)

    def _open_for_card(self, page: str, _checked: bool = False) -> None:
        self.show_page(page)

    def _open_at(self, name: str) -> None:
        if self._help is None:
            self._help = self._make()
        self._open = True
        self._help.open_page(name)

    def _make(self) -> HelpWindow:
        window = self._window
        pages = HelpPages(
            window.session.catalog,
            commands=lambda: commands_page(window.commands),
            folder=help_folder(),
        )
        made = HelpWindow(pages, window.state, window.center)
        kept = window.session.settings.value(ZOOM)
        try:
            made.browser.set_zoom(float(str(kept)))
        except ValueError:
            made.browser.set_zoom(1.0)
        made.browser.zoomed.connect(self._keep_zoom)
        made.browser.visited.connect(self._keep_page)
        made.finished.connect(self._note_closed)
        made.searched.connect(partial(self._read, pages))
        return made

    def _read(self, pages: HelpPages) -> None:
        """Read all pages, once: the short ones now, the reference meanwhile."""
        if self._written or self._help is None:
            return
        # The list of commands asks actions, which belong to the GUI thread.
        short = (*GUIDE, *PLOTS, COMMANDS)
        long = tuple(n for n in pages.reference if n not in short)
        self._written = tuple(s for name in short for s in pages.sections(name))
        self._help.set_sections(self._written)

        def work(report: Report) -> None:
            found: list[Section] = []
            for number, name in enumerate(long):
                report.progress(number, len(long))
                found += pages.sections(name)
            self._rest = tuple(found)

        self._reading = BackgroundTask(work, parent=self)
        self._reading.ended.connect(self._take_rest)
        self._reading.start()

    @Slot(bool, str)
    def _take_rest(self, well: bool, _reason: str) -> None:
        self._reading = None
        if well and self._help is not None:
            self._help.set_sections((*self._written, *self._rest))

    @Slot(float)
    def _keep_zoom(self, zoom: float) -> None:
        self._window.session.settings.setValue(ZOOM, zoom)

    @Slot(str)
    def _keep_page(self, name: str) -> None:
        self._page = name

    @Slot()
    def _note_closed(self) -> None:
        self._open = False

    @Slot()
    def _reopen(self) -> None:
        """Open the help again in another language, if it was open."""
        if self._open:
            self.show()
