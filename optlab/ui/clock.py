"""The one clock on which all views draw.

Redrawing everything at 30 Hz cut a thread that raced tiny steps to 3 % of its speed.
So: one view per tick, only those that are visible and out of date, the next tick no
sooner than three times the cost of the last frame (eight where nets train), and a
change of range is a frame of its own.
"""

from collections.abc import Callable, Hashable
from functools import partial
from time import perf_counter
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Slot

FRAME_MS: Final = 33
REST: Final = 3.0
NETS_REST: Final = 8.0
"""Nets keep every core busy: what drawing takes is taken from them."""
# A new range may bring an axis or labels that want another one.
_FITS: Final = 3


class ClockedView(Protocol):
    """What the clock asks of a view."""

    def shown(self) -> bool:
        """Return whether a person can see it."""
        ...

    def revision(self) -> Hashable:
        """Return a value that differs when there is something new to draw."""
        ...

    def draw(self) -> None:
        """Draw what is new."""
        ...

    def fit_due(self) -> bool:
        """Return whether data lie outside the range that is shown."""
        ...

    def fit(self) -> None:
        """Take a range that holds all data."""
        ...

    def paint_seconds(self) -> float:
        """Return what painting took since `draw` was called last."""
        ...


class ViewClock(QObject):
    """Draws registered views, one at a time.

    Args:
        parent: Owner.
        now: Seconds from a monotonic clock; tests bring their own.

    Attributes:
        rest: The next frame begins no sooner than this many times the cost of the last.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        now: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(parent)
        self._now = now
        self.rest = REST
        self._views: list[ClockedView] = []
        self._drawn: WeakKeyDictionary[ClockedView, Hashable] = WeakKeyDictionary()
        self._last: ClockedView | None = None
        self._last_start = 0.0
        self._last_cost = 0.0
        self._turn = 0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.tick)

    def register(self, view: ClockedView) -> None:
        """Draw ``view`` from now on."""
        self._views.append(view)

    def unregister(self, view: ClockedView) -> None:
        """Draw ``view`` no more."""
        self._views = [other for other in self._views if other is not view]
        self._drawn.pop(view, None)
        if self._last is view:
            self._last = None

    def start(self) -> None:
        """Let the clock tick."""
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Stop the clock; nothing is drawn until it is started again."""
        self._timer.stop()

    def running(self) -> bool:
        """Return whether the clock ticks."""
        return self._timer.isActive()

    def refresh_now(self, *, hidden: bool = True) -> None:
        """Draw views at once, with ranges that hold all data.

        Args:
            hidden: Whether to draw those too that nobody sees; otherwise they are drawn
                when they are shown.
        """
        views = (view for view in tuple(self._views) if hidden or view.shown())
        for view in views:
            self._draw(view)
            for _ in range(_FITS):
                if not view.fit_due():
                    break
                view.fit()
                self._draw(view)

    @Slot()
    def tick(self) -> None:
        """Draw the next view that is due, if the last frame is paid for."""
        painted = 0.0 if self._last is None else self._last.paint_seconds()
        begun = self._now()
        if begun - self._last_start < self.rest * (self._last_cost + painted):
            return
        count = len(self._views)
        for offset in range(count):
            view = self._views[(self._turn + offset) % count]
            if not view.shown():
                continue
            if view.fit_due():
                self._time(view, view.fit)
            elif self._drawn.get(view) != view.revision():
                self._time(view, partial(self._draw, view))
            else:
                continue
            self._turn = (self._turn + offset + 1) % count
            return
        # To look for what is due has its price, too.
        self._last, self._last_start = None, begun
        self._last_cost = self._now() - begun

    def _draw(self, view: ClockedView) -> None:
        # The revision is read first: what comes while drawing is drawn again.
        revision = view.revision()
        view.draw()
        self._drawn[view] = revision

    def _time(self, view: ClockedView, work: Callable[[], None]) -> None:
        self._last, self._last_start = view, self._now()
        work()
        self._last_cost = self._now() - self._last_start
