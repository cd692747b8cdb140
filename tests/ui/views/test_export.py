"""A figure that is exported shows what its card shows."""

import re
from pathlib import Path

import numpy as np
import pytest

from optlab.export.curves import curves_of
from optlab.export.figures import write_figure
from optlab.ui.curves import CurveCard
from optlab.ui.exporting import figure_style
from tests.ui.views.conftest import SetUp
from tests.ui.views.runs import Valley, nets, race


def test_that_a_surface_without_noise_is_not_smoothed(stage: SetUp) -> None:
    data = race(steps=200)
    card = stage(data, Valley()).grid.card("train_loss")
    style = figure_style(card, data)
    assert style.smoothing == 0.0
    for curve in curves_of(data, "train_loss", style=style):
        assert curve.faint == ()
        raw = data.series(curve.entry, "train_loss").values
        assert np.array_equal(curve.line[1], raw, equal_nan=True)


@pytest.mark.parametrize("weight", [0.0, 0.5, 0.97])
def test_that_noise_is_smoothed_by_the_weight_of_the_window(
    stage: SetUp, weight: float
) -> None:
    data = nets()
    shown = stage(data)
    shown.state.set_smoothing(weight)
    shown.draw()
    for name in ("train_loss", "grad_norm", "update_norm"):
        card = shown.grid.card(name)
        assert figure_style(card, data).smoothing == weight
    assert figure_style(shown.grid.card("param_norm"), data).smoothing == 0.0


def test_that_the_smoothed_line_has_the_values_of_the_window(stage: SetUp) -> None:
    data = nets(["SGD", "Adam"])
    card = stage(data, size=(2600, 1600)).grid.card("train_loss")
    assert isinstance(card, CurveCard)
    x, y = card.smoothed(1)
    curve = curves_of(data, "train_loss", style=figure_style(card, data))[1]
    _, kept, common = np.intersect1d(curve.line[0], x, return_indices=True)
    assert len(common) > 20
    assert np.array_equal(curve.line[1][kept], y[common], equal_nan=True)


def test_that_axes_and_what_is_hidden_are_those_of_the_window(stage: SetUp) -> None:
    data = nets()
    shown = stage(data)
    card = shown.grid.card("train_loss")
    assert isinstance(card, CurveCard)
    style = figure_style(card, data)
    assert (style.x, style.log_x) == ("step", False)
    assert (style.y_scale == "log") == card.canvas.log[1]
    shown.state.set_y_scale("train_loss", "linear" if card.canvas.log[1] else "log")
    shown.state.set_log_x(True)
    shown.state.set_x_axis("epoch")
    shown.state.set_hidden(frozenset({1}))
    shown.draw()
    style = figure_style(card, data)
    assert (style.x, style.log_x) == ("epoch", True)
    assert (style.y_scale == "log") == card.canvas.log[1]
    assert [c.entry for c in curves_of(data, "train_loss", style=style)][:2] == [0, 2]


def test_that_a_run_without_epochs_counts_steps_as_in_the_window(stage: SetUp) -> None:
    data = race(steps=50)
    data.metrics = tuple(name for name in data.metrics if name != "samples")
    shown = stage(data, Valley())
    shown.state.set_x_axis("samples")
    style = figure_style(shown.grid.card("param_norm"), data)
    assert style.x == "step"
    assert curves_of(data, "param_norm", style=style)


def test_that_the_map_of_a_surface_leaves_out_what_is_hidden(stage: SetUp) -> None:
    data = race(steps=50)
    shown = stage(data, Valley())
    shown.state.set_hidden(frozenset({2}))
    style = figure_style(shown.grid.card("surface"), data)
    assert style.metrics == ("surface",)
    assert style.hidden == {2}


def test_that_a_figure_has_the_dashes_of_its_card(stage: SetUp, tmp_path: Path) -> None:
    data = nets(["one", "two"], steps=60)
    shown = stage(data)
    card = shown.curves("param_norm")
    low, high = np.nanmin(card.plotted(0)[1]), np.nanmax(card.plotted(0)[1])
    card.set_levels({0: float(high + 0.5 * (high - low)), 1: float(low)})
    shown.state.set_hidden(frozenset({1}))
    shown.draw()
    style = figure_style(card, data)
    assert style.levels == card.levels.levels
    path = tmp_path / "curves.svg"
    write_figure(data, path, style)
    text = path.read_text("utf-8")
    assert 'id="level-0"' in text
    assert 'id="level-1"' not in text
    assert "dashes: limit of stability" in text


def test_that_validation_is_in_the_figure_of_the_training_loss(
    stage: SetUp, tmp_path: Path
) -> None:
    data = nets(["one", "two"], steps=60)
    shown = stage(data)
    style = figure_style(shown.curves("train_loss"), data)
    assert style.companion == "val_loss"
    path = tmp_path / "curves.svg"
    write_figure(data, path, style)
    text = path.read_text("utf-8")
    assert {"quiet-0", "quiet-1"} <= set(re.findall(r'id="(quiet-\d)"', text))
    assert "dots: validation" in text
    assert figure_style(shown.curves("param_norm"), data).companion == ""
