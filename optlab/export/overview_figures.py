"""Figures of a run as a whole: sweeps over one parameter, and maps of basins."""

from itertools import pairwise
from math import inf, isfinite
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, NullFormatter

from optlab.analysis.sweeps import Sweep
from optlab.export.axis_format import tick_text
from optlab.export.figures import CM, drawing, save
from optlab.export.overview import (
    BasinFigure,
    SweepFigure,
    floor_of,
    quantity_of,
    values_of,
)
from optlab.export.palette import LINE, MUTED, PAPER, series_color
from optlab.export.panel import dash_style
from optlab.export.style import FigureStyle
from optlab.export.surface_figure import (
    draw_bands,
    draw_minima,
    set_map_axes,
    surface_of_run,
)
from optlab.params import InputError
from optlab.store.run_data import RunData
from optlab.translate import tr

_GOOD: Final = "#dff3ea"
_LOST: Final = "#fbe4e2"
_MARK: Final = 5.0


def write_sweeps(what: SweepFigure, path: Path, *, overwrite: bool = False) -> None:
    """Write the curves of sweeps as PNG, SVG, PDF or PGF.

    Args:
        what: What is shown.
        path: The file; its suffix chooses the kind.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: There is nothing to show, or the file cannot be written.
    """
    if not what.sweeps:
        text = tr("the run has no values to draw yet")
        raise InputError(str(path), None, text)
    with drawing(path):
        figure, axes = _sheet(what.title, (16.0, 9.5))
        if len(what.sweeps) == 1 and what.quantity == "final":
            _draw_zones(axes, what.sweeps[0])
        for sweep in what.sweeps:
            _draw_sweep(axes, sweep, what)
        _set_sweep_axes(axes, what)
        save(figure, path, style=FigureStyle(), title=what.title, overwrite=overwrite)


def write_basins(
    what: BasinFigure, data: RunData, *, path: Path, overwrite: bool = False
) -> None:
    """Write a map of starts, coloured by the minimum that is reached from each.

    Args:
        what: What is shown.
        data: The run, for its surface.
        path: The file; its suffix chooses PNG, SVG, PDF or PGF.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: There is nothing to show, or the file cannot be written.
    """
    surface = surface_of_run(data)
    if surface is None or not what.basins:
        text = tr("the run has no values to draw yet")
        raise InputError(str(path), None, text)
    with drawing(path):
        figure, axes = _sheet(what.title, (14.0, 13.0))
        draw_bands(axes, surface)
        for minimum in {b.minimum for b in what.basins}:
            starts = [b.start for b in what.basins if b.minimum == minimum]
            axes.plot(
                [start[0] for start in starts],
                [start[1] for start in starts],
                "s",
                markersize=_MARK,
                color=PAPER if minimum is None else series_color(minimum),
                markeredgecolor=MUTED if minimum is None else PAPER,
                markeredgewidth=0.5,
                zorder=3,
            )
        draw_minima(axes, surface)
        set_map_axes(axes, surface)
        axes.set_title(what.label, loc="left")
        save(figure, path, style=FigureStyle(), title=what.title, overwrite=overwrite)


def _sheet(title: str, size_cm: tuple[float, float]) -> tuple[Figure, Axes]:
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
    size = (size_cm[0] * CM, size_cm[1] * CM)
    figure = Figure(figsize=size, layout=layout)
    if title:
        figure.suptitle(title, x=0.01, ha="left", size=12, weight="bold")
    return figure, figure.subplots()


def _draw_zones(axes: Axes, sweep: Sweep) -> None:
    """Shade the values that are good, and those at which trials did not last."""
    values = [point.value for point in sweep.points]
    log = min(values) > 0
    inner = [(a * b) ** 0.5 if log else (a + b) / 2 for a, b in pairwise(values)]
    edges = [values[0], *inner, values[-1]]
    for k, point in enumerate(sweep.points):
        color = {"good": _GOOD, "diverged": _LOST}.get(point.zone)
        if color is not None:
            axes.axvspan(edges[k], edges[k + 1], color=color, linewidth=0, zorder=0)


def _draw_sweep(axes: Axes, sweep: Sweep, what: SweepFigure) -> None:
    entry = sweep.points[0].entry
    color = series_color(entry)
    values = [(p.value, quantity_of(p, what.quantity)) for p in sweep.points]
    floor = floor_of(values_of(what.sweeps, what.quantity)) if what.log_y else -inf
    finite = [(x, y) for x, y in values if y is not None and isfinite(y)]
    known = [(x, max(y, floor)) for x, y in finite]
    axes.plot(
        [x for x, _ in known],
        [y for _, y in known],
        marker="o",
        markersize=_MARK,
        markeredgecolor=PAPER,
        color=color,
        linewidth=1.4,
        linestyle=dash_style(entry),
        label=sweep.label,
        zorder=3,
    )
    deeper = [x for x, y in finite if y < floor]
    axes.plot(deeper, [floor] * len(deeper), "v", color=color, zorder=4)
    lost = [x for x, y in values if y is not None and not isfinite(y)]
    if lost:
        axes.plot(
            lost,
            [0.96] * len(lost),
            "x",
            markersize=_MARK + 1,
            markeredgewidth=1.6,
            color=color,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
            zorder=4,
        )


def _set_sweep_axes(axes: Axes, what: SweepFigure) -> None:
    words = {
        "final": tr("Final loss"),
        "noise": tr("Noise of the loss"),
        "speed": tr("Samples per second"),
    }
    axes.set_title(words[what.quantity], loc="left")
    axes.set_xlabel(what.parameter)
    if all(point.value > 0 for sweep in what.sweeps for point in sweep.points):
        axes.set_xscale("log")
    if what.log_y:
        axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_tick))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(which="both", length=0, colors=MUTED, pad=3)
    if len(what.sweeps) > 1:
        axes.legend(frameon=False, fontsize=7.5)


def _tick(value: float, _position: int | None = None) -> str:
    return tick_text(value)
