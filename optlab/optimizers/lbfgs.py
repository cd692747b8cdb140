"""`torch.optim.LBFGS` for weights in any memory layout.

torch's own flattens gradients by ``view``, which fails for the channels-last weights of
a convolution. The algorithm (Liu & Nocedal 1989, doi:10.1007/BF01589116) and all
numbers stay torch's.
"""

import torch


class LBFGS(torch.optim.LBFGS):
    """L-BFGS that reads gradients element by element in their logical order."""

    def _gather_flat_grad(self) -> torch.Tensor:
        """Return all gradients as one vector, zeros where there is none."""
        vectors = []
        for parameter in self.param_groups[0]["params"]:
            gradient = parameter.grad
            if gradient is None:
                gradient = torch.zeros_like(parameter)
            elif gradient.is_sparse:
                gradient = gradient.to_dense()
            vectors.append(gradient.reshape(-1))
        return torch.cat(vectors)
