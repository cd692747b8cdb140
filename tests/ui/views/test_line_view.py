"""A surface of one coordinate: its graph, its minimum, the optimizers on it."""

from dataclasses import dataclass

import numpy as np

from optlab.records import Columns
from optlab.store.run_data import RunData
from optlab.ui.line_view import LineCard
from tests.ui.views.conftest import SetUp
from tests.ui.views.runs import Floats, begin


@dataclass(frozen=True, kw_only=True)
class Parabola:
    """x², as the window sees it."""

    dim: int = 1
    start: tuple[float, ...] = (10.0,)
    domain: tuple[tuple[float, float], ...] = ((-12.0, 12.0),)
    minima: tuple[tuple[float, ...], ...] = ((0.0,),)
    minimum: float | None = 0.0
    noise: float = 0.0
    starts: str = "fixed"

    def value(self, x: Floats, /) -> Floats:
        """Return f."""
        f: Floats = x[0] ** 2
        return f


def descent(*, steps: int) -> RunData:
    """Return gradient descent with lr 0.1 and with lr 1.1, which leaves."""
    metrics = ("train_loss", "param_norm", "value", "x0")
    data, _ = begin(["down", "away"], steps=steps, metrics=metrics, surface=True)
    for trial, factor in enumerate((0.8, -1.2)):
        x = 10.0 * factor ** np.arange(steps + 1)
        values = {
            "train_loss": np.concatenate(([np.nan], x[:-1] ** 2)),
            "param_norm": np.abs(x),
            "value": x**2,
            "x0": x,
        }
        data.append(Columns(trial=trial, first=0, values=values))
    return data


def test_that_positions_are_drawn_on_the_graph_as_recorded(stage: SetUp) -> None:
    data = descent(steps=30)
    card = stage(data, Parabola()).grid.card("surface")
    assert isinstance(card, LineCard)
    for trial in (0, 1):
        x, y = card.plotted(trial)
        np.testing.assert_array_equal(x, data.series(trial, "x0").values)
        np.testing.assert_array_equal(y, data.series(trial, "value").values)
    (x0, x1), (y0, y1) = card.canvas.view()
    assert (x0, x1) == (-12.0, 12.0)
    assert y0 < 0 < 144 < y1


def test_that_who_has_left_is_seen_at_the_edge(stage: SetUp) -> None:
    shown = stage(descent(steps=30), Parabola())
    card = shown.grid.card("surface")
    assert isinstance(card, LineCard)
    _, away = card._heads.points()
    (_, x1), (_, y1) = card.canvas.view()
    assert x1 * 0.9 < away.pos().x() < x1
    assert y1 * 0.9 < away.pos().y() < y1


def test_that_hidden_optimizers_leave_the_graph(stage: SetUp) -> None:
    shown = stage(descent(steps=5), Parabola())
    card = shown.grid.card("surface")
    assert isinstance(card, LineCard)
    shown.state.set_hidden(frozenset({1}))
    shown.draw()
    assert len(card._heads.points()) == 1
