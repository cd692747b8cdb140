"""One trial: its optimizer, its counters, and its state as a tree.

A trial knows how to describe, save and restore itself. Groups (`surface_group`,
`task_group`) take its steps; `loop` only schedules them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import torch

from optlab.optimizers.build import Built, state_floats, write_rate
from optlab.params import InputError
from optlab.records import State, TrialMemory, TrialStart, TrialStop
from optlab.registry import Catalog
from optlab.spec import OptimizerSpec
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.optimizers.schedules.build import Schedule


Floats = npt.NDArray[np.float64]
_NO_MEMORY: Final = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "alloc_failed",
)


@dataclass(eq=False)
class Trial:
    """One optimizer setting with one seed inside a run.

    Attributes:
        start: What is announced of it.
        built: Its optimizer, and what that asks of the engine.
        parameters: What it trains, by name.
        schedule: What moves its learning rates; None for constant ones.
        step: Updates taken so far.
        state: Where it stands.
        reason: Why it did not finish.
        grad_evals: Gradient evaluations so far.
        wall_time: Seconds spent in steps.
        optimizer_time: The part of them spent in the optimizer.
        first_loss: Loss of the first step; None before it.
        batch_hash: Rolling hash of the batches seen.
    """

    start: TrialStart
    built: Built
    parameters: Sequence[tuple[str, torch.nn.Parameter]]
    schedule: Schedule | None = None
    step: int = 0
    state: State = State.RUNNING
    reason: str = ""
    grad_evals: int = 0
    wall_time: float = 0.0
    optimizer_time: float = 0.0
    first_loss: float | None = None
    batch_hash: bytes = b""
    buffers: Mapping[str, torch.Tensor] = field(default_factory=dict)
    _held: float | None = field(default=None, init=False)

    @property
    def live(self) -> bool:
        """Whether there are steps to take."""
        return self.state is State.RUNNING

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The torch optimizer."""
        return self.built.optimizer

    @property
    def lr_columns(self) -> tuple[str, ...]:
        """Names of the columns that hold the rates: group 0, and all that are named."""
        return "lr", *(f"lr:{name}" for name in self.built.groups if name)

    def rates(self) -> list[float]:
        """Return the learning rates that belong into `lr_columns`."""
        groups = self.optimizer.param_groups
        named = zip(self.built.groups, groups, strict=True)
        held = [groups[0], *(group for name, group in named if name)]
        return [rate_of(group) for group in held]

    def set_rate(self, rate: float) -> float | None:
        """Give the first param group another rate, and all others in proportion.

        A schedule goes on as it would have, by the same factor larger or smaller.

        Returns:
            The rate before; None where there is none that could be changed.
        """
        before = rate_of(self.optimizer.param_groups[0])
        if not (math.isfinite(before) and before > 0 and 0 < rate < math.inf):
            return None
        if self.schedule is not None:
            self.schedule.scale(rate / before)
            return before
        first = self.optimizer.param_groups[0]
        for group in self.optimizer.param_groups:
            lr = rate if group is first else rate_of(group) * (rate / before)
            write_rate(group, lr)
        return before

    @contextmanager
    def evaluation_weights(self) -> Iterator[None]:
        """Hold the weights that are to be evaluated, for the length of this block.

        Those that are trained come back as a copy: the way there and back again
        through an optimizer's own arithmetic would change their last bits.
        """
        if not self.built.needs.mode_switch:
            yield
            return
        parameters = [p for _, p in self.parameters]
        copies = [p.detach().clone() for p in parameters]
        optimizer: Any = self.optimizer
        optimizer.eval()
        try:
            yield
        finally:
            optimizer.train()
            with torch.no_grad():
                for parameter, copy in zip(parameters, copies, strict=True):
                    parameter.copy_(copy)

    @property
    def state_floats_per_param(self) -> float:
        """Floats of optimizer state per parameter, as of now."""
        return state_floats(self.optimizer) / self.start.n_parameters

    def memory(self) -> Iterator[TrialMemory]:
        """Yield what the optimizer holds if that has changed; for a trial at rest."""
        held = self.state_floats_per_param
        if self.live and self.step and held != self._held:
            self._held = held
            yield TrialMemory(trial=self.start.trial, state_floats_per_param=held)

    def end(self, state: State, reason: str = "") -> None:
        """Take no more steps."""
        self.state, self.reason = state, reason

    def stop_record(self) -> TrialStop:
        """Return how it ended."""
        return TrialStop(
            trial=self.start.trial,
            state=self.state,
            step=self.step,
            reason=self.reason,
            grad_evals=self.grad_evals,
            wall_time_s=self.wall_time,
            optimizer_time_s=self.optimizer_time,
            state_floats_per_param=self.state_floats_per_param,
            batch_hash=self.batch_hash.hex(),
        )

    def tree(self) -> dict[str, Any]:
        """Return everything that it needs to go on, bitwise."""
        return {
            "step": self.step,
            "grad_evals": self.grad_evals,
            "wall_time": self.wall_time,
            "optimizer_time": self.optimizer_time,
            "first_loss": self.first_loss,
            "batch_hash": self.batch_hash.hex(),
            "parameters": [p.detach() for _, p in self.parameters],
            "gradients": [_gradient_tree(p.grad) for _, p in self.parameters],
            "buffers": dict(self.buffers),
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.state(),
        }

    def restore(self, tree: Mapping[str, Any]) -> None:
        """Go back to where `tree` was taken; tensors keep their storage."""
        self.step = tree["step"]
        self.grad_evals = tree["grad_evals"]
        self.wall_time = tree["wall_time"]
        self.optimizer_time = tree["optimizer_time"]
        self.first_loss = tree["first_loss"]
        self.batch_hash = bytes.fromhex(tree["batch_hash"])
        with torch.no_grad():
            for (_, parameter), saved, gradient in zip(
                self.parameters, tree["parameters"], tree["gradients"], strict=True
            ):
                parameter.copy_(saved)
                if gradient is not None:
                    _restore_gradient(parameter, gradient)
            for name, buffer in self.buffers.items():
                buffer.copy_(tree["buffers"][name])
        self.optimizer.load_state_dict(tree["optimizer"])
        if self.schedule is not None:
            self.schedule.restore(tree["schedule"])


def entry_schedule(
    entry: OptimizerSpec,
    catalog: Catalog,
    *,
    optimizer: torch.optim.Optimizer,
    where: str,
    steps: int,
    steps_per_epoch: int,
) -> Schedule | None:
    """Return what moves the learning rates of an entry, or None.

    Args:
        entry: The entry.
        catalog: Where schedulers are.
        optimizer: Its optimizer.
        where: Dotted place of the entry, for messages.
        steps: Steps that the trial takes.
        steps_per_epoch: Steps in one pass over the data; 0 where there is no data.
    """
    if entry.scheduler is None:
        return None
    from optlab.optimizers.schedules.build import build_schedule

    return build_schedule(
        catalog.schedulers,
        entry.scheduler,
        optimizer,
        key=f"{where}.scheduler",
        steps=steps,
        steps_per_epoch=steps_per_epoch,
    )


def _gradient_tree(gradient: torch.Tensor | None) -> Any:
    if gradient is None or not gradient.is_sparse:
        return gradient
    # Not coalesced: the order of summands is part of the bits.
    return {
        "indices": gradient._indices(),
        "values": gradient._values(),
        "shape": list(gradient.shape),
        "coalesced": gradient.is_coalesced(),
    }


def _restore_gradient(parameter: torch.nn.Parameter, saved: Any) -> None:
    if isinstance(saved, dict):
        saved = torch.sparse_coo_tensor(
            saved["indices"],
            saved["values"],
            saved["shape"],
            is_coalesced=saved["coalesced"],
            check_invariants=True,
            device=parameter.device,
        )
    if parameter.grad is None or saved.is_sparse:
        parameter.grad = saved.to(parameter.device)
    else:
        parameter.grad.copy_(saved)


def rate_of(group: Mapping[str, Any]) -> float:
    """Return the learning rate of a param group; NaN where it has none."""
    rate = group.get("lr")
    return math.nan if rate is None else float(rate)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory was too small, be it the host's or a device's."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    # Allocators of the host, cuBLAS and cuDNN have no kind of error of their own.
    said = str(error).lower() if isinstance(error, RuntimeError) else ""
    return any(words in said for words in _NO_MEMORY)


def failure_reason(error: BaseException) -> str:
    """Return in one line why something failed."""
    if is_out_of_memory(error):
        return tr("out of memory; use a smaller batch or fewer trials")
    if isinstance(error, RuntimeError) and "CUDA error" in str(error):
        reason = str(error).strip().splitlines()[0]
        return tr(
            "the GPU stopped working ({reason}); start OptLab again, or train on the "
            "CPU",
            reason=reason,
        )
    if isinstance(error, InputError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".split())


def first_divergence(
    losses: Floats, finite: npt.NDArray[np.bool_], *, first: float, limit: float
) -> int | None:
    """Return the first row at which a trial has diverged (design note, section 7).

    Args:
        losses: Loss of each row.
        finite: Whether weights and gradient of each row are finite.
        first: The trial's first loss.
        limit: The excess over it that is allowed, in units of max(1, |first|).
    """
    bad = ~finite
    if math.isfinite(limit) and math.isfinite(first):
        with np.errstate(invalid="ignore"):
            bad = bad | (losses > first + limit * max(1.0, abs(first)))
    rows = np.flatnonzero(bad)
    return int(rows[0]) if rows.size else None


def weights_hash(parameters: Sequence[tuple[str, torch.nn.Parameter]]) -> str:
    """Return the hash of all weights in order, names included."""
    digest = blake2b(digest_size=16)
    for name, parameter in parameters:
        digest.update(name.encode())
        digest.update(parameter.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
