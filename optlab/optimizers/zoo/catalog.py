"""Catalog entries of the zoo, from the file that ``scripts/make_zoo.py`` writes.

Data only; imports no torch.
"""

import json
from importlib import resources
from typing import Any, Final

from optlab.optimizers.form import elements_rule, spec_of
from optlab.optimizers.zoo.recipes import recipe
from optlab.optimizers.zoo.rules import RULES
from optlab.registry import OptimizerInfo

HOME: Final = "pytorch_optimizer"
LICENCE: Final = "Apache-2.0"


def zoo_optimizers() -> tuple[OptimizerInfo, ...]:
    """Return the entries, in the order of their names."""
    entries = _tree()["optimizers"].items()
    return tuple(_info(name, entry) for name, entry in entries)


def shared_meanings() -> dict[str, Any]:
    """Return what parameters usually mean, by their names."""
    shared: dict[str, Any] = _tree()["shared"]
    return shared


def _tree() -> dict[str, Any]:
    file = resources.files(__package__).joinpath("catalog.json")
    tree: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return tree


def _info(name: str, entry: dict[str, Any]) -> OptimizerInfo:
    how = recipe(name)
    usual = entry["typical_lr"]
    for_matrices = how.build in ("muon", "low rank", "matrices")
    ranges = entry["elements"].items()
    return OptimizerInfo(
        name=name,
        label=entry["label"],
        family=entry["family"],
        year=entry["year"],
        description=entry["description"],
        factory=f"optlab.optimizers.zoo.factories:{name}",
        params=tuple(spec_of(table) for table in entry["params"]),
        rules=(*(elements_rule(key, own) for key, own in ranges), *RULES.get(name, ())),
        formula=entry["formula"],
        source=f"{entry['source']}; code: {HOME}.{entry['class']}",
        notes=tuple(entry["notes"]),
        aliases=tuple(entry["aliases"]),
        typical_lr=(usual[0], usual[1]) if usual else None,
        state_floats=entry["state_floats"],
        grad_evals=entry["grad_evals"],
        group_params=tuple(entry["group_params"]),
        home=HOME,
        licence=LICENCE,
        needs_closure=how.step != "plain",
        second_derivatives=how.second_derivatives,
        mode_switch=how.mode_switch,
        draws=entry["draws"],
        named=how.build == "named",
        matrices_only=for_matrices,
        elementwise=entry["elementwise"],
    )
