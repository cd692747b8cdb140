"""Random draws of optimizers, which take them from torch's global generator.

Nothing else may touch that generator while trials run side by side: whoever steps such
an optimizer holds the lock, seeds the generator for this one step and puts its former
state back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch

from optlab.engine.streams import Stream, word


class OptimizerDraws:
    """The generator for the optimizers of a run that need one.

    Args:
        device: Where they draw.
    """

    def __init__(self, device: torch.device) -> None:
        self._lock = Lock()
        self._devices = [device] if device.type == "cuda" else []

    @contextmanager
    def of(self, seed: int, step: int) -> Iterator[None]:
        """Make the global generator that of one step of one seed, in this block.

        Args:
            seed: The seed of the trial.
            step: The step from 1; 0 while the optimizer is built.
        """
        with self._lock, torch.random.fork_rng(devices=self._devices):
            torch.manual_seed(word(seed, Stream.OPTIMIZER, step=step))
            yield
