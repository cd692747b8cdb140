"""From the command to a click that is answered, against the least window."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.row import Row

CLICKED = "clicked"
FURNISHED = "furnished"
KEPT = "kept"
THEIRS = ("-m", "benchmarks.empty_window")
OURS = ("-m", "benchmarks.clicked_window")
SWITCH = "welcome.at-start"
SAMPLE = "welcome.open.first-look"


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


def timed(arguments: Sequence[str], env: Mapping[str, str]) -> Mapping[str, float]:
    """Return the seconds from the command to each word that a program has said.

    What is said of how long the window did not answer is taken as it is.
    """
    said = {}
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
            word, _, value = line.strip().partition(" ")
            said[word] = float(value) if word == KEPT else perf_counter() - began
    if CLICKED not in said:
        raise SystemExit(f"{' '.join(arguments)}: the click had no effect")
    return said


def window(button: str, env: Mapping[str, str]) -> Mapping[str, float]:
    """Open the window of OptLab and click on a button of its first page."""
    return timed((*OURS, button, "gui", "--quit-after", "0.1"), env)


def measure(rounds: int) -> Sequence[Row]:
    """Measure it; the disk is warm after a first time that does not count."""
    ours, theirs, loaded, kept, lab = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        env = surroundings(Path(folder))
        for turn in range(-2, 2 * rounds):
            empty = timed(THEIRS, env)[CLICKED]
            switched = window(SWITCH, env)
            sample = window(SAMPLE, env)
            if turn >= 0:
                theirs.append(empty)
                ours.append(switched[CLICKED])
                loaded.append(switched[FURNISHED] / empty)
                kept.append(switched[KEPT])
                lab.append(sample[CLICKED] / empty)
    note = (
        "to the effect of a click at the first moment, on a switch of the welcome page "
        "and on the plot; the lab is made after it, in pieces of at most "
        f"{1e3 * statistics.median(kept):.0f} ms, and all is there after "
        f"{statistics.median(loaded):.2f} of the baseline; a sample clicked at the "
        f"first moment is open after {statistics.median(lab):.2f}"
    )
    return [
        Row(
            key="start-up",
            figure="window ready to be clicked, warm disk",
            baseline="an empty QMainWindow with one pyqtgraph plot, clicked as well",
            ours=ours,
            theirs=theirs,
            target=1.3,
            note=note,
        )
    ]
