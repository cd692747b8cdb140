"""What a window holds beside what is seen first: desks, bar, lab, and their wires."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from optlab.translate import current_language
from optlab.ui import qt_words
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
from optlab.ui.pages import LAB
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
from optlab.ui.window_commands import add_window_commands

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


def make_desks(window: MainWindow) -> Iterator[None]:
    """Make what does things and shows nothing; it outlives the widgets."""
    window.study = Study(window.editor, window)
    window.reader = VerdictReader(window.session.catalog, window)
    window.datasets = DatasetDesk(window)
    window.runs = RunDesk(window)
    window.specs = SpecDesk(window)
    window.exports = ExportDesk(window)
    window.consent = ConsentDesk(window)
    window.own_files = OwnFileDesk(window)
    window.plots = PlotDesk(window)
    window.rates = RateDesk(window)
    yield
    window.library = LibraryDesk(window)
    window.drops = DropDesk(window)
    window.help = HelpDesk(window)
    window.verdicts = VerdictDesk(window)
    window.tuning = TuneDesk(window)
    window.basins = BasinMapDesk(window)
    yield


def make_widgets(window: MainWindow) -> Iterator[None]:
    """Make every widget but those of the frame, in the language in force."""
    session, state = window.session, window.state
    qt_words.speak(current_language())
    window.commands = Commands(window, session.settings)
    window.clock = ViewClock(window)
    window.bar = TopBar(state)
    # Nobody runs anything from the page that a window may have begun with.
    window.bar.setVisible(False)
    window.setMenuWidget(window.bar)
    yield
    window.grid = PlotGrid(state, window.clock)
    window.grid.setObjectName("plots")
    window.table = TrialsTable(state, window.clock)
    window.trials = TrialsPane(window.table)
    yield
    window.problem_panel = ProblemPanel(window.editor, state, study=window.study)
    yield
    window.optimizers_panel = OptimizersPanel(window.editor, state, study=window.study)
    window.explainer = Explainer(window.editor, state, settings=session.settings)
    yield
    window.desk = Desk(
        window.grid,
        problem=window.problem_panel,
        optimizers=window.optimizers_panel,
        trials=window.trials,
        explainer=window.explainer,
        state=state,
    )
    window.desk.shown.connect(window.runs.show_preview)
    yield
    window.pages.put(LAB, window.desk)
    yield
    window.monitor = RunMonitor(
        window.controller, window.bar, status=window.status, parent=window
    )
    add_window_commands(window)
    window.plots.furnish()
    window.library.build()
    window.tuning.build()
    window.basins.build()
    window.welcome.add_commands()
    window.help.furnish()
    window.verdicts.furnish()
    window.monitor.looked.connect(window.verdicts.refresh)
    yield
    window.front = FrontDesk(window)
    window.starts = StartDesk(window)
    window.menu = MainMenu(window)
    _connect(window)


def connect_desks(window: MainWindow) -> None:
    """Wire what stays when widgets are rebuilt; once."""
    window.editor.changed.connect(window.refresh_experiment)
    window.editor.stack.indexChanged.connect(window.refresh_undo)
    window.controller.changed.connect(window.refresh_phase)
    window.controller.run_changed.connect(window.runs.show_run)
    window.controller.run_changed.connect(window.refresh_title)
    window.controller.run_changed.connect(window.runs.note_run)
    window.controller.run_ended.connect(window.runs.finish)
    window.controller.devices_known.connect(window.show_devices)
    window.datasets.changed.connect(window.refresh_experiment)


def _connect(window: MainWindow) -> None:
    """Wire the widgets, each time they are made."""
    bar, runs, controller = window.bar, window.runs, window.controller
    bar.title_edited.connect(window.editor.set_title)
    bar.reason_clicked.connect(runs.show_first_error)
    bar.start.clicked.connect(runs.start_or_pause)
    bar.step.clicked.connect(runs.step)
    bar.stop.clicked.connect(controller.stop)
    bar.go_on.clicked.connect(runs.go_on)
    bar.palette_button.clicked.connect(window.front.show_palette)
    window.table.stop_trial_requested.connect(controller.stop_trial)
    window.table.rate_requested.connect(window.rates.change)
    window.grid.export_requested.connect(window.exports.export_card)
    window.optimizers_panel.file_wanted.connect(window.own_files.add_optimizer)
    window.optimizers_panel.told.connect(window.tell)
    window.optimizers_panel.tune_wanted.connect(window.tuning.go)
    window.problem_panel.file_wanted.connect(window.own_files.choose)
    window.problem_panel.dataset_wanted.connect(window.datasets.fetch)
    _connect_explainer(window)


def _connect_explainer(window: MainWindow) -> None:
    panel = window.optimizers_panel
    panel.card_wanted.connect(partial(window.explain, "optimizer"))
    panel.schedule_card_wanted.connect(partial(window.explain, "scheduler"))
    panel.selected_changed.connect(window.explain_selected_entry)
    window.problem_panel.card_wanted.connect(partial(window.explain, "problem"))
    window.explainer.preset_wanted.connect(window.specs.load_preset)
