"""What is said of a map of basins, in legends, headings and tool tips."""

import numpy as np

from optlab.export.number_text import number
from optlab.records import State
from optlab.spec.basin_map import CODES, NOWHERE
from optlab.store.basin_map import BasinMap
from optlab.translate import tr, tr_n


def point_words(point: tuple[float, ...]) -> str:
    """Return a point as ``(3, −2.81)``."""
    return f"({', '.join(number(x, 3) for x in point)})"


def summary(found: BasinMap, entry: int) -> str:
    """Return in a few words how the starts of one optimizer fared."""
    reached = found.minimum[entry] != NOWHERE
    if not reached.any():
        lost = int((found.codes[entry] == CODES[State.DIVERGED]).sum())
        if lost:
            return tr("{share} diverged", share=_share(lost, found.plan.count))
        return tr("none reached") if found.over else tr("on the way")
    steps = round(float(np.median(found.since[entry][reached])))
    share = _share(int(reached.sum()), found.plan.count)
    return tr_n(
        "{share} arrive, half of them within {n} step",
        "{share} arrive, half of them within {n} steps",
        n=steps,
        share=share,
    )


def cell_words(found: BasinMap, entry: int, cell: int) -> str:
    """Return what became of one start, in a line."""
    start = point_words(tuple(found.plan.starts()[:, cell]))
    state, since = found.state(entry, cell), int(found.since[entry, cell])
    minimum = int(found.minimum[entry, cell])
    if state is State.QUEUED:
        return tr("{start}: not begun", start=start)
    if state is State.DIVERGED:
        return tr("{start}: diverged at step {step}", start=start, step=since)
    if state is State.FAILED:
        return tr("{start}: failed at step {step}", start=start, step=since)
    if minimum == NOWHERE:
        return tr("{start}: at no minimum", start=start)
    there = point_words(found.plan.minima[minimum])
    text = "{start}: at {there} from step {step} on"
    return tr(text, start=start, there=there, step=since)


def _share(count: int, whole: int) -> str:
    if count == whole:
        return "100 %"
    # Nearly all is not all, and hardly any not none.
    return f"{min(max(100 * count / whole, 0.1), 99.9):.3g} %"
