"""Drives any textbook rule as a torch optimizer."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast, overload

import torch

from optlab.optimizers.textbook.rule import UpdateRule
from optlab.params import InputError
from optlab.translate import tr

_STEP: Final = "step"


class Textbook(torch.optim.Optimizer):
    """A rule, followed for every parameter of every param group.

    Args:
        params: Parameters or param groups.
        rule: The rule.
        values: Its hyperparameters by name; a param group may have its own.
    """

    def __init__(self, params: Any, rule: UpdateRule, values: Mapping[str, Any]):
        self._rule = rule
        super().__init__(params, dict(values))

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter once.

        Args:
            closure: Evaluates the loss again, once, and returns it.

        Raises:
            InputError: A gradient is sparse.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                self._step_group(group)
        return loss

    def _step_group(self, group: dict[str, Any]) -> None:
        parameters = [p for p in group["params"] if p.grad is not None]
        gradients = [_dense(p.grad) for p in parameters]
        if self._rule.prepare is not None:
            gradients = cast("list[torch.Tensor]", self._rule.prepare(gradients, group))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            self._step_parameter(parameter, gradient, group)

    def _step_parameter(
        self, parameter: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]
    ) -> None:
        kept, theta = self.state[parameter], parameter.detach()
        state = {name: value for name, value in kept.items() if name != _STEP}
        if not kept:
            state = self._rule.start(theta, gradient, group)
        t = kept.get(_STEP, 0) + 1
        new, after = self._rule.step(theta, gradient, state, t, group)
        parameter.copy_(cast(torch.Tensor, new))
        self.state[parameter] = {_STEP: t, **after}


def _dense(gradient: torch.Tensor) -> torch.Tensor:
    if gradient.layout is not torch.strided:
        text = tr("dense; the textbook forms take no sparse gradients")
        raise InputError("gradient", "sparse", text)
    return gradient
