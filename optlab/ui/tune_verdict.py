"""What a study came to: sentences, how far they can be trusted, and what to do next."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from optlab.translate import tr
from optlab.ui.theme import set_property
from optlab.ui.tune_picture import ProblemPicture
from optlab.ui.view_state import ViewState


class VerdictPanel(QFrame):
    """Shows the verdicts of one problem."""

    run_wanted = Signal(object)
    """The final run is to be shown in the lab; carries its file."""
    report_wanted = Signal()
    """The report is to be written and opened."""
    values_wanted = Signal()
    """The winners' values are to be put into the experiment."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self._run: Path | None = None
        self._won = self._usable = False
        self.setObjectName("tune.outcome")
        self.setProperty("role", "card")
        self._badge = _label("tune.certificate", "section")
        self._words = _label("tune.verdict", "")
        self._doubts = _label("tune.doubts", "muted")
        self.run = _button("tune.run", tr("Open the final run"))
        self.run.setToolTip(tr("Show the curves of the final seeds in the lab"))
        self.report = _button("tune.report", tr("Open the report"))
        self.report.setToolTip(
            tr("Write a page with every figure, table and setting, and open it")
        )
        self.values = _button("tune.values", tr("Use these values"))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.run, self.report, self.values):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for label in (self._badge, self._words, self._doubts):
            layout.addWidget(label)
        layout.addLayout(row)
        self.run.clicked.connect(self._ask_run)
        self.report.clicked.connect(self.report_wanted)
        self.values.clicked.connect(self.values_wanted)

    def show_picture(self, picture: ProblemPicture | None) -> None:
        """Show the verdicts of a problem; none where there are none yet."""
        verdicts = () if picture is None else picture.verdicts
        waiting = tr("The verdict comes with the final seeds.")
        self._words.setText("\n".join(verdicts) or waiting)
        set_property(self._words, "role", "" if verdicts else "muted")
        level = "" if picture is None else picture.certificate
        self._badge.setText("" if picture is None else picture.fairness)
        roles = {"green": "success", "amber": "warning", "red": "error"}
        set_property(self._badge, "role", roles.get(level, "section"))
        self._badge.setVisible(bool(level))
        doubts = () if picture is None else picture.doubts
        self._doubts.setText("\n".join(f"• {doubt}" for doubt in doubts))
        self._doubts.setVisible(bool(doubts))
        self._run = None if picture is None else picture.run
        self.run.setEnabled(self._run is not None)
        rows = () if picture is None else picture.rows
        self._won = any(row.winner for row in rows)
        self.report.setEnabled(self._won or self._run is not None)
        self._show_values()

    def show_usable(self, *, usable: bool) -> None:
        """Say whether the winners have a place in the experiment that is edited."""
        self._usable = usable
        self._show_values()

    def _show_values(self) -> None:
        self.values.setEnabled(self._won and self._usable)
        tip = tr("Give the optimizers in the lab the values that won")
        if self._won and not self._usable:
            tip = tr("The experiment in the lab has none of these optimizers")
        self.values.setToolTip(tip)

    @Slot()
    def _ask_run(self) -> None:
        if self._run is not None:
            self.run_wanted.emit(self._run)


def _label(name: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    return button
