"""The bar at the top: the title, the buttons that run, progress in words, the views.

One button has the colour: Start, which becomes Pause and Resume. The bar shows what it
is told and emits what is pressed; what that means is decided by the window.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.arrangement import X_AXES, XAxis
from optlab.ui.controller import DEVICES, Phase
from optlab.ui.elided_edit import ElidedEdit
from optlab.ui.fields import QuietCombo
from optlab.ui.icons import icon
from optlab.ui.labels import ElidedLabel
from optlab.ui.theme import set_property
from optlab.ui.view_state import MAX_SMOOTHING, ViewState

SLIDER_STEPS: Final = 100
PROGRESS_WIDTH: Final = 210
TITLE_WIDTH: Final = 210
PROGRESS_STEPS: Final = 1000
ROOMY: Final = 1360
LEVELS: Final = 5
"""How many ways there are to fill the bar, from the widest to the narrowest."""
BAR_HEIGHT: Final = 48
COMBO_WIDTH: Final = 112


class TopBar(QFrame):
    """Title, run buttons, progress and view settings.

    Attributes:
        start: Start, Pause or Resume.
        step: One step of every trial.
        stop: End of the run.
        go_on: Continue with a stopped run.
    """

    title_edited = Signal(str)
    """A person typed another title."""
    reason_clicked = Signal()
    """A person wants to see what keeps the experiment from being run."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self._phase = Phase.IDLE
        self._start_tip = ""
        self._keys: Mapping[str, str] = {}
        self._can_start = True
        self._progress_width = PROGRESS_WIDTH
        self._build()
        self._connect()
        self._refresh_view_state()

    def _build(self) -> None:
        self.setObjectName("toolbar")
        self.setProperty("role", "bar")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 12, 4)
        self.setFixedHeight(BAR_HEIGHT)
        layout.setSpacing(8)
        layout.addWidget(self._make_title(), 4)
        for widget in self._make_buttons():
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self._make_progress())
        layout.addStretch(1)
        for widget in self._make_views():
            layout.addWidget(widget)
        self.export_button = _menu_button("export", tr("Export"), "")
        self.palette_button = _quiet_button("palette.open", "Ctrl K")
        self.menu_button = _menu_button("menu", "", tr("Menu"))
        layout.addWidget(self.export_button)
        layout.addWidget(self.palette_button)
        layout.addWidget(self.menu_button)

    def _make_title(self) -> QWidget:
        box = QWidget()
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._title_box = box
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._title = ElidedEdit()
        self._title.setObjectName("title")
        self._title.setProperty("role", "title")
        self._title.setAccessibleName(tr("Title of the experiment"))
        self._title.setToolTip(tr("Title of the experiment; click to change it"))
        self._source = ElidedLabel()
        self._source.setObjectName("source")
        self._source.setProperty("role", "muted")
        layout.addWidget(self._title)
        layout.addWidget(self._source)
        return box

    def _make_buttons(self) -> tuple[QWidget, ...]:
        self.start = _button("start", tr("Start"), "")
        self.start.setProperty("kind", "primary")
        self.start.setMinimumWidth(104)
        self.step = _button("step", tr("Step"), "")
        self.stop = _button("stop", tr("Stop"), "")
        self.go_on = _button("continue", tr("Continue"), "")
        return self.start, self.step, self.stop, self.go_on

    def _make_progress(self) -> QWidget:
        self._progress_box = box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        self._words = ElidedLabel()
        self._words.setObjectName("progress.words")
        self._words.setProperty("role", "muted")
        self._reason = QPushButton()
        self._reason.setObjectName("start.reason")
        self._reason.setProperty("kind", "reason")
        self._reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._reason.setFixedHeight(16)
        self._bar = QProgressBar()
        self._bar.setObjectName("progress")
        self._bar.setAccessibleName(tr("Progress of the run"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, PROGRESS_STEPS)
        for widget in (self._words, self._reason, self._bar):
            layout.addWidget(widget)
        return box

    def _make_views(self) -> tuple[QWidget, ...]:
        self._device = _combo("device", tr("Device"), tr("Where to train"))
        for name in DEVICES:
            words = tr("auto") if name == "auto" else name.upper()
            self._device.addItem(tr("Device: {name}", name=words), name)
        self._x_axis = _combo("x-axis", tr("x axis"), tr("What the x axis counts"))
        for axis in X_AXES:
            self._x_axis.addItem(tr("x: {axis}", axis=tr(axis)), axis)
        self._log_x = QToolButton()
        self._log_x.setObjectName("log-x")
        self._log_x.setProperty("kind", "quiet")
        self._log_x.setText(tr("log x"))
        self._log_x.setCheckable(True)
        self._log_x.setToolTip(tr("Logarithmic x axis"))
        self._log_x.setAccessibleName(tr("Logarithmic x axis"))
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setObjectName("smoothing")
        self._smoothing.setAccessibleName(tr("Smoothing"))
        self._smoothing.setRange(0, SLIDER_STEPS)
        self._smoothing.setFixedWidth(72)
        self._smoothing_word = QLabel(tr("Smoothing"))
        self._smoothing_word.setProperty("role", "muted")
        return (
            self._device,
            self._x_axis,
            self._log_x,
            self._smoothing_word,
            self._smoothing,
        )

    def _connect(self) -> None:
        self._title.textEdited.connect(self.title_edited)
        self._reason.clicked.connect(self.reason_clicked)
        self._x_axis.activated.connect(self._choose_x_axis)
        self._log_x.clicked.connect(self._state.set_log_x)
        self._smoothing.valueChanged.connect(self._choose_smoothing)
        self._state.changed.connect(self._refresh_view_state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave words out where there is no room for them."""
        super().resizeEvent(event)
        self._fit(event.size().width())

    def _fit(self, width: int) -> None:
        """Show as much as ``width`` has room for; the buttons that run come first."""
        layout = self.layout()
        for level in range(LEVELS):
            self._show_level(level, roomy=width >= ROOMY)
            if layout is None or layout.totalMinimumSize().width() <= width:
                break

    def _show_level(self, level: int, *, roomy: bool) -> None:
        """Leave out more and more: first room, then words, then views."""
        self._smoothing_word.setVisible(roomy and level == 0)
        self._title_box.setMinimumWidth(TITLE_WIDTH if level == 0 else TITLE_WIDTH // 2)
        self._progress_width = PROGRESS_WIDTH if level == 0 else PROGRESS_WIDTH * 2 // 3
        self._progress_box.setFixedWidth(self._progress_width)
        self.step.setText(tr("Step") if level < 2 else "")
        self.stop.setText(tr("Stop") if level < 2 else "")
        for view in (self._log_x, self._smoothing):
            view.setVisible(level < 3)
        self._device.setVisible(level < 4)
        self.palette_button.setVisible(level < 3)

    # -- what is shown -----------------------------------------------------------

    def show_title(self, title: str, source: str, *, edited: bool) -> None:
        """Show the experiment's title, its file and whether it is saved."""
        if self._title.text() != title and not self._title.hasFocus():
            self._title.setText(title)
            self._title.setCursorPosition(0)
            tip = tr("Title of the experiment; click to change it")
            self._title.setToolTip(f"{title}\n{tip}" if title else tip)
        mark = tr("edited") if edited else ""
        self._source.set_full_text(" · ".join(part for part in (source, mark) if part))

    def show_phase(self, phase: Phase, *, can_continue: bool) -> None:
        """Show the buttons of a phase."""
        self._phase = phase
        words = {
            Phase.IDLE: (tr("Start"), "play", tr("Train all optimizers")),
            Phase.STARTING: (tr("Starting"), "play", tr("The run is being prepared")),
            Phase.RUNNING: (tr("Pause"), "pause", tr("Pause after this step")),
            Phase.PAUSED: (tr("Resume"), "play", tr("Go on")),
            Phase.STOPPING: (tr("Stopping"), "stop", tr("The last step is taken")),
        }
        text, name, tip = words[phase]
        self.start.setText(text)
        self.start.setAccessibleName(text)
        self._start_tip = tip
        self._tell_start()
        theme = self._state.theme
        self.start.setIcon(icon(name, theme, color=theme.on_accent))
        self.stop.setEnabled(phase in (Phase.STARTING, Phase.RUNNING, Phase.PAUSED))
        self.go_on.setVisible(can_continue)
        self._fit(self.width())
        self._device.setEnabled(phase is Phase.IDLE)
        self._refresh_start()

    def show_reason(self, reason: str) -> None:
        """Show why the experiment cannot be run; nothing where it can."""
        self._can_start = not reason
        self._reason.setToolTip(reason)
        self._reason.setAccessibleName(reason)
        metrics = self._reason.fontMetrics()
        mode = Qt.TextElideMode.ElideRight
        self._reason.setText(metrics.elidedText(reason, mode, self._progress_width - 8))
        self._refresh_start()
        self._tell_start()

    def _tell_start(self) -> None:
        """Say what the first button does, or why it does nothing."""
        reason = self._reason.toolTip() if self._phase is Phase.IDLE else ""
        tip = self._with_keys(self._start_tip, "start")
        if reason:
            tip = tr("Cannot start: {reason}", reason=reason)
        self.start.setToolTip(tip)

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Tell the shortcuts in the tool tips.

        Args:
            keys: The shortcut of a command, in words.
        """
        self._keys = keys
        told = {
            self.step: (tr("One step of every trial"), "step"),
            self.stop: (tr("End the run; what was done stays"), "stop"),
            self.go_on: (tr("Go on where this run stopped, as if it had not"), ""),
            self.palette_button: (tr("Find and do anything by typing"), "palette"),
            self.menu_button: (tr("Menu"), "menu"),
            self.export_button: (tr("Export plots and tables"), "export"),
        }
        for button, (text, name) in told.items():
            button.setToolTip(self._with_keys(text, name))
        self._tell_start()

    def _with_keys(self, text: str, name: str) -> str:
        keys = self._keys.get(name)
        return f"{text} ({keys})" if keys else text

    def show_progress(self, fraction: float, words: str) -> None:
        """Show how far the run is."""
        self._bar.setValue(round(PROGRESS_STEPS * fraction))
        self._words.set_full_text(words)

    def show_devices(self, devices: Sequence[str], problem: str) -> None:
        """Say which devices there are, once torch has been asked."""
        model = self._device.model()
        if not isinstance(model, QStandardItemModel):
            return
        for row, name in enumerate(DEVICES):
            there = name in devices or (name != "cuda" and not problem)
            if devices:
                reason = tr("torch finds no CUDA device on this machine")
            else:
                reason = problem or tr("torch has not been asked yet")
            item = model.item(row)
            item.setEnabled(there)
            item.setToolTip("" if there else reason)

    @property
    def device(self) -> str:
        """The device that is chosen."""
        return str(self._device.currentData())

    def set_device(self, device: str) -> None:
        """Choose a device."""
        self._device.setCurrentIndex(max(0, self._device.findData(device)))

    # -- inside ----------------------------------------------------------------

    def _refresh_start(self) -> None:
        idle = self._phase is Phase.IDLE
        running = self._phase in (Phase.RUNNING, Phase.PAUSED)
        self.start.setEnabled(running or (idle and self._can_start))
        self.step.setEnabled(running or (idle and self._can_start))
        wrong = idle and not self._can_start
        self._reason.setVisible(wrong)
        self._words.setVisible(not wrong)
        set_property(self._bar, "idle", idle)

    def _refresh_view_state(self) -> None:
        state, theme = self._state, self._state.theme
        self._x_axis.setCurrentIndex(self._x_axis.findData(state.x_axis))
        self._log_x.setChecked(state.log_x)
        value = _slider_of(state.smoothing)
        if value != self._smoothing.value():
            self._smoothing.setValue(value)
        text = tr("Smoothing {weight}", weight=f"{state.smoothing:.3g}")
        self._smoothing.setToolTip(text)
        self.menu_button.setIcon(icon("more", theme))
        self.step.setIcon(icon("step", theme))
        self.stop.setIcon(icon("stop", theme))
        for button in (self.step, self.stop, self.start):
            button.setIconSize(QSize(14, 14))

    def _choose_x_axis(self, index: int) -> None:
        self._state.set_x_axis(cast(XAxis, self._x_axis.itemData(index)))

    def _choose_smoothing(self, value: int) -> None:
        if value != _slider_of(self._state.smoothing):
            self._state.set_smoothing(_smoothing_of(value))


def _smoothing_of(value: int) -> float:
    """Return the weight for a place of the slider: finer and finer towards 1."""
    place = value / SLIDER_STEPS
    return min(float(f"{1 - 10 ** (-3 * place):.3g}"), MAX_SMOOTHING)


def _slider_of(smoothing: float) -> int:
    places = range(SLIDER_STEPS + 1)
    return min(places, key=lambda place: abs(_smoothing_of(place) - smoothing))


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    return button


def _quiet_button(name: str, text: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setProperty("kind", "quiet")
    button.setText(text)
    return button


def _menu_button(name: str, text: str, title: str) -> QToolButton:
    button = _quiet_button(name, text)
    button.setToolTip(title)
    button.setAccessibleName(title or text)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button


def _combo(name: str, title: str, tip: str) -> QuietCombo:
    combo = QuietCombo()
    combo.setObjectName(name)
    combo.setAccessibleName(title)
    combo.setToolTip(tip)
    combo.setFixedWidth(COMBO_WIDTH)
    return combo
