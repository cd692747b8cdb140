"""The catalog: what OptLab ships and what installed packages add, by the same door.

A plug-in is a function that takes the `Catalog` and adds infos to it, announced under
the entry-point group ``optlab.plugins``. Imports no torch and no Qt.
"""

import tomllib
from importlib import resources
from importlib.metadata import entry_points
from typing import Final

from optlab.diagnostics.catalog import DIAGNOSTICS, METRICS
from optlab.optimizers.catalog import OPTIMIZERS
from optlab.optimizers.own import own_optimizer
from optlab.optimizers.schedules.catalog import SCHEDULERS
from optlab.optimizers.zoo.catalog import zoo_optimizers
from optlab.problems.catalog import DATASETS, MODELS, PROBLEMS
from optlab.problems.own.openers import open_dataset, open_model
from optlab.registry import Catalog, PresetInfo

GROUP: Final = "optlab.plugins"


def load_catalog() -> Catalog:
    """Return everything that an experiment can be made of.

    Raises:
        ValueError: A plug-in adds a name that is there already, or fails.
    """
    catalog = Catalog()
    add_builtins(catalog)
    for entry_point in entry_points(group=GROUP):
        try:
            entry_point.load()(catalog)
        except Exception as error:
            text = f"plug-in {entry_point.name}: {type(error).__name__}: {error}"
            raise ValueError(text) from error
    return catalog


def add_builtins(catalog: Catalog) -> None:
    """Add what OptLab ships."""
    catalog.problems.add(*PROBLEMS)
    catalog.models.add(*MODELS)
    catalog.datasets.add(*DATASETS)
    catalog.models.open_with(open_model)
    catalog.datasets.open_with(open_dataset)
    catalog.optimizers.add(*OPTIMIZERS, *zoo_optimizers())
    catalog.optimizers.open_with(own_optimizer)
    catalog.schedulers.add(*SCHEDULERS)
    catalog.diagnostics.add(*DIAGNOSTICS)
    catalog.metrics.add(*METRICS)
    catalog.presets.add(*_shipped_presets())


def _shipped_presets() -> list[PresetInfo]:
    folder = resources.files("optlab").joinpath("resources/presets")
    presets = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            text = file.read_text(encoding="utf-8")
            comment = [
                line[1:].strip() for line in text.splitlines() if line[:1] == "#"
            ]
            presets.append(
                PresetInfo(
                    name=file.name.removesuffix(".toml"),
                    label=tomllib.loads(text)["title"],
                    description=" ".join(comment),
                    text=text,
                )
            )
    return presets
