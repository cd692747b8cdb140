"""The window's side of the page of maps: make one, open one, write one."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from optlab.export.recorded_surface import surface_of_text
from optlab.params import InputError
from optlab.spec import ExperimentSpec
from optlab.translate import tr
from optlab.ui.background import BackgroundTask, Report
from optlab.ui.contour import SurfaceLike
from optlab.ui.fields import leave_field

if TYPE_CHECKING:
    from optlab.store.basin_map import BasinMap
    from optlab.sweep.basins import MapMaker
    from optlab.ui.basin_map_page import BasinMapPage, MapState
    from optlab.ui.main_window import MainWindow

PAGE: Final = "basins"
LOOK_MS: Final = 120
REST_SECONDS: Final = 0.002
_START: Final = "problem.start"


class BasinMapDesk(QObject):
    """Does with maps of basins what the page asks for; outlives the widgets.

    Attributes:
        found: The map that is shown; None for none.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.found: BasinMap | None = None
        self._surface: SurfaceLike | None = None
        self._maker: MapMaker | None = None
        self._task: BackgroundTask | None = None
        self._seen = -1
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        window.editor.changed.connect(self.refresh)

    def build(self) -> None:
        """Add the page and the command, each time the widgets are made."""
        window = self._window
        window.pages.add(PAGE, self._make_page)
        window.pages.changed.connect(self._on_page)
        window.commands.add(
            "basins",
            tr("Map of basins…"),
            self.go,
            group="run",
            tip=tr("Which minimum each optimizer reaches from where, and how soon"),
        )

    def shutdown(self) -> bool:
        """End what goes on, bounded; return whether nothing is at work any more."""
        self._timer.stop()
        return self._task is None or self._task.shutdown()

    @property
    def running(self) -> bool:
        """Whether a map is being made."""
        return self._task is not None

    @property
    def page(self) -> BasinMapPage | None:
        """The page; None before it is shown for the first time."""
        return cast("BasinMapPage | None", self._window.pages.made(PAGE))

    def _make_page(self) -> BasinMapPage:
        # Here and not above: a window that draws no map needs none of it.
        from optlab.ui.basin_map_page import BasinMapPage

        page = BasinMapPage(self._window.state)
        page.leave_wanted.connect(self.leave)
        page.start_wanted.connect(self.start)
        page.stop_wanted.connect(self.stop)
        page.open_wanted.connect(self.open)
        page.export_wanted.connect(self.export)
        page.copy_wanted.connect(self.copy)
        page.place_chosen.connect(self.start_there)
        if self.found is not None:
            page.show_map(self.found, self._surface)
        page.show_state(self._state())
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
    def start(self) -> None:
        """Make a map of the experiment that is edited."""
        leave_field()
        page = self.page
        wanted = None if page is None else page.wanted()
        if wanted is None or self.running or self._blocked():
            return
        self._window.notice.hide()
        spec = self._window.editor.spec
        begin = partial(self._begin, spec, grid=wanted[0], steps=wanted[1])
        self._window.consent.ask(spec, begin)

    def _begin(self, spec: ExperimentSpec, *, grid: int, steps: int) -> None:
        work = partial(self._work, spec, grid, steps)
        self._maker, self._seen = None, -1
        self._task = BackgroundTask(work, parent=self)
        self._task.ended.connect(self._on_ended)
        self._task.start()
        self._timer.start(LOOK_MS)
        self.refresh()

    def _work(
        self, spec: ExperimentSpec, grid: int, steps: int, report: Report
    ) -> None:
        """Make a map; in a thread of its own."""
        from optlab.sweep.basins import MapMaker

        maker = MapMaker(spec, self._window.session.catalog, grid=grid, steps=steps)
        self._maker = maker
        with closing(maker.make()) as parts:
            for _ in parts:
                if report.cancelled.is_set():
                    return
                # The window gets its turn between two parts.
                sleep(REST_SECONDS)

    @Slot()
    def stop(self) -> None:
        """End the map that is being made; what is known of it stays."""
        if self._task is not None:
            self._task.report.cancelled.set()
            self.refresh()

    @Slot()
    def open(self) -> None:
        """Show a map that was saved."""
        path = self._window.chooser.open(tr("Open map"), (".npz",))
        if path is not None:
            self.show_file(path)

    def show_file(self, path: Path) -> None:
        """Show the map of a file."""
        from optlab.store.basin_map import BasinMap

        self._window.notice.hide()
        try:
            found = BasinMap.read(path)
        except InputError as error:
            self._window.notice.say(str(error))
            return
        self.found, self._surface = found, _surface_of(found.spec_text)
        self._window.show_page(PAGE)
        self._show()
        self.refresh()

    @Slot(str)
    def export(self, kind: str) -> None:
        """Write the map that is shown to a file."""
        page = self.page
        if self.found is not None and page is not None:
            self._window.exports.export_map(self.found, kind, by=page.by)

    @Slot()
    def copy(self) -> None:
        """Put a picture of the maps where it can be pasted from."""
        if self.page is not None:
            QApplication.clipboard().setImage(self.page.picture())
            self._window.notice.say(tr("The picture is copied"), severity="good")

    @Slot(int)
    def start_there(self, cell: int) -> None:
        """Let the next run start from where a map was clicked."""
        window, found = self._window, self.found
        now = window.starts.next_start()
        if found is None or now is None:
            return
        point = tuple(float(x) for x in found.plan.starts()[:, cell])
        if len(point) == len(now):
            window.editor.finish_edit()
            window.editor.set_value(_START, point)
            text = tr("The next run starts there: {point}", point=_point(point))
            window.notice.say(text, severity="good")

    # -- what is shown -----------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show on the page what can be done now."""
        if self.page is not None:
            self.page.show_state(self._state())

    def _state(self) -> MapState:
        from optlab.ui.basin_map_page import MapState

        stopping = self._task is not None and self._task.report.cancelled.is_set()
        words = ""
        if self.running:
            words = tr("Looking for minima") if self._maker is None else tr("Drawing")
        elif self.found is not None:
            words = tr(self.found.title)
        return MapState(
            blocked="" if self.running else self._blocked(),
            running=self.running,
            stopping=stopping,
            words=words,
        )

    def _blocked(self) -> str:
        """Return why no map can be made of the experiment; empty if one can."""
        from optlab.sweep.basins import surface_with_map

        editor = self._window.editor
        for error in editor.errors():
            # How long a run is does not matter to a map.
            if error.key not in ("training.steps", "training.epochs"):
                return str(error)
        try:
            surface_with_map(editor.spec, self._window.session.catalog)
        except InputError as error:
            return str(error)
        return ""

    @Slot(str)
    def _on_page(self, name: str) -> None:
        if name == PAGE:
            self._show()
            self.refresh()

    @Slot()
    def _look(self) -> None:
        """Draw what is new, and rest three times as long as that took."""
        began = perf_counter()
        maker = self._maker
        if maker is not None and maker.map.revision != self._seen:
            begun, self._seen = self._seen < 0, maker.map.revision
            self.found, self._surface = maker.map, maker.surface
            self._show()
            if begun:
                self.refresh()
        if self.running:
            took = 1000 * (perf_counter() - began)
            self._timer.start(max(LOOK_MS, round(3 * took)))

    def _show(self) -> None:
        seen = self._window.pages.page == PAGE
        if seen and self.page is not None and self.found is not None:
            self.page.show_map(self.found, self._surface)

    @Slot(bool, str)
    def _on_ended(self, _well: bool, reason: str) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.deleteLater()
        self._timer.stop()
        self._seen = -1
        self._look()
        self.refresh()
        if reason:
            self._window.notice.say(reason)


def _surface_of(spec_text: str) -> SurfaceLike | None:
    """Return the surface of a saved map; None where it is none of OptLab's own."""
    try:
        return surface_of_text(spec_text)
    except InputError:
        return None


def _point(point: tuple[float, ...]) -> str:
    from optlab.export.basin_words import point_words

    return point_words(point)
