"""A small vision transformer.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", with norms before each part,
learnt places and, as in Beyer, Zhai & Kolesnikov 2022, "Better plain ViT baselines for
ImageNet-1k", a mean over the patches in place of a class token. No dropout.
"""

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from optlab.problems.filling import fill_truncated, filled
from optlab.problems.images import ImageFormat

PATCH: Final = 4
_DIM: Final = 128
_DEPTH: Final = 6
_HEADS: Final = 4
_HIDDEN: Final = 256
# That of the authors' code.
_EPSILON: Final = 1e-6


def tiny_vit(images: ImageFormat, generator: torch.Generator) -> nn.Module:
    """Return the net: patches of 4×4, 128 wide, 6 blocks of 4 heads."""
    return filled(lambda: VisionTransformer(images), _fill, generator=generator)


class VisionTransformer(nn.Module):
    """Patches, transformer blocks, a mean, a linear layer.

    Args:
        images: What it looks at.
    """

    def __init__(self, images: ImageFormat) -> None:
        super().__init__()
        self.patches = nn.Conv2d(images.channels, _DIM, PATCH, stride=PATCH)
        count = (images.size // PATCH) ** 2
        self.places = nn.Parameter(torch.empty(count, _DIM))
        self.blocks = nn.Sequential(*(Block() for _ in range(_DEPTH)))
        self.norm = nn.LayerNorm(_DIM, eps=_EPSILON)
        self.head = nn.Linear(_DIM, images.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores of images of shape (n, channels, side, side)."""
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.places
        scores: torch.Tensor = self.head(self.norm(self.blocks(tokens)).mean(dim=1))
        return scores


class Block(nn.Module):
    """Attention, then a perceptron on each patch, each with a shortcut round it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(_DIM, eps=_EPSILON)
        self.attention = Attention()
        self.norm2 = nn.LayerNorm(_DIM, eps=_EPSILON)
        self.linear1 = nn.Linear(_DIM, _HIDDEN)
        self.linear2 = nn.Linear(_HIDDEN, _DIM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return tokens of the shape of ``x``."""
        x = x + self.attention(self.norm1(x))
        hidden = functional.gelu(self.linear1(self.norm2(x)))
        out: torch.Tensor = x + self.linear2(hidden)
        return out


class Attention(nn.Module):
    """Vaswani et al. 2017, "Attention Is All You Need", eq. 1, by several heads."""

    def __init__(self) -> None:
        super().__init__()
        self.inward = nn.Linear(_DIM, 3 * _DIM)
        self.outward = nn.Linear(_DIM, _DIM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return tokens of the shape of ``x``."""
        n, tokens, _ = x.shape
        parts = self.inward(x).view(n, tokens, 3, _HEADS, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        # Written out: the fused forms cannot be differentiated twice, and on a GPU
        # their gradients are not the same each time.
        scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
        mixed = (scores.softmax(dim=-1) @ value).transpose(1, 2).reshape(n, tokens, -1)
        out: torch.Tensor = self.outward(mixed)
        return out


def _fill(layer: nn.Module, generator: torch.Generator) -> None:
    fill_truncated(layer, generator)
    if isinstance(layer, VisionTransformer):
        nn.init.trunc_normal_(layer.places, std=0.02, generator=generator)
