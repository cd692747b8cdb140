"""What stands in the centre while there is nothing to plot."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from optlab.translate import tr
from optlab.ui.icons import pixmap
from optlab.ui.view_state import ViewState

_MARK: Final = 40


class EmptyState(QWidget):
    """What stands in the centre while there is nothing to plot."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("plots-empty")
        self._mark = QLabel()
        self._headline = QLabel(tr("This experiment has not run yet"))
        self._headline.setProperty("role", "headline")
        self._advice = QLabel(
            tr("Pick a problem and some optimizers on the left, then press Start.")
        )
        self._advice.setProperty("role", "subtitle")
        self._advice.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        for label in (self._mark, self._headline, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addStretch(3)
        state.theme_changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        color = QColor(self._state.theme.faint)
        ratio = max(self.devicePixelRatioF(), 2.0)
        self._mark.setPixmap(pixmap("curve", color, size=_MARK, scale=ratio))
