"""A choice that also takes something of a person's own, found by a file dialog."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from optlab.params import ParamSpec
from optlab.translate import tr
from optlab.ui.fields import ComboField

NARROWEST: Final = 72


class OwnField(ComboField):
    """One of several words, or a path; a button beside it asks for a file."""

    file_wanted = Signal(str)
    """A person wants to look for a file; carries the place of the parameter."""

    def __init__(
        self, spec: ParamSpec, key: str, captions: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(spec, key, captions)
        self._key = key
        self.button = QPushButton("…")
        self.button.setObjectName(f"{key}.browse")
        self.button.setProperty("kind", "browse")
        self.button.setAccessibleName(tr("Choose your own"))
        self.button.setToolTip(tr("Choose your own: {what}", what=tr(spec.own)))
        self.button.clicked.connect(self._ask)
        self.body = QWidget()
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        # Beside the button there is less room than a combo box asks for.
        self.combo.setMinimumWidth(NARROWEST)
        layout.addWidget(self.combo, 1)
        layout.addWidget(self.button)
        policy = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        self.combo.setSizePolicy(*policy)
        self.body.setSizePolicy(*policy)

    def _ask(self) -> None:
        self.file_wanted.emit(self._key)
