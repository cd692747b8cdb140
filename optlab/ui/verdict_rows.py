"""Rows of the verdict: one comparison with its bar and its sentence, or one alarm."""

from __future__ import annotations

from math import isfinite
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from optlab.analysis.certificate import Level
from optlab.analysis.verdict import Verdict
from optlab.export.number_text import number
from optlab.translate import tr
from optlab.ui.certificate_words import SHAPES
from optlab.ui.labels import ElidedLabel
from optlab.ui.swatch import Swatch
from optlab.ui.theme import SeriesStyle, Theme, set_property
from optlab.ui.verdict_forest import Ends, ForestBar

_DIGITS: Final = 3
_ROLES: Final[dict[Level, str]] = {
    "green": "success",
    "amber": "warning",
    "red": "error",
}


class Words(QLabel):
    """Text in as many lines as it takes, which can be selected."""

    def __init__(self, name: str, role: str = "muted") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", role)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        """Return one line: Qt would ask for the height of a narrow column."""
        return QSize(0, self.fontMetrics().height())

    def say(self, text: str) -> None:
        """Show a text; an empty one takes no room."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))


class VerdictRow(QWidget):
    """One comparison.

    Args:
        place: Its place in the list, for its name.
    """

    def __init__(self, place: int) -> None:
        super().__init__()
        name = f"verdict.{place}"
        self.setObjectName(name)
        self.swatch = Swatch()
        self.label = ElidedLabel()
        self.label.setObjectName(f"{name}.label")
        self.label.setProperty("role", "entry-name")
        self.word = QLabel()
        self.word.setObjectName(f"{name}.word")
        self.bar = ForestBar()
        self.bar.setObjectName(f"{name}.bar")
        self.numbers = QLabel()
        self.numbers.setObjectName(f"{name}.numbers")
        self.numbers.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.sentence = Words(f"{name}.sentence", role="")
        self.speed = Words(f"{name}.speed", role="")
        head, figures = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.swatch)
        head.addWidget(self.label, 1)
        head.addWidget(self.word)
        figures.setSpacing(12)
        figures.addWidget(self.bar, 1)
        figures.addWidget(self.numbers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(figures)
        column.addWidget(self.sentence)
        column.addWidget(self.speed)

    def show_verdict(
        self, verdict: Verdict, *, sign: float, axis: Ends, against: bool, speed: str
    ) -> None:
        """Show a verdict.

        Args:
            verdict: The verdict.
            sign: -1 where more of the metric is better, as effects are of costs.
            axis: Ends of the axis.
            against: Whether to name the other optimizer.
            speed: How much faster it is, in a sentence.
        """
        label = verdict.label
        if against:
            text = "{label} against {baseline}"
            label = tr(text, label=label, baseline=verdict.baseline)
        self.label.set_full_text(label)
        self.word.setText(verdict_word(verdict))
        role = {True: "success", False: "error", None: "muted"}[verdict.better]
        set_property(self.word, "role", role)
        effect, interval = effect_of(verdict, sign), interval_of(verdict, sign)
        self.bar.show_effect(effect, interval, axis=axis, hollow=verdict.provisional)
        self.numbers.setText(figures_of(verdict, sign))
        self.sentence.say(verdict.sentence)
        self.speed.say(speed)
        told = f"{label}: {verdict_word(verdict)}. {verdict.sentence} {speed}"
        self.setAccessibleName(told.strip())
        self.bar.setAccessibleName(f"{label}: {figures_of(verdict, sign)}")

    def restyle(self, style: SeriesStyle, theme: Theme) -> None:
        """Take the colours of an optimizer."""
        self.swatch.set_style(style, faint=False)
        self.bar.restyle(style.color, theme)


class AlarmRow(QWidget):
    """One thing to look at.

    Args:
        place: Its place in the list, for its name.
    """

    def __init__(self, place: int) -> None:
        super().__init__()
        self.setObjectName(f"verdict.alarm.{place}")
        self.shape = QLabel()
        self.shape.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words = Words(f"verdict.alarm.{place}.text", role="")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.shape)
        row.addWidget(self.words, 1)

    def show_alarm(self, level: Level, text: str) -> None:
        """Show an alarm with the shape and the colour of its level."""
        self.shape.setText(SHAPES[level])
        set_property(self.shape, "role", _ROLES[level])
        self.words.say(text)
        self.setAccessibleName(text)


def verdict_word(verdict: Verdict) -> str:
    """Return a verdict in a word, with a shape beside the colour."""
    if verdict.better is True:
        return "▲ " + tr("better")
    if verdict.better is False:
        return "▼ " + tr("worse")
    if not verdict.n:
        return "… " + tr("no seed has ended")
    return "– " + tr("no verdict")


def effect_of(verdict: Verdict, sign: float) -> float | None:
    """Return the difference of the metric itself."""
    return None if verdict.effect is None else sign * verdict.effect


def interval_of(verdict: Verdict, sign: float) -> Ends | None:
    """Return the interval of that difference, the lower end first."""
    if verdict.interval is None:
        return None
    low, high = sorted(sign * end for end in verdict.interval)
    return low, high


def figures_of(verdict: Verdict, sign: float) -> str:
    """Return effect and interval first, n, and p last."""
    parts = []
    effect, interval = effect_of(verdict, sign), interval_of(verdict, sign)
    if effect is not None:
        plus = "+" if effect > 0 and isfinite(effect) else ""
        parts.append(plus + number(effect, _DIGITS))
    if interval is not None:
        low, high = (number(end, _DIGITS) for end in interval)
        parts.append(tr("[{low}, {high}]", low=low, high=high))
    parts.append(tr("n = {n}", n=verdict.n))
    if verdict.adjusted_p is not None:
        parts.append(tr("p = {p}", p=f"{verdict.adjusted_p:.2g}"))
    return "  ".join(parts)
