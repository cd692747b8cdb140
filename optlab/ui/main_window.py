"""The main window: docks around the plots, and the wires between the parts.

It holds no state of its own: the experiment is in the editor, the run in the
controller, the settings of the views in the view state.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMetaObject,
    QObject,
    QSettings,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from optlab.cards import CardKind
from optlab.plugins import Plugin
from optlab.registry import Catalog
from optlab.translate import current_language, set_language, tr
from optlab.ui import qt_words
from optlab.ui.appearance import Appearance
from optlab.ui.basin_map_desk import BasinMapDesk
from optlab.ui.clock import ViewClock
from optlab.ui.commands import Commands
from optlab.ui.consent import ConsentDesk
from optlab.ui.controller import Phase, RunController
from optlab.ui.datasets import DatasetDesk
from optlab.ui.desk import Desk
from optlab.ui.dialogs import DialogChooser, FileChooser
from optlab.ui.dropping import DropDesk
from optlab.ui.editor import SpecEditor
from optlab.ui.explainer import Explainer
from optlab.ui.exporting import ExportDesk
from optlab.ui.front_desk import FrontDesk
from optlab.ui.help_desk import HelpDesk
from optlab.ui.library_desk import LibraryDesk
from optlab.ui.menus import MainMenu
from optlab.ui.messages import Messages
from optlab.ui.monitor import RunMonitor
from optlab.ui.notice import Notice
from optlab.ui.optimizers_panel import OptimizersPanel
from optlab.ui.own_files import OwnFileDesk
from optlab.ui.pages import Pages
from optlab.ui.plot_desk import PlotDesk
from optlab.ui.plot_grid import PlotGrid
from optlab.ui.preferences import Preferences
from optlab.ui.problem_panel import ProblemPanel
from optlab.ui.rates import RateDesk
from optlab.ui.recent import Recent
from optlab.ui.run_desk import RunDesk
from optlab.ui.spec_desk import SpecDesk
from optlab.ui.start_desk import StartDesk
from optlab.ui.status import StatusBar
from optlab.ui.study import Study
from optlab.ui.theme import apply_theme, theme_named
from optlab.ui.toolbar import TopBar
from optlab.ui.tour_steps import TourGuide
from optlab.ui.trials_pane import TrialsPane
from optlab.ui.trials_table import TrialsTable
from optlab.ui.tune_desk import TuneDesk
from optlab.ui.verdict_desk import VerdictDesk
from optlab.ui.verdict_reader import VerdictReader
from optlab.ui.view_state import ViewState
from optlab.ui.welcome_desk import WelcomeDesk
from optlab.ui.window_commands import add_window_commands

DEFAULT_SIZE: Final = (1440, 900)


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
    """The window of OptLab."""

    painted = Signal()
    """The window has been painted for the first time."""
    rebuilt = Signal()
    """All widgets are others, as the language is another one."""
    closing = Signal()
    """The window is about to close; everything is still there."""

    def __init__(
        self,
        session: Session,
        *,
        chooser: FileChooser | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.editor = session.editor
        self.controller = session.controller
        self.state = session.state
        self.chooser = chooser or DialogChooser(self)
        self._was_painted = False
        self.closed = False
        self.setObjectName("window")
        self._make_desks()
        self._build()
        self._connect_desks()
        self._connect()
        self.resize(*DEFAULT_SIZE)
        self._refresh_experiment()
        self._refresh_phase()
        self.setFocus()

    # -- building ----------------------------------------------------------------

    def _make_desks(self) -> None:
        """Make what does things and shows nothing; it outlives the widgets."""
        self.study = Study(self.editor, self)
        self.reader = VerdictReader(self.session.catalog, self)
        self.datasets = DatasetDesk(self)
        self.runs = RunDesk(self)
        self.specs = SpecDesk(self)
        self.exports = ExportDesk(self)
        self.consent = ConsentDesk(self)
        self.own_files = OwnFileDesk(self)
        self.plots = PlotDesk(self)
        self.rates = RateDesk(self)
        self.library = LibraryDesk(self)
        self.guide = TourGuide(self)
        self.welcome = WelcomeDesk(self, folder=self.session.cache / "samples")
        self.appearance = Appearance(self)
        self.drops = DropDesk(self)
        self.help = HelpDesk(self)
        self.verdicts = VerdictDesk(self)
        self.tuning = TuneDesk(self)
        self.basins = BasinMapDesk(self)

    def _build(self) -> None:
        """Make every widget, in the language in force."""
        qt_words.speak(current_language())
        self.commands = Commands(self, self.session.settings)
        self.clock = ViewClock(self)
        self.bar = TopBar(self.state)
        self.setMenuWidget(self.bar)
        self.notice = Notice(
            self.state,
            self.session.messages,
            stay=partial(self.session.preferences.number, "notice_seconds"),
        )
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.grid = PlotGrid(self.state, self.clock)
        self.grid.setObjectName("plots")
        self.table = TrialsTable(self.state, self.clock)
        self.trials = TrialsPane(self.table)
        self.problem_panel = ProblemPanel(self.editor, self.state, study=self.study)
        self.optimizers_panel = OptimizersPanel(
            self.editor, self.state, study=self.study
        )
        self.explainer = Explainer(
            self.editor, self.state, settings=self.session.settings
        )
        self.desk = Desk(
            self.grid,
            problem=self.problem_panel,
            optimizers=self.optimizers_panel,
            trials=self.trials,
            explainer=self.explainer,
            state=self.state,
        )
        self.desk.shown.connect(self.runs.show_preview)
        self.pages = Pages(self.desk)
        self.center = center = QWidget()
        center.setObjectName("center")
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(center)
        self.monitor = RunMonitor(
            self.controller, self.bar, status=self.status, parent=self
        )
        add_window_commands(self)
        self.plots.furnish()
        self.library.build()
        self.tuning.build()
        self.basins.build()
        self.welcome.furnish()
        self.help.furnish()
        self.verdicts.furnish()
        self.monitor.looked.connect(self.verdicts.refresh)
        self.front = FrontDesk(self)
        self.starts = StartDesk(self)
        self.menu = MainMenu(self)

    def _connect_desks(self) -> None:
        """Wire what stays when widgets are rebuilt; once."""
        self.editor.changed.connect(self._refresh_experiment)
        self.editor.stack.indexChanged.connect(self._refresh_undo)
        self.controller.changed.connect(self._refresh_phase)
        self.controller.run_changed.connect(self.runs.show_run)
        self.controller.run_changed.connect(self._refresh_title)
        self.controller.run_changed.connect(self.runs.note_run)
        self.controller.run_ended.connect(self.runs.finish)
        self.controller.failed.connect(self._complain)
        self.controller.devices_known.connect(self._show_devices)
        self.datasets.changed.connect(self._refresh_experiment)
        self.painted.connect(self.study.begin)

    def _connect(self) -> None:
        """Wire the widgets, each time they are made."""
        self.bar.title_edited.connect(self.editor.set_title)
        self.bar.reason_clicked.connect(self.runs.show_first_error)
        self.bar.start.clicked.connect(self.runs.start_or_pause)
        self.bar.step.clicked.connect(self.runs.step)
        self.bar.stop.clicked.connect(self.controller.stop)
        self.bar.go_on.clicked.connect(self.runs.go_on)
        self.table.stop_trial_requested.connect(self.controller.stop_trial)
        self.table.rate_requested.connect(self.rates.change)
        self.grid.export_requested.connect(self.exports.export_card)
        self.optimizers_panel.file_wanted.connect(self.own_files.add_optimizer)
        self.optimizers_panel.told.connect(self._tell)
        self.optimizers_panel.tune_wanted.connect(self.tuning.go)
        self.problem_panel.file_wanted.connect(self.own_files.choose)
        self.problem_panel.dataset_wanted.connect(self.datasets.fetch)
        self.status.theme_button.clicked.connect(self.appearance.toggle_theme)
        self.status.language_wanted.connect(self.appearance.prefer_language)
        self.status.messages_button.clicked.connect(self.front.show_messages)
        self.status.wanted.connect(self.front.show_fact)
        self.bar.palette_button.clicked.connect(self.front.show_palette)
        self._connect_explainer()

    def _connect_explainer(self) -> None:
        panel = self.optimizers_panel
        panel.card_wanted.connect(partial(self.explain, "optimizer"))
        panel.schedule_card_wanted.connect(partial(self.explain, "scheduler"))
        panel.selected_changed.connect(self._explain_selected_entry)
        self.problem_panel.card_wanted.connect(partial(self.explain, "problem"))
        self.explainer.preset_wanted.connect(self.specs.load_preset)

    # -- what a person does --------------------------------------------------------

    def set_theme(self, name: str) -> None:
        """Put on the theme ``light`` or ``dark``."""
        theme = theme_named(name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self.state.set_theme(theme)
        self._refresh_phase()

    def show_page(self, name: str) -> None:
        """Go to a page: ``lab``, or one that was added to `pages`."""
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
        layout, page = self.desk.remembered(), self.pages.page
        opened = self.front.opened()
        device, selected = self.bar.device, self.optimizers_panel.selected
        focused = QApplication.focusWidget()
        name = focused.objectName() if isinstance(focused, QWidget) else ""
        # What was worked out speaks the language that was in force.
        self.reader.forget()
        self._tear_down()
        self._build()
        self._connect()
        self.desk.recall(layout)
        if self.isVisible():
            # Not with the next turn of the event loop: places and sizes are wanted now.
            self.center.show()
            arranging = self.layout()
            if arranging is not None:
                arranging.activate()
        self.bar.set_device(device)
        self._refresh_experiment()
        self.runs.show_again()
        self._refresh_phase()
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
    def _explain_selected_entry(self) -> None:
        """Let the explainer, if it is open, follow what is unfolded."""
        index = self.optimizers_panel.selected
        if index is not None:
            self.explainer.explain("optimizer", self.editor.spec.optimizers[index].name)

    # -- what is shown -----------------------------------------------------------

    @Slot()
    def _refresh_experiment(self) -> None:
        spec = self.editor.spec
        self._refresh_title()
        self.problem_panel.set_missing(self.datasets.missing())
        self.bar.show_reason(self.runs.reason())
        self.trials.show_plan(spec)
        self._refresh_undo()
        self.runs.follow_experiment()

    @Slot()
    def _refresh_title(self) -> None:
        spec, overlay = self.editor.spec, self.runs.overlay
        source = overlay.title if overlay is not None else self.editor.source
        self.bar.show_title(tr(spec.title), source, edited=self.editor.edited)
        title = overlay.title if overlay is not None else tr(spec.title)
        self.setWindowTitle(f"{title} – OptLab" if title else "OptLab")

    @Slot()
    def _refresh_undo(self) -> None:
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
    def _tell(self, text: str) -> None:
        self.notice.say(text, severity="good")

    @Slot()
    def _refresh_phase(self) -> None:
        controller = self.controller
        self.bar.show_phase(controller.phase, can_continue=controller.can_continue)
        self.bar.show_reason(self.runs.reason())
        self.commands.refresh()
        if controller.phase is Phase.RUNNING:
            self.clock.start()

    @Slot()
    def _show_devices(self) -> None:
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

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop everything that runs, bounded, and leave a valid run file."""
        if not self.closed:
            # The stack tells once more when it goes, and by then is only half there.
            self.editor.stack.indexChanged.disconnect(self._refresh_undo)
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
