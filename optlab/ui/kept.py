"""An experiment as it is kept from one time to the next, with what is unfinished."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class KeptExperiment:
    """What the editor of the experiment held.

    Attributes:
        text: The experiment as TOML.
        saved: What was saved of it last, as TOML; empty if nothing was.
        source: Name of the file, preset or run that it came from.
        path: The file that it is saved in; None if there is none.
        drafts: What was typed and cannot be used, with its place.
        slots: The colour slot of each optimizer.
        bound: Optimizers of the run on the screen; 0 if there is none.
    """

    text: str
    saved: str = ""
    source: str = ""
    path: Path | None = None
    drafts: tuple[tuple[str, str], ...] = ()
    slots: tuple[int, ...] = ()
    bound: int = 0
