"""What a window begins with: what was asked for, what was open last, or the welcome.

What is asked for by name wins, and what was open last is kept aside. After a crash one
goes on where one was; otherwise the welcome page offers that, unless a person wants it
at once. A picture that a script takes neither reads nor changes what was open.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from optlab.params import InputError
from optlab.translate import tr
from optlab.ui.app import WindowOptions
from optlab.ui.pages import LAB
from optlab.ui.preferences import Preferences
from optlab.ui.welcome_desk import WELCOME
from optlab.ui.workspace_keeper import FILE, WorkspaceKeeper

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


def wants_lab(options: WindowOptions, preferences: Preferences) -> bool:
    """Return whether a window is to show the lab first, whatever was open last."""
    return _is_explicit(options) or not preferences.value("welcome")


def _is_explicit(options: WindowOptions) -> bool:
    return options.start or any((options.preset, options.spec_path, options.run_path))


class Beginning(QObject):
    """Gives a new window its content, its place and its page.

    Args:
        window: The window, not yet shown.
        options: What was asked for.

    Attributes:
        keeper: Keeps the workspace from now on; None where a script takes a picture.

    Raises:
        InputError: What is to be opened cannot be.
    """

    def __init__(self, window: MainWindow, options: WindowOptions) -> None:
        super().__init__(window)
        self._window = window
        self._options = options
        self._explicit = _is_explicit(options)
        self.keeper: WorkspaceKeeper | None = None
        restored = False
        if options.screenshot is None:
            self.keeper = self._make_keeper()
            restored = self._bring_back(self.keeper)
        self._open()
        self._place(restored)
        page = self._page()
        if page == WELCOME:
            window.welcome.show()
        else:
            window.show_page(page)
        if self.keeper is not None:
            window.at_last(self.keeper.watch)

    def _make_keeper(self) -> WorkspaceKeeper:
        window = self._window
        settings = Path(window.session.settings.fileName())
        keeper = WorkspaceKeeper(window, path=settings.with_name(FILE))
        window.welcome.continue_wanted.connect(self._go_on)
        window.closing.connect(keeper.close)
        return keeper

    def _bring_back(self, keeper: WorkspaceKeeper) -> bool:
        """Put back what was open last time, or keep it aside; return whether it is."""
        window = self._window
        if not keeper.owner:
            window.notice.say(
                tr("OptLab is open already: this window begins afresh and is not kept"),
                severity="info",
            )
            return False
        if self._explicit or self._options.fresh:
            keeper.set_aside()
            window.welcome.offer(keeper.title())
            self._tell_problem(keeper)
            return False
        window.welcome.offer(keeper.title())
        if self._page() == WELCOME:
            # Behind that page, and only when the window has the parts to put it in.
            window.at_last(self._restore)
        else:
            self._restore()
        return keeper.stored is not None

    @Slot()
    def _restore(self) -> None:
        keeper, window = self.keeper, self._window
        if keeper is None:
            return
        restored = keeper.restore()
        window.welcome.offer(keeper.title())
        if restored and keeper.crashed and not keeper.problem:
            window.notice.say(
                tr("Put back what was open when OptLab ended"), severity="info"
            )
        self._tell_problem(keeper)

    def _tell_problem(self, keeper: WorkspaceKeeper) -> None:
        if keeper.problem:
            self._window.notice.say(keeper.problem, severity="warning")

    def _open(self) -> None:
        window, options = self._window, self._options
        if options.spec_path is not None:
            window.editor.load(options.spec_path)
            window.session.recent.add(options.spec_path, "experiment")
        if options.run_path is not None and not window.runs.load_run(options.run_path):
            raise InputError(str(options.run_path), None, window.notice.text)
        if options.device != WindowOptions.device:
            window.bar.set_device(options.device)

    def _place(self, restored: bool) -> None:
        window, options = self._window, self._options
        if options.size is not None:
            window.resize(*options.size)
        elif restored and self.keeper is not None:
            self.keeper.put_window()
        elif options.screenshot is None:
            room = window.screen().availableGeometry().size()
            window.resize(window.size().boundedTo(room))

    def _page(self) -> str:
        if self._explicit:
            return LAB
        keeper = self.keeper
        stored = None if keeper is None or self._options.fresh else keeper.stored
        if stored is not None and not stored.closed:
            return stored.page if stored.page in self._window.pages.names() else LAB
        preferences = self._window.session.preferences
        return LAB if wants_lab(self._options, preferences) else WELCOME

    @Slot()
    def _go_on(self) -> None:
        """Go to what was open last time, which is there or kept aside."""
        keeper = self.keeper
        if keeper is None:
            return
        aside = self._explicit or self._options.fresh
        if aside and not self._window.controller.active:
            # A person may have begun something else here meanwhile.
            keeper.restore(undoable=True)
            self._window.welcome.offer("")
        self._window.show_page(LAB)
