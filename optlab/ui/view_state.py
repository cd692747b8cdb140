"""How things are looked at: axes, smoothing, what is hidden. Not what is trained.

Nothing here belongs to the experiment; nothing here is undone. Views listen to
`ViewState.changed` and draw themselves anew.
"""

from typing import Final, Literal, get_args

from PySide6.QtCore import QObject, Signal

from optlab.ui.theme import LIGHT, Theme

XAxis = Literal["step", "epoch", "seconds", "samples", "evaluations"]
X_AXES: Final[tuple[XAxis, ...]] = get_args(XAxis)
MAX_SMOOTHING: Final = 0.999


class ViewState(QObject):
    """The settings of all views of one window.

    `changed` comes once for each setting that changed; `hovered_changed` is apart
    because it comes with the mouse and only highlights.
    """

    changed = Signal()
    hovered_changed = Signal()
    theme_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._x_axis: XAxis = "step"
        self._log_x = False
        self._log_y: dict[str, bool] = {}
        self._smoothing = 0.9
        self._hidden: frozenset[int] = frozenset()
        self._hovered: int | None = None
        self._theme: Theme = LIGHT
        self._revision = 0

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
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    def log_y(self, metric: str) -> bool | None:
        """Return whether a metric has a log axis; None: the card decides."""
        return self._log_y.get(metric)

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

    def set_log_y(self, metric: str, on: bool | None) -> None:
        """Make the y axis of a metric logarithmic or linear; None leaves it open."""
        if on != self._log_y.get(metric):
            if on is None:
                del self._log_y[metric]
            else:
                self._log_y[metric] = on
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
