"""``optlab doctor``: what is installed, what the machine has, what is known not to go.

Its report can be pasted into a bug report: it holds no home folder and no user name.
"""

import argparse
import ctypes
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from optlab import __version__
from optlab.cli.bundle import check_bundle, write_bundle
from optlab.cli.listing import say_json
from optlab.cli.output import say, say_table
from optlab.cli.parsing import Parser, Verb
from optlab.cli.private import Private
from optlab.translate import tr

PACKAGES: Final = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "PySide6-Essentials",
    "pytorch_optimizer",
    "opt_einsum",
    "pyqtgraph",
    "PyOpenGL",
    "rich",
    "orjson",
    "platformdirs",
    "tomli-w",
)
# What Qt loads on Linux, and the Debian package that brings it.
QT_LIBRARIES: Final[Mapping[str, str]] = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
}
XCB_LIBRARIES: Final[Mapping[str, str]] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Older ones can damage a database when two connections write around a checkpoint.
SAFE_SQLITE: Final = (3, 51, 3)
TORCH: Final = "2.13."


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What the checks look at.

    Attributes:
        python: Version of Python, as numbers.
        versions: Versions of the packages; empty text where one is missing.
        sqlite: Version of SQLite, as numbers.
        missing: Debian packages of the libraries that Qt cannot load.
    """

    python: tuple[int, ...]
    versions: Mapping[str, str]
    sqlite: tuple[int, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """Something that does not go well together.

    Attributes:
        serious: Whether a part of the program cannot be used because of it.
        text: What it is and what helps.
    """

    serious: bool
    text: str


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``doctor``."""
    text = tr("Print the report as JSON.")
    parser.add_argument("--json", action="store_true", help=text)
    text = tr(
        "Write a zip for a bug report: this report, plug-ins, settings and the last "
        "lines of the log, without home folder, user name and name of the machine."
    )
    parser.add_argument("--bundle", metavar="FILE.zip", help=text)


def act(args: argparse.Namespace) -> int:
    """Print the report; 1 if something serious was found."""
    bundle = None if args.bundle is None else Path(args.bundle)
    if bundle is not None:
        check_bundle(bundle)
    setup = this_setup()
    found = findings(setup)
    report: dict[str, object] = {
        "versions": {"optlab": __version__, "python": platform.python_version()}
        | {name: version or None for name, version in setup.versions.items()}
        | {"sqlite": sqlite3.sqlite_version},
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "devices": list(devices()),
        "threads": threads(),
        "data folder": data_folder(),
        "findings": [{"serious": f.serious, "text": f.text} for f in found],
    }
    if bundle is not None:
        names = write_bundle(bundle, report)
    report = {key: Private().value(value) for key, value in report.items()}
    if args.json:
        say_json(report)
    else:
        _say_report(report)
        if bundle is not None:
            text = "{path} holds {names}; look at it before you send it"
            say(tr(text, path=bundle, names=", ".join(names)))
    return 1 if any(f.serious for f in found) else 0


def this_setup() -> Setup:
    """Return what is installed here."""
    missing = missing_libraries(_loads) if sys.platform == "linux" else ()
    return Setup(
        python=sys.version_info[:3],
        versions={name: version_of(name) for name in PACKAGES},
        sqlite=sqlite3.sqlite_version_info,
        missing=missing,
    )


def findings(setup: Setup) -> tuple[Finding, ...]:
    """Return the known bad combinations that ``setup`` has."""
    found = []
    qt = setup.versions.get("PySide6-Essentials", "")
    if is_fatal_pair(qt, setup.python):
        text = "PySide6 6.12.0 ends Python before 3.12 within seconds; install 6.11.3"
        found.append(Finding(True, tr(text)))
    for name in PACKAGES:
        if not setup.versions.get(name, ""):
            text = tr("{name} is not installed; pip install optlab", name=name)
            found.append(Finding(True, text))
    torch = setup.versions.get("torch", "")
    if torch and not torch.startswith(TORCH):
        text = tr("torch is {version}; OptLab is tested with 2.13", version=torch)
        found.append(Finding(False, text))
    if setup.missing:
        command = f"apt-get install {' '.join(setup.missing)}"
        text = tr("the window lacks system libraries: {command}", command=command)
        found.append(Finding(True, text))
    if setup.sqlite < SAFE_SQLITE:
        text = (
            "SQLite before 3.51.3 can damage a run file that two programs write at "
            "once; do not resume one run twice at the same time"
        )
        found.append(Finding(False, tr(text)))
    return tuple(found)


def is_fatal_pair(pyside: str, python: tuple[int, ...]) -> bool:
    """Return whether this PySide6 drops references that this Python still counts."""
    return pyside.startswith("6.12.0") and python < (3, 12)


def missing_libraries(loads: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the Debian packages of the libraries that cannot be loaded."""
    libraries = {**QT_LIBRARIES, **XCB_LIBRARIES}
    return tuple(package for name, package in libraries.items() if not loads(name))


def version_of(package: str) -> str:
    """Return the version of an installed package; empty if it is missing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def devices() -> tuple[str, ...]:
    """Return what can be trained on, in words."""
    try:
        import torch
    except (ImportError, OSError):
        return ()
    names = [
        f"cuda:{i} ({torch.cuda.get_device_name(i)})"
        for i in range(torch.cuda.device_count())
    ]
    return ("cpu", *names)


def threads() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def data_folder() -> str:
    """Return where datasets are kept."""
    from optlab.problems.datasets import data_folder as folder

    return str(folder())


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _say_report(report: Mapping[str, object]) -> None:
    rows = []
    for key, value in report.items():
        if isinstance(value, dict):
            rows += [(k, str(v or tr("missing"))) for k, v in value.items()]
        elif key != "findings" and isinstance(value, list):
            rows.append((tr(key), ", ".join(map(str, value)) or tr("none")))
        elif key != "findings":
            rows.append((tr(key), str(value)))
    say_table((tr("what"), tr("here")), rows)
    found = report["findings"]
    if isinstance(found, list):
        for finding in found:
            word = tr("Problem") if finding["serious"] else tr("Note")
            say(tr("{kind}: {text}", kind=word, text=finding["text"]))
        if not found:
            say(tr("Nothing is known to be wrong."))


VERB = Verb(
    "doctor",
    "Report versions, devices and what is known not to go.",
    add_arguments,
    act,
)
