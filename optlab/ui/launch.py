"""Build the application: session, window, and what the options ask for."""

import gc
import logging
import os
import sys
from pathlib import Path
from time import monotonic
from typing import Final

from platformdirs import user_cache_path, user_config_path, user_data_path
from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    Slot,
    qFormatLogMessage,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from optlab.log import logging_to_file
from optlab.params import InputError
from optlab.plugins import Plugin, load_plugins
from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.translate import set_language, tr
from optlab.ui.app import READY, WindowOptions
from optlab.ui.appearance import desktop_theme, theme_name
from optlab.ui.beginning import Beginning, wants_lab
from optlab.ui.collector import Collector
from optlab.ui.controller import Phase, RunController
from optlab.ui.editor import SpecEditor
from optlab.ui.errors import ErrorDesk
from optlab.ui.leaving import Deadline, Signals
from optlab.ui.main_window import MainWindow, Session
from optlab.ui.messages import Messages
from optlab.ui.preferences import Preferences, language_of, trains_apart
from optlab.ui.recent import Recent
from optlab.ui.settings_file import open_settings
from optlab.ui.theme import apply_theme, prepare_theme, theme_named
from optlab.ui.view_state import ViewState
from optlab.ui.workspace_keeper import WorkspaceKeeper

logger = logging.getLogger(__name__)

FIRST_LOOK: Final = "first-look"
LOOK_MS: Final = 25
NO_SCALE: Final = 100
SWITCH_SECONDS: Final = 0.0005


def launch(options: WindowOptions) -> int:
    """Open the window and stay until it is closed; return the exit code."""
    app = _application()
    qInstallMessageHandler(_say)
    # A painting thread waits for the interpreter at most this long, at no cost to the
    # steps per second of a run.
    sys.setswitchinterval(SWITCH_SECONDS)
    with logging_to_file(start="window") as log:
        try:
            window, watch = _open(app, options, log=log)
        except InputError as error:
            sys.stderr.write(f"optlab: {error}\n")
            return 2
        signals = Signals(window)
        deadline = Deadline(window, lambda: watch.exit_code)
        collector = Collector()
        app.exec()
        collector.stop()
        if window.broken is not None:
            raise window.broken
        if not window.closed:
            # The desktop ends the program by itself as one logs out.
            window.close()
        signals.stop()
        ended = _ended(window)
        qInstallMessageHandler(None)
        if not ended:
            deadline.leave()
        deadline.stop()
    return watch.exit_code


def _open(
    app: QApplication, options: WindowOptions, *, log: Path
) -> "tuple[MainWindow, Watch]":
    """Return a window that is open, and what watches over it.

    Raises:
        InputError: What is to be opened cannot be.
    """
    new: list[str] = []
    catalog, plugins = load_plugins(tell=new.append)
    session = make_session(catalog, preset=options.preset, plugins=plugins)
    if options.lang is None:
        set_language(language_of(session.preferences))
    theme = theme_named(_theme_name(session.preferences, options.theme))
    # Before the first widget is made: later ones would keep another font.
    prepare_theme(app, theme)
    session.state.set_theme(theme)
    # At once where all is wanted at once: it is cheaper before the style sheet is on.
    at_once = wants_lab(options, session.preferences)
    window = MainWindow(session, at_once=at_once)
    apply_theme(app, theme)
    watch = open_window(window, options)
    ErrorDesk(window, log=log, kept=watch.kept).listen()
    if new:
        text = tr(
            "Loaded for the first time, and plug-ins are code: {names}. They can be "
            "switched off under Plug-ins.",
            names=", ".join(new),
        )
        window.notice.say(text, severity="warning")
    return window, watch


def _ended(window: MainWindow) -> bool:
    """Return whether nothing is at work any more, a short while after the window."""
    ended = [
        window.controller.shutdown(),
        window.study.shutdown(),
        window.reader.shutdown(),
        window.welcome.shutdown(),
        window.library.shutdown(),
        window.tuning.shutdown(),
        window.exports.shutdown(),
        window.datasets.shutdown(),
        window.explainer.shutdown(),
    ]
    return all(ended)


def make_session(
    catalog: Catalog,
    *,
    preset: str | None = None,
    folder: Path | None = None,
    plugins: tuple[Plugin, ...] = (),
) -> Session:
    """Return a session with a ready experiment.

    Args:
        catalog: What experiments are made of.
        preset: Name of the experiment; None for the one that opens by default.
        folder: Where runs and settings are kept; None for the user's own places.
        plugins: The plug-ins that are installed.

    Raises:
        InputError: There is no such preset.
    """
    info = catalog.presets.get(preset or FIRST_LOOK, "--preset")
    spec = spec_from_text(info.text, catalog, name=info.name)
    editor = SpecEditor(catalog, spec, source=f"{info.name}.toml")
    settings = _settings(folder)
    preferences = Preferences(settings)
    usual = (folder or user_data_path("optlab", appauthor=False)) / "runs"
    chosen = preferences.text("runs_folder")
    runs = Path(chosen).expanduser() if chosen else usual
    return Session(
        catalog=catalog,
        editor=editor,
        controller=RunController(
            catalog, runs=runs, apart=lambda: trains_apart(preferences)
        ),
        state=ViewState(stack=editor.stack),
        runs=runs,
        cache=(folder or user_cache_path("optlab", appauthor=False)) / "cache",
        settings=settings,
        preferences=preferences,
        messages=Messages(),
        recent=Recent(settings),
        plugins=plugins,
    )


def open_window(window: MainWindow, options: WindowOptions) -> "Watch":
    """Show a window as the options say; return what watches over it.

    Raises:
        InputError: What is to be opened cannot be.
    """
    beginning = Beginning(window, options)
    watch = Watch(window, options, keeper=beginning.keeper)
    window.show()
    return watch


class Watch(QObject):
    """Does what the options ask for once the window is there, and sets the exit code.

    Attributes:
        exit_code: What the program returns.
    """

    def __init__(
        self,
        window: MainWindow,
        options: WindowOptions,
        *,
        keeper: WorkspaceKeeper | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._options = options
        self._keeper = keeper
        self._began = monotonic()
        self._taken = False
        self.exit_code = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        window.painted.connect(self._on_painted)
        window.furnished.connect(self._on_furnished)
        window.controller.failed.connect(self._on_failed)

    def kept(self) -> bool:
        """Return whether what is open comes back at the next start."""
        wanted = bool(self._window.session.preferences.value("autosave"))
        return wanted and self._keeper is not None and self._keeper.owner

    @Slot()
    def _on_painted(self) -> None:
        sys.stdout.write(READY + "\n")
        sys.stdout.flush()

    @Slot()
    def _on_furnished(self) -> None:
        gc.freeze()
        self._window.controller.warm_up()
        if self._options.start:
            self._window.runs.start_or_pause()
            if self._window.runs.reason():
                self._on_failed(self._window.runs.reason())
        if self._options.screenshot is not None or self._options.quit_after is not None:
            self._timer.start()

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        if self._options.start:
            sys.stderr.write(f"optlab: {reason}\n")
            self.exit_code = 1

    @Slot()
    def _look(self) -> None:
        options = self._options
        if options.screenshot is not None and not self._taken and self._due():
            self._take(options.screenshot)
            if options.quit_after is not None:
                self._close()
                return
        seconds = monotonic() - self._began
        if options.quit_after is not None and seconds >= options.quit_after:
            if options.screenshot is not None and not self._taken:
                self._give_up(options)
            self._close()

    def _due(self) -> bool:
        if not self._options.start and self._options.screenshot_at_step is None:
            return True
        data = self._window.controller.data
        if data is None or not data.trials:
            return False
        step = self._options.screenshot_at_step
        for trial in data.trials:
            status = data.status(trial.trial)
            if not status.state.ended and (step is None or status.step < step):
                return False
        return step is not None or self._window.controller.phase is Phase.IDLE

    def _take(self, path: Path) -> None:
        self._taken = True
        window = self._window
        with window.controller.still():
            window.clock.refresh_now()
            window.monitor.look()
            # What was just written in words is laid out before it is painted.
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
            picture = window.grab()
        if not picture.save(str(path), "PNG"):
            text = tr("the picture cannot be written: {path}", path=path)
            sys.stderr.write(f"optlab: {text}\n")
            self.exit_code = 1

    def _give_up(self, options: WindowOptions) -> None:
        step, seconds = options.screenshot_at_step, f"{options.quit_after:g}"
        if step is None:
            text = tr(
                "no picture: the run had not ended after {seconds} s; "
                "--screenshot-at-step N takes one before",
                seconds=seconds,
            )
        else:
            text = tr(
                "no picture: step {step} was not reached in {seconds} s",
                step=step,
                seconds=seconds,
            )
        sys.stderr.write(f"optlab: {text}\n")
        self.exit_code = 1

    def _close(self) -> None:
        self._timer.stop()
        self._window.close()


def _say(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Hand on what Qt says, but for what is no news where there is no screen."""
    if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        # After a fatal one Qt ends the program.
        logger.critical("Qt: %s", message)
    if not message.startswith("This plugin does not support"):
        sys.stderr.write(qFormatLogMessage(kind, context, message) + "\n")


def _settings(folder: Path | None = None) -> QSettings:
    return open_settings(folder or user_config_path("optlab", appauthor=False))


def _application() -> QApplication:
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    scale = Preferences(_settings()).number("scale")
    if scale != NO_SCALE:
        # Qt reads it once, when the application is made; a person's own value wins.
        os.environ.setdefault("QT_SCALE_FACTOR", f"{scale / NO_SCALE:g}")
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication(sys.argv[:1])
    app.setApplicationName("OptLab")
    app.setDesktopFileName("optlab")
    return app


def _theme_name(preferences: Preferences, wish: str | None) -> str:
    if wish in ("light", "dark"):
        return wish
    return theme_name(preferences) if wish is None else desktop_theme()
