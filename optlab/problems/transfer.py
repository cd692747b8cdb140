"""Brings indices of samples to where the samples are."""

import torch

from optlab.problems.surface import Ints


def on_device(indices: Ints, device: torch.device | str) -> torch.Tensor:
    """Return ``indices`` as a tensor on ``device``, without waiting for it.

    Copies from ordinary memory to a GPU make the host wait, those from pinned memory
    do not; torch keeps the pinned block until the copy is done.
    """
    place = torch.from_numpy(indices)
    if torch.device(device).type == "cuda":
        return place.pin_memory().to(device, non_blocking=True)
    return place.to(device)
