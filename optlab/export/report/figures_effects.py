"""The figure of effects: each with its interval and the differences of all seeds."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from optlab.analysis.verdict import Judgement, Verdict
from optlab.export.palette import MUTED, PAPER, TEXT, series_color
from optlab.export.report.figure_axes import plain_axes, sheet
from optlab.translate import tr

_ROW_CM: Final = 1.05
_SEED: Final = 3.2
_MEAN: Final = 7.0
_BELOW: Final = 0.28


def write_effects(
    judgement: Judgement, labels: Sequence[str], path: Path, *, axis: str
) -> None:
    """Draw effect, interval and the difference of every seed, one row a comparison.

    Args:
        judgement: The comparisons; at least one has an effect.
        labels: Labels of the optimizers in their order, for their colours.
        path: The file.
        axis: What the x axis shows.
    """
    shown = [v for v in judgement.verdicts if v.effect is not None]
    sign = -1.0 if judgement.higher_is_better else 1.0
    with sheet(path, 1.7 + _ROW_CM * len(shown)) as (axes,):
        limits = _limits(shown, sign)
        axes.set_xlim(*limits)
        axes.axvline(0.0, color=MUTED, linewidth=0.9, zorder=1)
        for row, verdict in enumerate(shown):
            color = series_color(labels.index(verdict.label))
            _draw_effect(axes, row, verdict, color, sign=sign, limits=limits)
        plain_axes(axes, x=axis, grid="x")
        rows = [
            tr("{label} against {baseline}", label=v.label, baseline=v.baseline)
            for v in shown
        ]
        axes.set_yticks(range(len(shown)), rows)
        axes.set_ylim(len(shown) - 0.45, -0.55)
        axes.tick_params(axis="y", labelcolor=TEXT)


def _limits(shown: Sequence[Verdict], sign: float) -> tuple[float, float]:
    values = [0.0]
    for verdict in shown:
        found = [verdict.effect, *(verdict.interval or ()), *verdict.differences]
        values += [sign * v for v in found if v is not None and math.isfinite(v)]
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _draw_effect(
    axes: Axes,
    row: int,
    verdict: Verdict,
    color: str,
    *,
    sign: float,
    limits: tuple[float, float],
) -> None:
    seeds = np.array([sign * d for d in verdict.differences if not math.isnan(d)])
    # What did not last lies beyond every axis: a cross at the edge.
    lost = np.clip(seeds[np.isinf(seeds)], *limits)
    seeds = seeds[np.isfinite(seeds)]
    axes.plot(
        seeds,
        np.full(len(seeds), row + _BELOW),
        "o",
        color=color,
        markersize=_SEED,
        alpha=0.55,
        markeredgewidth=0,
    )
    if len(lost):  # where there is nothing, the layout would leave room for it
        at = np.full(len(lost), row + _BELOW)
        axes.plot(lost, at, "x", color=color, clip_on=False)
    if verdict.interval is not None:
        ends = np.clip(sorted(sign * end for end in verdict.interval), *limits)
        axes.plot(ends, [row, row], color=color, linewidth=2.4, zorder=3)
    assert verdict.effect is not None
    axes.plot(
        np.clip([sign * verdict.effect], *limits),
        [row],
        "D",
        color=color,
        markersize=_MEAN,
        markeredgecolor=PAPER,
        zorder=4,
    )
