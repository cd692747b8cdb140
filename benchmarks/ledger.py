"""What was measured, kept: one line of JSON for each whole run of the benchmarks."""

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.row import Row
from optlab.engine.cores import available_cores

LEDGER: Final = Path(__file__).with_name("results.jsonl")
PACKAGES: Final = ("torch", "numpy", "PySide6-Essentials", "pyqtgraph")


def append(rows: Sequence[Row], *, path: Path = LEDGER) -> None:
    """Add rows, and on what they were measured, to the file that is kept."""
    entry = {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": available_cores(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in PACKAGES},
        "rows": [row.to_json() for row in rows],
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def _commit() -> str:
    """Return the commit that was measured, with a + where files were changed."""
    told = subprocess.run(
        ["git", "describe", "--always", "--abbrev=10", "--dirty=+"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def _processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1] for line in lines if line.startswith("model name"))
    return next(names, platform.processor()).strip()
