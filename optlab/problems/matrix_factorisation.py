"""Matrix factorisation: two thin matrices whose product is to become a given one.

M = A diag(σ) Bᵀ with random orthonormal A and B and singular values from 1 down to
1 / condition. All observed entries together are a deterministic loss; batches of them
estimate it.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import Floats, Ints, TaskContext
from optlab.problems.catalog_matrices import entries_seen
from optlab.problems.learning import LearningTask, SeededFamily
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, integer, number

# Entries of a batch by row, column and value; all observed ones by value alone.
Batch = tuple[torch.Tensor, ...]

# Word of the key that keeps the data apart from every other use of the same seed.
_DATA_KEY: Final = 0x66616374


def family(values: Values, context: TaskContext) -> SeededFamily["Factorisation"]:
    """Return the factorisation that completed parameter values describe."""
    return SeededFamily(Factorisation, values, context)


class FactorModel(torch.nn.Module):
    """The factors U and V in double precision."""

    def __init__(self, left: torch.Tensor, right: torch.Tensor) -> None:
        super().__init__()
        self.U = torch.nn.Parameter(left)
        self.V = torch.nn.Parameter(right)

    def forward(self) -> torch.Tensor:
        """Return U Vᵀ."""
        return self.U @ self.V.T

    def entries(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Return some entries of U Vᵀ."""
        return (self.U[rows] * self.V[columns]).sum(dim=1)


class Factorisation(LearningTask):
    """The factorisation of the matrix of one seed.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Draws the matrix and which of its entries are observed.

    Raises:
        InputError: Fewer entries are observed than a batch takes.
    """

    def __init__(self, values: Values, *, device: str, seed: int) -> None:
        rows, columns = integer(values, "rows"), integer(values, "columns")
        self._shape = rows, columns
        self._rank = integer(values, "rank")
        self._scale = number(values, "init_scale")
        self._device = device
        self.train_size = entries_seen(values)
        whole = values["batch_size"] is None
        self.batch_size = (
            self.train_size if whole else batch_size(values, self.train_size)
        )
        draw = np.random.Generator(np.random.Philox(key=[seed, _DATA_KEY]))
        matrix = _matrix(rows, columns, values, draw)
        observed = np.sort(draw.permutation(matrix.size)[: self.train_size])
        mask = np.zeros(matrix.size)
        mask[observed] = 1.0
        self._matrix = torch.from_numpy(matrix).to(device)
        self._mask = torch.from_numpy(mask.reshape(matrix.shape)).to(device)
        self._all_observed = self.train_size == matrix.size
        self._observed = torch.from_numpy(observed.astype(np.int64)).to(device)

    def build_model(
        self,
        generator: torch.Generator,
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> FactorModel:
        """Return factors whose elements are drawn from ``generator``."""
        factors = []
        for side in self._shape:
            factor = torch.empty(side, self._rank, dtype=torch.float64)
            factor.normal_(0.0, self._scale, generator=generator)
            factors.append(factor.to(self._device))
        return FactorModel(*factors)

    def batch(self, indices: Ints) -> Batch:
        """Return the observed entries at ``indices``."""
        if len(indices) == self.train_size:
            return (self._matrix.view(-1)[self._observed],)
        places = self._observed[on_device(indices, self._device)]
        rows = torch.div(places, self._shape[1], rounding_mode="floor")
        columns = places - rows * self._shape[1]
        return rows, columns, self._matrix.view(-1)[places]

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return the squared distance over all observed entries, or its estimate."""
        if len(batch) == 1:
            return self._whole_loss(model), {}
        if not isinstance(model, FactorModel):
            raise TypeError("not a model of this task")
        rows, columns, targets = batch
        errors = model.entries(rows, columns) - targets
        return errors.square().sum() * (self.train_size / len(targets)), {}

    def _whole_loss(self, model: torch.nn.Module) -> torch.Tensor:
        errors: torch.Tensor = model() - self._matrix
        if not self._all_observed:
            errors = errors * self._mask
        return errors.square().sum()

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the squared distance over all observed entries."""
        return self._whole_loss(model)

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return the squared distance over the whole matrix, observed or not."""
        errors: torch.Tensor = model() - self._matrix
        return {"val_loss": errors.square().sum()}


def _matrix(
    rows: int, columns: int, values: Values, draw: np.random.Generator
) -> Floats:
    """Return a matrix of the rank and condition number that were asked for."""
    rank, condition = integer(values, "rank"), number(values, "condition")
    left, _ = np.linalg.qr(draw.standard_normal((rows, rank)))
    right, _ = np.linalg.qr(draw.standard_normal((columns, rank)))
    singular = condition ** -np.linspace(0.0, 1.0, rank)
    matrix: Floats = (left * singular) @ right.T
    return matrix
