"""The tour: five places, each lit where it is; left at any time."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.ui.main_window import MainWindow
from optlab.ui.tour import Tour, beside
from tests.ui.shell.support import Hands

ROOM = QRect(0, 0, 1024, 600)


@pytest.fixture
def tour(window: MainWindow) -> Tour:
    """The tour of the window, at its beginning."""
    window.desk.problem_dock.hide()
    window.guide.start()
    assert window.guide.tour is not None
    return window.guide.tour


def places(window: MainWindow) -> list[QWidget]:
    desk = window.desk
    return [
        desk.problem_dock,
        desk.optimizers_dock,
        window.bar.start,
        window.grid,
        window.bar.export_button,
    ]


def title(hands: Hands) -> str:
    return hands.find(QLabel, "tour.title").text()


def test_that_it_leads_through_five_places_and_lights_each(
    window: MainWindow, tour: Tour, hands: Hands
) -> None:
    titles = []
    for number, place in enumerate(places(window)):
        assert tour.number == number
        assert hands.find(QLabel, "tour.count").text() == f"{number + 1} of 5"
        corner = place.mapTo(window, QPoint(0, 0))
        assert place.isVisible()
        assert tour.lit.contains(QRect(corner, place.size()).intersected(window.rect()))
        assert not tour.mask().contains(tour.lit.center())
        card = hands.find(QWidget, "tour.card")
        assert tour.rect().contains(card.geometry())
        titles.append(title(hands))
        hands.press("tour.next")
    assert len(set(titles)) == 5
    assert window.guide.tour is None
    assert not tour.isVisible()


def test_that_keys_lead_through_it_and_out_of_it(
    window: MainWindow, tour: Tour, hands: Hands
) -> None:
    first = title(hands)
    QTest.keyClick(tour, Qt.Key.Key_Right)
    assert tour.number == 1
    QTest.keyClick(tour, Qt.Key.Key_Left)
    assert title(hands) == first
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    assert window.guide.tour is None


def test_that_it_can_be_skipped_and_gives_the_focus_back(
    window: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    window.activateWindow()
    window.bar.step.setFocus()
    qtbot.waitUntil(window.bar.step.hasFocus)
    window.guide.start()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.objectName() == "tour.next"
    hands.press("tour.skip")
    assert window.bar.step.hasFocus()


def test_that_what_is_lit_can_be_used_meanwhile(
    window: MainWindow, tour: Tour, hands: Hands, qtbot: QtBot
) -> None:
    hands.press("tour.next")
    hands.press("tour.next")
    assert window.childAt(tour.lit.center()) is window.bar.start
    dimmed = window.desk.optimizers_dock.mapTo(window, QPoint(20, 20))
    assert window.childAt(dimmed) is tour


def test_that_it_follows_the_window(
    window: MainWindow, tour: Tour, qtbot: QtBot
) -> None:
    dock = window.desk.problem_dock

    def follows() -> bool:
        corner = dock.mapTo(window, QPoint(0, 0))
        lit = tour.lit.contains(QRect(corner, dock.size()))
        return lit and tour.size() == window.size()

    for size in (QSize(1024, 600), QSize(1500, 950)):
        window.resize(size)
        qtbot.waitUntil(follows)


def test_that_another_language_ends_it(window: MainWindow, tour: Tour) -> None:
    window.rebuild()
    assert window.guide.tour is None


def test_that_it_begins_on_the_welcome_page(window: MainWindow, hands: Hands) -> None:
    window.welcome.show()
    button = hands.find(QPushButton, "welcome.tour")
    assert button.text() == "New here? Take the tour"
    hands.press("welcome.tour")
    assert window.pages.page == "lab"
    assert window.guide.tour is not None
    assert not window.guide.untaken
    window.rebuild()
    window.welcome.show()
    assert hands.find(QPushButton, "welcome.tour").text() == "Take the tour"


@pytest.mark.parametrize(
    "hole",
    [
        QRect(6, 60, 300, 500),
        QRect(700, 60, 320, 500),
        QRect(320, 50, 700, 250),
        QRect(230, 2, 110, 40),
        QRect(900, 2, 60, 40),
        QRect(0, 0, 1024, 600),
    ],
)
def test_that_the_card_stands_beside_the_hole_and_in_the_room(hole: QRect) -> None:
    size = QSize(320, 160)
    card = QRect(beside(hole, size, ROOM), size)
    assert ROOM.contains(card)
    assert hole == ROOM or not card.intersects(hole)
