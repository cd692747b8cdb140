"""The catalog: what OptLab ships and what installed packages add, by the same door.

A plug-in is a function that takes the `Catalog` and adds infos to it, announced under
the entry-point group ``optlab.plugins``. One that fails adds nothing and stops nobody;
one that is switched off is not even imported. Imports no torch and no Qt.
"""

import json
import logging
import os
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from platformdirs import user_config_path

from optlab.diagnostics.catalog import DIAGNOSTICS, METRICS
from optlab.optimizers.catalog import OPTIMIZERS
from optlab.optimizers.own import own_optimizer
from optlab.optimizers.schedules.catalog import SCHEDULERS
from optlab.optimizers.zoo.catalog import zoo_optimizers
from optlab.problems.catalog import DATASETS, MODELS, PROBLEMS
from optlab.problems.own.openers import open_dataset, open_model
from optlab.registry import Catalog, PresetInfo
from optlab.store.files import write_text
from optlab.translate import tr

GROUP: Final = "optlab.plugins"
SAFE_MODE: Final = "OPTLAB_SAFE_MODE"
"""With this in the environment set to 1 no plug-in is loaded."""
OFF: Final = "plugins-off.json"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """One plug-in that is installed.

    Attributes:
        name: The name under which it is announced.
        package: The package that brings it.
        version: Version of the package.
        on: Whether a person wants it.
        adds: What it adds: the kind of thing and its name.
        error: Why it was not loaded although it is wanted; empty if it was.
    """

    name: str
    package: str
    version: str
    on: bool = True
    adds: tuple[tuple[str, str], ...] = ()
    error: str = ""


def load_catalog() -> Catalog:
    """Return everything that an experiment can be made of."""
    return load_plugins()[0]


def load_plugins(folder: Path | None = None) -> tuple[Catalog, tuple[Plugin, ...]]:
    """Return the catalog, and what plug-ins there are.

    Args:
        folder: Where is kept which are switched off; None for the user's own place.
    """
    catalog = Catalog()
    add_builtins(catalog)
    off = switched_off(folder)
    plugins = []
    for entry_point in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        name, dist = entry_point.name, entry_point.dist
        package, version = (dist.name, dist.version) if dist else ("", "")
        adds: tuple[tuple[str, str], ...] = ()
        error = ""
        if safe_mode():
            error = tr("safe mode: no plug-in is loaded")
        elif name not in off:
            # On a copy, so that one that fails half-way leaves nothing behind.
            tried = catalog.copy()
            error = _load(entry_point, tried)
            if not error:
                adds = tuple(_added(catalog, tried))
                catalog = tried
        plugins.append(
            Plugin(
                name=name,
                package=package,
                version=version,
                on=name not in off,
                adds=adds,
                error=error,
            )
        )
    return catalog, tuple(plugins)


def safe_mode() -> bool:
    """Return whether no plug-in is to be loaded."""
    return os.environ.get(SAFE_MODE) == "1"


def switched_off(folder: Path | None = None) -> frozenset[str]:
    """Return the names of the plug-ins that a person does not want."""
    kept: object = None
    with suppress(OSError, ValueError, RecursionError):
        kept = json.loads(_off_file(folder).read_text(encoding="utf-8"))
    return frozenset(map(str, kept)) if isinstance(kept, list) else frozenset()


def switch_plugin(name: str, *, on: bool, folder: Path | None = None) -> None:
    """Switch a plug-in on or off, from the next start on.

    Raises:
        OSError: There is no place to keep it.
        InputError: It cannot be written; what was kept is unharmed.
    """
    off = switched_off(folder) - {name} if on else switched_off(folder) | {name}
    file = _off_file(folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, json.dumps(sorted(off)))


def _off_file(folder: Path | None) -> Path:
    return (folder or user_config_path("optlab", appauthor=False)) / OFF


def _load(entry_point: EntryPoint, catalog: Catalog) -> str:
    """Let a plug-in add to a catalog; return what went wrong, if anything did."""
    try:
        entry_point.load()(catalog)
    # It is somebody else's code: it may raise anything, and leave by sys.exit.
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        logger.warning("plug-in %s: %s", entry_point.name, reason)
        return reason
    return ""


def _added(before: Catalog, after: Catalog) -> Iterator[tuple[str, str]]:
    """Yield kind and name of everything in one catalog that was not in the other."""
    for old, new in zip(before.registries(), after.registries(), strict=True):
        for info in new:
            if info.name not in old:
                yield new.kind, info.name


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
