"""How much of the window belongs to the plots."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.store.run_data import RunData
from optlab.ui.contour import SurfaceLike
from optlab.ui.launch import make_session
from optlab.ui.main_window import DEFAULT_SIZE, MainWindow
from tests.ui.shell.support import Answers, Hands
from tests.ui.views.runs import Valley, nets, race


@pytest.fixture
def large(qtbot: QtBot, catalog: Catalog, tmp_path: Path) -> Iterator[MainWindow]:
    """A window as it opens for the first time, at 1440 by 900."""
    session = make_session(catalog, folder=tmp_path / "person")
    window = MainWindow(session, chooser=Answers())
    qtbot.addWidget(window)
    assert DEFAULT_SIZE == (1440, 900)
    with qtbot.waitExposed(window):
        window.show()
    window.show_page("lab")
    yield window
    window.close()


def share(window: MainWindow) -> float:
    """Return the part of the window that cards of plots cover."""
    cards = [window.grid.card(name) for name in window.grid.shown_names()]
    assert len(cards) > 2
    assert all(card.isVisible() for card in cards)
    area = sum(card.width() * card.height() for card in cards)
    return area / (window.width() * window.height())


@pytest.mark.parametrize("surface", [Valley(), None], ids=["surface", "net"])
def test_that_plots_have_half_of_the_window_or_three_quarters_without_panels(
    qtbot: QtBot, large: MainWindow, surface: SurfaceLike | None
) -> None:
    data: RunData = nets(steps=20) if surface is None else race(steps=20)
    large.grid.set_run(data, surface)
    large.table.set_run(data)
    large.trials.setCurrentWidget(large.table)
    large.explain("optimizer", "Adam")
    docks = large.desk.docks()
    qtbot.waitUntil(lambda: all(dock.isVisible() for dock in docks))
    qtbot.waitUntil(lambda: share(large) >= 0.5)
    assert (large.width(), large.height()) == DEFAULT_SIZE
    for dock in docks:
        assert dock.height() >= 150, dock.objectName()
    hands = Hands(large)
    hands.trigger("action.all_panels")
    assert not any(dock.isVisible() for dock in docks)
    qtbot.waitUntil(lambda: share(large) >= 0.75)
    hands.trigger("action.all_panels")
    qtbot.waitUntil(lambda: all(dock.isVisible() for dock in docks))
