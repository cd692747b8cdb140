"""A card: one view on its own quiet ground, with title, maximise and a menu."""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QGuiApplication,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Canvas
from optlab.ui.icons import icon
from optlab.ui.labels import ElidedLabel
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData


FIGURE_SUFFIXES = (".png", ".svg", ".pdf")
COPY_SCALE = 2.0


class Card(QFrame):
    """Base of all cards in the centre of the window.

    Args:
        name: Metric, or ``surface``; the object name is ``card-<name>``.
        title: Heading.
        subtitle: What is plotted, and its unit.
        state: Settings of all views.

    `export_requested` carries name and suffix, `maximize_requested` the name.
    """

    export_requested = Signal(str, str)
    maximize_requested = Signal(str)

    def __init__(
        self,
        name: str,
        title: str,
        *,
        subtitle: str = "",
        state: ViewState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.title = title
        self.subtitle = subtitle
        self.state = state
        self.canvas = Canvas()
        self.following = True
        self._fit_wanted = True
        self._maximized = False
        self._range_revision = 0
        self._build_frame()
        self._connect_frame()

    def _build_frame(self) -> None:
        self.setObjectName(f"card-{self.name}")
        self.setAccessibleName(self.title)
        self.setProperty("role", "card")
        self._heading = QLabel(self.title)
        self._heading.setProperty("role", "title")
        self._note = ElidedLabel()
        self._note.set_full_text(self.subtitle)
        self._note.setProperty("role", "subtitle")
        self.maximize_button = self._button("maximize", tr("Make this plot larger"))
        self.menu_button = self._button("more", tr("More about this plot"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 6, 0)
        header.addWidget(self._heading)
        header.addWidget(self._note, 1)
        header.addWidget(self.maximize_button)
        header.addWidget(self.menu_button)
        header.setSpacing(6)
        body = QVBoxLayout(self)
        body.setContentsMargins(1, 0, 1, 6)
        body.setSpacing(0)
        body.addLayout(header)
        body.addWidget(self.canvas, 1)
        self.canvas.setObjectName(f"plot-{self.name}")
        self.canvas.setAccessibleName(tr("Plot of {title}", title=self.title))
        self._build_menu()
        self._restyle()

    def _button(self, part: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"card-{self.name}-{part}")
        button.setProperty("kind", "quiet")
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(26, 26)
        button.setStyleSheet("padding: 2px;")
        button.setToolTip(text)
        button.setAccessibleName(text)
        return button

    def _build_menu(self) -> None:
        self.menu = QMenu(self)
        self.menu.setObjectName(f"card-{self.name}-actions")
        self.log_action = self._action("log", tr("Logarithmic y axis"))
        self.log_action.setCheckable(True)
        self.fit_action = self._action("fit", tr("Show everything"))
        self.menu.addSeparator()
        self.copy_action = self._action("copy", tr("Copy plot"))
        self.menu.addSeparator()
        for suffix in FIGURE_SUFFIXES:
            text = tr("Export as {kind} …", kind=suffix[1:].upper())
            self._export_action(suffix, text)
        self._export_action(".csv", tr("Export the data as CSV …"))
        self.menu_button.setMenu(self.menu)

    def _action(self, part: str, text: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"card-{self.name}-{part}")
        self.menu.addAction(action)
        return action

    def _export_action(self, suffix: str, text: str) -> None:
        action = self._action(f"export-{suffix[1:]}", text)
        action.setData(suffix)
        action.triggered.connect(self._on_export)

    def _connect_frame(self) -> None:
        self.maximize_button.clicked.connect(self._on_maximize)
        self.log_action.triggered.connect(self._on_log)
        self.fit_action.triggered.connect(self.ask_fit)
        self.copy_action.triggered.connect(self.copy_plot)
        self.canvas.fit_asked.connect(self.ask_fit)
        self.canvas.zoomed.connect(self._on_zoomed)
        self.canvas.range_changed.connect(self._on_range_changed)
        self.state.theme_changed.connect(self._restyle)

    def set_run(self, data: "RunData | None") -> None:
        """Show another run."""
        raise NotImplementedError

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the arrays that were handed to pyqtgraph for one trial."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is new."""
        raise NotImplementedError

    def data_revision(self) -> int:
        """Return what tells whether the data have grown."""
        raise NotImplementedError

    def out_of_range(self) -> bool:
        """Return whether data lie outside the range that is shown."""
        raise NotImplementedError

    def fit(self) -> None:
        """Take a range that holds all data."""
        raise NotImplementedError

    def shown(self) -> bool:
        """Return whether a person can see the card."""
        return self.isVisible()

    def revision(self) -> Hashable:
        """Return a value that differs when there is something new to draw."""
        return self.data_revision(), self.state.revision, self._range_revision

    def fit_due(self) -> bool:
        """Return whether the range has to change."""
        return self._fit_wanted or (self.following and self.out_of_range())

    def paint_seconds(self) -> float:
        """Return what painting took since it was drawn last."""
        return self.canvas.paint_seconds()

    def ask_fit(self) -> None:
        """Show everything, and follow the data from now on."""
        self.following = True
        self._fit_wanted = True
        self._range_revision += 1

    def picture(self) -> QPixmap:
        """Return heading and plot as a picture, without buttons, twice as fine."""
        ratio = max(COPY_SCALE, self.devicePixelRatioF())
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self.state.theme.card))
        painter = QPainter(picture)
        parts: tuple[QWidget, ...] = (
            self._heading,
            self._note,
            self.plot_widget(),
        )
        for part in parts:
            origin = part.mapTo(self, QPoint(0, 0))
            part.render(painter, origin, renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.end()
        return picture

    def plot_widget(self) -> QWidget:
        """Return what the plot is painted on."""
        return self.canvas.viewport()

    def copy_plot(self) -> None:
        """Put the plot on the clipboard as it is seen."""
        QGuiApplication.clipboard().setPixmap(self.picture())

    def set_maximized(self, on: bool) -> None:
        """Show on the button whether the card fills the centre."""
        if on == self._maximized:
            return
        self._maximized = on
        text = tr("Back to all plots") if on else tr("Make this plot larger")
        self.maximize_button.setToolTip(text)
        self.maximize_button.setAccessibleName(text)
        self._restyle_buttons()

    def _restyle(self) -> None:
        self.canvas.set_theme(self.state.theme)
        self._restyle_buttons()

    def _restyle_buttons(self) -> None:
        theme = self.state.theme
        name = "minimize" if self._maximized else "maximize"
        self.maximize_button.setIcon(icon(name, theme))
        self.menu_button.setIcon(icon("more", theme))

    def _on_maximize(self) -> None:
        self.maximize_requested.emit(self.name)

    def _on_log(self, on: bool) -> None:
        self.state.set_y_scale(self.name, "log" if on else "linear")

    def _on_export(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.export_requested.emit(self.name, str(action.data()))

    def _on_zoomed(self) -> None:
        self.following = False
        self._fit_wanted = False

    def _on_range_changed(self) -> None:
        self._range_revision += 1

    def _drawn(self) -> None:
        """Note that painting starts anew; called at the beginning of `draw`."""
        self.canvas.reset_paint_seconds()

    @property
    def subtitle_text(self) -> str:
        """What is plotted, in full."""
        return self._note.full_text

    def set_subtitle(self, text: str) -> None:
        """Say what is plotted."""
        self._note.set_full_text(text)
