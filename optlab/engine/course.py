"""The batches that all trials of one seed and one batch size take."""

from threading import Lock
from typing import Any

from optlab.engine.order import BatchOrder, rolled
from optlab.problems.base import Task


class Course:
    """Makes each batch once for all its trials, and keeps it until all are past it.

    Whoever needs a batch first makes it: made ahead of the slice, batches of nets kept
    all threads but one waiting for a hundredth of the time.

    Args:
        task: Where samples come from.
        order: Which samples.
    """

    def __init__(self, task: Task, order: BatchOrder) -> None:
        self.order = order
        self._task = task
        self._lock = Lock()
        self._made: dict[int, tuple[Any, bytes]] = {}

    def batch(self, step: int, before: bytes) -> tuple[Any, bytes]:
        """Return the batch of ``step``, from 0, and the rolling hash after it.

        Args:
            step: The step.
            before: The rolling hash of all batches before it.
        """
        with self._lock:
            if step not in self._made:
                indices = self.order.batch(step)
                self._made[step] = self._task.batch(indices), rolled(before, indices)
            return self._made[step]

    def hash_after(self, steps: int) -> bytes:
        """Return the rolling hash after so many steps, the last one of this slice."""
        return self._made[steps - 1][1]

    def forget(self, steps: int) -> None:
        """Drop the batches of the first ``steps`` steps."""
        with self._lock:
            for step in [step for step in self._made if step < steps]:
                del self._made[step]
