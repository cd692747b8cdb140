"""The figure of equal-loss speed-up curves, one panel for each optimizer."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from optlab.analysis.speedup import SpeedUp
from optlab.export.palette import MUTED, series_color
from optlab.export.panel import dash_style
from optlab.export.report.figure_axes import (
    legend,
    legend_columns,
    plain_axes,
    sheet,
)

_HEIGHT_CM: Final = 8.0


def write_speedups(
    found: Sequence[SpeedUp],
    labels: Sequence[str],
    path: Path,
    *,
    x: str,
    title: str,
    falling: bool,
) -> None:
    """Draw how much of the baseline's cost one of each optimizer's is worth.

    Args:
        found: The curves; at least one has levels.
        labels: Labels of the optimizers in their order, for their colours.
        path: The file.
        x: What the levels are.
        title: What the ratio is.
        falling: Whether levels that come later are lower.
    """
    log_x = all(one.log for one in found if len(one.levels))
    with sheet(path, _HEIGHT_CM) as (axes,):
        axes.set_yscale("log")
        if log_x:
            axes.set_xscale("log")
        axes.axhline(1.0, color=MUTED, linewidth=0.9, zorder=1)
        for one in found:
            _draw(axes, one, labels.index(one.label))
        low, high = _limits(found)
        axes.set_ylim(low, high)
        for target in _targets(found):
            axes.axvline(target, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
        if falling:
            axes.invert_xaxis()
        plain_axes(axes, x=x, title=title, log_x=log_x, log_y=True)
        legend(axes, columns=legend_columns([one.label for one in found]))


def _targets(found: Sequence[SpeedUp]) -> list[float]:
    """Return the targets that lie among the levels, or nearly so."""
    levels = np.concatenate([one.levels for one in found])
    low, high = float(levels.min()), float(levels.max())
    slack = 0.1 * (high - low)
    targets = dict.fromkeys(one.target for one in found if one.target is not None)
    return [t for t in targets if low - slack <= t <= high + slack]


def _limits(found: Sequence[SpeedUp]) -> tuple[float, float]:
    middles = [np.empty(0), *(one.ratios.middle for one in found)]
    values = np.concatenate(middles)
    values = np.abs(np.log(values[np.isfinite(values) & (values > 0)]))
    most = math.exp(1.35 * float(values.max())) if len(values) else 2.0
    most = max(most, 2.0)
    return 1 / most, most


def _draw(axes: Axes, one: SpeedUp, place: int) -> None:
    color = series_color(place)
    shown = np.isfinite(one.ratios.middle)
    levels = one.levels[shown]
    low = np.nan_to_num(one.ratios.low[shown], nan=1.0, neginf=0.0)
    ends = np.isfinite(one.ratios.low[shown]) & ~np.isnan(one.ratios.high[shown])
    high = np.where(np.isinf(one.ratios.high[shown]), 1e9, one.ratios.high[shown])
    axes.fill_between(
        levels,
        np.maximum(low, 1e-9),
        high,
        where=ends.tolist(),
        color=color,
        alpha=0.15,
        linewidth=0,
    )
    axes.plot(
        levels,
        one.ratios.middle[shown],
        color=color,
        linewidth=1.5,
        linestyle=dash_style(place),
        label=one.label,
        zorder=3,
    )
