"""The page that one begins on: experiments to try, what was at work last, the tour.

It shows what it is told and says what is pressed; what that means is decided by
`WelcomeDesk`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from optlab.registry import Catalog
from optlab.translate import current_language, tr
from optlab.ui.contour import SurfaceLike
from optlab.ui.icons import icon
from optlab.ui.labels import ElidedLabel
from optlab.ui.thumbnails import Sketch
from optlab.ui.view_state import ViewState
from optlab.ui.welcome_card import GAP, WIDEST, CardGrid, SampleCard
from optlab.ui.welcome_samples import SAMPLES, words_of

_SIDE: Final = 232
_MARGIN: Final = 24
_HEAD: Final = 76
_WIDEST_GRID: Final = 6 * (WIDEST + GAP)
_RECENT: Final = 5


@dataclass(frozen=True, kw_only=True)
class RecentItem:
    """A run or an experiment that was at work not long ago.

    Attributes:
        title: Its title.
        note: What is said of it beside that.
        path: Its file.
    """

    title: str
    note: str
    path: Path


class WelcomePage(QWidget):
    """What a person sees first.

    Args:
        catalog: Where the experiments are.
        state: Gives the theme.
        surfaces: Surfaces of those samples that have one, by preset.
        languages: Code and own name of each language.
        theme: Name of the theme that is preferred: ``system``, ``light`` or ``dark``.
        at_start: Whether the page is shown at start.
    """

    preset_wanted = Signal(str, bool)
    """An experiment is to be opened; carries whether to start it, too."""
    path_wanted = Signal(object)
    """A file is to be opened; carries its path."""
    open_wanted = Signal()
    new_wanted = Signal()
    continue_wanted = Signal()
    tour_wanted = Signal()
    theme_wanted = Signal(str)
    language_wanted = Signal(str)
    at_start_wanted = Signal(bool)
    looked_at = Signal(bool)
    """The page has come into view, or has left it."""

    def __init__(
        self,
        catalog: Catalog,
        state: ViewState,
        *,
        surfaces: Mapping[str, SurfaceLike],
        languages: Mapping[str, str],
        theme: str,
        at_start: bool,
    ) -> None:
        super().__init__()
        self._state = state
        self._icons: dict[QPushButton, str] = {}
        self._animated = True
        self._newcomer = False
        self.setObjectName("welcome")
        self.setAccessibleName(tr("Welcome"))
        self.cards = {
            sample.preset: SampleCard(
                catalog.presets.get(sample.preset),
                words=(*words_of(sample.preset), tr("takes seconds")),
                window=sample.window,
                state=state,
                surface=surfaces.get(sample.preset),
            )
            for sample in SAMPLES
        }
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_side(languages, theme, at_start))
        layout.addWidget(self._make_main(), 1)
        for name, card in self.cards.items():
            card.clicked.connect(partial(self.preset_wanted.emit, name, False))
            card.start.clicked.connect(partial(self.preset_wanted.emit, name, True))
        state.theme_changed.connect(self._restyle)
        self._restyle()

    # -- building ----------------------------------------------------------------

    def _make_main(self) -> QScrollArea:
        self.grid = CardGrid(tuple(self.cards.values()))
        self.grid.setMaximumWidth(_WIDEST_GRID)
        headline = QLabel(tr("See how optimizers train"))
        headline.setObjectName("welcome.headline")
        headline.setProperty("role", "headline")
        advice = QLabel(
            tr("Pick an experiment: a click opens it, Start sets it in motion.")
        )
        advice.setProperty("role", "subtitle")
        advice.setWordWrap(True)
        content = QWidget()
        content.setObjectName("scroll-content")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(_MARGIN, _MARGIN - 4, _MARGIN, _MARGIN)
        layout.setSpacing(2)
        layout.addWidget(headline)
        layout.addWidget(advice)
        layout.addSpacing(12)
        layout.addWidget(self.grid)
        layout.addStretch(1)
        self._scroll = _scrolling(content)
        self._scroll.setObjectName("welcome.samples")
        self.grid.reached.connect(self._scroll.ensureWidgetVisible)
        return self._scroll

    def _make_side(
        self, languages: Mapping[str, str], theme: str, at_start: bool
    ) -> QFrame:
        side = QFrame()
        side.setObjectName("welcome.side")
        side.setProperty("role", "side")
        side.setFixedWidth(_SIDE)
        content = QWidget()
        content.setObjectName("scroll-content")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(12, _MARGIN - 8, 12, 12)
        layout.setSpacing(2)
        layout.addWidget(self._make_name())
        layout.addSpacing(10)
        for button in self._make_actions():
            layout.addWidget(button)
        layout.addSpacing(10)
        self._recent_head = _section(tr("RECENT"))
        layout.addWidget(self._recent_head)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        layout.addLayout(self._recent)
        layout.addStretch(1)
        layout.addWidget(self._make_themes(theme))
        if len(languages) > 1:
            layout.addWidget(self._make_languages(languages))
        self._at_start = QCheckBox(tr("Show this page at start"))
        self._at_start.setObjectName("welcome.at-start")
        self._at_start.setToolTip(
            tr("Off: OptLab opens with what was at work last time")
        )
        self._at_start.setChecked(at_start)
        self._at_start.toggled.connect(self.at_start_wanted)
        layout.addSpacing(6)
        layout.addWidget(self._at_start)
        outer = QVBoxLayout(side)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(_scrolling(content))
        self.show_recent(())
        return side

    def _make_name(self) -> QWidget:
        box = QWidget()
        layout = QHBoxLayout(box)
        layout.setContentsMargins(10, 0, 0, 0)
        name = QLabel("OptLab")
        name.setProperty("role", "headline")
        self._mark = QLabel()
        layout.addWidget(self._mark)
        layout.addWidget(name, 1)
        return box

    def _make_actions(self) -> tuple[QPushButton, ...]:
        self.go_on = self._action(
            "continue", "play", tr("Continue where you were"), self.continue_wanted
        )
        self.go_on.hide()
        self.tour = self._action("tour", "eye", tr("Take the tour"), self.tour_wanted)
        return (
            self.go_on,
            self._action("new", "plus", tr("New experiment"), self.new_wanted),
            self._action("open", "open", tr("Open…"), self.open_wanted),
            self.tour,
        )

    def _action(
        self, part: str, picture: str, text: str, wanted: SignalInstance
    ) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"welcome.{part}")
        button.setAccessibleName(text)
        button.setToolTip(text)
        button.setProperty("kind", "entry")
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(lambda _: wanted.emit())
        self._icons[button] = picture
        return button

    def _make_themes(self, theme: str) -> QWidget:
        words = {"system": tr("System"), "light": tr("Light"), "dark": tr("Dark")}
        return self._chips("theme", tr("Theme"), words, theme)

    def _make_languages(self, languages: Mapping[str, str]) -> QWidget:
        return self._chips("language", tr("Language"), languages, current_language())

    def _chips(
        self, part: str, title: str, words: Mapping[str, str], chosen: str
    ) -> QWidget:
        box = QWidget()
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        group = QButtonGroup(box)
        wanted = self.theme_wanted if part == "theme" else self.language_wanted
        for code, word in words.items():
            chip = QPushButton(word)
            chip.setObjectName(f"welcome.{part}.{code}")
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setChecked(code == chosen)
            chip.setAccessibleName(tr("{title}: {choice}", title=title, choice=word))
            chip.setToolTip(chip.accessibleName())
            chip.clicked.connect(partial(wanted.emit, code))
            group.addButton(chip)
            layout.addWidget(chip)
        layout.addStretch(1)
        return box

    # -- what is shown -----------------------------------------------------------

    def set_animated(self, on: bool) -> None:
        """Let thumbnails draw themselves, or show them as they are."""
        self._animated = on
        for card in self.cards.values():
            card.set_animated(on)

    def show_sketch(self, preset: str, sketch: Sketch, *, growing: bool) -> None:
        """Show the lines of a sample; they draw themselves unless a run draws them."""
        view = self.cards[preset].view
        fresh = view.sketch is None
        view.show_sketch(sketch, animated=self._animated and fresh and not growing)

    def show_recent(self, items: Sequence[RecentItem]) -> None:
        """List what was at work not long ago."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, recent in enumerate(items[:_RECENT]):
            button = RecentButton(recent)
            button.setObjectName(f"welcome.recent.{number}")
            button.clicked.connect(partial(self.path_wanted.emit, recent.path))
            self._recent.addWidget(button)
        self._recent_head.setVisible(bool(items))

    def show_continue(self, title: str) -> None:
        """Offer to go on with what was at work; nothing if the title is empty."""
        self.go_on.setVisible(bool(title))
        text = tr("Continue with {title}, as it was left", title=title)
        self.go_on.setToolTip(text)

    def focus_first(self) -> None:
        """Let the keyboard begin at the first experiment."""
        first = next(iter(self.cards.values()))
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer_tour(self, *, new: bool) -> None:
        """Offer the tour, more plainly to who has never taken it."""
        self._newcomer = new
        text = tr("New here? Take the tour") if new else tr("Take the tour")
        self.tour.setText(text)
        self.tour.setAccessibleName(text)
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the cards know how much of them is in sight."""
        super().resizeEvent(event)
        self.grid.set_sight(self.height() - _HEAD - _MARGIN)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that somebody looks, and be ready for the keyboard."""
        super().showEvent(event)
        self.looked_at.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that nobody looks any more."""
        super().hideEvent(event)
        self.looked_at.emit(False)

    def _restyle(self) -> None:
        theme = self._state.theme
        for button, picture in self._icons.items():
            lit = button is self.tour and self._newcomer
            color = theme.accent if lit else theme.muted
            button.setIcon(icon(picture, theme, color=color))
        self._mark.setPixmap(icon("curve", theme, color=theme.accent).pixmap(20, 20))


class RecentButton(QPushButton):
    """One recent run or experiment, in two lines that are shortened if need be."""

    def __init__(self, item: RecentItem) -> None:
        super().__init__()
        self.setProperty("kind", "entry")
        self.setAccessibleName(item.title)
        self.setAccessibleDescription(item.note)
        self.setToolTip(f"{item.title}\n{item.note}\n{item.path}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 8, 4)
        layout.setSpacing(0)
        self.setProperty("tall", True)
        for text, role in ((item.title, "plain"), (item.note, "muted")):
            label = ElidedLabel()
            label.setProperty("role", role)
            label.set_full_text(text)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)


def _section(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    label.setContentsMargins(10, 0, 0, 2)
    return label


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area
