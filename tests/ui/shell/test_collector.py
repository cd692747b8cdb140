"""Cycles of Python are collected in the GUI thread only."""

import gc
import threading

import pytest
from pytestqt.qtbot import QtBot

from optlab.ui.collector import Collector


class Cycle:
    """Something that only the collector can take away, and that notes who did."""

    def __init__(self, noted: list[int]) -> None:
        self.noted = noted
        self.itself = self

    def __del__(self) -> None:
        self.noted.append(threading.get_ident())


def allocate(kept: list[list[object]]) -> None:
    """Make and keep so many objects that Python would collect."""
    kept += [[] for _ in range(50_000)]


def test_that_cycles_die_in_the_thread_of_the_window(qtbot: QtBot) -> None:
    noted: list[int] = []
    collector = Collector()
    try:
        Cycle(noted)
        kept: list[list[object]] = []
        worker = threading.Thread(target=allocate, args=(kept,))
        worker.start()
        worker.join()
        assert not noted
        qtbot.waitUntil(lambda: bool(noted))
        assert noted == [threading.get_ident()]
    finally:
        collector.stop()
    assert gc.isenabled()


@pytest.mark.parametrize("generation", [1, 2])
def test_that_older_generations_are_collected_too(
    qtbot: QtBot, generation: int
) -> None:
    noted: list[int] = []
    collector = Collector()
    try:
        cycle = Cycle(noted)
        for _ in range(generation):
            gc.collect(generation - 1)
        del cycle
        kept: list[list[object]] = []
        for _ in range(400):
            kept += [[] for _ in range(1000)]
            collector.look()
            if noted:
                break
        assert noted
    finally:
        collector.stop()
