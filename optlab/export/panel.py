"""One panel of a figure: the curves of one metric."""

from collections.abc import Sequence
from functools import partial
from typing import Final, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.ticker import (
    FuncFormatter,
    Locator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from optlab.export.axis_format import (
    ROUND,
    log_tick_text,
    symlog_tick_text,
    tick_text,
)
from optlab.export.curves import Curve, Points, metric_info
from optlab.export.label_layout import spread
from optlab.export.palette import LINE, MUTED, PAPER, series_color, series_dash
from optlab.export.ranges import shown_range, suits_log
from optlab.export.style import FigureStyle
from optlab.export.symlog import backward, forward, linear_width
from optlab.records import Floats
from optlab.translate import tr

Dash: TypeAlias = tuple[float, tuple[float, ...]] | Literal["solid"]

STRONG: Final = 1.5
_FAINT: Final = 0.5
_FAINT_OPACITY: Final = 0.28
_QUIET: Final = 0.8
_QUIET_OPACITY: Final = 0.6
_BAND_OPACITY: Final = 0.15
_LABEL_SIZE: Final = 7.5
_LABEL_GAP: Final = 5.0
_CROSS: Final = " ×"
_MOST_DECADES_WITH_MINOR_TICKS: Final = 7


class SymlogLocator(Locator):
    """Zero, and decades on both sides of it, as many as there is room for.

    Args:
        width: Half width of the linear part of the scale.
    """

    def __init__(self, width: float, most: int = 7) -> None:
        self._width = width
        self._most = most

    def __call__(self) -> Sequence[float]:
        """Return the ticks of the range that is shown."""
        low, high = sorted(self.axis.get_view_interval()) if self.axis else (0.0, 1.0)
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Return the ticks between two values."""
        largest = max(abs(vmin), abs(vmax), self._width)
        first, last = round(np.log10(self._width)), int(np.floor(np.log10(largest)))
        sides = (vmin < 0) + (vmax > 0)
        every = max(1, -(-(last - first + 1) * sides // self._most))
        sizes = [10.0**exponent for exponent in range(last, first - 1, -every)]
        ticks = [-size for size in sizes] + [0.0] + sizes[::-1]
        return [tick for tick in ticks if vmin <= tick <= vmax]


def draw_panel(
    axes: Axes,
    metric: str,
    *,
    curves: Sequence[Curve],
    style: FigureStyle,
    quiet: Sequence[Curve] = (),
) -> None:
    """Draw the curves of one metric.

    Args:
        axes: Where.
        metric: Which.
        curves: What.
        style: How.
        quiet: Curves of a second metric.
    """
    info = metric_info(metric)
    axes.set_title(style.panel or tr(info.label), loc="left")
    unit = style.unit or (tr(info.unit) if info.unit else "")
    if unit:
        axes.set_title(unit, loc="right", color=MUTED, weight="normal")
    calm = [c.line[1] for c in curves if not c.diverged]
    wild = [c.line[1] for c in curves if c.diverged]
    scale = style.y_scale or _suitable(calm or wild, log=info.log)
    calm += [c.line[1] for c in quiet if not c.diverged]
    log_y = scale == "log"
    width = linear_width(np.concatenate([*calm, *wild, np.empty(0)]))
    _set_scales(axes, style, scale=scale, width=width)
    limits = style.y_range or _limits(
        calm,
        wild,
        width=width if scale == "symlog" else None,
        log=log_y,
        outliers=not info.dense,
        trimmed=style.ignore_outliers,
    )
    if limits is not None and style.y_range is None:
        limits = _with_levels(limits, style, log=log_y)
    if limits is not None and not (log_y and limits[0] <= 0):
        axes.set_ylim(*limits)
    _draw_levels(axes, style)
    for curve in quiet:
        _draw_quietly(axes, curve, log_y=log_y)
    for curve in curves:
        _draw_curve(axes, curve, log_y=log_y)
    _set_x_limits(axes, curves, style)
    for curve in curves:
        _draw_crosses(axes, curve)
    _set_ticks(axes, style, scale=scale)


def end_labels(axes: Axes, curves: Sequence[Curve]) -> list[Annotation]:
    """Put the label of each curve to the right of the panel, for `push_apart` later."""
    labels = []
    for curve in _first_ones(curves):
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
    wanted = [_end_height(axes, curve.line) for curve in _first_ones(curves)]
    centres = spread(wanted, heights, low=box.y0, high=box.y1)
    if centres is None:
        return False
    for label, centre in zip(labels, centres, strict=True):
        label.xy = (1.0, (centre - box.y0) / box.height)
    return True


def _first_ones(curves: Sequence[Curve]) -> list[Curve]:
    """Return one curve of each optimizer: what has one colour has one label."""
    return list({curve.entry: curve for curve in reversed(curves)}.values())[::-1]


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
        if not axes.get_autoscaley_on():
            # An edge may be infinite, or what a log axis cannot show.
            low, high = (np.clip(v, *axes.get_ylim()) for v in (low, high))
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


def _draw_quietly(axes: Axes, curve: Curve, *, log_y: bool) -> None:
    """Draw what accompanies a metric: the line alone, with dots where it has few."""
    lines = axes.plot(
        *_drawable(curve.line, log_y),
        color=series_color(curve.entry),
        linewidth=_QUIET,
        alpha=_QUIET_OPACITY,
        linestyle=dash_style(curve.entry),
        marker="o" if curve.markers else "",
        markersize=2.2,
        zorder=3.5,
    )
    lines[0].set_gid(f"quiet-{curve.entry}")


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


def _suitable(values: Sequence[Floats], *, log: bool) -> str:
    return "log" if log and suits_log(values) else "linear"


def _draw_levels(axes: Axes, style: FigureStyle) -> None:
    """Draw the dashed lines that are asked for, where they are in range."""
    low, high = axes.get_ylim()
    for entry, height in style.levels.items():
        if low <= height <= high and entry not in style.hidden:
            line = axes.axhline(
                height,
                color=series_color(entry),
                linewidth=0.8,
                linestyle=(0.0, (2.0, 2.0)),
                zorder=3,
            )
            line.set_gid(f"level-{entry}")


def _with_levels(
    limits: tuple[float, float], style: FigureStyle, *, log: bool
) -> tuple[float, float]:
    """Return limits that hold levels, too, where these are not far away."""
    heights = [y for entry, y in style.levels.items() if entry not in style.hidden]
    ends = np.log10(limits) if log else np.array(limits)
    at = np.array([np.log10(y) if log else y for y in heights if y > 0 or not log])
    far = ends[1] - ends[0]
    near = at[(at >= ends[0] - far) & (at <= ends[1] + far)]
    low, high = (float(end(np.append(near, ends))) for end in (np.min, np.max))
    return (10.0**low, 10.0**high) if log else (low, high)


def _limits(
    calm: Sequence[Floats],
    wild: Sequence[Floats],
    *,
    width: float | None,
    log: bool,
    outliers: bool,
    trimmed: bool,
) -> tuple[float, float] | None:
    """Return the ends of the y axis; ``width`` is that of a symmetric log scale."""
    if width is None:
        return shown_range(calm, wild, log=log, outliers=outliers, trimmed=trimmed)
    places = [[forward(values, width) for values in part] for part in (calm, wild)]
    found = shown_range(*places, log=False, outliers=outliers, trimmed=trimmed)
    if found is None:
        return None
    low, high = backward(np.array(found), width)
    return float(low), float(high)


def _set_scales(axes: Axes, style: FigureStyle, *, scale: str, width: float) -> None:
    if scale == "log":
        axes.set_yscale("log", nonpositive="mask")
    elif scale == "symlog":
        axes.set_yscale(
            "function",
            functions=(partial(forward, width=width), partial(backward, width=width)),
        )
        axes.yaxis.set_major_locator(SymlogLocator(width))
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


def _set_ticks(axes: Axes, style: FigureStyle, *, scale: str) -> None:
    axes.tick_params(length=0, colors=MUTED, pad=3)
    x_scale = "log" if style.log_x else "linear"
    for axis, of in ((axes.xaxis, x_scale), (axes.yaxis, scale)):
        if of == "log":
            low, high = sorted(axis.get_view_interval())
            decades = np.log10(high / low) if low > 0 else 10.0
            subs = (1.0,) if decades > 2 else (1.0, 2.0, 5.0)
            axis.set_major_locator(LogLocator(subs=subs, numticks=7))
            axis.set_major_formatter(FuncFormatter(_log_tick))
            axis.set_minor_formatter(NullFormatter())
            if decades <= _MOST_DECADES_WITH_MINOR_TICKS:
                axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10))))
                axis.set_tick_params(which="minor", length=2, width=0.5, color=MUTED)
            else:
                axis.set_minor_locator(NullLocator())
        elif of == "symlog":
            axis.set_major_formatter(FuncFormatter(_symlog_tick))
        else:
            axis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3, steps=ROUND))
            axis.set_major_formatter(FuncFormatter(_tick))
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="y", color=LINE, linewidth=0.6)
    axes.set_facecolor(PAPER)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _tick(value: float, _position: int | None = None) -> str:
    return tick_text(value)


def _log_tick(value: float, _position: int | None = None) -> str:
    return log_tick_text(value)


def _symlog_tick(value: float, _position: int | None = None) -> str:
    return symlog_tick_text(value)


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
