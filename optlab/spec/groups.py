"""Param groups: which parameters a row speaks of, and what it may set.

A pattern is a shell pattern on parameter names (``layers.0.*``), or one of `KINDS`,
which speak of what a parameter is; several stand with commas between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from optlab.params import InputError, ParamSpec, unknown_name
from optlab.registry import OptimizerInfo
from optlab.spec.data import GroupSpec
from optlab.translate import tr, tr_n

KINDS: Final = {
    ":vectors": "fewer than two dimensions: biases and norms",
    ":biases": "biases",
    ":norms": "weights and biases of normalisation layers",
    ":matrices": "weights of two dimensions",
    ":hidden-matrices": "weights of two dimensions, neither embedding nor output layer",
    ":convolutions": "weights of convolutions",
    ":embeddings": "embedding tables",
    ":output": "weights and biases of the output layer",
}


@dataclass(frozen=True, kw_only=True)
class ParameterInfo:
    """One parameter of a model, as a pattern sees it.

    Attributes:
        name: Its name in the model.
        shape: Its shape.
        kinds: The `KINDS` that it is of.
    """

    name: str
    shape: tuple[int, ...]
    kinds: tuple[str, ...] = ()


def group_params(info: OptimizerInfo, *, own: bool) -> tuple[ParamSpec, ...]:
    """Return what a row may set.

    Args:
        info: The optimizer that trains the group.
        own: Whether it is that of the entry, whose groups may not differ in all.
    """
    if not own or info.group_params is None:
        return info.params
    return tuple(spec for spec in info.params if spec.name in info.group_params)


def matches(pattern: str, parameter: ParameterInfo) -> bool:
    """Return whether a pattern speaks of a parameter."""
    return any(
        part in parameter.kinds
        if part.startswith(":")
        else fnmatchcase(parameter.name, part)
        for part in _parts(pattern)
    )


def pattern_error(pattern: str, key: str) -> InputError | None:
    """Return what is wrong with a pattern in itself, or None."""
    parts = _parts(pattern)
    if not parts:
        text = tr(
            "a pattern of parameter names such as *.bias, or {kinds}",
            kinds=", ".join(KINDS),
        )
        return InputError(key, pattern, text)
    for part in parts:
        if part.startswith(":") and part not in KINDS:
            return unknown_name(key, part, KINDS, value=part)
    return None


def assign_groups(
    groups: Sequence[GroupSpec], parameters: Sequence[ParameterInfo], where: str
) -> tuple[tuple[int, ...], ...]:
    """Return which parameters each group holds, by index.

    Args:
        groups: The rows.
        parameters: All parameters of the model.
        where: Dotted place of the rows, for messages.

    Returns:
        One tuple for each row, and before them one for the default group: what no
        row speaks of.

    Raises:
        InputError: A row matches nothing, or a parameter is matched by two rows.
    """
    owner: dict[int, int] = {}
    for row, group in enumerate(groups):
        key = f"{where}.{row}.match"
        found = [i for i, p in enumerate(parameters) if matches(group.match, p)]
        if not found:
            names = _some(p.name for p in parameters)
            text = tr("no parameter matches; there are {names}", names=names)
            raise InputError(key, group.match, text)
        for i in found:
            if i in owner:
                text = tr(
                    "{name} is in group {other} already; each parameter is in one",
                    name=parameters[i].name,
                    other=groups[owner[i]].title,
                )
                raise InputError(key, group.match, text)
            owner[i] = row
    rows = range(-1, len(groups))
    everything = range(len(parameters))
    return tuple(
        tuple(i for i in everything if owner.get(i, -1) == row) for row in rows
    )


def _parts(pattern: str) -> list[str]:
    return [part.strip() for part in pattern.split(",") if part.strip()]


def _some(names: Iterable[str]) -> str:
    """Return the first few names, and how many there are besides."""
    every = list(names)
    shown = ", ".join(every[:8])
    if len(every) <= 8:
        return shown
    rest = tr_n("{n} more", "{n} more", n=len(every) - 8)
    return tr("{names} and {rest}", names=shown, rest=rest)
