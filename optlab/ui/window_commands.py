"""What the main window itself can do, as commands: files, edits, panels, the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from optlab.translate import tr
from optlab.ui.controller import Phase

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

_Standard = QKeySequence.StandardKey


def add_window_commands(window: MainWindow) -> None:
    """Add what the window can do to its commands."""
    _add_files(window)
    _add_edits(window)
    _add_views(window)
    _add_runs(window)


def _add_files(window: MainWindow) -> None:
    add, specs = window.commands.add, window.specs
    add(
        "new_spec",
        tr("New experiment"),
        window.welcome.new_experiment,
        keys=[_Standard.New],
        group="file",
    )
    add(
        "open_spec",
        tr("Open experiment…"),
        specs.open_spec,
        keys=[_Standard.Open],
        group="file",
    )
    add(
        "save_spec",
        tr("Save experiment"),
        specs.save_spec,
        keys=[_Standard.Save],
        group="file",
    )
    add(
        "save_spec_as",
        tr("Save experiment as…"),
        specs.save_spec_as,
        keys=["Ctrl+Shift+S"],
        group="file",
    )
    add(
        "open_run",
        tr("Open run file…"),
        window.runs.open_run,
        keys=["Ctrl+Shift+O"],
        group="file",
    )
    add("quit", tr("Quit"), window.close, keys=["Ctrl+Q"], group="file")


def _add_edits(window: MainWindow) -> None:
    add, stack = window.commands.add, window.editor.stack
    add(
        "undo",
        tr("Undo"),
        window.editor.undo,
        keys=[_Standard.Undo],
        group="edit",
        blocked=lambda: (
            "" if window.editor.can_undo else tr("There is nothing to undo")
        ),
    )
    add(
        "redo",
        tr("Redo"),
        window.editor.redo,
        keys=[_Standard.Redo],
        group="edit",
        blocked=lambda: "" if stack.canRedo() else tr("There is nothing to redo"),
    )


def _add_views(window: MainWindow) -> None:
    add = window.commands.add
    for dock in window.desk.docks():
        add(
            dock.objectName().replace("dock.", "panel."),
            tr("Panel: {title}", title=dock.windowTitle()),
            dock.toggleViewAction().trigger,
            group="view",
            checked=dock.toggleViewAction().isChecked,
        )
    add("reset_layout", tr("Restore the layout"), window.desk.reset, group="view")
    add(
        "theme",
        tr("Light or dark"),
        window.appearance.toggle_theme,
        keys=["Ctrl+Shift+L"],
        group="view",
    )
    add(
        "explain",
        tr("Explain what is selected"),
        window.explain_selected,
        keys=[_Standard.HelpContents],
        group="help",
    )


def _add_runs(window: MainWindow) -> None:
    add, controller = window.commands.add, window.controller

    def not_ready() -> str:
        busy = controller.phase in (Phase.STARTING, Phase.STOPPING)
        return tr("The run is being prepared or ended") if busy else ""

    def no_run() -> str:
        return "" if controller.active else tr("No run is going on")

    def nothing_left() -> str:
        return "" if controller.can_continue else tr("There is no run to go on with")

    add(
        "start",
        tr("Start, pause or resume"),
        window.runs.start_or_pause,
        keys=["F5", "Space"],
        group="run",
        blocked=not_ready,
    )
    add(
        "step",
        tr("Step"),
        window.runs.step,
        keys=["F10"],
        group="run",
        tip=tr("One step of every trial"),
        blocked=not_ready,
    )
    add(
        "stop",
        tr("Stop"),
        controller.stop,
        keys=["Shift+F5"],
        group="run",
        tip=tr("End the run; what was done stays"),
        blocked=no_run,
    )
    add(
        "continue",
        tr("Continue"),
        window.runs.go_on,
        group="run",
        tip=tr("Go on where this run stopped, as if it had not"),
        blocked=nothing_left,
    )
