"""Marks on curves: crosses where trials diverged, labels where curves end."""

from math import log10
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF

from optlab.export.number_text import count
from optlab.translate import tr
from optlab.ui.canvas import Canvas
from optlab.ui.curve_set import CurveSet
from optlab.ui.end_labels import LabelSpec
from optlab.ui.theme import Theme, series_style
from optlab.ui.view_state import ViewState

_EDGE = 9.0
_FAR = 1e12


def on_axes(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    """Return a point as the axes have it: in logarithms on log axes."""
    log_x, log_y = canvas.log
    if log_x:
        x = log10(x) if x > 0 else -300.0
    if log_y:
        y = log10(y) if y > 0 else -300.0
    return x, y


def cross_spots(
    canvas: Canvas,
    curves: CurveSet,
    crosses: dict[int, tuple[float, float]],
    theme: Theme,
) -> list[dict[str, Any]]:
    """Return the crosses for pyqtgraph; those beyond the edge lie on it.

    Args:
        canvas: The plot.
        curves: Its curves.
        crosses: Last finite step and value of every diverged trial.
        theme: Theme in force.
    """
    (_, _), (y0, y1) = canvas.view()
    edge = (y1 - y0) * _EDGE / max(canvas.plot_rect().height(), 20.0)
    spots = []
    for entry in curves.shown_entries():
        color = series_style(entry, theme).color
        for start in curves.entries[entry]:
            if start.trial not in crosses:
                continue
            step, value = crosses[start.trial]
            x = float(curves.sampler.to_x(start.trial, np.array([step]))[0])
            at = on_axes(canvas, x, value)
            y = min(max(at[1], y0 + edge), y1 - edge)
            pen = pg.mkPen(color, width=1)
            spots.append({"pos": (at[0], y), "brush": color, "pen": pen})
    return spots


def label_texts(curves: CurveSet) -> dict[int, str]:
    """Return what the label of each optimizer says, with what diverged."""
    texts = {}
    for entry, starts in curves.entries.items():
        failed = [start for start in starts if curves.diverged(start.trial)]
        text = starts[0].label
        if failed and len(starts) == 1:
            step = count(curves.data.status(failed[0].trial).step)
            text = tr("{label} ✕ {step}", label=text, step=step)
        elif failed:
            text = tr(
                "{label} ✕ {n} of {all}", label=text, n=len(failed), all=len(starts)
            )
        texts[entry] = text
    return texts


def label_specs(
    canvas: Canvas, curves: CurveSet, *, state: ViewState
) -> list[LabelSpec]:
    """Return the labels of all curves that have an end."""
    specs = []
    for entry, text in label_texts(curves).items():
        end = _line_end(canvas, curves, entry)
        if end is None:
            continue
        specs.append(
            LabelSpec(
                entry=entry,
                text=text,
                color=series_style(entry, state.theme).color,
                x=end.x(),
                y=end.y(),
                hidden=entry in state.hidden,
            )
        )
    return specs


def _line_end(canvas: Canvas, curves: CurveSet, entry: int) -> QPointF | None:
    line = curves.curves[entry].line()
    finite = np.flatnonzero(np.isfinite(line.y))
    if not len(finite):
        return None
    last = finite[-1]
    x, y = on_axes(canvas, float(line.x[last]), float(line.y[last]))
    return canvas.to_pixels(x, min(max(y, -_FAR), _FAR))
