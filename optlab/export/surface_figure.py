"""The surface as a map: contour bands, the known minima and every trajectory on it."""

from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from optlab.export.axis_format import ROUND, tick_text
from optlab.export.curves import shown_entries
from optlab.export.figures import CM, drawing, heading, origin_of, save
from optlab.export.levels import levels_of
from optlab.export.palette import (
    MUTED,
    PAPER,
    SURFACE,
    SURFACE_BANDS,
    TEXT,
    series_color,
)
from optlab.export.panel import dash_style
from optlab.export.recorded_surface import surface_of_text
from optlab.export.style import FigureStyle
from optlab.params import InputError
from optlab.problems.surface import Surface
from optlab.records import Floats, State, TrialStart
from optlab.store.run_data import RunData
from optlab.translate import tr

_GRID: Final = 240
_CELLS: Final = 4000
"""A trajectory is kept to a raster of this many cells along each side."""

_WIDTH_CM: Final = 14.0
_HEIGHT_CM: Final = 13.0


def write_surface(
    data: RunData,
    path: Path,
    style: FigureStyle | None = None,
    *,
    surface: Surface | None = None,
    overwrite: bool = False,
) -> None:
    """Write the map of a two-dimensional surface with the trajectories of a run.

    Args:
        data: The run.
        path: The file; its suffix chooses PNG, SVG, PDF or PGF.
        style: What is left out, heading and size; None for the usual.
        surface: The surface; None for that of the run's own problem.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: The run is not on a surface of two dimensions, or the file cannot be
            written.
    """
    style = style or FigureStyle()
    surface = surface or surface_of_run(data)
    if surface is None or surface.dim != 2 or not {"x0", "x1"} <= set(data.metrics):
        text = tr("curves; only a run on a surface of two dimensions can be drawn so")
        raise InputError("what", "surface", text)
    with drawing(path):
        figure = _draw(data, surface, style)
        save(
            figure,
            path,
            style=style,
            title=tr(data.title),
            overwrite=overwrite,
            origin=origin_of(data),
        )


def surface_of_run(data: RunData) -> Surface | None:
    """Return the surface of a run on a built-in problem; None if it is on another."""
    return surface_of_text(data.spec_text)


def band_edges(surface: Surface) -> Floats:
    """Return the values of f between the bands, lowest first."""
    x, y = surface.domain[:2]
    return levels_of(surface.value, x, y, minimum=surface.minimum).edges()


def surface_values(surface: Surface, cells: int) -> tuple[Floats, Floats, Floats]:
    """Return both coordinates and the values of a grid over the domain."""
    (x_low, x_high), (y_low, y_high) = surface.domain[:2]
    x, y = np.linspace(x_low, x_high, cells), np.linspace(y_low, y_high, cells)
    with np.errstate(all="ignore"):
        values = surface.value(np.stack(np.meshgrid(x, y)))
    return x, y, np.asarray(values, dtype=np.float64)


def trajectory(data: RunData, trial: int, surface: Surface) -> tuple[Floats, Floats]:
    """Return the finite positions of a trial, without those that nobody could see."""
    x, y = data.series(trial, "x0").values, data.series(trial, "x1").values
    n = min(len(x), len(y))
    good = np.isfinite(x[:n]) & np.isfinite(y[:n])
    x, y = x[:n][good], y[:n][good]
    if not len(x):
        return x, y
    sides = [high - low for low, high in surface.domain[:2]]
    # What flies off the map is clipped to well outside of it: the path stays in order.
    x = np.clip(
        x, surface.domain[0][0] - 9 * sides[0], surface.domain[0][1] + 9 * sides[0]
    )
    y = np.clip(
        y, surface.domain[1][0] - 9 * sides[1], surface.domain[1][1] + 9 * sides[1]
    )
    cells = np.rint(np.stack((x / sides[0], y / sides[1])) * _CELLS)
    moved = np.r_[True, (np.diff(cells, axis=1) != 0).any(axis=0)]
    moved[-1] = True
    return x[moved], y[moved]


def _draw(data: RunData, surface: Surface, style: FigureStyle) -> Figure:
    width, height = style.size_cm or (_WIDTH_CM, _HEIGHT_CM)
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
    figure = Figure(figsize=(width * CM, height * CM), layout=layout)
    title = heading(data, style)
    if title:
        figure.suptitle(title, x=0.01, ha="left", size=12, weight="bold")
    axes = figure.subplots()
    draw_bands(axes, surface)
    handles = []
    for entry, starts in shown_entries(data, style).items():
        for start in starts:
            _draw_trial(axes, data, start, surface)
        handles.append(_handle(entry, starts, data))
    draw_minima(axes, surface)
    set_map_axes(axes, surface)
    if handles:
        longest = max(len(str(handle.get_label())) for handle in handles)
        figure.legend(
            handles=handles,
            loc="outside lower left",
            ncols=max(1, min(4, 72 // max(12, longest))),
            frameon=False,
            fontsize=7.5,
            handlelength=3.0,
        )
    return figure


def draw_bands(axes: Axes, surface: Surface) -> None:
    """Fill the contour bands of a surface."""
    x, y, values = surface_values(surface, _GRID)
    edges = band_edges(surface)
    colors = LinearSegmentedColormap.from_list("levels", SURFACE, N=SURFACE_BANDS)
    # Finite and inside the levels, so that no part of the map is left unpainted.
    painted = np.clip(np.nan_to_num(values, nan=edges[-1]), edges[0], edges[-1])
    bands = axes.contourf(
        x, y, painted, levels=edges, colors=colors(np.linspace(0, 1, SURFACE_BANDS))
    )
    # Neighbours would show a hair of paper between them where edges are smoothed.
    bands.set_edgecolor("face")
    bands.set_linewidth(0.2)


def _draw_trial(axes: Axes, data: RunData, start: TrialStart, surface: Surface) -> None:
    x, y = trajectory(data, start.trial, surface)
    if not len(x):
        return
    color = series_color(start.entry)
    lines = axes.plot(
        x, y, color=color, linewidth=1.2, linestyle=dash_style(start.entry), zorder=3
    )
    lines[0].set_gid(f"trajectory-{start.trial}")
    axes.plot(
        x[:1], y[:1], "o", markersize=3.5, color=PAPER, markeredgecolor=TEXT, zorder=4
    )
    if data.status(start.trial).state is State.DIVERGED:
        (x_low, x_high), (y_low, y_high) = surface.domain[:2]
        last_x = [min(max(float(x[-1]), x_low), x_high)]
        last_y = [min(max(float(y[-1]), y_low), y_high)]
        marks = axes.plot(
            last_x,
            last_y,
            marker="x",
            markersize=7,
            markeredgewidth=1.8,
            color=color,
            linestyle="none",
            clip_on=False,
            zorder=6,
        )
        marks[0].set_gid(f"diverged-{start.trial}")
    else:
        axes.plot(
            x[-1:],
            y[-1:],
            "o",
            markersize=5.5,
            color=color,
            markeredgecolor=PAPER,
            zorder=6,
        )


def draw_minima(axes: Axes, surface: Surface) -> None:
    """Mark the known minima."""
    for point in surface.minima:
        axes.plot(
            [point[0]],
            [point[1]],
            marker="P",
            markersize=10,
            color=TEXT,
            markeredgecolor=PAPER,
            markeredgewidth=0.8,
            linestyle="none",
            zorder=5,
        )


def set_map_axes(axes: Axes, surface: Surface) -> None:
    """Show the domain, with quiet axes."""
    axes.set_xlim(*surface.domain[0])
    axes.set_ylim(*surface.domain[1])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=8, steps=ROUND))
        axis.set_major_formatter(FuncFormatter(_tick))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=MUTED, pad=3)


def _tick(value: float, _position: int | None = None) -> str:
    return tick_text(value)


def _handle(entry: int, starts: tuple[TrialStart, ...], data: RunData) -> Line2D:
    diverged = any(data.status(t.trial).state is State.DIVERGED for t in starts)
    return Line2D(
        [],
        [],
        color=series_color(entry),
        linestyle=dash_style(entry),
        linewidth=1.5,
        label=starts[0].label + (" ×" if diverged else ""),
    )
