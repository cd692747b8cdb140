"""What the window draws of a real run is what its run file holds."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.run_data import RunData
from optlab.ui.cards import Card
from optlab.ui.curves import CurveCard
from optlab.ui.main_window import MainWindow
from optlab.ui.surface_view import SurfaceCard
from tests.ui.shell.support import Hands

PATIENCE = 90_000
IMAGES = ("problem.dataset=digits", "training.steps=12", "training.eval_every=4")


def trained(
    qtbot: QtBot, window: MainWindow, hands: Hands, spec: ExperimentSpec
) -> RunData:
    """Press Start, wait for the end, and read the run file anew."""
    window.editor.open(spec, source="")
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    window.clock.refresh_now()
    path = window.controller.path
    assert path is not None
    return RunData.open(path)


def assert_from_file(card: CurveCard, file: RunData, trial: int) -> None:
    """Hold that every point of a curve is in the file, and its extremes are drawn."""
    steps, values = file.series(trial, card.name).arrays()
    x, y = card.plotted(trial)
    assert len(x) > 2
    place = np.searchsorted(steps, x.astype(np.int64))
    np.testing.assert_array_equal(steps[place], x)
    np.testing.assert_array_equal(values[place], y)
    # A column of pixels shows its extremes only, so the last step may be missing.
    assert steps[-1] - x[-1] <= 2 * len(steps) / len(x)
    assert np.nanmin(y) == np.nanmin(values)
    assert np.nanmax(y) == np.nanmax(values)


def assert_cards_from_file(cards: tuple[Card, ...], file: RunData) -> set[str]:
    """Hold it for every card and trial; return the names of the cards."""
    for card in cards:
        for trial in file.trials:
            if isinstance(card, SurfaceCard):
                x, y = card.plotted(trial.trial)
                np.testing.assert_array_equal(x, file.series(trial.trial, "x0").values)
                np.testing.assert_array_equal(y, file.series(trial.trial, "x1").values)
            elif isinstance(card, CurveCard) and card.isVisible():
                assert_from_file(card, file, trial.trial)
    return {card.name for card in cards if card.isVisible()}


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_that_a_race_is_drawn_as_it_was_recorded(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    catalog: Catalog,
    size: tuple[int, int],
) -> None:
    window.resize(*size)
    text = catalog.presets.get("first-look").text
    file = trained(qtbot, window, hands, spec_from_text(text, catalog))
    shown = assert_cards_from_file(window.grid.cards(), file)
    assert {"surface", "train_loss", "param_norm"} <= shown


def test_that_images_are_drawn_as_they_were_recorded(
    qtbot: QtBot, window: MainWindow, hands: Hands, catalog: Catalog
) -> None:
    window.resize(1920, 1080)
    text = catalog.presets.get("seed-cnn-first-look").text
    spec = spec_from_text(text, catalog, sets=IMAGES)
    file = trained(qtbot, window, hands, spec)
    shown = assert_cards_from_file(window.grid.cards(), file)
    names = {"train_loss", "val_accuracy", "param_norm", "update_norm", "grad_norm"}
    assert shown == names | {"lr"}
    loss = window.grid.card("train_loss")
    assert isinstance(loss, CurveCard)
    for trial in file.trials:
        steps, values = file.series(trial.trial, "val_loss").arrays()
        x, y = loss.plotted_companion(trial.trial)
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_array_equal(y, values)
