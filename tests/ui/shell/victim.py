"""A window that goes into a state by itself and says so; then it is ended.

``python -m tests.ui.shell.victim STATE WAY``: ``WAY`` is ``close``, ``twice``,
``logout``, or ``wait`` for an end that comes from outside.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog

from optlab.spec import spec_from_text
from optlab.ui import datasets, launch
from optlab.ui.app import WindowOptions
from optlab.ui.background import Report
from optlab.ui.controller import Phase
from optlab.ui.dialogs import TaskDialog
from optlab.ui.main_window import MainWindow
from optlab.ui.tune_where import Where
from tests.ui.shell.conftest import ENDLESS, SHORT
from tests.ui.studies import MOONS, Here

THERE: Final = "victim: there"
Steps: TypeAlias = Iterator[Callable[[], bool]]
"""Does something and yields what is to be waited for, again and again."""


def idle(window: MainWindow) -> Steps:
    """Wait for torch, then do nothing."""
    yield lambda: bool(window.controller.devices)


def warming(window: MainWindow) -> Steps:
    """Be closed while torch is still being imported."""
    yield lambda: True


def starting(window: MainWindow) -> Steps:
    """Press Start and no more."""
    press(window, "start")
    yield lambda: window.controller.phase is Phase.STARTING


def running(window: MainWindow) -> Steps:
    """Train."""
    press(window, "start")
    yield lambda: window.controller.phase is Phase.RUNNING


def paused(window: MainWindow) -> Steps:
    """Pause a run."""
    yield from running(window)
    press(window, "start")
    yield lambda: window.controller.phase is Phase.PAUSED


def stepping(window: MainWindow) -> Steps:
    """Take single steps."""
    press(window, "step")
    yield lambda: window.controller.phase is Phase.PAUSED
    press(window, "step")
    yield lambda: True


def stopping(window: MainWindow) -> Steps:
    """Stop a run and wait for nothing."""
    yield from running(window)
    press(window, "stop")
    yield lambda: True


def continued(window: MainWindow) -> Steps:
    """Go on with a run that was stopped."""
    yield from stopping(window)
    yield lambda: window.controller.phase is Phase.IDLE
    press(window, "continue")
    yield lambda: window.controller.phase is Phase.RUNNING


def finished(window: MainWindow) -> Steps:
    """Let a run end."""
    spec = spec_from_text(SHORT, window.session.catalog)
    window.editor.open(spec, source="short.toml")
    press(window, "start")
    # Not that it runs: it may be over before anybody looks.
    yield lambda: window.controller.data is not None and not window.controller.active


def exporting(window: MainWindow) -> Steps:
    """Write a file for ever."""
    yield from finished(window)
    _begin_task(window, until_cancelled)
    yield lambda: True


def stuck(window: MainWindow) -> Steps:
    """Have work in the background that hears of no end."""
    yield from running(window)
    _begin_task(window, deaf)
    yield lambda: True


def fetching(window: MainWindow) -> Steps:
    """Fetch a dataset from nowhere."""
    vars(datasets)["_fetch"] = lambda _name, report: until_cancelled(report)
    window.datasets.fetch(sorted(window.datasets.missing())[0])
    yield lambda: True


def typesetting(window: MainWindow) -> Steps:
    """Set a formula."""
    yield from running(window)
    window.explain("optimizer", "Adam")
    yield lambda: True


def tuning(window: MainWindow) -> Steps:
    """Tune."""
    spec = spec_from_text(MOONS, window.session.catalog)
    window.editor.open(spec, source="moons.toml")

    def executor(where: Where) -> Here:
        return Here(most=1)

    window.tuning.controller.executor_at = executor
    window.show_page("tune")
    window.tuning.start()
    yield lambda: window.tuning.controller.active


def library(window: MainWindow) -> Steps:
    """Look at the runs."""
    yield from running(window)
    window.show_page("library")
    yield lambda: True


def dialog(window: MainWindow) -> Steps:
    """Have a dialog open."""
    yield from running(window)
    window.front.show_preferences()
    yield lambda: True


def asking(window: MainWindow) -> Steps:
    """Ask for a file, in an event loop of the dialog's own."""
    yield from running(window)
    QTimer.singleShot(0, window.runs.open_run)
    yield lambda: any(
        isinstance(w, QFileDialog) and w.isVisible()
        for w in QApplication.topLevelWidgets()
    )


def tour(window: MainWindow) -> Steps:
    """Take the tour."""
    yield from running(window)
    window.guide.start()
    yield lambda: True


def playback(window: MainWindow) -> Steps:
    """Play through a run."""
    yield from finished(window)
    window.state.playback.play()
    yield lambda: window.state.playback.playing


def full_screen(window: MainWindow) -> Steps:
    """Fill the screen."""
    yield from running(window)
    window.showFullScreen()
    yield window.isFullScreen


def palette(window: MainWindow) -> Steps:
    """Look for a command."""
    yield from running(window)
    window.front.show_palette()
    yield lambda: window.front.palette.isVisible()


def menu(window: MainWindow) -> Steps:
    """Have the menu open, in an event loop of its own."""
    yield from running(window)
    QTimer.singleShot(0, window.bar.menu_button.showMenu)
    yield lambda: QApplication.activePopupWidget() is not None


def guide(window: MainWindow) -> Steps:
    """Read the guide, in a window of its own."""
    yield from running(window)
    window.commands["help"].trigger()
    yield lambda: True


def speaking(window: MainWindow) -> Steps:
    """Speak another language, which makes every widget anew."""
    yield from running(window)
    window.set_language("zh")
    yield lambda: True


STATES: Final[Mapping[str, Callable[[MainWindow], Steps]]] = {
    make.__name__: make
    for make in (
        idle,
        warming,
        starting,
        running,
        paused,
        stepping,
        stopping,
        continued,
        finished,
        exporting,
        stuck,
        fetching,
        typesetting,
        tuning,
        library,
        dialog,
        asking,
        tour,
        playback,
        full_screen,
        palette,
        menu,
        guide,
        speaking,
    )
}


def press(window: MainWindow, name: str) -> None:
    """Press a button."""
    button = window.findChild(QAbstractButton, name)
    assert button is not None
    assert button.isEnabled(), name
    button.click()


def until_cancelled(report: Report) -> None:
    """Work until somebody says that it is enough."""
    while True:
        time.sleep(0.01)
        report.progress(1, 2)


def deaf(_report: Report) -> None:
    """Work on, whatever anybody says."""
    time.sleep(60)


def _begin_task(window: MainWindow, work: Callable[[Report], None]) -> None:
    task = TaskDialog("Writing", work, parent=window)
    vars(window.exports)["_dialog"] = task
    task.over.connect(window.exports._finish)
    task.begin()


class Driver(QObject):
    """Leads a window into a state, and ends it.

    Args:
        window: The window.
        state: A name of `STATES`.
        way: How it is ended.
    """

    def __init__(self, window: MainWindow, state: str, *, way: str) -> None:
        super().__init__(window)
        self._window, self._way = window, way
        self._steps = STATES[state](window)
        self._due: Callable[[], bool] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self.look)
        window.painted.connect(self._timer.start)

    @Slot()
    def look(self) -> None:
        """Take the next step, if the last one is taken."""
        if self._due is not None and not self._due():
            return
        try:
            self._due = next(self._steps)
        except StopIteration:
            self._timer.stop()
            sys.stdout.write(f"{THERE}\n")
            sys.stdout.flush()
            self.end()

    def end(self) -> None:
        """End the window as it is wanted."""
        if self._way in ("close", "twice"):
            self._window.close()
        if self._way == "twice":
            self._window.close()
        if self._way == "logout":
            QCoreApplication.exit(0)


def main(state: str, way: str, spec: Path) -> int:
    """Open a window that goes into a state by itself."""
    opened = launch.open_window

    def open_window(window: MainWindow, options: WindowOptions) -> Any:
        watch = opened(window, options)
        Driver(window, state, way=way)
        return watch

    launch.open_window = open_window
    return launch.launch(WindowOptions(spec_path=spec))


if __name__ == "__main__":
    experiment = Path(sys.argv[3])
    experiment.write_text(ENDLESS, encoding="utf-8")
    sys.exit(main(sys.argv[1], sys.argv[2], experiment))
