"""Networks whose initial weights come from one given generator and nothing else.

Layers are made on the meta device, where initialisation draws no numbers, and filled
afterwards in the order of their construction.
"""

import math
from collections import OrderedDict
from typing import Final

import torch
from torch import nn

_META: Final = "meta"


def seed_cnn(classes: int, generator: torch.Generator) -> nn.Module:
    """Return the tutorials' net: no activation function anywhere."""
    return _filled(_seed_layers(classes, activate=False), generator, glorot=False)


def seed_cnn_relu(classes: int, generator: torch.Generator) -> nn.Module:
    """Return the tutorials' net with ReLU after all layers but the last."""
    return _filled(_seed_layers(classes, activate=True), generator, glorot=False)


def three_conv_three_dense(classes: int, generator: torch.Generator) -> nn.Module:
    """Return the net 3c3d.

    Schneider, Balles & Hennig 2019, "DeepOBS: A Deep Learning Optimizer Benchmark
    Suite". Pooling windows may hang over the far edge, as with TensorFlow's padding
    "same" there.
    """
    layers: list[tuple[str, nn.Module]] = []
    shapes = ((3, 64, 5, 0), (64, 96, 3, 0), (96, 128, 3, 1))
    for i, (inside, outside, kernel, padding) in enumerate(shapes, 1):
        conv = nn.Conv2d(inside, outside, kernel, padding=padding, device=_META)
        layers += [(f"conv{i}", conv), (f"relu{i}", nn.ReLU())]
        layers.append((f"pool{i}", nn.MaxPool2d(3, stride=2, ceil_mode=True)))
    layers += [
        ("flatten", nn.Flatten()),
        ("dense1", nn.Linear(1152, 512, device=_META)),
        ("relu4", nn.ReLU()),
        ("dense2", nn.Linear(512, 256, device=_META)),
        ("relu5", nn.ReLU()),
        ("dense3", nn.Linear(256, classes, device=_META)),
    ]
    return _filled(layers, generator, glorot=True)


def weights(model: nn.Module) -> list[torch.Tensor]:
    """Return the parameters that an L2 penalty speaks of: weights, not biases."""
    return [p for p in model.parameters() if p.ndim > 1]


def _seed_layers(classes: int, *, activate: bool) -> list[tuple[str, nn.Module]]:
    layers: list[tuple[str, nn.Module]] = []
    channels = ((3, 32), (32, 32), (32, 64))
    for i, (inside, outside) in enumerate(channels, 1):
        conv = nn.Conv2d(inside, outside, 5, padding=2, device=_META)
        layers.append((f"conv{i}", conv))
        if activate:
            layers.append((f"relu{i}", nn.ReLU()))
        layers.append((f"pool{i}", nn.MaxPool2d(2)))
    layers.append(("flatten", nn.Flatten()))
    layers.append(("linear1", nn.Linear(1024, 64, device=_META)))
    if activate:
        layers.append(("relu4", nn.ReLU()))
    layers.append(("linear2", nn.Linear(64, classes, device=_META)))
    return layers


def _filled(
    layers: list[tuple[str, nn.Module]], generator: torch.Generator, *, glorot: bool
) -> nn.Module:
    """Return the layers as one model on the CPU, filled from ``generator``."""
    model = nn.Sequential(OrderedDict(layers)).to_empty(device="cpu")
    for layer in model:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            fill = _fill_glorot if glorot else _fill_default
            fill(layer, generator)
    return model


def _fill_default(layer: nn.Conv2d | nn.Linear, generator: torch.Generator) -> None:
    """Draw what torch draws by default: He et al. 2015 with a = √5, eq. 10 and 14."""
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    if layer.bias is not None:
        bound = 1 / math.sqrt(layer.weight[0].numel())
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def _fill_glorot(layer: nn.Conv2d | nn.Linear, generator: torch.Generator) -> None:
    """Draw as DeepOBS does: Glorot & Bengio 2010, eq. 12 (normal) and 16 (uniform)."""
    if isinstance(layer, nn.Conv2d):
        nn.init.xavier_normal_(layer.weight, generator=generator)
    else:
        nn.init.xavier_uniform_(layer.weight, generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
