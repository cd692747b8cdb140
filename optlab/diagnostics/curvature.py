"""Curvature of a loss: the largest eigenvalue of its Hessian, without the Hessian.

Lanczos' method (Golub & Van Loan 2013, Matrix Computations, section 10.1) needs
products of the Hessian with vectors only, each of which is one backward pass through
the gradient (Pearlmutter 1994, "Fast Exact Multiplication by the Hessian"). Neither
gradients that are kept in parameters nor any global random state is touched.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

import torch

Loss = Callable[[], torch.Tensor]
Product = Callable[[torch.Tensor], torch.Tensor]

# Seed of the start vector: any will do, as long as it is the same at each call.
_START: Final = 0x68657373
_VECTORS: Final = 32
# Numbers in the basis at most: bounds memory where there are many parameters.
_BASIS_NUMBERS: Final = 1 << 27
_RESTARTS: Final = 4


def sharpness(
    loss: Loss,
    parameters: Sequence[torch.Tensor],
    *,
    tolerance: float = 1e-4,
) -> float:
    """Return the largest eigenvalue of the Hessian of a loss.

    Args:
        loss: Returns the loss at the present parameters, the same at each call.
        parameters: What the loss is differentiated by.
        tolerance: Relative error of the eigenvalue at which the iteration stops.
    """
    product = hessian_product(loss, parameters)
    if product is None:
        return 0.0
    return largest_eigenvalue(product, _start(parameters), tolerance=tolerance)


def hessian_product(loss: Loss, parameters: Sequence[torch.Tensor]) -> Product | None:
    """Return the function that multiplies the Hessian of a loss with a flat vector.

    None stands for a Hessian of zeros: the gradient is the same everywhere.
    """
    parameters = list(parameters)
    with torch.enable_grad():
        gradient = _flat(
            torch.autograd.grad(
                loss(), parameters, create_graph=True, materialize_grads=True
            )
        )
    if not gradient.requires_grad:
        return None

    def product(vector: torch.Tensor) -> torch.Tensor:
        parts = torch.autograd.grad(
            gradient,
            parameters,
            grad_outputs=vector,
            retain_graph=True,
            materialize_grads=True,
        )
        return _flat(parts)

    return product


def largest_eigenvalue(
    product: Product, start: torch.Tensor, *, tolerance: float
) -> float:
    """Return the largest eigenvalue of a symmetric matrix by Lanczos' method.

    The basis is kept orthogonal in full; when it has become as large as it may, it is
    begun anew from the best vector found.

    Args:
        product: Multiplies the matrix with a vector.
        start: A vector that no eigenvector is orthogonal to.
        tolerance: Relative error, as it is estimated, to stop at.

    Returns:
        The eigenvalue; NaN where the matrix is not finite.
    """
    size = start.numel()
    limit = max(2, min(size, _VECTORS, _BASIS_NUMBERS // size))
    value = math.nan
    for _ in range(_RESTARTS):
        value, start, error = _lanczos(product, start, limit, tolerance)
        if not error > tolerance * abs(value) or limit == size:
            break
    return value


def _lanczos(
    product: Product, start: torch.Tensor, limit: int, tolerance: float
) -> tuple[float, torch.Tensor, float]:
    """Return the largest Ritz value, its vector and an estimate of its error."""
    basis = [start / torch.linalg.vector_norm(start)]
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        image = product(basis[-1])
        diagonal.append(float(basis[-1] @ image))
        rows = torch.stack(basis)
        # Twice is enough to be orthogonal to rounding (Kahan; Parlett 1998, 6.9).
        for _ in range(2):
            image = image - rows.T @ (rows @ image)
        norm = float(torch.linalg.vector_norm(image))
        if not (math.isfinite(norm) and math.isfinite(diagonal[-1])):
            return math.nan, start, 0.0
        value, gap, weights = _largest_ritz(diagonal, beside)
        residual = norm * abs(float(weights[-1]))
        # Parlett 1998, theorems 4.5.1 and 11.7.1, with the gap between Ritz values.
        error = min(residual, residual**2 / gap) if gap > 0 else residual
        scale = max(map(abs, (*diagonal, *beside)))
        done = error <= tolerance * abs(value)
        if done or len(basis) == limit or norm <= 1e-14 * scale:
            return value, rows.T @ weights.to(rows), error
        beside.append(norm)
        basis.append(image / norm)


def _largest_ritz(
    diagonal: Sequence[float], beside: Sequence[float]
) -> tuple[float, float, torch.Tensor]:
    """Return the largest eigenvalue of a tridiagonal matrix, its gap and its vector.

    The gap is the distance from the next eigenvalue, 0 where there is none.
    """
    matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
    if beside:
        off = torch.tensor(beside, dtype=torch.float64)
        matrix += torch.diag(off, 1) + torch.diag(off, -1)
    values, vectors = torch.linalg.eigh(matrix)
    gap = float(values[-1] - values[-2]) if beside else 0.0
    return float(values[-1]), gap, vectors[:, -1]


def _start(parameters: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return the start vector: normal numbers of a generator of its own."""
    generator = torch.Generator().manual_seed(_START)
    size = sum(p.numel() for p in parameters)
    like = parameters[0]
    numbers = torch.randn(size, generator=generator, dtype=torch.float64)
    return numbers.to(dtype=like.dtype, device=like.device)


def _flat(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([t.reshape(-1) for t in tensors])
