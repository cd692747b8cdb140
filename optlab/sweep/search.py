"""What is tried: settings of one optimizer, the same number for each optimizer.

The setting that was given, or the default, is always the first. A logarithmic grid and
Sobol points are known beforehand; Optuna is asked in batches of a fixed size and told
results in the order of their numbers, so that who was finished first changes nothing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from optlab.params import InputError, Kind, ParamSpec, ParamValue
from optlab.registry import Catalog
from optlab.spec import OptimizerSpec
from optlab.translate import tr

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Setting: TypeAlias = tuple[float, ...]
"""One value for each dimension."""

DECADES: Final = 4.0
"""Width of the range around the default where none is given."""
BATCH: Final = 4
"""Settings that Optuna is asked for at once; not the number of cores, on which results
would then depend."""
_DIGITS: Final = 4
_SEED: Final = 20_251
_SPARE: Final = 4


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One hyperparameter that is searched.

    Attributes:
        param: What it is.
        default: The value that was given for it, or its default.
        low: Smallest value that is tried at first.
        high: Largest value that is tried at first.
        levels: The only values that are tried, rising; empty for a range.
        centred: Whether the range was made around the default.
    """

    param: ParamSpec
    default: float
    low: float
    high: float
    levels: tuple[float, ...] = ()
    centred: bool = False

    @property
    def log(self) -> bool:
        """Whether steps are factors."""
        return self.param.log and self.low > 0

    def value(self, number: float) -> ParamValue:
        """Return a number as the parameter has it."""
        return round(number) if self.param.kind is Kind.INT else number

    def allowed(self, number: float) -> bool:
        """Return whether a number is legal."""
        try:
            self.param.check(self.value(number), self.param.name)
        except InputError:
            return False
        return True

    def tidy(self, number: float) -> float:
        """Return a number near by that is short to write."""
        if self.param.kind is Kind.INT:
            return float(round(number))
        return float(f"{number:.{_DIGITS}g}")

    def between(self, low: float, high: float, share: float) -> float:
        """Return what lies at a share of the way between two numbers."""
        if self.log:
            return self.tidy(low * (high / low) ** share)
        return self.tidy(low + (high - low) * share)


def dimensions(
    entry: OptimizerSpec, catalog: Catalog, where: str
) -> tuple[Dimension, ...]:
    """Return what is searched for one optimizer.

    Args:
        entry: The optimizer.
        catalog: Where it is described.
        where: Its dotted place, for messages.

    Raises:
        InputError: There is no number to begin with.
    """
    info = catalog.optimizers.get(entry.name)
    params = {param.name: param for param in info.params}
    if not entry.space and "lr" not in params:
        text = tr("a range to search, such as {example}", example="{ lr = [1e-4, 1] }")
        raise InputError(f"{where}.space", None, text)
    ranges = {given.name: given.values for given in entry.space} or {"lr": ()}
    found = []
    for name, values in ranges.items():
        param = params[name]
        default = entry.values.get(name, param.default)
        if isinstance(default, bool) or not isinstance(default, int | float):
            text = tr("a number to begin with, as its space is searched")
            raise InputError(f"{where}.{name}", default, text)
        found.append(_dimension(param, float(default), values))
    return tuple(found)


def _dimension(
    param: ParamSpec, default: float, values: tuple[float, ...]
) -> Dimension:
    if not values:
        reach = 10 ** (DECADES / 2)
        low, high = default / reach, default * reach
        return Dimension(param=param, default=default, low=low, high=high, centred=True)
    if len(values) == 2:
        return Dimension(param=param, default=default, low=values[0], high=values[1])
    levels = tuple(sorted({*values, default}))
    return Dimension(
        param=param, default=default, low=levels[0], high=levels[-1], levels=levels
    )


def default_of(dims: Sequence[Dimension]) -> Setting:
    """Return the setting that was given."""
    return tuple(dim.default for dim in dims)


def values_of(dims: Sequence[Dimension], setting: Setting) -> Mapping[str, ParamValue]:
    """Return a setting as an experiment has it."""
    return {
        dim.param.name: dim.value(number)
        for dim, number in zip(dims, setting, strict=True)
    }


def grid(dims: Sequence[Dimension], count: int) -> tuple[Setting, ...]:
    """Return a grid of at most ``count`` settings, the given one first.

    One parameter gets even steps, of which the given value is one. With several
    parameters as many levels of each as fit, and Sobol points for the rest.
    """
    if len(dims) == 1:
        found: list[Setting] = [(value,) for value in _line(dims[0], count)]
    else:
        found = list(product(*_levels(dims, count)))
    rest = count - len(found)
    if len(dims) > 1 and rest > 0:
        more = [s for s in sobol(dims, 2 * count) if s not in found]
        found += more[:rest]
    return _default_first(dims, found)


def sobol(dims: Sequence[Dimension], count: int) -> tuple[Setting, ...]:
    """Return the given setting and Sobol points.

    The sequence is that of Joe and Kuo (2008) without scrambling, from its second
    point on: the first one is the corner of the space.
    """
    from scipy.stats import qmc

    if count == 1:
        return (default_of(dims),)
    sequence = qmc.Sobol(len(dims), scramble=False)
    sequence.fast_forward(1)
    # Some may be the given setting, or, in a short list of values, each other.
    points = sequence.random(_SPARE * count)
    found = [
        tuple(_at(dim, float(u)) for dim, u in zip(dims, point, strict=True))
        for point in points
    ]
    return _default_first(dims, found)[:count]


def ask(
    dims: Sequence[Dimension],
    told: Iterable[tuple[Setting, float]],
    count: int,
    *,
    number: int,
) -> tuple[Setting, ...]:
    """Return what Optuna's tree of Parzen estimators wants to try next.

    Every batch asks a new study that is told all results so far in their order, with
    a seed of the batch's own: a search that was stopped goes on as it would have.

    Args:
        dims: What is searched.
        told: Settings that were tried and their costs, infinite where none lasted.
        count: How many are wanted.
        number: Number of the first of them.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = {dim.param.name: _distribution(dim) for dim in dims}
    sampler = optuna.samplers.TPESampler(seed=_SEED + number, n_startup_trials=BATCH)
    study = optuna.create_study(sampler=sampler)
    for setting, cost in told:
        values = dict(zip(space, setting, strict=True))
        # What was given may lie outside of the range, where Optuna cannot take it.
        with suppress(ValueError):
            study.add_trial(
                optuna.trial.create_trial(
                    params=values, distributions=space, value=cost
                )
            )
    asked = [study.ask(space).params for _ in range(count)]
    return tuple(
        tuple(_short(dim, float(params[dim.param.name])) for dim in dims)
        for params in asked
    )


def _short(dim: Dimension, value: float) -> float:
    """Return a value in the range that is short to write."""
    if dim.levels:
        return value
    return min(max(dim.tidy(value), dim.low), dim.high)


def _distribution(dim: Dimension) -> "BaseDistribution":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if dim.levels:
        return CategoricalDistribution(dim.levels)
    if dim.param.kind is Kind.INT:
        return IntDistribution(round(dim.low), round(dim.high), log=dim.log)
    return FloatDistribution(dim.low, dim.high, log=dim.log)


def refined(
    dims: Sequence[Dimension], tried: Sequence[Setting], best: Setting, *, count: int
) -> tuple[Setting, ...]:
    """Return settings of a second round around the best of the first.

    Where the best lies on the border of what was tried, as many steps beyond it as are
    allowed; elsewhere between the best and its neighbours.

    Args:
        dims: What is searched.
        tried: What was tried.
        best: The best of that.
        count: How many are wanted; fewer where there is nothing left to try.
    """
    found: list[Setting] = []
    lines = [_around(dim, i, tried, best) for i, dim in enumerate(dims)]
    longest = max(map(len, lines), default=0)
    for place in range(longest):
        for i, line in enumerate(lines):
            if place < len(line):
                setting = (*best[:i], line[place], *best[i + 1 :])
                if setting not in found and setting not in tried:
                    found.append(setting)
    return tuple(found[:count])


def _around(
    dim: Dimension, place: int, tried: Sequence[Setting], best: Setting
) -> list[float]:
    """Return values to try for one parameter, the most promising first."""
    known = sorted({setting[place] for setting in tried})
    own = best[place]
    at = known.index(own)
    if dim.levels or len(known) < 2:
        return []
    if at in (0, len(known) - 1):
        beyond = _beyond(dim, own, known[1] if at == 0 else known[-2])
        if beyond:
            return beyond
    sides = [known[k] for k in (at - 1, at + 1) if 0 <= k < len(known)]
    # Halves first, then quarters, nearest to the best, of each side in turn.
    shares = [1 / 2, 1 / 4, 3 / 4, 1 / 8, 3 / 8, 5 / 8, 7 / 8]
    found = [dim.between(own, side, share) for share in shares for side in sides]
    return [value for value in dict.fromkeys(found) if value not in known]


def _beyond(dim: Dimension, own: float, inner: float) -> list[float]:
    """Return legal values beyond the border, step by step outwards."""
    found = []
    for steps in range(1, 101):
        if dim.log:
            value = dim.tidy(own * (own / inner) ** steps)
        else:
            value = dim.tidy(own + (own - inner) * steps)
        if not dim.allowed(value) or not math.isfinite(value):
            break
        found.append(value)
    return found


def _line(dim: Dimension, count: int) -> list[float]:
    """Return at most ``count`` values of one parameter, the default among them."""
    if dim.levels:
        return list(dim.levels)
    if count == 1:
        return [dim.default]
    if dim.centred:
        below = (count - 1) // 2
        step = min(DECADES / (count - 1), 1.0)
        factors = [10 ** (step * k) for k in range(-below, count - below)]
        values = [dim.tidy(dim.default * factor) for factor in factors]
        values[below] = dim.default
        return [value for value in values if dim.allowed(value)]
    inside = dim.low <= dim.default <= dim.high
    values = _even(dim, count if inside else count - 1)
    if inside:
        # Where the default is an end, or near it, the other end stays.
        near = min(range(len(values)), key=lambda k: _distance(dim, values[k]))
        values[near] = dim.default
    else:
        values.append(dim.default)
    return sorted(set(values))


def _even(dim: Dimension, count: int) -> list[float]:
    if count <= 1:
        return [dim.between(dim.low, dim.high, 0.5)][:count]
    steps = [k / (count - 1) for k in range(1, count - 1)]
    inner = [dim.between(dim.low, dim.high, share) for share in steps]
    return [dim.low, *inner, dim.high]


def _distance(dim: Dimension, value: float) -> float:
    if dim.log and value > 0 and dim.default > 0:
        return abs(math.log(value / dim.default))
    return abs(value - dim.default)


def _levels(dims: Sequence[Dimension], count: int) -> list[list[float]]:
    """Return levels of several parameters, as many as fit into the budget."""
    counts = [len(dim.levels) or 1 for dim in dims]
    growing = True
    while growing:
        growing = False
        for i in sorted(range(len(dims)), key=lambda k: counts[k]):
            more = math.prod(counts) // counts[i] * (counts[i] + 1)
            if not dims[i].levels and more <= count:
                counts[i] += 1
                growing = True
                break
    return [_line(dim, n) for dim, n in zip(dims, counts, strict=True)]


def _default_first(
    dims: Sequence[Dimension], found: Sequence[Setting]
) -> tuple[Setting, ...]:
    default = default_of(dims)
    rest = [setting for setting in dict.fromkeys(found) if setting != default]
    return (default, *rest)


def _at(dim: Dimension, u: float) -> float:
    """Return the value at a share of the range."""
    if dim.levels:
        return dim.levels[min(int(u * len(dim.levels)), len(dim.levels) - 1)]
    return dim.between(dim.low, dim.high, u)


def as_setting(dims: Sequence[Dimension], values: Mapping[str, ParamValue]) -> Setting:
    """Return the setting that recorded values are."""
    return tuple(
        float(cast(float, values.get(dim.param.name, dim.default))) for dim in dims
    )
