"""How many processors a process may use; needs no torch."""

import os
from typing import Final

CORES: Final = "OPTLAB_CORES"
"""With this in the environment a process uses at most so many cores."""


def available_cores() -> int:
    """Return how many processors this process may use."""
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    most = os.environ.get(CORES, "")
    return min(cores, max(1, int(most))) if most.isdecimal() else cores
