"""Figures of tuning: the basin of each optimizer, and what a budget buys."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes

from optlab.analysis.tuning import Tuning
from optlab.export.palette import PAPER, series_color
from optlab.export.panel import dash_style
from optlab.export.report.figure_axes import (
    legend,
    legend_columns,
    plain_axes,
    sheet,
)
from optlab.translate import tr

MOST_BANDS: Final = 4
"""With more optimizers than that bands lie over one another and turn grey."""

_HEIGHT_CM: Final = 8.0
_MARK: Final = 4.5
_WINNER: Final = 10.0
_BELOW: Final = 0.035


def write_tuning(
    found: Sequence[Tuning], labels: Sequence[str], path: Path, *, metric: str
) -> None:
    """Draw final metric against the first searched parameter, and best of k.

    Args:
        found: What was found for each optimizer.
        labels: Labels of the optimizers in their order, for their colours.
        path: The file.
        metric: What they were tuned by, in words.
    """
    with sheet(path, _HEIGHT_CM, panels=2) as (basin, best):
        values = [p.value for t in found for p in t.points if math.isfinite(p.value)]
        log_y = bool(values) and min(values) > 0 and max(values) > 3 * min(values)
        log_x = all(x > 0 for t in found for x, _ in _line(t))
        for axes in (basin, best):
            if log_y:
                axes.set_yscale("log")
        if log_x:
            basin.set_xscale("log")
        for tuning in found:
            place = labels.index(tuning.label)
            _draw_basin(basin, tuning, place)
            _draw_best_of(best, tuning, place, banded=len(found) <= MOST_BANDS)
        names = dict.fromkeys(t.parameters[0] for t in found if t.parameters)
        plain_axes(basin, x=", ".join(names), title=metric, log_x=log_x, log_y=log_y)
        plain_axes(best, x=tr("Trials"), title=tr("Best of k trials"), log_y=log_y)
        legend(basin, columns=legend_columns([t.label for t in found]))


def _line(tuning: Tuning) -> list[tuple[float, float]]:
    """Return first parameter and value of every trial, by parameter."""
    points = []
    for point in tuning.points:
        x = point.values[0][1] if point.values else None
        if isinstance(x, int | float) and not isinstance(x, bool):
            points.append((float(x), point.value))
    return sorted(points)


def _draw_basin(axes: Axes, tuning: Tuning, place: int) -> None:
    color = series_color(place)
    line = _line(tuning)
    lasting = [(x, y) for x, y in line if math.isfinite(y)]
    lost = [x for x, y in line if not math.isfinite(y)]
    joined = len(tuning.parameters) == 1
    axes.plot(
        [x for x, _ in lasting],
        [y for _, y in lasting],
        marker="o",
        markersize=_MARK,
        markeredgecolor=PAPER,
        color=color,
        linewidth=1.4 if joined else 0.0,
        linestyle=dash_style(place) if joined else "none",
        label=tuning.label,
        zorder=3,
    )
    if lost:
        # At the upper edge, whatever the axis shows, one optimizer below another.
        axes.plot(
            lost,
            [0.98 - _BELOW * place] * len(lost),
            "x",
            markersize=_MARK + 1,
            markeredgewidth=1.5,
            color=color,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
            zorder=4,
        )
    winner = next((p for p in tuning.points if p.number == tuning.best), None)
    if winner is not None and math.isfinite(winner.value) and winner.values:
        x = winner.values[0][1]
        if isinstance(x, int | float):
            axes.plot(
                [x],
                [winner.value],
                "o",
                markersize=_WINNER,
                markerfacecolor="none",
                markeredgecolor=color,
                markeredgewidth=1.3,
                zorder=5,
            )


def _draw_best_of(axes: Axes, tuning: Tuning, place: int, *, banded: bool) -> None:
    color = series_color(place)
    known = [b for b in tuning.best_of if math.isfinite(b.value)]
    k = [b.k for b in known]
    if banded and all(math.isfinite(end) for b in known for end in (b.low, b.high)):
        axes.fill_between(
            k,
            [b.low for b in known],
            [b.high for b in known],
            color=color,
            alpha=0.09,
            linewidth=0,
        )
    axes.plot(
        k,
        [b.value for b in known],
        color=color,
        linewidth=1.4,
        linestyle=dash_style(place),
        zorder=3,
    )
