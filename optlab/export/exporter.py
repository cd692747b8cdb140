"""One door for everything that is written of a run; the suffix chooses."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from optlab.export.atomic import check_free
from optlab.export.csv_files import Progress, write_metrics_csv, write_summary_csv
from optlab.export.style import SURFACE, FigureStyle
from optlab.params import InputError
from optlab.store.run_data import RunData
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.problems.surface import Surface

TABLE_SUFFIXES: Final = (".csv",)
FIGURE_SUFFIXES: Final = (".png", ".svg", ".pdf", ".pgf")
SUFFIXES: Final = TABLE_SUFFIXES + FIGURE_SUFFIXES

METRICS: Final = "metrics"
SUMMARY: Final = "summary"
CURVES: Final = "curves"


def export(
    data: RunData,
    path: Path,
    *,
    what: str | None = None,
    style: FigureStyle | None = None,
    surface: "Surface | None" = None,
    overwrite: bool = False,
    mark: bool = False,
    as_is: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a table or a figure of a run.

    Args:
        data: The run.
        path: The file; its suffix is one of `SUFFIXES`.
        what: ``metrics`` or ``summary`` for a table, ``curves`` or ``surface`` for a
            figure. None for the metrics (for the summary, if the file is called so),
            or for what ``style`` asks for.
        style: What a figure shows and how.
        surface: The surface to be drawn; None for that of the run's own problem.
        overwrite: Whether a file that is there may be replaced.
        mark: Whether a table begins with a byte-order mark.
        as_is: Whether names in a table that spreadsheets would take for formulas stay
            as they are; otherwise an apostrophe is put before them.
        progress: Is told how many rows of a table are written.

    Raises:
        InputError: The suffix is unknown, the file is there already, its folder is
            missing, it cannot be written, or the run has nothing of the kind.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        text = tr(
            "a file name that ends in one of {suffixes}", suffixes=", ".join(SUFFIXES)
        )
        raise InputError(str(path), None, text)
    table = suffix in TABLE_SUFFIXES
    what = what or _usual(path, style, table=table)
    choices = (METRICS, SUMMARY) if table else (CURVES, SURFACE)
    if what not in choices:
        text = tr("one of {choices}", choices=", ".join(choices))
        raise InputError("what", what, text)
    check_free(path, overwrite=overwrite)
    if what == METRICS:
        write_metrics_csv(
            data, path, progress=progress, overwrite=overwrite, mark=mark, as_is=as_is
        )
    elif what == SUMMARY:
        write_summary_csv(data, path, overwrite=overwrite, mark=mark, as_is=as_is)
    else:
        _write_figure(
            data, path, style, surface=surface, what=what, overwrite=overwrite
        )


def _usual(path: Path, style: FigureStyle | None, *, table: bool) -> str:
    if table:
        return SUMMARY if path.stem.lower() == SUMMARY else METRICS
    return SURFACE if style is not None and style.metrics == (SURFACE,) else CURVES


def _write_figure(
    data: RunData,
    path: Path,
    style: FigureStyle | None,
    *,
    surface: "Surface | None",
    what: str,
    overwrite: bool,
) -> None:
    # matplotlib takes a third of a second to import; tables do without it.
    if what == SURFACE:
        from optlab.export.surface_figure import write_surface

        write_surface(data, path, style, surface=surface, overwrite=overwrite)
    else:
        from optlab.export.figures import write_figure

        write_figure(data, path, style, overwrite=overwrite)
