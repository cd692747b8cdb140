"""Options of the window, parsed and checked here; the window itself is elsewhere.

This module knows nothing of Qt: whoever knows the window hands it to `main`.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from optlab.cli.consent import tell_of_plugins
from optlab.cli.output import complain
from optlab.cli.parsing import (
    DEVICE,
    Parser,
    Verb,
    add_device,
    checked,
    device_of,
    option_name,
)
from optlab.params import InputError, Kind, ParamSpec
from optlab.translate import available_languages, tr

SMALLEST: Final = 320
SAFE_MODE: Final = "OPTLAB_SAFE_MODE"
LARGEST: Final = 8192

THEME: Final = ParamSpec(
    name="theme",
    kind=Kind.CHOICE,
    default="system",
    choices=("light", "dark", "system"),
    meaning="Colours of the window.",
)
AT_STEP: Final = ParamSpec(
    name="screenshot_at_step",
    kind=Kind.INT,
    default=None,
    low=0,
    meaning="Take the screenshot when every trial has come to this step.",
)
QUIT_AFTER: Final = ParamSpec(
    name="quit_after",
    kind=Kind.FLOAT,
    default=None,
    low=0,
    low_open=True,
    high=1e6,
    unit="s",
    meaning="Close the window after so many seconds.",
)


@dataclass(frozen=True, kw_only=True)
class GuiOptions:
    """How the window is to come up.

    Attributes:
        preset: Name of the preset to open; None for the one that opens by default.
        spec_path: Experiment in TOML to open instead.
        run_path: Run file to open instead.
        fresh: Whether to leave what was open last time aside.
        start: Whether to press Start at once.
        screenshot: Where to save a picture of the window as PNG; replaced if there.
        screenshot_at_step: Step at which to take it; None for when the run has ended,
            or just before the window closes.
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
    device: str = str(DEVICE.default)


def verb(window: Callable[[GuiOptions], int] | None) -> Verb:
    """Return the verb ``gui`` for a program that has ``window``, or none."""

    def act(args: argparse.Namespace) -> int:
        if args.safe_mode:
            os.environ[SAFE_MODE] = "1"
        options = options_of(args)
        reason = no_display() if window else tr("this program has no window")
        if window is None or reason:
            text = "{reason}; train in the terminal instead: optlab run {what}"
            what = options.spec_path or options.preset or "first-look"
            complain(tr(text, reason=reason, what=what))
            return 2
        return window(options)

    return Verb("gui", "Open the window.", add_arguments, act)


def add_arguments(parser: Parser) -> None:
    """Add the options of the window."""
    what = parser.add_mutually_exclusive_group()
    text = tr("Open this ready experiment.")
    what.add_argument("--preset", metavar=tr("NAME"), help=text)
    text = tr("Open this experiment in TOML.")
    what.add_argument("--spec", metavar=tr("FILE"), help=text)
    text = tr("Open this run file.")
    what.add_argument("--run", metavar="FILE.optlab", help=text)
    text = tr("Begin afresh: leave what was open last time aside.")
    parser.add_argument("--fresh", action="store_true", help=text)
    text = tr("Load no plug-in.")
    parser.add_argument("--safe-mode", action="store_true", help=text)
    text = tr("Press Start at once.")
    parser.add_argument("--start", action="store_true", help=text)
    text = tr("Save a picture of the window (PNG; replaced if it is there).")
    parser.add_argument("--screenshot", metavar=tr("FILE"), help=text)
    parser.add_argument("--screenshot-at-step", metavar="N", help=tr(AT_STEP.meaning))
    text = tr("Size of the window in pixels.")
    parser.add_argument("--size", metavar=tr("WIDTHxHEIGHT"), help=text)
    themes = "|".join(THEME.choices)
    parser.add_argument("--theme", metavar=themes, help=tr(THEME.meaning))
    text = tr("Language: {codes}.", codes=", ".join(available_languages()))
    parser.add_argument("--lang", metavar=tr("CODE"), help=text)
    text = tr(QUIT_AFTER.meaning)
    parser.add_argument("--quit-after", metavar=tr("SECONDS"), help=text)
    add_device(parser)


def options_of(args: argparse.Namespace) -> GuiOptions:
    """Return the checked options of the window.

    Raises:
        InputError: One of them is not allowed, or what is to be opened is not there.
    """
    _check_opened(args)
    if args.start and args.run:
        text = tr("--preset or --spec with it; a run file is only looked at")
        raise InputError("--start", None, text)
    if args.screenshot_at_step is not None and args.screenshot is None:
        text = tr("--screenshot FILE with it")
        raise InputError("--screenshot-at-step", args.screenshot_at_step, text)
    step = _optional(AT_STEP, args.screenshot_at_step)
    seconds = _optional(QUIT_AFTER, args.quit_after)
    theme = _optional(THEME, args.theme)
    return GuiOptions(
        preset=args.preset,
        spec_path=Path(args.spec) if args.spec is not None else None,
        run_path=Path(args.run) if args.run is not None else None,
        fresh=args.fresh,
        start=args.start,
        screenshot=_picture(args.screenshot) if args.screenshot is not None else None,
        screenshot_at_step=step if isinstance(step, int) else None,
        size=_size(args.size) if args.size is not None else None,
        theme=theme if isinstance(theme, str) else None,
        lang=_language(args.lang) if args.lang is not None else None,
        quit_after=seconds if isinstance(seconds, float) else None,
        device=device_of(args),
    )


def no_display() -> str:
    """Return why no window can be shown here; empty if one can."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return ""
    if any(
        os.environ.get(name)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return ""
    return tr("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)")


def _check_opened(args: argparse.Namespace) -> None:
    """Refuse what cannot be opened, before a window appears."""
    from optlab.plugins import load_catalog
    from optlab.spec import read_spec

    if args.preset is not None or args.spec is not None:
        # The window tells of them, too, where whoever clicked an icon looks.
        tell_of_plugins(remember=False)
    if args.preset is not None:
        load_catalog().presets.get(args.preset, "--preset")
    if args.spec is not None:
        read_spec(Path(args.spec), load_catalog())
    if args.run is not None:
        from optlab.store.run_data import RunData

        RunData.open(Path(args.run))


def _optional(spec: ParamSpec, text: str | None) -> object:
    return None if text is None else checked(spec, text)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,5})[x×]([0-9]{1,5})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(SMALLEST <= side <= LARGEST for side in size):
        allowed = tr(
            "WIDTHxHEIGHT in pixels, each from {low} to {high}, such as 1440x900",
            low=SMALLEST,
            high=LARGEST,
        )
        raise InputError("--size", text, allowed)
    return size


def _language(code: str) -> str:
    known = available_languages()
    if code not in known:
        allowed = tr("one of {choices}", choices=", ".join(known))
        raise InputError("--lang", code, allowed)
    return code


def _picture(text: str) -> Path:
    path = Path(text)
    key = option_name("screenshot")
    if path.suffix.lower() != ".png":
        raise InputError(key, text, tr("a file name that ends in .png"))
    if path.is_dir():
        raise InputError(key, text, tr("a file, not a folder"))
    if not path.parent.is_dir():
        raise InputError(key, text, tr("a file in a folder that is there"))
    return path
