"""Where labels at the ends of curves go: near their curve, never overlapping."""

from collections.abc import Sequence


def spread(
    wanted: Sequence[float], heights: Sequence[float], *, low: float, high: float
) -> list[float] | None:
    """Return centres for labels, as near as can be to the wanted ones.

    Labels keep the order of their wanted centres, do not overlap and stay between
    ``low`` and ``high``; the sum of squared shifts is the smallest that allows it
    (isotonic regression by pooling neighbours).

    Args:
        wanted: Centre that each label would like to have.
        heights: Height of each label.
        low: Lower edge of the room.
        high: Upper edge of the room.

    Returns:
        One centre for each label; None if they do not fit.
    """
    if sum(heights) > high - low:
        return None
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    # Measured from the labels below it, each label's place may not decrease.
    below, total = {}, 0.0
    for i in order:
        below[i] = total + heights[i] / 2
        total += heights[i]
    pools: list[tuple[float, list[int]]] = []
    for i in order:
        mean, members = wanted[i] - below[i], [i]
        while pools and pools[-1][0] > mean:
            before, earlier = pools.pop()
            mean = before * len(earlier) + mean * len(members)
            members = earlier + members
            mean /= len(members)
        pools.append((mean, members))
    centres = [0.0] * len(wanted)
    for mean, members in pools:
        start = min(max(mean, low), high - total)
        for i in members:
            centres[i] = start + below[i]
    return centres
