"""Multi-layer perceptrons whose weights come from one given generator alone."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

TANH = "tanh"
RELU = "relu"


def perceptron(
    sizes: Sequence[int],
    generator: torch.Generator,
    *,
    activation: str,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
) -> nn.Sequential:
    """Return linear layers with an activation function between any two.

    Weights are bitwise those that torch draws by default from a generator in the same
    state: He et al. 2015 with a = √5.

    Args:
        sizes: Numbers of inputs, of units of each hidden layer, of outputs.
        generator: Where the weights are drawn from, on the CPU.
        activation: `TANH` or `RELU`.
        dtype: Type of the weights.
        device: Where the model is to be.
    """
    layers: list[tuple[str, nn.Module]] = []
    for i, (inside, outside) in enumerate(pairwise(sizes), 1):
        if layers:
            layer = nn.Tanh() if activation == TANH else nn.ReLU()
            layers.append((f"{activation}{i - 1}", layer))
        linear = nn.Linear(inside, outside, dtype=dtype, device="meta")
        linear.to_empty(device="cpu")
        fill_linear(linear, generator)
        layers.append((f"linear{i}", linear))
    return nn.Sequential(OrderedDict(layers)).to(device)


def fill_linear(linear: nn.Linear, generator: torch.Generator) -> None:
    """Draw weight and bias as torch does by default."""
    nn.init.kaiming_uniform_(linear.weight, a=math.sqrt(5), generator=generator)
    if linear.bias is not None:
        bound = 1 / math.sqrt(linear.in_features)
        nn.init.uniform_(linear.bias, -bound, bound, generator=generator)
