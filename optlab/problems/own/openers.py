"""Catalog entries for paths to the user's own: cheap looks, no file is run or loaded.

Imports neither torch nor NumPy.
"""

import ast
from typing import Final

from optlab.own_files import OwnPlace, is_folder, own_place, path_of
from optlab.params import looks_like_path, unknown_name
from optlab.problems.own.archives import archive_sizes
from optlab.problems.own.folders import arrangement
from optlab.registry import DatasetInfo, ModelInfo
from optlab.translate import tr

ANY_NAME: Final = "*"


def open_model(name: str, key: str) -> ModelInfo | None:
    """Return the model that ``path/to/file.py:Name`` names.

    Args:
        name: What was given.
        key: Where it was given, for the message.

    Returns:
        None for a word that is meant as no path.

    Raises:
        InputError: There is no such file, or no such name in it.
    """
    if not looks_like_path(name):
        return None
    place = model_place(name, key)
    known = _names(place.tree())
    if place.word not in known and ANY_NAME not in known:
        raise unknown_name(key, place.word, sorted(known), value=name)
    return ModelInfo(
        name=name,
        label=place.word,
        description=tr("Your own model, from {file}.", file=place.path.name),
        source=name,
        n_parameters=0,
    )


def model_place(name: str, key: str) -> OwnPlace:
    """Return the file and the name in it that ``path/to/file.py:Name`` names.

    Raises:
        InputError: It has another form, or there is no such file.
    """
    form = tr("a file and a name in it: path/to/file.py:Name")
    return own_place(name, key, form=form)


def open_dataset(name: str, key: str) -> DatasetInfo | None:
    """Return the dataset that a path names: an npz file, or a folder of images.

    Args:
        name: What was given.
        key: Where it was given, for the message.

    Returns:
        None for a word that is meant as no path.

    Raises:
        InputError: There is nothing of the kind at that path.
    """
    if not looks_like_path(name):
        return None
    path = path_of(name)
    if is_folder(path):
        found = arrangement(path, name=name, key=key)
        train, test = found.sizes()
        classes = len(found.classes)
    else:
        train, test = archive_sizes(path, name=name, key=key)
        classes = 0
    return DatasetInfo(
        name=name,
        label=path.name,
        description=tr("Your own images, from {file}.", file=path.name),
        source=name,
        classes=classes,
        train_size=train,
        test_size=test,
    )


def _names(tree: ast.Module) -> set[str]:
    """Return the names that a file gives values to, outside functions and classes."""
    names: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                continue
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {a.asname or a.name.partition(".")[0] for a in aliases}
                continue
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
        waiting.extend(ast.iter_child_nodes(node))
    return names
