"""How things are looked at: axes, smoothing, what is hidden. Not what is trained.

Nothing here belongs to the experiment. Views listen to `ViewState.changed` and draw
themselves anew. The arrangement of the plots can be undone, on the same stack as the
experiment; what only helps to look (zoom, smoothing, what is hidden) is not.
"""

from dataclasses import replace
from typing import Final
from weakref import ref

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from optlab.translate import tr
from optlab.ui.arrangement import (
    AUTOMATIC,
    X_AXES,
    Arrangement,
    PlotSettings,
    Scale,
    Spread,
    XAxis,
)
from optlab.ui.playback import Playback
from optlab.ui.theme import LIGHT, Theme

MAX_SMOOTHING: Final = 0.999

XKey = tuple[XAxis, bool]
"""What an x axis counts, and whether it is logarithmic."""
XRange = tuple[float, float]


class ViewState(QObject):
    """The settings of all views of one window.

    `changed` comes once for each setting that changed; `hovered_changed` is apart
    because it comes with the mouse and only highlights, `moment_changed` because it
    comes with every step that is played. `cursor_changed` and `zoom_changed` are
    apart, too: they come with the mouse and concern plots of one x axis.
    """

    changed = Signal()
    hovered_changed = Signal()
    moment_changed = Signal()
    cursor_changed = Signal()
    zoom_changed = Signal()
    theme_changed = Signal()

    def __init__(
        self, parent: QObject | None = None, *, stack: QUndoStack | None = None
    ) -> None:
        super().__init__(parent)
        self._stack = stack
        self._arrangement = AUTOMATIC
        self._maximized = ""
        self._x_axis: XAxis = "step"
        self._log_x = False
        self._linked = True
        self._smoothing = 0.9
        self._hidden: frozenset[int] = frozenset()
        self._hovered: int | None = None
        self._theme: Theme = LIGHT
        self._revision = 0
        self._solid = False
        self._spread: Spread = "band"
        self._ignore_outliers = False
        self._cursor: tuple[XKey, float] | None = None
        self._zooms: dict[XKey, XRange] = {}
        self.playback = Playback(self)
        self.playback.moved.connect(self.moment_changed)

    @property
    def revision(self) -> int:
        """Grows with every change, so that a view can tell whether it is up to date."""
        return self._revision

    @property
    def x_axis(self) -> XAxis:
        """What the x axis counts."""
        return self._x_axis

    @property
    def log_x(self) -> bool:
        """Whether the x axis is logarithmic."""
        return self._log_x

    @property
    def smoothing(self) -> float:
        """Weight of the past in the moving average, from 0 (off) to 0.999."""
        return self._smoothing

    @property
    def hidden(self) -> frozenset[int]:
        """Indices of the optimizers whose curves are not drawn."""
        return self._hidden

    @property
    def hovered(self) -> int | None:
        """Index of the optimizer under the mouse, in any list or plot."""
        return self._hovered

    @property
    def moment(self) -> int | None:
        """The step of the run that is looked at; None for the newest."""
        return self.playback.moment

    @property
    def solid(self) -> bool:
        """Whether surfaces are seen from the side, in three dimensions."""
        return self._solid

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    @property
    def linked(self) -> bool:
        """Whether plots with the same x axis zoom and move along it together."""
        return self._linked

    @property
    def spread(self) -> Spread:
        """How several seeds of one optimizer are drawn."""
        return self._spread

    @property
    def ignore_outliers(self) -> bool:
        """Whether outliers may lie outside the ranges that are shown."""
        return self._ignore_outliers

    @property
    def cursor(self) -> tuple[XKey, float] | None:
        """Where the mouse is along an x axis of plots, as that axis has it."""
        return self._cursor

    def zoom(self, key: XKey) -> XRange | None:
        """Return what plots with this x axis show together; None: all there is."""
        return self._zooms.get(key)

    @property
    def arrangement(self) -> Arrangement:
        """Which plots there are, where they stand and how each is looked at."""
        return self._arrangement

    @property
    def maximized(self) -> str:
        """Name of the plot that fills the centre; empty where all share it."""
        return self._maximized

    def plot(self, name: str) -> PlotSettings:
        """Return the settings of one plot."""
        return self._arrangement.settings(name)

    def y_scale(self, name: str) -> Scale | None:
        """Return the scale that a person chose for a plot; None: the card decides."""
        return self.plot(name).y_scale

    def set_x_axis(self, axis: XAxis) -> None:
        """Let the x axis count steps, epochs, seconds, samples or evaluations."""
        if axis not in X_AXES:
            raise ValueError(f"{axis!r} is none of {', '.join(X_AXES)}")
        if axis != self._x_axis:
            self._x_axis = axis
            self._tell()

    def set_log_x(self, on: bool) -> None:
        """Make the x axis logarithmic or linear."""
        if on != self._log_x:
            self._log_x = on
            self._tell()

    def set_linked(self, on: bool) -> None:
        """Let plots zoom and move along x together, or each by itself."""
        if on != self._linked:
            self._linked = on
            self._zooms.clear()
            self._tell()

    def set_spread(self, spread: Spread) -> None:
        """Draw several seeds as a band, as a line each, or one of them alone."""
        if spread != self._spread:
            self._spread = spread
            self._tell()

    def set_ignore_outliers(self, on: bool) -> None:
        """Let outliers lie outside the ranges that are shown, or not."""
        if on != self._ignore_outliers:
            self._ignore_outliers = on
            self._tell()

    def set_cursor(self, cursor: tuple[XKey, float] | None) -> None:
        """Say where the mouse is along an x axis."""
        if cursor != self._cursor:
            self._cursor = cursor
            self.cursor_changed.emit()

    def set_zoom(self, key: XKey, zoom: XRange | None) -> None:
        """Let plots with an x axis show this part of it; None for all there is."""
        if zoom == self._zooms.get(key):
            return
        self._zooms.pop(key, None)
        if zoom is not None:
            self._zooms[key] = zoom
        self.zoom_changed.emit()

    def watch(self, run: object | None) -> None:
        """Look at all of another run; where that is no other, nothing changes."""
        if self.playback.watch(run):
            # A part of the last run may lie behind the end of this one.
            self._zooms.clear()

    def set_arrangement(self, new: Arrangement, text: str, *, merge: str = "") -> None:
        """Arrange the plots in another way, as one step that can be undone.

        Args:
            new: The arrangement.
            text: What was done, for the undo menu.
            merge: If not empty, consecutive changes with this word become one.
        """
        if new == self._arrangement:
            return
        if self._stack is None:
            self._put_arrangement(new)
            return
        self._stack.push(_Arranging(text, self, new=new, key=merge))

    def set_maximized(self, name: str) -> None:
        """Let one plot fill the centre; none with an empty name."""
        if name != self._maximized:
            self._maximized = name
            self._tell()

    def set_plot(self, name: str, settings: PlotSettings, *, merge: str = "") -> None:
        """Look at one plot in another way; can be undone."""
        new = self._arrangement.with_settings(name, settings)
        text = tr("change the plot {name}", name=name)
        self.set_arrangement(new, text, merge=merge)

    def set_y_scale(self, name: str, scale: Scale | None) -> None:
        """Give a plot another scale of its y axis; None leaves it to the card."""
        self.set_plot(name, replace(self.plot(name), y_scale=scale))

    def _put_arrangement(self, new: Arrangement) -> None:
        self._arrangement = new
        self._tell()

    def set_smoothing(self, weight: float) -> None:
        """Set the weight of the past; values outside 0 to 0.999 are clipped."""
        weight = min(max(weight, 0.0), MAX_SMOOTHING)
        if weight != self._smoothing:
            self._smoothing = weight
            self._tell()

    def set_hidden(self, entries: frozenset[int]) -> None:
        """Hide exactly these optimizers."""
        if entries != self._hidden:
            self._hidden = entries
            self._tell()

    def toggle(self, entry: int) -> None:
        """Hide an optimizer, or show it again."""
        self.set_hidden(self._hidden ^ {entry})

    def isolate(self, entry: int, *, among: frozenset[int]) -> None:
        """Show one optimizer alone; if it is alone already, show all.

        Args:
            entry: Index of the optimizer.
            among: Indices of all optimizers of the run.
        """
        others = among - {entry}
        alone = self._hidden & among == others
        self.set_hidden(self._hidden - among if alone else others)

    def set_hovered(self, entry: int | None) -> None:
        """Say which optimizer is under the mouse."""
        if entry != self._hovered:
            self._hovered = entry
            self.hovered_changed.emit()

    def set_solid(self, on: bool) -> None:
        """Look at surfaces from the side, or from above."""
        if on != self._solid:
            self._solid = on
            self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        if theme != self._theme:
            self._theme = theme
            self._revision += 1
            self.theme_changed.emit()
            self.changed.emit()

    def _tell(self) -> None:
        self._revision += 1
        self.changed.emit()


class _Arranging(QUndoCommand):
    """One change of the arrangement; consecutive ones with one key become one."""

    def __init__(
        self, text: str, state: ViewState, *, new: Arrangement, key: str
    ) -> None:
        super().__init__(text)
        # Not held: a cycle of command, state and stack crashes the garbage collector of
        # Python when it comes upon it.
        self._state = ref(state)
        self._old = state.arrangement
        self._new = new
        self._key = key

    def redo(self) -> None:
        """Make the change."""
        self._put(self._new)

    def undo(self) -> None:
        """Take it back."""
        self._put(self._old)

    def _put(self, arrangement: Arrangement) -> None:
        state = self._state()
        if state is not None:
            state._put_arrangement(arrangement)

    def id(self) -> int:
        """Return the number that lets Qt offer a later change for merging."""
        return 2 if self._key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in a later change of the same thing."""
        if not isinstance(other, _Arranging) or other._key != self._key:
            return False
        self._new = other._new
        self.setObsolete(self._new == self._old)
        return True
