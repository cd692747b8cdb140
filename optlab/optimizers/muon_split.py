"""Muon for hidden weight matrices, AdamW for everything else, as one optimizer.

Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon) is made for the 2-D weights
of hidden layers. Its authors leave embeddings, the output layer, biases, norms and
convolutions to AdamW (arXiv:1711.05101); so does this.
"""

from collections.abc import Callable, Sequence
from typing import Any, overload

import torch

from optlab.optimizers.kinds import is_embedding
from optlab.params import InputError
from optlab.translate import tr


class MuonSplit(torch.optim.Optimizer):
    """`torch.optim.Muon` on hidden matrices and `torch.optim.AdamW` on the rest.

    Group 0 is Muon's; group 1, where there is a rest, is AdamW's. Both share their
    groups and state with this object, so that a learning rate that is set here and a
    state that is loaded here hold for them.

    Args:
        named_parameters: Names and parameters of the model, in its order; or one param
            group of such pairs, all of whose matrices are for Muon.
        lr: Learning rate of Muon.
        weight_decay: Decoupled weight decay of Muon.
        momentum: Decay rate of the average of gradients.
        nesterov: Whether the step looks ahead along the momentum.
        ns_coefficients: Coefficients of the Newton-Schulz polynomial.
        eps: Smallest norm that a matrix is divided by.
        ns_steps: Newton-Schulz iterations.
        adjust_lr_fn: How lr is scaled for the shape of a matrix.
        rest_lr: Learning rate of AdamW.
        rest_betas: Decay rates of AdamW's averages.
        rest_eps: What AdamW adds to its denominator.
        rest_weight_decay: Weight decay of AdamW.

    Raises:
        InputError: There is no matrix at all.
    """

    def __init__(
        self,
        named_parameters: Sequence[Any],
        *,
        lr: float,
        weight_decay: float,
        momentum: float,
        nesterov: bool,
        ns_coefficients: tuple[float, float, float],
        eps: float,
        ns_steps: int,
        adjust_lr_fn: str | None,
        rest_lr: float,
        rest_betas: tuple[float, float],
        rest_eps: float,
        rest_weight_decay: float,
    ) -> None:
        if isinstance(named_parameters[0], dict):
            matrices, rest = split(named_parameters[0]["params"], chosen=True)
        else:
            matrices, rest = split(named_parameters)
        parts: list[torch.optim.Optimizer] = [
            torch.optim.Muon(
                matrices,
                lr=lr,
                weight_decay=weight_decay,
                momentum=momentum,
                nesterov=nesterov,
                ns_coefficients=ns_coefficients,
                eps=eps,
                ns_steps=ns_steps,
                adjust_lr_fn=adjust_lr_fn,
            )
        ]
        if rest:
            parts.append(
                torch.optim.AdamW(
                    rest,
                    lr=rest_lr,
                    betas=rest_betas,
                    eps=rest_eps,
                    weight_decay=rest_weight_decay,
                )
            )
        self._parts = tuple(parts)
        super().__init__([part.param_groups[0] for part in parts], {})
        self._share()

    def _share(self) -> None:
        """Make the parts work on the groups and the state of this object."""
        for part, group in zip(self._parts, self.param_groups, strict=True):
            part.param_groups, part.state = [group], self.state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over a loaded state; torch calls this from ``load_state_dict``."""
        super().__setstate__(state)
        self._share()

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter once.

        Args:
            closure: Evaluates the loss again, once, and returns it.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part in self._parts:
            part.step()
        return loss

    @property
    def group_names(self) -> tuple[str, ...]:
        """The name of each param group: Muon's has none."""
        return ("", "rest")[: len(self.param_groups)]

    def notes(self) -> tuple[str, ...]:
        """Return in plain words which parameters went where."""
        muon, *others = [group["params"] for group in self.param_groups]
        text = tr(
            "Muon trains {count} of {total} parameters, with {numbers} numbers",
            count=len(muon),
            total=len(muon) + sum(len(rest) for rest in others),
            numbers=f"{_numel(muon):,}",
        )
        texts = [
            tr(
                "AdamW trains the other {count}, with {numbers} numbers",
                count=len(rest),
                numbers=f"{_numel(rest):,}",
            )
            for rest in others
        ]
        return text, *texts


def split(
    named_parameters: Sequence[tuple[str, torch.nn.Parameter]], *, chosen: bool = False
) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """Return the parameters for Muon and the rest, each in the given order.

    Muon takes the 2-D weights but embeddings (known by their names) and the output
    layer (the last 2-D weight). A model without any such hidden matrix would leave
    it nothing; there it takes the output layer, or the embeddings where they are all.

    Args:
        named_parameters: Names and parameters.
        chosen: Whether a person has chosen them: then every matrix is for Muon.

    Raises:
        InputError: There is no matrix at all.
    """
    matrices = [name for name, p in named_parameters if p.ndim == 2]
    plain = [name for name in matrices if not is_embedding(name)]
    picked = set(matrices if chosen else plain[:-1] or plain or matrices)
    if not picked:
        raise InputError(
            "name", "Muon", tr("a model with at least one weight matrix; this has none")
        )
    muon = [p for name, p in named_parameters if name in picked]
    return muon, [p for name, p in named_parameters if name not in picked]


def _numel(parameters: Sequence[torch.nn.Parameter]) -> int:
    return sum(p.numel() for p in parameters)
