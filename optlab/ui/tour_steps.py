"""The tour of the lab: its five places, and who leads to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDockWidget, QWidget

from optlab.translate import tr
from optlab.ui.pages import LAB

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow
    from optlab.ui.tour import Tour, TourStep


TAKEN: Final = "tour/taken"


class TourGuide(QObject):
    """Leads through the lab of a window; outlives its widgets."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.tour: Tour | None = None
        # Its words would be in another language, its places gone.
        window.rebuilt.connect(self.leave)

    @property
    def untaken(self) -> bool:
        """Whether nobody has begun the tour yet."""
        return self._window.session.settings.value(TAKEN) is None

    @Slot()
    def start(self) -> None:
        """Begin the tour, in the lab."""
        from optlab.ui.tour import Tour

        self.leave()
        self._window.session.settings.setValue(TAKEN, "yes")
        self._window.show_page(LAB)
        steps = lab_steps(self._window)
        self.tour = Tour(self._window, steps, state=self._window.state)
        self.tour.ended.connect(self._forget)

    @Slot()
    def leave(self) -> None:
        """End the tour, if one is going on."""
        if self.tour is not None:
            self.tour.skip()

    @Slot()
    def _forget(self) -> None:
        self.tour = None


def lab_steps(window: MainWindow) -> tuple[TourStep, ...]:
    """Return the steps of a tour of the lab, in the language in force."""
    from optlab.ui.tour import TourStep

    def opened(dock: QDockWidget) -> QWidget:
        # Visible is what the window around makes of it; hidden is what a person chose.
        if dock.isHidden():
            dock.show()
        dock.raise_()
        return dock

    return (
        TourStep(
            title=tr("What is trained"),
            text=tr(
                "Choose a surface, a data set or a net of your own. Every field takes "
                "sums like 1e-3*2 and says in its tool tip what is allowed."
            ),
            place=lambda: opened(window.desk.problem_dock),
        ),
        TourStep(
            title=tr("Who takes part"),
            text=tr(
                "One row for each optimizer; its colour is the same everywhere. Click "
                "a row to change its rate, its schedule and all the rest."
            ),
            place=lambda: opened(window.desk.optimizers_dock),
        ),
        TourStep(
            title=tr("Set it in motion"),
            text=tr(
                "Start trains all of them side by side, from the same weights on the "
                "same batches. Pause, take single steps, stop and go on as you like."
            ),
            place=lambda: window.bar.start,
        ),
        TourStep(
            title=tr("Watch"),
            text=tr(
                "The wheel zooms, a double click shows everything again. Point at a "
                "curve to read all values there; a plot can be made large."
            ),
            place=lambda: window.grid,
        ),
        TourStep(
            title=tr("Take it with you"),
            text=tr(
                "Export figures and tables. The menu beside it holds everything else, "
                "and Ctrl+K finds whatever you can name."
            ),
            place=lambda: window.bar.export_button,
        ),
    )
