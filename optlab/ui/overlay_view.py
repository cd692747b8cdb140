"""What is to be seen of several runs at once, beside what each recorded."""

from dataclasses import dataclass

from optlab.analysis.stability import stability_limits
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.runner import Surface, surface_of
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.overlay import Overlay


@dataclass(frozen=True, kw_only=True)
class OverlayView:
    """What the experiments of overlaid runs say.

    Attributes:
        surface: The surface that all of them are on; None where they are not.
        moving_rates: Whether a schedule moves a learning rate.
        limits: Sharpness up to which optimizers are stable, by their index.
    """

    surface: Surface | None
    moving_rates: bool
    limits: dict[int, float]


def overlay_view(overlay: Overlay, catalog: Catalog) -> OverlayView:
    """Return what the experiments say; one that cannot be read says nothing."""
    specs = [_spec(data.spec_text, catalog) for data in overlay.runs]
    known = [spec for spec in specs if spec is not None]
    limits: dict[int, float] = {}
    for first, spec in zip(overlay.entries, specs, strict=True):
        if spec is not None:
            found = stability_limits(spec, catalog)
            limits |= {first + entry: limit for entry, limit in found.items()}
    return OverlayView(
        surface=_surface(known, catalog) if len(known) == len(specs) else None,
        moving_rates=any(e.scheduler for spec in known for e in spec.optimizers),
        limits=limits,
    )


def _spec(text: str, catalog: Catalog) -> ExperimentSpec | None:
    try:
        return spec_from_text(text, catalog)
    except InputError:
        return None


def _surface(specs: list[ExperimentSpec], catalog: Catalog) -> Surface | None:
    problems = {
        (
            spec.problem.name,
            catalog.problems.get(spec.problem.name).complete(spec.problem.values),
        )
        for spec in specs
    }
    try:
        return surface_of(specs[0], catalog) if len(problems) == 1 else None
    except InputError:
        return None
