"""Ready-made param groups, made for the parameters of the model at hand.

Pure functions; knows nothing of Qt.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from optlab.params import ParamValue, Values
from optlab.registry import Catalog, OptimizerInfo
from optlab.spec import GroupSpec, OptimizerSpec, ParameterInfo, group_params, matches
from optlab.translate import tr

LAYER_FACTOR: Final = 0.9
MOST_LAYERS: Final = 16
MUON: Final = "Muon"
VECTORS: Final = ":vectors"
HIDDEN: Final = ":hidden-matrices"

Parameters = Sequence[ParameterInfo]


@dataclass(frozen=True, kw_only=True)
class GroupPreset:
    """One ready-made set of rows.

    Attributes:
        name: Word for it in object names.
        label: What it is called in a menu.
        tip: What it does and why.
        rows: The rows; none where it makes no sense.
        reason: Why it makes no sense here; empty if it does.
    """

    name: str
    label: str
    tip: str
    rows: tuple[GroupSpec, ...] = ()
    reason: str = ""


def group_presets(
    entry: OptimizerSpec, parameters: Parameters, catalog: Catalog
) -> tuple[GroupPreset, ...]:
    """Return all presets, each with its rows or with why it has none."""
    makers: tuple[Callable[..., GroupPreset], ...] = (_no_decay, _layers, _muon)
    info = catalog.optimizers.get(entry.name)
    return tuple(maker(entry, info, parameters, catalog) for maker in makers)


def _no_decay(
    _entry: OptimizerSpec, info: OptimizerInfo, parameters: Parameters, _: Catalog
) -> GroupPreset:
    preset = GroupPreset(
        name="no-decay",
        label=tr("No decay on biases and norms"),
        tip=tr("Weight decay 0 for parameters of fewer than two dimensions."),
    )
    reason = _unsettable(info, "weight_decay")
    if not reason and not any(matches(VECTORS, p) for p in parameters):
        reason = tr("The model has neither biases nor norms.")
    values: dict[str, ParamValue] = {"weight_decay": 0.0}
    row = GroupSpec(match=VECTORS, name=tr("no decay"), values=Values(values))
    return _finished(preset, (row,), reason)


def _layers(
    entry: OptimizerSpec, info: OptimizerInfo, parameters: Parameters, _: Catalog
) -> GroupPreset:
    preset = GroupPreset(
        name="layers",
        label=tr("Layer-wise decay of lr"),
        tip=tr(
            "Each layer learns {factor} times as fast as the next one towards the "
            "output.",
            factor=LAYER_FACTOR,
        ),
    )
    reason = _unsettable(info, "lr")
    layers = layers_of(parameters)
    if not reason and len(layers) < 2:
        reason = tr("The model has one layer only.")
    if reason:
        return _finished(preset, (), reason)
    rate = entry.values.get("lr", info.param("lr").default)
    rows = []
    # The output layer keeps the entry's own rate: it is the default group.
    for distance, (name, members) in enumerate(reversed(layers)):
        if distance:
            lr = float(f"{float(str(rate)) * LAYER_FACTOR**distance:.6g}")
            match = _pattern(name, members, parameters)
            rows.append(GroupSpec(match=match, name=name, values=Values({"lr": lr})))
    return _finished(preset, tuple(reversed(rows)), "")


def _muon(
    entry: OptimizerSpec,
    info: OptimizerInfo,
    parameters: Parameters,
    catalog: Catalog,
) -> GroupPreset:
    preset = GroupPreset(
        name="muon",
        label=tr("Muon for hidden matrices"),
        tip=tr("Muon trains the hidden matrices, this optimizer all the rest."),
    )
    reason = _one_group(info)
    if MUON not in catalog.optimizers:
        reason = tr("There is no Muon.")
    elif entry.name == MUON:
        reason = tr("Muon does so by itself.")
    elif not reason and not any(matches(HIDDEN, p) for p in parameters):
        reason = tr("The model has no hidden matrices.")
    row = GroupSpec(match=HIDDEN, name=tr("hidden matrices"), optimizer=MUON)
    return _finished(preset, (row,), reason)


def layers_of(
    parameters: Parameters,
) -> tuple[tuple[str, tuple[ParameterInfo, ...]], ...]:
    """Return the layers of a model in its order, each with its parameters.

    A layer is a module; in a deep model it is a block of modules, so that there are
    no more than a person can look through.
    """
    depths = [p.name.count(".") for p in parameters]
    for depth in range(max(depths, default=0), -1, -1):
        layers: dict[str, list[ParameterInfo]] = {}
        for parameter in parameters:
            *modules, last = parameter.name.split(".")
            name = ".".join(modules[: max(depth, 1)]) or last
            layers.setdefault(name, []).append(parameter)
        if len(layers) <= MOST_LAYERS or depth <= 1:
            break
    return tuple((name, tuple(members)) for name, members in layers.items())


def _pattern(
    name: str, members: tuple[ParameterInfo, ...], parameters: Parameters
) -> str:
    """Return a pattern that matches the parameters of a layer and no others."""
    short = f"{name}.*"
    if [p for p in parameters if matches(short, p)] == list(members):
        return short
    return ", ".join(p.name for p in members)


def _unsettable(info: OptimizerInfo, name: str) -> str:
    """Return why a group cannot have a parameter of its own; empty if it can."""
    if reason := _one_group(info):
        return reason
    if not any(p.name == name and not p.fixed for p in group_params(info, own=True)):
        return tr(
            "{optimizer} has no {name} that may differ between groups.",
            optimizer=tr(info.label),
            name=name,
        )
    return ""


def _one_group(info: OptimizerInfo) -> str:
    if info.group_params == ():
        return tr("{optimizer} has one param group only.", optimizer=tr(info.label))
    return ""


def _finished(
    preset: GroupPreset, rows: tuple[GroupSpec, ...], reason: str
) -> GroupPreset:
    return replace(preset, rows=() if reason else rows, reason=reason)
