"""The centre of the window: the plots of a run, in the places they are given.

Without an arrangement of a person's own the plots find their places by themselves, as
many as there is room for. What a person does to them goes to the view state, from
where it comes back here; nothing lasting is kept in the widgets.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from optlab.export.curves import metric_info
from optlab.export.style import X_METRICS
from optlab.registry import DiagnosticInfo
from optlab.translate import tr
from optlab.ui import pane_tree
from optlab.ui.add_plot import AddPlot, Offer, second_looks
from optlab.ui.arrangement import (
    AUTOMATIC,
    X_AXES,
    Node,
    Pane,
    Split,
    metric_of,
)
from optlab.ui.arranging import Arranger, Scene, all_of, is_empty, order_of
from optlab.ui.cards import Card
from optlab.ui.clock import ViewClock
from optlab.ui.contour import SurfaceLike
from optlab.ui.curves import CurveCard
from optlab.ui.empty_state import EmptyState, Waiting
from optlab.ui.grid_layout import plan
from optlab.ui.level_lines import NO_LEVELS
from optlab.ui.pane_mover import PaneMover
from optlab.ui.pane_tree import names_in
from optlab.ui.pane_view import GAP, LEAST, PaneView, Parts
from optlab.ui.plot_menu import PlotMenu
from optlab.ui.plot_strip import PlotStrip
from optlab.ui.run_cards import (
    BASINS,
    SPEEDUP,
    SURFACE,
    VERDICT,
    RunCards,
    RunView,
    SweepPlan,
)
from optlab.ui.verdict_reader import VerdictReader
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_EMPTY: Final = "(empty)"
_SPACING: Final = 4


class PlotGrid(QWidget):
    """Cards of a run.

    Args:
        state: Settings of all views.
        clock: Draws the cards.

    `export_requested` carries the name of a plot and a suffix, `acted` what a button
    of an empty pane is for: a word of `set_waiting`, or ``measure:<metric>``.
    """

    export_requested = Signal(str, str)
    acted = Signal(str)

    def __init__(
        self, state: ViewState, clock: ViewClock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("plot-grid")
        self._state = state
        self._clock = clock
        self._built: Hashable = None
        self._seen = (AUTOMATIC, "")
        self._tree: Node | None = None
        self._missing: dict[str, EmptyState] = {}
        self._waiting = Waiting.nothing_yet()
        self.run_cards = RunCards(state, self)
        self.arranger = Arranger(
            state, scene=self._scene, title=self.run_cards.title, parent=self
        )
        self._build()
        self._connect()
        self._arrange()
        clock.register(self)

    def _build(self) -> None:
        self._empty = EmptyState("plots-empty", self._state)
        self._area = PaneView(self._state)
        self._area.setObjectName("plots-area")
        self.strip = PlotStrip(self._state)
        self._popup = AddPlot(self)
        self.mover = PaneMover(self._area, shown=self._shown, state=self._state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_SPACING)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.strip)

    def _connect(self) -> None:
        self.run_cards.made.connect(self._adopt)
        self.run_cards.dropped.connect(self._release)
        self._state.changed.connect(self._follow)
        self._area.border_moved.connect(self._on_border)
        self._empty.acted.connect(self._act)
        self.strip.toggled.connect(self.show_card)
        self.strip.add_wanted.connect(self.ask_for_plot)
        self._popup.taken.connect(self._on_taken)
        self.mover.moved.connect(self.arranger.place)

    def set_run(
        self,
        data: "RunData | None",
        surface: SurfaceLike | None,
        *,
        sweep: SweepPlan | None = None,
        moving_rates: bool = False,
        limits: Mapping[int, float] = NO_LEVELS,
        starts: Sequence[Sequence[float]] = (),
        reader: VerdictReader | None = None,
    ) -> None:
        """Show a run.

        Args:
            data: The run, live or finished; None before there is one.
            surface: Its surface; None where the problem is none.
            sweep: What it sweeps over, if over anything.
            moving_rates: Whether a schedule moves its learning rates.
            limits: The sharpness up to which optimizers are stable, by their index.
            starts: Where each seed will start.
            reader: Works out what it comes to.
        """
        self._rebuild(
            RunView(
                data=data,
                surface=surface,
                sweep=sweep,
                moving_rates=moving_rates,
                limits=limits,
                starts=starts,
                reader=reader,
            )
        )

    def set_waiting(self, waiting: Waiting) -> None:
        """Say what stands in the centre while there is nothing to plot."""
        if waiting != self._waiting:
            self._waiting = waiting
            self._arrange()

    def cards(self) -> tuple[Card, ...]:
        """Return all cards of the run, those without room included."""
        return tuple(self.run_cards.all().values())

    def card(self, name: str) -> Card:
        """Return the card of a plot, or ``surface``."""
        return self.run_cards[name]

    def maximize(self, name: str) -> None:
        """Let one card fill the centre; again, or with an empty name, show all."""
        self._state.set_maximized("" if self._state.maximized == name else name)

    def show_card(self, name: str, on: bool) -> None:
        """Show a card, in the place of another one if there is no room, or hide it."""
        if on:
            self.arranger.show(name)
        else:
            self.arranger.remove(name)
        self._update_strip()

    def shown_names(self) -> tuple[str, ...]:
        """Return the names of the cards that have a place."""
        there = self.run_cards.all()
        shown = set(names_in(self._tree))
        return tuple(name for name in there if name in shown)

    def focused_name(self) -> str:
        """Return the plot that a command is about.

        It has the keyboard, or fills the centre, or is the first one.
        """
        focused = QApplication.focusWidget()
        names = self.shown_names()
        for name in names:
            card = self.card(name)
            if focused is not None and card.isAncestorOf(focused):
                return name
        return self._state.maximized or (names[0] if names else "")

    def shown(self) -> bool:
        """Return whether a person can see it."""
        return self.isVisible()

    def revision(self) -> Hashable:
        """Return what decides which cards there are."""
        return self._wanted()

    def draw(self) -> None:
        """Make the cards anew if the run has become another one."""
        if self._wanted() != self._built:
            self._rebuild(self.run_cards.view)

    def fit_due(self) -> bool:
        """Return False; ranges are the cards' own."""
        return False

    def fit(self) -> None:
        """Do nothing."""

    def paint_seconds(self) -> float:
        """Return 0; the cards count for themselves."""
        return 0.0

    # -- which cards there are -----------------------------------------------------

    def _wanted(self) -> Hashable:
        view = self.run_cards.view
        trials = () if view.data is None else view.data.trials
        return id(view.data), trials, view.metrics, id(view.surface), id(view.sweep)

    def _rebuild(self, view: RunView) -> None:
        self.run_cards.set_view(view)
        if view.data is not None:
            view.data.read_ahead(map(metric_of, names_in(self._plots_tree())))
        self.run_cards.want(self._extra())
        self._built = self._wanted()
        self._arrange()

    def _extra(self) -> tuple[str, ...]:
        now = self._state.arrangement
        return (*now.copies, *names_in(now.tree))

    def _adopt(self, card: Card) -> None:
        card.export_requested.connect(self.export_requested)
        card.maximize_requested.connect(self.maximize)
        card.hide()
        card.setParent(self._area)
        PlotMenu(card, self.arranger, offers=self.offers)
        self.mover.watch(card)
        self._clock.register(card)

    def _release(self, card: Card) -> None:
        self._clock.unregister(card)
        self._area.forget(card)

    def _follow(self) -> None:
        """Arrange the plots anew if that is what has changed."""
        if (self._state.arrangement, self._state.maximized) != self._seen:
            self.run_cards.want(self._extra())
            self._arrange()

    # -- where they are --------------------------------------------------------------

    def _arrange(self) -> None:
        """Give every card that is wanted and fits its place."""
        self._seen = (self._state.arrangement, self._state.maximized)
        cards = self.run_cards.all()
        maximized = self._state.maximized
        if maximized in cards:
            tree: Node | None = Pane(name=maximized)
        elif not [name for name in self.run_cards.usual if name != SURFACE]:
            tree = self._waiting_tree()
        else:
            tree = self._plots_tree()
        self._tree = tree
        for name, card in cards.items():
            card.set_maximized(name == maximized)
        self._area.show_tree(tree, self._widgets(tree))
        self._update_strip()

    def _waiting_tree(self) -> Node:
        self._say(self._waiting)
        surface = SURFACE in self.run_cards.usual
        if not surface or SURFACE in self._state.arrangement.off:
            return Pane(name=_EMPTY)
        parts = Pane(name=SURFACE), Pane(name=_EMPTY)
        return Split(across=True, parts=parts, weights=(6.0, 5.0))

    def _plots_tree(self) -> Node:
        asked = self._state.arrangement.tree
        if asked is None:
            tree = self._planned()
        elif is_empty(asked):
            tree = None
        else:
            room = self._room()
            size = room.width(), room.height()
            tree = pane_tree.fitting(asked, size, pane=LEAST, gap=GAP)
        if tree is None:
            self._say(Waiting.no_plots())
            return Pane(name=_EMPTY)
        return tree

    def _planned(self) -> Node | None:
        """Return where plots stand by themselves."""
        now, usual = self._state.arrangement, self.run_cards.usual
        wanted = [
            name
            for name in order_of(now, usual)
            if name not in now.off and self.run_cards.possible(name)
        ]
        size = self._room(one_line=True)
        surface = SURFACE in wanted[:2]
        return plan(wanted, width=size.width(), height=size.height(), surface=surface)

    def _scene(self) -> Scene:
        tree = self._state.arrangement.tree
        if tree is None:
            tree = all_of(self._planned())
        size = self._area.size()
        return Scene(
            tree=tree,
            shown=tuple(n for n in names_in(self._tree) if n != _EMPTY),
            usual=self.run_cards.usual,
            size=(size.width(), size.height()),
        )

    def _room(self, *, one_line: bool = False) -> QSize:
        """Return the room for plots.

        Args:
            one_line: Whether to count only what lines of chips take beyond the first:
                the plan shall be the same whether or not there are chips.
        """
        lines = self.strip.lines_height(self.width())
        taken = lines + _SPACING
        if one_line:
            taken = lines - self.strip.line_height()
        return QSize(self.width(), self.height() - taken)

    def _widgets(self, tree: Node | None) -> dict[str, QWidget]:
        """Return what stands in the panes; where a run lacks a plot, words."""
        found: dict[str, QWidget] = {**self.run_cards.all(), _EMPTY: self._empty}
        lacking = [name for name in names_in(tree) if name not in found]
        for name in lacking:
            if name not in self._missing:
                pane = EmptyState(f"missing-{name}", self._state, card=True)
                pane.acted.connect(self._act)
                self._missing[name] = pane
            self._missing[name].show_words(_lacking(name, self.run_cards.title(name)))
        # Those that are lacking no more are kept: what made them go may be a click on
        # a button of theirs.
        return {**found, **{name: self._missing[name] for name in lacking}}

    def _shown(self) -> dict[str, QWidget]:
        """Return the cards that have a place."""
        return {name: self.card(name) for name in self.shown_names()}

    def _update_strip(self) -> None:
        names = dict.fromkeys((*self.run_cards.usual, *self._extra()))
        titles = {name: self.run_cards.title(name) for name in names}
        self.strip.set_plots(titles, names_in(self._tree))
        self.strip.setFixedHeight(self.strip.lines_height(self.width()))
        begun = self.run_cards.view.begun is not None
        self.strip.setVisible(begun and not self._state.maximized)

    def _say(self, waiting: Waiting) -> None:
        self._empty.show_words(waiting)

    # -- what a person does ----------------------------------------------------------

    def offers(self, beside: str = "") -> list[Offer]:
        """Return what can be added to the plots.

        Args:
            beside: A plot, of which second looks are offered too; empty for none.
        """
        cards, shown = self.run_cards, self.shown_names()
        there = dict.fromkeys((*cards.all(), *cards.offered))
        found = [
            Offer(name=name, text=cards.title(name))
            for name in there
            if name not in shown
        ]
        card = cards.all().get(beside)
        if isinstance(card, CurveCard):
            found += second_looks(
                beside,
                cards.title(card.spec.metric),
                axis=self._state.plot(beside).x_axis or self._state.x_axis,
                log=card.log_y,
                counted=[x for x in X_AXES if self._counted(x)],
            )
        return found

    def ask_for_plot(self) -> None:
        """Open the list of what can be added."""
        button = self.strip.add_button
        anchor: QWidget = button if button.isVisible() else self._empty
        corner = anchor.mapToGlobal(QPoint(0, -4 if anchor is button else 0))
        names = self.shown_names()
        self._popup.open_at(corner, self.offers(names[0] if names else ""))

    def _counted(self, axis: str) -> bool:
        metric = X_METRICS.get(axis)
        return not metric or metric in self.run_cards.view.metrics

    def _on_taken(self, offer: Offer) -> None:
        self.arranger.add(offer.name, settings=offer.settings)

    def _on_border(self, parts: Parts, weights: Sequence[float]) -> None:
        if not any(_EMPTY in part for part in parts):
            self.arranger.resize(parts, weights)

    def _act(self, word: str) -> None:
        """Do what a button of an empty pane is for."""
        what, _, name = word.partition(":")
        if what == "add":
            self.ask_for_plot()
        elif what == "reset":
            self.arranger.reset()
        elif what == "remove":
            self.arranger.remove(name)
        else:
            self.acted.emit(word)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the cards for the new size, if that changes anything."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show all cards again on Escape."""
        if event.key() == Qt.Key.Key_Escape and self._state.maximized:
            self.maximize("")
            event.accept()
        else:
            super().keyPressEvent(event)


def _lacking(name: str, title: str) -> Waiting:
    """Return the words for a plot of something that the run has not measured."""
    metric = metric_of(name)
    remove = {f"remove:{name}": tr("Remove")}
    headline = tr("{title} is not measured in this run", title=title)
    if metric in (VERDICT, SPEEDUP):
        return Waiting(
            headline=tr("{title} is not there in this run", title=title),
            advice=tr("It takes two optimizers that are compared."),
            actions=remove,
        )
    if metric in (SURFACE, BASINS):
        return Waiting(
            headline=tr("{title} is not there in this run", title=title),
            advice=tr("The problem is no surface of one or two coordinates."),
            actions=remove,
        )
    if isinstance(metric_info(metric), DiagnosticInfo):
        return Waiting(
            headline=headline,
            advice=tr("Switch it on among the diagnostics, then press Start."),
            actions={f"measure:{metric}": tr("Measure it"), **remove},
        )
    return Waiting(
        headline=headline,
        advice=tr("A run of another problem may have it."),
        actions=remove,
    )
