"""One page of the explainer, from the heading to the link."""

import re
from html import escape
from typing import Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from optlab.translate import tr
from optlab.ui.explanation import Explanation
from optlab.ui.fields import discard
from optlab.ui.formula_view import FormulaView
from optlab.ui.theme import ui_font

_SECTIONS: Final = ("idea", "watch", "fails")
_RELATION: Final = re.compile(" ([=≈<>≤≥]) ")
_INDEX: Final = re.compile(r"\b([a-zα-ω])_(\w{1,4})\b")


class Page(QWidget):
    """One explanation, from its heading to its link."""

    preset_wanted = Signal(str)
    """A person wants to open the ready experiment of this name."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self._layout.setSpacing(8)
        self._parts: QWidget | None = None
        self._title = _words("title", "headline")
        self._note = _words("note", "muted")
        self.formula = FormulaView()
        self.formula.setObjectName("explainer.formula")
        self._plain = _words("plain", "formula")
        self._symbols = _words("symbols", "muted")
        self._symbols.setTextFormat(Qt.TextFormat.RichText)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addWidget(self._note)
        self._layout.addLayout(head)
        for widget in (self.formula, self._plain, self._symbols):
            self._layout.addWidget(widget)

    def show_explanation(self, told: Explanation, *, typeset: bool) -> None:
        """Show all of it.

        Args:
            told: What is to be shown.
            typeset: Whether `formula` shows its formula.
        """
        self.formula.setVisible(typeset)
        self.formula.setAccessibleName(told.formula or tr("Formula"))
        for label, text in (
            (self._title, told.title),
            (self._note, told.note),
            (self._plain, "" if typeset else told.formula),
            (self._symbols, _with_subscripts(told.symbols)),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        if self._parts is not None:
            discard(self._parts)
        self._parts = _Parts(told)
        self._parts.preset_wanted.connect(self.preset_wanted)
        self._layout.addWidget(self._parts)
        self._parts.show()


class _Parts(QWidget):
    """The part of a page whose number of lines differs from thing to thing."""

    preset_wanted = Signal(str)

    def __init__(self, told: Explanation) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._add_program(told.code)
        for number, (heading, text) in enumerate(told.sections):
            part = _SECTIONS[number] if heading else f"text.{number}"
            self._add_section(part, heading, text)
        self._add_table(told.table)
        self._add_pairs(told.facts)
        self._add_presets(told)
        self._add_link(told.link, told.link_text)

    def _add_program(self, code: str) -> None:
        if code:
            label = _words("code", "formula")
            label.setText(code)
            font = ui_font()
            font.setFamilies(["Menlo", "Consolas", "DejaVu Sans Mono", "monospace"])
            label.setFont(font)
            self._layout.addWidget(label)

    def _add_section(self, part: str, heading: str, text: str) -> None:
        column = QVBoxLayout()
        column.setSpacing(2)
        if heading:
            head = _words(f"{part}.heading", "section")
            head.setText(heading)
            column.addWidget(head)
        body = _words(part, "")
        body.setTextFormat(Qt.TextFormat.RichText)
        body.setText(_set_wide(text))
        body.setAccessibleName(heading or tr("Description"))
        column.addWidget(body)
        self._layout.addLayout(column)

    def _add_table(self, rows: tuple[tuple[str, ...], ...]) -> None:
        """Show a table row by row, as the panel is too narrow for columns."""
        for number, row in enumerate(rows[1:]):
            title = _words(f"row.{number}", "title")
            title.setText(row[0])
            self._layout.addWidget(title)
            pairs = tuple(zip(rows[0][1:], row[1:], strict=True))
            self._add_pairs(pairs, name=f"row.{number}")

    def _add_pairs(
        self, pairs: tuple[tuple[str, str], ...], *, name: str = "fact"
    ) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (caption, value) in enumerate(pairs):
            left = _words(f"{name}.{row}.caption", "muted")
            left.setWordWrap(False)
            left.setText(caption)
            left.setAlignment(Qt.AlignmentFlag.AlignTop)
            right = _words(f"{name}.{row}", "")
            right.setText(value)
            right.setAccessibleName(caption)
            grid.addWidget(left, row, 0)
            grid.addWidget(right, row, 1)
        if pairs:
            self._layout.addLayout(grid)

    def _add_presets(self, told: Explanation) -> None:
        if not told.presets:
            return
        column = QVBoxLayout()
        column.setSpacing(2)
        head = _words("presets", "section")
        head.setText(told.try_caption)
        column.addWidget(head)
        for name, title in told.presets:
            label = _words(f"preset.{name}", "")
            _make_link(label, name, title, tip=tr("Open this experiment"))
            label.setAccessibleName(tr("Open {address}", address=title))
            label.linkActivated.connect(self.preset_wanted)
            column.addWidget(label)
        self._layout.addLayout(column)

    def _add_link(self, link: str, text: str) -> None:
        label = _words("link", "muted")
        label.setText(text)
        if link:
            _make_link(label, link, text, tip=link)
            label.setAccessibleName(tr("Open {address}", address=link))
            label.linkActivated.connect(_open)
        if text:
            self._layout.addWidget(label)


def _words(part: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(f"explainer.{part}")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    if role:
        label.setProperty("role", role)
    return label


def _with_subscripts(text: str) -> str:
    """Return ``text`` as HTML in which η_min has its index below; names stay.

    A line does not end within an equation.
    """
    whole = _RELATION.sub("\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)
    return _INDEX.sub(r"\1<sub>\2</sub>", escape(whole))


def _set_wide(text: str) -> str:
    """Return paragraphs with room between their lines, which Chinese needs to read."""
    paragraphs = _with_subscripts(text).split("\n\n")
    return "".join(
        f'<p style="margin: {6 * (n > 0)}px 0 0 0; line-height: 118%;">{words}</p>'
        for n, words in enumerate(paragraphs)
    )


def _make_link(label: QLabel, link: str, text: str, *, tip: str) -> None:
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setText(_anchor(link, text))
    label.setToolTip(tip)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)


def _anchor(link: str, text: str) -> str:
    return f'<a href="{escape(link)}">{escape(text)}</a>'


def _open(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
