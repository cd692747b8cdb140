"""Guessing the next character of a text that ships with OptLab.

A sample is a stretch of text; at each place of it the next character is to be guessed
from those up to there. The last tenth of the text is held out.
"""

from importlib import resources
from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.catalog_rare import GRU, TRAIN_TEXT, windows
from optlab.problems.learning import (
    Batch,
    Classification,
    SeededFamily,
    probe_indices,
)
from optlab.problems.sequence_models import gru_model, transformer_model
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, integer, word

_PROBE_STRETCHES: Final = 32


def family(values: Values, context: TaskContext) -> SeededFamily["Characters"]:
    """Return the task that completed parameter values describe."""
    text = shipped_text()

    def make(values: Values, *, device: str, seed: int) -> Characters:  # noqa: ARG001
        return Characters(values, text, device=device)

    return SeededFamily(make, values, context)


def shipped_text() -> str:
    """Return the text."""
    file = resources.files("optlab").joinpath("resources/texts/alice.txt")
    return file.read_text(encoding="ascii")


class Characters(Classification):
    """The task; everything random in it comes from the engine.

    Args:
        values: Completed parameter values.
        text: The text to learn.
        device: The torch device.
    """

    def __init__(self, values: Values, text: str, *, device: str) -> None:
        self._context = integer(values, "context")
        self._width, self._kind = integer(values, "width"), word(values, "model")
        symbols, codes = np.unique(list(text), return_inverse=True)
        self._symbols = len(symbols)
        self._train = torch.from_numpy(codes[:TRAIN_TEXT].astype(np.int64)).to(device)
        held_out = torch.from_numpy(codes[TRAIN_TEXT:].astype(np.int64))
        # Stretches that share their ends only: each character is guessed once.
        starts = torch.arange(0, len(held_out) - self._context, self._context)
        place = starts[:, None] + torch.arange(self._context)
        # Every character of the training part is a sample, by where it stands.
        places = torch.arange(windows(values))
        super().__init__(
            (places, places),
            (held_out[place], held_out[place + 1]),
            batch_size=batch_size(values, len(places)),
            device=device,
        )
        self._span = torch.arange(self._context, device=device)

    def build_model(
        self,
        generator: torch.Generator,
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> torch.nn.Module:
        """Return a net whose weights are drawn from ``generator``."""
        if self._kind == GRU:
            model: torch.nn.Module = gru_model(
                self._symbols, self._width, generator=generator
            )
        else:
            model = transformer_model(
                self._symbols, self._width, context=self._context, generator=generator
            )
        return model.to(self._device)

    def batch(self, indices: Ints) -> Batch:
        """Return the stretches that begin at ``indices``, and what comes next."""
        place = on_device(indices, self._device)[:, None] + self._span
        return self._train[place], self._train[place + 1]

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean training loss over some stretches; each is many guesses."""
        places = probe_indices(self.train_size, _PROBE_STRETCHES)
        return self.loss(model, self.batch(places))[0]
