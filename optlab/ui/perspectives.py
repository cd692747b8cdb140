"""Perspectives: arrangements of plots and panels with a name, kept in a file.

Some come with OptLab; a person saves more. A file that cannot be read costs the saved
ones and one sentence, nothing else.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from optlab.translate import tr
from optlab.ui.arrangement import Arrangement, Node, Pane, Split
from optlab.ui.arrangement_json import arrangement_from_json, arrangement_to_json
from optlab.ui.files import write_text
from optlab.ui.pane_tree import kept

FILE: Final = "perspectives.json"
FORMAT: Final = 1
LONGEST_NAME: Final = 60
AUTOMATIC_ONE: Final = "automatic"
PRESENTATION: Final = "presentation"


@dataclass(frozen=True, kw_only=True)
class Perspective:
    """An arrangement with a name.

    Attributes:
        name: What a person calls it.
        arrangement: Of the plots.
        panels: Where the panels are, as `Desk.remembered` says it, in base 64; empty
            to leave them where they are.
    """

    name: str
    arrangement: Arrangement
    panels: str = ""


def _across(*names: str) -> Node:
    return Split(
        across=True,
        parts=tuple(Pane(name=name) for name in names),
        weights=(1.0,) * len(names),
    )


def _rows(*rows: Node) -> Node:
    return Split(across=False, parts=rows, weights=(1.0,) * len(rows))


_TREES: Final[Mapping[str, Node]] = MappingProxyType(
    {
        "loss": Pane(name="train_loss"),
        "training-validation": _rows(
            _across("train_loss", "val_loss"), _across("train_accuracy", "val_accuracy")
        ),
        "norms-rates": _rows(
            _across("param_norm", "update_norm"), _across("grad_norm", "lr")
        ),
        "surface-loss": Split(
            across=True,
            parts=(Pane(name="surface"), Pane(name="train_loss")),
            weights=(6.0, 5.0),
        ),
        PRESENTATION: _across("surface", "train_loss", "val_accuracy"),
    }
)


def built_in() -> dict[str, str]:
    """Return what the perspectives that come with OptLab are called, by their keys."""
    return {
        AUTOMATIC_ONE: tr("Automatic"),
        "loss": tr("Loss only"),
        "training-validation": tr("Training and validation"),
        "norms-rates": tr("Norms and rates"),
        "surface-loss": tr("Surface and loss"),
        PRESENTATION: tr("Presentation"),
    }


def built_in_tree(
    key: str, possible: Callable[[str], bool], *, known: bool
) -> Node | None:
    """Return where plots stand in a perspective that comes with OptLab.

    Args:
        key: Its key.
        possible: Returns whether the run has what a plot shows.
        known: Whether there is a run; without one the whole is taken, and what a
            later run lacks is told in its place.
    """
    tree = _TREES.get(key)
    if tree is None or not known:
        return tree
    names = ["surface", "train_loss", "val_loss", "train_accuracy", "val_accuracy"]
    names += ["param_norm", "update_norm", "grad_norm", "lr"]
    return kept(tree, [name for name in names if possible(name)]) or tree


class PerspectiveStore:
    """The perspectives that a person has saved.

    Args:
        folder: Where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._saved: dict[str, Perspective] | None = None
        self.complaint = ""

    def all(self) -> tuple[Perspective, ...]:
        """Return them, in the order of saving."""
        return tuple(self._read().values())

    def get(self, name: str) -> Perspective | None:
        """Return one; None if there is none of that name."""
        return self._read().get(name)

    def save(self, perspective: Perspective) -> None:
        """Keep one, in the place of that of the same name.

        Raises:
            InputError: The file cannot be written.
        """
        self._write([*self._others(perspective.name), perspective])

    def rename(self, name: str, new: str) -> None:
        """Call one something else; another of that name goes.

        Raises:
            InputError: The file cannot be written.
        """
        found = []
        for one in self._others(new) if new != name else self.all():
            if one.name == name:
                one = Perspective(
                    name=new, arrangement=one.arrangement, panels=one.panels
                )
            found.append(one)
        self._write(found)

    def delete(self, name: str) -> None:
        """Forget one.

        Raises:
            InputError: The file cannot be written.
        """
        self._write(self._others(name))

    def _others(self, name: str) -> list[Perspective]:
        return [one for one in self.all() if one.name != name]

    def _read(self) -> dict[str, Perspective]:
        if self._saved is None:
            self._saved = {one.name: one for one in self._load()}
        return self._saved

    def _load(self) -> Iterable[Perspective]:
        try:
            value = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError):
            value = None
        listed = value.get("perspectives") if isinstance(value, dict) else None
        if not isinstance(listed, list):
            self.complaint = tr(
                "{file} could not be read; only the usual perspectives are there.",
                file=self._path.name,
            )
            return
        for item in listed:
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str) or not usable(name):
                self.complaint = tr("One perspective could not be read.")
                continue
            arrangement, complaint = arrangement_from_json(item.get("arrangement"))
            self.complaint = complaint or self.complaint
            panels = item.get("panels")
            kept_panels = panels if isinstance(panels, str) else ""
            yield Perspective(name=name, arrangement=arrangement, panels=kept_panels)

    def _write(self, perspectives: Iterable[Perspective]) -> None:
        found = {one.name: one for one in perspectives}
        listed = [
            {
                "name": one.name,
                "arrangement": arrangement_to_json(one.arrangement),
                "panels": one.panels,
            }
            for one in found.values()
        ]
        content = {"format": FORMAT, "perspectives": listed}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self._path, json.dumps(content, indent=1, ensure_ascii=False))
        self._saved = found


def usable(name: str) -> bool:
    """Return whether a perspective can be called this."""
    return bool(name.strip()) and len(name) <= LONGEST_NAME and name.isprintable()
