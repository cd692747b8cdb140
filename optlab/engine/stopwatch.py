"""Seconds that a trial spends in its own steps, on the host or on a GPU.

On a GPU times are marked by events in the stream and read when a slice is flushed, so
that measuring does not make the host wait.
"""

from time import perf_counter

import torch

Times = tuple[list[float], list[float]]


class CpuStopwatch:
    """Times by the clock of the host."""

    def __init__(self) -> None:
        self._wall: list[float] = []
        self._optimizer: list[float] = []
        self._began = self._backward = self._middle = 0.0

    def start(self) -> None:
        """Mark the beginning of a step."""
        self._began = perf_counter()

    def after_backward(self) -> None:
        """Mark the end of the backward pass; what comes next is not timed."""
        self._backward = perf_counter()

    def before_optimizer(self) -> None:
        """Mark the beginning of the update."""
        self._middle = perf_counter()

    def stop(self, *, elsewhere: float = 0.0) -> None:
        """Mark the end of a step.

        Args:
            elsewhere: Seconds since `before_optimizer` that are not the optimizer's.
        """
        update = perf_counter() - self._middle
        self._wall.append(self._backward - self._began + update)
        self._optimizer.append(update - elsewhere)

    def take(self) -> Times:
        """Return seconds in steps and in the optimizer, by step, and start anew."""
        times = self._wall, self._optimizer
        self._wall, self._optimizer = [], []
        return times


class CudaStopwatch:
    """Times by events in the stream of a GPU."""

    def __init__(self) -> None:
        self._marks: list[tuple[list[torch.cuda.Event], float]] = []
        self._open: list[torch.cuda.Event] = []

    def _mark(self) -> None:
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        self._open.append(event)

    def start(self) -> None:
        """Mark the beginning of a step."""
        self._open = []
        self._mark()

    def after_backward(self) -> None:
        """Mark the end of the backward pass; what comes next is not timed."""
        self._mark()

    def before_optimizer(self) -> None:
        """Mark the beginning of the update."""
        self._mark()

    def stop(self, *, elsewhere: float = 0.0) -> None:
        """Mark the end of a step.

        Args:
            elsewhere: Seconds since `before_optimizer` that are not the optimizer's.
        """
        self._mark()
        self._marks.append((self._open, elsewhere))

    def take(self) -> Times:
        """Return seconds in steps and in the optimizer, by step, and start anew."""
        if self._marks:
            self._marks[-1][0][-1].synchronize()
        update = [c.elapsed_time(d) / 1e3 for (_, _, c, d), _ in self._marks]
        wall = [
            a.elapsed_time(b) / 1e3 + own
            for ((a, b, _, _), _), own in zip(self._marks, update, strict=True)
        ]
        optimizer = [
            own - elsewhere
            for (_, elsewhere), own in zip(self._marks, update, strict=True)
        ]
        self._marks = []
        return wall, optimizer


def stopwatch(device: torch.device) -> CpuStopwatch | CudaStopwatch:
    """Return a stopwatch for trials on ``device``."""
    return CudaStopwatch() if device.type == "cuda" else CpuStopwatch()
