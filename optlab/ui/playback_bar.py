"""The slim bar under a surface: play, pause and scrub through the history of a run."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QToolButton,
    QWidget,
)

from optlab.export.number_text import count
from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.icons import icon
from optlab.ui.playback import SPEEDS
from optlab.ui.view_state import ViewState

HEIGHT: Final = 30
PAGES: Final = 20
"""A run has so many pages to turn."""
_NARROW: Final = 400
_BUTTON: Final = 24


class PlaybackBar(QWidget):
    """Shows and moves the moment that all views look at.

    It is hidden, and takes no room, as long as there is no history.

    Args:
        name: Beginning of the object names.
        state: Settings of all views.
    """

    def __init__(self, name: str, state: ViewState) -> None:
        super().__init__()
        self._name = name
        self._state = state
        self._playback = state.playback
        self._build()
        self._playback.moved.connect(self._show)
        self._playback.changed.connect(self._show)
        state.theme_changed.connect(self._restyle)
        self._restyle()

    def _build(self) -> None:
        self.setObjectName(f"{self._name}-playback")
        self.setFixedHeight(HEIGHT)
        self.play = self._button("play", self._playback.toggle)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"{self._name}-moment")
        self.slider.setAccessibleName(tr("Step of the run that is shown"))
        self.slider.setToolTip(
            tr("Step of the run that is shown (Left, Right, Home, End)")
        )
        self.slider.valueChanged.connect(self._on_slider)
        self.text = QLabel()
        self.text.setObjectName(f"{self._name}-step")
        self.text.setProperty("role", "subtitle")
        self.text.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self.speed = self._button("speed", None)
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.speed.setFixedSize(46, _BUTTON)
        self.menu = QMenu(self)
        self.menu.setObjectName(f"{self._name}-speeds")
        for speed in SPEEDS:
            self._add_speed(speed)
        self.speed.setMenu(self.menu)
        self.newest = self._button("newest", self._playback.go_live)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 6, 0)
        layout.setSpacing(6)
        layout.addWidget(self.play)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.text)
        layout.addWidget(self.speed)
        layout.addWidget(self.newest)
        self.hide()

    def _button(self, part: str, act: Callable[[], None] | None) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{self._name}-{part}")
        button.setProperty("kind", "quiet")
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(_BUTTON, _BUTTON)
        button.setStyleSheet("padding: 1px;")
        if act is not None:
            button.clicked.connect(act)
        return button

    def _add_speed(self, speed: float) -> None:
        def choose() -> None:
            self._playback.set_speed(speed)

        name = f"{self._name}-speed-{speed:g}"
        add_entry(self.menu, name, _times(speed), choose)

    @Slot()
    def _show(self) -> None:
        """Show where the playback stands."""
        playback = self._playback
        self.setVisible(playback.length > 0)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, playback.length)
            self.slider.setPageStep(max(playback.length // PAGES, 1))
            self.slider.setValue(playback.step)
        self._show_step()
        speed = _times(playback.speed)
        text = tr("Speed {speed}; at 1× the whole run takes ten seconds", speed=speed)
        self.speed.setText(speed)
        self._name_button(self.speed, text)
        text = tr("Pause (Space)") if playback.playing else tr("Play (Space)")
        self._name_button(self.play, text)
        self.play.setIcon(
            icon("pause" if playback.playing else "play", self._state.theme)
        )
        live = playback.moment is None
        self.newest.setEnabled(not live)
        self._name_button(
            self.newest,
            tr("The newest step is shown")
            if live
            else tr("Back to the newest step (End)"),
        )

    def _show_step(self) -> None:
        self.text.setText(self._words(self._playback.step))
        # As wide as the last step, so that the slider stands still.
        widest = self._words(self._playback.length)
        room = self.text.fontMetrics().horizontalAdvance(widest)
        self.text.setFixedWidth(room + 4)

    def _words(self, step: int) -> str:
        now, last = count(step), count(self._playback.length)
        if self.width() < _NARROW:
            return f"{now} / {last}"
        return tr("step {step} of {steps}", step=now, steps=last)

    @staticmethod
    def _name_button(button: QToolButton, text: str) -> None:
        button.setToolTip(text)
        button.setAccessibleName(text)

    @Slot()
    def _restyle(self) -> None:
        self.newest.setIcon(icon("last", self._state.theme))
        self._show()

    @Slot(int)
    def _on_slider(self, step: int) -> None:
        self._playback.pause()
        self._playback.set_moment(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use fewer words where there is less room."""
        super().resizeEvent(event)
        self._show_step()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop playing what nobody can see."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._playback.pause()

    def steer(self, event: QKeyEvent) -> bool:
        """Act on a key that a card was given; return whether it has a meaning here."""
        if self._playback.length < 1:
            return False
        page = self._playback.length // PAGES
        far = max(page, 1) if event.modifiers() & _SHIFT else 1
        key = event.key()
        if key == Qt.Key.Key_Space:
            self._playback.toggle()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._playback.pause()
            self._playback.move(far if key == Qt.Key.Key_Right else -far)
        elif key == Qt.Key.Key_Home:
            self._playback.set_moment(0)
        elif key == Qt.Key.Key_End:
            self._playback.go_live()
        else:
            return False
        return True


_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier


def _times(speed: float) -> str:
    return f"{speed:g}×"
