"""The window's side of the library: open, overlay, compare, copy, trash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication

from optlab.params import InputError
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.overlay import OverlaidRun, Overlay
from optlab.store.run_data import RunData
from optlab.store.run_facts import RunFacts
from optlab.translate import tr
from optlab.ui.copy_as import FORMS, Form, copied
from optlab.ui.experiment_diff import experiment_diff
from optlab.ui.library_details import form_words
from optlab.ui.library_diff import DiffDialog
from optlab.ui.library_model import run_title, told_apart
from optlab.ui.library_page import LibraryPage
from optlab.ui.library_pictures import RunPictures
from optlab.ui.library_shelf import Shelf

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

PAGE = "library"


class LibraryDesk(QObject):
    """Does with past runs what the page asks for; outlives the widgets."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = window.session
        self.shelf = Shelf(
            session.runs,
            stack=session.editor.stack,
            settings=session.settings,
            parent=self,
        )
        self.pictures = RunPictures(self)
        self.shelf.failed.connect(self._complain)
        self.shelf.leaving.connect(self._let_go)
        window.controller.run_ended.connect(self._run_ended)

    def build(self) -> None:
        """Add the page and the commands, each time the widgets are made."""
        window = self._window
        window.pages.add(PAGE, self._make_page)
        add = window.commands.add
        add(
            "library",
            tr("Library of runs"),
            partial(window.show_page, PAGE),
            keys=["Ctrl+L"],
            group="library",
            tip=tr("Past runs: search, compare, overlay"),
        )
        for form in FORMS:
            add(
                f"copy_{form}",
                form_words(form),
                partial(self.copy_lab, form),
                group="library",
                tip=tr("The experiment in the lab, to be pasted"),
            )

    def shutdown(self) -> bool:
        """Write and wait, bounded; return whether nothing is at work any more."""
        return all([self.pictures.shutdown(), self.shelf.shutdown()])

    def _make_page(self) -> LibraryPage:
        page = LibraryPage(
            self.shelf,
            self._window.session.catalog,
            state=self._window.state,
            pictures=self.pictures,
            blocked=self._blocked,
        )
        page.leave_wanted.connect(self.leave)
        page.start_wanted.connect(self.leave)
        details = page.details
        details.open_wanted.connect(self.open)
        details.overlay_wanted.connect(self.overlay)
        details.compare_wanted.connect(self.compare)
        details.copy_wanted.connect(self.copy_run)
        details.folder_wanted.connect(self.show_folder)
        details.trash_wanted.connect(self.throw_away)
        return page

    def _blocked(self, facts: RunFacts) -> str:
        """Return why a run cannot be shown now; the one that goes on always can."""
        live = self._window.controller.live
        if live is None or live[1] == facts.path:
            return ""
        return tr("A run is going on; stop it first")

    # -- what a person does --------------------------------------------------------

    @Slot(object)
    def open(self, path: Path) -> None:
        """Show a run in the lab."""
        if self._window.runs.load_run(path):
            self.leave()

    @Slot()
    def leave(self) -> None:
        """Go to the lab."""
        # Or Qt would hand the focus to the first field of the bar.
        self._window.setFocus()
        self._window.show_page("lab")

    @Slot(object)
    def overlay(self, paths: Sequence[Path]) -> None:
        """Show several runs in the lab as one."""
        facts = [self.shelf.run(path) for path in paths]
        known = [each for each in facts if each is not None]
        # Runs from elsewhere are told apart by their folders.
        folders = tuple(path.parent.name for path in paths)
        whens = told_apart(known) if len(known) == len(paths) else folders
        try:
            runs = [
                OverlaidRun(self._data_of(path), when)
                for path, when in zip(paths, whens, strict=True)
            ]
            self._window.runs.show_overlay(Overlay(runs))
        except InputError as error:
            self._complain(str(error))
            return
        self.leave()

    @Slot(object)
    def compare(self, paths: Sequence[Path]) -> None:
        """Show what differs between two runs, or between one and the lab."""
        sides = [self._experiment(path) for path in paths]
        names = self._names(paths)
        if len(sides) == 1:
            sides.append(self._window.editor.spec)
            names.append(tr("In the lab"))
        self.show_difference(sides, names)

    def show_difference(
        self, sides: Sequence[ExperimentSpec | None], names: Sequence[str]
    ) -> None:
        """Show what differs between two experiments; nothing if one cannot be read."""
        left, right = sides
        if left is None or right is None:
            return
        try:
            rows = experiment_diff(left, right, self._window.editor.catalog)
        except InputError as error:
            self._complain(str(error))
            return
        dialog = DiffDialog(
            rows,
            names[0],
            names[1],
            state=self._window.state,
            parent=self._window,
        )
        dialog.show()

    @Slot(str, object)
    def copy_run(self, form: str, path: Path) -> None:
        """Copy the experiment of a run as TOML, a command or a script."""
        spec, facts = self._experiment(path), self.shelf.run(path)
        if spec is not None:
            versions = None if facts is None else facts.versions
            self._copy(cast(Form, form), spec, versions)

    def copy_lab(self, form: Form) -> None:
        """Copy the experiment in the lab."""
        self._copy(form, self._window.editor.spec, None)

    @Slot(object)
    def throw_away(self, paths: Sequence[Path]) -> None:
        """Move runs to the trash; undo brings them back."""
        self.shelf.throw_away(paths)

    @Slot(object)
    def show_folder(self, path: Path) -> None:
        """Show where a run lies."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

    # -- inside ----------------------------------------------------------------

    def _copy(
        self, form: Form, spec: ExperimentSpec, versions: Mapping[str, str] | None
    ) -> None:
        text = copied(form, spec, self._window.editor.catalog, versions=versions)
        QGuiApplication.clipboard().setText(text)
        words = {
            "toml": tr("The experiment is on the clipboard as TOML."),
            "command": tr("A command that trains it is on the clipboard."),
            "python": tr("A Python script that trains it is on the clipboard."),
        }
        self._window.notice.say(words[form], severity="good")

    def _data_of(self, path: Path) -> RunData:
        live = self._window.controller.live
        return live[0] if live is not None and live[1] == path else RunData.open(path)

    def _experiment(self, path: Path) -> ExperimentSpec | None:
        try:
            text = self._data_of(path).spec_text
            return spec_from_text(text, self._window.editor.catalog, name=path.name)
        except InputError as error:
            self._complain(str(error))
            return None

    def _names(self, paths: Sequence[Path]) -> list[str]:
        """Return what tells runs apart: their titles, or when they were started."""
        facts = [self.shelf.run(path) for path in paths]
        known = [each for each in facts if each is not None]
        titles = [run_title(each) for each in known]
        apart = len(set(titles)) == len(paths)
        return titles if apart else list(told_apart(known))

    @Slot(str)
    def _complain(self, text: str) -> None:
        self._window.notice.say(text)

    @Slot(object)
    def _let_go(self, paths: Sequence[Path]) -> None:
        """Take a run off the screen that is about to go to the trash."""
        controller = self._window.controller
        data = controller.data
        parts = data.runs if isinstance(data, Overlay) else ()
        shown = {controller.path, *(part.path for part in parts)}
        if not controller.active and shown & set(paths):
            self._window.runs.forget_run()

    @Slot()
    def _run_ended(self) -> None:
        if self.shelf.listed:
            self.shelf.refresh()
