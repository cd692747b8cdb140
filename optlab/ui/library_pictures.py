"""Small pictures of runs: their loss curves, painted in the background."""

import math
from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPen, QPixmap, QPolygonF

from optlab.params import InputError
from optlab.records import Floats
from optlab.store.run_facts import Curve, RunFacts, read_curves
from optlab.ui.background import BackgroundTask, Report
from optlab.ui.theme import Theme, series_style

SIZE: Final = QSize(86, 40)
KEPT: Final = 400
BATCH: Final = 12
_MOST_CURVES: Final = 24
_COLUMNS: Final = 40
_MARGIN: Final = 3.0
_WIDTH: Final = 1.4
# The few worst values are left out of the picture: one of them would flatten the rest.
_SHOWN_SHARE: Final = 98.0
_DECADES_FOR_LOG: Final = 1.0
Key = tuple[Path, int, str, str, float]


class RunPictures(QObject):
    """Pictures of runs, made when they are asked for."""

    changed = Signal()
    """There are more pictures."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made: OrderedDict[Key, QPixmap] = OrderedDict()
        self._waiting: OrderedDict[Key, Theme] = OrderedDict()
        self._painted: dict[Key, QImage] = {}
        self._busy: frozenset[Key] = frozenset()
        self._task: BackgroundTask | None = None
        self._closed = False

    def picture(self, facts: RunFacts, theme: Theme, ratio: float) -> QPixmap | None:
        """Return the picture of a run; None while it has to be painted.

        Args:
            facts: The run.
            theme: Gives the colours.
            ratio: Device pixels per logical pixel.
        """
        key = (facts.path, facts.size, str(facts.step), theme.name, ratio)
        found = self._made.get(key)
        if found is not None:
            self._made.move_to_end(key)
        elif not self._closed and not facts.fault and key not in self._busy:
            # What was asked for last is what a person sees now.
            self._waiting[key] = theme
            self._waiting.move_to_end(key)
            self._begin()
        return found

    def shutdown(self) -> bool:
        """Paint nothing more, and wait, bounded, for what is being painted.

        Returns:
            Whether the thread that paints has ended.
        """
        self._closed = True
        self._waiting.clear()
        return self._task is None or self._task.shutdown()

    def _begin(self) -> None:
        if self._task is not None or not self._waiting or self._closed:
            return
        count = min(BATCH, len(self._waiting))
        jobs = [self._waiting.popitem() for _ in range(count)]
        painted: dict[Key, QImage] = {}

        def work(report: Report) -> None:
            for key, theme in jobs:
                if report.cancelled.is_set():
                    return
                try:
                    curves = read_curves(key[0])
                except InputError:
                    curves = ()
                painted[key] = paint_curves(curves, theme, ratio=key[-1])

        self._painted, self._busy = painted, frozenset(key for key, _ in jobs)
        self._task = BackgroundTask(work, parent=self)
        self._task.ended.connect(self._finish)
        self._task.start()

    @Slot(bool, str)
    def _finish(self, _well: bool, _reason: str) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        painted, self._painted = self._painted, {}
        busy, self._busy = self._busy, frozenset()
        if self._closed:
            return
        for key in busy:
            # Without a picture, too: it would be asked for again and again.
            image = painted.get(key)
            self._made[key] = QPixmap() if image is None else QPixmap.fromImage(image)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        self.changed.emit()
        self._begin()


def paint_curves(
    curves: tuple[Curve, ...], theme: Theme, *, ratio: float = 1.0
) -> QImage:
    """Return a picture of loss curves; any thread may paint one.

    Args:
        curves: The curves of all trials; of each optimizer the first is drawn.
        theme: Gives the colours.
        ratio: Device pixels per logical pixel.
    """
    image = QImage(SIZE * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    first = {entry: points for entry, points in reversed(curves) if len(points) > 1}
    shown = sorted(first.items())[:_MOST_CURVES]
    lines = [(entry, np.array(points, dtype=np.float64)) for entry, points in shown]
    placed = _placed([line for _, line in lines])
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for (entry, _), points in reversed(tuple(zip(lines, placed, strict=True))):
        pen = QPen(series_style(entry, theme).color, _WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.end()
    return image


def _placed(lines: list[Floats]) -> list[list[tuple[float, float]]]:
    """Return lines of steps and values as points in the picture."""
    last = max((float(line[-1, 0]) for line in lines), default=0.0) or 1.0
    lines = [_binned(line[np.isfinite(line[:, 1])], last) for line in lines]
    values = np.concatenate([line[:, 1] for line in lines] or [np.empty(0)])
    if not len(values):
        return [[] for _ in lines]
    low, high = float(values.min()), float(np.percentile(values, _SHOWN_SHARE))
    log = low > 0 and high > low and math.log10(high / low) > _DECADES_FOR_LOG
    if log:
        low, high = math.log10(low), math.log10(high)
    width, height = SIZE.width() - 2 * _MARGIN, SIZE.height() - 2 * _MARGIN
    found = []
    for line in lines:
        heights = np.log10(line[:, 1]) if log else line[:, 1]
        share = (np.clip(heights, low, high) - low) / ((high - low) or 1.0)
        x = _MARGIN + line[:, 0] / last * width
        y = _MARGIN + (1.0 - share) * height
        found.append(list(zip(x.tolist(), y.tolist(), strict=True)))
    return found


def _binned(line: Floats, last: float) -> Floats:
    """Return one median for each column of the picture: noise would fill it."""
    if len(line) <= _COLUMNS:
        return line
    columns = np.minimum((line[:, 0] / last * _COLUMNS).astype(int), _COLUMNS - 1)
    medians = [np.median(line[columns == column], axis=0) for column in set(columns)]
    return np.array(sorted(medians, key=lambda point: float(point[0])))
