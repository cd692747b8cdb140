"""The lab: panels in docks around the plots, and how much room each has.

A window inside the window, so that panels can be moved, closed and put back without
touching the bar above and the status bar below.
"""

from typing import Final

from PySide6.QtCore import QByteArray, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from optlab.translate import tr
from optlab.ui.docks import CardDock
from optlab.ui.explainer import WIDTH as EXPLAINER_WIDTH
from optlab.ui.explainer import Explainer
from optlab.ui.optimizers_panel import OptimizersPanel
from optlab.ui.problem_panel import ProblemPanel
from optlab.ui.trials_pane import TrialsPane
from optlab.ui.view_state import ViewState

LAYOUT_VERSION: Final = 1
MARGIN: Final = 8
LEFT_WIDTH: Final = 296
BOTTOM_HEIGHT: Final = 172
DOCK_HEAD: Final = 68
MOST_FOR_PROBLEM: Final = 0.48
LEAST_FOR_PROBLEM: Final = 0.26
ROOM_TO_EXPLAIN: Final = 1600
"""Width of a window that has room for the explainer beside the plots.

In a narrower one it opens below the optimizers: plots keep half of the window.
"""
SHARES: Final = (0.3, 0.34, 0.36)
"""Of the height, for problem, optimizers and explainer where they share a side."""


class Desk(QMainWindow):
    """The plots, and the panels around them.

    Args:
        plots: What stands in the centre.
        problem: Panel of the problem.
        optimizers: Panel of the optimizers.
        trials: Pane of the trials.
        explainer: The explainer.
        state: Settings of all views.
    """

    shown = Signal()
    """It comes on the screen."""

    def __init__(
        self,
        plots: QWidget,
        *,
        problem: ProblemPanel,
        optimizers: OptimizersPanel,
        trials: TrialsPane,
        explainer: Explainer,
        state: ViewState,
    ) -> None:
        super().__init__()
        self.setObjectName("desk")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.setDockNestingEnabled(True)
        self.setCentralWidget(plots)
        self._problem = problem
        self._optimizers = optimizers
        self._lent = 0
        self._state = state
        self._laid_out = False
        self._recalled: QByteArray | None = None
        self._default = QByteArray()
        self.problem_dock = self._dock("problem", tr("Problem"), problem)
        self.optimizers_dock = self._dock(
            "optimizers", tr("Optimizers"), optimizers, extra=optimizers.tools
        )
        self.trials_dock = self._dock("trials", tr("Trials"), trials)
        self.explainer_dock = self._dock(
            "explainer", tr("Explainer"), explainer, extra=explainer.switch
        )
        self._place()
        problem.problem_changed.connect(self.fit)
        self.explainer_dock.visibilityChanged.connect(self._share_side)
        optimizers.room_wanted.connect(self.give_room)

    def docks(self) -> tuple[CardDock, ...]:
        """Return all panels."""
        return (
            self.problem_dock,
            self.optimizers_dock,
            self.trials_dock,
            self.explainer_dock,
        )

    def _dock(
        self, name: str, title: str, content: QWidget, *, extra: QWidget | None = None
    ) -> CardDock:
        return CardDock(
            name, title, content=content, state=self._state, parent=self, extra=extra
        )

    def _place(self) -> None:
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        right = Qt.DockWidgetArea.RightDockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self.addDockWidget(left, self.problem_dock)
        self.addDockWidget(left, self.optimizers_dock)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.trials_dock)
        self.addDockWidget(right, self.explainer_dock)
        self.explainer_dock.hide()

    @Slot()
    def fit(self) -> None:
        """Give the form of the problem the height that it wants, within reason."""
        wanted = self._problem.wanted_height() + DOCK_HEAD
        height = min(wanted, round(MOST_FOR_PROBLEM * self.window().height()))
        rest = max(0, self.height() - height)
        docks = [self.problem_dock, self.optimizers_dock]
        self.resizeDocks(docks, [height, rest], Qt.Orientation.Vertical)
        self._lent = 0
        if self._laid_out:
            self.give_room()

    @Slot()
    def give_room(self) -> None:
        """Lend an optimizer that is unfolded some of the problem's room."""
        docks = [self.problem_dock, self.optimizers_dock]
        if any(dock.isFloating() or not dock.isVisible() for dock in docks):
            return
        above, below = (dock.height() for dock in docks)
        taken = -self._lent
        if self._optimizers.selected is not None:
            wanted = self._optimizers.wanted_height() + DOCK_HEAD
            least = round(LEAST_FOR_PROBLEM * (above + below))
            taken = max(0, min(wanted - below, above - least))
        if taken:
            self._lent += taken
            sizes = [above - taken, below + taken]
            self.resizeDocks(docks, sizes, Qt.Orientation.Vertical)

    @Slot(bool)
    def _share_side(self, shown: bool) -> None:
        """Give all panels of a side some height when the explainer joins them."""
        docks = (self.problem_dock, self.optimizers_dock, self.explainer_dock)
        places = {self.dockWidgetArea(dock) for dock in docks}
        apart = any(dock.isFloating() or dock.isHidden() for dock in docks)
        if shown and self._laid_out and not apart and len(places) == 1:
            heights = [round(share * self.height()) for share in SHARES]
            self.resizeDocks(list(docks), heights, Qt.Orientation.Vertical)

    @Slot()
    def reset(self) -> None:
        """Put all panels back where they were in the beginning."""
        self.restoreState(self._default, LAYOUT_VERSION)

    def remembered(self) -> QByteArray:
        """Return where the panels are, as `recall` takes it."""
        if self._recalled is not None and not self._laid_out:
            return self._recalled
        return self.saveState(LAYOUT_VERSION)

    def recall(self, layout: QByteArray) -> None:
        """Put the panels where they were; at once, or as soon as sizes are known."""
        if self._laid_out:
            self.restoreState(layout, LAYOUT_VERSION)
        else:
            self._recalled = layout

    def showEvent(self, event: QShowEvent) -> None:
        """Give the panels their sizes, now that those of the window are known."""
        super().showEvent(event)
        self.shown.emit()
        if self._laid_out:
            return
        self._laid_out = True
        self._lay_out()
        if self._recalled is not None:
            self.restoreState(self._recalled, LAYOUT_VERSION)

    def _lay_out(self) -> None:
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        docks = [self.problem_dock, self.optimizers_dock]
        self.resizeDocks(docks, [LEFT_WIDTH] * 2, horizontal)
        self.fit()
        self.resizeDocks([self.trials_dock], [BOTTOM_HEIGHT], vertical)
        wide = self.window().width() >= ROOM_TO_EXPLAIN
        if not wide:
            left = Qt.DockWidgetArea.LeftDockWidgetArea
            self.addDockWidget(left, self.explainer_dock)
        self.explainer_dock.setVisible(wide)
        if wide:
            self.resizeDocks([self.explainer_dock], [EXPLAINER_WIDTH], horizontal)
        self._default = self.saveState(LAYOUT_VERSION)
