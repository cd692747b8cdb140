"""What can be done to the tree of an arrangement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optlab.ui.arrangement import Node, Pane, Split
from optlab.ui.pane_tree import (
    NO_PANES,
    SIDES,
    Side,
    beside,
    fitting,
    kept,
    moved,
    names_in,
    neighbour,
    places,
    reweighted,
    smallest,
    swapped,
    without,
)

COLUMN = Split(across=False, parts=(Pane(name="b"), Pane(name="c")), weights=(1.0, 3.0))
TREE = Split(across=True, parts=(Pane(name="a"), COLUMN), weights=(2.0, 1.0))


def test_that_a_pane_is_put_beside_another_with_half_its_room() -> None:
    tree = beside(TREE, "d", target="a", side="right")
    assert names_in(tree) == ("a", "d", "b", "c")
    rects = places(tree)
    assert rects["d"].width == pytest.approx(rects["a"].width) == pytest.approx(1 / 3)
    tree = beside(TREE, "d", target="a", side="above")
    assert places(tree)["d"].height == pytest.approx(0.5)
    assert places(tree)["d"].y == 0


def test_that_neighbours_take_the_room_of_what_goes() -> None:
    tree = without(TREE, "b")
    assert places(tree)["c"].height == pytest.approx(1.0)
    assert without(Pane(name="a"), "a") == NO_PANES


def test_that_panes_change_places_and_keep_the_sizes() -> None:
    before, after = places(TREE), places(swapped(TREE, "a", "c"))
    assert after["a"] == before["c"]
    assert after["c"] == before["a"]


def test_that_the_neighbour_is_the_one_that_shares_most_of_a_side() -> None:
    assert neighbour(TREE, "a", "right") == "c"
    assert neighbour(TREE, "c", "above") == "b"
    assert neighbour(TREE, "b", "left") == "a"
    assert neighbour(TREE, "a", "left") is None


def test_that_sizes_of_panes_without_room_stay_when_others_change() -> None:
    row: Node = Split(
        across=True,
        parts=(Pane(name="a"), Pane(name="b"), Pane(name="c")),
        weights=(1.0, 2.0, 3.0),
    )
    new = reweighted(row, [{"a"}, {"c"}], [3.0, 1.0])
    assert isinstance(new, Split)
    assert new.weights == (3.0, 2.0, 1.0)


def test_that_the_last_panes_give_way_where_room_is_short() -> None:
    pane = (100, 100)
    assert names_in(fitting(TREE, (208, 208), pane=pane, gap=8)) == ("a", "b", "c")
    assert names_in(fitting(TREE, (208, 207), pane=pane, gap=8)) == ("a", "b")
    assert names_in(fitting(TREE, (10, 10), pane=pane, gap=8)) == ("a",)


_deeds = st.lists(
    st.tuples(
        st.sampled_from(["beside", "moved", "swapped", "without"]),
        st.integers(0, 7),
        st.integers(0, 7),
        st.sampled_from(SIDES),
    ),
    max_size=12,
)


@given(deeds=_deeds)
def test_that_whatever_is_done_no_pane_is_lost_doubled_or_without_room(
    deeds: list[tuple[str, int, int, Side]],
) -> None:
    tree: Node = Pane(name="first")
    names = {"first"}
    for number, (deed, i, j, side) in enumerate(deeds):
        known = names_in(tree)
        one, other = known[i % len(known)], known[j % len(known)]
        if deed == "beside":
            tree = beside(tree, f"p{number}", target=one, side=side)
            names.add(f"p{number}")
        elif deed == "moved":
            tree = moved(tree, one, target=other, side=side)
        elif deed == "swapped":
            tree = swapped(tree, one, other)
        elif len(known) > 1:
            tree = without(tree, one)
            names.remove(one)
        assert sorted(names_in(tree)) == sorted(names)
        rects = places(tree)
        assert sum(r.width * r.height for r in rects.values()) == pytest.approx(1.0)
        assert min(r.width * r.height for r in rects.values()) > 0
    assert kept(tree, names) == tree
    assert min(smallest(tree, (10, 10), gap=1)) >= 10
