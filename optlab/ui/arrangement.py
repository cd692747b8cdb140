"""Which plots there are, where they stand and how each is looked at: frozen data.

An arrangement is what a perspective saves and what undo takes back. It knows nothing
of Qt and nothing of a run: plots of metrics that a run lacks simply find no place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, get_args

XAxis = Literal["step", "epoch", "seconds", "samples", "evaluations"]
X_AXES: Final[tuple[XAxis, ...]] = get_args(XAxis)
Scale = Literal["linear", "log", "symlog"]
SCALES: Final[tuple[Scale, ...]] = get_args(Scale)
Spread = Literal["band", "mean", "trials", "seed"]
SPREADS: Final[tuple[Spread, ...]] = get_args(Spread)


@dataclass(frozen=True, kw_only=True)
class PlotSettings:
    """How one plot is looked at; None or empty where it does as all plots do.

    Attributes:
        title: Heading typed by a person.
        subtitle: What is plotted, and its unit, typed by a person.
        caption: Words under the plot and under its figure.
        x_axis: What its x axis counts.
        y_scale: Scale of its y axis.
        smoothing: Weight of the past in its strong line, from 0 to 0.999.
        spread: How several seeds are drawn: median and quartile band, mean with its
            interval, every trial by itself, or one seed alone.
        seed: Which seed that is.
        ignore_outliers: Whether outliers may lie outside the range that is shown.
    """

    title: str = ""
    subtitle: str = ""
    caption: str = ""
    x_axis: XAxis | None = None
    y_scale: Scale | None = None
    smoothing: float | None = None
    spread: Spread | None = None
    seed: int | None = None
    ignore_outliers: bool | None = None


PLAIN: Final = PlotSettings()
_NO_SETTINGS: Final[Mapping[str, PlotSettings]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One plot in the tree of an arrangement, by its name."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Split:
    """Panes or further splits, side by side or one above the other.

    Attributes:
        across: Whether the parts stand side by side.
        parts: What is split, from left to right or from top to bottom.
        weights: Relative sizes, one for each part.
    """

    across: bool
    parts: tuple["Node", ...]
    weights: tuple[float, ...]


Node = Pane | Split


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Plots and their places.

    A plot is named after its metric (or ``surface``, ``basins``, …); a further plot of
    the same metric is ``<metric>#2``.

    Attributes:
        plots: Settings of plots that differ from the plain ones.
        copies: Names of plots besides those that a run has by itself, in the order
            they were added: of further metrics, and second plots of one.
        off: Names of plots that a person has taken away; only where there is no tree.
        order: Plots from the most important one on; empty for the usual order. Only
            where there is no tree.
        tree: Where plots stand; None for as many as there is room for, by themselves;
            a split without parts for none.
    """

    plots: Mapping[str, PlotSettings] = field(default_factory=lambda: _NO_SETTINGS)
    copies: tuple[str, ...] = ()
    off: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    tree: Node | None = None

    def settings(self, name: str) -> PlotSettings:
        """Return the settings of one plot."""
        return self.plots.get(name, PLAIN)

    def with_settings(self, name: str, settings: PlotSettings) -> "Arrangement":
        """Return the arrangement with other settings of one plot."""
        plots = {key: value for key, value in self.plots.items() if key != name}
        if settings != PLAIN:
            plots[name] = settings
        return replace(self, plots=MappingProxyType(plots))


AUTOMATIC: Final = Arrangement()


def metric_of(name: str) -> str:
    """Return the metric of a plot: its name without the number of a copy."""
    return name.partition("#")[0]
