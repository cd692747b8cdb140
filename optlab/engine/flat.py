"""Parameters and gradients of a model as two flat buffers with views into them.

Norms and copies then cost one pass over one array. Views keep each parameter's
strides, so that channels-last weights stay channels-last. A gradient that lives in the
buffer from the start is accumulated into by autograd in place.
"""

from collections.abc import Sequence

import torch

from optlab.diagnostics.norms import flat_norm, tensors_norm

Number = float | torch.Tensor


class FlatParameters:
    """Dense parameters whose data and gradients are views of two flat tensors."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        total = sum(p.numel() for p in parameters)
        like = parameters[0]
        self.data = torch.empty(total, dtype=like.dtype, device=like.device)
        self.gradient = torch.zeros_like(self.data)
        self._previous = torch.empty_like(self.data)
        first = 0
        for parameter in parameters:
            last = first + parameter.numel()
            view = _like(self.data[first:last], parameter)
            view.copy_(parameter.detach())
            parameter.data = view
            parameter.grad = _like(self.gradient[first:last], parameter)
            first = last

    def clear_gradient(self) -> None:
        """Set the gradient to zero."""
        self.gradient.zero_()

    def remember(self) -> None:
        """Keep a copy of the data for `update_norm`."""
        self._previous.copy_(self.data)

    def param_norm(self) -> Number:
        """Return the norm of the data."""
        return flat_norm(self.data)

    def grad_norm(self) -> Number:
        """Return the norm of the gradient."""
        return flat_norm(self.gradient)

    def update_norm(self) -> Number:
        """Return the norm of the change since `remember`; may be called once."""
        return flat_norm(torch.sub(self.data, self._previous, out=self._previous))


class SeparateParameters:
    """The same for parameters that cannot be views of a buffer.

    Their gradients are sparse, or carry a graph, or an optimizer replaces them.
    """

    def __init__(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        self._parameters = tuple(parameters)
        self._previous = [p.detach().clone() for p in parameters]

    def clear_gradient(self) -> None:
        """Drop the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    def remember(self) -> None:
        """Keep a copy of the data for `update_norm`."""
        for copy, parameter in zip(self._previous, self._parameters, strict=True):
            copy.copy_(parameter.detach())

    def param_norm(self) -> Number:
        """Return the norm of the data."""
        return tensors_norm([p.detach() for p in self._parameters])

    def grad_norm(self) -> Number:
        """Return the norm of the gradients."""
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        return tensors_norm([gradient.detach() for gradient in gradients])

    def update_norm(self) -> Number:
        """Return the norm of the change since `remember`."""
        pairs = zip(self._parameters, self._previous, strict=True)
        return tensors_norm([p.detach() - copy for p, copy in pairs])


def _like(segment: torch.Tensor, parameter: torch.nn.Parameter) -> torch.Tensor:
    """Return ``segment`` with the shape of a parameter, and its strides if dense."""
    strides = parameter.stride()
    shape = parameter.shape
    packed = torch.empty_like(parameter, memory_format=torch.preserve_format).stride()
    if strides == packed:
        return segment.as_strided(shape, strides)
    return segment.view(shape)
