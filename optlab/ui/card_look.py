"""How one card is looked at: its own settings where it has some, else those of all."""

from dataclasses import dataclass

from optlab.ui.arrangement import Scale, Spread, XAxis
from optlab.ui.view_state import ViewState, XKey


@dataclass(frozen=True, kw_only=True)
class CardLook:
    """What holds for one card.

    Attributes:
        x_axis: What its x axis counts.
        log_x: Whether that axis is logarithmic.
        y_scale: Scale of its y axis; None where the card decides.
        smoothing: Weight of the past that was chosen.
        smooth_always: Whether that was chosen for this card.
        spread: How several seeds are drawn.
        seed: Which one alone; None for the first.
        ignore_outliers: Whether outliers may lie outside the range.
    """

    x_axis: XAxis
    log_x: bool
    y_scale: Scale | None
    smoothing: float
    smooth_always: bool
    spread: Spread
    seed: int | None
    ignore_outliers: bool

    @property
    def x_key(self) -> XKey:
        """What its x axis has in common with those of other cards."""
        return self.x_axis, self.log_x


def look_of(state: ViewState, name: str) -> CardLook:
    """Return what holds for the card ``name``."""
    own = state.plot(name)
    outliers = own.ignore_outliers
    return CardLook(
        x_axis=own.x_axis or state.x_axis,
        log_x=state.log_x,
        y_scale=own.y_scale,
        smoothing=state.smoothing if own.smoothing is None else own.smoothing,
        smooth_always=own.smoothing is not None,
        spread=own.spread or state.spread,
        seed=own.seed,
        ignore_outliers=state.ignore_outliers if outliers is None else outliers,
    )
