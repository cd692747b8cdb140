"""Open the window: the door through which `optlab` and `optlab gui` come.

Imports Qt only when a window is wanted, and torch only after the first paint.
"""

import gc
import os
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from optlab.translate import available_languages, set_language, tr

READY: Final = "optlab: window ready"
BAD_QT: Final = "6.12.0"


@dataclass(frozen=True, kw_only=True)
class WindowOptions:
    """How the window is to come up.

    Attributes:
        preset: Name of the preset to open; None for the one that opens by default.
        spec_path: Experiment in TOML to open instead.
        run_path: Run file to open instead.
        fresh: Whether to leave what was open last time aside.
        start: Whether to press Start at once.
        screenshot: Where to save a picture of the window as PNG; replaced if there.
        screenshot_at_step: Step at which to take it; None for when the run has ended,
            or at once where none is started.
        size: Width and height in pixels; None for those of last time.
        theme: ``light``, ``dark`` or ``system``; None for that of last time.
        lang: Code of the language; None for that of last time.
        quit_after: Seconds after which the window closes; None for never.
        device: ``auto``, ``cpu`` or ``cuda``.
    """

    preset: str | None = None
    spec_path: Path | None = None
    run_path: Path | None = None
    fresh: bool = False
    start: bool = False
    screenshot: Path | None = None
    screenshot_at_step: int | None = None
    size: tuple[int, int] | None = None
    theme: str | None = None
    lang: str | None = None
    quit_after: float | None = None
    device: str = "auto"


def run_window(options: WindowOptions | None = None) -> int:
    """Open the window and stay until it is closed; return the exit code."""
    options = options or WindowOptions()
    reason = refusal()
    if reason:
        sys.stderr.write(f"optlab: {reason}\n")
        return 2
    if options.lang in available_languages():
        set_language(options.lang)
    if sys.platform == "win32":
        # There, torch cannot be loaded once Qt is (pytorch issue 166628).
        from optlab.runner import warm_up

        sys.stdout.write(tr("optlab: loading torch") + "\n")
        warm_up()
    _spare_searches()
    from optlab.ui.launch import launch

    return launch(options)


def _spare_searches() -> None:
    """Leave out what takes a fifth of the time until the window is there.

    Nothing of what is imported and built can be thrown away yet; `Collector` looks for
    cycles once the window is open. And PySide reads the source of every module that is
    imported after it, to find out whether its optional features were asked for there:
    nowhere in OptLab.
    """
    gc.disable()
    import PySide6.QtCore  # noqa: F401

    feature: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _asks_for_no_feature


def _asks_for_no_feature(_module: object) -> bool:
    return False


def refusal() -> str:
    """Return why no window can be opened here, in one sentence; empty if one can."""
    if sys.version_info < (3, 12) and _installed("PySide6-Essentials") == BAD_QT:
        return tr(
            "PySide6 {bad} crashes on Python before 3.12; install "
            "PySide6-Essentials 6.11.3, or use Python 3.12",
            bad=BAD_QT,
        )
    if sys.platform == "linux" and not any(
        os.environ.get(name)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return tr(
            "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); train "
            "in the terminal instead: optlab run first-look"
        )
    return ""


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
