"""What is open in the window, as one text: kept while one works, put back next time.

The file may be old, cut short or made by somebody else: whatever does not read as a
workspace is refused with a sentence, and nothing of it is taken.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from optlab.params import InputError
from optlab.translate import tr
from optlab.ui.arrangement import (
    AUTOMATIC,
    SPREADS,
    X_AXES,
    Arrangement,
    Spread,
    XAxis,
)
from optlab.ui.arrangement_json import arrangement_from_json, arrangement_to_json
from optlab.ui.kept import KeptExperiment

FORMAT: Final = 1
_LARGEST: Final = 4_000_000
_MOST: Final = 10_000

Table = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class KeptViews:
    """How things were looked at.

    Attributes:
        x_axis: What the x axis counted.
        log_x: Whether it was logarithmic.
        linked: Whether plots zoomed together.
        ignore_outliers: Whether outliers lay outside the ranges.
        spread: How several seeds were drawn.
        solid: Whether surfaces were seen from the side.
        smoothing: Weight of the past.
        hidden: Slots of the optimizers that were hidden.
        maximized: The plot that filled the centre; empty if none did.
        arrangement: Which plots there were, and where.
        complaint: What of that could not be read, as a sentence; empty otherwise.
    """

    x_axis: XAxis = "step"
    log_x: bool = False
    linked: bool = True
    ignore_outliers: bool = False
    spread: Spread = "band"
    solid: bool = False
    smoothing: float = 0.9
    hidden: frozenset[int] = frozenset()
    maximized: str = ""
    arrangement: Arrangement = AUTOMATIC
    complaint: str = ""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Everything that was open.

    Attributes:
        experiment: The experiment.
        views: How things were looked at.
        run: The run on the screen; None if there was none.
        page: The page that was shown.
        selected: The optimizer that was unfolded; None if none was.
        layout: Where the panels were.
        geometry: Where the window was.
        closed: Whether it was kept as the window closed; if not, the program died.
    """

    experiment: KeptExperiment
    views: KeptViews = field(default_factory=KeptViews)
    run: Path | None = None
    page: str = "lab"
    selected: int | None = None
    layout: bytes = b""
    geometry: bytes = b""
    closed: bool = False


def workspace_to_text(workspace: Workspace) -> str:
    """Return a workspace as JSON."""
    kept, views = workspace.experiment, workspace.views
    return json.dumps(
        {
            "format": FORMAT,
            "closed": workspace.closed,
            "experiment": {
                "text": kept.text,
                "saved": kept.saved,
                "source": kept.source,
                "path": _path_text(kept.path),
                "drafts": [list(draft) for draft in kept.drafts],
                "slots": list(kept.slots),
                "bound": kept.bound,
            },
            "views": {
                "x_axis": views.x_axis,
                "log_x": views.log_x,
                "linked": views.linked,
                "ignore_outliers": views.ignore_outliers,
                "spread": views.spread,
                "solid": views.solid,
                "smoothing": views.smoothing,
                "hidden": sorted(views.hidden),
                "maximized": views.maximized,
                "arrangement": arrangement_to_json(views.arrangement),
            },
            "run": _path_text(workspace.run),
            "page": workspace.page,
            "selected": workspace.selected,
            "layout": base64.b64encode(workspace.layout).decode(),
            "geometry": base64.b64encode(workspace.geometry).decode(),
        },
        # In ASCII: a path may be no text at all.
        indent=1,
    )


def read_workspace(path: Path) -> Workspace:
    """Return the workspace in a file.

    Raises:
        InputError: It cannot be read, or is no workspace of this version.
        FileNotFoundError: There is no such file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(str(path), None, tr("not a workspace: far too large"))
        return _workspace(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be read: {reason}", reason=reason)
        raise InputError(str(path), None, text) from None
    except (ValueError, RecursionError) as error:
        text = tr("not a workspace of this version: {reason}", reason=error)
        raise InputError(str(path), None, text) from None


def _workspace(known: object) -> Workspace:
    table = _table(known)
    if table.get("format") != FORMAT:
        raise ValueError("format")
    run = _text(table, "run")
    return Workspace(
        experiment=_experiment(_table(table.get("experiment"))),
        views=_views(_table(table.get("views"))),
        run=Path(run) if run else None,
        page=_text(table, "page"),
        selected=_number(table.get("selected"), "selected"),
        layout=_bytes(table, "layout"),
        geometry=_bytes(table, "geometry"),
        closed=_flag(table, "closed"),
    )


def _experiment(table: Table) -> KeptExperiment:
    path = _text(table, "path")
    drafts = []
    for draft in _list(table, "drafts"):
        if not isinstance(draft, list) or [*map(type, draft)] != [str, str]:
            raise ValueError("drafts")
        drafts.append((draft[0], draft[1]))
    bound = _number(table.get("bound"), "bound") or 0
    return KeptExperiment(
        text=_text(table, "text"),
        saved=_text(table, "saved"),
        source=_text(table, "source"),
        path=Path(path) if path else None,
        drafts=tuple(drafts),
        slots=_numbers(table, "slots"),
        bound=bound,
    )


def _views(table: Table) -> KeptViews:
    axis = next((a for a in X_AXES if a == table.get("x_axis")), None)
    spread = next((s for s in SPREADS if s == table.get("spread")), None)
    smoothing = table.get("smoothing")
    if axis is None or spread is None or not isinstance(smoothing, int | float):
        raise ValueError("views")
    # An integer may be larger than any float, and NaN is no weight.
    if not 0 <= smoothing <= 1:
        raise ValueError("smoothing")
    arrangement, complaint = arrangement_from_json(table.get("arrangement"))
    return KeptViews(
        x_axis=axis,
        log_x=_flag(table, "log_x"),
        linked=_flag(table, "linked"),
        ignore_outliers=_flag(table, "ignore_outliers"),
        spread=spread,
        solid=_flag(table, "solid"),
        smoothing=float(smoothing),
        hidden=frozenset(_numbers(table, "hidden")),
        maximized=_text(table, "maximized"),
        arrangement=arrangement,
        complaint=complaint,
    )


# -- what stands in a table, or a complaint that it does not --------------------------


def _table(value: object) -> Table:
    if not isinstance(value, dict):
        raise ValueError("table")
    return MappingProxyType(value)


def _text(table: Table, name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str):
        raise ValueError(name)
    return value


def _flag(table: Table, name: str) -> bool:
    value = table.get(name)
    if not isinstance(value, bool):
        raise ValueError(name)
    return value


def _list(table: Table, name: str) -> list[object]:
    value = table.get(name)
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError(name)
    return value


def _number(value: object, name: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError(name)
    return value


def _numbers(table: Table, name: str) -> tuple[int, ...]:
    found = [_number(value, name) for value in _list(table, name)]
    return tuple(number for number in found if number is not None)


def _bytes(table: Table, name: str) -> bytes:
    try:
        return base64.b64decode(_text(table, name), validate=True)
    except binascii.Error as error:
        raise ValueError(name) from error


def _path_text(path: Path | None) -> str:
    return "" if path is None else str(path)
