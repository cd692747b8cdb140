"""Arrangements as plain data for a JSON file, and back, trusting nothing.

What a file says wrongly is left out, and one sentence tells of it: an arrangement is
not worth an error that keeps a window from opening.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any, Final

from optlab.translate import tr, tr_n
from optlab.ui.arrangement import (
    AUTOMATIC,
    PLAIN,
    SCALES,
    SPREADS,
    X_AXES,
    Arrangement,
    Node,
    Pane,
    PlotSettings,
)
from optlab.ui.pane_tree import NO_PANES, names_in, split
from optlab.ui.view_state import MAX_SMOOTHING

MOST_PLOTS: Final = 100
LONGEST_TEXT: Final = 2000
_DEEPEST: Final = 30
_HEAVIEST: Final = 1e6
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"x_axis": X_AXES, "y_scale": SCALES, "spread": SPREADS}
)


def arrangement_to_json(arrangement: Arrangement) -> dict[str, Any]:
    """Return an arrangement as what `json.dumps` takes."""
    plots = {}
    for name, settings in arrangement.plots.items():
        plain = asdict(PLAIN)
        plots[name] = {k: v for k, v in asdict(settings).items() if v != plain[k]}
    return {
        "plots": plots,
        "copies": list(arrangement.copies),
        "off": sorted(arrangement.off),
        "order": list(arrangement.order),
        "tree": None if arrangement.tree is None else _tree_to_json(arrangement.tree),
    }


def arrangement_from_json(value: object) -> tuple[Arrangement, str]:
    """Return an arrangement, and a sentence on what was left out; empty if nothing.

    Args:
        value: What `json.loads` returned.
    """
    if not isinstance(value, dict):
        return AUTOMATIC, tr("The arrangement of the plots could not be read.")
    reader = _Reader()
    tree = value.get("tree")
    found = Arrangement(
        plots=MappingProxyType(reader.plots(value.get("plots", {}))),
        copies=tuple(dict.fromkeys(reader.names(value.get("copies", [])))),
        off=frozenset(reader.names(value.get("off", []))),
        order=tuple(dict.fromkeys(reader.names(value.get("order", [])))),
        tree=None if tree is None else reader.tree(tree),
    )
    reader.wrong += len(set(value) - {f.name for f in fields(Arrangement)})
    if not reader.wrong:
        return found, ""
    return found, tr_n(
        "One part of the arrangement of the plots could not be read.",
        "{n} parts of the arrangement of the plots could not be read.",
        n=reader.wrong,
    )


def _tree_to_json(tree: Node) -> dict[str, Any]:
    if isinstance(tree, Pane):
        return {"plot": tree.name}
    return {
        "split": "across" if tree.across else "down",
        "parts": [_tree_to_json(part) for part in tree.parts],
        "weights": list(tree.weights),
    }


class _Reader:
    """Takes what it can use, and counts what it cannot."""

    def __init__(self) -> None:
        self.wrong = 0
        self._seen: set[str] = set()

    def names(self, value: object) -> list[str]:
        """Return the names in a list."""
        if not isinstance(value, list):
            self.wrong += 1
            return []
        found = [name for name in value[:MOST_PLOTS] if _is_name(name)]
        self.wrong += len(found) < len(value)
        return found

    def plots(self, value: object) -> dict[str, PlotSettings]:
        """Return the settings of plots, by their names."""
        if not isinstance(value, dict):
            self.wrong += 1
            return {}
        found = {}
        for name, kept in value.items():
            if not _is_name(name) or not isinstance(kept, dict):
                self.wrong += 1
                continue
            good = {key: it for key, it in kept.items() if _suits(key, it)}
            self.wrong += len(good) < len(kept)
            settings = PlotSettings(**good)
            if settings != PLAIN:
                found[name] = settings
        return found

    def tree(self, value: object, depth: int = 0) -> Node | None:
        """Return a tree; None if nothing of it can be used."""
        if depth == 0 and value == _tree_to_json(NO_PANES):
            return NO_PANES
        if not isinstance(value, dict) or depth > _DEEPEST:
            self.wrong += 1
            return None
        name = value.get("plot")
        if _is_name(name) and name not in self._seen:
            self._seen.add(str(name))
            return Pane(name=str(name))
        parts, weights = value.get("parts"), value.get("weights")
        if not isinstance(parts, list) or value.get("split") not in ("across", "down"):
            self.wrong += 1
            return None
        if not isinstance(weights, list) or len(weights) != len(parts):
            self.wrong += 1
            weights = [1.0] * len(parts)
        good: list[tuple[Node, float]] = []
        for part, weight in zip(parts[:MOST_PLOTS], weights, strict=False):
            node = self.tree(part, depth + 1)
            if node is not None:
                good.append((node, self._weight(weight)))
        if not good:
            return None
        across = value["split"] == "across"
        tree = split(across, [n for n, _ in good], [w for _, w in good])
        return tree if names_in(tree) else None

    def _weight(self, value: object) -> float:
        if isinstance(value, int | float) and 0 < value < _HEAVIEST:
            return float(value)
        self.wrong += 1
        return 1.0


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT


def _suits(key: str, value: object) -> bool:
    """Return whether a setting of a plot may have a value."""
    if key in _CHOICES:
        return value in _CHOICES[key]
    if key in ("title", "subtitle", "caption"):
        return isinstance(value, str) and len(value) <= LONGEST_TEXT
    if key == "smoothing":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and 0 <= value <= MAX_SMOOTHING  # type: ignore[operator]
    if key == "seed":
        return isinstance(value, int) and not isinstance(value, bool)
    if key == "ignore_outliers":
        return isinstance(value, bool)
    return False
