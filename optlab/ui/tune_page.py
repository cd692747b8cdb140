"""The page of a study: a form on the left, what it brings on the right, live."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSettings, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.clock import ViewClock
from optlab.ui.editor import SpecEditor
from optlab.ui.empty_state import EmptyState, Waiting
from optlab.ui.fields import QuietCombo
from optlab.ui.labels import ElidedLabel
from optlab.ui.tab_order import order_tabs
from optlab.ui.theme import set_property
from optlab.ui.tune_cards import BudgetCard, RateCard
from optlab.ui.tune_form import WIDTH as FORM_WIDTH
from optlab.ui.tune_form import TuneForm
from optlab.ui.tune_picture import ProblemPicture, StudyPicture
from optlab.ui.tune_table import TuneTable
from optlab.ui.tune_verdict import VerdictPanel
from optlab.ui.view_state import ViewState

PARTS: Final = 1000
PLOT_HEIGHT: Final = 224


@dataclass(frozen=True, kw_only=True)
class TuneState:
    """What can be done with the study on the page.

    Attributes:
        blocked: Why none can be started; empty if one can.
        running: Whether one goes on.
        stopping: Whether it is about to end.
        resumable: Whether the one that is shown was stopped and can go on.
        share: Share of its work that is done.
        words: How far it is.
        budget: What the experiment that is edited would take.
        folder: Where the study lies; empty for none.
        usable: Whether its winners have a place in the experiment.
        tuned: Whether the experiment says how one tunes.
    """

    blocked: str = ""
    running: bool = False
    stopping: bool = False
    resumable: bool = False
    share: float = 0.0
    words: str = ""
    budget: str = ""
    folder: str = ""
    usable: bool = False
    tuned: bool = False


class TunePage(QWidget):
    """Edits, runs and shows a study.

    Attributes:
        form: The form.
        rates: The plot of basins.
        budget: The plot of what a budget buys.
        table: Winners and final runs.
        verdict: What it came to.
    """

    leave_wanted = Signal()
    """Back to the lab."""
    start_wanted = Signal()
    stop_wanted = Signal()
    resume_wanted = Signal()
    usual_wanted = Signal()
    """The experiment is to be tuned and compared as is usual."""
    open_wanted = Signal()
    """A study that was begun earlier is to be shown."""

    def __init__(
        self,
        editor: SpecEditor,
        state: ViewState,
        *,
        settings: QSettings,
        clock: ViewClock,
    ) -> None:
        super().__init__()
        self.setObjectName("tune")
        self._picture: StudyPicture | None = None
        self._problem = 0
        self._state = TuneState()
        self.form = TuneForm(editor, state, settings=settings)
        self.rates, self.budget = RateCard(state), BudgetCard(state)
        self.table = TuneTable(state)
        self.verdict = VerdictPanel(state)
        for card in (self.rates, self.budget):
            clock.register(card)
        self._build(state)
        self._connect()
        self.show_state(TuneState())
        self.show_picture(None)

    # -- building ----------------------------------------------------------------

    def _build(self, state: ViewState) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.form, 1)
        self._budget_words = QLabel()
        self._budget_words.setObjectName("tune.budget")
        self._budget_words.setProperty("role", "muted")
        self._budget_words.setWordWrap(True)
        left.addWidget(self._budget_words)
        side = QWidget()
        side.setFixedWidth(FORM_WIDTH)
        left.setContentsMargins(0, 0, 0, 0)
        side.setLayout(left)
        self._empty = EmptyState("tune.empty", state, card=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._make_results())
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(side)
        body.addWidget(self._stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(self._make_head())
        layout.addLayout(self._make_progress())
        layout.addLayout(body, 1)

    def _make_head(self) -> QHBoxLayout:
        self.back = _button("tune.back", tr("← Lab"), tr("Back to the plots (Esc)"))
        self.back.setProperty("kind", "quiet")
        headline = QLabel(tr("Tune and compare"))
        headline.setProperty("role", "headline")
        self._problems: QComboBox = QuietCombo()
        self._problems.setObjectName("tune.problem")
        self._problems.setAccessibleName(tr("Problem that is shown"))
        self._problems.setToolTip(tr("Problem that is shown"))
        self.open = _button(
            "tune.open",
            tr("Open study…"),
            tr("Show a study that was begun earlier, to look at it or to go on"),
        )
        self.resume = _button(
            "tune.resume",
            tr("Resume"),
            tr("Go on with this study where it stopped; nothing is done twice"),
        )
        self.stop = _button(
            "tune.stop", tr("Stop"), tr("End the study; what was done stays")
        )
        self.start = _button("tune.start", tr("Start study"), "")
        self.start.setProperty("kind", "primary")
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.back, headline, self._problems):
            head.addWidget(widget)
        head.addStretch(1)
        for widget in (self.open, self.resume, self.stop, self.start):
            head.addWidget(widget)
        return head

    def _make_progress(self) -> QVBoxLayout:
        self._words = ElidedLabel()
        self._words.setObjectName("tune.progress.words")
        self._words.setProperty("role", "muted")
        self._bar = QProgressBar()
        self._bar.setObjectName("tune.progress")
        self._bar.setAccessibleName(tr("Progress of the study"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, PARTS)
        box = QVBoxLayout()
        box.setSpacing(3)
        box.addWidget(self._words)
        box.addWidget(self._bar)
        return box

    def _make_results(self) -> QScrollArea:
        plots = QHBoxLayout()
        plots.setSpacing(8)
        plots.addWidget(self.rates, 3)
        plots.addWidget(self.budget, 2)
        for card in (self.rates, self.budget):
            card.setMinimumHeight(PLOT_HEIGHT)
            # As much as is left, and not what a plot would like.
            card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        frame = QFrame()
        frame.setProperty("role", "card")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(1, 4, 1, 4)
        inner.addWidget(self.table)
        content = QWidget()
        content.setObjectName("scroll-content")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(plots, 1)
        column.addWidget(frame)
        column.addWidget(self.verdict)
        area = QScrollArea()
        area.setObjectName("tune.results")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        return area

    def _connect(self) -> None:
        self.back.clicked.connect(self.leave_wanted)
        self.start.clicked.connect(self.start_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.resume.clicked.connect(self.resume_wanted)
        self.open.clicked.connect(self.open_wanted)
        self._problems.activated.connect(self._choose)
        self._empty.acted.connect(self._take_usual)
        self.form.rebuilt.connect(self._order)
        self._order()

    @Slot()
    def _order(self) -> None:
        order_tabs(self)

    # -- what is shown -----------------------------------------------------------

    def _choose_body(self) -> None:
        """Show what there is, or why there is nothing yet."""
        self._stack.setCurrentIndex(0 if self.problem is None else 1)
        if not self._state.folder:
            self._explain(tuned=self._state.tuned)
        elif self._state.running:
            self._empty.show_words(
                Waiting(
                    headline=tr("The first trials are under way"),
                    advice=tr("What they come to is drawn as soon as one has ended."),
                )
            )
        else:
            self._empty.show_words(
                Waiting(
                    headline=tr("No trial has ended yet"),
                    advice=tr("Resume goes on with this study."),
                )
            )

    def _explain(self, *, tuned: bool) -> None:
        """Say what a study is, and offer to begin one."""
        usual = {"usual": tr("Take the usual settings")}
        self._empty.show_words(
            Waiting(
                headline=tr("No study yet"),
                advice=tr(
                    "A study gives every optimizer the same number of trials to find "
                    "its best settings. Then it trains the winners on new seeds and "
                    "says which one is better, and how sure that is."
                ),
                actions={} if tuned else usual,
            )
        )

    def show_state(self, state: TuneState) -> None:
        """Show what can be done, and how far the study is."""
        begun = state.running and (self.start.hasFocus() or self.resume.hasFocus())
        over = not state.running and self.stop.hasFocus()
        self.start.setEnabled(not state.running and not state.blocked)
        self.start.setToolTip(
            tr("Cannot start: {reason}", reason=state.blocked)
            if state.blocked
            else tr("Tune every optimizer, then train the winners and compare them")
        )
        self.stop.setVisible(state.running)
        self.stop.setEnabled(state.running and not state.stopping)
        self.resume.setVisible(state.resumable and not state.running)
        self.open.setEnabled(not state.running)
        # Who has the focus may go, and Qt would hand it to some plot.
        if begun:
            self.stop.setFocus()
        elif over:
            (self.resume if state.resumable else self.start).setFocus()
        words = state.words
        if not words and state.blocked:
            words = tr("Cannot start: {reason}", reason=state.blocked)
        self._words.set_full_text(words)
        role = "error" if state.blocked and not state.running else "muted"
        set_property(self._words, "role", role)
        self._words.setVisible(bool(words))
        self._bar.setVisible(bool(state.folder))
        self._bar.setValue(round(PARTS * state.share))
        self._budget_words.setText(state.budget)
        self._budget_words.setVisible(bool(state.budget))
        self._state = state
        self._choose_body()
        self.verdict.show_usable(usable=state.usable and not state.running)

    def show_picture(self, picture: StudyPicture | None) -> None:
        """Show what a study has brought; nothing where there is none."""
        self._picture = picture
        names = [] if picture is None else [p.problem for p in picture.problems]
        there = [self._problems.itemText(k) for k in range(self._problems.count())]
        if names != there:
            self._problems.clear()
            self._problems.addItems(names)
            self._problem = 0
        self._problems.setVisible(len(names) > 1)
        self._show_problem()

    @property
    def problem(self) -> ProblemPicture | None:
        """What is shown of the problem that is chosen."""
        problems = () if self._picture is None else self._picture.problems
        return problems[self._problem] if self._problem < len(problems) else None

    def _show_problem(self) -> None:
        picture = self.problem
        self.rates.show_picture(picture)
        self.budget.show_picture(picture)
        self.table.show_picture(picture)
        self.verdict.show_picture(picture)
        self._choose_body()

    @Slot(str)
    def _take_usual(self, _act: str) -> None:
        self.usual_wanted.emit()

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._problem = index
        self._show_problem()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        else:
            super().keyPressEvent(event)


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button
