"""Residual networks for small images.

He, Zhang, Ren & Sun 2016, "Deep Residual Learning for Image Recognition". Momentum 0.1
and epsilon 1e-5 of the batch norms are those of the authors' code and torch's defaults.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from optlab.problems.filling import fill_default, fill_he, filled
from optlab.problems.images import ImageFormat


def resnet_20(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return ResNet-20 as in section 4.2, with parameter-free shortcuts (option A)."""
    return filled(
        lambda: ResNet(images, widths=(16, 32, 64), blocks=3, project=False),
        fill_he,
        generator=generator,
    )


def resnet_18(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return ResNet-18 as it is used on CIFAR: projections (option B), first conv 3×3.

    Its weights are drawn as torch draws them, as in the programs that published the
    accuracies people compare with.
    """
    return filled(
        lambda: ResNet(images, widths=(64, 128, 256, 512), blocks=2, project=True),
        fill_default,
        generator=generator,
    )


class ResNet(nn.Module):
    """Stages of residual blocks, a global mean, a linear layer.

    Args:
        images: What it looks at.
        widths: Channels of each stage; each but the first halves the side.
        blocks: Blocks of each stage.
        project: Whether a shortcut between different shapes is a convolution (option
            B) or leaves out pixels and adds empty channels (option A).
    """

    def __init__(
        self,
        images: ImageFormat,
        *,
        widths: tuple[int, ...],
        blocks: int,
        project: bool,
    ) -> None:
        super().__init__()
        first = widths[0]
        self.conv1 = _convolution(images.channels, first)
        self.norm1 = nn.BatchNorm2d(first)
        stages = [
            nn.Sequential(
                Block(inside, outside, halve=i > 0, project=project),
                *(
                    Block(outside, outside, halve=False, project=project)
                    for _ in range(blocks - 1)
                ),
            )
            for i, (inside, outside) in enumerate(pairwise((first, *widths)))
        ]
        self.stages = nn.Sequential(*stages)
        self.linear = nn.Linear(widths[-1], images.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores of images of shape (n, channels, side, side)."""
        x = functional.relu(self.norm1(self.conv1(x)))
        scores: torch.Tensor = self.linear(self.stages(x).mean(dim=(2, 3)))
        return scores


class Block(nn.Module):
    """Two convolutions with a shortcut round them (figure 2 of the paper).

    Args:
        inside: Channels that come in.
        outside: Channels that go out.
        halve: Whether the side is halved.
        project: As in `ResNet`.
    """

    def __init__(
        self, inside: int, outside: int, *, halve: bool, project: bool
    ) -> None:
        super().__init__()
        stride = 2 if halve else 1
        self.conv1 = _convolution(inside, outside, stride=stride)
        self.norm1 = nn.BatchNorm2d(outside)
        self.conv2 = _convolution(outside, outside)
        self.norm2 = nn.BatchNorm2d(outside)
        self.shortcut: nn.Module = nn.Identity()
        if (halve or inside != outside) and project:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride=stride, bias=False),
                nn.BatchNorm2d(outside),
            )
        elif halve or inside != outside:
            self.shortcut = Thinned(stride, outside - inside)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output, after its last ReLU."""
        out = functional.relu(self.norm1(self.conv1(x)))
        out = self.norm2(self.conv2(out))
        return functional.relu(out + self.shortcut(x))


class Thinned(nn.Module):
    """Every n-th pixel, with empty channels behind those that there are.

    Args:
        stride: n.
        channels: How many channels to add.
    """

    def __init__(self, stride: int, channels: int) -> None:
        super().__init__()
        self._stride, self._channels = stride, channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the thinned images."""
        thin = x[:, :, :: self._stride, :: self._stride]
        return functional.pad(thin, (0, 0, 0, 0, 0, self._channels))


def _convolution(inside: int, outside: int, *, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False)
