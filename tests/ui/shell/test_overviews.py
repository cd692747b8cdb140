"""Cards that show a run as a whole: sweeps and basins of real runs, from the file."""

from math import isfinite
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData
from optlab.ui.basin_view import BasinCard
from optlab.ui.curves import CurveCard
from optlab.ui.main_window import MainWindow
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.sweep_view import SweepCard
from optlab.ui.theme import DARK, series_style
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Answers, Hands
from tests.ui.shell.test_plotted import trained

RATES = (0.001, 0.1, 0.3, 0.9, 1.1)
SIZES = (1, 10, 100)
SVG = "{http://www.w3.org/2000/svg}"


def entries(*rows: str, name: str = "SGD") -> str:
    return "".join(f'\n[[optimizers]]\nname = "{name}"\n{row}' for row in rows)


ZONES = """
format = 1
title = "Zones"
[problem]
name = "quadratic-1d"
start = [10.0]
[training]
steps = 90
""" + entries(*(f'label = "{lr}"\nlr = {lr}' for lr in RATES))
TWO = ZONES + entries(*(f'label = "Adam {lr}"\nlr = {lr}' for lr in RATES), name="Adam")
BATCHES = """
format = 1
title = "Batches"
[problem]
name = "linear-regression"
data = "noisy-line"
batch_size = 10
[training]
epochs = 5
seeds = [0, 1, 2]
eval_every = 10
""" + entries(*(f'label = "{n}"\nlr = 0.005\nbatch_size = {n}' for n in SIZES))
BASINS = """
format = 1
title = "Basins"
[problem]
name = "himmelblau"
starts = "grid"
[training]
steps = 60
seeds = "0..15"
""" + entries('label = "slow"\nlr = 0.01', 'label = "still"\nlr = 1e-6')
COUNTED = (
    """
format = 1
title = "Counted"
[problem]
name = "quadratic"
[training]
steps = 30
"""
    + entries('label = "plain"\nlr = 0.01')
    + """
[[optimizers]]
name = "SAM"
label = "twice"
lr = 0.01
[[optimizers]]
name = "LBFGS"
label = "closure"
lr = 0.1
"""
)
GROUPS = """
format = 1
title = "Groups"
[problem]
name = "moons"
[training]
steps = 30
eval_every = 10
""" + entries(
    'label = "two rates"\nlr = 0.02\nscheduler = { name = "CosineAnnealingLR" }\n'
    'param_groups = [ { match = ":output", name = "output", lr = 0.3 } ]',
    'label = "one rate"\nlr = 0.01',
)


class Stage:
    """A window in which an experiment runs to its end."""

    def __init__(
        self, qtbot: QtBot, window: MainWindow, hands: Hands, catalog: Catalog
    ) -> None:
        self.qtbot, self.window, self.hands = qtbot, window, hands
        self.catalog = catalog

    def run(self, text: str) -> RunData:
        spec = spec_from_text(text, self.catalog)
        return trained(self.qtbot, self.window, self.hands, spec)

    def sweep(self, quantity: str = "final") -> SweepCard:
        card = self.window.grid.card(f"sweep-{quantity}")
        assert isinstance(card, SweepCard)
        return card

    def basins(self) -> BasinCard:
        card = self.window.grid.card("basins")
        assert isinstance(card, BasinCard)
        return card

    def names(self) -> list[str]:
        return [card.name for card in self.window.grid.cards()]

    def redraw(self) -> None:
        self.window.clock.refresh_now()


@pytest.fixture
def stage(qtbot: QtBot, window: MainWindow, hands: Hands, catalog: Catalog) -> Stage:
    return Stage(qtbot, window, hands, catalog)


def spots(card: SweepCard) -> dict[int, str]:
    """Return the symbol at the value of each entry."""
    found: dict[int, str] = {}
    for marks, sweep in card._spots:
        for spot, point in zip(marks.points(), sweep.points, strict=True):
            found[point.entry] = spot.symbol()
    return found


def test_that_a_sweep_shows_how_the_recorded_trials_ended(stage: Stage) -> None:
    file = stage.run(ZONES)
    card = stage.sweep()
    rates, finals = card.plotted(0)
    assert tuple(rates) == RATES
    for trial, final in enumerate(finals):
        value = file.series(trial, "value").values[-1]
        lasted = file.status(trial).state == "finished"
        assert final == (value if lasted else np.inf)
    # x falls by 1 − 2 lr in each step; above 1 it has grown beyond all limits.
    wanted = [(10 * (1 - 2 * lr) ** 90) ** 2 for lr in RATES[:4]]
    np.testing.assert_allclose(finals[:4], wanted, rtol=1e-9)
    assert not isfinite(finals[4])
    assert spots(card) == {0: "o", 1: "o", 2: "t", 3: "o", 4: "x"}
    zones = [p.zone for p in card.shown_sweeps()[0].points]
    assert zones == ["small", "good", "good", "good", "diverged"]
    assert "from 0.1 to 0.9" in card.subtitle_text
    assert stage.names()[:3] == ["sweep-final", "surface", "train_loss"]


def test_that_batch_sizes_have_three_cards_with_medians_over_seeds(
    stage: Stage,
) -> None:
    file = stage.run(BATCHES)
    kinds = ("final", "noise", "speed")
    assert stage.names()[:3] == [f"sweep-{kind}" for kind in kinds]
    x, finals = stage.sweep().plotted(0)
    assert tuple(x) == SIZES
    for entry, final in enumerate(finals):
        mine = [t.trial for t in file.trials if t.entry == entry]
        ends = sorted(file.series(t, "val_loss").arrays()[1][-1] for t in mine)
        assert final == ends[1]
    _, speed = stage.sweep("speed").plotted(0)
    for entry, found in enumerate(speed):
        mine = [t.trial for t in file.trials if t.entry == entry]
        rates = [
            file.series(t, "samples").values[-1]
            / file.series(t, "wall_time_s").values[-1]
            for t in mine
        ]
        assert found == pytest.approx(sorted(rates)[1], rel=1e-9)
    _, noise = stage.sweep("noise").plotted(0)
    # Five steps of the full batch are too few to tell their noise.
    assert noise[0] > noise[1] > 0
    assert np.isnan(noise[2])


def test_that_points_that_are_hidden_leave_the_sweep(stage: Stage) -> None:
    stage.run(ZONES)
    card = stage.sweep()
    before = card.canvas.view()
    stage.window.state.set_hidden(frozenset({0, 4}))
    stage.redraw()
    assert tuple(card.plotted(1)[0]) == RATES[1:4]
    assert set(spots(card)) == {1, 2, 3}
    assert card.canvas.view() != before
    with pytest.raises(KeyError):
        card.plotted(0)
    stage.window.state.set_hidden(frozenset(range(5)))
    stage.redraw()
    assert card.shown_sweeps() == ()
    assert card.subtitle_text == ""


def test_that_the_point_under_the_mouse_grows(stage: Stage) -> None:
    stage.run(ZONES)
    card = stage.sweep()
    (marks, _) = card._spots[0]
    usual = [spot.size() for spot in marks.points()]
    stage.window.state.set_hovered(1)
    assert [s.size() > u for s, u in zip(marks.points(), usual, strict=True)] == [
        False, True, False, False, False,
    ]  # fmt: skip
    stage.window.state.set_hovered(None)
    assert [spot.size() for spot in marks.points()] == usual


def test_that_a_sweep_takes_the_theme_and_the_log_switch(stage: Stage) -> None:
    stage.run(ZONES)
    card = stage.sweep()
    assert card.canvas.log == (True, True)
    assert card.log_action.isChecked()
    card.log_action.trigger()
    stage.redraw()
    assert card.canvas.log == (True, False)
    (_, _), (low, high) = card.canvas.view()
    finals = card.plotted(0)[1]
    assert low < 0 < max(finals[np.isfinite(finals)]) < high < 100
    stage.window.state.set_theme(DARK)
    stage.redraw()
    (marks, _) = card._spots[0]
    color = marks.points()[0].brush().color().name()
    assert color == series_style(0, DARK).color.name()
    assert card.canvas.backgroundBrush().color().name() == DARK.card


def test_that_two_sweeps_are_named_at_their_ends(stage: Stage) -> None:
    stage.run(TWO)
    card = stage.sweep()
    assert {label.text() for label in card.labels.shown()} == {"SGD", "Adam"}
    room = card.canvas.plot_rect()
    for label in card.labels.shown():
        assert room.top() - 1 <= label.y()
        assert label.geometry().right() <= room.right() + 1
    sgd = next(x for x in card.labels.shown() if x.text() == "SGD")
    sgd.click()
    stage.redraw()
    assert stage.window.state.hidden == frozenset(range(5))
    assert [s.label for s in card.shown_sweeps()] == ["Adam"]
    assert card.labels.shown() == ()


def test_that_other_experiments_have_no_such_cards(
    stage: Stage, ran: MainWindow
) -> None:
    assert not {"sweep-final", "basins"} & set(stage.names())


@pytest.mark.slow
def test_that_the_cards_go_with_their_run(stage: Stage, tmp_path: Path) -> None:
    stage.run(ZONES)
    swept = stage.window.controller.path
    assert swept is not None
    stage.run(BASINS)
    assert "basins" in stage.names()
    assert "sweep-final" not in stage.names()
    before = stage.basins()
    # Opened from its file it is what it was when it ran.
    stage.window.runs.load_run(swept)
    assert "sweep-final" in stage.names()
    assert "basins" not in stage.names()
    assert tuple(stage.sweep().plotted(0)[0]) == RATES
    assert before not in stage.window.grid.cards()
    stage.window.runs.forget_run()
    assert stage.names() == ["surface"]


def test_that_basins_are_coloured_by_the_minimum_reached(stage: Stage) -> None:
    file = stage.run(BASINS)
    card = stage.basins()
    minima = np.array(card.surface.minima)
    assert len(minima) == 4
    reached = card.reached()
    assert list(reached) == [t.trial for t in file.trials if t.entry == 0]
    for trial, minimum in reached.items():
        ways = [file.series(trial, name).values for name in ("x0", "x1")]
        x, y = card.plotted(trial)
        assert (x[0], y[0]) == (ways[0][0], ways[1][0])
        end = np.array([way[-1] for way in ways])
        nearest = int(np.argmin(np.linalg.norm(minima - end, axis=1)))
        assert minimum == nearest
    assert set(reached.values()) == {0, 1, 2, 3}
    assert len(card._starts.points()) == 16
    for spot, minimum in zip(card._starts.points(), reached.values(), strict=True):
        assert minimum is not None
        wanted = series_style(minimum, stage.window.state.theme).color.name()
        assert spot.brush().color().name() == wanted


def test_that_basins_are_those_of_the_optimizer_under_the_mouse(
    stage: Stage,
) -> None:
    stage.run(BASINS)
    card = stage.basins()
    assert card.subtitle_text.startswith("slow: ")
    stage.window.state.set_hovered(1)
    # Who hardly moves has reached nothing, unless it began there.
    assert card.subtitle_text.startswith("still: ")
    lost = [trial for trial, minimum in card.reached().items() if minimum is None]
    assert len(lost) >= 12
    hollow = [s for s in card._starts.points() if s.brush().color().alpha() == 0
              or s.brush().style().value == 0]  # fmt: skip
    assert len(hollow) == len(lost)
    stage.window.state.set_hovered(None)
    stage.window.state.set_hidden(frozenset({0}))
    stage.redraw()
    assert card.subtitle_text.startswith("still: ")
    stage.window.state.set_hidden(frozenset({0, 1}))
    stage.redraw()
    assert card.reached() == {}
    assert len(card._starts.points()) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "card"), [(TWO, "sweep-final"), (BATCHES, "sweep-noise"),
                       (BASINS, "basins")],
)  # fmt: skip
def test_that_they_are_exported_by_the_menu(
    stage: Stage, answers: Answers, tmp_path: Path, text: str, card: str
) -> None:
    stage.run(text)
    stage.window.menu.fill_export()
    exports = stage.window.exports
    for kind in ("png", "svg", "pdf"):
        answers.path = tmp_path / f"out.{kind}"
        stage.hands.trigger(f"export.{card}.{kind}")
        stage.qtbot.waitUntil(lambda: not exports.busy, timeout=PATIENCE)
        assert "Written" in stage.window.notice.text
    image = QImage(str(tmp_path / "out.png"))
    assert image.width() > 600
    colors = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }
    assert len(colors) > 8
    root = ElementTree.parse(tmp_path / "out.svg").getroot()
    assert len(root.findall(f".//{SVG}path")) > 4
    assert (tmp_path / "out.pdf").read_bytes()[:5] == b"%PDF-"
    answers.path = tmp_path / "out.csv"
    stage.window.grid.card(card).export_requested.emit(card, ".csv")
    stage.qtbot.waitUntil(lambda: not exports.busy, timeout=PATIENCE)
    assert (tmp_path / "out.csv").read_text("utf-8").startswith("trial,label,")


def test_that_gradient_evaluations_count_each_of_a_step(stage: Stage) -> None:
    stage.window.state.set_x_axis("evaluations")
    file = stage.run(COUNTED)
    card = stage.window.grid.card("train_loss")
    for trial, each in ((0, 1), (1, 2)):
        x, y = card.plotted(trial)
        assert x[-1] == 30 * each
        evals = file.series(trial, "grad_evals").values
        steps = np.searchsorted(evals, x)
        np.testing.assert_array_equal(evals[steps], x)
        np.testing.assert_array_equal(file.series(trial, "train_loss").values[steps], y)
    x, _ = card.plotted(2)
    assert x[-1] == file.series(2, "grad_evals").values[-1] > 60
    (_, right), _ = card.canvas.view()
    assert right >= x[-1]
    stage.window.state.set_x_axis("step")
    stage.redraw()
    assert {card.plotted(trial)[0][-1] for trial in range(3)} == {30}


def test_that_every_group_has_a_card_of_its_rate(stage: Stage) -> None:
    stage.window.resize(1920, 1080)
    file = stage.run(GROUPS)
    # A schedule moves them, so that they stand before the norms.
    rates_at = stage.names().index("lr")
    assert stage.names()[rates_at:][:3] == ["lr", "lr:output", "param_norm"]
    card = stage.window.grid.card("lr:output")
    assert card.title == "Learning rate of group output"
    steps, rates = file.series(0, "lr:output").arrays()
    x, y = card.plotted(0)
    known = np.isfinite(rates)
    place = np.searchsorted(steps, x.astype(np.int64))
    np.testing.assert_array_equal(rates[place][np.isfinite(y)], y[np.isfinite(y)])
    assert rates[known][0] == 0.3
    assert rates[known][-1] < 0.01
    # Who has no such group has no curve there.
    assert not np.isfinite(card.plotted(1)[1]).any()


EDGE = """
format = 1
title = "Edge"
[problem]
name = "rosenbrock"
[training]
steps = 60
eval_every = 15
diagnostics = ["sharpness"]
""" + entries(
    'label = "plain"\nlr = 0.001', 'label = "scheduled"\nlr = 0.001\n'
    'scheduler = { name = "CosineAnnealingLR" }'
)  # fmt: skip


def test_that_sharpness_is_shown_with_the_limit_of_stability(stage: Stage) -> None:
    file = stage.run(EDGE)
    card = stage.window.grid.card("sharpness")
    assert isinstance(card, CurveCard)
    assert stage.names()[:3] == ["surface", "train_loss", "sharpness"]
    for trial in (0, 1):
        steps, values = file.series(trial, "sharpness").arrays()
        assert steps.tolist() == [0, 15, 30, 45, 60]
        x, y = card.plotted(trial)
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_array_equal(y, values)
    # Only the rate that stays as it is has a limit: 2 / 0.001.
    assert card.levels.heights(frozenset()) == {0: pytest.approx(np.log10(2000.0))}
    assert "limit of stability" in card.subtitle_text
    stage.window.state.set_y_scale("sharpness", "linear")
    stage.redraw()
    assert card.levels.heights(frozenset()) == {0: 2000.0}
    (_, _), (low, high) = card.canvas.view()
    assert low < 2000 < high
    stage.window.state.set_hidden(frozenset({0}))
    stage.redraw()
    assert "limit of stability" not in card.subtitle_text
    stage.run(EDGE.replace('diagnostics = ["sharpness"]', ""))
    assert "sharpness" not in stage.names()


def test_that_a_surface_can_be_asked_for_its_sharpness(
    stage: Stage, hands: Hands
) -> None:
    stage.window.editor.open(spec_from_text(ZONES, stage.catalog), source="")
    hands.press("problem.more")
    hands.type("training.eval_every", "30")
    hands.type("training.diagnostics", "sharpness")
    with stage.qtbot.waitSignal(stage.window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    path = stage.window.controller.path
    assert path is not None
    steps, values = RunData.open(path).series(1, "sharpness").arrays()
    assert steps.tolist() == [0, 30, 60, 90]
    assert values == pytest.approx([2.0] * 4)
    assert "sharpness" in stage.names()


def rings(window: MainWindow) -> list[tuple[float, float]]:
    """Return where the surface has a ring."""
    card = window.grid.card("surface")
    assert isinstance(card, SurfaceCard)
    return [(spot.pos().x(), spot.pos().y()) for spot in card._start.points()]


def test_that_every_start_is_ringed_before_anything_runs(
    stage: Stage, hands: Hands
) -> None:
    window = stage.window
    window.editor.open(spec_from_text(BASINS, stage.catalog), source="")
    assert len(set(rings(window))) == 16
    assert {x for x, _ in rings(window)} == {-3.75, -1.25, 1.25, 3.75}
    hands.type("training.seeds", "0..3")
    assert len(rings(window)) == 4
    hands.choose("problem.starts", "fixed")
    assert len(rings(window)) == 1
    stage.run(BASINS)
    # Now the ways show it themselves.
    assert rings(window) == []
