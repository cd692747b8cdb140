"""What a figure shows, apart from the run itself."""

from dataclasses import dataclass
from typing import Final

from optlab.params import InputError
from optlab.translate import tr

X_METRICS: Final = {
    "step": "",
    "epoch": "epoch",
    "seconds": "wall_time_s",
    "samples": "samples",
    "evaluations": "grad_evals",
}
"""The metric behind each kind of x axis; steps need none."""

SURFACE: Final = "surface"
"""Stands for the surface figure among the metrics."""

SHEET_METRICS: Final = (
    "train_loss",
    "val_loss",
    "val_accuracy",
    "param_norm",
    "grad_norm",
    "update_norm",
)
"""What a sheet shows if nothing else is asked, where the run has it."""


@dataclass(frozen=True, kw_only=True)
class FigureStyle:
    """What a figure shows and how.

    Attributes:
        metrics: One panel each; empty for a sheet of the important ones, and
            ``("surface",)`` for the surface with its trajectories.
        x: What the x axis counts: ``step``, ``epoch``, ``seconds``, ``samples`` or
            gradient ``evaluations``.
        log_x: Whether the x axis is logarithmic.
        log_y: Whether y axes are; None for what suits each metric.
        smoothing: Weight of the past in the smoothed line, from 0 to below 1; None for
            what suits each metric.
        hidden: Indices of the optimizers that are left out.
        title: The heading; None for that of the run, empty for none.
        size_cm: Width and height; None for what suits the number of panels.
        dpi: Resolution of a PNG.
        x_range: Ends of the x axis; None for all.
        y_range: Ends of the y axes; None for what suits the curves.
    """

    metrics: tuple[str, ...] = ()
    x: str = "step"
    log_x: bool = False
    log_y: bool | None = None
    smoothing: float | None = None
    hidden: frozenset[int] = frozenset()
    title: str | None = None
    size_cm: tuple[float, float] | None = None
    dpi: float = 200.0
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Check what a person may have given.

        Raises:
            InputError: A setting is not allowed.
        """
        if self.x not in X_METRICS:
            text = tr("one of {choices}", choices=", ".join(X_METRICS))
            raise InputError("x", self.x, text)
        if self.smoothing is not None and not 0 <= self.smoothing < 1:
            text = tr("a number ≥ 0 and < 1")
            raise InputError("smoothing", self.smoothing, text)
        if self.size_cm is not None and not all(1 <= s <= 200 for s in self.size_cm):
            text = tr("two numbers from 1 to 200")
            raise InputError("size_cm", self.size_cm, text)
