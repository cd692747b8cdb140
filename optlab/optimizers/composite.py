"""Several optimizers as one: each trains param groups of its own."""

from collections.abc import Sequence
from typing import Any

import torch


class Composite(torch.optim.Optimizer):
    """Optimizers that step one after another, on parameters that they do not share.

    The param groups are those of all parts in order, and they are the parts' own: a
    learning rate that is set here holds there.

    Args:
        parts: The optimizers.
    """

    def __init__(self, parts: Sequence[torch.optim.Optimizer]) -> None:
        self.parts = tuple(parts)
        super().__init__([g for part in parts for g in part.param_groups], {})

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Let every part take its step.

        Args:
            closure: Must be None: no part may evaluate the loss itself.
        """
        assert closure is None
        for part in self.parts:
            part.step()

    def eval(self) -> None:
        """Go to the weights that are evaluated."""
        self._switch("eval")

    def train(self) -> None:
        """Go back to the weights that are trained."""
        self._switch("train")

    def _switch(self, mode: str) -> None:
        for part in self.parts:
            if hasattr(part, mode):
                getattr(part, mode)()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every part."""
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        for part, state in zip(self.parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self.param_groups = [g for part in self.parts for g in part.param_groups]
