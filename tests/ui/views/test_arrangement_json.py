"""Arrangements in a file: they come back as they were, and nothing is trusted."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optlab.ui.arrangement import AUTOMATIC, Arrangement, Pane, PlotSettings, Split
from optlab.ui.arrangement_json import arrangement_from_json, arrangement_to_json
from optlab.ui.pane_tree import NO_PANES, names_in

FULL = PlotSettings(
    title="A title",
    subtitle="with a unit",
    caption="Words below.",
    x_axis="epoch",
    y_scale="symlog",
    smoothing=0.5,
    spread="trials",
    seed=3,
    ignore_outliers=True,
)
TREE = Split(
    across=True,
    parts=(
        Pane(name="surface"),
        Split(
            across=False,
            parts=(Pane(name="train_loss"), Pane(name="train_loss#2")),
            weights=(0.25, 0.75),
        ),
    ),
    weights=(2.0, 1.0),
)
MINE = Arrangement(
    plots={"train_loss#2": FULL},
    copies=("train_loss#2",),
    off=frozenset({"lr"}),
    order=("train_loss", "lr"),
    tree=TREE,
)


def there_and_back(arrangement: Arrangement) -> tuple[Arrangement, str]:
    """Write as text and read again."""
    return arrangement_from_json(
        json.loads(json.dumps(arrangement_to_json(arrangement)))
    )


@pytest.mark.parametrize("mine", [AUTOMATIC, MINE, Arrangement(tree=NO_PANES)])
def test_that_an_arrangement_comes_back_as_it_was(mine: Arrangement) -> None:
    assert there_and_back(mine) == (mine, "")


def test_that_every_setting_of_a_plot_is_kept() -> None:
    for field in fields(PlotSettings):
        assert getattr(FULL, field.name) != field.default, field.name


def test_that_wrong_parts_are_left_out_and_told_in_one_sentence() -> None:
    value = arrangement_to_json(MINE)
    value["plots"]["train_loss#2"] |= {"x_axis": "moons", "smoothing": 7, "new": 1}
    value["copies"].append(3)
    value["tree"]["parts"].append({"plot": "surface"})
    value["tree"]["weights"] = [1, 10**400]
    found, sentence = arrangement_from_json(value)
    assert found.plots["train_loss#2"].title == "A title"
    assert found.plots["train_loss#2"].x_axis is None
    assert found.copies == ("train_loss#2",)
    assert names_in(found.tree) == names_in(TREE)
    assert sentence.count(".") == 1
    assert "parts" in sentence


_junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["plots", "copies", "off", "order", "tree", "split", "parts", "plot"]
            ),
            inner | st.sampled_from(["across", "down", "train_loss"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=_junk)
def test_that_no_file_breaks_anything(value: object) -> None:
    found, _ = arrangement_from_json(value)
    again, sentence = there_and_back(found)
    assert again == found
    assert sentence == ""
