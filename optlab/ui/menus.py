"""The main menu behind the button at the right of the bar, and the export menu.

Commands stand in the menus of their groups; those that no table names stand at the
end, so that what another part of the window can do is in the menu as soon as it says
so.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from optlab.registry import PresetInfo
from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.commands import GROUPS, Group, group_title
from optlab.ui.icons import icon
from optlab.ui.recent import RecentFile
from optlab.ui.status import OWN_NAMES

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

FIGURES: Final = ("png", "svg", "pdf")
LINE: Final = "-"
REST: Final = "*"
"""Where the commands stand that are not named."""
OPENING: Final = ("menu", "export")
"""Commands that open what would hold them."""
ORDER: Final[dict[Group, tuple[str, ...]]] = {
    "file": (
        "new_spec",
        "open_spec",
        "menu:presets",
        LINE,
        "open_run",
        "menu:recent",
        LINE,
        "save_spec",
        "save_spec_as",
        "menu:export",
        LINE,
        REST,
        LINE,
        "quit",
    ),
    "edit": ("undo", "redo", LINE, REST, LINE, "preferences", "shortcuts", "plugins"),
    "view": ("menu:panels", REST, LINE, "theme", "menu:language"),
    "run": ("start", "step", "stop", "continue", LINE, REST),
    "help": ("help", "explain", "palette", REST, LINE, "about"),
}


class MainMenu(QObject):
    """Fills the menus; parts that change are filled when they open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._menu = window.bar.menu_button.menu()
        self._export = window.bar.export_button.menu()
        self._export.setTitle(tr("Export"))
        # Children of the menu, so that they stay when it is filled again.
        self._presets = _submenu(self._menu, "menu.presets", tr("Ready experiments"))
        self._recent = _submenu(self._menu, "menu.recent", tr("Recent files"))
        self._panels = _submenu(self._menu, "menu.panels", tr("Panels"))
        self._language = _submenu(self._menu, "menu.language", tr("Language"))
        self._groups = {
            group: _submenu(self._menu, f"menu.{group}", group_title(group))
            for group in GROUPS
        }
        self._presets.aboutToShow.connect(self.fill_presets)
        self._recent.aboutToShow.connect(self.fill_recent)
        self._export.aboutToShow.connect(self.fill_export)
        self._language.aboutToShow.connect(self.fill_language)
        self._menu.aboutToShow.connect(self.fill)
        for menu in (self._menu, *self._groups.values()):
            menu.aboutToShow.connect(window.commands.refresh)
        add = window.commands.add
        add("menu", tr("Menu"), self.open, keys=["Alt+M"], group="help")
        add("export", tr("Export"), self.open_export, keys=["Ctrl+E"], group="file")
        self.fill_presets()
        self.fill()

    @Slot()
    def fill(self) -> None:
        """Put every command into its menu."""
        self._menu.clear()
        for group, menu in self._groups.items():
            menu.clear()
            self._fill_group(group, menu)
            if not menu.isEmpty():
                self._menu.addMenu(menu)

    def _fill_group(self, group: Group, menu: QMenu) -> None:
        order = ORDER.get(group, (REST,))
        commands = self._window.commands
        names = [command.name for command in commands.of(group)]
        named = (*order, *OPENING)
        rest = [name for name in names if name not in named and not _is_panel(name)]
        menus = {
            "menu:presets": self._presets,
            "menu:recent": self._recent,
            "menu:export": self._export,
            "menu:panels": self._panels,
            "menu:language": self._language,
        }
        for place in order:
            if place == LINE:
                menu.addSeparator()
            elif place == REST:
                menu.addActions([commands[name] for name in rest])
            elif place in menus:
                menu.addMenu(menus[place])
            elif place in names:
                menu.addAction(commands[place])
        if group == "view":
            self._panels.clear()
            panels = [commands[name] for name in names if _is_panel(name)]
            self._panels.addActions(panels)

    def open(self) -> None:
        """Open the main menu from the keyboard, at its first entry."""
        self._popup(self._window.bar.menu_button, self._menu)

    def open_export(self) -> None:
        """Open the export menu from the keyboard, at its first entry."""
        self._popup(self._window.bar.export_button, self._export)

    def _popup(self, button: QToolButton, menu: QMenu) -> None:
        # Before it is measured.
        menu.aboutToShow.emit()
        corner = button.mapToGlobal(button.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), -2))
        # To the first entry, as a person would; setActiveAction opens what is in it.
        down = Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(menu, QKeyEvent(QEvent.Type.KeyPress, *down))

    def fill_presets(self) -> None:
        """List the ready experiments: those to begin with, then groups."""
        _empty(self._presets)
        groups: dict[str, QMenu] = {}
        presets = sorted(self._window.session.catalog.presets, key=_begins)
        for preset in presets:
            title = _preset_group(preset.name)
            menu = self._presets
            if title:
                if title not in groups:
                    name = f"menu.presets.group.{len(groups)}"
                    groups[title] = _submenu(self._presets, name, title)
                    self._presets.addMenu(groups[title])
                menu = groups[title]
            act = partial(self._window.specs.load_preset, preset.name)
            name = f"menu.presets.{preset.name}"
            tip = tr(preset.description)
            add_entry(menu, name, tr(preset.label), act, tip=tip)

    def fill_recent(self) -> None:
        """List the files that were at work last, with a way to pin and to forget."""
        _empty(self._recent)
        recent = self._window.session.recent
        files = recent.files()
        for number, file in enumerate(files):
            self._add_recent(f"menu.recent.{number}", file)
        if not files:
            entry = self._recent.addAction(tr("No files yet"))
            entry.setEnabled(False)
            return
        self._recent.addSeparator()
        pins = _submenu(self._recent, "menu.recent.pins", tr("Pin"))
        self._recent.addMenu(pins)
        for number, file in enumerate(files):
            act = partial(recent.pin, file.path, on=not file.pinned)
            name = f"menu.recent.pins.{number}"
            entry = add_entry(pins, name, file.label, act, tip=str(file.path))
            entry.setCheckable(True)
            entry.setChecked(file.pinned)
        missing = [file for file in files if file.missing]
        if missing:
            name, text = "menu.recent.drop", tr("Forget files that are gone")
            add_entry(self._recent, name, text, partial(self._drop, missing))
        name, text = "menu.recent.clear", tr("Forget files that are not pinned")
        add_entry(self._recent, name, text, recent.clear)

    def _add_recent(self, name: str, file: RecentFile) -> None:
        window = self._window
        open_file = (
            window.runs.load_run if file.kind == "run" else window.specs.load_spec
        )
        act = partial(open_file, file.path)
        gone = tr("The file is there no more")
        tip = f"{file.path}\n{gone}" if file.missing else str(file.path)
        text = file.label.replace("&", "&&")
        entry = add_entry(self._recent, name, text, act, tip=tip)
        entry.setEnabled(not file.missing)
        picture = icon("pin", window.state.theme) if file.pinned else QIcon()
        entry.setIcon(picture)

    def _drop(self, files: list[RecentFile]) -> None:
        for file in files:
            self._window.session.recent.remove(file.path)

    def fill_language(self) -> None:
        """List the languages."""
        self._language.clear()
        preferences = self._window.session.preferences
        for code, name in (("system", tr("as the system")), *OWN_NAMES.items()):
            act = partial(preferences.set_value, "language", code)
            entry = add_entry(self._language, f"menu.language.{code}", name, act)
            entry.setCheckable(True)
            entry.setChecked(preferences.value("language") == code)

    def fill_export(self) -> None:
        """List what can be exported of what is on the screen."""
        _empty(self._export)
        exports = self._window.exports
        there = self._window.controller.data is not None
        text = tr("Report…")
        tip = tr("A page with verdicts, figures, tables and all settings")
        entry = add_entry(
            self._export, "export.report", text, exports.export_report, tip=tip
        )
        entry.setEnabled(there)
        self._export.addSeparator()
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
            self._export.addMenu(menu)
            for kind in FIGURES:
                act = partial(exports.export_card, card.name, f".{kind}")
                text = tr("As {kind}…", kind=kind.upper())
                add_entry(menu, f"{name}.{kind}", text, act).setEnabled(there)
            add_entry(menu, f"{name}.copy", tr("Copy plot"), card.copy_plot)


def _is_panel(name: str) -> bool:
    return name.startswith("panel.") or name == "reset_layout"


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


def _empty(menu: QMenu) -> None:
    """Take away all entries, and the menus that were made for them."""
    menu.clear()
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    for child in menu.findChildren(QMenu, options=direct):
        child.setParent(None)
        child.deleteLater()


def _submenu(parent: QMenu, name: str, title: str) -> QMenu:
    """Return a menu; whoever wants it puts it somewhere."""
    child = QMenu(title, parent)
    child.setObjectName(name)
    child.setToolTipsVisible(True)
    return child
