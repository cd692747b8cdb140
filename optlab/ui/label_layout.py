"""Where labels at the ends of curves go: near their curve, never overlapping.

Pure arithmetic; knows nothing of Qt.
"""

from collections.abc import Sequence


def spread(
    wanted: Sequence[float], height: float, lo: float, hi: float
) -> list[float] | None:
    """Return centres for labels of one ``height``, as near as can be to ``wanted``.

    The labels keep the order of the wanted centres, do not overlap and stay between
    ``lo`` and ``hi``; the sum of squared shifts is the smallest possible (pool
    adjacent violators).

    Args:
        wanted: Centre that each label would like to have.
        height: Height of each label.
        lo: Upper edge of the room.
        hi: Lower edge of the room.

    Returns:
        One centre for each label; None if they do not fit.
    """
    count = len(wanted)
    if count * height > hi - lo:
        return None
    first, last = lo + height / 2, hi - height / 2
    order = sorted(range(count), key=lambda i: (wanted[i], i))
    # With the k-th label shifted by k heights, "no overlap" means "not decreasing".
    pools: list[tuple[float, int]] = []
    for k, i in enumerate(order):
        mean, size = min(max(wanted[i], first), last) - k * height, 1
        while pools and pools[-1][0] > mean:
            before, n = pools.pop()
            mean = (before * n + mean * size) / (n + size)
            size += n
        pools.append((mean, size))
    centres = [0.0] * count
    k = 0
    for mean, size in pools:
        for _ in range(size):
            low, high = first, last - (count - 1) * height
            centres[order[k]] = min(max(mean, low), high) + k * height
            k += 1
    return centres
