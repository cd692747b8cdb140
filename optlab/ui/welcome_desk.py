"""What the welcome page does: opens, starts, lists what was at work, makes pictures."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tomli_w
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from optlab.params import InputError
from optlab.runner import surface_of
from optlab.store.run_data import RunData
from optlab.translate import available_languages, tr, tr_n
from optlab.ui.contour import SurfaceLike
from optlab.ui.controller import Phase
from optlab.ui.pages import LAB
from optlab.ui.recent import RecentFile
from optlab.ui.thumbnail_studio import ThumbnailStudio
from optlab.ui.thumbnails import Sketch, short_spec
from optlab.ui.welcome import RecentItem, WelcomePage
from optlab.ui.welcome_samples import SAMPLES, soonest_first

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

WELCOME: Final = "welcome"
LISTED: Final = 5
OWN_NAMES: Final = {"en": "English", "zh": "简体中文"}
EMPTY: Final = """
format = 1
[problem]
name = "quadratic"
[training]
steps = 200
[[optimizers]]
name = "SGD"
lr = 0.01
"""


class WelcomeDesk(QObject):
    """Stands behind the welcome page of a window; outlives its widgets.

    Args:
        window: The window.
        folder: Where sketches of the samples are kept.
    """

    continue_wanted = Signal()
    """A person wants to go on with what was at work last time."""

    def __init__(self, window: MainWindow, *, folder: Path) -> None:
        super().__init__(window)
        self._window = window
        self._offer = ""
        self._looked_at = False
        self.studio = ThumbnailStudio(
            window.session.catalog, folder=folder, parent=self
        )
        self.studio.sketched.connect(self._show_sketch)
        window.controller.devices_known.connect(self.studio.begin)
        window.controller.changed.connect(self._pace)
        window.controller.changed.connect(self._follow_run)

    @property
    def page(self) -> WelcomePage | None:
        """The page; None while it has not been shown."""
        page = self._window.pages.made(WELCOME)
        return page if isinstance(page, WelcomePage) else None

    def furnish(self) -> None:
        """Give the window, whose widgets are new, the page."""
        self._window.pages.add(WELCOME, self.make_page)

    def add_commands(self) -> None:
        """Add its commands to the window, whose bar is there by now."""
        window = self._window
        window.pages.changed.connect(self._make_room)
        self._make_room()
        window.commands.add(
            "welcome",
            tr("Welcome page"),
            self.show,
            group="help",
            tip=tr("Sample experiments, recent runs, and where you were"),
        )
        window.commands.add(
            "tour", tr("Tour of the window"), window.guide.start, group="help"
        )

    @Slot()
    def show(self) -> None:
        """Go to the page, ready for the keyboard."""
        self._window.show_page(WELCOME)
        if self.page is not None:
            self.page.focus_first()

    def offer(self, title: str) -> None:
        """Offer to go on with an experiment; an empty title takes the offer back."""
        self._offer = title
        if self.page is not None:
            self.page.show_continue(title)

    def shutdown(self) -> bool:
        """Stop drawing; return whether nothing is left of it."""
        return self.studio.shutdown()

    def make_page(self) -> WelcomePage:
        """Make the page, in the language in force."""
        window = self._window
        preferences = window.session.preferences
        languages = available_languages()
        page = WelcomePage(
            window.session.catalog,
            window.state,
            surfaces=self._surfaces(),
            languages={code: OWN_NAMES.get(code, code) for code in languages},
            theme=preferences.text("theme"),
            at_start=bool(preferences.value("welcome")),
        )
        page.set_animated(bool(preferences.value("animations")))
        page.preset_wanted.connect(self.open_preset)
        page.path_wanted.connect(self.open_path)
        page.open_wanted.connect(self.open_file)
        page.new_wanted.connect(self.new_experiment)
        page.continue_wanted.connect(self.continue_wanted)
        page.tour_wanted.connect(window.guide.start)
        page.theme_wanted.connect(self._prefer_theme)
        page.language_wanted.connect(self._prefer_language)
        page.at_start_wanted.connect(self._prefer_at_start)
        page.looked_at.connect(self._look)
        page.show_continue(self._offer)
        page.offer_tour(new=window.guide.untaken)
        for preset, sketch in self.studio.want(soonest_first()).items():
            page.show_sketch(preset, sketch, growing=False)
        return page

    # -- what a person does --------------------------------------------------------

    @Slot(str, bool)
    def open_preset(self, name: str, start: bool) -> None:
        """Open a ready experiment in the lab, and start it if that is wanted."""
        if self._window.controller.active:
            self._window.notice.say(tr("Stop the run that is going on first."))
            return
        self._window.specs.load_preset(name)
        self._window.show_page(LAB)
        if start:
            self._window.runs.start_or_pause()

    @Slot(object)
    def open_path(self, path: Path) -> None:
        """Open an experiment or a run."""
        if path.suffix == ".toml":
            self._window.specs.load_spec(path)
        elif not self._window.runs.load_run(path):
            return
        self._window.show_page(LAB)

    @Slot()
    def open_file(self) -> None:
        """Open what a person chooses."""
        kinds = (".toml", ".optlab")
        path = self._window.chooser.open(tr("Open experiment or run"), kinds)
        if path is not None:
            self.open_path(path)

    @Slot()
    def new_experiment(self) -> None:
        """Begin with next to nothing."""
        title = tomli_w.dumps({"title": tr("New experiment")})
        self._window.specs.load_text(title + EMPTY, source="")
        self._window.show_page(LAB)

    @Slot(str)
    def _prefer_theme(self, name: str) -> None:
        self._window.session.preferences.set_value("theme", name)

    @Slot(str)
    def _prefer_language(self, code: str) -> None:
        self._window.session.preferences.set_value("language", code)
        self._window.set_language(code)

    @Slot(bool)
    def _prefer_at_start(self, on: bool) -> None:
        self._window.session.preferences.set_value("welcome", on)

    # -- what is shown -----------------------------------------------------------

    @Slot(bool)
    def _look(self, on: bool) -> None:
        self._looked_at = on
        self._pace()
        if on:
            # After the page has been painted: run files are read for it.
            QTimer.singleShot(0, self, self._list_recent)

    @Slot()
    def _pace(self) -> None:
        """Draw only while somebody looks and no run of theirs wants the processor."""
        busy = self._window.controller.active
        self.studio.set_paused(busy or not self._looked_at)

    @Slot()
    def _follow_run(self) -> None:
        """Show what a key has started."""
        window = self._window
        if window.pages.page == WELCOME and window.controller.phase is Phase.STARTING:
            window.show_page(LAB)
        self._make_room()

    @Slot()
    def _make_room(self) -> None:
        """Hide the bar that runs experiments where none is shown and none runs."""
        window = self._window
        there = window.pages.page == WELCOME
        window.bar.setVisible(not there or window.controller.active)

    @Slot()
    def _list_recent(self) -> None:
        if self.page is not None and not self._window.closed:
            files = self._window.session.recent.files()[:LISTED]
            found = map(_recent_item, files)
            self.page.show_recent([item for item in found if item is not None])

    @Slot(str, object, bool)
    def _show_sketch(self, preset: str, sketch: Sketch, done: bool) -> None:
        if self.page is not None:
            self.page.show_sketch(preset, sketch, growing=not done)

    def _surfaces(self) -> dict[str, SurfaceLike]:
        catalog = self._window.session.catalog
        found: dict[str, SurfaceLike] = {}
        for sample in SAMPLES:
            if sample.metric == "surface":
                surface = surface_of(short_spec(sample, catalog), catalog)
                if surface is not None:
                    found[sample.preset] = surface
        return found


def _recent_item(file: RecentFile) -> RecentItem | None:
    """Return what is said of a recent file; None where it cannot be read."""
    try:
        when = f"{datetime.fromtimestamp(file.path.stat().st_mtime):%Y-%m-%d %H:%M}"
        if file.kind == "experiment":
            note = tr("experiment · {when}", when=when)
            return RecentItem(title=file.label, note=note, path=file.path)
        data = RunData.open(file.path)
    except (InputError, OSError):
        return None
    count = len(data.trials)
    note = tr_n("{n} trial · {when}", "{n} trials · {when}", n=count, when=when)
    return RecentItem(title=tr(data.title) or file.label, note=note, path=file.path)
