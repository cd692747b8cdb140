"""Builds the user's own models: their code, initial weights from one given generator.

What torch's layers draw while they are made comes from the global generators, which
are seeded from the given one for that time and put back afterwards.
"""

import inspect
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from optlab.problems.dropout import KeyedDropout
from optlab.problems.images import ImageFormat
from optlab.problems.own.openers import model_place, open_model
from optlab.translate import tr

_KEY: Final = "problem.model"
# Nobody else may use the global generators while they are borrowed.
_GLOBALS: Final = threading.Lock()


class OwnModel:
    """A model of the user's, which can be built again and again.

    Args:
        name: ``path/to/file.py:Name`` as it was given.
        images: What it will look at.

    Raises:
        InputError: The file or what is in it cannot be used.
    """

    def __init__(self, name: str, images: ImageFormat) -> None:
        open_model(name, _KEY)
        self._place, self._images = model_place(name, _KEY), images
        with _seeded_globals(0):
            found = self._place.load()
        if not callable(found):
            text = tr("a class or a function that makes a torch.nn.Module")
            raise self._place.refuse(text)
        self._make: Callable[..., object] = found
        self._try()

    def build(self, generator: torch.Generator) -> nn.Module:
        """Return a new model whose weights follow from ``generator``.

        Raises:
            InputError: It raises, or is no model that can be trained.
        """
        word = int(torch.randint(2**63 - 1, (), generator=generator))
        with _seeded_globals(word):
            try:
                model = self._make(**self._arguments())
            except (Exception, SystemExit) as error:
                raise self._place.raised(tr("raises when it is made"), error) from None
        if not isinstance(model, nn.Module):
            text = tr("a torch.nn.Module; it makes {kind}", kind=type(model).__name__)
            raise self._place.refuse(text)
        self._check_parameters(model)
        share_dropout(model)
        return model

    def _arguments(self) -> dict[str, int]:
        """Return what its signature takes of channels, size and classes."""
        try:
            taken = inspect.signature(self._make).parameters
        except (TypeError, ValueError):
            return {}
        images = self._images
        known = {
            "channels": images.channels,
            "size": images.size,
            "classes": images.classes,
        }
        return {word: value for word, value in known.items() if word in taken}

    def _check_parameters(self, model: nn.Module) -> None:
        named = list(model.named_parameters())
        if not named:
            text = tr("a model with parameters to train; it has none")
            raise self._place.refuse(text)
        for name, parameter in named:
            if isinstance(parameter, UninitializedParameter):
                text = tr("{name} is lazy; give it its shape at once", name=name)
                raise self._place.refuse(text)
            if parameter.dtype != torch.float32:
                kind = str(parameter.dtype).removeprefix("torch.")
                text = tr("{name} must be float32, not {kind}", name=name, kind=kind)
                raise self._place.refuse(text)
            if not parameter.requires_grad:
                text = tr("{name} is frozen; make it a buffer", name=name)
                raise self._place.refuse(text)

    def _try(self) -> None:
        """Let a throw-away model look at two empty images, as in training."""
        images = self._images
        model = self.build(torch.Generator().manual_seed(0))
        sample = torch.zeros(2, images.channels, images.size, images.size)
        with _seeded_globals(0):
            before = torch.get_rng_state()
            try:
                scores: object = model(sample)
            except Exception as error:
                shape = " × ".join(map(str, sample.shape))
                text = tr("its forward fails on a batch of {shape}", shape=shape)
                raise self._place.raised(text, error) from None
            drawn = not torch.equal(before, torch.get_rng_state())
        expected = (2, images.classes)
        if not isinstance(scores, torch.Tensor) or scores.shape != expected:
            found = type(scores).__name__
            if isinstance(scores, torch.Tensor):
                found = " × ".join(map(str, scores.shape)) or "0-d"
            text = "scores of shape 2 × {classes} for two images; it returns {found}"
            text = tr(text, classes=images.classes, found=found)
            raise self._place.refuse(text)
        if not scores.is_floating_point() or not scores.requires_grad:
            text = tr("scores that depend on its parameters")
            raise self._place.refuse(text)
        if drawn:
            text = "its forward draws from torch's global generator, which all trials would share; use torch.nn.Dropout"  # noqa: E501
            raise self._place.refuse(tr(text))


def share_dropout(model: nn.Module) -> None:
    """Replace torch's dropout layers by those whose masks all trials share."""
    places = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
    ]
    made: dict[int, KeyedDropout] = {}
    for parent, name, child in places:
        if isinstance(child, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d):
            channels = not isinstance(child, nn.Dropout)
            index = len(made) + 1
            new = KeyedDropout(child.p, index=index, channels=channels)
            setattr(parent, name, made.setdefault(id(child), new))


@contextmanager
def _seeded_globals(word: int) -> Iterator[None]:
    """Seed all global generators of the CPU from ``word``, for the time of a block."""
    with _GLOBALS, torch.random.fork_rng(devices=[]):
        plain, numeric = random.getstate(), np.random.get_state()
        random.seed(word)
        np.random.seed(word % 2**32)
        # Not torch.manual_seed, which seeds GPUs as well.
        torch.default_generator.manual_seed(word)
        try:
            yield
        finally:
            random.setstate(plain)
            np.random.set_state(numeric)
