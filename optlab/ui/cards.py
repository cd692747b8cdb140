"""A card: one view on its own quiet ground, with title, maximise and a menu."""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.canvas import Canvas
from optlab.ui.card_text import Heading, TextEditor
from optlab.ui.icons import icon
from optlab.ui.labels import ElidedLabel
from optlab.ui.theme import CARD_RADIUS
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
        self._focused = False
        self._described = subtitle
        self._editor: TextEditor | None = None
        self._build_frame()
        self._connect_frame()

    def _build_frame(self) -> None:
        self.setObjectName(f"card-{self.name}")
        self.setAccessibleName(self.title)
        self.setProperty("role", "card")
        self._heading = Heading()
        self._heading.setObjectName(f"card-{self.name}-heading")
        self._heading.setProperty("role", "title")
        self._note = ElidedLabel()
        self._note.setProperty("role", "subtitle")
        self._caption = ElidedLabel()
        self._caption.setObjectName(f"card-{self.name}-caption")
        self._caption.setProperty("role", "muted")
        self._caption.setContentsMargins(12, 0, 12, 2)
        self.maximize_button = self._button("maximize", tr("Make this plot larger"))
        self.menu_button = self._button("more", tr("More about this plot"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.header = QHBoxLayout()
        self.header.setContentsMargins(12, 6, 6, 0)
        self.header.addWidget(self._heading)
        self.header.addWidget(self._note, 1)
        self.header.addWidget(self.maximize_button)
        self.header.addWidget(self.menu_button)
        self.header.setSpacing(6)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 0, 1, 6)
        self._column.setSpacing(0)
        self._column.addLayout(self.header)
        self._column.addWidget(self.canvas, 1)
        self._column.addWidget(self._caption)
        self.canvas.setObjectName(f"plot-{self.name}")
        self.canvas.setAccessibleName(tr("Plot of {title}", title=self.title))
        self._build_menu()
        self._show_texts()
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
        self.fit_action = self._action("fit", tr("Show everything"), "A")
        self.maximize_action = self._action("larger", tr("Make this plot larger"), "M")
        self.menu.addSeparator()
        self.log_action = self._action("log", tr("Logarithmic y axis"))
        self.log_action.setCheckable(True)
        self._add_settings()
        self.edit_action = self._action("edit", tr("Edit title, unit and caption…"))
        self.menu.addSeparator()
        self.copy_action = self._action("copy", tr("Copy plot"), "Ctrl+C")
        self.copy_drawing_action = self._action("copy-svg", tr("Copy plot as SVG"))
        self._add_copies()
        self.menu.addSeparator()
        for suffix in FIGURE_SUFFIXES:
            text = tr("Export as {kind}…", kind=suffix[1:].upper())
            self._export_action(suffix, text)
        self._export_action(".csv", self.csv_text())
        self.menu_button.setMenu(self.menu)

    def _add_settings(self) -> None:
        """Add what else can be set to the menu."""

    def _add_copies(self) -> None:
        """Add what else can be copied to the menu."""

    def csv_text(self) -> str:
        """Return what the menu says of writing data."""
        return tr("Export the data as CSV…")

    def _action(self, part: str, text: str, keys: str = "") -> QAction:
        """Return a new entry of the menu; its keys work where the card has focus."""
        action = QAction(text, self)
        action.setObjectName(f"card-{self.name}-{part}")
        if keys:
            action.setShortcut(QKeySequence(keys))
            context = Qt.ShortcutContext.WidgetWithChildrenShortcut
            action.setShortcutContext(context)
            self.addAction(action)
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
        self.copy_drawing_action.triggered.connect(self.copy_drawing)
        self.maximize_action.triggered.connect(self._on_maximize)
        self.edit_action.triggered.connect(self.edit_texts)
        self._heading.edit_asked.connect(self.edit_texts)
        self.canvas.menu_asked.connect(self._on_menu_asked)
        self.canvas.focused.connect(self._on_focused)
        self.canvas.fit_asked.connect(self.ask_fit)
        self.canvas.zoomed.connect(self._on_zoomed)
        self.canvas.range_changed.connect(self._on_range_changed)
        self.state.theme_changed.connect(self._restyle)
        self.state.changed.connect(self._show_texts)

    def set_run(self, data: "RunData | None") -> None:
        """Show another run."""
        raise NotImplementedError

    def plotted(self, trial: int) -> tuple[Floats, Floats]:
        """Return the arrays that were handed to pyqtgraph for one trial."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is new."""
        raise NotImplementedError

    def data_revision(self) -> Hashable:
        """Return what tells whether the data have grown so that it can be seen."""
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
        self._render(painter)
        painter.end()
        return picture

    def drawing(self) -> QByteArray:
        """Return heading and plot as SVG, as they are seen."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self.size())
        generator.setViewBox(self.rect())
        generator.setTitle(self._heading.full_text)
        painter = QPainter(generator)
        painter.fillRect(self.rect(), QColor(self.state.theme.card))
        self._render(painter)
        painter.end()
        return buffer.data()

    def _render(self, painter: QPainter) -> None:
        for part in self.painted():
            if part.isHidden():
                continue
            origin = part.mapTo(self, QPoint(0, 0))
            part.render(painter, origin, renderFlags=QWidget.RenderFlag.DrawChildren)

    def painted(self) -> tuple[QWidget, ...]:
        """Return what a picture of the card shows; no buttons."""
        return self._heading, self._note, self.plot_widget(), self._caption

    def plot_widget(self) -> QWidget:
        """Return what the plot is painted on."""
        return self.canvas.viewport()

    def copy_plot(self) -> None:
        """Put the plot on the clipboard as it is seen."""
        # Not as mime data with both kinds: what was made in Python and lies on the
        # clipboard when the program ends takes the program with it.
        QGuiApplication.clipboard().setPixmap(self.picture())

    def copy_drawing(self) -> None:
        """Put the plot on the clipboard as the text of an SVG."""
        QGuiApplication.clipboard().setText(bytes(self.drawing().data()).decode())

    def edit_texts(self) -> None:
        """Let a person type title, unit and caption."""
        if self._editor is not None:
            return
        self._editor = TextEditor(self.name, self.state)
        self._editor.propose(self.title, self.subtitle)
        self._editor.closed.connect(self._end_edit)
        self._column.insertWidget(1, self._editor)
        self._editor.title.setFocus()

    def _end_edit(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
            self.canvas.setFocus()

    def _show_texts(self) -> None:
        """Show title, unit and caption: those typed, or those of the window."""
        own = self.state.plot(self.name)
        title = own.title or self.title
        if self._heading.full_text != title:
            self._heading.set_full_text(title)
            self._heading.updateGeometry()
            self.setAccessibleName(title)
        self._note.set_full_text(self._note_text())
        self._caption.set_full_text(own.caption)
        self._caption.setVisible(bool(own.caption))

    def set_maximized(self, on: bool) -> None:
        """Show on the button whether the card fills the centre."""
        if on == self._maximized:
            return
        self._maximized = on
        text = tr("Back to all plots") if on else tr("Make this plot larger")
        self.maximize_button.setToolTip(text)
        self.maximize_button.setAccessibleName(text)
        self.maximize_action.setText(text)
        self._restyle_buttons()

    def _restyle(self) -> None:
        self.canvas.set_theme(self.state.theme)
        self._restyle_buttons()

    def _restyle_buttons(self) -> None:
        theme = self.state.theme
        name = "minimize" if self._maximized else "maximize"
        self.maximize_button.setIcon(icon(name, theme))
        self.menu_button.setIcon(icon("more", theme))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and a ring where keys come here."""
        super().paintEvent(event)
        if self._focused:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self.state.theme.accent), 1.0))
            ring = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(ring, CARD_RADIUS, CARD_RADIUS)

    def _on_focused(self, on: bool) -> None:
        self._focused = on
        self.update()

    def _on_menu_asked(self, at: QPoint) -> None:
        self.menu.popup(at)

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
        """What is plotted, in full, as a person or the window says it."""
        return self._note.full_text

    @property
    def title_text(self) -> str:
        """The heading, as a person or the window says it."""
        return self._heading.full_text

    @property
    def caption_text(self) -> str:
        """The words under the plot; empty for none."""
        return self._caption.full_text

    def set_subtitle(self, text: str) -> None:
        """Say what is plotted, unless a person has said it."""
        if text != self._described:
            self._described = text
            self._note.set_full_text(self._note_text())

    def _note_text(self) -> str:
        return self.state.plot(self.name).subtitle or self._described
