"""The menu behind the button at the right of the bar, and the export menu."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from optlab.registry import PresetInfo
from optlab.translate import tr
from optlab.ui.actions import add_entry

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

RECENT: Final = 10
FIGURES: Final = ("png", "svg", "pdf")


class MainMenu(QObject):
    """Fills the menus; parts that change are filled when they open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        menu = window.bar.menu_button.menu()
        commands = window.commands
        self._presets = _submenu(menu, "menu.presets", tr("Ready experiments"))
        self._preset_groups: dict[str, QMenu] = {}
        menu.addActions(
            [commands["open_spec"], commands["save_spec"], commands["save_spec_as"]]
        )
        menu.addSeparator()
        menu.addAction(commands["open_run"])
        self._recent = _submenu(menu, "menu.recent", tr("Recent runs"))
        menu.addSeparator()
        menu.addActions([commands["undo"], commands["redo"]])
        menu.addSeparator()
        panels = _submenu(menu, "menu.panels", tr("Panels"))
        for dock in window.desk.docks():
            action = dock.toggleViewAction()
            action.setObjectName(f"{dock.objectName()}.toggle")
            panels.addAction(action)
        panels.addSeparator()
        panels.addAction(commands["reset_layout"])
        menu.addActions([commands["explain"], commands["theme"]])
        menu.addSeparator()
        menu.addAction(commands["quit"])
        self._export = window.bar.export_button.menu()
        self._presets.aboutToShow.connect(self.fill_presets)
        self._recent.aboutToShow.connect(self.fill_recent)
        self._export.aboutToShow.connect(self.fill_export)
        self.fill_presets()

    def fill_presets(self) -> None:
        """List the ready experiments: those to begin with, then groups."""
        for group in self._preset_groups.values():
            group.deleteLater()
        self._preset_groups = {}
        self._presets.clear()
        presets = sorted(self._window.session.catalog.presets, key=_begins)
        for preset in presets:
            title = _preset_group(preset.name)
            menu = self._presets
            if title:
                if title not in self._preset_groups:
                    name = f"menu.presets.group.{len(self._preset_groups)}"
                    self._preset_groups[title] = _submenu(self._presets, name, title)
                menu = self._preset_groups[title]
            act = partial(self._window.specs.load_preset, preset.name)
            name = f"menu.presets.{preset.name}"
            tip = tr(preset.description)
            add_entry(menu, name, tr(preset.label), act, tip=tip)

    def fill_recent(self) -> None:
        """List the newest runs."""
        self._recent.clear()
        for number, path in enumerate(recent_runs(self._window.session.runs)):
            act = partial(self._window.runs.load_run, path)
            text = path.parent.name
            add_entry(self._recent, f"menu.recent.{number}", text, act, tip=str(path))
        if self._recent.isEmpty():
            entry = self._recent.addAction(tr("No runs yet"))
            entry.setEnabled(False)

    def fill_export(self) -> None:
        """List what can be exported of what is on the screen."""
        self._export.clear()
        exports = self._window.exports
        there = self._window.controller.data is not None
        for part, text in (
            ("metrics", tr("Metrics as CSV…")),
            ("summary", tr("Summary as CSV…")),
        ):
            act = partial(exports.export_table, part)
            add_entry(self._export, f"export.{part}.csv", text, act).setEnabled(there)
        self._export.addSeparator()
        for card in self._window.grid.cards():
            name = f"export.{card.name}"
            menu = _submenu(self._export, name, card.title)
            for kind in FIGURES:
                act = partial(exports.export_card, card.name, f".{kind}")
                text = tr("As {kind}…", kind=kind.upper())
                add_entry(menu, f"{name}.{kind}", text, act).setEnabled(there)
            add_entry(menu, f"{name}.copy", tr("Copy plot"), card.copy_plot)


def _begins(preset: PresetInfo) -> bool:
    """Return False for what one begins with, so that it is sorted to the front."""
    return not preset.name.endswith("first-look")


def _preset_group(name: str) -> str:
    """Return the submenu of a ready experiment; empty for what one begins with."""
    if name.endswith("first-look"):
        return ""
    if name.startswith("seed-"):
        return tr("The tutorials")
    if name.startswith(("cifar10-", "deepobs-")):
        return tr("CIFAR-10")
    return tr("Effects and comparisons")


def recent_runs(folder: Path) -> list[Path]:
    """Return the newest run files in the folders of ``folder``."""
    files = list(folder.glob("*/*.optlab")) if folder.is_dir() else []
    return sorted(files, key=lambda f: f.stat().st_mtime, reverse=True)[:RECENT]


def _submenu(menu: QMenu, name: str, title: str) -> QMenu:
    child = menu.addMenu(title)
    child.setObjectName(name)
    child.setToolTipsVisible(True)
    return child
