"""Marks on curves: where trials diverged, what happened to them, where curves end."""

from dataclasses import dataclass
from math import log10
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from optlab.export.number_text import count
from optlab.records import Event
from optlab.translate import tr
from optlab.ui.canvas import Canvas
from optlab.ui.curve_set import CurveSet
from optlab.ui.end_labels import LabelSpec
from optlab.ui.paint_marks import mark_brush, mark_pen
from optlab.ui.theme import Theme, series_style
from optlab.ui.view_state import ViewState

_EDGE = 9.0
_FAR = 1e12
_AT_BOTTOM: Final = 5.0
_GROUND_OPACITY: Final = 0.75
NEAR: Final = 9.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A mark that says something when the mouse is near.

    Attributes:
        x: Where, as the x axis has it.
        y: Where, as the y axis has it.
        text: What it says.
        color: Its colour.
    """

    x: float
    y: float
    text: str
    color: QColor

    def spot(self) -> dict[str, Any]:
        """Return it as pyqtgraph takes it."""
        color = self.color.name()
        brush, pen = mark_brush(color), mark_pen(color, 1.0)
        return {"pos": (self.x, self.y), "brush": brush, "pen": pen}


def on_axes(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    """Return a point as the axes have it: in logarithms on log axes."""
    if canvas.log[0]:
        x = log10(x) if x > 0 else -300.0
    if canvas.log[1]:
        y = log10(y) if y > 0 else -300.0
    elif canvas.y_scale == "symlog":
        y = float(canvas.y_on_axis(np.array([y]))[0])
    return x, y


def cross_marks(
    canvas: Canvas,
    curves: CurveSet,
    crosses: dict[int, tuple[float, float]],
    theme: Theme,
) -> list[Mark]:
    """Return the crosses where trials diverged; those beyond the edge lie on it.

    Args:
        canvas: The plot.
        curves: Its curves.
        crosses: Last finite step and value of every diverged trial.
        theme: Theme in force.
    """
    (_, _), (y0, y1) = canvas.view()
    edge = (y1 - y0) * _EDGE / max(canvas.plot_rect().height(), 20.0)
    marks = []
    for entry in curves.shown_entries():
        color = series_style(entry, theme).color
        for start in curves.entries[entry]:
            if start.trial not in crosses:
                continue
            step, value = crosses[start.trial]
            x = float(curves.sampler.to_x(start.trial, np.array([step]))[0])
            at = on_axes(canvas, x, value)
            y = min(max(at[1], y0 + edge), y1 - edge)
            status = curves.data.status(start.trial)
            text = tr(
                "{label}, seed {seed}, diverged at step {step}: {reason}",
                label=start.label,
                seed=start.seed,
                step=count(status.step),
                reason=status.reason or tr("not finite"),
            )
            marks.append(Mark(x=at[0], y=y, text=text, color=color))
    return marks


def event_marks(canvas: Canvas, curves: CurveSet, theme: Theme) -> list[Mark]:
    """Return small flags at the bottom where something was done to a trial.

    Args:
        canvas: The plot.
        curves: Its curves.
        theme: Theme in force.
    """
    (_, _), (y0, y1) = canvas.view()
    y = y0 + (y1 - y0) * _AT_BOTTOM / max(canvas.plot_rect().height(), 20.0)
    shown = {
        start.trial: start
        for e in curves.shown_entries()
        for start in curves.entries[e]
    }
    marks = []
    for event in curves.data.events():
        start = shown.get(-1 if event.trial is None else event.trial)
        said = None if start is None else _said(event, start.label)
        if start is None or said is None:
            continue
        x = float(curves.sampler.to_x(start.trial, np.array([event.step]))[0])
        color = series_style(start.entry, theme).color
        x, _ = on_axes(canvas, x, 1.0)
        marks.append(Mark(x=x, y=y, text=said, color=color))
    return marks


def _said(event: Event, label: str) -> str | None:
    """Return what a flag says of an event; None where it needs none."""
    step = count(event.step)
    if event.name == "lr":
        text = event.text
        return tr(
            "{label}: learning rate {text} at step {step}",
            label=label,
            text=text,
            step=step,
        )
    if event.name == "stop-trial":
        return tr("{label}: stopped at step {step}", label=label, step=step)
    return None


def mark_near(canvas: Canvas, marks: list[Mark], at: QPointF) -> Mark | None:
    """Return the mark under the mouse, if there is one."""
    for mark in marks:
        place = canvas.to_pixels(mark.x, mark.y)
        if abs(place.x() - at.x()) <= NEAR and abs(place.y() - at.y()) <= NEAR:
            return mark
    return None


def entry_near(canvas: Canvas, curves: CurveSet, at: QPointF) -> int | None:
    """Return the optimizer whose curve is under the mouse, if there is one."""
    best: tuple[float, int] | None = None
    place = canvas.to_x(at.x())
    for entry in curves.shown_entries():
        line = curves.curves[entry].line()
        x = canvas.x_on_axis(line.x)
        k = int(np.searchsorted(x, place))
        if not 0 < k < len(x):
            continue
        share = (place - x[k - 1]) / max(x[k] - x[k - 1], 1e-300)
        ends = canvas.y_on_axis(line.y[k - 1 : k + 1])
        height = float(ends[0] + share * (ends[1] - ends[0]))
        if not np.isfinite(height):
            continue
        away = abs(canvas.to_pixels(place, height).y() - at.y())
        if away <= NEAR and (best is None or away < best[0]):
            best = away, entry
    return None if best is None else best[1]


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
    ground = QColor(state.theme.card)
    ground.setAlphaF(_GROUND_OPACITY)
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
                ground=ground,
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
