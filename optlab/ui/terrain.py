"""What the cards of surfaces share, whether of one coordinate or of two.

A bar to play through the run, a start that can be moved, and a readout of the point
under the mouse.
"""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from optlab.export.number_text import grouped, number
from optlab.records import Floats
from optlab.store.series import Series
from optlab.translate import tr
from optlab.ui.cards import Card
from optlab.ui.contour import SurfaceLike
from optlab.ui.crosshair import Readout
from optlab.ui.icons import icon
from optlab.ui.playback_bar import PlaybackBar
from optlab.ui.start_picker import REACH, StartPicker
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

Point = tuple[float, ...]

RING: Final = 9
"""Size in pixels of what marks a start."""
_AWAY: Final = 8
_DIGITS: Final = 4


class TerrainCard(Card):
    """Base of the cards that show a surface and who walks on it.

    `start_chosen` carries the point at which a person wants trials to start.
    """

    start_chosen = Signal(object)

    def __init__(
        self,
        surface: SurfaceLike,
        state: ViewState,
        *,
        subtitle: str,
        parent: QWidget | None = None,
    ) -> None:
        self.surface = surface
        self._data: RunData | None = None
        self._next_start: Point | None = None
        self._dragged: Point | None = None
        super().__init__(
            "surface", tr("Surface"), subtitle=subtitle, state=state, parent=parent
        )
        self.log_action.setVisible(False)
        self.bar = PlaybackBar("surface", state)
        self._rows().addWidget(self.bar)
        self._readout = Readout(self.canvas.viewport())
        self._picker = StartPicker(self.canvas, self._ring)
        self.start_button = self._button("start", tr("Set the start by a click"))
        self.start_button.setCheckable(True)
        self.start_button.hide()
        self.add_to_header(self.start_button)
        self._connect_terrain()
        self._restyle_button()

    def _connect_terrain(self) -> None:
        self.start_button.clicked.connect(self._picker.arm)
        self._picker.armed_changed.connect(self._show_armed)
        self._picker.moved.connect(self._drag_start)
        self._picker.chosen.connect(self._choose_start)
        self.canvas.pointed.connect(self._read_at)
        self.canvas.left.connect(self._readout.hide)

    def _rows(self) -> QBoxLayout:
        layout = self.layout()
        assert isinstance(layout, QBoxLayout)
        return layout

    def add_to_header(self, widget: QWidget) -> None:
        """Put something before the button that makes the plot larger."""
        place = self.header.indexOf(self.maximize_button)
        self.header.insertWidget(place, widget)

    # -- to be said by each -----------------------------------------------------------

    def place(self, at: QPointF) -> Point:
        """Return the coordinates at a pixel of the plot."""
        raise NotImplementedError

    def pixel(self, point: Point) -> QPointF:
        """Return the pixel at which a point of the surface lies."""
        raise NotImplementedError

    def _place_marks(self) -> None:
        raise NotImplementedError

    # -- the surface and the run ------------------------------------------------------

    def take(self, surface: SurfaceLike) -> bool:
        """Go on with a surface that differs in its start at most, if it is one.

        A person who moves the start then keeps what was zoomed to.
        """
        if surface is not self.surface:
            if not _alike(surface, self.surface):
                return False
            self.surface = surface
            self._place_marks()
        return True

    def _begin(self, data: "RunData | None") -> None:
        """Note another run, or none; the same one leaves what is zoomed to."""
        if data is not self._data:
            self.ask_fit()
        self._data = data
        self.state.playback.watch(data)
        self._measure()

    def _measure(self) -> None:
        """Say how far the run has come."""
        data = self._data
        trials = () if data is None else data.trials
        if data is not None:
            ends = [data.series(t.trial, "x0").last_step for t in trials]
            self.state.playback.set_length(max(ends, default=0))

    def until(self, series: Series) -> int:
        """Return how many values of a series there are at the moment looked at."""
        if self.state.moment is None:
            return len(series)
        if series.dense:
            return min(self.state.moment + 1, len(series))
        steps, _ = series.arrays()
        return int(np.searchsorted(steps, self.state.moment, side="right"))

    def revision(self) -> Hashable:
        """Return a value that differs when there is something new to draw."""
        return super().revision(), self.state.moment

    # -- the start --------------------------------------------------------------------

    def offer_start(self, point: Point | None) -> None:
        """Let a person move the start of the next run, which is at ``point`` now.

        None: it cannot be moved, because a run goes on or starts are spread.
        """
        if point == self._next_start:
            return
        self._next_start = point
        self._show_start_button()
        if point is None:
            self._picker.arm(False)
        self._place_marks()

    def _show_start_button(self) -> None:
        self.start_button.setVisible(self._next_start is not None)

    def starts_shown(self) -> tuple[Point, ...]:
        """Return the places of the rings: of the start shown, and of the next."""
        if self._dragged is not None:
            return (self._dragged,)
        fixed = self.surface.starts == "fixed"
        shown: tuple[Point, ...] = (self.surface.start,) if fixed else ()
        if self._next_start is None or self._next_start in shown:
            return shown
        return (*shown, self._next_start)

    def _ring(self) -> QPointF | None:
        return None if self._next_start is None else self.pixel(self._next_start)

    @Slot()
    def _show_armed(self) -> None:
        self.start_button.setChecked(self._picker.armed)

    @Slot(QPointF)
    def _drag_start(self, at: QPointF) -> None:
        self._dragged = self._rounded(at)
        self._place_marks()
        self._read(self._dragged, tr("start"))

    @Slot(QPointF)
    def _choose_start(self, at: QPointF) -> None:
        point = self._rounded(at)
        self._dragged = None
        self._next_start = point
        self._place_marks()
        self.start_chosen.emit(point)

    def _rounded(self, at: QPointF) -> Point:
        """Return the roundest point within a pixel, so that fields stay readable."""
        here, there = self.place(at), self.place(at + QPointF(1.0, 1.0))
        return tuple(_round(a, abs(b - a)) for a, b in zip(here, there, strict=True))

    # -- the readout ------------------------------------------------------------------

    @Slot(QPointF)
    def _read_at(self, at: QPointF) -> None:
        if self._picker.dragging:
            return
        if not self.canvas.plot_rect().contains(at):
            self._readout.hide()
            return
        minima = self.surface.minima
        for k, minimum in enumerate(minima):
            if (self.pixel(minimum) - at).manhattanLength() <= REACH:
                several = tr("minimum {k} of {n}", k=k + 1, n=len(minima))
                self._read(minimum, several if len(minima) > 1 else tr("minimum"))
                return
        if self._next_start is not None and self._picker.holds(at):
            self._read(self._next_start, tr("start, drag to move it"))
            return
        self._read(self._rounded(at), "")

    def _read(self, point: Point, what: str) -> None:
        """Say what f is at a point, in the corner of the plot."""
        with np.errstate(all="ignore"):
            f = float(self.surface.value(np.array(point, dtype=float)))
        where = ", ".join(_coordinate(value) for value in point)
        text = f"f({where}) = {number(f, _DIGITS)}"
        self._readout.set_content(
            f"{what}: {text}" if what else text, (), self.state.theme
        )
        room, at = self.canvas.plot_rect(), self.pixel(point)
        top = room.bottom() - self._readout.height() - _AWAY
        if at.x() < room.center().x() and at.y() > room.center().y():
            top = room.top() + _AWAY
        self._readout.move(round(room.left()) + _AWAY, round(top))
        self._readout.show()
        self._readout.raise_()

    # -- look and keys ----------------------------------------------------------------

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "start_button"):
            self._restyle_button()

    def _restyle_button(self) -> None:
        self.start_button.setIcon(icon("start-here", self.state.theme))

    def event(self, event: QEvent) -> bool:
        """Keep the space bar, which starts and pauses runs, for playing.

        While a run goes on and is followed, it is left to the run.
        """
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and not event.modifiers()
            and self._plays()
        ):
            event.accept()
            return True
        return super().event(event)

    def _plays(self) -> bool:
        if self._data is None or self.state.playback.length < 1:
            return False
        return self._data.state.ended or self.state.moment is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step and play; on Escape, do not set the start after all."""
        if event.key() == Qt.Key.Key_Escape and self._picker.armed:
            self._picker.arm(False)
        elif not self.bar.steer(event):
            super().keyPressEvent(event)
            return
        event.accept()


def _coordinate(value: float) -> str:
    text = f"{value:.6g}"
    return number(value, _DIGITS) if "e" in text else grouped(text)


def _round(value: float, pixel: float) -> float:
    if not pixel > 0:
        return value
    return float(round(value, int(np.ceil(-np.log10(2.0 * pixel)))))


def _alike(one: SurfaceLike, other: SurfaceLike) -> bool:
    """Return whether two surfaces are the same but for the start."""
    parts: tuple[Callable[[SurfaceLike], object], ...] = (
        lambda s: s.dim,
        lambda s: s.domain,
        lambda s: s.minima,
        lambda s: s.minimum,
        lambda s: s.noise,
        lambda s: s.starts,
    )
    if any(part(one) != part(other) for part in parts):
        return False
    points = _samples(one)
    with np.errstate(all="ignore"):
        found = one.value(points), other.value(points)
    return bool(np.array_equal(*found, equal_nan=True))


def _samples(surface: SurfaceLike) -> Floats:
    lines = [np.linspace(lo, hi, 7) for lo, hi in surface.domain]
    return np.stack(np.meshgrid(*lines))
