"""The table of trials: states in words, figures that line up, stopping one."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from optlab.export.number_text import number
from optlab.records import Columns, State, TrialMemory
from optlab.store.run_data import RunData
from optlab.ui.theme import LIGHT, series_style
from optlab.ui.trials_model import SORT_ROLE
from optlab.ui.trials_table import TrialsTable
from tests.ui.views.conftest import SetUp
from tests.ui.views.runs import Valley, nets, race, stop


def test_that_a_race_is_told_with_its_distance_to_the_minimum(stage: SetUp) -> None:
    data = race(steps=640, end=True)
    model = stage(data, Valley()).table.model
    headings = "label state step loss best distance ms memory"
    assert model.column_names() == tuple(headings.split())
    for row in range(6):
        at = np.array([data.series(row, name).last for name in ("x0", "x1")])
        distance = float(np.linalg.norm(at - 1.0))
        losses = data.series(row, "train_loss").values
        told = [model.text(row, name) for name in model.column_names()[1:7]]
        assert told == [
            "finished",
            "640",
            number(float(losses[-1])),
            number(float(np.nanmin(losses))),
            number(distance),
            "25.0",
        ]
    memory = [model.text(row, "memory") for row in range(6)]
    assert memory == ["0", "1×", "2×", "1×", "1×", "2×"]


def test_that_images_are_told_with_their_accuracy(stage: SetUp) -> None:
    data = nets(diverged=[4])
    model = stage(data).table.model
    accuracy = data.series(0, "val_accuracy").last
    assert model.text(0, "accuracy") == f"{100 * accuracy:.1f} %"
    assert model.text(0, "state") == "running"
    assert model.text(4, "state") == "diverged at step 212"
    assert model.text(0, "memory") == "–"
    data.append(TrialMemory(trial=0, state_floats_per_param=1.0))
    model.refresh()
    assert model.text(0, "memory") == "1×"


def test_that_every_seed_has_a_row_with_its_name(stage: SetUp) -> None:
    model = stage(nets(["SGD", "Adam"], seeds=(3, 5))).table.model
    names = [model.text(row, "label") for row in range(model.rowCount())]
    assert names == [
        "SGD · seed 3",
        "SGD · seed 5",
        "Adam · seed 3",
        "Adam · seed 5",
    ]


def test_that_labels_have_their_colour_and_figures_are_on_the_right(
    stage: SetUp,
) -> None:
    model = stage(nets()).table.model
    role = Qt.ItemDataRole
    for row in range(6):
        color = model.data(model.index(row, 0), role.ForegroundRole)
        assert color == series_style(row, LIGHT).color
    for column in range(2, model.columnCount()):
        alignment = model.data(model.index(0, column), role.TextAlignmentRole)
        assert alignment & int(Qt.AlignmentFlag.AlignRight)
        heading = model.headerData(
            column, Qt.Orientation.Horizontal, role.TextAlignmentRole
        )
        assert heading == alignment


def test_that_the_table_follows_the_run_when_it_is_drawn(
    stage: SetUp, qtbot: QtBot
) -> None:
    data = nets(["one"], steps=20)
    shown = stage(data)
    values = {
        name: np.array([data.series(0, name).last])
        for name in data.metrics
        if name not in data.sparse
    }
    values["train_loss"] = np.array([0.125])
    data.append(Columns(trial=0, first=21, values=values))
    model = shown.table.model
    assert model.text(0, "step") == "20"
    with qtbot.waitSignal(model.dataChanged):
        shown.table.draw()
    assert model.text(0, "step") == "21"
    assert model.text(0, "loss") == model.text(0, "best") == "0.1250"


def test_that_nothing_is_claimed_before_the_first_step(stage: SetUp) -> None:
    model = stage(nets(["one"], steps=0)).table.model
    told = [model.text(0, name) for name in ("loss", "best", "ms")]
    assert told == ["–", "–", "–"]


def test_that_delete_asks_to_stop_the_selected_trial_if_it_runs(
    stage: SetUp, qtbot: QtBot
) -> None:
    data = nets(["one", "two", "three"], steps=20)
    stop(data, 1, State.STOPPED)
    table = stage(data).table
    asked: list[int] = []
    table.stop_trial_requested.connect(asked.append)
    for row in (1, 2):
        table.view.selectRow(row)
        QTest.keyClick(table.view, Qt.Key.Key_Delete)
    assert asked == [2]


def test_that_the_menu_stops_hides_and_isolates(stage: SetUp, qtbot: QtBot) -> None:
    shown = stage(nets(["one", "two", "three"], steps=20))
    table = shown.table
    at = table.view.visualRect(table.view.model().index(1, 0)).center()
    table.view.customContextMenuRequested.emit(QPoint(at))
    assert table.menu.isVisible()
    with qtbot.waitSignal(table.stop_trial_requested) as asked:
        table.stop_action.trigger()
    assert asked.args == [1]
    table.hide_action.trigger()
    assert shown.state.hidden == {1}
    table.alone_action.trigger()
    assert shown.state.hidden == {0, 2}
    table.menu.close()


def test_that_a_click_on_a_heading_sorts_by_value_and_not_by_text(
    stage: SetUp, qtbot: QtBot
) -> None:
    shown = stage(race(steps=640, end=True), Valley())
    view = shown.table.view
    view.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    model = view.model()
    labels = [model.index(row, 0).data() for row in range(6)]
    data = race(steps=640)
    order = sorted(range(6), key=lambda trial: data.series(trial, "train_loss").last)
    assert labels == [data.trials[trial].label for trial in order]


def test_that_the_table_can_be_copied(stage: SetUp) -> None:
    table = stage(nets(["one", "two"], steps=20)).table
    table.copy_action.trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:3] == ["Trial", "State", "Steps"]
    assert [line.split("\t")[0] for line in lines[1:]] == ["one", "two"]


def test_that_columns_are_wide_enough_for_what_they_say(stage: SetUp) -> None:
    table = stage(nets(diverged=[4], seeds=(0, 1)), size=(760, 700)).table
    metrics = table.view.fontMetrics()
    for column in range(table.model.columnCount()):
        for row in range(table.model.rowCount()):
            text = table.model.index(row, column).data()
            assert metrics.horizontalAdvance(text) < table.view.columnWidth(column)


def test_that_a_narrow_table_cuts_no_figure(stage: SetUp, qtbot: QtBot) -> None:
    table = stage(nets(diverged=[4])).table
    table.resize(420, 200)
    table.show()
    table.draw()
    qtbot.wait(1)
    for column in range(table.model.columnCount()):
        assert table.view.columnWidth(column) >= table.view.sizeHintForColumn(column)


def ten_each() -> RunData:
    """Return two optimizers with ten seeds; two seeds of the second one diverge."""
    data = nets(["SGD", "Adam"], seeds=range(10), steps=60)
    for trial in (12, 17):
        stop(data, trial, State.DIVERGED)
    return data


def shown_names(table: TrialsTable) -> list[str]:
    """Return the names of the rows that are shown, from top to bottom."""
    model = table.view.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_that_many_seeds_have_one_row_until_they_are_unfolded(stage: SetUp) -> None:
    table = stage(ten_each()).table
    assert shown_names(table) == ["▸ SGD · 10 seeds", "▸ Adam · 10 seeds"]
    model = table.view.model()
    QTest.mouseClick(
        table.view.viewport(),
        Qt.MouseButton.LeftButton,
        pos=table.view.visualRect(model.index(0, 0)).center(),
    )
    names = shown_names(table)
    assert names[:3] == ["▾ SGD · 10 seeds", "SGD · seed 0", "SGD · seed 1"]
    assert names[-1] == "▸ Adam · 10 seeds"
    assert len(names) == 12
    table.view.selectRow(0)
    QTest.keyClick(table.view, Qt.Key.Key_Left)
    assert len(shown_names(table)) == 2
    table.fold_action.trigger()
    assert len(shown_names(table)) == 22


def test_that_a_row_for_all_seeds_tells_median_quartiles_and_who_was_lost(
    stage: SetUp,
) -> None:
    data = ten_each()
    model = stage(data).table.model
    rows = {model.text(r, "label"): r for r in range(model.rowCount())}
    sgd, adam = rows["▸ SGD · 10 seeds"], rows["▸ Adam · 10 seeds"]
    losses = sorted(data.series(t, "train_loss").last for t in range(10))
    median = (losses[4] + losses[5]) / 2
    assert model.text(sgd, "loss") == number(median)
    column = model.column_names().index("loss")
    tip = model.index(sgd, column).data(Qt.ItemDataRole.ToolTipRole)
    assert number(losses[2]) in tip
    assert number(losses[7]) in tip
    assert model.text(adam, "state") == "2 diverged, 8 running"
    tip = model.index(adam, column).data(Qt.ItemDataRole.ToolTipRole)
    assert "2 that did not last count as infinitely bad" in tip


@pytest.mark.parametrize("order", list(Qt.SortOrder))
def test_that_seeds_stay_below_their_optimizer_however_one_sorts(
    stage: SetUp, order: Qt.SortOrder
) -> None:
    table = stage(nets(["one", "two", "three"], seeds=range(3), steps=200)).table
    assert len(shown_names(table)) == 12
    column = table.model.column_names().index("loss")
    table.view.sortByColumn(column, order)
    names = shown_names(table)
    model = table.view.model()
    blocks = [names[k : k + 4] for k in (0, 4, 8)]
    for block in blocks:
        label = block[0].removeprefix("▾ ").removesuffix(" · 3 seeds")
        assert all(name.startswith(f"{label} · seed") for name in block[1:])
    medians = [model.index(k, column).data(SORT_ROLE) for k in (0, 4, 8)]
    up = order == Qt.SortOrder.AscendingOrder
    assert medians == sorted(medians, reverse=not up)
    for k in (1, 5, 9):
        inside = [model.index(k + j, column).data(SORT_ROLE) for j in range(3)]
        assert inside == sorted(inside, reverse=not up)


def test_that_what_is_done_to_a_row_for_all_seeds_is_done_to_all(stage: SetUp) -> None:
    data = ten_each()
    table = stage(data).table
    asked: list[int] = []
    table.stop_trial_requested.connect(asked.append)
    table.view.selectRow(1)
    QTest.keyClick(table.view, Qt.Key.Key_Delete)
    assert asked == [10, 11, 13, 14, 15, 16, 18, 19]
