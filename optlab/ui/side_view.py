"""The third dimension of the card of a surface, made when somebody asks for it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QBoxLayout, QWidget

from optlab.translate import tr
from optlab.ui.dimension_switch import DimensionSwitch
from optlab.ui.open_gl import open_context
from optlab.ui.relief import Relief, Walker
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.ui.solid_view import SolidView


class SideView(QObject):
    """Lets a relief take the place of a flat plot, where there is OpenGL.

    Args:
        flat: The plot.
        room: The layout that it is in.
        state: Settings of all views; says which of the two is wanted.
        tell: Is told in words why there is no third dimension.
    """

    def __init__(
        self,
        flat: QWidget,
        room: QBoxLayout,
        *,
        state: ViewState,
        tell: Callable[[str], None],
    ) -> None:
        super().__init__(flat)
        self._flat = flat
        self._room = room
        self._state = state
        self._tell = tell
        self.switch = DimensionSwitch("surface")
        self.switch.solid_wanted.connect(self._on_switch)
        self.view: SolidView | None = None
        self._refused = False

    @property
    def shown(self) -> bool:
        """Whether the relief is seen."""
        return self.view is not None and not self.view.isHidden()

    @Slot(bool)
    def _on_switch(self, on: bool) -> None:
        self._state.set_solid(on and self._possible())

    def follow(self) -> bool:
        """Show what is wanted, as far as it can be; return whether that is the relief.

        The first time takes most of a second: pyqtgraph.opengl is loaded.
        """
        on = self._state.solid and self._possible()
        if on and self.view is None:
            from optlab.ui.solid_view import SolidView

            self.view = SolidView(self._state.theme)
            self._room.insertWidget(self._room.indexOf(self._flat) + 1, self.view, 1)
        if self.view is not None and on == self.view.isHidden():
            self._flat.setVisible(not on)
            self.view.setVisible(on)
        self.switch.show_solid(on)
        return on

    def show_all(
        self,
        relief: Relief,
        walkers: Sequence[Walker],
        starts: Sequence[Sequence[float]],
    ) -> None:
        """Show a surface and who walks on it.

        Args:
            relief: The surface.
            walkers: The ways.
            starts: Where they begin.
        """
        if self.view is not None:
            self.view.painted = 0.0
            self.view.set_theme(self._state.theme)
            self.view.set_relief(relief, starts)
            self.view.set_walkers(walkers)

    def painted(self) -> float:
        """Return the seconds that painting took since the last time it was told."""
        return 0.0 if self.view is None else self.view.painted

    def _possible(self) -> bool:
        """Return whether there is OpenGL; looked for once, when first asked."""
        if self.view is not None:
            return True
        if not self._refused and open_context() is None:
            self._refused = True
            why = tr("No 3-D view: there is no OpenGL on this display")
            self.switch.refuse(why)
            self._tell(why)
        return not self._refused
