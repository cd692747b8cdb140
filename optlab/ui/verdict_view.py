"""The card of the verdict: every optimizer against the baseline, and how sure that is.

Effect and interval come first, as a forest plot with numbers, p last. What is missing
before one may be called better is said in the sentence of each comparison; below stands
what to look at before any of it is believed.
"""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.analysis.certificate import Certificate
from optlab.analysis.evidence import Findings
from optlab.analysis.targets import metric_words
from optlab.analysis.verdict import Judgement, Verdict
from optlab.records import Floats
from optlab.translate import tr, tr_n
from optlab.ui.cards import Card
from optlab.ui.certificate_words import certificate_text, certificate_tip
from optlab.ui.theme import series_style, set_property
from optlab.ui.verdict_controls import VerdictControls
from optlab.ui.verdict_forest import ForestAxis, range_of
from optlab.ui.verdict_reader import Answers, VerdictReader
from optlab.ui.verdict_rows import (
    AlarmRow,
    VerdictRow,
    Words,
    effect_of,
    figures_of,
    interval_of,
)
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

NAME: Final = "verdict"
# In a card that is smaller, the comparisons need the room.
_CONTROLS_FROM: Final = (420, 320)
# What a bar needs beside the numbers to be read.
_BAR: Final = 150
_INSET: Final = 12


class VerdictCard(Card):
    """What can be said of the optimizers of a run.

    Args:
        reader: Works it out.
        state: Settings of all views.
    """

    def __init__(
        self,
        reader: VerdictReader,
        state: ViewState,
        parent: QWidget | None = None,
    ) -> None:
        self.reader = reader
        self._data: RunData | None = None
        self._seen: Hashable = None
        self._rows: list[VerdictRow] = []
        self._alarms: list[AlarmRow] = []
        self._entries: dict[str, int] = {}
        self._verdicts: tuple[Verdict, ...] = ()
        self._sign = 1.0
        self._numbers_width = 0
        super().__init__(NAME, tr("Verdict"), state=state, parent=parent)
        for action in (self.log_action, self.fit_action, self.copy_drawing_action):
            action.setVisible(False)
        self.canvas.hide()
        self._build_body()
        self._restyle()

    def _build_body(self) -> None:
        self.badge = QToolButton()
        self.badge.setObjectName("verdict.certificate")
        self.badge.setProperty("kind", "fact")
        self.badge.hide()
        self.badge.clicked.connect(self.reader.reasons_wanted)
        self.header.insertWidget(2, self.badge)
        self.controls = VerdictControls(self.reader)
        self.banner = Words("verdict.banner", role="warning")
        self.statement = Words("verdict.statement")
        self.waiting = Words("verdict.waiting")
        self.axis = ForestAxis()
        self.axis.setObjectName("verdict.scale")
        self._axis_room = QWidget()
        self._alarm_head = Words("verdict.alarms", role="section")
        self._alarm_head.setText(tr("To be looked at first"))
        self._content = content = QWidget()
        content.setObjectName("scroll-content")
        column = QVBoxLayout(content)
        column.setContentsMargins(_INSET, 4, _INSET, 4)
        column.setSpacing(8)
        column.addWidget(self.controls)
        column.addWidget(self.banner)
        column.addWidget(self.waiting)
        self._row_box = QVBoxLayout()
        self._row_box.setSpacing(10)
        column.addLayout(self._row_box)
        below = QHBoxLayout()
        below.setSpacing(_INSET)
        below.addWidget(self.axis, 1)
        below.addWidget(self._axis_room)
        column.addLayout(below)
        column.addWidget(self.statement)
        column.addWidget(self._alarm_head)
        self._alarm_box = QVBoxLayout()
        self._alarm_box.setSpacing(4)
        column.addLayout(self._alarm_box)
        column.addStretch(1)
        self._area = area = QScrollArea()
        area.setObjectName("verdict.area")
        area.setAccessibleName(tr("Verdict"))
        area.setProperty("role", "card-body")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        area.viewport().installEventFilter(self)
        self._column.insertWidget(1, area, 1)

    def _add_copies(self) -> None:
        action = self._action("copy-text", tr("Copy the verdict as text"))
        action.triggered.connect(self.copy_text)

    def csv_text(self) -> str:
        """Return what the menu says of writing data."""
        return tr("Export the comparisons as CSV…")

    # -- as a card -----------------------------------------------------------------

    def set_run(self, data: "RunData | None") -> None:
        """Judge another run, or none."""
        self._data, self._seen = data, None
        trials = () if data is None else data.trials
        self._entries = {start.label: start.entry for start in trials}

    def plotted(self, _trial: int) -> tuple[Floats, Floats]:
        """Return nothing: what is drawn is of optimizers, not of trials."""
        return np.empty(0), np.empty(0)

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        return -1 if self._data is None else self._data.revision + self.reader.revision

    def draw(self) -> None:
        """Ask for what is new, and show what is known."""
        self._drawn()
        answers = self.reader.look("verdict") if self.shown() else self.reader.answers
        seen = self.reader.revision, self.reader.live, id(self._data)
        if seen != self._seen:
            self._seen = seen
            self._show(answers)

    def out_of_range(self) -> bool:
        """Return False; it has no range."""
        return False

    def fit(self) -> None:
        """Do nothing but note that it was asked."""
        self._fit_wanted = False

    def plot_widget(self) -> QWidget:
        """Return what is copied as a picture."""
        return self._area.viewport()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self._make_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give what is said the height that it takes in another width."""
        if watched is self._area.viewport() and event.type() == QEvent.Type.Resize:
            self._fit_content()
        return super().eventFilter(watched, event)

    def _fit_content(self) -> None:
        column = self._content.layout()
        if column is not None:
            width = self._area.viewport().width()
            self._content.setMinimumHeight(column.heightForWidth(width))

    def _make_room(self) -> None:
        size, least = self.size(), _CONTROLS_FROM
        known = self.reader.answers.findings is not None
        roomy = size.width() >= least[0] and size.height() >= least[1]
        self.controls.setVisible(known and roomy)
        wide = size.width() - self._numbers_width >= _BAR
        for row in self._rows:
            row.numbers.setVisible(wide)
        self._axis_room.setVisible(wide)
        self._fit_content()

    # -- what is shown ---------------------------------------------------------------

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdicts that are shown."""
        return self._verdicts

    def text(self) -> str:
        """Return all that is said, a line for each thing."""
        lines = [self.title_text, self.subtitle_text, self.banner.text()]
        for row in self._shown_rows():
            lines += [row.sentence.text(), row.speed.text()]
        lines.append(self.statement.text())
        shown = [alarm for alarm in self._alarms if not alarm.isHidden()]
        lines += [f"{a.shape.text()} {a.words.text()}" for a in shown]
        return "\n".join(line for line in lines if line)

    def copy_text(self) -> None:
        """Put what is said on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def _shown_rows(self) -> list[VerdictRow]:
        return [row for row in self._rows if not row.isHidden()]

    def _show(self, answers: Answers) -> None:
        findings, judgement = answers.findings, answers.judgement
        self._show_badge(answers.certificate)
        known = findings is not None and judgement is not None
        self.waiting.say("" if known else self._waiting_words(answers))
        if findings is None or judgement is None:
            self._verdicts = ()
            self._show_nothing()
            return
        self._sign = -1.0 if judgement.higher_is_better else 1.0
        self._verdicts = judgement.verdicts
        self.controls.show_choice(answers.problems, findings)
        targets = [s.target for s in answers.speedups if s.target is not None]
        self.controls.show_target(targets[0] if targets else None)
        self._show_rows()
        provisional = any(v.provisional for v in judgement.verdicts)
        self.banner.say(_banner_words(findings) if provisional else "")
        self.statement.say(_statement(judgement))
        self._show_alarms(answers)
        self.set_subtitle(_subtitle(findings, judgement))
        self._make_room()

    def _show_nothing(self) -> None:
        for widget in (self.controls, self.banner, self.statement, self.axis):
            widget.hide()
        self._alarm_head.hide()
        for row in (*self._rows, *self._alarms):
            row.hide()
        self.set_subtitle("")

    def _waiting_words(self, answers: Answers) -> str:
        if answers.reason:
            return answers.reason
        if self._data is None:
            return tr("There is no run to judge yet.")
        return tr("What the trials say is being worked out…")

    def _show_badge(self, certificate: Certificate | None) -> None:
        self.badge.setVisible(certificate is not None)
        if certificate is not None:
            self.badge.setText(certificate_text(certificate))
            self.badge.setToolTip(certificate_tip(certificate))
            words = tr("Fairness: {word}", word=certificate_text(certificate))
            self.badge.setAccessibleName(words)
            set_property(self.badge, "level", certificate.level)

    def _show_rows(self) -> None:
        verdicts = self._verdicts
        while len(self._rows) < len(verdicts):
            row = VerdictRow(len(self._rows))
            self._rows.append(row)
            self._row_box.addWidget(row)
        ends: list[float] = []
        for verdict in verdicts:
            effect = effect_of(verdict, self._sign)
            ends += interval_of(verdict, self._sign) or ()
            ends += () if effect is None else (effect,)
        axis = range_of(ends)
        against = len({v.baseline for v in verdicts}) > 1
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(verdicts))
        for row, verdict in zip(self._rows, verdicts, strict=False):
            found = self.reader.speedup_of(verdict.label, verdict.baseline)
            row.show_verdict(
                verdict,
                sign=self._sign,
                axis=axis,
                against=against,
                speed="" if found is None else found.headline,
            )
        self._restyle_rows()
        self._align(verdicts)
        self.axis.setVisible(bool(ends))
        self.axis.show_range(axis, better_left=self._sign > 0)

    def _align(self, verdicts: Sequence[Verdict]) -> None:
        """Let all bars and the axis be as wide."""
        if not verdicts:
            return
        label = self._rows[0].numbers
        texts = [figures_of(verdict, self._sign) for verdict in verdicts]
        label.ensurePolished()
        width = max(label.fontMetrics().horizontalAdvance(t) for t in texts) + 4
        for row in self._rows:
            row.numbers.setFixedWidth(width)
        self._axis_room.setFixedWidth(width)
        self._numbers_width = width

    def _show_alarms(self, answers: Answers) -> None:
        alarms = answers.alarms
        while len(self._alarms) < len(alarms):
            row = AlarmRow(len(self._alarms))
            self._alarms.append(row)
            self._alarm_box.addWidget(row)
        for place, row in enumerate(self._alarms):
            row.setVisible(place < len(alarms))
        for row, alarm in zip(self._alarms, alarms, strict=False):
            row.show_alarm(alarm.level, alarm.text)
        self._alarm_head.setVisible(bool(alarms))

    def _restyle(self) -> None:
        super()._restyle()
        if hasattr(self, "axis"):
            self.axis.restyle(self.state.theme)
            self._restyle_rows()

    def _restyle_rows(self) -> None:
        theme = self.state.theme
        labels = [verdict.label for verdict in self._verdicts]
        for row, label in zip(self._rows, labels, strict=False):
            entry = self._entries.get(label, labels.index(label) + 1)
            row.restyle(series_style(entry, theme), theme)

    def rows_as_table(self) -> list[tuple[str, ...]]:
        """Return the comparisons as a table with a header, in full precision."""
        head = ("label", "baseline", "metric", "n", "effect", "low", "high", "p")
        rows: list[tuple[str, ...]] = [(*head, "adjusted_p", "verdict", "sentence")]
        for verdict in self._verdicts:
            effect = effect_of(verdict, self._sign)
            low, high = interval_of(verdict, self._sign) or (None, None)
            numbers = (effect, low, high, verdict.p, verdict.adjusted_p)
            cells = ["" if x is None else repr(float(x)) for x in numbers]
            names = (verdict.label, verdict.baseline, verdict.metric, str(verdict.n))
            word = {True: "better", False: "worse", None: ""}[verdict.better]
            rows.append((*names, *cells, word, verdict.sentence))
        return rows


def _subtitle(findings: Findings, judgement: Judgement) -> str:
    parts = [metric_words(judgement.metric)]
    if not findings.spec.comparison.all_pairs:
        parts.append(tr("against {baseline}", baseline=findings.baseline))
    n = max((v.n for v in judgement.verdicts), default=0)
    parts.append(tr_n("{n} seed", "{n} seeds", n=n))
    return " · ".join(parts)


def _banner_words(findings: Findings) -> str:
    """Return why everything is provisional."""
    states = [m.run.status(m.start.trial).state for m in findings.measured]
    going = sum(not state.ended for state in states)
    if going:
        return tr_n(
            "Provisional: {n} of {total} trials still runs.",
            "Provisional: {n} of {total} trials still run.",
            n=going,
            total=len(states),
        )
    if any(state == "stopped" for state in states):
        return tr("Provisional: trials were stopped before their end.")
    return tr("Provisional: the learning rate has not come down yet.")


def _statement(judgement: Judgement) -> str:
    """Return which kind of statement the intervals are."""
    verdicts = judgement.verdicts
    spoken = [v for v in verdicts if v.p is not None]
    notes = list(judgement.notes)
    if spoken and all(v.anytime for v in spoken) and not notes:
        notes.append(
            tr(
                "Not all seeds that were fixed beforehand have come to their end: "
                "intervals are confidence sequences, which hold however often one "
                "looks."
            )
        )
    elif spoken and not any(v.anytime for v in spoken):
        n = spoken[0].n
        notes.append(
            tr(
                "All {n} seeds that were fixed beforehand have come to their end: the "
                "tests are those for one look.",
                n=n,
            )
        )
    return " ".join(notes)
