"""Where a run takes place, and what took part in it."""

import platform
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

import optlab
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


def versions() -> Mapping[str, str]:
    """Return names and versions of what takes part in a run."""
    commit = _commit(Path(optlab.__file__).parent.parent)
    return {
        "optlab": f"{__version__} ({commit})" if commit else __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _commit(folder: Path) -> str:
    """Return the commit of a checkout, shortened; empty where there is none."""
    git = folder / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head[:12]
        name = head.removeprefix("ref: ")
        if (git / name).is_file():
            return (git / name).read_text(encoding="ascii").strip()[:12]
        packed = (git / "packed-refs").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    lines = (line.split() for line in packed.splitlines())
    return next((line[0][:12] for line in lines if line[1:] == [name]), "")
