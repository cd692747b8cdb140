"""The least window with a plot, and a click on it as soon as it has been painted.

Says ``clicked`` when the plot has heard of it.
"""

import sys

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from benchmarks.clicking import click

SIZE = (1440, 900)


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot that is clicked once it is there."""

    seen = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint, and once go on when the event loop has come round."""
        super().paintEvent(event)
        if not self.seen:
            self.seen = True
            self.scene().sigMouseClicked.connect(tell)
            QTimer.singleShot(0, self.click)

    def click(self) -> None:
        """Click on it."""
        click(self.viewport())


def tell() -> None:
    """Say that the click has come, and leave."""
    sys.stdout.write("clicked\n")
    sys.stdout.flush()
    QTimer.singleShot(0, QApplication.quit)


def main() -> int:
    """Open the window."""
    app = QApplication(sys.argv)
    window = QMainWindow()
    window.setCentralWidget(Plot())
    window.resize(*SIZE)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
