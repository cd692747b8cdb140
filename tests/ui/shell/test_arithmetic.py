"""Numbers are typed as arithmetic and stepped by keys and wheel, with real events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QScrollArea, QWidget

from optlab.params import InputError, Kind, ParamSpec
from optlab.ui.arithmetic import understood
from optlab.ui.main_window import MainWindow
from optlab.ui.stepping import Stride, stepped, stepped_element
from tests.ui.shell.support import Hands

LR = ParamSpec(
    name="lr",
    kind=Kind.FLOAT,
    default=0.1,
    low=0,
    suggested=(0.001, 0.1),
    log=True,
    meaning="m",
)
COUNT = ParamSpec(name="n", kind=Kind.INT, default=1, low=1, high=4096, meaning="m")
BETAS = ParamSpec(
    name="betas",
    kind=Kind.FLOATS,
    default=(0.9, 0.999),
    low=0,
    high=1,
    high_open=True,
    length=2,
    meaning="m",
)
SEEDS = ParamSpec(
    name="seeds", kind=Kind.INTS, default=(0,), low=0, distinct=True, meaning="m"
)
DECAY = ParamSpec(
    name="weight_decay",
    kind=Kind.FLOAT,
    default=0.0,
    low=0,
    suggested=(1e-5, 0.1),
    log=True,
    meaning="m",
)
MOMENTUM = ParamSpec(
    name="momentum",
    kind=Kind.FLOAT,
    default=0.0,
    low=0,
    high=1,
    high_open=True,
    meaning="m",
)


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (LR, "1e-3*2", 0.002),
        (LR, "1/64", 1 / 64),
        (LR, "2**-7", 2**-7),
        (LR, "2^-7", 2**-7),
        (LR, "0.1/3", 0.1 / 3),
        (LR, "1-1e-3", 0.999),
        (LR, "sqrt(2)", 2**0.5),
        (LR, " 3 ", 3.0),
        (COUNT, "2**10", 1024),
        (COUNT, "1e3", 1000),
        (COUNT, "1,000*2", 2000),
        (BETAS, "1-1/10, 1-1e-3", (0.9, 0.999)),
        (BETAS, "[1-0.1, 0.99]", (0.9, 0.99)),
        (SEEDS, "0..9", tuple(range(10))),
        (SEEDS, "[1, 2]", (1, 2)),
        (SEEDS, "0..2, 2*5", (0, 1, 2, 10)),
        (SEEDS, "max(1, 2), 3", (2, 3)),
    ],
)
def test_that_arithmetic_stands_for_its_value(
    spec: ParamSpec, text: str, value: object
) -> None:
    found = understood(spec, text, "key")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("spec", "text", "said"),
    [
        (LR, "1e-3*", "arithmetic"),
        (LR, "1/0", "arithmetic"),
        (LR, "-1*2", "-2 is not a finite number ≥ 0"),
        (LR, "fast", "a finite number ≥ 0"),
        (LR, "__import__('os').getcwd()", "a finite number ≥ 0"),
        (LR, "9**9**9**9", "arithmetic"),
        (LR, "x*2", "arithmetic"),
        (COUNT, "5/2", "2.5 is not a whole number"),
        (COUNT, "2**60", "is not a whole number"),
        (BETAS, "1/2", "0.5 is not a list of numbers"),
    ],
)
def test_that_what_cannot_be_used_is_told_in_one_sentence(
    spec: ParamSpec, text: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        understood(spec, text, "key")
    assert said in caught.value.allowed
    assert "\n" not in caught.value.allowed


@given(st.text(alphabet="0123456789.eE+-*/^()[], xsqrt", max_size=30))
def test_that_nothing_that_is_typed_breaks_it(text: str) -> None:
    for spec in (LR, COUNT, BETAS, SEEDS):
        try:
            value = understood(spec, text, "key")
        except InputError:
            continue
        assert spec.check(value, "key") == value


@pytest.mark.parametrize(
    ("spec", "text", "direction", "stride", "wanted"),
    [
        (LR, "0.003", 1, Stride.USUAL, "0.005"),
        (LR, "0.003", -1, Stride.USUAL, "0.002"),
        (LR, "0.002*2", 1, Stride.USUAL, "0.005"),
        (LR, "0.003", 1, Stride.FINE, "0.0033"),
        (LR, "0.003", -1, Stride.WIDE, "0.0003"),
        (DECAY, "0", 1, Stride.USUAL, "1e-5"),
        (DECAY, "1e-5", -1, Stride.USUAL, "0"),
        (DECAY, "0", -1, Stride.USUAL, ""),
        (MOMENTUM, "0.8", 1, Stride.USUAL, "0.9"),
        (MOMENTUM, "0.9", 1, Stride.USUAL, "0.95"),
        (MOMENTUM, "0.99", 1, Stride.USUAL, "0.995"),
        (MOMENTUM, "0.95", -1, Stride.USUAL, "0.9"),
        (MOMENTUM, "0.999", 1, Stride.FINE, "0.9991"),
        (MOMENTUM, "0", -1, Stride.USUAL, ""),
        (COUNT, "7", 1, Stride.WIDE, "17"),
        (COUNT, "7", -1, Stride.WIDE, "1"),
        (COUNT, "4095", 1, Stride.WIDE, "4096"),
        (COUNT, "4096", 1, Stride.USUAL, ""),
    ],
)
def test_that_steps_are_sensible_and_end_at_what_is_allowed(
    spec: ParamSpec, text: str, direction: int, stride: Stride, wanted: str
) -> None:
    assert stepped(spec, text, direction, stride) == wanted


@given(st.floats(0, 1e6), st.sampled_from((1, -1)), st.sampled_from(list(Stride)))
def test_that_a_step_always_goes_its_way(
    value: float, direction: int, stride: Stride
) -> None:
    for spec in (LR, DECAY, MOMENTUM, COUNT):
        number = int(value) if spec.kind is Kind.INT else value
        new = stepped(spec, spec.show(number), direction, stride)
        if new:
            assert (float(new) - number) * direction > 0
            spec.parse(new, "key")


@pytest.mark.parametrize("text", ["5e-324", "1e-320", "1e-308", "1e308"])
def test_that_the_ends_of_all_numbers_are_stepped_from(text: str) -> None:
    spec = ParamSpec(
        name="lr", kind=Kind.FLOAT, default=0.1, low=0.0, log=True, meaning="Rate."
    )
    for stride in Stride:
        up, down = (stepped(spec, text, way, stride) for way in (1, -1))
        assert not up or float(up) > float(text)
        assert not down or float(down) < float(text)


def test_that_the_element_at_the_cursor_is_stepped() -> None:
    assert stepped_element(BETAS, "0.9, 0.999", 7, direction=1) == ("0.9, 0.9995", 11)
    assert stepped_element(BETAS, "0.9, 0.999", 2, direction=-1)[0] == "0.8, 0.999"


# -- in the window -------------------------------------------------------------------


def turn(
    widget: QWidget,
    notches: float,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> QWheelEvent:
    """Turn the wheel over a widget."""
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_that_a_field_works_out_what_is_typed(window: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "1e-3*2", leave=False)
    assert window.editor.value("optimizers.0.lr") == 0.002
    assert hands.text("optimizers.0.lr") == "1e-3*2"
    QTest.keyClick(hands.find(QLineEdit, "optimizers.0.lr"), Qt.Key.Key_Tab)
    assert hands.text("optimizers.0.lr") == "0.002"
    # All that was typed is one step of undo, told by what came of it.
    assert "lr of SGD to 0.002" in window.editor.stack.undoText()


def test_that_a_sentence_waits_until_a_number_is_typed(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "1e-3*", leave=False)
    words = hands.find(QLabel, "optimizers.0.lr.error")
    assert hands.invalid("optimizers.0.lr")
    assert not words.isVisible()
    line = hands.find(QLineEdit, "optimizers.0.lr")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert words.isVisible()
    assert hands.text("optimizers.0.lr") == "1e-3*"
    QTest.keyClick(line, Qt.Key.Key_3)
    assert not words.isVisible()
    assert window.editor.value("optimizers.0.lr") == 0.003


def test_that_the_wheel_steps_only_where_the_focus_is(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    line = hands.find(QLineEdit, "optimizers.0.lr")
    hands.type("optimizers.0.lr", "0.01")
    hands.find(QWidget, "optimizers.0.label").setFocus()
    assert not turn(line, 1).isAccepted()
    assert window.editor.value("optimizers.0.lr") == 0.01
    line.setFocus()
    assert turn(line, 1).isAccepted()
    assert window.editor.value("optimizers.0.lr") == 0.02
    turn(line, -2)
    assert window.editor.value("optimizers.0.lr") == 0.005
    turn(line, 1, Qt.KeyboardModifier.ControlModifier)
    assert window.editor.value("optimizers.0.lr") == 0.0055
    turn(line, 1, Qt.KeyboardModifier.ShiftModifier)
    assert window.editor.value("optimizers.0.lr") == 0.055
    # A finely divided wheel needs its whole notch.
    turn(line, 0.5)
    assert window.editor.value("optimizers.0.lr") == 0.055
    turn(line, 0.5)
    assert window.editor.value("optimizers.0.lr") == 0.1


def test_that_scrolling_a_form_changes_nothing(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    before = window.editor.spec
    for area in window.findChildren(QScrollArea):
        for widget in area.findChildren(QWidget):
            if widget.isVisible() and not widget.hasFocus():
                turn(widget, -1)
    assert window.editor.spec == before


def test_that_keys_step_finely_and_widely(window: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.0.head")
    line = hands.find(QLineEdit, "optimizers.0.lr")
    hands.type("optimizers.0.lr", "0.01", leave=False)
    QTest.keyClick(line, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert hands.text("optimizers.0.lr") == "0.011"
    QTest.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert hands.text("optimizers.0.lr") == "0.0011"
    QTest.keyClick(line, Qt.Key.Key_Up)
    assert hands.text("optimizers.0.lr") == "0.002"
    assert window.editor.value("optimizers.0.lr") == 0.002
