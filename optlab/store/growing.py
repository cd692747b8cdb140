"""Arrays that grow at their end and are read while they grow."""

from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T", bound=np.generic)

_FIRST_CAPACITY = 256


class Growing(Generic[T]):
    """A one-dimensional array with cheap appends.

    What `view` returned stays as it was, whatever is appended or cut off later.
    Not locked: one thread at a time.
    """

    def __init__(self, kind: type[T]) -> None:
        self._buffer: npt.NDArray[T] = np.empty(0, dtype=kind)
        self._n = 0

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._n

    def extend(self, values: npt.NDArray[T]) -> None:
        """Append ``values``."""
        stop = self._n + len(values)
        if stop > len(self._buffer):
            capacity = max(stop, 2 * self._n, _FIRST_CAPACITY)
            self._reserve(capacity if self._n else stop)
        self._buffer[self._n : stop] = values
        self._n = stop

    def adopt(self, values: npt.NDArray[T]) -> None:
        """Begin with ``values``, which nobody else writes to from now on: no copy."""
        self._buffer, self._n = values, len(values)

    def cut(self, n: int) -> None:
        """Keep the first ``n`` values only."""
        if n < self._n:
            self._n = n
            # A buffer of its own: views of the old one must keep what was cut off.
            self._reserve(n)

    def view(self) -> npt.NDArray[T]:
        """Return the values so far, read-only and without a copy."""
        view = self._buffer[: self._n]
        view.flags.writeable = False
        return view

    def _reserve(self, capacity: int) -> None:
        buffer = np.empty(capacity, dtype=self._buffer.dtype)
        buffer[: self._n] = self._buffer[: self._n]
        self._buffer = buffer
