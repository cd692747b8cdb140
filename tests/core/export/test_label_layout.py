"""Labels at the ends of curves: apart, in the room, in order, near their curve."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from optlab.export.label_layout import spread

centres = st.lists(st.floats(-500, 1500, allow_nan=False), min_size=1, max_size=8)


@given(wanted=centres, height=st.floats(4, 30), room=st.floats(60, 900))
def test_that_labels_never_overlap_and_never_leave_the_room(
    wanted: list[float], height: float, room: float
) -> None:
    placed = spread(wanted, [height] * len(wanted), low=10.0, high=10.0 + room)
    if placed is None:
        assert len(wanted) * height > room * (1 - 1e-9)
        return
    in_order = sorted(placed)
    assert in_order[0] - height / 2 >= 10.0 - 1e-6
    assert in_order[-1] + height / 2 <= 10.0 + room + 1e-6
    assert all(b - a >= height - 1e-6 for a, b in pairwise(in_order))


@given(wanted=centres)
def test_that_labels_keep_the_order_of_their_curves(wanted: list[float]) -> None:
    placed = spread(wanted, [16.0] * len(wanted), low=0.0, high=400.0)
    assert placed is not None
    by_curve = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    assert by_curve == sorted(range(len(wanted)), key=lambda i: placed[i])


def test_that_labels_with_room_stand_at_their_curves() -> None:
    found = spread([50.0, 200.0, 120.0], [16.0] * 3, low=0.0, high=300.0)
    assert found == [50.0, 200.0, 120.0]


def test_that_labels_are_pushed_apart_no_more_than_they_must() -> None:
    assert spread([10, 50], [8, 8], low=0, high=100) == [10, 50]
    assert spread([50, 50], [8, 8], low=0, high=100) == [46, 54]
    assert spread([0, 0, 100], [10, 10, 10], low=0, high=100) == [5, 15, 95]
    assert spread([50] * 3, [40] * 3, low=0, high=100) is None
    assert spread([], [], low=0, high=100) == []
    found = spread([99, 98, 97], [10, 20, 10], low=0, high=100)
    assert found == [95, 80, 65]
