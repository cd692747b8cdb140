"""A study of the window without processes: quick, and stopped where a test wants."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Final

from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.sweep.jobs import Job, Message, attempt_job
from optlab.sweep.study import Study
from optlab.ui.tune_where import Where

MOONS: Final = """
format = 1
title = "Two on moons"
[problem]
name = "moons"
[training]
steps = 24
eval_every = 4
seeds = "0..2"
[tuning]
trials = 3
[[optimizers]]
name = "SGD"
label = "SGD"
[[optimizers]]
name = "Adam"
"""


class Here:
    """Does jobs one after the other in the thread that asks.

    Args:
        most: After so many jobs it waits until somebody stops it; None for no end.

    Attributes:
        ended: Keys of the jobs that nobody stopped.
    """

    words = "here"

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self.ended: list[str] = []

    def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
        """Do jobs until somebody stops them."""
        for job in jobs:
            if len(self.ended) == self._most:
                stop.wait()
            if stop.is_set():
                return
            told: list[Message] = []
            result = attempt_job(job, told.append, stop.is_set)
            if not stop.is_set():
                self.ended.append(job.key)
            yield from told
            yield result

    def close(self) -> None:
        """Give nothing back: nothing was taken."""


def here(where: Where) -> Here:
    """Return what does all jobs of a study here, wherever it should."""
    return Here()


def make_study(folder: Path, catalog: Catalog, text: str = MOONS) -> Path:
    """Do a whole study and return its folder."""
    spec = spec_from_text(text, catalog)
    for _ in Study(spec, catalog, folder, executor=Here()).run():
        pass
    return folder
