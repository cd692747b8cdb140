"""Figures of comparisons that are no curves: the matrix of unit tests as a heat map."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from optlab.export.figures import CM, drawing, save
from optlab.export.palette import MUTED, PAPER, TEXT
from optlab.export.style import FigureStyle
from optlab.params import InputError
from optlab.records import Ints
from optlab.translate import tr

# From the best class to the worst: blue to brown, which people with any colour vision
# can tell apart, in grey from dark over light to dark; and a mark for each, so that
# colour never speaks alone.
CLASS_COLORS: Final = ("#0067A3", "#A9CFE8", "#F6D7A7", "#9A3D00")
_MARKS: Final = ("", "o", "_", "x")
_MARK_COLORS: Final = (PAPER, PAPER, "#8a6a2f", PAPER)

_CELL_CM: Final = (0.95, 0.40)
_LETTER_CM: Final = 0.14
_MARK: Final = 4.0


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    grades: Sequence[Sequence[str]],
    *,
    classes: Sequence[str],
    path: Path,
    title: str = "",
    overwrite: bool = False,
) -> None:
    """Write a table of cells of a few classes, as PNG, SVG, PDF or PGF.

    Whichever is longer runs downwards, so that its names can be read without turning
    the page.

    Args:
        rows: Names of the rows, the optimizers.
        columns: Names of the columns, the tests.
        grades: The class of each cell, one sequence for each row.
        classes: All classes from the best to the worst, at most four.
        path: The file; its suffix chooses the kind.
        title: The heading; empty for none.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: There is no cell, or the file cannot be written.
    """
    if not rows or not columns:
        text = tr("there is nothing to draw")
        raise InputError(str(path), None, text)
    places = [[classes.index(grade) for grade in row] for row in grades]
    table = np.array(places)
    across, down = list(columns), list(rows)
    if len(columns) > len(rows):
        table, across, down = table.T, down, across
    counts = [int((table == k).sum()) for k in range(len(classes))]
    with drawing(path):
        figure, axes = _sheet(across, down, title)
        _draw_cells(axes, table, len(classes))
        _name_cells(axes, across, down)
        _name_classes(figure, classes, counts)
        save(figure, path, style=FigureStyle(), title=title, overwrite=overwrite)


def _sheet(
    across: Sequence[str], down: Sequence[str], title: str
) -> tuple[Figure, Axes]:
    cell_width, cell_height = _CELL_CM
    beside, above = (_LETTER_CM * max(map(len, names)) for names in (down, across))
    width = max(beside + cell_width * len(across) + 0.8, 10.0)
    height = above + cell_height * len(down) + 1.6 + (0.8 if title else 0.0)
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05)
    figure = Figure(figsize=(width * CM, height * CM), layout=layout)
    if title:
        figure.suptitle(title, x=0.01, ha="left", size=12, weight="bold")
    return figure, figure.subplots()


def _draw_cells(axes: Axes, table: Ints, n: int) -> None:
    # Rectangles, not an image: they stay sharp, and a reader can count them.
    axes.pcolormesh(
        np.arange(table.shape[1] + 1) - 0.5,
        np.arange(table.shape[0] + 1) - 0.5,
        table,
        cmap=ListedColormap(CLASS_COLORS[:n]),
        vmin=-0.5,
        vmax=n - 0.5,
        edgecolors=PAPER,
        linewidth=0.8,
    )
    axes.set_ylim(table.shape[0] - 0.5, -0.5)
    for place in range(n):
        y, x = np.nonzero(table == place)
        if _MARKS[place] and len(x):
            axes.plot(
                x,
                y,
                _MARKS[place],
                color=_MARK_COLORS[place],
                markersize=_MARK,
                markeredgewidth=1.1,
                linestyle="none",
            )


def _name_cells(axes: Axes, across: Sequence[str], down: Sequence[str]) -> None:
    axes.set_xticks(range(len(across)), list(across), rotation=90)
    axes.set_yticks(range(len(down)), list(down))
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=3, labelcolor=TEXT, labelsize=7.5)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _name_classes(
    figure: Figure, classes: Sequence[str], counts: Sequence[int]
) -> None:
    """Say what the colours are, and of how many cells."""
    handles = [
        Line2D(
            [],
            [],
            marker="s",
            markersize=9,
            linestyle="none",
            color=CLASS_COLORS[place],
            label=f"{name} ({count})",
        )
        for place, (name, count) in enumerate(zip(classes, counts, strict=True))
    ]
    marks = [
        Line2D(
            [],
            [],
            marker=_MARKS[place] or "None",
            markersize=_MARK,
            markeredgewidth=1.1,
            linestyle="none",
            color=_MARK_COLORS[place],
        )
        for place in range(len(classes))
    ]
    figure.legend(
        handles=list(zip(handles, marks, strict=True)),
        labels=[str(handle.get_label()) for handle in handles],
        loc="outside lower left",
        ncols=len(classes),
        frameon=False,
        fontsize=7.5,
        handletextpad=0.4,
        columnspacing=1.4,
        labelcolor=MUTED,
    )
