"""Image classification: a net, a dataset, cross entropy.

All images are held on the device, as bytes where they came as bytes; a batch is cut,
turned into floats and normalised there, in channels-last order.
"""

from collections.abc import Callable, Mapping
from typing import Final, cast

import torch
from torch.nn import functional

from optlab.params import InputError, Values, looks_like_path
from optlab.problems.base import Ints, TaskContext
from optlab.problems.catalog_models import MODELS
from optlab.problems.datasets import load_images
from optlab.problems.images import ImageFormat, LabelledImages
from optlab.problems.learning import evaluating, probe_indices
from optlab.problems.models import weights
from optlab.problems.own.models import OwnModel
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, integer, number, word
from optlab.registry import ModelInfo, resolve
from optlab.translate import tr

Batch = tuple[torch.Tensor, torch.Tensor]
ModelFactory = Callable[[ImageFormat, torch.Generator], torch.nn.Module]
MakeModel = Callable[[torch.Generator], torch.nn.Module]

# Images that an evaluation looks at together: bounds its memory.
_CHUNK: Final = 500


def family(values: Values, context: TaskContext) -> "ImageFamily":
    """Return the classification that completed parameter values describe.

    Raises:
        InputError: The dataset is not there, has fewer images than a batch takes, or
            images that the model cannot take; or the user's own model cannot be used.
    """
    return ImageFamily(values, context)


class ImageFamily:
    """The classification for all seeds: they share data and differ in weights.

    Args:
        values: Completed parameter values.
        context: Where to train, and on which part of the data.
    """

    def __init__(self, values: Values, context: TaskContext) -> None:
        self._task = ImageTask(values, context)

    def for_seed(self, seed: int) -> "ImageTask":  # noqa: ARG002 (the engine's seed)
        """Return the one task: everything random in it comes from the engine."""
        return self._task


class ImageTask:
    """Training and evaluation of one net on one dataset.

    Args:
        values: Completed parameter values.
        context: Where to train, and on which part of the data.
    """

    def __init__(self, values: Values, context: TaskContext) -> None:
        name = word(values, "dataset")
        images = load_images(name, own_size=integer(values, "image_size"))
        learnt, held_out = images.train, images.test
        if context.split == "test":
            learnt, held_out = held_out, learnt
        elif context.split == "tune":
            learnt, held_out = learnt.held_out()
        self._device = torch.device(context.device)
        self._make_model, l2 = _maker(word(values, "model"), images.format)
        self._l2 = l2 if values["l2"] is None else number(values, "l2")
        self.train_size = len(learnt)
        self.batch_size = batch_size(values, self.train_size)
        self._images, self._labels = self._on_device(learnt, len(learnt))
        count = min(integer(values, "val_samples"), len(held_out))
        self._val_images, self._val_labels = self._on_device(held_out, count)
        self._shift, self._scale = self._normalisation(learnt, values)

    def _on_device(self, part: LabelledImages, count: int) -> Batch:
        images = torch.from_numpy(part.images[:count]).to(self._device)
        return images, torch.from_numpy(part.labels[:count]).to(self._device)

    def _normalisation(
        self, learnt: LabelledImages, values: Values
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        if word(values, "normalize") == "unit":
            return None, None
        mean, deviation = learnt.channel_statistics()
        deviation[deviation == 0] = 1.0
        shift = torch.from_numpy(mean).to(self._device, torch.float32)
        scale = torch.from_numpy(deviation).to(self._device, torch.float32)
        return shift, scale

    def build_model(
        self,
        generator: torch.Generator,
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> torch.nn.Module:
        """Return a new net on the device, its convolutions in channels-last order."""
        model = self._make_model(generator).to(self._device)
        for parameter in model.parameters():
            if parameter.ndim == 4:
                layout = torch.channels_last
                parameter.data = parameter.data.contiguous(memory_format=layout)
        return model

    def order(
        self,
        steps: int,  # noqa: ARG002
        batch_size: int,  # noqa: ARG002
    ) -> Ints | None:
        """Return None: the engine orders the batches."""
        return None

    def batch(self, indices: Ints) -> Batch:
        """Return normalised images and labels at ``indices``."""
        place = on_device(indices, self._device)
        return self._normalised(self._images[place]), self._labels[place]

    def _normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return images as floats of shape (n, channels, height, width)."""
        if pixels.dtype == torch.uint8:
            pixels = pixels.to(torch.float32).div_(255)
        if self._shift is not None and self._scale is not None:
            pixels = pixels.sub(self._shift).div_(self._scale)
        return pixels.permute(0, 3, 1, 2)

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return cross entropy plus penalty, and the accuracy on the batch."""
        images, labels = batch
        scores: torch.Tensor = model(images)
        loss = functional.cross_entropy(scores, labels)
        if self._l2:
            squares = torch.stack([w.square().sum() for w in weights(model)])
            loss = loss + 0.5 * self._l2 * squares.sum()
        right = (scores.detach().argmax(dim=1) == labels).to(torch.float32)
        return loss, {"train_accuracy": right.mean()}

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return cross entropy plus penalty over the probe."""
        with evaluating(model):
            return self.loss(model, self.batch(probe_indices(self.train_size)))[0]

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return cross entropy (without penalty) and accuracy on held-out images."""
        total = torch.zeros((), dtype=torch.float64, device=self._device)
        right = torch.zeros((), dtype=torch.float64, device=self._device)
        with evaluating(model):
            for first in range(0, len(self._val_labels), _CHUNK):
                labels = self._val_labels[first : first + _CHUNK]
                pixels = self._val_images[first : first + _CHUNK]
                scores: torch.Tensor = model(self._normalised(pixels))
                total += functional.cross_entropy(scores, labels, reduction="sum")
                right += (scores.argmax(dim=1) == labels).sum()
        count = len(self._val_labels)
        return {"val_loss": total / count, "val_accuracy": right / count}


def _maker(name: str, images: ImageFormat) -> tuple[MakeModel, float]:
    """Return what makes a model, and the penalty that belongs to it.

    Raises:
        InputError: It cannot take such images, or the user's own cannot be used.
    """
    if looks_like_path(name):
        return OwnModel(name, images).build, 0.0
    info = next(model for model in MODELS if model.name == name)
    _check_size(info, images)
    factory = cast(ModelFactory, resolve(info.factory))
    return lambda generator: factory(images, generator), info.l2


def _check_size(info: ModelInfo, images: ImageFormat) -> None:
    size, least, step = images.size, info.min_size, info.size_step
    if size >= least and size % step == 0:
        return
    text = tr("images of at least {n} × {n} pixels, not {size}", n=least, size=size)
    if step > 1:
        text = "images of at least {n} × {n} pixels, in multiples of {step}, not {size}"
        text = tr(text, n=least, step=step, size=size)
    raise InputError("problem.model", info.name, text)
