"""Waiting times of which some never end: the median of Kaplan and Meier."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optlab.analysis.ratios import LEVEL
from optlab.records import Floats

# Products of shares miss one half by a few units in the last place.
_HALF: Final = 0.5 + 1e-9


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The Kaplan-Meier median of a time, and its interval.

    Attributes:
        n: How many trials there are.
        reached: How many got there.
        median: When half of them had, censoring reckoned with; infinite if never.
        low: Lower end of the interval of the median.
        high: Upper end; infinite where there is none.
    """

    n: int
    reached: int
    median: float
    low: float
    high: float


def kaplan_meier(
    times: Sequence[float], reached: Sequence[bool], *, level: float = LEVEL
) -> Waiting:
    """Return the Kaplan-Meier median of waiting times, with its interval.

    The median is the first time by which the share that still waits is one half or
    less (Kaplan & Meier 1958). Its interval holds the times at which one half lies in
    the pointwise interval of that share, with the log(−log) transform of Greenwood's
    variance (Brookmeyer & Crowley 1982); where so few trials arrive that none ends it,
    it has no upper end. Where all arrive the last one ends it at the latest, if there
    are enough for that: the median is later with a probability of 2⁻ⁿ.

    Args:
        times: When each trial got there, or was last seen waiting; infinite for one
            that will never get there.
        reached: Which of them got there.
        level: Confidence of the interval.
    """
    from scipy.stats import CensoredData, ecdf

    there = [t for t, done in zip(times, reached, strict=True) if done]
    waiting = [t for t, done in zip(times, reached, strict=True) if not done]
    n, inf = len(times), math.inf
    if not there:
        return Waiting(n=n, reached=0, median=inf, low=inf, high=inf)
    # SciPy takes finite times only: any that is later than all arrivals says the same.
    late = max(there) + 1.0
    right = [t if math.isfinite(t) else late for t in waiting]
    waits = ecdf(CensoredData(uncensored=there, right=right)).sf
    with warnings.catch_warnings():
        # Undefined where the share is 0 or 1: there it ends nothing.
        warnings.filterwarnings("ignore", message="The confidence interval is undefi")
        band = waits.confidence_interval(confidence_level=level, method="log-log")
    # SciPy's annotations take the ends of the band for numbers; they are functions.
    ends: tuple[Any, Any] = (band.low, band.high)
    share = np.asarray(waits.probabilities, dtype=np.float64)
    at = np.asarray(waits.quantiles, dtype=np.float64)
    lower = np.where(share <= 0, 0.0, np.asarray(ends[0].probabilities))
    upper = np.asarray(ends[1].probabilities)
    if not waiting and 0.5**n <= (1 - level) / 2:
        upper = np.where(share <= 0, 0.0, upper)
    return Waiting(
        n=n,
        reached=len(there),
        median=_first(at, share <= _HALF),
        low=_first(at, lower <= _HALF),
        high=_first(at, upper <= _HALF),
    )


def _first(at: Floats, where: NDArray[np.bool_]) -> float:
    return float(at[where][0]) if where.any() else math.inf
