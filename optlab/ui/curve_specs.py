"""Which cards of curves a run has, and what each one shows."""

from dataclasses import dataclass
from typing import Final

from optlab.export.curves import metric_info
from optlab.export.style import X_METRICS
from optlab.registry import DiagnosticInfo
from optlab.translate import tr

_APART: Final = frozenset({*X_METRICS.values(), "value", "optimizer_time_s"})


@dataclass(frozen=True, kw_only=True)
class CurveSpec:
    """What a card of curves shows.

    Attributes:
        metric: Name of the metric.
        title: Heading.
        subtitle: What it is, and its unit.
        log: Whether a log axis suits it, as long as no value is negative.
        noisy: Whether smoothing is of use.
        companion: A second metric drawn along with it; empty for none.
        companion_note: How that one is drawn, in words.
    """

    metric: str
    title: str
    subtitle: str = ""
    log: bool = False
    noisy: bool = False
    companion: str = ""
    companion_note: str = ""


def curve_specs(
    metrics: tuple[str, ...],
    *,
    surface: bool,
    noisy: bool = False,
    moving_rates: bool = False,
) -> tuple[CurveSpec, ...]:
    """Return what cards of curves a run has, most important first.

    Args:
        metrics: Names of its metrics.
        surface: Whether its problem is a surface.
        noisy: Whether the gradient of that surface is noisy.
        moving_rates: Whether a schedule moves learning rates.
    """
    function = tr("f(x) + noise") if noisy else tr("f(x)")
    accuracy = "val_accuracy" if "val_accuracy" in metrics else "train_accuracy"
    known = (
        CurveSpec(
            metric="train_loss",
            title=tr("Loss") if surface else tr("Training loss"),
            subtitle=function if surface else tr("batch"),
            log=True,
            noisy=True,
            companion="val_loss",
            companion_note=tr("dots: validation"),
        ),
        CurveSpec(
            metric="value" if noisy else "",
            title=tr("Value"),
            subtitle=tr("f(x) without noise"),
            log=True,
        ),
        CurveSpec(
            metric=accuracy,
            title=tr("Validation accuracy")
            if accuracy == "val_accuracy"
            else tr("Training accuracy"),
            noisy=True,
            companion="train_accuracy" if accuracy == "val_accuracy" else "",
            companion_note=tr("thin: training"),
        ),
        CurveSpec(
            metric="param_norm",
            title=tr("Parameter norm"),
            subtitle="‖x‖" if surface else "‖w‖",
        ),
        CurveSpec(
            metric="update_norm",
            title=tr("Update norm"),
            subtitle="‖Δx‖" if surface else "‖Δw‖",
            log=True,
            noisy=True,
        ),
        CurveSpec(
            metric="grad_norm",
            title=tr("Gradient norm"),
            subtitle="‖∇f‖",
            log=True,
            noisy=True,
        ),
    )
    shown = [spec for spec in known if spec.metric in metrics]
    taken = {name for spec in known for name in (spec.metric, spec.companion)}
    others = [m for m in metrics if m not in taken and not _is_apart(m)]
    # Diagnostics are paid for, and what a problem measures itself is what it is about:
    # they stand before the norms, and so do rates that are not just a number each.
    asked = [m for m in others if moving_rates or not _is_rate(m)]
    asked.sort(key=lambda m: (_is_rate(m), not _is_diagnostic(m)))
    judged = [
        spec for spec in shown if spec.metric in ("train_loss", "value", accuracy)
    ]
    return (
        *judged,
        *(_plain_spec(metric) for metric in asked),
        *(spec for spec in shown if spec not in judged),
        *(_plain_spec(metric) for metric in others if metric not in asked),
    )


def further_specs(
    metrics: tuple[str, ...], specs: tuple[CurveSpec, ...]
) -> tuple[CurveSpec, ...]:
    """Return cards that a run could have besides those it has by itself.

    Args:
        metrics: Names of its metrics.
        specs: The cards that it has by itself.
    """
    there = {spec.metric for spec in specs}
    found = [metric for metric in metrics if metric not in there]
    found.sort(key=_is_apart)
    return tuple(_plain_spec(metric) for metric in found)


def _is_diagnostic(metric: str) -> bool:
    return isinstance(metric_info(metric), DiagnosticInfo)


def _is_rate(metric: str) -> bool:
    return metric == "lr" or metric.startswith("lr:")


def _is_apart(metric: str) -> bool:
    """Return whether a metric is an axis, or is drawn in another way."""
    coordinate = metric[:1] == "x" and metric[1:].isdecimal()
    return coordinate or metric in _APART


def _plain_spec(metric: str) -> CurveSpec:
    info = metric_info(metric)
    unit = f"{info.formula} · {tr(info.unit)}" if info.unit else info.formula
    return CurveSpec(metric=metric, title=tr(info.label), subtitle=unit, log=info.log)
