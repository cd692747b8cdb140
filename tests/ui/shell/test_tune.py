"""The page of studies: its form, a study from Start to verdict, stop, resume, open."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import isfinite, nan
from pathlib import Path

import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, Range, TuningSpec, dump_spec, spec_from_text
from optlab.store.run_data import RunData
from optlab.translate import set_language
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.tune_cards import BudgetCard, RateCard
from optlab.ui.tune_controller import StudyPhase
from optlab.ui.tune_page import TunePage
from optlab.ui.tune_picture import Basin, Chances, ProblemPicture, Row, Spot
from optlab.ui.tune_table import cells_of
from optlab.ui.view_state import ViewState
from tests.ui.shell.support import Answers, Hands
from tests.ui.studies import MOONS, Here, here, make_study

PATIENCE = 60_000
ACROSS, DISPLAY = Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole


@pytest.fixture
def small(catalog: Catalog) -> ExperimentSpec:
    """A study that is over in a moment."""
    return spec_from_text(MOONS, catalog)


@pytest.fixture(scope="module")
def study_folder(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Path:
    """A study that is finished."""
    folder = tmp_path_factory.mktemp("studies") / "two-on-moons"
    return make_study(folder, catalog)


@pytest.fixture
def unhurried(window: MainWindow) -> None:
    """Let studies run in the thread of the worker, with no processes to start."""
    window.tuning.controller.executor_at = here


@pytest.fixture
def english() -> Iterator[None]:
    """Speak English again in the end."""
    yield
    set_language("en")


@pytest.fixture
def page(window: MainWindow, small: ExperimentSpec) -> TunePage:
    """The page, with the small study in the editor."""
    window.editor.open(small, source="small.toml")
    window.show_page("tune")
    return page_of(window)


def page_of(window: MainWindow) -> TunePage:
    page = window.tuning.page
    assert page is not None
    return page


def over(window: MainWindow) -> Callable[[], bool]:
    control = window.tuning.controller
    return lambda: control.phase is StudyPhase.IDLE and control.complete


def words(window: MainWindow, name: str) -> str:
    label = window.findChild(QLabel, name)
    assert label is not None
    return label.text()


# -- the way there -------------------------------------------------------------------


def test_that_menu_and_button_lead_to_the_page(
    window: MainWindow, hands: Hands
) -> None:
    hands.trigger("action.tune")
    assert window.pages.page == "tune"
    hands.press("tune.back")
    assert window.pages.page == "lab"
    hands.press("optimizers.tune")
    assert window.pages.page == "tune"


def test_that_the_page_of_no_study_says_what_a_study_is_and_sets_one_up(
    window: MainWindow, hands: Hands
) -> None:
    window.show_page("tune")
    assert "same number of trials" in words(window, "tune.empty.advice")
    hands.press("tune.empty.usual")
    spec = window.editor.spec
    assert spec.tuning == TuningSpec()
    assert spec.training.seeds == tuple(range(10))
    window.editor.undo()
    assert window.editor.spec.tuning is None
    assert window.editor.spec.training.seeds != tuple(range(10))


# -- the form ------------------------------------------------------------------------


def test_that_what_is_typed_goes_into_the_experiment_and_comes_back_by_undo(
    window: MainWindow, page: TunePage, hands: Hands, catalog: Catalog
) -> None:
    hands.type("tuning.trials", "7")
    assert window.editor.spec.tuning == TuningSpec(trials=7)
    assert "trials = 7" in dump_spec(window.editor.spec, catalog)
    window.editor.undo()
    assert window.editor.spec.tuning == TuningSpec(trials=3)
    assert hands.text("tuning.trials") == "3"
    window.editor.redo()
    assert hands.text("tuning.trials") == "7"


def test_that_switching_tuning_off_hides_what_it_needs_and_is_undone(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    hands.find(QAbstractButton, "tuning.on").click()
    assert window.editor.spec.tuning is None
    assert not page.findChild(QAbstractButton, "tuning.more").isVisible()  # type: ignore[union-attr]
    window.editor.undo()
    assert window.editor.spec.tuning == TuningSpec(trials=3)


def test_that_the_seeds_of_the_comparison_are_those_of_the_lab(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    hands.type("tune.training.seeds", "5..7")
    assert window.editor.spec.training.seeds == (5, 6, 7)
    assert hands.text("training.seeds") == "5, 6, 7"


def test_that_a_seed_in_both_parts_keeps_the_study_from_starting(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    hands.type("tuning.seeds", "1")
    assert hands.invalid("tuning.seeds")
    assert not hands.find(QAbstractButton, "tune.start").isEnabled()
    window.show_page("lab")
    window.runs.show_first_error()
    assert window.pages.page == "tune"


def test_that_the_baseline_is_one_of_the_labels_and_follows_its_optimizer(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    combo = hands.find(QComboBox, "comparison.baseline")
    offered = [combo.itemData(k) for k in range(combo.count())]
    assert offered == ["", "SGD", "Adam"]
    hands.choose("comparison.baseline", "Adam")
    window.editor.set_value("optimizers.1.lr", 0.02)
    assert window.editor.labels[1] == "Adam"  # The rate is what will be searched.
    window.editor.set_value("optimizers.1.weight_decay", 0.1)
    assert window.editor.labels[1] == "Adam (weight decay 0.1)"
    assert window.editor.spec.comparison.baseline == "Adam (weight decay 0.1)"
    window.editor.remove_optimizer(1)
    assert window.editor.spec.comparison.baseline == ""


def test_that_another_parameter_can_be_searched_besides_the_rate(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    more = hands.find(QToolButton, "optimizers.0.space.more")
    add = more.menu().findChild(QAction, "optimizers.0.space.add.momentum")
    assert add is not None
    add.trigger()
    names = [r.name for r in window.editor.spec.optimizers[0].space]
    assert names == ["lr", "momentum"]
    hands.type("optimizers.0.space.momentum", "0.5, 0.9, 0.99")
    space = window.editor.spec.optimizers[0].space
    assert space[1] == Range(name="momentum", values=(0.5, 0.9, 0.99))
    window.editor.undo()
    window.editor.undo()
    assert window.editor.spec.optimizers[0].space == ()


def test_that_the_usual_range_of_the_rate_is_shown_and_the_ends_can_be_edited(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    line = hands.find(QLineEdit, "optimizers.1.space.lr")
    assert (line.text(), line.placeholderText()) == ("", "1e-5, 0.1")
    hands.type("optimizers.1.space.lr", "1e-4, 1")
    space = window.editor.spec.optimizers[1].space
    assert space == (Range(name="lr", values=(1e-4, 1.0)),)
    hands.type("optimizers.1.space.lr", "1, 1e-4")
    assert not hands.find(QAbstractButton, "tune.start").isEnabled()


def test_that_the_budget_is_told_before_the_start(
    window: MainWindow, page: TunePage, hands: Hands
) -> None:
    # 3 trials for each of 2, then 2 optimizers with 3 seeds: 12 times 24 steps.
    assert "3 trials for each of 2" in words(window, "tune.budget")
    assert "288 steps" in words(window, "tune.budget")


# -- a study -------------------------------------------------------------------------


def watch_a_study(window: MainWindow, hands: Hands, qtbot: QtBot) -> None:
    """Press Start and wait for the verdict."""
    page = page_of(window)
    hands.press("tune.start")
    assert window.tuning.controller.active
    assert page.stop.hasFocus()
    qtbot.waitUntil(over(window), timeout=PATIENCE)
    assert page.problem is not None
    assert [row.trials for row in page.problem.rows] == [3, 3]
    assert [row.seeds for row in page.problem.rows] == [3, 3]
    assert "Adam" in words(window, "tune.verdict")
    assert "3 seeds" in words(window, "tune.verdict")
    assert words(window, "tune.certificate")


def test_that_a_study_goes_from_start_to_its_verdict(
    window: MainWindow, page: TunePage, hands: Hands, qtbot: QtBot, unhurried: None
) -> None:
    watch_a_study(window, hands, qtbot)


@pytest.mark.slow
def test_that_a_study_goes_from_start_to_its_verdict_in_processes(
    window: MainWindow, page: TunePage, hands: Hands, qtbot: QtBot
) -> None:
    hands.type("tune.processes", "2")
    watch_a_study(window, hands, qtbot)


def test_that_a_stopped_study_goes_on_and_does_nothing_twice(
    window: MainWindow, page: TunePage, hands: Hands, qtbot: QtBot
) -> None:
    control, worker = window.tuning.controller, Here()
    control.executor_at = lambda where: worker
    hands.press("tune.start")
    qtbot.waitUntil(lambda: len(worker.ended) >= 2, timeout=PATIENCE)
    hands.press("tune.stop")
    qtbot.waitUntil(lambda: not control.active, timeout=PATIENCE)
    assert not control.complete
    qtbot.waitUntil(lambda: page.problem is not None, timeout=PATIENCE)
    hands.press("tune.resume")
    qtbot.waitUntil(over(window), timeout=PATIENCE)
    # 3 trials of each of two, then 3 seeds.
    assert len(worker.ended) == len(set(worker.ended)) == 9
    assert not page.resume.isVisible()


def test_that_an_address_that_does_not_answer_is_told_in_one_line(
    window: MainWindow, page: TunePage, hands: Hands, qtbot: QtBot
) -> None:
    with socket.socket() as taken:
        # Bound but not listening: nobody answers there, and nobody else comes.
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        hands.choose("tune.where", "ray")
        hands.type("tune.address", address)
        with qtbot.waitSignal(window.tuning.controller.ended, timeout=PATIENCE):
            hands.press("tune.start")
    said = words(window, "tune.where.error")
    assert said.startswith(address)
    assert "\n" not in said
    assert hands.invalid("tune.address")
    assert not window.tuning.controller.active
    assert page.start.isEnabled()
    # Nothing was begun, and nothing is left.
    assert window.tuning.controller.folder is None
    assert not any(window.session.runs.iterdir())


def test_that_a_study_waits_for_the_run_in_the_lab(
    window: MainWindow,
    page: TunePage,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
) -> None:
    window.editor.open(endless, source="endless.toml")
    window.runs.start_or_pause()
    until(Phase.RUNNING)
    window.show_page("tune")
    assert not page.start.isEnabled()
    assert "run is going on" in page.start.toolTip()
    window.controller.stop()
    until(Phase.IDLE)
    assert page.start.isEnabled()


def test_that_closing_the_window_ends_a_study_and_says_so(
    window: MainWindow, page: TunePage, hands: Hands, qtbot: QtBot, unhurried: None
) -> None:
    hands.press("tune.start")
    qtbot.waitUntil(lambda: window.tuning.controller.share > 0, timeout=PATIENCE)
    window.close()
    assert window.tuning.shutdown()


# -- a study that was begun earlier ----------------------------------------------------


@pytest.fixture
def opened(
    window: MainWindow,
    page: TunePage,
    hands: Hands,
    qtbot: QtBot,
    answers: Answers,
    study_folder: Path,
) -> TunePage:
    """The page with the finished study on it."""
    answers.path = study_folder
    hands.press("tune.open")
    qtbot.waitUntil(lambda: window.tuning.controller.complete, timeout=PATIENCE)
    return page


def test_that_an_opened_study_shows_all_that_it_brought(
    window: MainWindow, opened: TunePage
) -> None:
    picture = opened.problem
    assert picture is not None
    assert [basin.label for basin in picture.basins] == ["SGD", "Adam"]
    assert all(len(basin.spots) == 3 for basin in picture.basins)
    assert all(
        basin.default in [s.value for s in basin.spots] for basin in picture.basins
    )
    assert all(len(each.expected) == 3 for each in picture.chances)
    assert not opened.resume.isVisible()
    assert "6 of 6 trials" in words(window, "tune.progress.words")
    assert "3 of 3 seeds" in words(window, "tune.progress.words")


def test_that_an_opened_study_brings_its_experiment_and_undo_leads_back(
    window: MainWindow, study_folder: Path, small: ExperimentSpec
) -> None:
    before = window.editor.spec
    window.tuning.show_study(study_folder)
    assert window.editor.spec == small
    assert window.editor.source == study_folder.name
    window.editor.undo()
    assert window.editor.spec == before


def test_that_the_final_run_opens_in_the_lab_as_an_experiment_of_its_own(
    window: MainWindow, opened: TunePage, hands: Hands
) -> None:
    hands.press("tune.run")
    assert window.pages.page == "lab"
    data = window.controller.data
    assert data is not None
    assert len(data.trials) == 6
    assert 'part = "final"' in data.spec_text
    assert window.editor.spec.part is None


def test_that_the_values_that_won_go_into_the_experiment_and_come_back(
    window: MainWindow, opened: TunePage, hands: Hands
) -> None:
    assert opened.problem is not None
    won = {row.label: dict(row.winner)["lr"] for row in opened.problem.rows}
    window.editor.set_value("optimizers.0.lr", 1e-7)
    before = window.editor.spec
    hands.press("tune.values")
    assert window.editor.value("optimizers.0.lr") == won["SGD"]
    assert window.editor.value("optimizers.1.lr") == won["Adam"]
    window.editor.undo()
    assert window.editor.spec == before


def test_that_the_report_is_written_beside_the_runs_and_opened(
    window: MainWindow,
    opened: TunePage,
    hands: Hands,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    study_folder: Path,
) -> None:
    seen: list[str] = []

    def look(url: QUrl) -> bool:
        seen.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", look)
    hands.press("tune.report")
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE)
    assert seen == [str(study_folder / "report.html")]
    assert "Adam" in (study_folder / "report.html").read_text(encoding="utf-8")


def test_that_a_folder_without_a_study_is_refused_in_one_line(
    window: MainWindow, page: TunePage, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    answers.path = tmp_path
    hands.press("tune.open")
    assert "study.toml" in window.notice.text
    assert "\n" not in window.notice.text
    assert window.tuning.controller.folder is None


def test_that_another_language_keeps_the_study_and_says_it_anew(
    window: MainWindow, opened: TunePage, qtbot: QtBot, english: None
) -> None:
    with qtbot.waitSignal(window.rebuilt):
        window.set_language("zh")
    again = page_of(window)
    assert again is not opened
    assert window.pages.page == "tune"
    assert again.problem is not None
    assert [row.label for row in again.problem.rows] == ["SGD", "Adam"]
    table = again.table.rows
    heads = [table.headerData(k, ACROSS, DISPLAY) for k in range(table.columnCount())]
    assert not [head for head in heads if str(head).isascii()]


# -- plots and table -------------------------------------------------------------------

BASIN = Basin(
    label="SGD",
    entry=0,
    parameter="lr",
    spots=(
        Spot(value=0.01, result=2.0, share=1.0),
        Spot(value=0.1, result=1.0, share=1.0),
        Spot(value=1.0, result=nan, share=1.0),
    ),
    default=0.01,
    best=0.1,
    width=1.5,
)
PICTURE = ProblemPicture(
    problem="moons",
    tuned_by="val_loss",
    metric="val_loss",
    higher_is_better=False,
    basins=(BASIN,),
    chances=(Chances(label="SGD", entry=0, expected=(2.0, 1.5, 1.2)),),
)


def marks(card: RateCard) -> list[tuple[str, float, float]]:
    """Return symbol and place of every mark."""
    found = []
    for item in card._items:
        if isinstance(item, pg.ScatterPlotItem):
            for spot in item.points():
                at = spot.pos()
                found.append((str(spot.symbol()), float(at.x()), float(at.y())))
    return found


def test_that_the_basin_marks_best_and_default_and_draws_what_diverged_on_top(
    qtbot: QtBot,
) -> None:
    card = RateCard(ViewState())
    qtbot.addWidget(card)
    card.show_picture(PICTURE)
    card.fit()
    card.draw()
    found = marks(card)
    assert ("star", -1.0, 1.0) in found
    assert found.count(("o", -2.0, 2.0)) == 2
    (cross,) = [m for m in found if m[0] == "x"]
    assert cross[1] == 0.0
    assert cross[2] > 2.0
    assert cross[2] < card.canvas.view()[1][1]
    assert "1.5 decades" in card._texts()[0][1]


def test_that_where_more_is_better_what_diverged_is_drawn_at_the_bottom(
    qtbot: QtBot,
) -> None:
    card = RateCard(ViewState())
    qtbot.addWidget(card)
    card.show_picture(replace(PICTURE, higher_is_better=True))
    card.fit()
    card.draw()
    (cross,) = [m for m in marks(card) if m[0] == "x"]
    assert card.canvas.view()[1][0] < cross[2] < 1.0


def test_that_a_picture_with_nothing_finite_can_be_drawn(qtbot: QtBot) -> None:
    lost = tuple(replace(s, result=nan) for s in BASIN.spots)
    basin = replace(BASIN, spots=lost, best=None, width=None)
    chances = Chances(label="SGD", entry=0, expected=(float("inf"),) * 3)
    for card in (RateCard(ViewState()), BudgetCard(ViewState())):
        qtbot.addWidget(card)
        card.show_picture(replace(PICTURE, basins=(basin,), chances=(chances,)))
        card.fit()
        card.draw()
        assert all(isfinite(end) for span in card.canvas.view() for end in span)


def test_that_a_row_says_what_is_not_known_by_a_dash() -> None:
    cells = cells_of(Row(label="SGD", entry=0, trials=4, lost=2))
    assert cells == ("SGD", "–", "–", "–", "4, 2 diverged", "–", "–", "0")


def test_that_run_files_of_a_study_stay_readable(study_folder: Path) -> None:
    (final,) = (study_folder / "final").glob("*.optlab")
    assert len(RunData.open(final).trials) == 6
