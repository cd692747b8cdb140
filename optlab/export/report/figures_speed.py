"""The figure of equal-loss speed-up curves, one panel for each optimizer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from optlab.analysis.speedup import SpeedUp
from optlab.export.palette import MUTED, series_color
from optlab.export.report.figure_axes import plain_axes, sheet
from optlab.records import Floats
from optlab.translate import tr, tr_n

_HEIGHT_CM: Final = 5.6
_COLUMNS: Final = 3
# Ratios that are drawn; an end of a band without a bound runs off the panel.
_BEYOND: Final = (1e-9, 1e9)


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
    shown = [one for one in found if len(one.levels)]
    log_x = all(one.log for one in shown)
    columns = min(len(shown), _COLUMNS)
    rows = -(-len(shown) // columns)
    height = 0.6 + _HEIGHT_CM * rows
    with sheet(path, height, panels=len(shown), columns=columns) as panels:
        panels[0].set_yscale("log")
        panels[0].set_ylim(*_limits(shown))
        if log_x:
            panels[0].set_xscale("log")
        for axes, one in zip(panels, shown, strict=True):
            _draw(axes, one, labels.index(one.label))
        ends = _ends(shown, log=log_x)
        panels[0].set_xlim(*(ends[::-1] if falling else ends))
        for place, (axes, one) in enumerate(zip(panels, shown, strict=True)):
            last = place + columns >= len(shown)
            plain_axes(axes, x=x if last else "", log_x=log_x, log_y=True)
            axes.tick_params(labelbottom=last)
            axes.set_title(one.label, loc="left", color=_color(labels, one), pad=14)
            if one.target is not None and ends[0] <= one.target <= ends[1]:
                dash = (0, (2, 2))
                axes.axvline(one.target, color=MUTED, linewidth=0.8, linestyle=dash)
            if place % columns == 0:
                axes.set_ylabel(title, color=MUTED, size=7.5)


def _color(labels: Sequence[str], one: SpeedUp) -> str:
    return series_color(labels.index(one.label))


def _ends(found: Sequence[SpeedUp], *, log: bool) -> tuple[float, float]:
    """Return the ends of the levels with a margin, in which a target may lie."""
    levels = np.concatenate([one.levels for one in found])
    low, high = float(levels.min()), float(levels.max())
    if not log:
        margin = 0.06 * (high - low) or 1.0
        return low - margin, high + margin
    factor = (high / low) ** 0.06 if high > low else 1.1
    return low / factor, high * factor


def _limits(found: Sequence[SpeedUp]) -> tuple[float, float]:
    """Return limits that show 1, every median, and bands as far as twice beyond."""
    medians = _known([one.ratios.middle for one in found])
    lows = _known([one.ratios.low for one in found])
    highs = _known([one.ratios.high for one in found])
    least, most = float(medians.min(initial=1.0)), float(medians.max(initial=1.0))
    low = min(max(float(lows.min(initial=1.0)), least / 2), least)
    high = max(min(float(highs.max(initial=1.0)), most * 2), most)
    return min(low / 1.15, 1 / 1.5), max(high * 1.15, 1.5)


def _known(ratios: Sequence[Floats]) -> Floats:
    values = np.concatenate([np.empty(0), *ratios])
    known: Floats = values[np.isfinite(values) & (values > 0)]
    return known


def _draw(axes: Axes, one: SpeedUp, place: int) -> None:
    color = series_color(place)
    ratios = one.ratios
    known = ~np.isnan(ratios.low) & ~np.isnan(ratios.high)
    low, high = (np.clip(ends, *_BEYOND) for ends in (ratios.low, ratios.high))
    axes.axhline(1.0, color=MUTED, linewidth=0.9, zorder=1)
    axes.fill_between(
        one.levels,
        low,
        high,
        where=known.tolist(),
        color=color,
        alpha=0.17,
        linewidth=0,
    )
    axes.plot(one.levels, ratios.middle, color=color, linewidth=1.6, zorder=3)
    shown = np.flatnonzero(np.isfinite(ratios.middle))
    axes.plot(
        one.levels[shown[-1:]],
        ratios.middle[shown[-1:]],
        "o",
        color=color,
        markersize=3.5,
        zorder=4,
    )
    axes.annotate(
        _seeds(one),
        (0.0, 1.0),
        xycoords="axes fraction",
        xytext=(0.0, 3.0),
        textcoords="offset points",
        size=7,
        color=MUTED,
    )


def _seeds(one: SpeedUp) -> str:
    """Say how many seeds carry the curve, at its end too where some are lost."""
    n, last = len(one.seeds), int(one.ratios.both[-1])
    if last == n:
        return tr_n("1 seed", "{n} seeds", n=n)
    return tr("{n} seeds, {both} at the end", n=n, both=last)
