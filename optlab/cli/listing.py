"""``optlab list``: what an experiment can be made of."""

import argparse
import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from enum import Enum

from optlab.cli.catalogs import KINDS, infos
from optlab.cli.output import say, say_table
from optlab.cli.parsing import Parser, Verb
from optlab.registry import Info, OptimizerInfo, Rule
from optlab.translate import tr


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``list``."""
    kinds = "|".join(KINDS)
    parser.add_argument("kind", metavar="KIND", help=kinds)
    text = tr("Print everything that is known of them as JSON.")
    parser.add_argument("--json", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Print the names and descriptions of one kind."""
    from optlab.plugins import load_catalog

    found = infos(load_catalog(), args.kind)
    if args.json:
        say_json([as_data(info) for info in found])
        return 0
    rows = [(info.name, tr(info.label), tr(info.description)) for info in found]
    say_table((tr("name"), tr("label"), tr("description")), rows)
    if not sys.stdout.isatty():
        return 0
    say(tr("`optlab show NAME` tells more about one of them."))
    return 0


def as_data(info: Info) -> dict[str, object]:
    """Return an info as plain data for JSON."""
    data = _plain(info)
    assert isinstance(data, dict)
    if isinstance(info, OptimizerInfo):
        data["constraints"] = list(info.constraints())
    return data


def say_json(data: object) -> None:
    """Print ``data`` as JSON; numbers that JSON lacks are spelled as words."""
    say(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2))


def _plain(value: object) -> object:
    if isinstance(value, Rule):
        return {"keys": list(value.keys), "message": tr(value.message)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if dataclasses.is_dataclass(value):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        # What converts values is a function, which JSON has no word for.
        return {name: _plain(part) for name, part in pairs if not callable(part)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value


VERB = Verb("list", "List what an experiment can be made of.", add_arguments, act)
