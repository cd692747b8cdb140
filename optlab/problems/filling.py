"""How networks get their initial weights: from one given generator and nothing else.

Layers are made on the meta device, where initialisation draws no numbers, and filled
afterwards in the order of their construction.
"""

import math
from collections.abc import Callable
from typing import Final, TypeVar

import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)
Fill = Callable[[nn.Module, torch.Generator], None]

META: Final = "meta"


def filled(make: Callable[[], Net], fill: Fill, *, generator: torch.Generator) -> Net:
    """Return a net on the CPU, filled from ``generator``.

    Args:
        make: Makes the net; called where layers draw nothing.
        fill: Fills one module's own parameters, not those of modules inside it.
            Norms start as torch starts them, which draws nothing.
        generator: Where weights are drawn from.
    """
    with torch.device(META):
        net = make()
    net = net.to_empty(device="cpu")
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d | nn.LayerNorm):
            module.reset_parameters()
        fill(module, generator)
    return net


def fill_default(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw what torch draws by default: He et al. 2015 with a = √5, eq. 10 and 14."""
    if not isinstance(layer, nn.Conv2d | nn.Linear):
        return
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    if layer.bias is not None:
        bound = 1 / math.sqrt(layer.weight[0].numel())
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def fill_glorot(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw as DeepOBS's 3c3d does: Glorot & Bengio 2010, eq. 12 and 16; biases 0."""
    if isinstance(layer, nn.Conv2d):
        nn.init.xavier_normal_(layer.weight, generator=generator)
    elif isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight, generator=generator)
    else:
        return
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def fill_all_cnn(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw as DeepOBS's All-CNN-C does: Glorot's normal rule; biases 0.1."""
    fill_glorot(layer, generator)
    if isinstance(layer, nn.Conv2d) and layer.bias is not None:
        nn.init.constant_(layer.bias, 0.1)


def fill_he(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw as the ResNet paper's code does: He et al. 2015, eq. 14; biases 0."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(
            layer.weight, mode="fan_out", nonlinearity="relu", generator=generator
        )
    elif isinstance(layer, nn.Linear):
        fill_default(layer, generator)
        nn.init.zeros_(layer.bias)


def fill_truncated(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw weights with deviation 0.02, cut at ±2; biases 0."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(layer.weight, std=0.02, generator=generator)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
