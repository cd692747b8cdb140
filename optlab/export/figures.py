"""Figures of a run: one metric, or a sheet of several, on white paper.

Drawn with matplotlib's objects alone: no pyplot, and no setting outlives the drawing.
"""

import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.text import Text

from optlab.analysis.certificate import certify_run
from optlab.export.atomic import written_whole
from optlab.export.curves import Curve, curves_of, provisional, shown_entries
from optlab.export.palette import MUTED, PAPER, TEXT, series_color
from optlab.export.panel import (
    STRONG,
    dash_style,
    draw_panel,
    end_labels,
    label_text,
    push_apart,
)
from optlab.export.style import SHEET_METRICS, FigureStyle
from optlab.params import InputError
from optlab.records import State, TrialStart
from optlab.store.run_data import RunData
from optlab.translate import tr

MOST_END_LABELS: Final = 8
CM: Final = 1 / 2.54

_FONTS: Final = ("Inter", "DejaVu Sans")
_PDF_FONTS: Final = ("DejaVu Sans",)
"""Inter often comes with outlines that PDF readers warn of."""
_CJK_FONTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "SimHei",
    "Arial Unicode MS",
)


def write_figure(
    data: RunData,
    path: Path,
    style: FigureStyle | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write the curves of a run as PNG, SVG, PDF or PGF, by the suffix of ``path``.

    Args:
        data: The run.
        path: The file.
        style: What is shown and how; None for a sheet of the important metrics.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: The run has nothing to show, or the file cannot be written.
    """
    style = style or FigureStyle()
    metrics = style.metrics or sheet_metrics(data)
    if not metrics:
        raise InputError(str(path), None, tr("the run has no values to draw yet"))
    panels = [(metric, curves_of(data, metric, style=style)) for metric in metrics]
    quiet = curves_of(data, style.companion, style=style) if style.companion else ()
    with drawing(path):
        figure = _draw(data, panels, style, quiet=quiet)
        save(
            figure,
            path,
            style=style,
            title=tr(data.title),
            overwrite=overwrite,
            origin=origin_of(data),
        )


def sheet_metrics(data: RunData) -> tuple[str, ...]:
    """Return the important metrics that the run has values of."""
    return tuple(
        metric
        for metric in SHEET_METRICS
        if metric in data.metrics
        and any(
            np.isfinite(data.series(t.trial, metric).values).any() for t in data.trials
        )
    )


@contextmanager
def drawing(path: Path) -> Iterator[None]:
    """Set matplotlib up for the paper of ``path``, for the length of the block."""
    known = set(font_manager.get_font_names())
    fonts = _PDF_FONTS if path.suffix.lower() == ".pdf" else _FONTS
    settings: Any = {
        "font.family": [name for name in (*fonts, *_CJK_FONTS) if name in known],
        "font.size": 8,
        "axes.titlesize": 9,
        "axes.titleweight": "semibold",
        "axes.titlecolor": TEXT,
        "axes.titlepad": 6,
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "text.color": TEXT,
        "text.parse_math": False,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "svg.fonttype": "none",
        "svg.hashsalt": "optlab",
        "pdf.fonttype": 42,
        "path.simplify": True,
        "lines.solid_capstyle": "round",
        "lines.dash_capstyle": "butt",
        "lines.scale_dashes": True,
    }
    # A font without the weight or the letter is what this machine has to offer.
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def origin_of(data: RunData) -> str:
    """Return what a figure was made of: hash of the experiment, versions, fairness."""
    digest = blake2b(data.spec_text.encode(), digest_size=8).hexdigest()
    made = ", ".join(f"{name} {version}" for name, version in data.versions.items())
    parts = [f"experiment {digest}", made, f"certificate {certify_run(data).word}"]
    return "; ".join(part for part in parts if part)


def save(
    figure: Figure,
    path: Path,
    *,
    style: FigureStyle,
    title: str,
    overwrite: bool,
    origin: str = "",
) -> None:
    """Write a figure inside a `drawing` block.

    Args:
        figure: The figure.
        path: The file.
        style: How fine a PNG is.
        title: Kept in the file.
        overwrite: Whether a file that is there may be replaced.
        origin: What it was made of, kept in the file.

    Raises:
        InputError: The file is there already or cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    metadata: dict[str, Any] = {}
    if kind == "svg":
        metadata = {"Title": title, "Creator": "OptLab", "Date": None}
        metadata |= {"Description": origin} if origin else {}
    elif kind == "pdf":
        metadata = {"Title": title or None, "Creator": "OptLab", "CreationDate": None}
        metadata |= {"Subject": origin} if origin else {}
    elif kind == "png":
        metadata = {"Title": title, "Software": "OptLab", "Description": origin}
    with written_whole(path, overwrite=overwrite) as draft:
        try:
            figure.savefig(draft, format=kind, dpi=style.dpi, metadata=metadata or None)
        except (FileNotFoundError, RuntimeError) as error:
            if kind != "pgf":
                raise
            text = tr("needs a TeX system (xelatex); choose .pdf or .svg instead")
            raise InputError(str(path), None, text) from error


def heading(data: RunData, style: FigureStyle) -> str:
    """Return the heading of a figure; may be empty."""
    return tr(data.title) if style.title is None else style.title


def _draw(
    data: RunData,
    panels: Sequence[tuple[str, tuple[Curve, ...]]],
    style: FigureStyle,
    *,
    quiet: tuple[Curve, ...],
) -> Figure:
    columns = 1 if len(panels) == 1 else 2
    lines = math.ceil(len(panels) / columns)
    default = (16.0, 9.5) if len(panels) == 1 else (25.0, 1.5 + 6.8 * lines)
    width, height = style.size_cm or default
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06, wspace=0.03, hspace=0.05)
    figure = Figure(figsize=(width * CM, height * CM), layout=layout)
    title = heading(data, style)
    if title:
        figure.suptitle(title, x=0.01, ha="left", size=12, weight="bold")
    grid = figure.subplots(lines, columns, squeeze=False)
    places = list(grid.flat)
    for place in places[len(panels) :]:
        place.set_axis_off()
    drawn = list(zip(places, (curves for _, curves in panels), strict=False))
    for (axes, curves), (metric, _) in zip(drawn, panels, strict=True):
        draw_panel(axes, metric, curves=curves, style=style, quiet=quiet)
    for axes, _ in drawn[-columns:]:
        axes.set_xlabel(_x_label(style.x), loc="right", color=MUTED, size=7.5)
    text = _caption(data, style)
    caption = figure.supxlabel(text, x=0.01, ha="left", color=MUTED, size=7.5)
    caption.set_in_layout(bool(text))
    _label(figure, drawn, caption=caption)
    return figure


def _label(
    figure: Figure,
    drawn: Sequence[tuple[Axes, tuple[Curve, ...]]],
    *,
    caption: Text,
) -> None:
    """Say which curve is which: at their ends, or in a legend where there are many."""
    entries = {curve.entry: curve for _, curves in drawn for curve in curves}
    if len(entries) <= MOST_END_LABELS:
        labels = [(a, c, end_labels(a, c)) for a, c in drawn]
        figure.draw_without_rendering()
        fits = [push_apart(a, c, texts) for a, c, texts in labels]
        if all(fits):
            return
        for _, _, texts in labels:
            for text in texts:
                text.remove()
    handles = [
        Line2D(
            [],
            [],
            color=series_color(entry),
            linestyle=dash_style(entry),
            linewidth=STRONG,
            label=label_text(curve),
        )
        for entry, curve in sorted(entries.items())
    ]
    longest = max((len(label_text(curve)) for curve in entries.values()), default=1)
    width = figure.get_size_inches()[0] * 72
    # Both belong at the bottom, and the layout would put one onto the other.
    caption.set_visible(False)
    caption.set_in_layout(False)
    legend = figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=max(1, min(len(handles), int(width / (40 + 4.6 * longest)))),
        frameon=False,
        fontsize=7.5,
        handlelength=3.0,
        labelcolor=[series_color(entry) for entry in sorted(entries)],
        title=caption.get_text() or None,
        title_fontsize=7.5,
        alignment="left",
    )
    legend.get_title().set_color(MUTED)


def _x_label(x: str) -> str:
    return {
        "step": tr("Steps"),
        "epoch": tr("Epoch"),
        "seconds": tr("Seconds in steps"),
        "samples": tr("Samples"),
        "evaluations": tr("Gradient evaluations"),
    }[x]


def _any_diverged(data: RunData, starts: Sequence[TrialStart]) -> bool:
    return any(data.status(t.trial).state is State.DIVERGED for t in starts)


def _caption(data: RunData, style: FigureStyle) -> str:
    entries = shown_entries(data, style)
    seeds = max((len(trials) for trials in entries.values()), default=1)
    parts = [style.caption] if style.caption else []
    if style.companion_note:
        parts.append(style.companion_note)
    if style.levels.keys() - style.hidden:
        parts.append(tr("dashes: limit of stability"))
    if seeds > 1 and style.spread == "trials":
        parts.append(tr("{n} seeds, one line each", n=seeds))
    elif seeds > 1 and style.spread == "mean":
        parts.append(tr("mean of {n} seeds with its 95 % interval", n=seeds))
        if any(len(ts) > 1 and _any_diverged(data, ts) for ts in entries.values()):
            parts.append(tr("means end where a seed diverged"))
    elif seeds > 2:
        parts.append(tr("median and quartiles of {n} seeds", n=seeds))
    elif seeds > 1:
        parts.append(tr("median and range of {n} seeds", n=seeds))
    elif style.spread == "seed" and entries:
        seed = next(iter(entries.values()))[0].seed
        parts.append(tr("seed {seed}", seed=seed))
    if provisional(data, [t for ts in entries.values() for t in ts]):
        parts.append(tr("provisional: trials have not come to their end"))
    states = {data.status(t.trial).state for ts in entries.values() for t in ts}
    if "diverged" in states:
        parts.append(tr("× diverged"))
    if len(entries) > 1 and (found := certify_run(data)).level == "red":
        parts.append(tr("not a fair comparison: {why}", why=found.why[0].text))
    return "   ".join(parts)
