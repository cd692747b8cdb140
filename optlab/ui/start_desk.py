"""The start of the next run, moved on the surface itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Slot

from optlab.params import InputError
from optlab.runner import surface_of
from optlab.spec import ProblemSpec
from optlab.ui.cards import Card
from optlab.ui.terrain import Point, TerrainCard

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

START: Final = "problem.start"
_FIXED: Final = "fixed"


class StartDesk(QObject):
    """Offers the start on the card of the surface, and takes it from there.

    It goes with the plots; made together with the other widgets.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.grid)
        self._window = window
        self._seen: tuple[ProblemSpec, Point | None] | None = None
        cards = window.grid.run_cards
        cards.made.connect(self._adopt)
        window.editor.changed.connect(self.offer)
        window.controller.changed.connect(self.offer)
        for card in cards.all().values():
            self._adopt(card)

    def next_start(self) -> Point | None:
        """Return where the next run starts; None if that cannot be moved."""
        if self._window.controller.active:
            return None
        problem = self._window.editor.spec.problem
        if self._seen is None or self._seen[0] != problem:
            self._seen = problem, self._start()
        return self._seen[1]

    def _start(self) -> Point | None:
        editor = self._window.editor
        if any(error.key.startswith("problem.") for error in editor.errors()):
            return None
        try:
            surface = surface_of(editor.spec, self._window.session.catalog)
        except InputError:
            return None
        if surface is None or surface.starts != _FIXED:
            return None
        return surface.start

    @Slot()
    def offer(self) -> None:
        """Let a person move the start, as long as no run goes on."""
        for card in self._window.grid.run_cards.all().values():
            self._offer_on(card)

    def _offer_on(self, card: Card) -> None:
        if isinstance(card, TerrainCard):
            point = self.next_start()
            fits = point is not None and len(point) == card.surface.dim
            card.offer_start(point if fits else None)

    @Slot(Card)
    def _adopt(self, card: Card) -> None:
        if isinstance(card, TerrainCard):
            # Later: the card may go when the experiment changes.
            queued = Qt.ConnectionType.QueuedConnection
            card.start_chosen.connect(self._choose, queued)
            self._offer_on(card)

    @Slot(object)
    def _choose(self, point: Point) -> None:
        if self.next_start() is not None:
            self._window.editor.finish_edit()
            self._window.editor.set_value(START, point)
