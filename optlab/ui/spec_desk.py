"""Experiments as files: open, save, ready ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from optlab.params import InputError
from optlab.translate import tr
from optlab.ui.fields import leave_field
from optlab.ui.pages import LAB

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class SpecDesk(QObject):
    """Opens and saves experiments; what cannot be used is said in the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def open_spec(self) -> None:
        """Open an experiment that a person chooses."""
        path = self._window.chooser.open(tr("Open experiment"), (".toml",))
        if path is not None:
            self.load_spec(path)

    def load_spec(self, path: Path) -> None:
        """Open the experiment in ``path``."""
        if self._open(lambda: self._window.editor.load(path)):
            self._window.session.recent.add(path, "experiment")

    def load_preset(self, name: str) -> None:
        """Open a ready experiment."""
        preset = self._window.session.catalog.presets.get(name)
        self.load_text(preset.text, source=f"{preset.name}.toml")

    def load_text(self, text: str, *, source: str) -> None:
        """Open an experiment in TOML that no file holds."""
        self._open(lambda: self._window.editor.load_text(text, source=source))

    @Slot()
    def save_spec(self) -> None:
        """Save the experiment where it came from."""
        if self._window.editor.path is None:
            self.save_spec_as()
        else:
            self._save(self._window.editor.path)

    @Slot()
    def save_spec_as(self) -> None:
        """Save the experiment where a person says."""
        name = self._window.editor.source or "experiment.toml"
        path = self._window.chooser.save(tr("Save experiment"), name, (".toml",))
        if path is not None:
            self._save(path)

    def _save(self, path: Path) -> None:
        leave_field()
        if self._try(lambda: self._window.editor.save(path)):
            self._window.session.recent.add(path, "experiment")

    def _open(self, act: Callable[[], None]) -> bool:
        well = self._try(act)
        if well:
            self._window.show_page(LAB)
        # The curves of another experiment beside this one's list would mislead.
        if well and not self._window.controller.active:
            self._window.runs.forget_run()
        return well

    def _try(self, act: Callable[[], None]) -> bool:
        self._window.notice.hide()
        try:
            act()
        except InputError as error:
            self._window.notice.say(str(error))
            return False
        return True
