"""The line below the plots: what is shown, what is not, and a way to add more."""

from collections.abc import Collection, Mapping
from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from optlab.translate import tr
from optlab.ui.flow_layout import FlowLayout
from optlab.ui.icons import icon
from optlab.ui.theme import set_property
from optlab.ui.view_state import ViewState

_GAP: Final = 8


class PlotStrip(QWidget):
    """A chip for each plot, a button that adds one, and one for perspectives.

    Args:
        state: Where the theme is.

    `toggled` carries the name of a plot and whether it is to be shown.
    """

    toggled = Signal(str, bool)
    add_wanted = Signal()

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("plot-strip")
        self._line = QWidget()
        self._line.setObjectName("plot-chips")
        self._flow = FlowLayout(self._line)
        self._chips: dict[str, QPushButton] = {}
        self.add_button = self._add_button()
        self._flow.addWidget(self.add_button)
        self.perspectives = self._perspective_button()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addWidget(self._line, 1)
        layout.addWidget(self.perspectives)
        state.theme_changed.connect(self._restyle)
        self._restyle()

    def _add_button(self) -> QPushButton:
        button = QPushButton(tr("Add a plot"))
        button.setObjectName("plots.add.open")
        button.setIconSize(QSize(12, 12))
        button.setToolTip(tr("Add a plot of anything that the run has measured"))
        button.setAccessibleName(tr("Add a plot"))
        set_property(button, "kind", "chip")
        button.clicked.connect(self.add_wanted)
        return button

    def _perspective_button(self) -> QPushButton:
        button = QPushButton()
        button.setObjectName("perspectives")
        text = tr("Perspectives: arrangements of plots and panels")
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setText(tr("Perspective"))
        set_property(button, "kind", "chip")
        return button

    def set_plots(self, titles: Mapping[str, str], shown: Collection[str]) -> None:
        """Have a chip for each of these plots.

        Args:
            titles: What they are called, by their names.
            shown: Those that have a place.
        """
        if list(titles) != list(self._chips):
            self._make(titles)
        for name, chip in self._chips.items():
            chip.setText(titles[name])
            text = tr("Show the plot {title}", title=titles[name])
            chip.setAccessibleName(text)
            chip.setToolTip(
                tr("Remove the plot {title}", title=titles[name])
                if name in shown
                else text
            )
            chip.setChecked(name in shown)

    def lines_height(self, width: int) -> int:
        """Return the height that all chips need in a width."""
        room = width - self.perspectives.sizeHint().width() - _GAP
        return self._flow.heightForWidth(max(room, 1))

    def line_height(self) -> int:
        """Return the height of one line of chips."""
        return self._flow.sizeHint().height()

    def _make(self, titles: Mapping[str, str]) -> None:
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {}
        self._flow.removeWidget(self.add_button)
        for name in titles:
            chip = QPushButton()
            chip.setObjectName(f"chip-{name}")
            chip.setCheckable(True)
            set_property(chip, "kind", "chip")
            chip.clicked.connect(self._on_chip)
            self._chips[name] = chip
            self._flow.addWidget(chip)
        self._flow.addWidget(self.add_button)
        before: QWidget | None = None
        for widget in (*self._chips.values(), self.add_button):
            if before is not None:
                QWidget.setTabOrder(before, widget)
            before = widget

    def _on_chip(self, on: bool) -> None:
        chip = self.sender()
        for name, known in self._chips.items():
            if known is chip:
                self.toggled.emit(name, on)
                return

    def _restyle(self) -> None:
        self.add_button.setIcon(icon("plus", self._state.theme))
