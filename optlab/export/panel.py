"""One panel of a figure: the curves of one metric."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from optlab.export.axis_format import ROUND, log_tick_text, tick_text
from optlab.export.curves import Curve, Points, metric_info
from optlab.export.label_layout import spread
from optlab.export.palette import LINE, MUTED, PAPER, series_color, series_dash
from optlab.export.ranges import shown_range, suits_log
from optlab.export.style import FigureStyle
from optlab.translate import tr

Dash: TypeAlias = tuple[float, tuple[float, ...]] | Literal["solid"]

STRONG: Final = 1.5
_FAINT: Final = 0.5
_FAINT_OPACITY: Final = 0.28
_BAND_OPACITY: Final = 0.15
_LABEL_SIZE: Final = 7.5
_LABEL_GAP: Final = 5.0
_CROSS: Final = " ×"


def draw_panel(
    axes: Axes, metric: str, *, curves: Sequence[Curve], style: FigureStyle
) -> None:
    """Draw the curves of one metric.

    Args:
        axes: Where.
        metric: Which.
        curves: What.
        style: How.
    """
    info = metric_info(metric)
    axes.set_title(tr(info.label), loc="left")
    if info.unit:
        axes.set_title(tr(info.unit), loc="right", color=MUTED, weight="normal")
    calm = [c.line[1] for c in curves if not c.diverged]
    wild = [c.line[1] for c in curves if c.diverged]
    log_y = info.log and suits_log(calm or wild) if style.log_y is None else style.log_y
    _set_scales(axes, style, log_y=log_y)
    limits = style.y_range or shown_range(
        calm, wild, log=log_y, outliers=not info.dense
    )
    if limits is not None and not (log_y and limits[0] <= 0):
        axes.set_ylim(*limits)
    for curve in curves:
        _draw_curve(axes, curve, log_y=log_y)
    _set_x_limits(axes, curves, style)
    for curve in curves:
        _draw_crosses(axes, curve)
    _set_ticks(axes, style, log_y=log_y)


def end_labels(axes: Axes, curves: Sequence[Curve]) -> list[Annotation]:
    """Put the label of each curve to the right of the panel, for `push_apart` later."""
    labels = []
    for curve in curves:
        label = axes.annotate(
            label_text(curve),
            xy=(1.0, 0.5),
            xycoords="axes fraction",
            xytext=(_LABEL_GAP, 0.0),
            textcoords="offset points",
            annotation_clip=False,
            ha="left",
            va="center",
            size=_LABEL_SIZE,
            weight="semibold",
            color=series_color(curve.entry),
            parse_math=False,
        )
        label.set_gid(f"label-{curve.entry}")
        labels.append(label)
    return labels


def push_apart(
    axes: Axes, curves: Sequence[Curve], labels: Sequence[Annotation]
) -> bool:
    """Move end labels to their curves without letting them overlap.

    Call it when the layout of the figure is done.

    Returns:
        Whether there is room for all of them.
    """
    box = axes.get_window_extent()
    heights = [label.get_window_extent().height * 1.08 for label in labels]
    wanted = [_end_height(axes, curve.line) for curve in curves]
    centres = spread(wanted, heights, low=box.y0, high=box.y1)
    if centres is None:
        return False
    for label, centre in zip(labels, centres, strict=True):
        label.xy = (1.0, (centre - box.y0) / box.height)
    return True


def label_text(curve: Curve) -> str:
    """Return the label of a curve, with a cross if it diverged."""
    return curve.label + (_CROSS if curve.diverged else "")


def dash_style(entry: int) -> Dash:
    """Return the dash of an optimizer as matplotlib takes it."""
    dash = series_dash(entry)
    return (0.0, dash) if dash else "solid"


def _draw_curve(axes: Axes, curve: Curve, *, log_y: bool) -> None:
    color = series_color(curve.entry)
    for points in curve.faint:
        axes.plot(
            *_drawable(points, log_y),
            color=color,
            linewidth=_FAINT,
            alpha=_FAINT_OPACITY,
            zorder=2,
        )
    if curve.band is not None:
        x, low, high = curve.band
        if log_y:
            low, high = (np.where(v > 0, v, np.nan) for v in (low, high))
        axes.fill_between(
            x, low, high, color=color, alpha=_BAND_OPACITY, linewidth=0, zorder=3
        )
    lines = axes.plot(
        *_drawable(curve.line, log_y),
        color=color,
        linewidth=STRONG,
        linestyle=dash_style(curve.entry),
        marker="o" if curve.markers else "",
        markersize=2.6,
        zorder=4,
    )
    lines[0].set_gid(f"curve-{curve.entry}")


def _drawable(points: Points, log_y: bool) -> Points:
    x, y = points
    return (x, np.where(y > 0, y, np.nan)) if log_y else (x, y)


def _draw_crosses(axes: Axes, curve: Curve) -> None:
    """Mark where trials diverged; at the edge where the point lies beyond it."""
    low, high = axes.get_ylim()
    for x, y in curve.crosses:
        marks = axes.plot(
            [x],
            [min(max(y, low), high)],
            marker="x",
            markersize=6.5,
            markeredgewidth=1.7,
            color=series_color(curve.entry),
            linestyle="none",
            clip_on=False,
            zorder=6,
        )
        marks[0].set_gid(f"diverged-{curve.entry}")


def _set_scales(axes: Axes, style: FigureStyle, *, log_y: bool) -> None:
    if log_y:
        axes.set_yscale("log", nonpositive="mask")
    if style.log_x:
        axes.set_xscale("log", nonpositive="mask")


def _set_x_limits(axes: Axes, curves: Sequence[Curve], style: FigureStyle) -> None:
    if style.x_range is not None:
        axes.set_xlim(*style.x_range)
        return
    parts = [x for c in curves for x, _ in (c.line, *c.faint)]
    x = np.concatenate(parts) if parts else np.empty(0)
    x = x[np.isfinite(x) & ((x > 0) | (not style.log_x))]
    if len(x) and x.min() < x.max():
        axes.set_xlim(float(x.min()), float(x.max()))


def _set_ticks(axes: Axes, style: FigureStyle, *, log_y: bool) -> None:
    for axis, log in ((axes.xaxis, style.log_x), (axes.yaxis, log_y)):
        if log:
            low, high = sorted(axis.get_view_interval())
            decades = np.log10(high / low) if low > 0 else 10.0
            subs = (1.0,) if decades > 2 else (1.0, 2.0, 5.0)
            axis.set_major_locator(LogLocator(subs=subs, numticks=7))
            axis.set_major_formatter(FuncFormatter(_log_tick))
            axis.set_minor_locator(NullLocator())
            axis.set_minor_formatter(NullFormatter())
        else:
            axis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3, steps=ROUND))
            axis.set_major_formatter(FuncFormatter(_tick))
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="y", color=LINE, linewidth=0.6)
    axes.set_facecolor(PAPER)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=MUTED, pad=3)


def _tick(value: float, _position: int | None = None) -> str:
    return tick_text(value)


def _log_tick(value: float, _position: int | None = None) -> str:
    return log_tick_text(value)


def _end_height(axes: Axes, points: Points) -> float:
    """Return the height in pixels at which a line ends, inside the panel."""
    box = axes.get_window_extent()
    x, y = points
    shown = np.isfinite(x) & np.isfinite(y)
    if axes.get_yscale() == "log":
        shown = shown & (y > 0)
    if not shown.any():
        return float(box.y0)
    last = np.flatnonzero(shown)[-1]
    height = float(axes.transData.transform((x[last], y[last]))[1])
    return min(max(height, float(box.y0)), float(box.y1))
