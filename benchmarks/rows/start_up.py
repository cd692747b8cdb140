"""From the command to a window that can be clicked, against the least window."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.row import Row
from optlab.ui.app import READY

OURS = ("-m", "optlab", "gui", "--quit-after", "0.1")
THEIRS = ("-m", "benchmarks.empty_window")


def surroundings(folder: Path) -> Mapping[str, str]:
    """Return an environment with settings of its own, in which byte code is kept."""
    places = {
        f"XDG_{name}_HOME": str(folder / name.lower())
        for name in ("CONFIG", "DATA", "CACHE", "STATE")
    }
    kept = {"HOME": str(folder), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    found = {**os.environ, **places, **kept}
    # An installed program has its byte code; here Python may be told to keep none.
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    found.setdefault("QT_QPA_PLATFORM", "offscreen")
    return found


def opened(arguments: Sequence[str], word: str, *, env: Mapping[str, str]) -> float:
    """Return the seconds from the command to the line that says ``word``."""
    began = perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == word:
                return perf_counter() - began
    raise SystemExit(f"{' '.join(arguments)} ended before it was ready")


def measure(rounds: int) -> Sequence[Row]:
    """Measure it; the disk is warm after a first time that does not count."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        env = surroundings(Path(folder))
        for _ in range(2):
            opened(OURS, READY, env=env)
            opened(THEIRS, "ready", env=env)
        for _ in range(2 * rounds):
            theirs.append(opened(THEIRS, "ready", env=env))
            ours.append(opened(OURS, READY, env=env))
    return [
        Row(
            key="start-up",
            figure="window ready to be clicked, warm disk",
            baseline="an empty QMainWindow with one pyqtgraph plot",
            ours=ours,
            theirs=theirs,
            target=1.3,
        )
    ]
