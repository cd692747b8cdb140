"""The centre of the window: the cards of a run, arranged for the room there is."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.export.overview import Quantity
from optlab.translate import tr
from optlab.ui.basin_view import BasinCard
from optlab.ui.cards import Card
from optlab.ui.clock import ViewClock
from optlab.ui.contour import SurfaceLike
from optlab.ui.curve_specs import CurveSpec, curve_specs
from optlab.ui.curves import CurveCard
from optlab.ui.empty_state import EmptyState
from optlab.ui.flow_layout import FlowLayout
from optlab.ui.grid_layout import plan
from optlab.ui.level_lines import NO_LEVELS
from optlab.ui.line_view import LineCard
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.sweep_view import Reader, SweepCard
from optlab.ui.theme import set_property
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_GAP: Final = 12
SHARPNESS: Final = "sharpness"
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


def maps_basins(surface: SurfaceLike) -> bool:
    """Return whether a run on a surface maps starts to minima."""
    return surface.dim == 2 and surface.starts != "fixed" and bool(surface.minima)


class PlotGrid(QWidget):
    """Cards of a run.

    Args:
        state: Settings of all views.
        clock: Draws the cards.

    `export_requested` carries the metric of a card, or ``surface``, and a suffix.
    """

    export_requested = Signal(str, str)

    def __init__(
        self, state: ViewState, clock: ViewClock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("plot-grid")
        self._state = state
        self._clock = clock
        self._data: RunData | None = None
        self._surface: SurfaceLike | None = None
        self._sweep: SweepPlan | None = None
        self._moving_rates = False
        self._limits: Mapping[int, float] = NO_LEVELS
        self._starts: Sequence[Sequence[float]] = ()
        self._built: Hashable = None
        self._cards: dict[str, Card] = {}
        self._order: list[str] = []
        self._off: set[str] = set()
        self._maximized = ""
        self._chips: dict[str, QPushButton] = {}
        self._build()
        clock.register(self)

    def _build(self) -> None:
        self._empty = EmptyState(self._state)
        self._strip = QWidget()
        self._strip.setObjectName("plot-chips")
        self._strip_layout = FlowLayout(self._strip)
        self._area = QWidget()
        self._grid = QGridLayout(self._area)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._area, 1)
        layout.addWidget(self._strip)
        self._arrange()

    def set_run(
        self,
        data: "RunData | None",
        surface: SurfaceLike | None,
        *,
        sweep: SweepPlan | None = None,
        moving_rates: bool = False,
        limits: Mapping[int, float] = NO_LEVELS,
        starts: Sequence[Sequence[float]] = (),
    ) -> None:
        """Show a run.

        Args:
            data: The run, live or finished; None before there is one.
            surface: Its surface; None where the problem is none.
            sweep: What it sweeps over, if over anything.
            moving_rates: Whether a schedule moves its learning rates.
            limits: The sharpness up to which optimizers are stable, by their index.
            starts: Where each seed will start.
        """
        self._starts = starts
        self._limits = limits
        self._data = data
        self._surface = surface
        self._sweep = sweep
        self._moving_rates = moving_rates
        self._rebuild()

    def cards(self) -> tuple[Card, ...]:
        """Return all cards of the run, those without room included."""
        return tuple(self._cards.values())

    def card(self, name: str) -> Card:
        """Return the card of a metric, or ``surface``."""
        return self._cards[name]

    def maximize(self, name: str) -> None:
        """Let one card fill the centre; again, or with an empty name, show all."""
        self._maximized = "" if self._maximized == name else name
        self._arrange()

    def show_card(self, name: str, on: bool) -> None:
        """Show a card, in the place of another one if there is no room, or hide it."""
        shown = self.shown_names()
        if on:
            self._off.discard(name)
            self._order.remove(name)
            self._order.insert(max(len(shown) - 1, 0), name)
        elif shown != (name,):
            self._off.add(name)
        self._arrange()

    def shown_names(self) -> tuple[str, ...]:
        """Return the names of the cards that have a place."""
        return tuple(n for n, card in self._cards.items() if not card.isHidden())

    def shown(self) -> bool:
        """Return whether a person can see it."""
        return self.isVisible()

    def revision(self) -> Hashable:
        """Return what decides which cards there are."""
        return self._wanted()

    def draw(self) -> None:
        """Make the cards anew if the run has become another one."""
        if self._wanted() != self._built:
            self._rebuild()

    def fit_due(self) -> bool:
        """Return False; ranges are the cards' own."""
        return False

    def fit(self) -> None:
        """Do nothing."""

    def paint_seconds(self) -> float:
        """Return 0; the cards count for themselves."""
        return 0.0

    def _wanted(self) -> Hashable:
        data = self._data
        trials = () if data is None else data.trials
        metrics = () if data is None else data.metrics
        return id(data), trials, metrics, id(self._surface), id(self._sweep)

    def _rebuild(self) -> None:
        self._built = self._wanted()
        data = self._data if self._data is not None and self._data.trials else None
        surface = self._surface
        flat = surface is not None and surface.dim in _FROM_ABOVE
        metrics = () if data is None else data.metrics
        specs = {
            spec.metric: spec
            for spec in curve_specs(
                metrics,
                surface=surface is not None,
                noisy=surface is not None and surface.noise > 0,
                moving_rates=self._moving_rates,
            )
        }
        smooth = surface is None or surface.noise > 0
        self._drop_others(specs, surface, smooth=smooth)
        if flat and surface is not None and "surface" not in self._cards:
            self._add(_FROM_ABOVE[surface.dim](surface, self._state))
        extra = self._add_overviews(data, surface)
        for name, spec in specs.items():
            if name not in self._cards:
                self._add(CurveCard(spec, self._state, smooth=smooth))
        order = extra + (["surface"] if flat else []) + list(specs)
        self._cards = {name: self._cards[name] for name in order}
        kept = [name for name in self._order if name in self._cards]
        self._order = kept if set(kept) == set(order) else order
        for card in self._cards.values():
            card.set_run(data)
            if isinstance(card, CurveCard) and card.name == SHARPNESS:
                card.set_levels(self._limits)
            elif isinstance(card, SurfaceCard):
                card.set_starts(self._starts)
        self._make_chips()
        self._arrange()

    def _add_overviews(
        self, data: "RunData | None", surface: SurfaceLike | None
    ) -> list[str]:
        """Add the cards that show a run as a whole, and return their names."""
        names = []
        if data is not None and surface is not None and maps_basins(surface):
            if "basins" not in self._cards:
                self._add(BasinCard(surface, self._state))
            names.append("basins")
        if data is not None and self._sweep is not None:
            for quantity in self._sweep.quantities:
                card = SweepCard(
                    quantity,
                    self._sweep.parameter,
                    reader=self._sweep.read,
                    state=self._state,
                )
                self._add(card)
                names.append(card.name)
        return names

    def _drop_others(
        self, specs: dict[str, CurveSpec], surface: SurfaceLike | None, *, smooth: bool
    ) -> None:
        for name, card in tuple(self._cards.items()):
            if isinstance(card, SurfaceCard | LineCard | BasinCard):
                keep = surface is not None and card.surface is surface
            elif isinstance(card, CurveCard):
                keep = card.spec == specs.get(name) and card.smooth == smooth
            else:
                keep = False
            if not keep:
                self._clock.unregister(card)
                del self._cards[name]
                card.hide()
                card.setParent(None)
                card.deleteLater()

    def _add(self, card: Card) -> None:
        self._cards[card.name] = card
        card.export_requested.connect(self.export_requested)
        card.maximize_requested.connect(self.maximize)
        self._clock.register(card)

    def _make_chips(self) -> None:
        for chip in self._chips.values():
            self._strip_layout.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {}
        for name, card in self._cards.items():
            chip = QPushButton(card.title)
            chip.setObjectName(f"chip-{name}")
            chip.setAccessibleName(tr("Show the plot {title}", title=card.title))
            chip.setCheckable(True)
            set_property(chip, "kind", "chip")
            chip.clicked.connect(self._on_chip)
            self._chips[name] = chip
            self._strip_layout.addWidget(chip)

    def _on_chip(self, on: bool) -> None:
        chip = self.sender()
        for name, known in self._chips.items():
            if known is chip:
                self.show_card(name, on)

    def _arrange(self) -> None:
        """Give every card that is wanted and fits its place."""
        while self._grid.count():
            self._grid.takeAt(0)
        for k in range(8):
            self._grid.setRowStretch(k, 0)
            self._grid.setColumnStretch(k, 0)
        curves = [n for n in self._order if n != "surface"]
        if self._maximized not in self._cards:
            self._maximized = ""
        if self._maximized:
            self._place_one(self._cards[self._maximized])
        elif not curves:
            self._place_waiting()
        else:
            self._place_all()
        self._update_chips()

    def _place_one(self, only: Card) -> None:
        self._empty.hide()
        for card in self._cards.values():
            card.set_maximized(card is only)
            card.setVisible(card is only)
        self._grid.addWidget(only, 0, 0)
        self._grid.setRowStretch(0, 1)
        self._grid.setColumnStretch(0, 1)

    def _place_waiting(self) -> None:
        column = 0
        surface = self._cards.get("surface")
        self._grid.setRowStretch(0, 1)
        if surface is not None:
            surface.set_maximized(False)
            self._grid.addWidget(surface, 0, 0)
            self._grid.setColumnStretch(0, 6)
            surface.show()
            column = 1
        self._grid.addWidget(self._empty, 0, column)
        self._grid.setColumnStretch(column, 5)
        self._empty.show()

    def _place_all(self) -> None:
        self._empty.hide()
        wanted = [name for name in self._order if name not in self._off]
        surface = "surface" in wanted[:2]
        size = self._area_size()
        found = plan(wanted, width=size.width(), height=size.height(), surface=surface)
        for name, card in self._cards.items():
            card.set_maximized(False)
            place = found.places.get(name)
            if place is not None:
                self._grid.addWidget(
                    card, place.row, place.column, place.rows, place.columns
                )
            card.setVisible(place is not None)
        for row, stretch in enumerate(found.row_stretch):
            self._grid.setRowStretch(row, stretch)
        for column, stretch in enumerate(found.column_stretch):
            self._grid.setColumnStretch(column, stretch)

    def _area_size(self) -> QSize:
        """Return the room for cards; the same whether or not there is a line of chips.

        Only further lines count.
        """
        self._strip.setFixedHeight(self._strip_layout.heightForWidth(self.width()))
        further = self._strip.height() - self._strip_layout.sizeHint().height()
        return QSize(self.width(), self.height() - further)

    def _update_chips(self) -> None:
        names = self.shown_names()
        some_missing = not self._maximized and 0 < len(names) < len(self._cards)
        self._strip.setVisible(some_missing)
        for name, chip in self._chips.items():
            chip.setChecked(name in names)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the cards for the new size, if that changes anything."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show all cards again on Escape."""
        if event.key() == Qt.Key.Key_Escape and self._maximized:
            self.maximize("")
            event.accept()
        else:
            super().keyPressEvent(event)
