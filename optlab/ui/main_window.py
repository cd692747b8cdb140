"""The main window: docks around the plots, and the wires between the parts.

It holds no state of its own: the experiment is in the editor, the run in the
controller, the settings of the views in the view state.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QMetaObject, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from optlab.cards import CardKind
from optlab.registry import Catalog
from optlab.translate import tr
from optlab.ui.actions import Actions, make_actions
from optlab.ui.clock import ViewClock
from optlab.ui.controller import Phase, RunController
from optlab.ui.datasets import DatasetDesk
from optlab.ui.dialogs import DialogChooser, FileChooser
from optlab.ui.docks import CardDock
from optlab.ui.editor import SpecEditor
from optlab.ui.explainer import WIDTH as EXPLAINER_WIDTH
from optlab.ui.explainer import Explainer
from optlab.ui.exporting import ExportDesk
from optlab.ui.menus import MainMenu
from optlab.ui.monitor import RunMonitor
from optlab.ui.notice import Notice
from optlab.ui.optimizers_panel import OptimizersPanel
from optlab.ui.own_files import OwnFileDesk
from optlab.ui.plot_grid import PlotGrid
from optlab.ui.problem_panel import ProblemPanel
from optlab.ui.run_desk import RunDesk
from optlab.ui.spec_desk import SpecDesk
from optlab.ui.status import StatusBar
from optlab.ui.study import Study
from optlab.ui.theme import apply_theme, theme_named
from optlab.ui.toolbar import TopBar
from optlab.ui.trials_pane import TrialsPane
from optlab.ui.trials_table import TrialsTable
from optlab.ui.view_state import ViewState

LAYOUT_VERSION: Final = 1
MARGIN: Final = 12
LEFT_WIDTH: Final = 296
BOTTOM_HEIGHT: Final = 246
DOCK_HEAD: Final = 68
MOST_FOR_PROBLEM: Final = 0.48
DEFAULT_SIZE: Final = (1440, 900)
ROOM_TO_EXPLAIN: Final = 1600
"""Width of a window that has room for the explainer beside the plots."""


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
        settings: What is remembered from one time to the next.
    """

    catalog: Catalog
    editor: SpecEditor
    controller: RunController
    state: ViewState
    runs: Path
    settings: QSettings
    data_folder: Path | None = None


class MainWindow(QMainWindow):
    """The window of OptLab."""

    painted = Signal()
    """The window has been painted for the first time."""

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
        self._laid_out = False
        self.closed = False
        self._recalled: QByteArray | None = None
        self._build()
        self._connect()
        self.resize(*DEFAULT_SIZE)
        self._refresh_experiment()
        self._refresh_phase()
        self.setFocus()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("window")
        self.actions_: Actions = make_actions(self)
        self.clock = ViewClock(self)
        self.bar = TopBar(self.state)
        self.setMenuWidget(self.bar)
        self.notice = Notice(self.state)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.grid = PlotGrid(self.state, self.clock)
        self.grid.setObjectName("plots")
        self.table = TrialsTable(self.state, self.clock)
        self.trials = TrialsPane(self.table)
        self.study = Study(self.editor, self)
        self.problem_panel = ProblemPanel(self.editor, self.state, study=self.study)
        self.optimizers_panel = OptimizersPanel(
            self.editor, self.state, study=self.study
        )
        self.explainer = Explainer(
            self.editor, self.state, settings=self.session.settings
        )
        self.desk = self._make_desk()
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.desk, 1)
        self.setCentralWidget(center)
        self.monitor = RunMonitor(
            self.controller, self.bar, status=self.status, parent=self
        )
        self.datasets = DatasetDesk(self)
        self.runs = RunDesk(self)
        self.specs = SpecDesk(self)
        self.exports = ExportDesk(self)
        self.own_files = OwnFileDesk(self)
        self.menu = MainMenu(self)

    def _make_desk(self) -> QMainWindow:
        desk = QMainWindow()
        desk.setObjectName("desk")
        desk.setWindowFlags(Qt.WindowType.Widget)
        desk.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        desk.setDockNestingEnabled(True)
        desk.setCentralWidget(self.grid)
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        desk.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.problem_dock = CardDock(
            "problem",
            tr("Problem"),
            content=self.problem_panel,
            state=self.state,
            parent=desk,
        )
        self.optimizers_dock = CardDock(
            "optimizers",
            tr("Optimizers"),
            content=self.optimizers_panel,
            state=self.state,
            parent=desk,
            extra=self.optimizers_panel.add_button,
        )
        self.trials_dock = CardDock(
            "trials",
            tr("Trials"),
            content=self.trials,
            state=self.state,
            parent=desk,
        )
        desk.addDockWidget(left, self.problem_dock)
        desk.addDockWidget(left, self.optimizers_dock)
        bottom = Qt.DockWidgetArea.BottomDockWidgetArea
        desk.addDockWidget(bottom, self.trials_dock)
        self.explainer_dock = CardDock(
            "explainer",
            tr("Explainer"),
            content=self.explainer,
            state=self.state,
            parent=desk,
            extra=self.explainer.switch,
        )
        right = Qt.DockWidgetArea.RightDockWidgetArea
        desk.setCorner(Qt.Corner.BottomRightCorner, right)
        desk.addDockWidget(right, self.explainer_dock)
        self.explainer_dock.hide()
        return desk

    def _connect(self) -> None:
        self.editor.changed.connect(self._refresh_experiment)
        self.controller.changed.connect(self._refresh_phase)
        self.controller.run_changed.connect(self.runs.show_run)
        self.controller.run_ended.connect(self.runs.finish)
        self.controller.failed.connect(self.notice.say)
        self.controller.devices_known.connect(self._show_devices)
        self.bar.title_edited.connect(self.editor.set_title)
        self.bar.reason_clicked.connect(self.runs.show_first_error)
        self.bar.start.clicked.connect(self.runs.start_or_pause)
        self.bar.step.clicked.connect(self.runs.step)
        self.bar.stop.clicked.connect(self.controller.stop)
        self.bar.go_on.clicked.connect(self.runs.go_on)
        self.table.stop_trial_requested.connect(self.controller.stop_trial)
        self.grid.export_requested.connect(self.exports.export_card)
        self.optimizers_panel.file_wanted.connect(self.own_files.add_optimizer)
        self.optimizers_panel.told.connect(self._tell)
        self.problem_panel.file_wanted.connect(self.own_files.choose)
        self.painted.connect(self.study.begin)
        self.problem_panel.dataset_wanted.connect(self.datasets.fetch)
        self.problem_panel.problem_changed.connect(self._fit_docks)
        self.datasets.changed.connect(self._refresh_experiment)
        self.status.theme_button.clicked.connect(self.toggle_theme)
        self._connect_explainer()
        self._connect_actions()

    def _connect_explainer(self) -> None:
        panel = self.optimizers_panel
        panel.card_wanted.connect(partial(self.explain, "optimizer"))
        panel.schedule_card_wanted.connect(partial(self.explain, "scheduler"))
        panel.selected_changed.connect(self._explain_selected_entry)
        self.problem_panel.card_wanted.connect(partial(self.explain, "problem"))
        self.explainer.preset_wanted.connect(self.specs.load_preset)

    def _connect_actions(self) -> None:
        actions = self.actions_
        actions.undo.triggered.connect(self.editor.undo)
        actions.redo.triggered.connect(self.editor.redo)
        actions.start.triggered.connect(self.runs.start_or_pause)
        actions.step.triggered.connect(self.runs.step)
        actions.stop.triggered.connect(self.controller.stop)
        actions.theme.triggered.connect(self.toggle_theme)
        actions.reset_layout.triggered.connect(self.reset_layout)
        actions.explain.triggered.connect(self.explain_selected)
        actions.open_spec.triggered.connect(self.specs.open_spec)
        actions.save_spec.triggered.connect(self.specs.save_spec)
        actions.save_spec_as.triggered.connect(self.specs.save_spec_as)
        actions.open_run.triggered.connect(self.runs.open_run)
        actions.quit.triggered.connect(self.close)

    # -- what a person does --------------------------------------------------------

    @Slot()
    def toggle_theme(self) -> None:
        """Go from light to dark or back."""
        self.set_theme("light" if self.state.theme.dark else "dark")

    def set_theme(self, name: str) -> None:
        """Put on the theme ``light`` or ``dark``."""
        theme = theme_named(name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self.state.set_theme(theme)
        self._refresh_phase()

    def explain(self, kind: CardKind, name: str) -> None:
        """Open the explainer with the card of one thing."""
        self.explainer.explain(kind, name)
        self.explainer_dock.show()

    @Slot()
    def explain_selected(self) -> None:
        """Open the explainer with what is selected, or close it."""
        self.explainer_dock.setVisible(self.explainer_dock.isHidden())

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
        self.bar.show_title(spec.title, self.editor.source, edited=self.editor.edited)
        self.setWindowTitle(f"{spec.title} – OptLab" if spec.title else "OptLab")
        self.problem_panel.set_missing(self.datasets.missing())
        self.bar.show_reason(self.runs.reason())
        self.trials.show_plan(spec)
        self._refresh_undo()
        self.runs.follow_experiment()

    def _refresh_undo(self) -> None:
        stack = self.editor.stack
        for action, can, text, word in (
            (self.actions_.undo, stack.canUndo(), stack.undoText(), tr("Undo")),
            (self.actions_.redo, stack.canRedo(), stack.redoText(), tr("Redo")),
        ):
            action.setEnabled(can)
            action.setText(f"{word}: {text}" if text else word)

    @Slot(str)
    def _tell(self, text: str) -> None:
        self.notice.say(text, problem=False)

    @Slot()
    def _refresh_phase(self) -> None:
        controller = self.controller
        self.bar.show_phase(controller.phase, can_continue=controller.can_continue)
        self.bar.show_reason(self.runs.reason())
        if controller.phase is Phase.RUNNING:
            self.clock.start()

    @Slot()
    def _show_devices(self) -> None:
        controller = self.controller
        self.bar.show_devices(controller.devices, controller.device_problem)
        if controller.device_problem:
            self.notice.say(controller.device_problem)

    # -- layout, beginning and end -----------------------------------------------

    def _lay_out(self) -> None:
        docks = [self.problem_dock, self.optimizers_dock]
        self.desk.resizeDocks(docks, [LEFT_WIDTH] * 2, Qt.Orientation.Horizontal)
        self._fit_docks()
        self.desk.resizeDocks(
            [self.trials_dock], [BOTTOM_HEIGHT], Qt.Orientation.Vertical
        )
        self.explainer_dock.setVisible(self.width() >= ROOM_TO_EXPLAIN)
        self.desk.resizeDocks(
            [self.explainer_dock], [EXPLAINER_WIDTH], Qt.Orientation.Horizontal
        )
        self._default_layout = self.desk.saveState(LAYOUT_VERSION)

    @Slot()
    def _fit_docks(self) -> None:
        """Give the form of the problem the height that it wants, within reason."""
        wanted = self.problem_panel.wanted_height() + DOCK_HEAD
        height = min(wanted, round(MOST_FOR_PROBLEM * self.height()))
        rest = max(0, self.desk.height() - height)
        docks = [self.problem_dock, self.optimizers_dock]
        self.desk.resizeDocks(docks, [height, rest], Qt.Orientation.Vertical)

    @Slot()
    def reset_layout(self) -> None:
        """Put all panels back where they were in the beginning."""
        self.desk.restoreState(self._default_layout, LAYOUT_VERSION)

    def remember(self) -> None:
        """Keep size, layout and theme for the next time."""
        settings = self.session.settings
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue("window/layout", self.desk.saveState(LAYOUT_VERSION))
        settings.setValue("window/theme", self.state.theme.name)
        settings.sync()

    def recall(self) -> None:
        """Take size and layout of last time."""
        settings = self.session.settings
        geometry = settings.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._recalled = settings.value("window/layout")

    def showEvent(self, event: QShowEvent) -> None:
        """Give the panels their sizes, now that those of the window are known."""
        super().showEvent(event)
        if not self._laid_out:
            self._laid_out = True
            self._lay_out()
            layout = self._recalled
            if layout is not None:
                self.desk.restoreState(layout, LAYOUT_VERSION)

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
        self.closed = True
        self.clock.stop()
        self.monitor.stop()
        self.remember()
        self.datasets.shutdown()
        self.exports.shutdown()
        self.study.shutdown()
        self.explainer.shutdown()
        self.controller.shutdown()
        super().closeEvent(event)
