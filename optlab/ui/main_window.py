"""The main window: docks around the plots, and the wires between the parts.

It holds no state of its own: the experiment is in the editor, the run in the
controller, the settings of the views in the view state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMetaObject,
    QObject,
    QSettings,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from optlab.translate import current_language, set_language, tr
from optlab.ui.appearance import Appearance
from optlab.ui.controller import Phase, RunController
from optlab.ui.dialogs import DialogChooser, FileChooser
from optlab.ui.editor import SpecEditor
from optlab.ui.furnishing import furnish
from optlab.ui.messages import Messages
from optlab.ui.notice import Notice
from optlab.ui.pages import Pages
from optlab.ui.preferences import Preferences
from optlab.ui.recent import Recent
from optlab.ui.status import StatusBar
from optlab.ui.theme import apply_theme, theme_named
from optlab.ui.tour_steps import TourGuide
from optlab.ui.view_state import ViewState
from optlab.ui.welcome_desk import WELCOME, WelcomeDesk

if TYPE_CHECKING:
    from optlab.cards import CardKind
    from optlab.plugins import Plugin
    from optlab.registry import Catalog
    from optlab.ui.basin_map_desk import BasinMapDesk
    from optlab.ui.clock import ViewClock
    from optlab.ui.commands import Commands
    from optlab.ui.consent import ConsentDesk
    from optlab.ui.datasets import DatasetDesk
    from optlab.ui.desk import Desk
    from optlab.ui.dropping import DropDesk
    from optlab.ui.explainer import Explainer
    from optlab.ui.exporting import ExportDesk
    from optlab.ui.front_desk import FrontDesk
    from optlab.ui.help_desk import HelpDesk
    from optlab.ui.library_desk import LibraryDesk
    from optlab.ui.menus import MainMenu
    from optlab.ui.monitor import RunMonitor
    from optlab.ui.optimizers_panel import OptimizersPanel
    from optlab.ui.own_files import OwnFileDesk
    from optlab.ui.plot_desk import PlotDesk
    from optlab.ui.plot_grid import PlotGrid
    from optlab.ui.problem_panel import ProblemPanel
    from optlab.ui.rates import RateDesk
    from optlab.ui.run_desk import RunDesk
    from optlab.ui.spec_desk import SpecDesk
    from optlab.ui.start_desk import StartDesk
    from optlab.ui.study import Study
    from optlab.ui.toolbar import TopBar
    from optlab.ui.trials_pane import TrialsPane
    from optlab.ui.trials_table import TrialsTable
    from optlab.ui.tune_desk import TuneDesk
    from optlab.ui.verdict_desk import VerdictDesk
    from optlab.ui.verdict_reader import VerdictReader

DEFAULT_SIZE: Final = (1440, 900)
_WANTS_ALL: Final = frozenset(
    {
        QEvent.Type.ShortcutOverride,
        QEvent.Type.KeyPress,
        QEvent.Type.ContextMenu,
    }
)
"""Events that come to the window where no widget takes them: a shortcut, above all."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """What outlives a window: experiment, run and views, and where things are kept.

    Attributes:
        catalog: What experiments are made of.
        editor: The experiment.
        controller: The run.
        state: How things are looked at.
        runs: Folder of the runs.
        data_folder: Folder of the datasets; None for the usual one.
        cache: Folder of what can be made again.
        settings: What is remembered from one time to the next.
        preferences: What a person prefers for every experiment.
        messages: What the window has said.
        recent: Files that were at work last.
        plugins: The plug-ins that are installed.
    """

    catalog: Catalog
    editor: SpecEditor
    controller: RunController
    state: ViewState
    runs: Path
    cache: Path
    settings: QSettings
    preferences: Preferences
    messages: Messages
    recent: Recent
    data_folder: Path | None = None
    plugins: tuple[Plugin, ...] = ()


class MainWindow(QMainWindow):
    """The window of OptLab.

    Args:
        session: What outlives it.
        chooser: Asks for files; None for dialogs.
        at_once: Whether all of it is made now; otherwise only the frame and the welcome
            page are, and the rest once they have been painted.
    """

    painted = Signal()
    """The window has been painted for the first time."""
    furnished = Signal()
    """It has been painted, and everything in it is there."""
    rebuilt = Signal()
    """All widgets are others, as the language is another one."""
    closing = Signal()
    """The window is about to close; everything is still there."""

    _pieces: Iterator[None] | None = None

    # What `furnish` makes: the desks, then the widgets.
    study: Study
    reader: VerdictReader
    datasets: DatasetDesk
    runs: RunDesk
    specs: SpecDesk
    exports: ExportDesk
    consent: ConsentDesk
    own_files: OwnFileDesk
    plots: PlotDesk
    rates: RateDesk
    library: LibraryDesk
    drops: DropDesk
    help: HelpDesk
    verdicts: VerdictDesk
    tuning: TuneDesk
    basins: BasinMapDesk
    commands: Commands
    clock: ViewClock
    bar: TopBar
    grid: PlotGrid
    table: TrialsTable
    trials: TrialsPane
    problem_panel: ProblemPanel
    optimizers_panel: OptimizersPanel
    explainer: Explainer
    desk: Desk
    monitor: RunMonitor
    front: FrontDesk
    starts: StartDesk
    menu: MainMenu

    def __init__(
        self,
        session: Session,
        *,
        chooser: FileChooser | None = None,
        at_once: bool = True,
    ) -> None:
        super().__init__()
        self.session = session
        self.editor = session.editor
        self.controller = session.controller
        self.state = session.state
        self.chooser = chooser or DialogChooser(self)
        self._was_painted = False
        self.closed = False
        self.broken: Exception | None = None
        self.setObjectName("window")
        self.appearance = Appearance(self)
        self.guide = TourGuide(self)
        self.welcome = WelcomeDesk(self, folder=session.cache / "samples")
        self._make_frame()
        self.controller.failed.connect(self._complain)
        self.resize(*DEFAULT_SIZE)
        self.setWindowTitle(_window_title(tr(self.editor.spec.title)))
        self._pieces = self._make_rest()
        self._at_last: list[Callable[[], None]] = []
        self.installEventFilter(self)
        if at_once:
            self.complete()
        self.setFocus()

    # -- building ----------------------------------------------------------------

    def _make_frame(self) -> None:
        """Make what is there on every page, and the place for the pages."""
        self.notice = Notice(
            self.state,
            self.session.messages,
            stay=partial(self.session.preferences.number, "notice_seconds"),
        )
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.pages = Pages()
        self.welcome.furnish()
        self.center = center = QWidget()
        center.setObjectName("center")
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(center)
        self.status.theme_button.clicked.connect(self.appearance.toggle_theme)
        self.status.language_wanted.connect(self.appearance.prefer_language)
        # By their names when they are clicked: these need not be there before.
        self.status.messages_button.clicked.connect(lambda: self.front.show_messages())
        self.status.wanted.connect(lambda name: self.front.show_fact(name))

    def _make_rest(self) -> Iterator[None]:
        yield from furnish(self)
        self.refresh_experiment()
        yield
        self.refresh_phase()
        yield

    def complete(self) -> None:
        """Make what is not made yet."""
        while self._pieces is not None:
            self._make_piece()

    def at_last(self, do: Callable[[], None]) -> None:
        """Do something as soon as everything is there; now, if it is."""
        if self._pieces is None:
            do()
        else:
            self._at_last.append(do)

    def _make_piece(self) -> None:
        assert self._pieces is not None
        try:
            next(self._pieces)
        except StopIteration:
            self._pieces = None
            self.removeEventFilter(self)
            self._do_last()
        except Exception as error:
            # Half a window is of no use to anybody: the program ends, and says why.
            self._pieces, self.broken = None, error
            QCoreApplication.exit(1)
            raise

    def _do_last(self) -> None:
        while self._at_last:
            self._at_last.pop(0)()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Complete the window for whoever asks for a part that is to come."""
            if name in MainWindow.__annotations__ and self._pieces is not None:
                self.complete()
                return self.__dict__[name]
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(text)

    @Slot()
    def _go_on(self) -> None:
        """Make one piece, and the next when nothing else is to be done."""
        if self._pieces is not None and not self.closed:
            # Before the piece: what cannot be put back is told, and the rest goes on.
            QTimer.singleShot(0, self, self._go_on)
            self._make_piece()
            return
        if not self.closed and self.broken is None:
            self._do_last()
            self.furnished.emit()
            self.study.begin()

    # A filter and not `event`, inside of which all painting would happen: an error in
    # one widget would then keep others from being painted.
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Be complete before something comes that may be meant for any part."""
        if event.type() in _WANTS_ALL:
            self.complete()
        return super().eventFilter(watched, event)

    # -- what a person does --------------------------------------------------------

    def set_theme(self, name: str) -> None:
        """Put on the theme ``light`` or ``dark``."""
        theme = theme_named(name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self.state.set_theme(theme)
        if self._pieces is None:
            self.refresh_phase()

    def show_page(self, name: str) -> None:
        """Go to a page: ``lab``, or one that was added to `pages`."""
        if name != WELCOME:
            self.complete()
            if self.pages.page == WELCOME:
                # Or Qt would hand the focus to whatever comes next.
                self.setFocus()
        self.pages.show_page(name)

    def set_language(self, code: str) -> None:
        """Speak another language, at once; a run goes on meanwhile.

        Args:
            code: One of those of `optlab.translate.available_languages`.
        """
        if code != current_language():
            set_language(code)
            # Whoever asked is a widget that must not go while it is asking.
            queued = Qt.ConnectionType.QueuedConnection
            QMetaObject.invokeMethod(self, "rebuild", queued)

    @Slot()
    def rebuild(self) -> None:
        """Make every widget anew, in place; nothing that was done or shown is lost."""
        from optlab.ui.furniture import make_widgets

        self.complete()
        layout, page = self.desk.remembered(), self.pages.page
        opened = self.front.opened()
        device, selected = self.bar.device, self.optimizers_panel.selected
        focused = QApplication.focusWidget()
        name = focused.objectName() if isinstance(focused, QWidget) else ""
        # What was worked out speaks the language that was in force.
        self.reader.forget()
        self._tear_down()
        self._make_frame()
        for _ in make_widgets(self):
            pass
        self.desk.recall(layout)
        if self.isVisible():
            # Not with the next turn of the event loop: places and sizes are wanted now.
            self.center.show()
            arranging = self.layout()
            if arranging is not None:
                arranging.activate()
        self.bar.set_device(device)
        self.refresh_experiment()
        self.runs.show_again()
        self.refresh_phase()
        if self.controller.devices or self.controller.device_problem:
            self.bar.show_devices(
                self.controller.devices, self.controller.device_problem
            )
        if selected is not None:
            self.optimizers_panel.select(selected)
        self.show_page(page)
        self.front.reopen(opened)
        self.rebuilt.emit()
        again = self.findChild(QWidget, name) if name else None
        (again or self).setFocus()

    def _tear_down(self) -> None:
        """Take away every widget, and what belongs to one."""
        self.clock.stop()
        self.monitor.stop()
        self.explainer.shutdown()
        made: list[QObject] = [
            self.menu,
            self.front,
            self.commands,
            self.monitor,
            self.clock,
        ]
        made += [self.bar, self.status, self.center]
        for thing in made:
            if isinstance(thing, QWidget):
                thing.hide()
            thing.setParent(None)
            thing.deleteLater()
        # At once: what is gone must hear of nothing more.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def explain(self, kind: CardKind, name: str) -> None:
        """Open the explainer with the card of one thing."""
        self.explainer.explain(kind, name)
        self.desk.explainer_dock.show()

    @Slot()
    def explain_selected(self) -> None:
        """Open the explainer with what is selected, or close it."""
        self.desk.explainer_dock.setVisible(self.desk.explainer_dock.isHidden())

    @Slot()
    def explain_selected_entry(self) -> None:
        """Let the explainer, if it is open, follow what is unfolded."""
        index = self.optimizers_panel.selected
        if index is not None:
            self.explainer.explain("optimizer", self.editor.spec.optimizers[index].name)

    # -- what is shown -----------------------------------------------------------

    @Slot()
    def refresh_experiment(self) -> None:
        """Show the experiment as it is now."""
        spec = self.editor.spec
        self.refresh_title()
        self.problem_panel.set_missing(self.datasets.missing())
        self.bar.show_reason(self.runs.reason())
        self.trials.show_plan(spec)
        self.refresh_undo()
        self.runs.follow_experiment()

    @Slot()
    def refresh_title(self) -> None:
        """Say in bar and frame what is open."""
        overlay = self.runs.overlay
        title = tr(self.editor.spec.title) if overlay is None else overlay.title
        source = self.editor.source if overlay is None else overlay.title
        self.bar.show_title(
            tr(self.editor.spec.title), source, edited=self.editor.edited
        )
        self.setWindowTitle(_window_title(title))

    @Slot()
    def refresh_undo(self) -> None:
        """Say what undo and redo would do."""
        stack = self.editor.stack
        for action, text, word in (
            (self.commands["undo"], stack.undoText(), tr("Undo")),
            (self.commands["redo"], stack.redoText(), tr("Redo")),
        ):
            action.setText(f"{word}: {text}" if text else word)
        self.commands.refresh()

    @Slot(str)
    def _complain(self, text: str) -> None:
        self.notice.say(text)

    @Slot(str)
    def tell(self, text: str) -> None:
        """Say something good."""
        self.notice.say(text, severity="good")

    @Slot()
    def refresh_phase(self) -> None:
        """Show whether a run goes on."""
        controller = self.controller
        self.bar.show_phase(controller.phase, can_continue=controller.can_continue)
        self.bar.show_reason(self.runs.reason())
        self.commands.refresh()
        if controller.phase is Phase.RUNNING:
            self.clock.start()

    @Slot()
    def show_devices(self) -> None:
        """Offer the devices that there are."""
        controller = self.controller
        self.bar.show_devices(controller.devices, controller.device_problem)
        if controller.device_problem:
            self.notice.say(controller.device_problem)

    # -- beginning and end ---------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Look at files of one's own again when a person comes back to the window."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.editor.recheck()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say so when the window is on the screen for the first time."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            queued = Qt.ConnectionType.QueuedConnection
            QMetaObject.invokeMethod(self, "_tell_painted", queued)

    @Slot()
    def _tell_painted(self) -> None:
        self.painted.emit()
        # With the next turn: who has heard of it comes first.
        QTimer.singleShot(0, self, self._go_on)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop everything that runs, bounded, and leave a valid run file."""
        self.complete()
        if not self.closed:
            # The stack tells once more when it goes, and by then is only half there.
            self.editor.stack.indexChanged.disconnect(self.refresh_undo)
        self.closed = True
        self.closing.emit()
        # A run closes its file while the rest is waited for.
        self.controller.stop()
        # Its commands belong to Python and Qt both; whoever came first would crash.
        self.editor.stack.clear()
        self.session.settings.sync()
        self.clock.stop()
        self.monitor.stop()
        self.datasets.shutdown()
        self.exports.shutdown()
        self.study.shutdown()
        self.reader.shutdown()
        self.welcome.shutdown()
        self.explainer.shutdown()
        self.library.shutdown()
        self.tuning.shutdown()
        self.basins.shutdown()
        self.controller.shutdown()
        super().closeEvent(event)


def _window_title(title: str) -> str:
    return f"{title} – OptLab" if title else "OptLab"
