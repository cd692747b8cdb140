"""Plain networks, layer after layer: those of the tutorials, of DeepOBS, and an MLP.

A model is made by a function of an `ImageFormat` and the generator that its initial
weights are drawn from.
"""

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import nn

from optlab.problems.dropout import KeyedDropout
from optlab.problems.filling import (
    META,
    fill_all_cnn,
    fill_default,
    fill_glorot,
    filled,
)
from optlab.problems.images import ImageFormat

Layers = list[tuple[str, nn.Module]]


def seed_cnn(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return the tutorials' net: no activation function anywhere."""
    return filled(
        lambda: _seed_net(images, activate=False), fill_default, generator=generator
    )


def seed_cnn_relu(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return the tutorials' net with ReLU after all layers but the last."""
    return filled(
        lambda: _seed_net(images, activate=True), fill_default, generator=generator
    )


def three_conv_three_dense(
    images: ImageFormat, generator: torch.Generator
) -> nn.Module:
    """Return the net 3c3d.

    Schneider, Balles & Hennig 2019, "DeepOBS: A Deep Learning Optimizer Benchmark
    Suite". Pooling windows may hang over the far edge, as with TensorFlow's padding
    "same" there.
    """
    return filled(lambda: _3c3d(images), fill_glorot, generator=generator)


def all_cnn_c(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return All-CNN-C.

    Springenberg et al. 2015, "Striving for Simplicity: The All Convolutional Net",
    table 1, in the form of DeepOBS: a ReLU after the last convolution, too, and
    TensorFlow's padding "same", which pads strided convolutions at the far edge first.
    """
    return filled(lambda: _all_cnn_c(images), fill_all_cnn, generator=generator)


def mlp(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return a perceptron with one hidden layer of 128 ReLUs."""

    def make() -> nn.Module:
        inputs = images.channels * images.size**2
        layers: Layers = [
            ("flatten", nn.Flatten()),
            ("linear1", nn.Linear(inputs, 128)),
            ("relu", nn.ReLU()),
            ("linear2", nn.Linear(128, images.classes)),
        ]
        return nn.Sequential(OrderedDict(layers))

    return filled(make, fill_default, generator=generator)


def weights(model: nn.Module) -> list[torch.Tensor]:
    """Return the parameters that an L2 penalty speaks of: weights, not biases."""
    return [p for p in model.parameters() if p.ndim > 1]


def _seed_net(images: ImageFormat, *, activate: bool) -> nn.Module:
    layers: Layers = []
    for i, (inside, outside) in enumerate(pairwise((images.channels, 32, 32, 64)), 1):
        layers.append((f"conv{i}", nn.Conv2d(inside, outside, 5, padding=2)))
        if activate:
            layers.append((f"relu{i}", nn.ReLU()))
        layers.append((f"pool{i}", nn.MaxPool2d(2)))
    layers.append(("flatten", nn.Flatten()))
    layers.append(("linear1", nn.Linear(_outputs(layers, images), 64)))
    if activate:
        layers.append(("relu4", nn.ReLU()))
    layers.append(("linear2", nn.Linear(64, images.classes)))
    return nn.Sequential(OrderedDict(layers))


def _3c3d(images: ImageFormat) -> nn.Module:
    layers: Layers = []
    shapes = ((images.channels, 64, 5, 0), (64, 96, 3, 0), (96, 128, 3, 1))
    for i, (inside, outside, kernel, padding) in enumerate(shapes, 1):
        conv = nn.Conv2d(inside, outside, kernel, padding=padding)
        layers += [(f"conv{i}", conv), (f"relu{i}", nn.ReLU())]
        layers.append((f"pool{i}", nn.MaxPool2d(3, stride=2, ceil_mode=True)))
    layers.append(("flatten", nn.Flatten()))
    layers += [
        ("dense1", nn.Linear(_outputs(layers, images), 512)),
        ("relu4", nn.ReLU()),
        ("dense2", nn.Linear(512, 256)),
        ("relu5", nn.ReLU()),
        ("dense3", nn.Linear(256, images.classes)),
    ]
    return nn.Sequential(OrderedDict(layers))


def _all_cnn_c(images: ImageFormat) -> nn.Module:
    layers: Layers = [("drop1", KeyedDropout(0.2, index=1))]
    inside, size, number = images.channels, images.size, 0
    for width in (96, 192):
        for stride in (1, 1, 2):
            number += 1
            # An even side gets its one row of padding at the far edge.
            if stride == 2 and size % 2 == 0:
                layers.append((f"pad{number}", nn.ZeroPad2d((0, 1, 0, 1))))
                conv = nn.Conv2d(inside, width, 3, stride=2)
            else:
                conv = nn.Conv2d(inside, width, 3, stride=stride, padding=1)
            layers += [(f"conv{number}", conv), (f"relu{number}", nn.ReLU())]
            inside, size = width, -(-size // stride)
        drop = 2 if width == 96 else 3
        layers.append((f"drop{drop}", KeyedDropout(0.5, index=drop)))
    for number, width, kernel in ((7, 192, 3), (8, 192, 1), (9, images.classes, 1)):
        conv = nn.Conv2d(inside, width, kernel)
        layers += [(f"conv{number}", conv), (f"relu{number}", nn.ReLU())]
        inside = width
    layers += [("mean", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten())]
    return nn.Sequential(OrderedDict(layers))


def _outputs(layers: Layers, images: ImageFormat) -> int:
    """Return how many numbers these layers make of an image."""
    sample = torch.empty(1, images.channels, images.size, images.size, device=META)
    shape = nn.Sequential(OrderedDict(layers))(sample).shape
    return int(shape[1])
