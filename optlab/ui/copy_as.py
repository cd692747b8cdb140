"""An experiment as something to paste: TOML, a command, a Python script.

Pure functions; knows nothing of Qt.
"""

import re
import shlex
import tomllib
from collections.abc import Mapping
from typing import Final, Literal

import tomli_w

from optlab import __version__
from optlab.params import InputError
from optlab.registry import Catalog, PresetInfo
from optlab.spec import ExperimentSpec, dump_spec, resolved, spec_from_text
from optlab.ui.places import param_at

Form = Literal["toml", "command", "python"]
FORMS: Final[tuple[Form, ...]] = ("toml", "command", "python")
MOST_CHANGES: Final = 6
"""With more changes than these a command is harder to read than the experiment."""

_SCRIPT: Final = '''\
"""{title}

Trains what OptLab's window trains: the same weights, batches and steps.
{made_with}
"""

from pathlib import Path

from optlab.plugins import load_catalog
from optlab.runner import Runner, new_folder
from optlab.spec import spec_from_text

EXPERIMENT = {text}


def main() -> None:
    """Train, write the run file and print how each trial ended."""
    catalog = load_catalog()
    spec = spec_from_text(EXPERIMENT, catalog)
    folder = new_folder(Path("runs"), spec.title or spec.problem.name)
    runner = Runner(spec, catalog, folder=folder)
    for _ in runner.run():
        pass
    for row in runner.data.summary():
        print(row.label, row.seed, row.status.value, row.final_train_loss)
    print(runner.path)


if __name__ == "__main__":
    main()
'''


def copied(
    form: Form,
    spec: ExperimentSpec,
    catalog: Catalog,
    *,
    versions: Mapping[str, str] | None = None,
) -> str:
    """Return an experiment as text to be pasted.

    Args:
        form: ``toml``, ``command`` (for a POSIX shell) or ``python``.
        spec: The experiment.
        catalog: What it is made of.
        versions: What a run of it was made with, to be told in a script.
    """
    text = dump_spec(spec, catalog)
    if form == "toml":
        return text
    if form == "python":
        return _script(spec, text, versions or {"optlab": __version__})
    return _command(spec, catalog) or _here_document(spec, text)


def _script(spec: ExperimentSpec, text: str, versions: Mapping[str, str]) -> str:
    made_with = ", ".join(f"{name} {version}" for name, version in versions.items())
    title = _harmless(spec.title or spec.problem.name)
    raw = "'''" not in text and not text.endswith("\\")
    return _SCRIPT.format(
        title=title if title.endswith(".") else f"{title}.",
        made_with=f"Made with {_harmless(made_with)}.",
        text=f"r'''\n{text}'''" if raw else repr(text),
    )


def _harmless(text: str) -> str:
    """Return text that stays within a docstring; a run file may be anybody's."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


def _command(spec: ExperimentSpec, catalog: Catalog) -> str:
    """Return the command that changes a preset a little; empty if there is none."""
    found: list[tuple[int, str]] = []
    for preset in catalog.presets:
        changes = _changes(preset, spec, catalog)
        if changes is not None and len(changes) <= MOST_CHANGES:
            words = ["optlab", "run", preset.name]
            for change in changes:
                words += ["--set", change]
            found.append((len(changes), shlex.join(words)))
    return min(found, default=(0, ""))[1]


def _changes(
    preset: PresetInfo, spec: ExperimentSpec, catalog: Catalog
) -> tuple[str, ...] | None:
    """Return what makes ``spec`` of a preset; None where such changes cannot."""
    try:
        old = spec_from_text(preset.text, catalog, name=preset.name)
    except InputError:
        return None
    if len(old.optimizers) != len(spec.optimizers) or old.problem.name != (
        spec.problem.name
    ):
        return None
    before, after = _leaves(old, catalog), _leaves(spec, catalog)
    changes = [
        f"{key}={_literal(value)}"
        for key, value in after.items()
        if key not in before or before[key] != value
    ]
    for key in before.keys() - after.keys():
        try:
            param = param_at(key, old, catalog)
        except (InputError, StopIteration, KeyError, LookupError):
            return None
        changes.append(f"{key}={_literal(param.to_toml(param.default))}")
    # Whatever cannot be said by single values shows up here.
    try:
        made = spec_from_text(preset.text, catalog, sets=changes)
    except InputError:
        return None
    same = resolved(made, catalog) == resolved(spec, catalog)
    return tuple(sorted(changes)) if same else None


def _leaves(spec: ExperimentSpec, catalog: Catalog) -> dict[str, object]:
    found: dict[str, object] = {}

    def walk(key: str, node: object) -> None:
        if isinstance(node, dict):
            for name, part in node.items():
                walk(f"{key}.{name}" if key else name, part)
        elif isinstance(node, list) and node and isinstance(node[0], dict):
            for number, part in enumerate(node):
                walk(f"{key}.{number}", part)
        else:
            found[key] = node

    walk("", tomllib.loads(dump_spec(spec, catalog)))
    return found


def _literal(value: object) -> str:
    """Return a value as TOML spells it, in one line."""
    text = tomli_w.dumps({"v": value}).partition("=")[2].strip()
    return " ".join(text.split()) if isinstance(value, list) else text


def _here_document(spec: ExperimentSpec, text: str) -> str:
    name = re.sub(r"[^\w]+", "-", spec.title.lower(), flags=re.ASCII).strip("-")[:40]
    file = f"{name or 'experiment'}.toml"
    end = "TOML"
    while f"\n{end}\n" in f"\n{text}":
        end += "_"
    return f"cat > {file} <<'{end}'\n{text}{end}\noptlab run {file}\n"
