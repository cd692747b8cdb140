"""Plots and panels, as the window sees them: perspectives, commands, empty panes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QObject, Slot
from PySide6.QtWidgets import QMenu, QWidget

from optlab.params import InputError
from optlab.translate import tr, tr_n
from optlab.ui.actions import add_entry
from optlab.ui.arrangement import Arrangement, Spread
from optlab.ui.arranging import SWAP, automatic_again
from optlab.ui.controller import Phase
from optlab.ui.empty_state import Waiting
from optlab.ui.name_dialog import NameDialog
from optlab.ui.pane_tree import Side, names_in
from optlab.ui.perspectives import (
    AUTOMATIC_ONE,
    LONGEST_NAME,
    PRESENTATION,
    Perspective,
    PerspectiveStore,
    built_in,
    built_in_tree,
    usable,
)

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

_NAMED: Final = 3
"""So many optimizers are named before Start is pressed; more are counted."""


class PlotDesk(QObject):
    """What can be done to all plots and panels; it outlives the widgets."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        folder = Path(window.session.settings.fileName()).parent
        self.store = PerspectiveStore(folder)
        self._closed: tuple[str, ...] = ()
        self._current: tuple[str, Arrangement] | None = None
        window.editor.changed.connect(self.refresh)
        window.controller.changed.connect(self.refresh)
        window.datasets.changed.connect(self.refresh)

    def furnish(self) -> None:
        """Wire widgets and commands, each time they are made."""
        window = self._window
        button = window.grid.strip.perspectives
        self._menu = QMenu(button)
        self._menu.setObjectName("perspectives.menu")
        self._rename_menu = QMenu(tr("Rename"), self._menu)
        self._delete_menu = QMenu(tr("Delete"), self._menu)
        self._menu.aboutToShow.connect(self.fill_menu)
        button.setMenu(self._menu)
        window.grid.acted.connect(self._act)
        self._add_plot_commands()
        self._add_view_commands()
        self.refresh()

    # -- perspectives --------------------------------------------------------------

    def apply(self, key: str) -> None:
        """Take a perspective that comes with OptLab."""
        window, state = self._window, self._window.state
        cards = window.grid.run_cards
        known = cards.view.begun is not None
        new = automatic_again(state.arrangement)
        tree = built_in_tree(key, cards.possible, known=known)
        if tree is not None:
            copies = tuple(n for n in names_in(tree) if n not in cards.usual)
            new = Arrangement(plots=new.plots, copies=copies, tree=tree)
        self._take(f"builtin:{key}", new, built_in()[key])
        if (key == PRESENTATION) == self.panels_open():
            self.toggle_panels()

    def apply_saved(self, name: str) -> None:
        """Take a perspective that a person has saved."""
        found = self.store.get(name)
        if found is None:
            return
        self._take(name, found.arrangement, name)
        if found.panels:
            text = QByteArray(found.panels.encode("ascii", "ignore"))
            self._window.desk.recall(QByteArray.fromBase64(text))

    def save_as(self, name: str) -> None:
        """Save plots and panels as they are now."""
        state, desk = self._window.state, self._window.desk
        panels = bytes(desk.remembered().toBase64().data()).decode("ascii")
        arrangement = state.arrangement
        one = Perspective(name=name, arrangement=arrangement, panels=panels)
        if self._tried(partial(self.store.save, one)):
            self._current = (name, arrangement)

    def rename(self, name: str, new: str) -> None:
        """Call a saved perspective something else."""
        self._tried(partial(self.store.rename, name, new))

    def delete(self, name: str) -> None:
        """Forget a saved perspective."""
        self._tried(partial(self.store.delete, name))

    def current(self) -> str:
        """Return the name of the perspective in force; empty after a change."""
        now = self._window.state.arrangement
        if self._current is not None and self._current[1] == now:
            return self._current[0]
        alone = now.tree is None and not now.off and not now.order
        return f"builtin:{AUTOMATIC_ONE}" if alone else ""

    @Slot()
    def fill_menu(self) -> None:
        """List all perspectives, and what can be done with them."""
        menu = self._menu
        menu.clear()
        current, saved = self.current(), self.store.all()
        if self.store.complaint:
            self._window.notice.say(self.store.complaint)
            self.store.complaint = ""
        for key, text in built_in().items():
            entry = add_entry(
                menu, f"perspective.builtin.{key}", text, partial(self.apply, key)
            )
            entry.setCheckable(True)
            entry.setChecked(current == f"builtin:{key}")
        menu.addSeparator()
        for one in saved:
            act = partial(self.apply_saved, one.name)
            entry = add_entry(menu, f"perspective.saved.{one.name}", one.name, act)
            entry.setCheckable(True)
            entry.setChecked(current == one.name)
        menu.addSeparator()
        add_entry(menu, "perspective.save", tr("Save as…"), self.ask_save)
        for child, part, ask in (
            (self._rename_menu, "rename", self.ask_rename),
            (self._delete_menu, "delete", self.delete),
        ):
            child.clear()
            child.setEnabled(bool(saved))
            menu.addMenu(child)
            for one in saved:
                name = f"perspective.{part}.{one.name}"
                add_entry(child, name, one.name, partial(ask, one.name))
        add_entry(menu, "perspective.reset", tr("Reset to automatic"), self.reset)

    @Slot()
    def ask_save(self) -> None:
        """Ask what to call plots and panels as they are now."""
        current = self.current()
        name = "" if current.startswith("builtin:") else current
        dialog = self._dialog(tr("Save the perspective as"), name, take=tr("Save"))
        dialog.taken.connect(self.save_as)
        dialog.open()

    def ask_rename(self, name: str) -> None:
        """Ask what to call a saved perspective instead."""
        dialog = self._dialog(tr("Rename the perspective"), name, take=tr("Rename"))
        dialog.taken.connect(partial(self.rename, name))
        dialog.open()

    @Slot()
    def reset(self) -> None:
        """Let plots and panels stand where they stood in the beginning."""
        self._window.grid.arranger.reset()
        self._window.desk.reset()
        self._closed, self._current = (), None

    def _dialog(self, title: str, name: str, *, take: str) -> NameDialog:
        return NameDialog(
            title,
            name,
            take=take,
            usable=usable,
            longest=LONGEST_NAME,
            parent=self._window,
        )

    def _take(self, key: str, arrangement: Arrangement, title: str) -> None:
        text = tr("take the perspective {name}", name=title)
        self._window.grid.arranger.take(arrangement, text)
        self._current = (key, arrangement)

    def _tried(self, act: partial[None]) -> bool:
        try:
            act()
        except InputError as error:
            self._window.notice.say(str(error))
            return False
        return True

    # -- panels --------------------------------------------------------------------

    def panels_open(self) -> bool:
        """Return whether any panel is open."""
        return any(not dock.isHidden() for dock in self._window.desk.docks())

    @Slot()
    def toggle_panels(self) -> None:
        """Close all panels, or open those that were open before."""
        docks = self._window.desk.docks()
        if self.panels_open():
            self._closed = tuple(d.objectName() for d in docks if not d.isHidden())
            for dock in docks:
                dock.hide()
            return
        usual = tuple(dock.objectName() for dock in docks[:3])
        for dock in docks:
            dock.setVisible(dock.objectName() in (self._closed or usual))

    # -- commands --------------------------------------------------------------------

    def _add_view_commands(self) -> None:
        add = self._window.commands.add
        add(
            "all_panels",
            tr("All panels"),
            self.toggle_panels,
            keys=["Ctrl+B"],
            group="view",
            checked=self.panels_open,
        )
        keys = {PRESENTATION: ["F11"]}
        for key, title in built_in().items():
            add(
                f"perspective.{key}",
                tr("Perspective: {title}", title=title),
                partial(self.apply, key),
                keys=keys.get(key, []),
                group="view",
            )
        text = tr("Save the perspective…")
        add("perspective.save_as", text, self.ask_save, group="view")

    def _add_plot_commands(self) -> None:
        add, grid = self._window.commands.add, self._window.grid
        add(
            "plots.add",
            tr("Add a plot…"),
            grid.ask_for_plot,
            keys=["Ctrl+Shift+A"],
            group="plots",
            blocked=self._no_run,
        )
        add(
            "plots.maximize",
            tr("Make the plot larger, or show all again"),
            lambda: grid.maximize(grid.focused_name()),
            keys=["Ctrl+M"],
            group="plots",
            blocked=self._no_plot,
        )
        add(
            "plots.remove",
            tr("Remove the plot"),
            lambda: grid.arranger.remove(grid.focused_name()),
            group="plots",
            blocked=self._no_plot,
        )
        sides: dict[Side, tuple[str, str]] = {
            "left": (tr("Move the plot left"), "Ctrl+Alt+Left"),
            "right": (tr("Move the plot right"), "Ctrl+Alt+Right"),
            "above": (tr("Move the plot up"), "Ctrl+Alt+Up"),
            "below": (tr("Move the plot down"), "Ctrl+Alt+Down"),
        }
        for side, (text, key) in sides.items():
            add(
                f"plots.move_{side}",
                text,
                partial(self._move, side),
                keys=[key],
                group="plots",
                blocked=self._no_plot,
            )
        add(
            "plots.swap_next",
            tr("Let the plot change places with the next"),
            self._swap_next,
            group="plots",
            blocked=self._no_plot,
        )
        add("plots.reset", tr("Reset the plots"), grid.arranger.reset, group="plots")
        self._add_switches()

    def _add_switches(self) -> None:
        """Add what holds for all plots that have nothing of their own."""
        add, state = self._window.commands.add, self._window.state
        add(
            "plots.linked",
            tr("Zoom plots together"),
            lambda: state.set_linked(not state.linked),
            group="plots",
            checked=lambda: state.linked,
        )
        add(
            "plots.outliers",
            tr("Ignore outliers"),
            lambda: state.set_ignore_outliers(not state.ignore_outliers),
            group="plots",
            checked=lambda: state.ignore_outliers,
        )
        ways: dict[Spread, str] = {
            "band": tr("Seeds: median and quartiles"),
            "mean": tr("Seeds: mean and its interval"),
            "trials": tr("Seeds: every trial"),
            "seed": tr("Seeds: the first alone"),
        }
        for spread, text in ways.items():
            add(
                f"plots.spread_{spread}",
                text,
                partial(state.set_spread, spread),
                group="plots",
                checked=partial(self._spreads_by, spread),
            )

    def _spreads_by(self, spread: Spread) -> bool:
        return self._window.state.spread == spread

    def _no_run(self) -> str:
        begun = self._window.grid.run_cards.view.begun
        return "" if begun is not None else tr("There is no run to plot")

    def _no_plot(self) -> str:
        names = self._window.grid.shown_names()
        return "" if names else tr("No plot is shown")

    def _move(self, side: Side) -> None:
        grid = self._window.grid
        grid.arranger.move(grid.focused_name(), side)

    def _swap_next(self) -> None:
        grid = self._window.grid
        name = grid.focused_name()
        other = grid.arranger.next_to(name)
        if other is not None:
            grid.arranger.place(name, other, SWAP)

    # -- empty panes -----------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Say in the centre what is to be done next."""
        self._window.grid.set_waiting(self._waiting())

    def _waiting(self) -> Waiting:
        window = self._window
        phase = window.controller.phase
        if phase is Phase.STARTING:
            return Waiting(
                headline=tr("The run is being prepared"),
                advice=tr("Plots appear with the first steps."),
            )
        if phase is not Phase.IDLE:
            return Waiting(
                headline=tr("No steps yet"),
                advice=tr("Plots appear with the first steps."),
            )
        spec, reason = window.editor.spec, window.runs.reason()
        if not spec.optimizers:
            return Waiting(
                headline=tr("Nothing to compare yet"),
                advice=tr("An experiment needs at least one optimizer."),
                actions={"optimizer": tr("Add an optimizer")},
            )
        if reason:
            return Waiting(
                headline=tr("The experiment cannot start"),
                advice=reason,
                actions={"reason": tr("Show me where")},
            )
        return Waiting(
            headline=tr("This experiment has not run yet"),
            advice=self._plan(),
            actions={"start": tr("Start")},
        )

    def _plan(self) -> str:
        """Return what Start will train, in one sentence."""
        spec = self._window.editor.spec
        problem = self._window.session.catalog.problems.get(spec.problem.name)
        names = [e.label or e.name for e in spec.optimizers]
        listed = ", ".join(names[:_NAMED])
        if len(names) > _NAMED:
            more = len(names) - _NAMED
            listed = tr_n(
                "{names} and {n} more", "{names} and {n} more", n=more, names=listed
            )
        label = tr(problem.label)
        return tr("Start trains {names} on {problem}.", names=listed, problem=label)

    @Slot(str)
    def _act(self, word: str) -> None:
        """Do what a button of an empty pane is for."""
        window = self._window
        what, _, metric = word.partition(":")
        if what == "start":
            window.runs.start_or_pause()
        elif what == "reason":
            window.runs.show_first_error()
        elif what == "optimizer":
            window.desk.optimizers_dock.show()
            window.optimizers_panel.add_button.click()
        elif what == "measure":
            self._measure(metric)

    def _measure(self, metric: str) -> None:
        """Let the next run measure a diagnostic, and show where that is set."""
        editor, key = self._window.editor, "training.diagnostics"
        now = editor.value(key)
        names = now if isinstance(now, tuple) else ()
        if metric not in names:
            editor.set_values(
                {key: (*names, metric)},
                tr("add the diagnostic {name}", name=metric),
            )
        self._window.desk.problem_dock.show()
        field = self._window.findChild(QWidget, key)
        if field is not None:
            field.setFocus()
