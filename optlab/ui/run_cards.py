"""Which plots a run can have, and their cards, each made when it is wanted first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from optlab.export.curves import metric_info
from optlab.export.overview import Quantity
from optlab.translate import tr
from optlab.ui.arrangement import metric_of
from optlab.ui.basin_view import BasinCard
from optlab.ui.cards import Card
from optlab.ui.contour import SurfaceLike
from optlab.ui.curve_specs import CurveSpec, curve_specs, further_specs
from optlab.ui.curves import CurveCard
from optlab.ui.level_lines import NO_LEVELS
from optlab.ui.line_view import LineCard
from optlab.ui.speedup_view import SpeedupCard
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.sweep_view import Reader, SweepCard
from optlab.ui.terrain import TerrainCard
from optlab.ui.verdict_reader import VerdictReader
from optlab.ui.verdict_view import VerdictCard
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

SURFACE: Final = "surface"
BASINS: Final = "basins"
SHARPNESS: Final = "sharpness"
VERDICT: Final = "verdict"
SPEEDUP: Final = "speedup"
_FROM_ABOVE: Final[Mapping[int, type[SurfaceCard] | type[LineCard]]] = MappingProxyType(
    {1: LineCard, 2: SurfaceCard}
)


@dataclass(frozen=True)
class SweepPlan:
    """What a run sweeps over.

    Attributes:
        parameter: The parameter, in words.
        quantities: What there is to see of it.
        read: Returns the sweeps of the run as far as it has come.
    """

    parameter: str
    quantities: tuple[Quantity, ...]
    read: Reader


@dataclass(frozen=True, kw_only=True)
class RunView:
    """What is to be seen.

    Attributes:
        data: The run, live or finished; None before there is one.
        surface: Its surface; None where the problem is none.
        sweep: What it sweeps over, if over anything.
        moving_rates: Whether a schedule moves its learning rates.
        limits: The sharpness up to which optimizers are stable, by their index.
        starts: Where each seed will start.
        reader: Works out what the run comes to.
    """

    data: "RunData | None" = None
    surface: SurfaceLike | None = None
    sweep: SweepPlan | None = None
    moving_rates: bool = False
    limits: Mapping[int, float] = field(default_factory=lambda: NO_LEVELS)
    starts: Sequence[Sequence[float]] = ()
    reader: VerdictReader | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what the run measures."""
        return () if self.data is None else self.data.metrics

    @property
    def begun(self) -> "RunData | None":
        """The run, once it has trials."""
        return self.data if self.data is not None and self.data.trials else None

    def specs(self) -> tuple[CurveSpec, ...]:
        """Return the cards of curves that the run has by itself."""
        surface = self.surface
        return curve_specs(
            () if self.begun is None else self.metrics,
            surface=surface is not None,
            noisy=surface is not None and surface.noise > 0,
            moving_rates=self.moving_rates,
        )


class RunCards(QObject):
    """The cards of a run.

    Args:
        state: Settings of all views.
    """

    made = Signal(Card)
    """A card is there that was not."""
    dropped = Signal(Card)
    """A card is about to go."""

    def __init__(self, state: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._view = RunView()
        self._cards: dict[str, Card] = {}
        self._makers: dict[str, Callable[[], Card]] = {}
        self._specs: dict[str, CurveSpec] = {}
        self._titles: dict[str, str] = {}
        self._usual: tuple[str, ...] = ()

    @property
    def view(self) -> RunView:
        """What is to be seen."""
        return self._view

    @property
    def usual(self) -> tuple[str, ...]:
        """Names of the plots that the run has by itself, most important first."""
        return self._usual

    @property
    def offered(self) -> Mapping[str, str]:
        """Titles of all plots that the run could have, by their names."""
        return MappingProxyType(self._titles)

    @property
    def curves(self) -> tuple[str, ...]:
        """Names of those that are curves, and can be there more than once."""
        return tuple(self._specs)

    def possible(self, name: str) -> bool:
        """Return whether the run has what a plot shows."""
        metric = metric_of(name)
        return name in self._titles or metric in self._specs

    def title(self, name: str) -> str:
        """Return what a plot is called."""
        typed = self._state.plot(name).title
        if typed:
            return typed
        metric = metric_of(name)
        card = self._cards.get(metric)
        title = self._name_of(metric) if card is None else card.title
        _, _, number = name.partition("#")
        return tr("{title} ({n})", title=title, n=number) if number else title

    def _name_of(self, metric: str) -> str:
        """Return what a metric is called where there is no card of it."""
        overviews = {
            SURFACE: tr("Surface"),
            BASINS: tr("Basins"),
            VERDICT: tr("Verdict"),
            SPEEDUP: tr("Speed-up at equal loss"),
        }
        return (
            self._titles.get(metric)
            or overviews.get(metric)
            or tr(metric_info(metric).label)
        )

    def __getitem__(self, name: str) -> Card:
        """Return the card of a plot."""
        return self._cards[name]

    def all(self) -> dict[str, Card]:
        """Return all cards that were made, by their names."""
        return dict(self._cards)

    def set_view(self, view: RunView) -> None:
        """Show another run; cards of the same things stay, `want` makes the others."""
        self._view = view
        surface, begun = view.surface, view.begun
        self._state.watch(begun)
        smooth = surface is None or surface.noise > 0
        specs = view.specs()
        further = further_specs(() if begun is None else view.metrics, specs)
        self._specs = {spec.metric: spec for spec in (*specs, *further)}
        self._makers = {}
        self._offer(surface)
        overviews = tuple(self._makers)
        self._titles |= {m: spec.title for m, spec in self._specs.items()}
        order = sorted(overviews, key=lambda name: name == SURFACE)
        curves = [spec.metric for spec in specs]
        self._offer_answers()
        if self._repeats():
            # Behind the curve that is judged; further ones say why.
            curves = [*curves[:1], VERDICT, *curves[1:], SPEEDUP]
        self._usual = (*order, *curves)
        self._drop_others(surface, smooth=smooth)
        for card in self._cards.values():
            self._fill(card)

    def want(self, extra: Iterable[str]) -> None:
        """Make the cards that are not there yet, and drop those of no use.

        Args:
            extra: Names of plots besides those that a run has by itself.
        """
        names = [name for name in extra if self.possible(name)]
        wanted = dict.fromkeys((*self._usual, *names))
        for name in set(self._cards) - set(wanted):
            self._drop(name)
        for name in wanted:
            if name not in self._cards:
                self._make(name)
        self._cards = {name: self._cards[name] for name in wanted}

    def _offer(self, surface: SurfaceLike | None) -> None:
        """Note what shows the run as a whole."""
        state, sweep = self._state, self._view.sweep
        self._titles = {}
        begun = self._view.begun is not None
        if surface is not None and surface.dim in _FROM_ABOVE:
            shown = _FROM_ABOVE[surface.dim]
            self._makers[SURFACE] = lambda: shown(surface, state)
            self._titles[SURFACE] = tr("Surface")
        if begun and surface is not None and maps_basins(surface):
            self._makers[BASINS] = lambda: BasinCard(surface, state)
            self._titles[BASINS] = tr("Basins")
        if not begun or sweep is None:
            return
        for quantity in sweep.quantities:
            name = f"sweep-{quantity}"
            self._makers[name] = _sweep_maker(quantity, sweep, state)
            self._titles[name] = name

    def _offer_answers(self) -> None:
        """Note what the run comes to, where optimizers are compared."""
        view, state = self._view, self._state
        begun, reader = view.begun, view.reader
        if begun is None or reader is None or len({t.entry for t in begun.trials}) < 2:
            return
        self._makers[VERDICT] = lambda: VerdictCard(reader, state)
        self._makers[SPEEDUP] = lambda: SpeedupCard(reader, state)
        self._titles[VERDICT] = tr("Verdict")
        self._titles[SPEEDUP] = tr("Speed-up at equal loss")

    def _repeats(self) -> bool:
        """Return whether optimizers are compared by more than one seed each."""
        begun = self._view.begun
        several = begun is not None and len({t.seed for t in begun.trials}) > 1
        return several and VERDICT in self._titles

    def _make(self, name: str) -> None:
        maker = self._makers.get(name)
        if maker is not None:
            card = maker()
        else:
            surface = self._view.surface
            card = CurveCard(
                self._specs[metric_of(name)],
                self._state,
                name=name,
                smooth=surface is None or surface.noise > 0,
            )
        self._cards[name] = card
        self._fill(card)
        self.made.emit(card)

    def _fill(self, card: Card) -> None:
        """Let a card show the run."""
        view = self._view
        card.set_run(view.begun)
        if isinstance(card, CurveCard) and card.spec.metric == SHARPNESS:
            card.set_levels(view.limits)
        elif isinstance(card, SurfaceCard):
            card.set_starts(view.starts)

    def _drop_others(self, surface: SurfaceLike | None, *, smooth: bool) -> None:
        """Drop the cards that show something else than the run has."""
        for name, card in tuple(self._cards.items()):
            if isinstance(card, TerrainCard):
                keep = surface is not None and card.take(surface)
            elif isinstance(card, BasinCard):
                keep = card.surface is surface
            elif isinstance(card, CurveCard):
                spec = self._specs.get(metric_of(name))
                keep = card.spec == spec and card.smooth == smooth
            elif isinstance(card, VerdictCard | SpeedupCard):
                keep = name in self._titles and card.reader is self._view.reader
            else:
                keep = False
            if not keep:
                self._drop(name)

    def _drop(self, name: str) -> None:
        card = self._cards.pop(name)
        self.dropped.emit(card)
        card.hide()
        card.setParent(None)
        card.deleteLater()


def maps_basins(surface: SurfaceLike) -> bool:
    """Return whether a run on a surface maps starts to minima."""
    return surface.dim == 2 and surface.starts != "fixed" and bool(surface.minima)


def _sweep_maker(
    quantity: Quantity, sweep: SweepPlan, state: ViewState
) -> Callable[[], Card]:
    return lambda: SweepCard(quantity, sweep.parameter, reader=sweep.read, state=state)
