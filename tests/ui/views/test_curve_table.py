"""What is copied from a plot reads as a person and a spreadsheet expect it."""

import numpy as np

from optlab.ui.curve_table import CurveTable
from tests.ui.views.conftest import SetUp
from tests.ui.views.runs import nets


def test_that_steps_are_whole_and_what_was_not_measured_is_empty() -> None:
    values = np.array([[0.0, np.nan], [12.0, 0.1], [13.0, np.nan]])
    empty = np.array([[False, True], [False, False], [False, False]])
    text = CurveTable(("step", "Adam"), values, empty).text("\t").decode()
    assert text.splitlines() == ["step\tAdam", "0\t", "12\t0.1", "13\tnan"]


def test_that_what_has_no_value_before_the_first_update_is_left_empty(
    stage: SetUp,
) -> None:
    data = nets(["one"], steps=20)
    assert np.isnan(data.series(0, "train_loss").values[0])
    shown = stage(data)
    table = shown.curves("train_loss").table()
    assert table.empty[0].tolist() == [False, *[True] * (len(table.names) - 1)]
    assert not table.empty[1:].any()
