"""Every parameter of the catalog has a field that shows and takes its values."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from optlab.params import Kind, ParamSpec
from optlab.plugins import load_catalog
from optlab.spec import BATCH_SIZE, TRAINING_PARAMS
from optlab.ui.fields import LineField, grouped, make_field
from optlab.ui.stepping import stepped
from optlab.ui.tips import tool_tip


def every_param() -> list[ParamSpec]:
    catalog = load_catalog()
    infos = (*catalog.optimizers, *catalog.problems)
    return [
        *TRAINING_PARAMS,
        BATCH_SIZE,
        *(spec for info in infos for spec in info.params),
    ]


@pytest.mark.parametrize("spec", every_param(), ids=lambda spec: spec.name)
def test_that_a_field_gives_back_the_default_it_shows(
    qtbot: QtBot, spec: ParamSpec
) -> None:
    field = make_field(spec, "place.name")
    qtbot.addWidget(field.widget)
    field.show_text(spec.show(spec.default))
    assert spec.parse(field.text(), "key") == spec.default
    assert field.widget.objectName() == "place.name"
    assert field.widget.accessibleName()
    assert field.widget.isEnabled() is not bool(spec.fixed)
    assert spec.fixed in field.widget.toolTip().replace("&#x27;", "'")


def test_that_the_tool_tip_says_meaning_default_and_range() -> None:
    spec = ParamSpec(
        name="lr",
        kind=Kind.FLOAT,
        default=0.01,
        low=0,
        suggested=(0.001, 0.1),
        meaning="Length of a step.",
    )
    tip = tool_tip(spec)
    for part in ("Length of a step.", "0.01", "≥ 0", "0.001 to 0.1"):
        assert part in tip


def test_that_a_marked_field_says_why(qtbot: QtBot) -> None:
    field = make_field(TRAINING_PARAMS[0], "training.steps")
    qtbot.addWidget(field.widget)
    field.mark("a whole number")
    assert field.widget.property("invalid") is True
    assert "a whole number" in field.widget.toolTip()
    field.mark("")
    assert field.widget.property("invalid") is False


def test_that_thousands_are_separated_and_still_read(qtbot: QtBot) -> None:
    field = make_field(TRAINING_PARAMS[0], "training.steps")
    qtbot.addWidget(field.widget)
    field.show_text("1000000")
    assert isinstance(field, LineField)
    assert field.line.text() == "1,000,000"
    assert field.spec.parse(field.text(), "") == 1_000_000
    assert grouped("-1.2, 1") == "-1.2, 1"
    assert grouped("9" * 5000) == "9" * 5000


@pytest.mark.parametrize(
    ("text", "direction", "wanted"),
    [
        ("0.001", 1, "0.002"),
        ("0.002", 1, "0.005"),
        ("0.005", 1, "0.01"),
        ("0.01", -1, "0.005"),
        ("0.3", -1, "0.2"),
        ("nonsense", 1, ""),
    ],
)
def test_that_up_and_down_walk_a_logarithmic_scale(
    text: str, direction: int, wanted: str
) -> None:
    spec = ParamSpec(
        name="lr", kind=Kind.FLOAT, default=0.1, low=0, log=True, meaning="m"
    )
    assert stepped(spec, text, direction) == wanted


def test_that_up_stops_at_the_bound(qtbot: QtBot) -> None:
    spec = ParamSpec(name="n", kind=Kind.INT, default=1, low=1, high=2, meaning="m")
    field = make_field(spec, "n")
    qtbot.addWidget(field.widget)
    field.show_text("1")
    for _ in range(3):
        QTest.keyClick(field.widget, Qt.Key.Key_Up)
    assert field.text() == "2"


def test_that_a_path_of_one_s_own_is_typed_where_a_model_is_chosen(
    qtbot: QtBot,
) -> None:
    spec = load_catalog().problems.get("image-classification").param("model")
    field = make_field(spec, "problem.model", {"3c3d": "The 3c3d"})
    qtbot.addWidget(field.widget)
    field.show_text("seed-cnn")
    said: list[str] = []
    field.edited.connect(said.append)
    assert isinstance(field.widget, QComboBox)
    line = field.widget.lineEdit()
    assert line is not None
    for typed, meant in (
        ("nets/mine.py:Net", "nets/mine.py:Net"),
        ("The 3c3d", "3c3d"),
    ):
        line.selectAll()
        QTest.keyClicks(line, typed)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert said == [meant]
        assert spec.parse(field.text(), "problem.model") == meant
        said.clear()
    # Leaving it as it is says nothing.
    line.editingFinished.emit()
    assert said == []
    field.show_text("other.py:Net")
    assert field.text() == line.text() == "other.py:Net"
