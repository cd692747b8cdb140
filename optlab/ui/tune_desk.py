"""The window's side of the page of studies: start, stop, go on, open, use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from optlab.params import InputError, ParamValue, Values
from optlab.registry import Catalog
from optlab.spec import (
    ExperimentSpec,
    ProblemSpec,
    TuningSpec,
    labels,
    spec_from_text,
)
from optlab.store.overlay import Overlay
from optlab.store.run_data import RunData
from optlab.sweep.halving import planned_work
from optlab.sweep.study import check_study
from optlab.translate import tr, tr_n
from optlab.ui.background import BackgroundTask, Report
from optlab.ui.fields import leave_field
from optlab.ui.progress import duration
from optlab.ui.tune_controller import StudyPhase, TuneController
from optlab.ui.tune_page import TunePage, TuneState
from optlab.ui.tune_places import belongs_to_study

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

PAGE: Final = "tune"
REPORT: Final = "report.html"
USUAL_SEEDS: Final = 10


class TuneDesk(QObject):
    """Does with studies what the page asks for; outlives the widgets.

    Attributes:
        controller: The study.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = window.session
        self.controller = TuneController(
            session.catalog, runs=session.runs, parent=self
        )
        self._checked: tuple[ExperimentSpec, str] | None = None
        self._paced: tuple[RunData, ProblemSpec | None] | None = None
        self._report: BackgroundTask | None = None
        self.controller.changed.connect(self.refresh)
        self.controller.pictured.connect(self._show_picture)
        self.controller.failed.connect(self._complain)
        self.controller.unreachable.connect(self._complain_of_place)
        self.controller.ended.connect(self._on_ended)
        window.editor.changed.connect(self.refresh)
        window.controller.changed.connect(self.refresh)

    def build(self) -> None:
        """Add the page and the commands, each time the widgets are made."""
        window = self._window
        window.pages.add(PAGE, self._make_page)
        window.pages.changed.connect(self._on_page)
        window.commands.add(
            "tune",
            tr("Tune…"),
            self.go,
            keys=["Ctrl+T"],
            group="run",
            tip=tr("Tune all optimizers with equal budgets, then compare the winners"),
        )
        # What is said of it was made in another language.
        self.controller.look()

    def shutdown(self) -> bool:
        """End what goes on, bounded; return whether nothing is at work any more."""
        report = self._report is None or self._report.shutdown()
        return self.controller.shutdown() and report

    @property
    def page(self) -> TunePage | None:
        """The page; None before it is shown for the first time."""
        page = self._window.pages.made(PAGE)
        return page if isinstance(page, TunePage) else None

    def owns(self, key: str) -> bool:
        """Return whether a place of the experiment has its field on the page."""
        return belongs_to_study(key)

    def lead_to(self, key: str) -> None:
        """Go to the field at a place."""
        self._window.show_page(PAGE)
        if self.page is not None:
            self.page.form.lead_to(key)

    def _make_page(self) -> TunePage:
        window = self._window
        page = TunePage(
            window.editor,
            window.state,
            settings=window.session.settings,
            clock=window.clock,
        )
        page.leave_wanted.connect(self.leave)
        page.start_wanted.connect(self.start)
        page.stop_wanted.connect(self.controller.stop)
        page.resume_wanted.connect(self.resume)
        page.open_wanted.connect(self.open)
        page.usual_wanted.connect(self.take_usual)
        page.form.where.changed.connect(self.refresh)
        page.verdict.run_wanted.connect(self.show_run)
        page.verdict.report_wanted.connect(self.show_report)
        page.verdict.values_wanted.connect(self.use_values)
        page.show_picture(self.controller.picture)
        page.show_state(self._state(page))
        return page

    # -- what a person does --------------------------------------------------------

    @Slot()
    def go(self) -> None:
        """Go to the page."""
        self._window.show_page(PAGE)

    @Slot()
    def leave(self) -> None:
        """Go to the lab."""
        self._window.setFocus()
        self._window.show_page("lab")

    @Slot()
    def take_usual(self) -> None:
        """Let the experiment be tuned and compared as is usual, in one step of undo."""
        editor = self._window.editor
        spec = replace(editor.spec, tuning=TuningSpec())
        if len(spec.training.seeds) < USUAL_SEEDS:
            seeds = tuple(range(USUAL_SEEDS))
            spec = replace(spec, training=replace(spec.training, seeds=seeds))
        editor.finish_edit()
        editor.apply(tr("tune every optimizer"), spec)

    @Slot()
    def start(self) -> None:
        """Begin a study of the experiment that is edited."""
        self._go(new=True)

    @Slot()
    def resume(self) -> None:
        """Go on with the study that is shown."""
        self._go(new=False)

    def _go(self, *, new: bool) -> None:
        leave_field()
        page = self.page
        if page is None or (new and self._blocked(page)):
            return
        self._window.notice.hide()
        page.form.where.complain("")
        try:
            where = page.form.where.where()
        except InputError as error:
            self._complain_of_place(str(error))
            return
        device = self._window.bar.device
        consent, controller = self._window.consent, self.controller
        if new:
            spec = replace(self._window.editor.spec, part=None)
            start = partial(controller.start, spec, where=where, device=device)
            consent.ask(spec, start)
        elif controller.spec is not None:
            go_on = partial(controller.resume, where=where, device=device)
            consent.ask(controller.spec, go_on)

    @Slot()
    def open(self) -> None:
        """Show a study that was begun earlier."""
        folder = self._window.chooser.folder(tr("Open study"))
        if folder is not None:
            self.show_study(folder)

    def show_study(self, folder: Path) -> None:
        """Show the study in a folder."""
        self._window.notice.hide()
        if not self.controller.open(folder):
            return
        editor, spec = self._window.editor, self.controller.spec
        if spec is not None and spec != editor.spec:
            # As a run that is opened brings its experiment along; undo leads back.
            editor.open(spec, source=folder.name)
        self._window.show_page(PAGE)

    @Slot(object)
    def show_run(self, path: Path) -> None:
        """Show the curves of the final seeds in the lab."""
        if self._window.runs.load_run(path):
            self.leave()

    @Slot()
    def use_values(self) -> None:
        """Put the winners' values into the experiment, as one step of undo."""
        page = self.page
        picture = None if page is None else page.problem
        if picture is None:
            return
        won = {row.label: dict(row.winner) for row in picture.rows if row.winner}
        editor = self._window.editor
        spec = with_winners(editor.spec, won, self._window.session.catalog)
        editor.finish_edit()
        editor.apply(tr("use the values that won"), spec)
        text = tr("The optimizers in the lab have the values that won.")
        self._window.notice.say(text, severity="good")

    @Slot()
    def show_report(self) -> None:
        """Write the report of the study that is shown, and open it."""
        folder = self.controller.folder
        if folder is None or self._report is not None:
            return
        catalog, path = self._window.session.catalog, folder / REPORT

        def work(report: Report) -> None:
            # Templates and figures are read when a report is wanted, not before.
            from optlab.analysis.evidence import gather
            from optlab.export.report.writer import write_report

            def advance(_: str) -> None:
                report.progress(0, None)

            found = gather([folder], catalog)
            write_report(found, path, overwrite=True, advance=advance)

        self._report = BackgroundTask(work, parent=self)
        self._report.ended.connect(self._on_reported)
        self._report.start()

    @Slot(bool, str)
    def _on_reported(self, well: bool, reason: str) -> None:
        folder = self.controller.folder
        if self._report is not None:
            self._report.deleteLater()
            self._report = None
        if self._window.closed:
            return
        if well and folder is not None:
            path = folder / REPORT
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
            text = tr("The report is in {path}.", path=path)
            self._window.notice.say(text, severity="good")
        elif reason:
            self._complain(reason)

    # -- what is shown -----------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show what can be done, if anybody looks."""
        page = self.page
        if page is not None and self._window.pages.page == PAGE:
            page.show_state(self._state(page))

    @Slot(str)
    def _on_page(self, name: str) -> None:
        if name == PAGE:
            self._window.clock.start()
            self.refresh()

    @Slot()
    def _show_picture(self) -> None:
        if self.page is not None:
            self.page.show_picture(self.controller.picture)

    @Slot()
    def _on_ended(self) -> None:
        if self._window.library.shelf.listed:
            self._window.library.shelf.refresh()

    @Slot(str)
    def _complain(self, text: str) -> None:
        if not self._window.closed:
            self._window.notice.say(text)

    @Slot(str)
    def _complain_of_place(self, text: str) -> None:
        if self.page is not None:
            self.page.form.where.complain(text)
        self._complain(text)

    def _state(self, page: TunePage) -> TuneState:
        control = self.controller
        return TuneState(
            blocked=self._blocked(page),
            running=control.active,
            stopping=control.phase is StudyPhase.STOPPING,
            resumable=control.resumable,
            share=1.0 if control.complete else control.share,
            words=self._words(),
            budget=self._budget(),
            folder="" if control.folder is None else str(control.folder),
            usable=self._usable(),
            tuned=self._window.editor.spec.tuning is not None,
        )

    def _blocked(self, page: TunePage) -> str:
        """Return why no study can be started; empty if one can."""
        if self.controller.active:
            return tr("A study is going on")
        if self._window.controller.active:
            return tr("A run is going on; stop it first")
        return (
            self._window.runs.reason()
            or self._wrong(self._window.editor.spec)
            or page.form.where.error()
        )

    def _wrong(self, spec: ExperimentSpec) -> str:
        """Return what a study could not do with an experiment; asked once for each."""
        if self._checked is None or self._checked[0] is not spec:
            reason = ""
            try:
                check_study(spec, self._window.session.catalog)
            except InputError as error:
                reason = str(error)
            self._checked = spec, reason
        return self._checked[1]

    def _usable(self) -> bool:
        picture = self.controller.picture
        if picture is None:
            return False
        there = set(self._window.editor.labels)
        return any(
            row.winner and row.label in there
            for problem in picture.problems
            for row in problem.rows
        )

    def _words(self) -> str:
        """Return how far the study that is shown is."""
        control = self.controller
        if control.folder is None or control.spec is None:
            return ""
        parts = [self._tuning_words(), self._final_words()]
        if control.failures:
            n = control.failures
            parts.append(tr_n("{n} job failed", "{n} jobs failed", n=n))
        left = control.seconds_left
        if control.phase is StudyPhase.STOPPING:
            parts.append(tr("stopping"))
        elif left is not None:
            parts.append(tr("{left} left", left=duration(left)))
        elif not control.active:
            parts.append(tr("finished") if control.complete else tr("stopped"))
        parts.append(control.folder.name)
        return " · ".join(part for part in parts if part)

    def _tuning_words(self) -> str:
        spec, picture = self.controller.spec, self.controller.picture
        if spec is None or spec.tuning is None:
            return ""
        problems = () if picture is None else picture.problems
        done = sum(row.trials for problem in problems for row in problem.rows)
        count = len(spec.optimizers) * (1 + len(spec.further_problems))
        words = tr(
            "tuning: {done} of {all} trials", done=done, all=count * spec.tuning.trials
        )
        if spec.tuning.rungs == 1 or self.controller.comparing:
            return words
        reached = [*self.controller.rungs.values()]
        rung = min(reached, default=0) if len(reached) == count else 0
        rung = min(rung + 1, spec.tuning.rungs)
        text = tr("rung {rung} of {rungs}", rung=rung, rungs=spec.tuning.rungs)
        return f"{words} · {text}" if self.controller.active else words

    def _final_words(self) -> str:
        spec, picture = self.controller.spec, self.controller.picture
        if spec is None:
            return ""
        problems = () if picture is None else picture.problems
        done = sum(min((r.seeds for r in p.rows), default=0) for p in problems)
        every = len(spec.training.seeds) * (1 + len(spec.further_problems))
        return tr("final: {done} of {all} seeds", done=done, all=every)

    def _budget(self) -> str:
        """Return what the experiment that is edited would take."""
        spec = self._window.editor.spec
        count = len(spec.optimizers)
        problems = 1 + len(spec.further_problems)
        steps = self._window.study.steps()
        finals = count * len(spec.training.seeds) * problems
        work, lines = float(finals), []
        if spec.tuning is not None:
            tuning = planned_work(spec.tuning) * len(spec.tuning.seeds)
            work += tuning * count * problems
            text = tr_n(
                "Equal budgets: {n} trial for each of {count} optimizers.",
                "Equal budgets: {n} trials for each of {count} optimizers.",
                n=spec.tuning.trials,
                count=count,
            )
            lines.append(text)
        if not steps:
            return " ".join(lines)
        text = tr("About {steps} steps in all", steps=f"{round(work * steps):,}")
        pace = self._pace()
        if pace is None:
            lines.append(tr("{text}.", text=text))
        else:
            time = duration(work * steps * pace)
            words = tr("{text}, {time} of processor time.", text=text, time=time)
            lines.append(words)
        return " ".join(lines)

    def _pace(self) -> float | None:
        """Return the seconds of a step in the run on the screen, of this problem."""
        data = self._window.controller.data
        if data is None or isinstance(data, Overlay) or self._window.controller.active:
            return None
        if self._paced is None or self._paced[0] is not data:
            self._paced = data, self._problem_of(data)
        statuses = [data.status(trial.trial) for trial in data.trials]
        steps = sum(status.step for status in statuses)
        if self._paced[1] != self._window.editor.spec.problem or steps < 1:
            return None
        return sum(status.wall_time_s for status in statuses) / steps

    def _problem_of(self, data: RunData) -> ProblemSpec | None:
        try:
            return spec_from_text(data.spec_text, self._window.session.catalog).problem
        except InputError:
            return None


def with_winners(
    spec: ExperimentSpec, won: Mapping[str, Mapping[str, ParamValue]], catalog: Catalog
) -> ExperimentSpec:
    """Return an experiment whose optimizers have the values that won.

    Args:
        spec: The experiment.
        won: The values by label; other optimizers stay as they are.
        catalog: What it is made of.
    """
    entries = []
    for label, entry in zip(labels(spec, catalog), spec.optimizers, strict=True):
        values = {**entry.values, **won.get(label, {})}
        known = {p.name: p for p in catalog.optimizers.get(entry.name).params}
        given = {n: v for n, v in values.items() if n in known}
        short = {n: v for n, v in given.items() if v != known[n].default}
        entries.append(replace(entry, values=Values(short)))
    return replace(spec, optimizers=tuple(entries))
