"""What a person says of a run: notes, tags, a pin. Kept beside the run, not in it.

A run file may be read-only, or be sent to somebody else; ``run.optlab`` has its notes
in ``run.notes.toml``, which any editor opens.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomli_w

from optlab.store.files import write_text
from optlab.translate import tr

SUFFIX: Final = ".notes.toml"
MOST_BYTES: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Notes:
    """What a person says of one run.

    Attributes:
        text: Free text.
        tags: Words to find it by, each once, without ``#``.
        pinned: Whether it stands before the others.
        fault: Why the file with all that cannot be used; nothing is written over it.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    fault: str = ""


NO_NOTES: Final = Notes()


def notes_path(run: Path) -> Path:
    """Return where the notes of a run file are kept."""
    return run.with_name(run.name.removesuffix(run.suffix) + SUFFIX)


def read_notes(run: Path) -> Notes:
    """Return what a person said of the run in the file ``run``; any thread may."""
    path = notes_path(run)
    try:
        if path.stat().st_size > MOST_BYTES:
            return Notes(fault=tr("{name} is too large", name=path.name))
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return NO_NOTES
    # ValueError: besides TOMLDecodeError, what is no UTF-8.
    except (OSError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        text = tr("{name} cannot be read: {reason}", name=path.name, reason=reason)
        return Notes(fault=text)
    tags = tree.get("tags", [])
    words = [t for t in tags if isinstance(t, str)] if isinstance(tags, list) else []
    return Notes(
        text=str(tree.get("notes", "")),
        tags=clean_tags(words),
        pinned=tree.get("pinned") is True,
    )


def write_notes(run: Path, notes: Notes) -> None:
    """Keep what a person says of a run; nothing at all takes the file away.

    Raises:
        InputError: It cannot be written.
    """
    path = notes_path(run)
    if notes == NO_NOTES and not path.exists():
        return
    tree: dict[str, object] = {"tags": list(notes.tags), "notes": notes.text}
    if notes.pinned:
        tree = {"pinned": True, **tree}
    write_text(path, tomli_w.dumps(tree, multiline_strings=True))


def clean_tags(words: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return tags as they are kept: one word each, no ``#``, no comma, each once."""
    cleaned = ("-".join(w.replace(",", " ").split()).lstrip("#") for w in words)
    found: dict[str, str] = {}
    for tag in cleaned:
        if tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())
