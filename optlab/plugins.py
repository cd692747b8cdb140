"""The catalog: what OptLab ships and what installed packages add, by the same door.

A plug-in is a function that takes the `Catalog` and adds infos to it, announced under
the entry-point group ``optlab.plugins``. One that fails adds nothing and stops nobody;
one that is switched off is not even imported. Imports no torch and no Qt.
"""

import json
import logging
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator
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
from optlab.params import InputError, ParamSpec, printable
from optlab.problems.catalog import DATASETS, MODELS, PROBLEMS
from optlab.problems.own.openers import open_dataset, open_model
from optlab.registry import Catalog, PresetInfo
from optlab.store.files import write_text
from optlab.translate import tr

GROUP: Final = "optlab.plugins"
SAFE_MODE: Final = "OPTLAB_SAFE_MODE"
"""With this in the environment set to 1 no plug-in is loaded."""
OFF: Final = "plugins-off.json"
TOLD: Final = "plugins-told.json"

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


def installed_plugins(folder: Path | None = None) -> tuple[Plugin, ...]:
    """Return what plug-ins there are, none of which is imported.

    Args:
        folder: Where is kept which are switched off; None for the user's own place.
    """
    off = switched_off(folder)
    return tuple(
        Plugin(
            name=e.name, package=_package(e), version=_version(e), on=e.name not in off
        )
        for e in _announced()
    )


def untold_plugins(
    folder: Path | None = None, *, remember: bool = True
) -> tuple[Plugin, ...]:
    """Return the plug-ins that will be loaded for the first time.

    Whoever calls it tells a person, before `load_plugins`: a plug-in is code.

    Args:
        folder: Where is kept which were told; None for the user's own place.
        remember: Whether they are returned this once only.
    """
    if safe_mode():
        return ()
    told = _kept(_told_file(folder))
    wanted = [plugin for plugin in installed_plugins(folder) if plugin.on]
    new = tuple(plugin for plugin in wanted if plugin_title(plugin) not in told)
    if new and remember:
        # Where it cannot be kept they are told again.
        with suppress(OSError, InputError):
            _keep(_told_file(folder), told | set(map(plugin_title, wanted)))
    return new


def load_plugins(
    folder: Path | None = None, *, tell: Callable[[str], None] | None = None
) -> tuple[Catalog, tuple[Plugin, ...]]:
    """Return the catalog, and what plug-ins there are.

    Args:
        folder: Where is kept which are switched off; None for the user's own place.
        tell: Is told, before anything of it runs, of a plug-in that is new.
    """
    catalog = Catalog()
    add_builtins(catalog)
    off = switched_off(folder)
    announced, plugins = _announced(), []
    if tell is not None and announced:
        for plugin in untold_plugins(folder):
            tell(plugin_title(plugin))
    for entry_point in announced:
        name = entry_point.name
        adds: tuple[tuple[str, str], ...] = ()
        error = ""
        if safe_mode():
            error = tr("safe mode: no plug-in is loaded")
        elif name not in off:
            # On a copy, so that one that fails half-way leaves nothing behind.
            tried = catalog.copy()
            error = _load(entry_point, tried) or _rubbish(catalog, tried)
            if error:
                logger.warning("plug-in %s: %s", name, error)
            else:
                adds = tuple(_added(catalog, tried))
                catalog = tried
        plugins.append(
            Plugin(
                name=name,
                package=_package(entry_point),
                version=_version(entry_point),
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
    return _kept(_off_file(folder))


def switch_plugin(name: str, *, on: bool, folder: Path | None = None) -> None:
    """Switch a plug-in on or off, from the next start on.

    Raises:
        OSError: There is no place to keep it.
        InputError: It cannot be written; what was kept is unharmed.
    """
    off = switched_off(folder) - {name} if on else switched_off(folder) | {name}
    _keep(_off_file(folder), off)


def _off_file(folder: Path | None) -> Path:
    return (folder or user_config_path("optlab", appauthor=False)) / OFF


def _told_file(folder: Path | None) -> Path:
    return (folder or user_config_path("optlab", appauthor=False)) / TOLD


def _kept(file: Path) -> frozenset[str]:
    kept: object = None
    with suppress(OSError, ValueError, RecursionError):
        kept = json.loads(file.read_text(encoding="utf-8"))
    return frozenset(map(str, kept)) if isinstance(kept, list) else frozenset()


def _keep(file: Path, names: Iterable[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, json.dumps(sorted(names)))


def _announced() -> list[EntryPoint]:
    """Return the entry points by name; of several with one name none is left out."""
    return sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value))


def _package(entry_point: EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist else ""


def _version(entry_point: EntryPoint) -> str:
    return entry_point.dist.version if entry_point.dist else ""


def plugin_title(plugin: Plugin) -> str:
    """Return a plug-in in words, the same as long as it is the same."""
    brought = " ".join((plugin.package, plugin.version)).strip()
    return f"{plugin.name} ({brought})" if brought else plugin.name


def _load(entry_point: EntryPoint, catalog: Catalog) -> str:
    """Let a plug-in add to a catalog; return what went wrong, if anything did."""
    try:
        entry_point.load()(catalog)
    except KeyboardInterrupt:
        raise
    # It is somebody else's code: it may raise anything, and leave by sys.exit.
    except BaseException as error:
        return " ".join(f"{type(error).__name__}: {_told(error)}".split())
    return ""


def _told(error: BaseException) -> str:
    """Return what an error says, of which its own code may fail, too."""
    try:
        return str(error)
    except Exception:
        return ""


def _rubbish(before: Catalog, after: Catalog) -> str:
    """Return what is wrong with what a plug-in did, in one line; empty for nothing."""
    for old, new in zip(before.registries(), after.registries(), strict=True):
        infos = {info.name: info for info in old}
        there = {info.name: info for info in new}
        if any(there.get(name) is not info for name, info in infos.items()):
            return tr(
                "it changes or takes away what is there of the kind {kind}",
                kind=old.kind,
            )
        usual = tuple({type(info) for info in infos.values()})
        for info in new:
            if info.name in infos:
                continue
            texts = (
                getattr(info, word, "") for word in ("name", "label", "description")
            )
            params = getattr(info, "params", ())
            if not (
                isinstance(info, usual)
                and all(isinstance(text, str) for text in texts)
                and isinstance(params, tuple)
                and all(isinstance(param, ParamSpec) for param in params)
            ):
                return tr(
                    "{name} is no {wanted} as it has to be",
                    name=printable(repr(info.name))[:80],
                    wanted=usual[0].__name__,
                )
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
                    # What stands before the tables; all of it would take its time.
                    label=tomllib.loads(text.partition("\n[")[0])["title"],
                    description=" ".join(comment),
                    text=text,
                )
            )
    return presets
