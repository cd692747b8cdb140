"""The least window with a plot; says ``ready`` when it has been painted."""

import sys

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow

SIZE = (1440, 900)


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot that says so when it is there."""

    said = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint, and once tell when the event loop has come round."""
        super().paintEvent(event)
        if not self.said:
            self.said = True
            QTimer.singleShot(0, tell)


def tell() -> None:
    """Say that the window is there, and leave."""
    sys.stdout.write("ready\n")
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
