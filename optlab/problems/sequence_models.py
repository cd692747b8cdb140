"""Small nets that say, at each place of a sequence, what comes next.

Their weights come from one given generator and nothing else, and they are made of
plain operations, so that their gradients can be differentiated once more everywhere.
"""

import math
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from optlab.problems.perceptron import fill_linear

HEADS: Final = 4
_BLOCKS: Final = 2
_DEVIATION: Final = 0.02


class GruModel(nn.Module):
    """Embedding, one layer of gated recurrent units, linear read-out.

    Cho et al. 2014 (arXiv:1406.1078), with the reset gate behind the product as
    torch has it: h' = (1 − z) ñ + z h, ñ = tanh(W x + b + r (U h + c)).

    Args:
        symbols: Number of different symbols.
        width: Length of embeddings and of the hidden state.
    """

    def __init__(self, symbols: int, width: int) -> None:
        super().__init__()
        self.embedding = _table(symbols, width)
        self.input = nn.Linear(width, 3 * width)
        self.hidden = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, symbols)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """Return scores of shape (samples, places, symbols)."""
        given = self.input(self.embedding(text))
        state = given.new_zeros(len(text), self.hidden.in_features)
        states = []
        for place in given.unbind(dim=1):
            reset, keep, new = place.chunk(3, dim=1)
            own_reset, own_keep, own_new = self.hidden(state).chunk(3, dim=1)
            kept = torch.sigmoid(keep + own_keep)
            fresh = torch.tanh(new + torch.sigmoid(reset + own_reset) * own_new)
            state = fresh + kept * (state - fresh)
            states.append(state)
        scores: torch.Tensor = self.output(torch.stack(states, dim=1))
        return scores


class Block(nn.Module):
    """Causal attention and a two-layer net, each after a norm and added to its input.

    Args:
        width: Length of the vectors.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return vectors of the same shape.

        Args:
            x: Vectors of shape (samples, places, width).
            mask: What is added to the scores of each place for each other one.
        """
        samples, places, width = x.shape
        shape = samples, places, 3, HEADS, width // HEADS
        parts = self.attention(self.norm1(x)).view(shape).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        scores = query @ key.transpose(-2, -1) / math.sqrt(width // HEADS) + mask
        seen = (scores.softmax(dim=-1) @ value).transpose(1, 2)
        x = x + self.join(seen.reshape(samples, places, width))
        wide = functional.gelu(self.up(self.norm2(x)))
        changed: torch.Tensor = x + self.down(wide)
        return changed


class TransformerModel(nn.Module):
    """Embeddings of symbols and places, two blocks, norm, linear read-out.

    Vaswani et al. 2017 (arXiv:1706.03762), with norms before the layers.

    Args:
        symbols: Number of different symbols.
        width: Length of the vectors, a multiple of `HEADS`.
        context: Longest sequence.
    """

    mask: torch.Tensor

    def __init__(self, symbols: int, width: int, context: int) -> None:
        super().__init__()
        self.embedding = _table(symbols, width)
        self.place = _table(context, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(_BLOCKS))
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, symbols)
        shape = context, context
        self.register_buffer("mask", torch.empty(shape), persistent=False)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """Return scores of shape (samples, places, symbols)."""
        places = text.shape[1]
        x = self.embedding(text) + self.place.weight[:places]
        for block in self.blocks:
            x = block(x, self.mask[:places, :places])
        scores: torch.Tensor = self.output(self.norm(x))
        return scores


def gru_model(symbols: int, width: int, *, generator: torch.Generator) -> GruModel:
    """Return a recurrent net, its weights as torch draws them by default."""
    with torch.device("meta"):
        model = GruModel(symbols, width)
    model.to_empty(device="cpu")
    nn.init.normal_(model.embedding.weight, generator=generator)
    for layer in (model.input, model.hidden, model.output):
        fill_linear(layer, generator)
    return model


def transformer_model(
    symbols: int, width: int, *, context: int, generator: torch.Generator
) -> TransformerModel:
    """Return a transformer, its weights normal with deviation 0.02, as in GPT-2."""
    with torch.device("meta"):
        model = TransformerModel(symbols, width, context)
    model.to_empty(device="cpu")
    for layer in model.modules():
        if isinstance(layer, nn.Embedding | nn.Linear):
            nn.init.normal_(layer.weight, 0.0, _DEVIATION, generator=generator)
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)
        if isinstance(layer, nn.LayerNorm):
            nn.init.ones_(layer.weight)
            nn.init.zeros_(layer.bias)
    ahead = torch.full((context, context), -torch.inf).triu(diagonal=1)
    model.mask.copy_(ahead)
    return model


def _table(rows: int, columns: int) -> nn.Embedding:
    """Return an embedding that is not initialised.

    Left to itself it would draw numbers, which takes torch a second on its meta device.
    """
    return nn.Embedding(rows, columns, _weight=torch.empty(rows, columns))
