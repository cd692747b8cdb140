"""An executor that does jobs in this process, in any order, and can be cut short."""

from collections.abc import Callable, Iterator, Sequence
from threading import Event

from optlab.sweep.jobs import Failure, Job, Message, run_job


class Here:
    """Does jobs one after the other.

    Args:
        backwards: Whether the last job comes first.
        most: After so many results somebody stops the study; None for never.
        fails: Says which jobs cannot be done.
    """

    def __init__(
        self,
        *,
        backwards: bool = False,
        most: int | None = None,
        fails: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.done: list[Job] = []
        self._backwards, self._most, self._fails = backwards, most, fails

    @property
    def words(self) -> str:
        """Where jobs are done."""
        return "here"

    def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
        """Do jobs until somebody stops."""
        for job in reversed(jobs) if self._backwards else jobs:
            if stop.is_set():
                return
            if self._fails(job.key):
                yield Failure(key=job.key, reason="the machine burnt down")
                continue
            self.done.append(job)
            yield run_job(job, lambda _: None, stop.is_set)
            if self._most is not None and len(self.done) >= self._most:
                stop.set()

    def close(self) -> None:
        """Nothing to give back."""
