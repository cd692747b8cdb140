"""The switch between a surface from above and from the side."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from optlab.translate import tr


class DimensionSwitch(QWidget):
    """Two buttons, ``2-D`` and ``3-D``, one of which is down.

    `solid_wanted` carries whether a person wants to see it from the side.
    """

    solid_wanted = Signal(bool)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}-dimensions")
        self._group = QButtonGroup(self)
        self.flat = self._button(f"{name}-flat", tr("2-D"), tr("From above"))
        self.solid = self._button(f"{name}-solid", tr("3-D"), tr("From the side"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button in (self.flat, self.solid):
            layout.addWidget(button)
        self.flat.setChecked(True)
        self.flat.clicked.connect(self._ask_flat)
        self.solid.clicked.connect(self._ask_solid)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setProperty("kind", "quiet")
        button.setStyleSheet("padding: 2px 5px; font-size: 12px;")
        button.setFixedHeight(24)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text}: {tip}")
        self._group.addButton(button)
        return button

    def show_solid(self, on: bool) -> None:
        """Let the button be down that says what is seen."""
        (self.solid if on else self.flat).setChecked(True)

    def refuse(self, why: str) -> None:
        """Say why there is no third dimension."""
        self.show_solid(False)
        self.solid.setEnabled(False)
        self.solid.setToolTip(why)
        self.solid.setAccessibleDescription(why)

    def _ask_flat(self) -> None:
        self.solid_wanted.emit(False)

    def _ask_solid(self) -> None:
        self.solid_wanted.emit(True)
