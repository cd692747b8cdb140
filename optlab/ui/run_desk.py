"""Runs, as the window sees them: start, go on, open, show, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from optlab.analysis.outcomes import outcomes
from optlab.analysis.stability import stability_limits
from optlab.analysis.sweeps import Sweep, sweeps, swept_parameter
from optlab.params import InputError
from optlab.runner import Surface, surface_of
from optlab.spec import BATCH_SIZE, ExperimentSpec, spec_from_text, spec_warnings
from optlab.store.lock import is_being_written
from optlab.store.overlay import Overlay
from optlab.store.run_data import RunData
from optlab.translate import tr
from optlab.ui.clock import NETS_REST, REST
from optlab.ui.controller import Phase
from optlab.ui.fields import leave_field
from optlab.ui.overlay_view import overlay_view
from optlab.ui.pages import LAB
from optlab.ui.run_cards import SweepPlan

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class RunDesk(QObject):
    """Begins runs and puts them on the screen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._run_spec: ExperimentSpec | None = None
        self._preview: ExperimentSpec | None = None
        self._beside = ""
        window.controller.changed.connect(self.note_edits)

    @Slot()
    def start_or_pause(self) -> None:
        """Start, pause or resume, whichever the button says."""
        phase = self._window.controller.phase
        if phase is Phase.IDLE:
            self._start(paused=False)
        elif phase is Phase.RUNNING:
            self._window.controller.pause()
        else:
            self._window.controller.resume()

    @Slot()
    def step(self) -> None:
        """Take one step of every trial; from idle, of a new run."""
        if self._window.controller.phase is Phase.IDLE:
            self._start(paused=True)
        else:
            self._window.controller.step()

    def _start(self, *, paused: bool) -> None:
        leave_field()
        self._window.show_page(LAB)
        if self.reason():
            self.show_first_error()
            return
        self._window.notice.hide()
        spec = self._window.editor.spec
        self._window.consent.ask(spec, partial(self._begin, spec, paused=paused))

    def _begin(self, spec: ExperimentSpec, *, paused: bool) -> None:
        if self._window.controller.start(
            spec, device=self._window.bar.device, paused=paused
        ):
            self._run_spec = spec
            self._bind_run()
            for warning in spec_warnings(spec, self._window.session.catalog)[:1]:
                self._window.notice.say(warning, severity="warning")

    @Slot()
    def go_on(self) -> None:
        """Continue with the run on the screen where it stopped."""
        self._window.notice.hide()
        self._window.show_page(LAB)
        device = self._window.bar.device
        then = partial(self._window.controller.continue_run, device=device)
        if self._run_spec is None:
            then()
        else:
            self._window.consent.ask(self._run_spec, then)

    def reason(self) -> str:
        """Return why the experiment cannot be run; empty if it can."""
        for error in self._errors():
            return str(error)
        return self._window.datasets.reason()

    def _errors(self) -> tuple[InputError, ...]:
        return (*self._window.editor.errors(), *self._window.study.errors())

    @Slot()
    def show_first_error(self) -> None:
        """Lead a person to the first field that keeps the experiment from running."""
        for error in self._errors():
            parts = error.key.split(".")
            if self._window.tuning.owns(error.key):
                self._window.tuning.lead_to(error.key)
                reason = tr("Cannot start: {reason}", reason=error)
                self._window.notice.say(reason)
                return
            if parts[0] == "optimizers" and len(parts) > 1:
                self._window.optimizers_panel.select(int(parts[1]))
            field = self._window.findChild(QWidget, error.key)
            if field is not None:
                field.setFocus()
            self._window.notice.say(tr("Cannot start: {reason}", reason=error))
            return
        if self._window.datasets.reason():
            self._window.notice.say(tr("Cannot start: {reason}", reason=self.reason()))

    @Slot()
    def open_run(self) -> None:
        """Open a run file that a person chooses."""
        path = self._window.chooser.open(tr("Open run file"), (".optlab",))
        if path is not None:
            self.load_run(path)

    def load_run(self, path: Path) -> bool:
        """Show a recorded run and its experiment; return whether it could be."""
        self._window.notice.hide()
        if not self._window.controller.open_run(path):
            return False
        self._window.show_page(LAB)
        data = self._window.controller.data
        if data is not None and self._run_spec is not None:
            self._window.editor.open(self._run_spec, source=path.name)
            self._bind_run()
        if is_being_written(path) and not self._window.controller.shows_live:
            text = tr("Another program is writing this run; this is how far it was.")
            self._window.notice.say(text, severity="info")
        return True

    @Slot()
    def show_run(self) -> None:
        """Put the run of the controller on the screen."""
        data = self._window.controller.data
        self._window.reader.show(data)
        if data is None:
            return
        if isinstance(data, Overlay):
            self._show_overlay(data)
            return
        self._beside = ""
        if not self._window.controller.active or self._run_spec is None:
            self._run_spec = self._spec_of(data.spec_text)
        surface = None if self._run_spec is None else self._surface(self._run_spec)
        self._preview = None
        spec = self._run_spec
        self._window.grid.set_run(
            data,
            surface,
            sweep=self._sweep_plan(),
            moving_rates=spec is not None and any(e.scheduler for e in spec.optimizers),
            limits=self._limits(),
            reader=self._window.reader,
        )
        threads = 1 if self._run_spec is None else self._run_spec.training.threads
        self._show_trials(data, surface, threads=threads)

    def show_overlay(self, overlay: Overlay) -> None:
        """Put several runs on the screen as one; the experiment stays what it is."""
        self._window.notice.hide()
        self._window.controller.show_overlay(overlay)
        count = 1 + max(start.entry for start in overlay.trials)
        self._window.state.set_hidden(frozenset())
        self._window.editor.bind_strangers(count)

    @property
    def overlay(self) -> Overlay | None:
        """The runs on the screen, where there are several."""
        data = self._window.controller.data
        return data if isinstance(data, Overlay) else None

    def _show_overlay(self, overlay: Overlay) -> None:
        self._run_spec = self._preview = None
        self._beside = self._window.editor.spec.problem.name
        view = overlay_view(overlay, self._window.session.catalog)
        self._window.grid.set_run(
            overlay,
            view.surface,
            moving_rates=view.moving_rates,
            limits=view.limits,
            reader=self._window.reader,
        )
        self._show_trials(overlay, view.surface, threads=1)

    def _show_trials(
        self, data: RunData, surface: Surface | None, *, threads: int
    ) -> None:
        self._window.trials.set_run(data, surface)
        self._window.status.show_device(data.device, threads)
        self._window.clock.rest = NETS_REST if surface is None else REST
        self._window.clock.start()
        if not self._window.controller.active:
            self._window.clock.refresh_now(hidden=False)

    @Slot()
    def note_run(self) -> None:
        """Put the run on the screen among the recent files."""
        path = self._window.controller.path
        if path is not None:
            self._window.session.recent.add(path, "run")

    def show_again(self) -> None:
        """Show what was shown before, now that the views are others."""
        self._preview = None
        if self._window.controller.data is None:
            self.show_preview()
        else:
            self.show_run()
        self._window.monitor.look()

    @Slot()
    def finish(self) -> None:
        """Show the last of a run that is over."""
        if self._window.closed:
            return
        self._window.clock.refresh_now()
        self._window.monitor.look()

    def follow_experiment(self) -> None:
        """Clear the run away when the problem has become another one."""
        spec, shown = self._window.editor.spec, self._run_spec
        name = self._beside if shown is None else shown.problem.name
        another = name not in ("", spec.problem.name)
        if another and not self._window.controller.active:
            self.forget_run()
        self.show_preview()
        self.note_edits()

    @Slot()
    def note_edits(self) -> None:
        """Say in a panel that it shows something else than what is running."""
        spec, run = self._window.editor.spec, self._run_spec
        problem = optimizers = False
        if run is not None and self._window.controller.active:
            problem = (spec.problem, spec.training) != (run.problem, run.training)
            optimizers = spec.optimizers != run.optimizers
        self._window.problem_panel.show_edited(edited=problem)
        self._window.optimizers_panel.show_edited(edited=optimizers)

    @Slot()
    def show_preview(self) -> None:
        """Show the surface of the experiment, if there is no run and anybody looks."""
        run = self._run_spec is not None or self.overlay is not None
        # Behind the welcome page it would take its time for nobody.
        if run or not self._window.desk.isVisible():
            return
        spec, shown = self._window.editor.spec, self._preview
        seeds = spec.training.seeds
        if shown and (shown.problem, shown.training.seeds) == (spec.problem, seeds):
            return
        wrong = any(e.key.startswith("problem.") for e in self._window.editor.errors())
        if not wrong:
            self._preview = spec
            surface = self._surface(spec)
            starts = () if surface is None else surface.starting_points(seeds)
            self._window.grid.set_run(None, surface, starts=starts)
            self._window.clock.refresh_now()
            self._window.commands.refresh()

    def _sweep_plan(self) -> SweepPlan | None:
        """Return what the run on the screen sweeps over, if over anything."""
        spec, catalog = self._run_spec, self._window.session.catalog
        name = None if spec is None else swept_parameter(spec, catalog)
        if spec is None or name is None:
            return None
        batch = name == BATCH_SIZE.name

        def read(data: RunData) -> tuple[Sweep, ...]:
            return sweeps(spec, catalog, outcomes(data))

        words = BATCH_SIZE.title if batch else name.replace("_", " ")
        return SweepPlan(
            parameter=words.lower(),
            quantities=("final", "noise", "speed") if batch else ("final",),
            read=read,
        )

    def _limits(self) -> Mapping[int, float]:
        """Return up to what sharpness the optimizers on the screen are stable."""
        spec = self._run_spec
        return (
            {} if spec is None else stability_limits(spec, self._window.session.catalog)
        )

    def forget_run(self) -> None:
        """Take the run off the screen; its file stays."""
        self._run_spec = None
        self._beside = ""
        self._window.reader.show(None)
        self._window.controller.forget()
        self._window.editor.bind_run(bound=False)
        self._window.trials.set_run(None)
        self._preview = None
        self.show_preview()

    def _bind_run(self) -> None:
        before = dict(
            zip(self._window.editor.slots(), self._window.editor.ids, strict=True)
        )
        hidden = {before[slot] for slot in self._window.state.hidden if slot in before}
        self._window.editor.bind_run()
        after = zip(self._window.editor.slots(), self._window.editor.ids, strict=True)
        self._window.state.set_hidden(frozenset(s for s, i in after if i in hidden))

    def _spec_of(self, text: str) -> ExperimentSpec | None:
        try:
            return spec_from_text(
                text, self._window.session.catalog, name=tr("the run")
            )
        except InputError as error:
            self._window.notice.say(str(error))
            return None

    def _surface(self, spec: ExperimentSpec) -> Surface | None:
        try:
            return surface_of(spec, self._window.session.catalog)
        except InputError as error:
            self._window.notice.say(str(error))
            return None
