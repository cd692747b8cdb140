"""Builds a torch optimizer from a catalog entry and its values.

What is not given to torch stays as torch has it: ``foreach`` and ``fused`` of None
choose the same code as a bare `torch.optim` call, so that trajectories are bitwise
those of a plain loop. Every optimizer that is built here goes on bitwise from a
``state_dict``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import torch

from optlab.optimizers.composite import Composite
from optlab.optimizers.exact_load import load_exactly
from optlab.params import InputError, ParamValue
from optlab.registry import Catalog, OptimizerInfo, resolve
from optlab.spec import GroupSpec, OptimizerSpec, ParameterInfo, assign_groups
from optlab.translate import tr

Named = Sequence[tuple[str, torch.nn.Parameter]]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What an optimizer asks of the one who drives it; see `OptimizerInfo`.

    Attributes:
        closure: Its step calls the loss itself.
        second_derivatives: Gradients must carry a graph.
        mode_switch: It is evaluated at other weights than it is trained at.
        draws: It draws from torch's global generator.
        own_tensors: It may put other tensors in the place of weights and gradients.
    """

    closure: bool = False
    second_derivatives: bool = False
    mode_switch: bool = False
    draws: bool = False
    own_tensors: bool = False

    @property
    def nothing(self) -> bool:
        """Whether it is a plain ``step()``."""
        return self == Needs()


@dataclass(frozen=True)
class Built:
    """An optimizer that is ready to step.

    Attributes:
        optimizer: The optimizer.
        notes: What was done for it, in plain sentences (Muon's split, say).
        groups: The name of each of its param groups; the first one has none.
        needs: What it asks of the one who drives it.
    """

    optimizer: torch.optim.Optimizer
    notes: tuple[str, ...]
    groups: tuple[str, ...] = ("",)
    needs: Needs = Needs()


def build_optimizer(
    info: OptimizerInfo, values: Mapping[str, ParamValue], named_parameters: Named
) -> Built:
    """Build the optimizer that a catalog entry describes, for all parameters alike.

    Args:
        info: The catalog entry. Its factory takes the parameters and then every
            hyperparameter by its name; that of an optimizer for matrices only takes
            pairs of names and parameters, because it has to tell layers apart.
        values: Hyperparameters; defaults are filled in.
        named_parameters: Names and parameters of the model, in its order.
    """
    return _build(info, values, [(named_parameters, {})])


def build_entry(
    entry: OptimizerSpec,
    catalog: Catalog,
    *,
    named_parameters: Named,
    infos: Sequence[ParameterInfo],
    where: str,
) -> Built:
    """Build the optimizer of an entry with all its param groups.

    Args:
        entry: The entry.
        catalog: Where optimizers are.
        named_parameters: Names and parameters of the model, in its order.
        infos: What they are, in the same order.
        where: Dotted place of the entry, for messages.

    Raises:
        InputError: A row matches nothing, or a parameter is matched by two rows, or
            an optimizer does not take what it is given.
    """
    try:
        return _build_entry(entry, catalog, named_parameters, infos=infos, where=where)
    except InputError as error:
        if error.key != "name":
            raise
        # Factories do not know where they stand.
        raise InputError(f"{where}.name", error.value, error.allowed) from None


def _build_entry(
    entry: OptimizerSpec,
    catalog: Catalog,
    named_parameters: Named,
    *,
    infos: Sequence[ParameterInfo],
    where: str,
) -> Built:
    info = catalog.optimizers.get(entry.name)
    if not entry.groups:
        return build_optimizer(info, entry.values, named_parameters)
    rows = f"{where}.param_groups"
    default, *found = assign_groups(entry.groups, infos, rows)
    own: list[tuple[Named, Mapping[str, ParamValue]]] = []
    titles: list[str] = []
    if default:
        own.append(([named_parameters[i] for i in default], {}))
        titles.append("")
    others: list[tuple[GroupSpec, Named]] = []
    for group, members in zip(entry.groups, found, strict=True):
        named = [named_parameters[i] for i in members]
        if group.optimizer:
            others.append((group, named))
        else:
            own.append((named, group.values))
            titles.append(group.title)
    # What splits its parameters leaves the output layer out, known as the last one. A
    # row may have taken that: then nothing is left to leave out.
    whole = not any(
        kind in infos[i].kinds for i in default for kind in (":output", ":embeddings")
    )
    parts = [_build(info, entry.values, own, as_given=whole)] if own else []
    names = [titles] if own else []
    for group, members_named in others:
        other = catalog.optimizers.get(group.optimizer)
        if parts and parts[0].needs.closure:
            text = tr("{optimizer} trains all parameters itself", optimizer=info.label)
            raise InputError(f"{rows}.optimizer", group.optimizer, text)
        parts.append(_build(other, group.values, [(members_named, {})], as_given=True))
        names.append([group.title])
    return _joined(parts, names, named_parameters)


def _joined(
    parts: Sequence[Built],
    names: Sequence[Sequence[str]],
    named_parameters: Named,
) -> Built:
    """Return one optimizer for all parts, with a sentence about each group."""
    optimizers = [part.optimizer for part in parts]
    whole = optimizers[0] if len(parts) == 1 else Composite(optimizers)
    groups: list[str] = []
    given = {title for titles in names for title in titles}
    for part, titles in zip(parts, names, strict=True):
        if len(titles) == len(part.groups):
            groups.extend(titles)
        else:
            # An optimizer that splits its parameters itself has groups of its own.
            own = [_below(titles[0], name) for name in part.groups]
            groups.extend(_free(name, given - {titles[0]}) for name in own)
    names_of = {id(p): name for name, p in named_parameters}
    notes = [note for part in parts for note in part.notes]
    for title, group in zip(groups, whole.param_groups, strict=True):
        members = [names_of[id(p)] for p in group["params"]]
        notes.append(
            tr(
                "param group {group}: {count} parameters, {numbers} numbers",
                group=title or tr("default"),
                count=len(members),
                numbers=f"{sum(p.numel() for p in group['params']):,}",
            )
        )
    return Built(
        optimizer=whole,
        notes=tuple(notes),
        groups=tuple(groups),
        needs=_all_needs([part.needs for part in parts]),
    )


def _free(name: str, given: set[str]) -> str:
    """Return a name that nobody has given to another group."""
    free, number = name, 2
    while free in given:
        free, number = f"{name} #{number}", number + 1
    return free


def _below(title: str, name: str) -> str:
    return f"{title}.{name}" if title and name else title or name


def _build(
    info: OptimizerInfo,
    values: Mapping[str, ParamValue],
    groups: Sequence[tuple[Named, Mapping[str, ParamValue]]],
    *,
    as_given: bool = False,
) -> Built:
    """Build one optimizer for groups of parameters and what differs in each.

    An optimizer that splits a plain list of parameters by what they are takes a list
    of groups as it is given: a person has chosen them.
    """
    factory = cast("Callable[..., torch.optim.Optimizer]", resolve(info.factory))
    named = info.named or info.matrices_only
    params: list[Any] = [
        {"params": list(pairs) if named else [p for _, p in pairs]} | dict(changes)
        for pairs, changes in groups
    ]
    if len(params) == 1 and not groups[0][1] and not as_given:
        params = params[0]["params"]
    optimizer = factory(params, **dict(info.complete(values)))
    if info.mode_switch:
        optimizer.train()  # type: ignore[attr-defined]
    load_exactly(optimizer)
    notes = optimizer.notes() if hasattr(optimizer, "notes") else ()
    names = getattr(optimizer, "group_names", ("",))
    if len(names) != len(optimizer.param_groups):
        names = tuple(str(i or "") for i in range(len(optimizer.param_groups)))
    return Built(optimizer, notes, names, needs_of(info))


def needs_of(info: OptimizerInfo) -> Needs:
    """Return what the optimizer of a catalog entry asks of the one who drives it."""
    return Needs(
        closure=info.needs_closure,
        second_derivatives=info.second_derivatives,
        mode_switch=info.mode_switch,
        draws=info.draws,
        own_tensors=info.home not in ("torch", "optlab"),
    )


def entry_needs(entry: OptimizerSpec, catalog: Catalog) -> Needs:
    """Return what the optimizers of an entry ask of the one who drives them."""
    names = {entry.name} | {g.optimizer for g in entry.groups if g.optimizer}
    return _all_needs([needs_of(catalog.optimizers.get(name)) for name in names])


def _all_needs(needs: Sequence[Needs]) -> Needs:
    return Needs(
        **{f.name: any(getattr(n, f.name) for n in needs) for f in fields(Needs)}
    )


def state_floats(optimizer: torch.optim.Optimizer) -> int:
    """Return how many numbers of state ``optimizer`` holds besides the weights.

    Counters and other single numbers (0-d tensors) are left out.
    """
    if isinstance(optimizer, Composite):
        return sum(state_floats(part) for part in optimizer.parts)
    return sum(_numel(state) for state in optimizer.state.values())


def _numel(value: object) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel() if value.ndim else 0
    if isinstance(value, dict):
        return sum(_numel(v) for v in value.values())
    if isinstance(value, list | tuple):
        return sum(_numel(v) for v in value)
    return 0


def write_rate(group: dict[str, Any], lr: float) -> None:
    """Give a param group a rate, in place where it is held in a tensor."""
    if isinstance(group["lr"], torch.Tensor):
        group["lr"].fill_(lr)
    else:
        group["lr"] = lr
