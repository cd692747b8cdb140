"""The page of maps of basins: one small map for each optimizer, live."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.export.basin_colors import By
from optlab.export.basin_words import cell_words
from optlab.params import InputError, ParamSpec
from optlab.spec.basin_map import GRID, STEPS
from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.basin_map_legend import MapLegend
from optlab.ui.basin_map_pane import (
    FOOT,
    HEAD,
    SIDE,
    SMALLEST,
    MapPane,
    contour_image,
    tallness,
)
from optlab.ui.contour import SurfaceLike
from optlab.ui.empty_state import EmptyState, Waiting
from optlab.ui.fields import LineField
from optlab.ui.labels import ElidedLabel
from optlab.ui.tab_order import order_tabs
from optlab.ui.theme import set_property
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.basin_map import BasinMap

PARTS: Final = 1000
KINDS: Final = (".png", ".svg", ".pdf", ".csv", ".npz")
_GAP: Final = 14
_TITLES: Final = 64
_FIELD: Final = 72


@dataclass(frozen=True, kw_only=True)
class MapState:
    """What can be done with the map on the page.

    Attributes:
        blocked: Why none can be made; empty if one can.
        running: Whether one is being made.
        stopping: Whether it is about to end.
        words: How far it is.
    """

    blocked: str = ""
    running: bool = False
    stopping: bool = False
    words: str = ""


class BasinMapPage(QWidget):
    """Asks for a map of basins and shows it.

    Attributes:
        maps: The small maps.
        by: What they are coloured by.
    """

    leave_wanted = Signal()
    start_wanted = Signal()
    stop_wanted = Signal()
    open_wanted = Signal()
    export_wanted = Signal(str)
    """The map is to be written; carries the kind of the file."""
    copy_wanted = Signal()
    """A picture of the maps is wanted to paste."""
    place_chosen = Signal(int)
    """A start was clicked; carries its number."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self.setObjectName("basins")
        self._view = state
        self.by: By = "minimum"
        self._found: BasinMap | None = None
        self._surface: SurfaceLike | None = None
        self._contours: tuple[object, QImage | None] = (None, None)
        self.grid_field = _field(GRID)
        self.steps_field = _field(STEPS)
        self.maps = MapGrid(state)
        self.legend = MapLegend()
        self._build()
        self._connect()
        self.show_state(MapState())
        self._choose_body()

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self._empty = EmptyState("basins.empty", self._view, card=True)
        self._empty.show_words(
            Waiting(
                headline=tr("No map yet"),
                advice=tr(
                    "A map starts every optimizer of the experiment from each point "
                    "of a grid, and colours the point by the minimum that is reached "
                    "from there and by the steps that it takes."
                ),
            )
        )
        area = QScrollArea()
        area.setObjectName("basins.area")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.maps)
        # The card is their ground, in every theme.
        area.viewport().setAutoFillBackground(False)
        self.maps.setAutoFillBackground(False)
        self._card = QFrame()
        self._card.setProperty("role", "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(12, 10, 12, 8)
        inside.setSpacing(6)
        inside.addWidget(area, 1)
        inside.addWidget(self.legend)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._card)
        self._told = ElidedLabel()
        self._told.setObjectName("basins.told")
        self._told.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self._make_head())
        layout.addLayout(self._make_progress())
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._told)

    def _make_head(self) -> QHBoxLayout:
        self.back = _button("basins.back", tr("← Lab"), tr("Back to the plots (Esc)"))
        self.back.setProperty("kind", "quiet")
        headline = QLabel(tr("Map of basins"))
        headline.setProperty("role", "headline")
        self.open = _button(
            "basins.open", tr("Open map…"), tr("Show a map that was saved (.npz)")
        )
        self.export = QToolButton()
        self.export.setObjectName("basins.export")
        self.export.setText(tr("Export"))
        self.export.setAccessibleName(tr("Export"))
        self.export.setToolTip(tr("Write the maps to a file"))
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.export.setMenu(self._make_menu())
        self.stop = _button(
            "basins.stop", tr("Stop"), tr("End here; what is known stays")
        )
        self.start = _button("basins.start", tr("Draw the map"), "")
        self.start.setProperty("kind", "primary")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.back)
        head.addWidget(headline)
        head.addSpacing(8)
        for field in (self.grid_field, self.steps_field):
            label = QLabel(tr(field.spec.label))
            label.setProperty("role", "muted")
            label.setBuddy(field.widget)
            head.addWidget(label)
            field.widget.setFixedWidth(_FIELD)
            head.addWidget(field.body)
        head.addSpacing(8)
        head.addWidget(self._make_switch())
        head.addStretch(1)
        for widget in (self.open, self.export, self.stop, self.start):
            head.addWidget(widget)
        return head

    def _make_switch(self) -> QWidget:
        """Return the switch between the two ways of colouring."""
        switch = QWidget()
        self._ways = QButtonGroup(switch)
        row = QHBoxLayout(switch)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        texts: tuple[tuple[By, str, str], ...] = (
            ("minimum", tr("Which minimum"), tr("Hue: the minimum; depth: the steps")),
            ("steps", tr("How many steps"), tr("Colour by the steps alone")),
        )
        for by, text, tip in texts:
            button = QToolButton()
            button.setObjectName(f"basins.by.{by}")
            button.setText(text)
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.setProperty("kind", "quiet")
            button.setCheckable(True)
            button.setChecked(by == self.by)
            button.setProperty("by", by)
            self._ways.addButton(button)
            row.addWidget(button)
        return switch

    def _make_menu(self) -> QMenu:
        menu = QMenu(self.export)
        menu.setObjectName("basins.export.menu")
        for kind in KINDS:
            word = kind.removeprefix(".")
            text = {
                ".csv": tr("All starts as CSV…"),
                ".npz": tr("Map to open again…"),
            }.get(kind, tr("As {kind}…", kind=word.upper()))
            name = f"basins.export.{word}"
            add_entry(menu, name, text, partial(self.export_wanted.emit, kind))
        menu.addSeparator()
        add_entry(menu, "basins.copy", tr("Copy picture"), self.copy_wanted.emit)
        return menu

    def _make_progress(self) -> QVBoxLayout:
        self._words = ElidedLabel()
        self._words.setObjectName("basins.progress.words")
        self._bar = QProgressBar()
        self._bar.setObjectName("basins.progress")
        self._bar.setAccessibleName(tr("Progress of the map"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, PARTS)
        box = QVBoxLayout()
        box.setSpacing(3)
        box.addWidget(self._words)
        box.addWidget(self._bar)
        return box

    def _connect(self) -> None:
        self.back.clicked.connect(self.leave_wanted)
        self.start.clicked.connect(self.start_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.open.clicked.connect(self.open_wanted)
        self._ways.buttonClicked.connect(self._take_way)
        for field in (self.grid_field, self.steps_field):
            field.finished.connect(self.start_if_right)
            field.edited.connect(self._check)
        self.maps.pointed.connect(self._tell)
        self.maps.chosen.connect(self.place_chosen)
        self._view.theme_changed.connect(self._restyle)
        order_tabs(self)

    # -- what is asked for -------------------------------------------------------

    def wanted(self) -> tuple[int, int] | None:
        """Return starts to a side and steps; None where a field says neither."""
        found = []
        for field in (self.grid_field, self.steps_field):
            try:
                value = field.spec.parse(field.text(), field.spec.name)
            except InputError as error:
                field.mark(error.allowed)
                return None
            field.mark("")
            assert isinstance(value, int)
            found.append(value)
        return found[0], found[1]

    @Slot()
    def start_if_right(self) -> None:
        """Mark what is wrong as soon as a field is left."""
        self.wanted()

    @Slot(str)
    def _check(self, _text: str) -> None:
        self.wanted()

    # -- what is shown -----------------------------------------------------------

    def show_state(self, state: MapState) -> None:
        """Show what can be done, and how far a map is."""
        self.start.setEnabled(not state.running and not state.blocked)
        self.start.setToolTip(
            tr("Cannot start: {reason}", reason=state.blocked)
            if state.blocked
            else tr("Start every optimizer from each point of the grid")
        )
        self.stop.setVisible(state.running)
        self.stop.setEnabled(state.running and not state.stopping)
        self.open.setEnabled(not state.running)
        words = state.words
        if not words and state.blocked:
            words = tr("Cannot start: {reason}", reason=state.blocked)
        self._words.set_full_text(words)
        wrong = bool(state.blocked) and not state.running
        set_property(self._words, "role", "error" if wrong else "muted")
        self._words.setVisible(bool(words))
        self._bar.setVisible(state.running)

    def show_map(self, found: "BasinMap", surface: SurfaceLike | None) -> None:
        """Show a map as it is now."""
        self._found, self._surface = found, surface
        self._bar.setValue(round(PARTS * found.share))
        theme = self._view.theme
        key = (surface, theme.name)
        if self._contours[0] != key:
            lines = None if surface is None else contour_image(surface, theme.text)
            self._contours = key, lines
        self.maps.show_map(found, self._contours[1], by=self.by)
        self.legend.show_map(found, by=self.by, theme=theme)
        self._choose_body()

    def _choose_body(self) -> None:
        self._stack.setCurrentIndex(0 if self._found is None else 1)
        self.export.setEnabled(self._found is not None)

    def picture(self) -> QImage:
        """Return the maps as they are seen, with their legend."""
        return self._card.grab().toImage()

    @Slot()
    def _restyle(self) -> None:
        if self._found is not None:
            self.show_map(self._found, self._surface)

    @Slot(object)
    def _take_way(self, button: QToolButton) -> None:
        self.by = "steps" if button.property("by") == "steps" else "minimum"
        self._restyle()

    @Slot(int, object)
    def _tell(self, entry: int, cell: int | None) -> None:
        text = ""
        if self._found is not None and cell is not None:
            label = self._found.labels[entry]
            text = f"{label}: {cell_words(self._found, entry, cell)}"
        self._told.set_full_text(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        else:
            super().keyPressEvent(event)


class MapGrid(QWidget):
    """Small maps side by side, as large as fits, all of one size."""

    pointed = Signal(int, object)
    chosen = Signal(int)

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self.setObjectName("basins.maps")
        self._state = state
        self.panes: list[MapPane] = []
        self._tall = 1.0

    def show_map(self, found: "BasinMap", contours: QImage | None, *, by: By) -> None:
        """Show a map as it is now, a pane for each optimizer."""
        while len(self.panes) > len(found.labels):
            self.panes.pop().deleteLater()
        while len(self.panes) < len(found.labels):
            pane = MapPane(len(self.panes), self._state)
            pane.setParent(self)
            pane.pointed.connect(self.pointed)
            pane.chosen.connect(self.chosen)
            pane.show()
            self.panes.append(pane)
        self._tall = tallness(found)
        for pane in self.panes:
            pane.show_map(found, contours, by=by)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._place()

    def sizeHint(self) -> QSize:
        """Return room for maps that can be read."""
        return QSize(3 * 260, 2 * 300)

    def _place(self) -> None:
        """Give every map the same room: as many columns as make them largest."""
        count = len(self.panes)
        if not count:
            return
        columns = max(range(1, count + 1), key=self._side_with)
        side = max(self._side_with(columns), float(SMALLEST))
        width, height = side + SIDE + 2, side * self._tall + HEAD + FOOT
        # Together in the middle, with room for titles that are wider than their map.
        step_x = max(min(self.width() / columns, width + _TITLES), width)
        left = max(0.0, (self.width() - columns * step_x + _GAP) / 2)
        for number, pane in enumerate(self.panes):
            row, column = divmod(number, columns)
            x, y = left + column * step_x, row * (height + _GAP)
            pane.setGeometry(round(x), round(y), round(step_x - _GAP), round(height))
        rows = -(-count // columns)
        self.setMinimumHeight(round(rows * (height + _GAP)) - _GAP)

    def _side_with(self, columns: int) -> float:
        """Return how wide the maps are in so many columns."""
        rows = -(-len(self.panes) // columns)
        parent = self.parentWidget()
        room = self.height() if parent is None else parent.height()
        across = self.width() / columns - SIDE - 2 - _GAP
        down = ((room + _GAP) / rows - HEAD - FOOT - _GAP) / self._tall
        smallest = across if across < SMALLEST else SMALLEST
        return max(min(across, down), smallest)


def _field(spec: ParamSpec) -> LineField:
    field = LineField(spec, f"basins.{spec.name}")
    field.show_text(spec.show(spec.default))
    return field


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button
