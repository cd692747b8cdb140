"""The plug-ins that are installed: what they add, why one failed, and a switch."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from optlab.params import InputError
from optlab.plugins import Plugin, safe_mode
from optlab.translate import tr
from optlab.ui.theme import set_property

SIZE: Final = (520, 420)


class PluginsDialog(QDialog):
    """Lists plug-ins; not modal.

    Args:
        plugins: Those that are installed.
        switch: Keeps whether one is wanted; raises `InputError`
            or `OSError` where it cannot.
        parent: The window.
    """

    def __init__(
        self,
        plugins: tuple[Plugin, ...],
        *,
        switch: Callable[[str, bool], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._switch = switch
        self.setObjectName("plugins")
        self.setWindowTitle(tr("Plug-ins"))
        self.resize(*SIZE)
        content = QWidget()
        content.setObjectName("scroll-content")
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setSpacing(12)
        for plugin in plugins:
            rows.addWidget(self._make_row(plugin))
        if not plugins:
            rows.addWidget(_none())
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        self._words = QLabel(_hint(plugins))
        self._words.setObjectName("plugins.words")
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        close = QPushButton(tr("Close"))
        close.setObjectName("plugins.close")
        close.clicked.connect(self.close)
        bottom = QHBoxLayout()
        bottom.addWidget(self._words, 1)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(area, 1)
        layout.addLayout(bottom)

    def _make_row(self, plugin: Plugin) -> QWidget:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        switch = QCheckBox(" ".join((plugin.name, plugin.version)).strip())
        switch.setObjectName(f"plugins.{plugin.name}")
        switch.setChecked(plugin.on)
        switch.setToolTip(tr("Whether this plug-in is loaded at the next start"))
        switch.toggled.connect(partial(self._turn, plugin.name))
        layout.addWidget(switch, 0, Qt.AlignmentFlag.AlignLeft)
        told = [tr("from {package}", package=plugin.package)] if plugin.package else []
        told += [f"{kind}: {name}" for kind, name in plugin.adds]
        layout.addWidget(_label(" · ".join(told), "muted"))
        if plugin.error:
            text = tr("Not loaded: {reason}", reason=plugin.error)
            error = _label(text, "muted" if safe_mode() else "error")
            error.setObjectName(f"plugins.{plugin.name}.error")
            layout.addWidget(error)
        return body

    def _turn(self, name: str, on: bool) -> None:
        try:
            self._switch(name, on)
        except (InputError, OSError) as error:
            self._say(tr("That cannot be kept: {reason}", reason=error), "error")
            return
        self._say(tr("Takes effect when OptLab is started again."), "success")

    def _say(self, text: str, role: str) -> None:
        self._words.setText(text)
        set_property(self._words, "role", role)


def _none() -> QLabel:
    return _label(
        tr(
            "No plug-in is installed. A plug-in is a Python package that adds "
            "optimizers, problems or data of its own; it announces a function under "
            "optlab.plugins."
        ),
        "muted",
    )


def _hint(plugins: tuple[Plugin, ...]) -> str:
    if safe_mode():
        return tr("Safe mode: no plug-in is loaded this time.")
    if plugins:
        return tr("Start with optlab --safe-mode to load none.")
    return ""


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setContentsMargins(24, 0, 0, 0)
    return label
