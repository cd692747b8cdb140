"""Dropout whose masks are a function of seed and step, not of what was drawn before.

Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
Overfitting", in the inverted form: what is kept is divided by the share that is kept.
torch's own draws from the global generator, which trials side by side would share.
"""

from typing import Any, Final

import torch
from torch import nn

# Odd, with bits spread evenly (2⁶⁴ over the golden ratio): words of neighbours differ.
_SPREAD: Final = 0x9E3779B97F4A7C15
_WORD: Final = 1 << 64


class KeyedDropout(nn.Module):
    """Sets values to zero at random while training.

    Args:
        p: Probability of being set to zero.
        index: Number of its own in the model: two with the same word and number have
            the same masks.
        channels: Whether whole channels (of dimension 1) are set to zero.
    """

    def __init__(self, p: float, *, index: int = 0, channels: bool = False) -> None:
        super().__init__()
        self.p, self.index, self.channels = p, index, channels
        self._word = _mixed(0, index)
        self._generator: torch.Generator | None = None

    def reseed(self, word: int) -> None:
        """Make the next masks a function of ``word`` and the own number alone."""
        self._word = _mixed(word, self.index)
        if self._generator is not None:
            self._generator.manual_seed(self._word)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x`` with some values set to zero and the others enlarged."""
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return x * 0
        mask = torch.empty_like(x, requires_grad=False)
        if self.channels:
            mask = mask.new_empty((*x.shape[:2], *(1 for _ in x.shape[2:])))
        kept = 1 - self.p
        mask.bernoulli_(kept, generator=self._generator_on(x.device)).div_(kept)
        return x * mask

    def extra_repr(self) -> str:
        """Return what is shown of it."""
        return f"p={self.p}, index={self.index}"

    def _generator_on(self, device: torch.device) -> torch.Generator:
        """Return the own generator, made anew where the device has changed."""
        if self._generator is None or self._generator.device != device:
            self._generator = torch.Generator(device).manual_seed(self._word)
        return self._generator

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy takes along: the word, not how much was drawn of it."""
        return {**self.__dict__, "_generator": None}


def _mixed(word: int, index: int) -> int:
    """Return a seed whose low half, all that the CPU's generator uses, is mixed."""
    mixed = (word + (index + 1) * _SPREAD) % _WORD
    return (mixed ^ (mixed >> 31)) * _SPREAD % _WORD
