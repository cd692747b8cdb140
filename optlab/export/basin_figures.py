"""A map of basins as a figure of small maps, one for each optimizer, and as a table."""

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import FuncNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from optlab.export.atomic import check_free, written_whole
from optlab.export.axis_format import ROUND, tick_text
from optlab.export.basin_colors import (
    ON_PAPER,
    WAYS,
    By,
    depth_of,
    hue_of,
    painted,
    ramp_colors,
    shade_colors,
)
from optlab.export.basin_words import point_words, summary
from optlab.export.csv_format import format_rows, text_cell
from optlab.export.figures import CM, drawing, save
from optlab.export.palette import MUTED, PAPER, TEXT
from optlab.export.recorded_surface import surface_of_text
from optlab.export.style import FigureStyle
from optlab.export.surface_figure import band_edges, surface_values
from optlab.params import InputError
from optlab.problems.surface import Surface
from optlab.records import State
from optlab.spec.basin_map import CODES, NOWHERE, STATES, Codes
from optlab.store.basin_map import BasinMap
from optlab.translate import tr

TABLE_SUFFIX: Final = ".csv"
FIGURE_SUFFIXES: Final = (".png", ".svg", ".pdf", ".pgf")
_ACROSS: Final = 3
_PANEL_CM: Final = 6.2
_CONTOURS: Final = 120
_MOST_IN_LEGEND: Final = 8
_HEADER: Final = "optimizer,x0,x1,minimum,minimum_x0,minimum_x1,steps,state"


def export_map(
    found: BasinMap, path: Path, *, by: By = "minimum", overwrite: bool = False
) -> None:
    """Write a map of basins as a figure or as a table; the suffix chooses.

    Args:
        found: The map.
        path: The file: ``.png``, ``.svg``, ``.pdf``, ``.pgf`` or ``.csv``.
        by: Whether a figure shows which ``minimum`` was reached, or the ``steps``
            alone.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: The suffix is unknown, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if by not in WAYS:
        raise InputError("by", by, tr("one of {choices}", choices=", ".join(WAYS)))
    if suffix == TABLE_SUFFIX:
        _write_table(found, path, overwrite=overwrite)
        return
    if suffix not in FIGURE_SUFFIXES:
        suffixes = ", ".join((*FIGURE_SUFFIXES, TABLE_SUFFIX))
        text = tr("a file name that ends in one of {suffixes}", suffixes=suffixes)
        raise InputError(str(path), None, text)
    check_free(path, overwrite=overwrite)
    with drawing(path):
        figure = _draw(found, by)
        save(
            figure,
            path,
            style=FigureStyle(),
            title=tr(found.title),
            overwrite=overwrite,
        )


def _write_table(found: BasinMap, path: Path, *, overwrite: bool) -> None:
    """Write a row for each start of each optimizer, in the order of the grid."""
    plan = found.plan
    starts = plan.starts()[:2].T
    # The last one stands for no minimum, which has empty cells.
    points = np.array([(n, *p[:2]) for n, p in enumerate(plan.minima)] + [(0.0,) * 3])
    with written_whole(path, overwrite=overwrite) as draft, draft.open("wb") as file:
        file.write(_HEADER.encode() + b"\n")
        for entry, label in enumerate(found.labels):
            minimum, codes = found.minimum[entry], found.codes[entry]
            nowhere = minimum == NOWHERE
            ended = nowhere & ~_lost(codes)
            since = found.since[entry][:, None].astype(np.float64)
            table = np.hstack([starts, points[minimum], since])
            missing = np.zeros(table.shape, np.bool_)
            missing[:, 2:5], missing[:, 5] = nowhere[:, None], ended
            name = text_cell(label)
            states = [STATES[code].encode() for code in codes]
            rows = _whole_numbers(format_rows(table, missing))
            lines = zip(rows, states, strict=True)
            file.writelines(b"%s,%s,%s\n" % (name, *line) for line in lines)


def _whole_numbers(rows: list[bytes]) -> list[bytes]:
    """Write the number of a minimum and that of steps without a decimal point."""
    found = []
    for row in rows:
        cells = row.split(b",")
        cells[2], cells[5] = cells[2].removesuffix(b".0"), cells[5].removesuffix(b".0")
        found.append(b",".join(cells))
    return found


def _lost(codes: Codes) -> npt.NDArray[np.bool_]:
    lost = (codes == CODES[State.DIVERGED]) | (codes == CODES[State.FAILED])
    return np.asarray(lost)


def _draw(found: BasinMap, by: By) -> Figure:
    count = len(found.labels)
    columns = min(count, _ACROSS) if count != 4 else 2
    lines = math.ceil(count / columns)
    width = max(columns * _PANEL_CM, 9.0) + 2.0
    panel = (width - 2.6) / columns
    height = lines * (panel * _tallness(found) + 1.4) + 2.2
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.05)
    figure = Figure(figsize=(width * CM, height * CM), layout=layout)
    if found.title:
        figure.suptitle(tr(found.title), x=0.01, ha="left", size=12, weight="bold")
    grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    places = list(grid.flat)
    for place in places[count:]:
        place.set_axis_off()
    surface = surface_of_text(found.spec_text)
    for entry, axes in enumerate(places[:count]):
        _draw_map(axes, found, entry, by=by, surface=surface)
    for axes in places[max(0, count - columns) : count]:
        axes.tick_params(labelbottom=True)
    _scale(figure, places, found, by)
    _legend(figure, found, by, width=width)
    return figure


def _tallness(found: BasinMap) -> float:
    """Return how tall a map is for its width; one that is a strip is stretched."""
    plan = found.plan
    ratio = (plan.y[1] - plan.y[0]) / (plan.x[1] - plan.x[0])
    return ratio if 0.4 <= ratio <= 2.5 else 1.0


def _draw_map(
    axes: Axes, found: BasinMap, entry: int, *, by: By, surface: Surface | None
) -> None:
    plan = found.plan
    picture = painted(found, entry, by=by, inks=ON_PAPER)
    image = axes.imshow(
        picture,
        extent=(*plan.x, *plan.y),
        origin="lower",
        interpolation="nearest",
        aspect="auto",
    )
    image.set_gid(f"basins-{entry}")
    axes.set_box_aspect(_tallness(found))
    if surface is not None and surface.dim == 2:
        x, y, values = surface_values(surface, _CONTOURS)
        axes.contour(
            x,
            y,
            np.nan_to_num(values, nan=np.inf, posinf=1e300, neginf=-1e300),
            levels=band_edges(surface)[1:-1],
            colors=TEXT,
            linewidths=0.35,
            alpha=0.25,
        )
    few = len(plan.minima) <= _MOST_IN_LEGEND
    axes.plot(
        [point[0] for point in plan.minima],
        [point[1] for point in plan.minima],
        marker="P" if few else ".",
        markersize=6 if few else 2,
        color=TEXT,
        markeredgecolor=PAPER,
        markeredgewidth=0.6 if few else 0.0,
        linestyle="none",
    )
    axes.set_xlim(*plan.x)
    axes.set_ylim(*plan.y)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5, steps=ROUND))
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=MUTED, pad=3)
    axes.set_title(found.labels[entry], loc="left", pad=16)
    axes.annotate(
        summary(found, entry),
        (0, 1),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        color=MUTED,
        size=7,
    )


def _scale(figure: Figure, places: list[Axes], found: BasinMap, by: By) -> None:
    """Show beside the maps how deep which number of steps is painted."""
    most = found.plan.steps
    depths = np.linspace(0.0, 1.0, 128)
    colors = ramp_colors if by == "steps" else shade_colors
    norm = FuncNorm(
        (lambda n: depth_of(n, most), lambda d: np.expm1(d * np.log1p(most))),
        vmin=0,
        vmax=most,
    )
    scale = ScalarMappable(norm, ListedColormap(colors(depths, ON_PAPER) / 255))
    bar = figure.colorbar(scale, ax=places, shrink=0.6, aspect=28, pad=0.02)
    ticks = [10**k for k in range(12) if 10**k <= most / 2]
    bar.set_ticks([0, *ticks, most], labels=[tick_text(t) for t in (0, *ticks, most)])
    bar.minorticks_off()
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, colors=MUTED, labelsize=7)
    bar.set_label(tr("steps to arrive"), color=MUTED, size=7.5)


def _legend(figure: Figure, found: BasinMap, by: By, *, width: float) -> None:
    plan, handles = found.plan, []
    if by == "minimum" and len(plan.minima) <= _MOST_IN_LEGEND:
        handles = [
            Patch(
                color=hue_of(number, plan.minima, ON_PAPER),
                label=tr("to {point}", point=point_words(point)),
            )
            for number, point in enumerate(plan.minima)
        ]
    hatched: Any = {"facecolor": PAPER, "edgecolor": MUTED, "linewidth": 0.4}
    reached = found.minimum != NOWHERE
    if _lost(found.codes).any():
        handles.append(Patch(hatch="//////", label=tr("diverged"), **hatched))
    if (~reached & ~_lost(found.codes)).any():
        handles.append(Patch(hatch="....", label=tr("none reached"), **hatched))
    if not handles:
        return
    longest = max(len(str(handle.get_label())) for handle in handles)
    figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=max(1, min(len(handles), int(width / (1.2 + 0.16 * longest)))),
        frameon=False,
        fontsize=7.5,
        handlelength=1.4,
        handleheight=1.1,
    )
