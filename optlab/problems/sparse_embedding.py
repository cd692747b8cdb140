"""A table of word vectors to be learned from samples in which most words are rare.

A sample is a word and a read-out vector; its target is what the read-out says of the
word's true vector. Words follow Zipf's law, so a batch touches few rows of the table,
some of them hardly ever: home of optimizers for sparse gradients.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.learning import probe_indices
from optlab.problems.sampling import zipf
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, integer

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]

# Word of the key that keeps the data apart from every other use of the same seed.
_DATA_KEY: Final = 0x656D6264
_START_DEVIATION: Final = 0.1
_READ_OUTS_PER_DIM: Final = 4
# Numbers gathered together at most: bounds the memory of targets and evaluations.
_CHUNK: Final = 1 << 20


def family(values: Values, context: TaskContext) -> "EmbeddingFamily":
    """Return the task that completed parameter values describe."""
    return EmbeddingFamily(values, context)


class EmbeddingFamily:
    """The task for all seeds; each seed has data of its own.

    Args:
        values: Completed parameter values.
        context: Where to train.
    """

    def __init__(self, values: Values, context: TaskContext) -> None:
        self._values = values
        self._device = context.device

    def for_seed(self, seed: int) -> "EmbeddingTask":
        """Return the task on the data of ``seed``."""
        return EmbeddingTask(self._values, device=self._device, seed=seed)


class EmbeddingModel(torch.nn.Module):
    """A table of vectors, and what read-outs say of its rows."""

    def __init__(self, table: torch.Tensor, *, sparse: bool) -> None:
        super().__init__()
        # A table that is given is not initialised, which would draw numbers.
        rows, columns = table.shape
        self.embedding = torch.nn.Embedding(rows, columns, sparse=sparse, _weight=table)

    def forward(self, words: torch.Tensor, read_outs: torch.Tensor) -> torch.Tensor:
        """Return one number for each word and read-out."""
        vectors: torch.Tensor = self.embedding(words)
        return (vectors * read_outs).sum(dim=1)


class EmbeddingTask:
    """The task on the data of one seed.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Draws true vectors, read-outs and samples.

    Raises:
        InputError: There are fewer samples than a batch takes.
    """

    def __init__(self, values: Values, *, device: str, seed: int) -> None:
        self._rows = integer(values, "vocabulary")
        self._columns = integer(values, "dim")
        self.train_size = integer(values, "samples")
        self.batch_size = batch_size(values, self.train_size)
        self._device = device
        draw = np.random.Generator(np.random.Philox(key=[seed, _DATA_KEY]))
        shape = (self._rows, self._columns)
        truth = torch.from_numpy(draw.standard_normal(shape, dtype=np.float32))
        count = _READ_OUTS_PER_DIM * self._columns
        bank = draw.standard_normal((count, self._columns), dtype=np.float32)
        # Unit variance of what they say, whatever the dimension.
        bank /= np.float32(np.sqrt(self._columns))
        held_out = max(1, self.train_size // 4)
        total = self.train_size + held_out
        words = torch.from_numpy(zipf(total, self._rows, draw))
        places = torch.from_numpy(draw.integers(count, size=total))
        self._bank = torch.from_numpy(bank)
        targets = torch.cat(
            [
                (truth[words[part]] * self._bank[places[part]]).sum(dim=1)
                for part in self._parts(0, total)
            ]
        )
        self._words, self._places = words.to(device), places.to(device)
        self._bank, self._targets = self._bank.to(device), targets.to(device)

    def _parts(self, first: int, last: int) -> list[slice]:
        step = max(1, _CHUNK // self._columns)
        return [slice(i, min(i + step, last)) for i in range(first, last, step)]

    def build_model(
        self, generator: torch.Generator, *, sparse: bool
    ) -> EmbeddingModel:
        """Return a model whose table is drawn from ``generator``."""
        table = torch.empty(self._rows, self._columns)
        table.normal_(0.0, _START_DEVIATION, generator=generator)
        return EmbeddingModel(table.to(self._device), sparse=sparse)

    def order(
        self,
        steps: int,  # noqa: ARG002
        batch_size: int,  # noqa: ARG002
    ) -> Ints | None:
        """Return None: the engine orders the batches."""
        return None

    def batch(self, indices: Ints) -> Batch:
        """Return words, read-outs and targets at ``indices``."""
        return self._samples(on_device(indices, self._device))

    def _samples(self, place: torch.Tensor | slice) -> Batch:
        return self._words[place], self._bank[self._places[place]], self._targets[place]

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return the mean squared error over a batch."""
        words, read_outs, targets = batch
        error: torch.Tensor = model(words, read_outs) - targets
        return error.square().mean(), {}

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean squared error over the probe, whatever the layout.

        Gradients in a sparse layout cannot be differentiated once more.
        """
        if not isinstance(model, EmbeddingModel):
            raise TypeError("not a model of this task")
        words, read_outs, targets = self.batch(probe_indices(self.train_size))
        vectors = model.embedding.weight[words]
        return ((vectors * read_outs).sum(dim=1) - targets).square().mean()

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return the mean squared error over the held-out samples."""
        total = torch.zeros((), dtype=torch.float64, device=self._device)
        last = len(self._targets)
        for part in self._parts(self.train_size, last):
            words, read_outs, targets = self._samples(part)
            error: torch.Tensor = model(words, read_outs) - targets
            total += error.square().sum()
        return {"val_loss": total / (last - self.train_size)}
