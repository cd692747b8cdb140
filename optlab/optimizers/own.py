"""Optimizers of the user's own: ``path/to/file.py:Class``, read without running it.

The form follows from the signature of the class's ``__init__``; the file is imported
when a run is built (`optlab.optimizers.own_load`). Truth values in the body of the
class say what the engine has to know: ``needs_closure = True``, ``mode_switch = True``,
``draws = True``, ``second_derivatives = True``. Imports no torch.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from optlab.optimizers.catalog import OPTIMIZERS
from optlab.optimizers.form import guess, spec_of, suggestion
from optlab.optimizers.zoo.catalog import shared_meanings
from optlab.own_files import OwnPlace, own_place
from optlab.params import Kind, ParamSpec, looks_like_path, unknown_name
from optlab.registry import OptimizerInfo
from optlab.translate import tr

OWN: Final = "own"
_NUMBERS: Final = (Kind.FLOAT, Kind.INT, Kind.FLOATS, Kind.INTS)
# "name: text", "name (type): text" and ":param name: text" of docstrings.
_DOCUMENTED: Final = re.compile(
    r"^\s*(?::param )?(\w+)(?: \([^)]*\))?:[ \t]+(\S.*)$", re.M
)


def own_optimizer(name: str, key: str) -> OptimizerInfo | None:
    """Return the optimizer that ``path/to/file.py:Class`` names.

    Args:
        name: What was given.
        key: Where it was given, for the message.

    Returns:
        None for a word that is meant as no path.

    Raises:
        InputError: There is no such file or class, or no form can be made of it.
    """
    if not looks_like_path(name):
        return None
    place = class_place(name, key)
    classes = _classes(place.tree())
    if place.word not in classes:
        raise unknown_name(key, place.word, sorted(classes), value=name)
    return _info(place, lineage=_lineage(place.word, classes))


def class_place(name: str, key: str) -> OwnPlace:
    """Return the file and the class that ``path/to/file.py:Class`` names.

    Raises:
        InputError: It has another form, or there is no such file.
    """
    form = tr("a file and a class in it: path/to/file.py:Class")
    return own_place(name, key, form=form)


def _classes(tree: ast.Module) -> Mapping[str, ast.ClassDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _lineage(
    word: str, classes: Mapping[str, ast.ClassDef]
) -> tuple[list[ast.ClassDef], str]:
    """Return the class and its bases in the same file, and the first base beyond."""
    lineage: list[ast.ClassDef] = []
    while word in classes and classes[word] not in lineage:
        lineage.append(classes[word])
        bases = [ast.unparse(base).rpartition(".")[2] for base in classes[word].bases]
        word = bases[0] if bases else ""
    return lineage, word


def _info(place: OwnPlace, *, lineage: tuple[list[ast.ClassDef], str]) -> OptimizerInfo:
    (classes, beyond), name = lineage, place.given
    text = ast.get_docstring(classes[0]) or ""
    params = _params(place, classes, beyond)
    lr = next((p.default for p in params if p.name == "lr"), None)
    usual = lr if isinstance(lr, float) and lr > 0 else 1.0
    first = " ".join(text.split("\n\n")[0].split())
    return OptimizerInfo(
        name=name,
        label=classes[0].name,
        family=_known_base(beyond).family,
        year=0,
        description=first
        or tr("Your own optimizer, from {file}.", file=place.path.name),
        factory=f"optlab.optimizers.own_load:own_{name.encode().hex()}",
        params=params,
        source=name,
        typical_lr=(usual / 10, usual * 10) if lr is not None else None,
        home=OWN,
        licence="",
        needs_closure=_flag(classes, "needs_closure"),
        second_derivatives=_flag(classes, "second_derivatives"),
        mode_switch=_flag(classes, "mode_switch"),
        draws=_flag(classes, "draws"),
        elementwise=False,
    )


def _known_base(beyond: str) -> OptimizerInfo:
    """Return the entry of the class of torch that it comes from, SGD if of none."""
    known = {i.name: i for i in OPTIMIZERS if i.factory.startswith("torch.optim:")}
    return known.get(beyond, known["SGD"])


def _flag(classes: Sequence[ast.ClassDef], flag: str) -> bool:
    """Return a truth value from the body of the first class that has it."""
    for node in (node for each in classes for node in each.body):
        match node:
            case ast.Assign(targets=[ast.Name(id=word)], value=ast.Constant(value=v)):
                if word == flag:
                    return v is True
            case ast.AnnAssign(target=ast.Name(id=word), value=ast.Constant(value=v)):
                if word == flag:
                    return v is True
    return False


def _params(
    place: OwnPlace, classes: Sequence[ast.ClassDef], beyond: str
) -> tuple[ParamSpec, ...]:
    for each in classes:
        for node in each.body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                texts = f"{ast.get_docstring(each)}\n{ast.get_docstring(node)}"
                return tuple(_specs(place, node.args, texts))
    if _known_base(beyond).name == beyond:
        return _known_base(beyond).params
    raise place.refuse(tr("a class with an __init__ of its own"))


def _specs(
    place: OwnPlace, arguments: ast.arguments, texts: str
) -> Iterator[ParamSpec]:
    documented = dict(_DOCUMENTED.findall(texts))
    shared = shared_meanings()
    for argument, default in _with_defaults(arguments):
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        table = _table(argument.arg, default, annotation)
        if table is None and default is not None:
            # It stays at its default: no form can hold a function, say.
            continue
        if table is None:
            text = tr(
                "the parameter {name} of its __init__ needs a default that is a "
                "number, a truth value or a text",
                name=argument.arg,
            )
            raise place.refuse(text)
        known = shared.get(argument.arg, {})
        meaning = documented.get(argument.arg) or known.get("meaning")
        table["meaning"] = meaning or tr("As its file says.")
        if table["kind"] in _NUMBERS:
            table["log"] = bool(known.get("log")) and table["kind"] is not Kind.INTS
            table["suggested"] = suggestion(table)
        yield spec_of(table)


def _with_defaults(
    arguments: ast.arguments,
) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Yield every argument but ``self`` and the parameters, with its default."""
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = len(plain) - len(arguments.defaults)
    defaults = [*[None] * missing, *arguments.defaults]
    yield from list(zip(plain, defaults, strict=True))[2:]
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _table(
    name: str, default: ast.expr | None, annotation: str
) -> dict[str, Any] | None:
    if default is None:
        # Without a learning rate of its own it has that of torch's SGD.
        if name != "lr":
            return None
        value: object = 1e-3
    else:
        try:
            value = ast.literal_eval(default)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return None
    found = guess(value, annotation)
    return None if found is None else {"name": name, **found}
