"""The two sides of a figure: OptLab recording a run, and any work on the clock."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from optlab.plugins import load_catalog
from optlab.runner import Runner
from optlab.spec import parse_spec


def recorded(tree: Mapping[str, Any], folder: Path) -> tuple[float, Runner]:
    """Run an experiment into a run file; return its seconds without building."""
    catalog = load_catalog()
    runner = Runner(parse_spec(tree, catalog), catalog, folder=folder)
    steps = runner.run()
    next(steps)
    began = perf_counter()
    for _ in steps:
        pass
    return perf_counter() - began, runner


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that ``work`` takes, and its result."""
    began = perf_counter()
    result = work()
    return perf_counter() - began, result
