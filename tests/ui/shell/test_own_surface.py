"""A surface that is typed: drawn while it is typed, refused in words when it is not."""

import numpy as np
from PySide6.QtWidgets import QLabel, QWidget

from optlab.ui.main_window import MainWindow
from optlab.ui.surface_view import SurfaceCard
from tests.ui.shell.support import Hands


def test_that_a_surface_is_drawn_while_it_is_typed(
    window: MainWindow, hands: Hands
) -> None:
    hands.choose("problem.name", "own-surface")
    hands.type("problem.expression", "f(a, b) = a^2 + 3*b^2", leave=False)
    card = window.findChildren(SurfaceCard)[0]
    assert float(card.surface.value(np.array([2.0, 1.0]))) == 7.0
    hands.type("problem.box", "-1, 1, 0, 5")
    card = window.findChildren(SurfaceCard)[0]
    assert card.surface.domain == ((-1.0, 1.0), (0.0, 5.0))


def test_that_a_formula_that_is_none_is_marked_and_start_says_why(
    window: MainWindow, hands: Hands
) -> None:
    hands.choose("problem.name", "own-surface")
    for text, reason in (
        ("x.real", "x.real is not allowed"),
        ("x^2 + ", "it cannot be read"),
        ("2x", "a * is missing"),
    ):
        hands.type("problem.expression", text, leave=False)
        assert hands.invalid("problem.expression")
        assert reason in hands.find(QLabel, "problem.expression.error").text()
        assert not hands.find(QWidget, "start").isEnabled()
    hands.type("problem.expression", "x^2")
    assert not hands.invalid("problem.expression")
    assert hands.find(QWidget, "start").isEnabled()
