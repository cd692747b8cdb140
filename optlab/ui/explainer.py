"""The panel *Explainer*: the card of an optimizer, a schedule, a problem or a topic.

It speaks English or Chinese, whatever the language of the window is. A card appears as
a whole, once its formula is typeset, so that nothing jumps.
"""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QEvent, QSettings, QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QWidget,
)

from optlab.cards import CardKind, card_names
from optlab.params import InputError
from optlab.spec import SchedulerSpec
from optlab.translate import current_language, tr
from optlab.ui.docks import scroll_body
from optlab.ui.editor import SpecEditor
from optlab.ui.explainer_page import Page
from optlab.ui.explanation import LANGUAGE_NAMES, Explanation, explanation
from optlab.ui.fields import QuietCombo
from optlab.ui.formula_view import FormulaJob, Typesetter
from optlab.ui.view_state import ViewState

Subject = tuple[CardKind, str]

WIDTH: Final = 344
FORMULA_FRAME: Final = 18
LANGUAGE_KEY: Final = "explainer/language"


class Explainer(QScrollArea):
    """Explains one thing at a time.

    Args:
        editor: The experiment; what it is made of can be chosen.
        state: Where the theme is.
        settings: Where the language is remembered.
    """

    preset_wanted = Signal(str)
    """A person wants to open the ready experiment of this name."""
    shown = Signal(str, str)
    """The card of this kind and name is on the screen."""

    def __init__(
        self, editor: SpecEditor, state: ViewState, *, settings: QSettings
    ) -> None:
        super().__init__()
        self._editor = editor
        self._state = state
        self._settings = settings
        self._problem = editor.problem.name
        self._subject: Subject = ("problem", self._problem)
        self._offered: tuple[Subject, ...] = ()
        self._waiting: Explanation | None = None
        self._told: Explanation | None = None
        self._typesetter = Typesetter(self)
        self.language = _remembered(settings)
        self.switch = LanguageSwitch(self.language)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.setObjectName("explainer")
        self.setAccessibleName(tr("Explainer"))
        self._layout = scroll_body(self)
        self._layout.setContentsMargins(12, 0, 8, 12)
        self._layout.setSpacing(8)
        self._combo = QuietCombo()
        self._combo.setObjectName("explainer.subject")
        self._combo.setAccessibleName(tr("What is explained"))
        self._page = Page()
        self._page.formula.set_color(self._state.theme.text)
        self._layout.addWidget(self._combo)
        self._layout.addWidget(self._page)
        self._layout.addStretch(1)

    def _connect(self) -> None:
        self._combo.activated.connect(self._choose)
        self._page.preset_wanted.connect(self.preset_wanted)
        self._editor.changed.connect(self._follow)
        self._state.theme_changed.connect(self._restyle)
        self._typesetter.done.connect(self._show_waiting)
        self.switch.chosen.connect(self.set_language)

    # -- what is shown -----------------------------------------------------------

    @property
    def subject(self) -> Subject:
        """What is explained: its kind and its name."""
        return self._subject

    def explain(self, kind: CardKind, name: str) -> None:
        """Show the card of one thing, as soon as the panel can be seen."""
        self._subject = (kind, name)
        self._refresh()

    @Slot(str)
    def set_language(self, language: str) -> None:
        """Speak another language from now on."""
        self.language = language
        self.switch.show_language(language)
        self._settings.setValue(LANGUAGE_KEY, language)
        self._offered = ()
        self._refresh()

    def shutdown(self) -> bool:
        """End what typesets, bounded; return whether it has ended."""
        return self._typesetter.shutdown()

    def sizeHint(self) -> QSize:
        """Return the size that it takes when it is opened."""
        return QSize(WIDTH, 600)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        self._refresh_offered()
        told = _told(self._editor, self._subject, self.language)
        self._waiting = told
        if told.tex:
            self._typesetter.ask(self._job(told.tex))
        else:
            self._show_waiting()

    def _job(self, tex: tuple[str, ...]) -> FormulaJob:
        margins = self._layout.contentsMargins()
        used = margins.left() + margins.right() + FORMULA_FRAME
        # With its scroll bar or without: the same formula.
        room = self.width() - self.verticalScrollBar().sizeHint().width() - used
        return FormulaJob(tex=tex, width=room, ratio=self.devicePixelRatioF())

    @Slot()
    def _show_waiting(self) -> None:
        told, self._waiting = self._waiting, None
        if told is None:
            return
        pixels = self._typesetter.result
        if told.tex and pixels is not None:
            self._page.formula.show_pixels(pixels, self.devicePixelRatioF())
        if told != self._told:  # else only the size of the formula is another one
            self._told = told
            typeset = bool(told.tex) and pixels is not None
            self._page.show_explanation(told, typeset=typeset)
            self.verticalScrollBar().setValue(0)
        self.shown.emit(*self._subject)

    @Slot()
    def _follow(self) -> None:
        """Go to the new problem where the problem is explained."""
        before, self._problem = self._problem, self._editor.problem.name
        if self._problem != before and self._subject == ("problem", before):
            self.explain("problem", self._problem)
        elif self.isVisible():
            self._refresh_offered()

    def _refresh_offered(self) -> None:
        """List what the experiment is made of, and the topics."""
        offered = (*_parts(self._editor), *(("topic", n) for n in card_names("topic")))
        if self._subject not in offered:
            offered = (self._subject, *offered)
        if offered != self._offered:
            self._offered = offered
            self._combo.clear()
            for before, subject in zip((None, *offered), offered, strict=False):
                if before is not None and subject[0] == "topic" != before[0]:
                    self._combo.insertSeparator(self._combo.count())
                title = _told(self._editor, subject, self.language).title
                self._combo.addItem(title, subject)
        self._combo.setCurrentIndex(self._place_of(self._subject))

    def _place_of(self, subject: Subject) -> int:
        data = (self._combo.itemData(i) for i in range(self._combo.count()))
        return next(i for i, item in enumerate(data) if item and tuple(item) == subject)

    # -- what a person and the window do -------------------------------------------

    def _choose(self, index: int) -> None:
        kind, name = self._combo.itemData(index)
        self.explain(kind, name)

    def _restyle(self) -> None:
        self._page.formula.set_color(self._state.theme.text)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was asked for while nobody could see it."""
        super().showEvent(event)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set the formula anew where it has more room, or less."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._refresh()

    def event(self, event: QEvent) -> bool:
        """Set the formula anew on a screen with finer pixels."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._refresh()
        return super().event(event)


class LanguageSwitch(QWidget):
    """Two small buttons, one of which is pressed."""

    chosen = Signal(str)
    """A person chose this language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for code, name in LANGUAGE_NAMES.items():
            button = QPushButton(name)
            button.setObjectName(f"explainer.{code}")
            button.setAccessibleName(tr("Explain in {language}", language=name))
            button.setToolTip(button.accessibleName())
            button.setProperty("kind", "chip")
            button.setCheckable(True)
            self._group.addButton(button)
            self._buttons[code] = button
            layout.addWidget(button)
        self._group.buttonClicked.connect(self._tell)
        self.show_language(language)

    def show_language(self, language: str) -> None:
        """Press the button of a language."""
        self._buttons[language].setChecked(True)

    def _tell(self) -> None:
        pressed = self._group.checkedButton()
        for code, button in self._buttons.items():
            if button is pressed:
                self.chosen.emit(code)


def _remembered(settings: QSettings) -> str:
    language = settings.value(LANGUAGE_KEY)
    if isinstance(language, str) and language in LANGUAGE_NAMES:
        return language
    return "zh" if current_language().startswith("zh") else "en"


def _parts(editor: SpecEditor) -> tuple[Subject, ...]:
    """Return what the experiment is made of, each once."""
    found: list[Subject] = [("problem", editor.problem.name)]
    for entry in editor.spec.optimizers:
        groups = (group.optimizer for group in entry.groups if group.optimizer)
        found += [("optimizer", name) for name in (entry.name, *groups)]
        found += [("scheduler", name) for name in _schedules(entry.scheduler)]
    return tuple(dict.fromkeys(found))


def _schedules(spec: SchedulerSpec | None) -> Iterator[str]:
    """Yield the name of a schedule and of those that it is made of."""
    if spec is not None:
        yield spec.name
        for part in spec.parts:
            yield from _schedules(part)


def _told(editor: SpecEditor, subject: Subject, language: str) -> Explanation:
    kind, name = subject
    try:
        return explanation(editor.catalog, kind, name, language=language)
    except InputError:  # a file of the user's that is gone or broken
        return Explanation(title=name)
