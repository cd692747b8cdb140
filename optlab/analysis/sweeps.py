"""Entries that differ in one number only: what that number does.

The basin of a learning rate, the effect of a batch size: an experiment that holds the
same optimizer at three or more values of one parameter is a sweep over it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from optlab.analysis.outcomes import Outcome, median_final
from optlab.params import ParamValue
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec
from optlab.spec.data import BATCH_SIZE
from optlab.translate import tr

FEWEST: Final = 3
# A value is as good as the best where the accuracy is within one point of the best; and
# where there is none, if the loss is at most this many times the best, or what is left
# of the loss at the start is as little.
AS_GOOD: Final = 1.1
_AS_LITTLE: Final = 1e-4
_POINT: Final = 0.01


@dataclass(frozen=True, kw_only=True)
class SweepPoint:
    """One value of a swept parameter.

    Attributes:
        value: The value.
        entry: Index of its entry in the experiment.
        final: Median over seeds of how the trials ended; infinite where they did not.
        noise: Median of the noise of their losses; None where not measured.
        samples_per_s: Median of their speed; None where there are no samples.
        accuracy: Median of their validation accuracy; None where there is none.
        zone: ``small`` (slow), ``good``, ``large`` (worse again) or ``diverged``.
    """

    value: float
    entry: int
    final: float
    noise: float | None
    samples_per_s: float | None
    accuracy: float | None
    zone: str


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One optimizer at several values of one parameter.

    Attributes:
        optimizer: Name of the optimizer.
        label: What the curve is called.
        parameter: Name of the parameter, ``batch_size`` among them.
        points: The values, increasing.
        width: Decades of the values that are as good as the best, without a gap; None
            where nothing lasted or the parameter is not positive.
        tolerance: What counts as good, in words: ``10 %`` or ``1 point``.
        default: The default of the parameter; None where it has none.
    """

    optimizer: str
    label: str
    parameter: str
    points: tuple[SweepPoint, ...]
    width: float | None
    tolerance: str
    default: float | None


def sweeps(
    spec: ExperimentSpec, catalog: Catalog, found: Sequence[Outcome]
) -> tuple[Sweep, ...]:
    """Return every sweep that an experiment holds.

    Args:
        spec: The experiment.
        catalog: What it is made of.
        found: How its trials ended.
    """
    groups: dict[str, list[int]] = {}
    for i, entry in enumerate(spec.optimizers):
        groups.setdefault(entry.name, []).append(i)
    result = []
    for name, entries in groups.items():
        sets = [_values(spec, catalog, i) for i in entries]
        swept = _only_difference(sets)
        if swept is not None:
            values = {
                i: _number(own[swept]) for i, own in zip(entries, sets, strict=True)
            }
            result.append(_sweep(name, swept, values, catalog, found))
    return tuple(result)


def swept_parameter(spec: ExperimentSpec, catalog: Catalog) -> str | None:
    """Return the one parameter over which an experiment sweeps, if there is one."""
    names = set()
    for name in dict.fromkeys(entry.name for entry in spec.optimizers):
        sets = [
            _values(spec, catalog, i)
            for i, entry in enumerate(spec.optimizers)
            if entry.name == name
        ]
        names.add(_only_difference(sets))
    names.discard(None)
    return names.pop() if len(names) == 1 else None


def _values(
    spec: ExperimentSpec, catalog: Catalog, entry: int
) -> Mapping[str, ParamValue]:
    """Return all that an entry was given, batch size, schedule and groups included."""
    given = spec.optimizers[entry]
    own: dict[str, ParamValue] = dict(
        catalog.optimizers.get(given.name).complete(given.values)
    )
    problem = catalog.problems.get(spec.problem.name).complete(spec.problem.values)
    own[BATCH_SIZE.name] = given.batch_size or problem.get(BATCH_SIZE.name)
    own["scheduler"] = repr(given.scheduler)
    own["param_groups"] = repr(given.groups)
    return own


def _only_difference(sets: Sequence[Mapping[str, ParamValue]]) -> str | None:
    """Return the one key in which they differ, by at least `FEWEST` numbers."""
    if len(sets) < FEWEST:
        return None
    different = [key for key in sets[0] if len({own[key] for own in sets}) > 1]
    if len(different) != 1:
        return None
    values = [own[different[0]] for own in sets]
    numbers = [v for v in values if isinstance(v, int | float) and v is not True]
    distinct = len(set(numbers)) == len(values) >= FEWEST
    return different[0] if distinct else None


def _number(value: ParamValue) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _sweep(
    name: str,
    parameter: str,
    values: Mapping[int, float],
    catalog: Catalog,
    found: Sequence[Outcome],
) -> Sweep:
    info = catalog.optimizers.get(name)
    by_entry = {i: [o for o in found if o.entry == i] for i in values}
    order = sorted((i for i in values if by_entry[i]), key=lambda i: values[i])
    finals = [median_final(by_entry[i]) for i in order]
    accuracies = [_accuracy(by_entry[i]) for i in order]
    by_accuracy = bool(order) and None not in accuracies
    if by_accuracy:
        good = _good([-(a or 0.0) for a in accuracies], _POINT)
    else:
        start = _median([o.start for own in by_entry.values() for o in own])
        good = _good(finals, _slack(finals, start))
    points = tuple(
        SweepPoint(
            value=values[i],
            entry=i,
            final=final,
            noise=_median([o.noise for o in by_entry[i]]),
            samples_per_s=_median([o.samples_per_s for o in by_entry[i]]),
            accuracy=_accuracy(by_entry[i]),
            zone=_zone(k, final, good),
        )
        for k, (i, final) in enumerate(zip(order, finals, strict=True))
    )
    default = next((p.default for p in info.params if p.name == parameter), None)
    return Sweep(
        optimizer=name,
        label=info.label,
        parameter=parameter,
        points=points,
        width=_width([points[k].value for k in good]),
        tolerance=tr("1 point") if by_accuracy else tr("10 %"),
        default=float(default) if isinstance(default, int | float) else None,
    )


def _accuracy(found: Sequence[Outcome]) -> float | None:
    """Return the median accuracy; what did not last has none to speak of."""
    if any(o.accuracy is None for o in found):
        return None
    return _median([o.accuracy if math.isfinite(o.final) else 0.0 for o in found])


def _slack(finals: Sequence[float], start: float | None) -> float:
    """Return how much worse than the best loss is as good."""
    best = min(finals, default=math.inf)
    if not math.isfinite(best):
        return 0.0
    little = 0.0 if start is None else _AS_LITTLE * (start - best)
    return max((AS_GOOD - 1) * abs(best), little)


def _good(finals: Sequence[float], slack: float) -> range:
    """Return the places around the lowest that are as good, without a gap."""
    if not any(math.isfinite(final) for final in finals):
        return range(0)
    best = min(range(len(finals)), key=lambda k: finals[k])
    limit = finals[best] + slack
    low = high = best
    while low > 0 and finals[low - 1] <= limit:
        low -= 1
    while high + 1 < len(finals) and finals[high + 1] <= limit:
        high += 1
    return range(low, high + 1)


def _zone(place: int, final: float, good: range) -> str:
    if not math.isfinite(final):
        return "diverged"
    if place in good:
        return "good"
    return "small" if good and place < good.start else "large"


def _width(values: Sequence[float]) -> float | None:
    if not values or min(values) <= 0:
        return None
    return math.log10(max(values) / min(values))


def _median(values: Sequence[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
