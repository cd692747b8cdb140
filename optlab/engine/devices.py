"""Where a run takes place, and what took part in it."""

import os
import platform
from collections.abc import Mapping

import numpy as np
import torch

from optlab import __version__
from optlab.params import InputError
from optlab.translate import tr


def pick_device(wish: str) -> torch.device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``.

    Raises:
        InputError: There is no such device here.
    """
    there = torch.cuda.is_available()
    if wish == "auto":
        return torch.device("cuda:0" if there else "cpu")
    if wish == "cpu":
        return torch.device("cpu")
    if wish == "cuda" and there:
        return torch.device("cuda:0")
    if wish == "cuda":
        raise InputError("device", wish, tr("auto or cpu; this machine has no CUDA"))
    raise InputError("device", wish, tr("auto, cpu or cuda"))


def device_words(device: torch.device) -> str:
    """Return the name of a device as people read it."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)


def available_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def versions() -> Mapping[str, str]:
    """Return names and versions of what takes part in a run."""
    return {
        "optlab": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }
