"""A stage for views: the grid of plots and the table, on a window that is shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from optlab.store.run_data import RunData
from optlab.ui.clock import ViewClock
from optlab.ui.contour import SurfaceLike
from optlab.ui.curves import CurveCard
from optlab.ui.plot_grid import PlotGrid
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.theme import LIGHT, Theme, apply_theme
from optlab.ui.trials_table import TrialsTable
from optlab.ui.view_state import ViewState


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Views and what they hang on."""

    window: QWidget
    state: ViewState
    stack: QUndoStack
    clock: ViewClock
    grid: PlotGrid
    table: TrialsTable

    def curves(self, name: str) -> CurveCard:
        """Return a card of curves."""
        card = self.grid.card(name)
        assert isinstance(card, CurveCard)
        return card

    def surface(self) -> SurfaceCard:
        """Return the card of the surface."""
        card = self.grid.card("surface")
        assert isinstance(card, SurfaceCard)
        return card

    def draw(self) -> None:
        """Draw everything, after what Qt has to do first."""
        QApplication.processEvents()
        self.clock.refresh_now()


SetUp = Callable[..., Stage]


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[SetUp]:
    """Return a function that shows a run and draws it."""
    # Without this a window would be gone as soon as a test asks it for a part.
    kept: list[Stage] = []

    def set_up(
        data: RunData | None,
        surface: SurfaceLike | None = None,
        *,
        size: tuple[int, int] = (1100, 800),
        theme: Theme = LIGHT,
    ) -> Stage:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        window = QWidget()
        qtbot.addWidget(window)
        stack = QUndoStack(window)
        state, clock = ViewState(window, stack=stack), ViewClock(window)
        state.set_theme(theme)
        grid, table = PlotGrid(state, clock), TrialsTable(state, clock)
        layout = QVBoxLayout(window)
        layout.addWidget(grid, 3)
        layout.addWidget(table, 1)
        window.resize(*size)
        grid.set_run(data, surface)
        table.set_run(data, surface)
        with qtbot.waitExposed(window):
            window.show()
        found = Stage(
            window=window,
            state=state,
            stack=stack,
            clock=clock,
            grid=grid,
            table=table,
        )
        kept.append(found)
        found.draw()
        return found

    yield set_up
    kept.clear()
