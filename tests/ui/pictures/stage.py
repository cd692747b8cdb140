"""A window of its own for each scene, and how a scene waits and acts."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final, TypeAlias

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from optlab.plugins import load_catalog
from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.translate import set_language
from optlab.ui.controller import Phase
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from optlab.ui.theme import apply_theme, theme_named

PATIENCE: Final = 180.0
POLL_MS: Final = 15

Act: TypeAlias = Callable[["Stage"], object]
"""Brings the window of a stage into a state."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One state of the window.

    Attributes:
        name: Of the picture, without suffix.
        shows: What is to be seen, in one line.
        act: Brings the window into the state.
        preset: The experiment that is open.
        size: Width and height of the window, before scaling.
        theme: ``light`` or ``dark``.
        lang: Code of the language.
        scale: In percent; others than 100 need a process of their own.
    """

    name: str
    shows: str
    act: Act
    preset: str = "first-look"
    size: tuple[int, int] = (1440, 900)
    theme: str = "light"
    lang: str = "en"
    scale: int = 100


class Stage:
    """The window of one scene, and hands on it.

    Args:
        window: The window.
        catalog: What experiments are made of.
        folder: Where its files lie.
        pictured: Whether a picture is taken, which is worth waiting for.
    """

    def __init__(
        self,
        window: MainWindow,
        catalog: Catalog,
        folder: Path,
        *,
        pictured: bool = False,
    ) -> None:
        self.window = window
        self.catalog = catalog
        self.folder = folder
        self.pictured = pictured

    def wait(self, until: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Let everything go on until something is so.

        Raises:
            TimeoutError: It has not come to be in time.
        """
        end = monotonic() + seconds
        while not until():
            if monotonic() > end:
                raise TimeoutError(f"waited {seconds:g} s")
            loop = QEventLoop()
            QTimer.singleShot(POLL_MS, loop.quit)
            loop.exec()

    def settle(self) -> None:
        """Let what was posted happen: layouts, deletions, short timers."""
        for _ in range(3):
            loop = QEventLoop()
            QTimer.singleShot(POLL_MS, loop.quit)
            loop.exec()

    def open(self, text: str, source: str = "experiment.toml") -> None:
        """Open an experiment written as TOML."""
        spec = spec_from_text(text, self.catalog, name=source)
        self.window.editor.open(spec, source=source)

    def start(self, step: int) -> None:
        """Start, and wait until every trial is at ``step`` or over."""
        self.window.runs.start_or_pause()
        self.wait(lambda: self._at(step))

    def run(self) -> None:
        """Start, and wait for the end."""
        # Nobody watches: what is drawn on the way would only take time.
        controller, clock = self.window.controller, self.window.clock
        self.window.setUpdatesEnabled(False)
        self.window.runs.start_or_pause()
        self.wait(lambda: controller.phase in (Phase.RUNNING, Phase.IDLE))
        clock.stop()
        self.wait(lambda: controller.phase is Phase.IDLE)
        clock.start()
        self.window.setUpdatesEnabled(True)

    def _at(self, step: int) -> bool:
        data = self.window.controller.data
        if data is None or not data.trials:
            return False
        statuses = [data.status(t.trial) for t in data.trials]
        return all(s.state.ended or s.step >= step for s in statuses)

    def type(self, name: str, text: str) -> None:
        """Put a text into a field as if it was typed."""
        field = self.window.findChild(QLineEdit, name)
        assert field is not None, name
        field.setText(text)
        field.textEdited.emit(text)

    def windows(self) -> list[QWidget]:
        """Return the window, and dialogs and popups over it."""
        tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        return sorted(tops, key=lambda w: w is not self.window)


@contextmanager
def played(
    scene: Scene, folder: Path, *, samples: Path | None = None, pictured: bool = False
) -> Iterator[Stage]:
    """Play a scene; its window is held still inside and closed at the end.

    Args:
        scene: What is played.
        folder: Where runs and settings lie.
        samples: Where what the welcome page draws is kept from scene to scene.
        pictured: Whether a picture is taken.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    set_language(scene.lang)
    theme = theme_named(scene.theme)
    gc.disable()
    apply_theme(app, theme)
    catalog = load_catalog()
    session = make_session(catalog, preset=scene.preset, folder=folder)
    session.state.set_theme(theme)
    if samples is not None:
        session.cache.mkdir(parents=True, exist_ok=True)
        (session.cache / "samples").symlink_to(samples, target_is_directory=True)
    window = MainWindow(session)
    stage = Stage(window, catalog, folder, pictured=pictured)
    try:
        window.resize(*scene.size)
        window.show()
        stage.settle()
        scene.act(stage)
        with window.controller.still():
            window.clock.refresh_now()
            window.monitor.look()
            stage.settle()
            stage.wait(lambda: not window.reader.busy)
            window.clock.refresh_now()
            stage.settle()
            yield stage
    finally:
        for other in stage.windows():
            if other is not window:
                other.close()
        window.controller.stop()
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        set_language("en")
        # Here and now: what another thread collects of a window crashes.
        gc.collect()
        gc.enable()
