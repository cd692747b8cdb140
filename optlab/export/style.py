"""What a figure shows, apart from the run itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

SCALES: Final = ("linear", "log", "symlog")
SPREADS: Final = ("band", "mean", "trials", "seed")
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
        y_scale: ``linear``, ``log`` or ``symlog``; None for what suits each metric.
        smoothing: Weight of the past in the smoothed line, from 0 to below 1; None for
            what suits each metric.
        spread: How several seeds are drawn: ``band`` (median and quartiles), ``mean``
            (with its bootstrap interval), ``trials`` (each one) or ``seed`` (one
            alone).
        seed: Which seed that is; None for the first.
        ignore_outliers: Whether outliers may lie outside y axes by themselves.
        hidden: Indices of the optimizers that are left out.
        title: The heading; None for that of the run, empty for none.
        panel: Heading of the panel where there is one; empty for that of the metric.
        unit: What its y axis counts; empty for the unit of the metric.
        caption: Words under the figure, before what it says by itself.
        companion: A second metric drawn quietly along with each; empty for none.
        companion_note: How that one is drawn, in words.
        levels: Heights of dashed lines, the limits of stability, by the index of their
            optimizer.
        size_cm: Width and height; None for what suits the number of panels.
        dpi: Resolution of a PNG.
        x_range: Ends of the x axis; None for all.
        y_range: Ends of the y axes; None for what suits the curves.
    """

    metrics: tuple[str, ...] = ()
    x: str = "step"
    log_x: bool = False
    y_scale: str | None = None
    smoothing: float | None = None
    spread: str = "band"
    seed: int | None = None
    ignore_outliers: bool = False
    hidden: frozenset[int] = frozenset()
    title: str | None = None
    panel: str = ""
    unit: str = ""
    caption: str = ""
    companion: str = ""
    companion_note: str = ""
    levels: Mapping[int, float] = field(default_factory=dict)
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
        for key, value, choices in (
            ("y_scale", self.y_scale, (None, *SCALES)),
            ("spread", self.spread, SPREADS),
        ):
            if value not in choices:
                text = tr("one of {choices}", choices=", ".join(filter(None, choices)))
                raise InputError(key, value, text)
        if self.smoothing is not None and not 0 <= self.smoothing < 1:
            text = tr("a number ≥ 0 and < 1")
            raise InputError("smoothing", self.smoothing, text)
        if self.size_cm is not None and not all(1 <= s <= 200 for s in self.size_cm):
            text = tr("two numbers from 1 to 200")
            raise InputError("size_cm", self.size_cm, text)
