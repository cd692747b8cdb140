"""What OptLab promises, and how often a test holds it to that.

A test of a promise bears ``@pytest.mark.promise(number, "what is promised")`` and asks
the fixture ``times`` how often to try: a few times in every run of the tests, the full
count where ``OPTLAB_TORTURE`` is set (``make torture``). What came out is then written
to ``build/torture.jsonl``, one line for each test, from which
``scripts/reliability_table.py`` makes the table of ``docs/reliability.md``.
"""

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

TORTURE: Final = "OPTLAB_TORTURE"
RESULTS: Final = Path(__file__).parents[1] / "build" / "torture.jsonl"
MINUTES_OF_TORTURE: Final = 40
_COUNT: Final = pytest.StashKey[int]()
_NOTE: Final = pytest.StashKey[str]()

Times: TypeAlias = Callable[[int, int], int]
Note: TypeAlias = Callable[[str], None]


def tortured() -> bool:
    """Return whether the full counts are asked for."""
    return bool(os.environ.get(TORTURE))


@pytest.fixture
def times(request: pytest.FixtureRequest) -> Times:
    """Return what says how often to try: ``times(small, full)``."""

    def chosen(small: int, full: int) -> int:
        count = full if tortured() else small
        request.node.stash[_COUNT] = count
        return count

    return chosen


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Note:
    """Return what takes down what a test measured, in a few words, for the table."""

    def note(text: str) -> None:
        request.node.stash[_NOTE] = text

    return note


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give promises the time that their full counts need."""
    if not tortured():
        return
    for item in items:
        if item.get_closest_marker("promise"):
            # Before one of its own, which is meant for a few tries.
            limit = pytest.mark.timeout(60 * MINUTES_OF_TORTURE)
            item.add_marker(limit, append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Write down how a promise was kept, where the full counts were asked for."""
    report = yield
    promise = item.get_closest_marker("promise")
    decisive = report.when == "call" or (report.when == "setup" and not report.passed)
    if promise and tortured() and decisive:
        RESULTS.parent.mkdir(exist_ok=True)
        line = {
            "number": promise.args[0],
            "promise": promise.args[1],
            "test": item.nodeid,
            "count": item.stash.get(_COUNT, 1),
            "result": report.outcome,
            "seconds": round(call.duration, 1),
            "measured": item.stash.get(_NOTE, ""),
        }
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report
