"""Figures over several problems: performance profiles and mean ranks."""

from pathlib import Path
from typing import Final

from optlab.analysis.profiles import R_MAX, Profiles
from optlab.analysis.ranking import Ranking
from optlab.export.palette import MUTED, TEXT, series_color
from optlab.export.panel import dash_style
from optlab.export.report.figure_axes import (
    legend,
    legend_columns,
    plain_axes,
    sheet,
)
from optlab.translate import tr

_HEIGHT_CM: Final = 7.5
_LONGEST: Final = 30


def write_profiles(found: Profiles, path: Path) -> None:
    """Draw in which share of problems each optimizer is within τ of the fastest."""
    with sheet(path, _HEIGHT_CM) as (axes,):
        for place, profile in enumerate(found.profiles):
            tau = [*(t for t in profile.tau if t <= R_MAX), R_MAX]
            rho = [
                r for t, r in zip(profile.tau, profile.rho, strict=True) if t <= R_MAX
            ]
            axes.plot(
                tau,
                [*rho, rho[-1]],
                drawstyle="steps-post",
                color=series_color(place),
                linestyle=dash_style(place),
                # Where two agree the one below still shows.
                linewidth=3.6 - 2.2 * place / max(1, len(found.profiles) - 1),
                label=profile.label,
            )
        axes.set_xlim(1.0, R_MAX)
        axes.set_ylim(-0.02, 1.04)
        title = tr("Share of problems within τ times the fastest")
        plain_axes(axes, x="τ", title=title)
        legend(axes, columns=legend_columns([p.label for p in found.profiles]))


def write_ranks(found: Ranking, path: Path) -> None:
    """Draw mean ranks on a line, and bars over what cannot be told apart."""
    n = len(found.labels)
    rows = (n + 1) // 2
    bars = len(found.groups)
    with sheet(path, 2.6 + 0.55 * rows + 0.35 * bars) as (axes,):
        low, high = 1.0, float(n)
        top = 0.0
        axes.plot([low, high], [top, top], color=TEXT, linewidth=1.0)
        for tick in range(1, n + 1):
            axes.plot([tick, tick], [top, top + 0.12], color=TEXT, linewidth=1.0)
            axes.text(tick, top + 0.2, str(tick), ha="center", va="bottom", size=7.5)
        span = found.critical_difference
        if span <= high - low:
            axes.plot([low, low + span], [top + 0.95] * 2, color=TEXT, linewidth=1.4)
            axes.text(
                low + span / 2,
                top + 1.02,
                tr("critical difference {difference:.2f}", difference=span),
                ha="center",
                size=7.5,
            )
        for i, (label, rank) in enumerate(
            zip(found.labels, found.mean_ranks, strict=True)
        ):
            left = i < rows
            depth = -0.35 * bars - 0.5 * ((i if left else n - 1 - i) + 1)
            edge = low - 0.04 * (high - low) if left else high + 0.04 * (high - low)
            axes.plot(
                [rank, rank, edge], [top, depth, depth], color=MUTED, linewidth=0.9
            )
            axes.text(
                edge,
                depth,
                f" {_short(label)} ({rank:.2f}) ",
                ha="right" if left else "left",
                va="center",
                size=8,
            )
        for k, (first, last) in enumerate(found.groups):
            y = top - 0.22 - 0.3 * k
            ends = [found.mean_ranks[first] - 0.03, found.mean_ranks[last] + 0.03]
            axes.plot(ends, [y, y], color=TEXT, linewidth=3.2, solid_capstyle="butt")
        margin = 0.35 * (high - low)
        axes.set_xlim(low - margin, high + margin)
        axes.set_axis_off()


def _short(label: str) -> str:
    """Return a label that leaves room for the ranks."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
