"""What all figures of a report have in common: paper, axes, colours, legend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from optlab.export.axis_format import ROUND, log_tick_text, tick_text
from optlab.export.figures import CM, drawing, save
from optlab.export.palette import LINE, MUTED
from optlab.export.style import FigureStyle

WIDTH_CM: Final = 17.0
_MOST_FINE: Final = 2.0


@contextmanager
def sheet(
    path: Path, height_cm: float, *, panels: int = 1, columns: int = 0
) -> Iterator[list[Axes]]:
    """Give panels side by side, and write the figure when the block is done.

    Args:
        path: The file; its suffix chooses the kind.
        height_cm: Height of the figure.
        panels: How many.
        columns: How many stand in a row, with common axes; 0 for all, each with its
            own.
    """
    with drawing(path):
        layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05, wspace=0.04)
        size = (WIDTH_CM * CM, height_cm * CM)
        figure = Figure(figsize=size, layout=layout)
        rows = -(-panels // columns) if columns else 1
        shared = columns > 0
        grid: Any = figure.subplots(
            rows, columns or panels, squeeze=False, sharex=shared, sharey=shared
        )
        places = list(grid.flat)
        for place in places[panels:]:
            place.set_axis_off()
        yield places[:panels]
        save(figure, path, style=FigureStyle(), title="", overwrite=False)


def plain_axes(
    axes: Axes,
    *,
    x: str,
    title: str = "",
    grid: str = "y",
    log_x: bool = False,
    log_y: bool = False,
) -> None:
    """Set titles, ticks and a faint grid; call it when everything is drawn.

    Args:
        axes: The panel.
        x: What the x axis shows.
        title: What the y axis shows, above it.
        grid: Along which axis lines are drawn.
        log_x: Whether the x axis is logarithmic.
        log_y: Whether the y axis is logarithmic.
    """
    axes.set_xlabel(x, loc="right", color=MUTED, size=7.5)
    if title:
        axes.set_title(title, loc="left")
    for axis, log in ((axes.xaxis, log_x), (axes.yaxis, log_y)):
        if log:
            axis.set_major_locator(LogLocator(subs=_subs(axis), numticks=8))
            axis.set_major_formatter(FuncFormatter(_log_tick))
            axis.set_minor_formatter(NullFormatter())
            axis.set_minor_locator(NullLocator())
        else:
            axis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3, steps=ROUND))
            axis.set_major_formatter(FuncFormatter(_tick))
    axes.tick_params(which="both", length=0, colors=MUTED, pad=4)
    axes.grid(visible=True, axis="x" if grid == "x" else "y", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def legend(axes: Axes, *, columns: int = 1) -> None:
    """Say which line is which, above the panel's right end."""
    figure = axes.figure
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(
            handles,
            labels,
            loc="outside lower left",
            ncols=columns,
            frameon=False,
            fontsize=7.5,
            handlelength=3.0,
        )


def legend_columns(labels: "list[str] | tuple[str, ...]") -> int:
    """Return how many labels go side by side."""
    longest = max(map(len, labels), default=1)
    return max(1, min(len(labels), int(480 / (40 + 4.6 * longest))))


def _subs(axis: Any) -> tuple[float, ...]:
    low, high = sorted(axis.get_view_interval())
    fine = low > 0 and high / low <= 10**_MOST_FINE
    return (1.0, 2.0, 5.0) if fine else (1.0,)


def _tick(value: float, _position: int | None = None) -> str:
    return tick_text(value)


def _log_tick(value: float, _position: int | None = None) -> str:
    return log_tick_text(value)
