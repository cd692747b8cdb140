"""The one style sheet of the window, filled in with the tokens of a theme.

Qt reads pictures of arrows and ticks from files; these lie in ``resources/icons``, one
per theme, because a style sheet cannot colour them.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from optlab.ui.theme import Theme

_SHEET: Final = """
* { outline: 0; }
QMainWindow, QDialog { background: $ground; }
QMainWindow::separator { background: transparent; width: 8px; height: 8px; }
QToolTip {
  background: $card; color: $text; border: 1px solid $line; border-radius: 4px;
  padding: 5px 7px; font-size: 12px;
}

QFrame[role="card"], QWidget[role="card"] {
  background: $card; border: 1px solid $line; border-radius: 8px;
}
QFrame[role="bar"], QWidget[role="bar"], QToolBar {
  background: $card; border: 0; border-bottom: 1px solid $line;
}
QToolBar { spacing: 8px; padding: 6px 12px; }
QToolBar::separator { background: $line; width: 1px; margin: 6px 4px; }
QStatusBar { background: $card; border-top: 1px solid $line; color: $muted; }
QStatusBar::item { border: 0; }
QStatusBar QLabel { color: $muted; font-size: 12px; padding: 2px 8px; }

QToolButton[kind="fact"] {
  background: transparent; border: 1px solid transparent; border-radius: 4px;
  color: $muted; font-size: 12px; padding: 1px 7px;
}
QToolButton[kind="fact"]:hover { background: $hover; color: $text; }
QToolButton[kind="fact"]:focus { border: 1px solid $accent; }
QToolButton[kind="fact"][level="green"] { color: $success; }
QToolButton[kind="fact"][level="amber"] { color: $warning; }
QToolButton[kind="fact"][level="red"] { color: $danger; font-weight: 600; }

QDockWidget { color: $muted; font-size: 11px; font-weight: 600; }
QDockWidget::title {
  background: transparent; padding: 6px 12px 4px 12px; text-align: left;
}
QDockWidget > QWidget#qt_dockwidget_content, QDockWidget > QWidget[role="card"] {
  background: $card; border: 1px solid $line; border-radius: 8px;
}
QDockWidget::close-button, QDockWidget::float-button {
  background: transparent; border: 0; padding: 2px; border-radius: 4px;
}
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; }
QWidget[role="dock-title"] {
  background: $card; border: 1px solid $line; border-bottom: 0;
  border-top-left-radius: 8px; border-top-right-radius: 8px;
}
QDockWidget > QWidget[role="dock-body"] {
  background: $card; border: 1px solid $line; border-top: 0; border-radius: 0;
  border-bottom-left-radius: 8px; border-bottom-right-radius: 8px;
}
QFrame[role="nested"] {
  border: 0; border-left: 2px solid $line; border-radius: 0; background: transparent;
}
QFrame[role="popup"] { background: $card; border: 1px solid $line; }
QFrame[role="entry"] { border: 0; border-radius: 6px; background: transparent; }
QFrame[role="entry"]:hover { background: $hover; }
QFrame[role="entry"][selected="true"] { background: $selected; }
QFrame[role="entry-head"] { border: 1px solid transparent; border-radius: 4px; }
QFrame[role="entry-head"]:focus { border: 1px solid $accent; }
QLineEdit[role="title"] {
  background: transparent; border: 1px solid transparent; border-radius: 4px;
  font-weight: 600; padding: 0 4px; min-height: 18px; margin-left: -7px;
}
QLineEdit[role="title"]:hover { border-color: $line; }
QLineEdit[role="title"]:focus { border-color: $accent; background: $field; }
QPushButton[kind="browse"] { padding: 4px 8px; }
QPushButton[kind="reason"] {
  background: transparent; border: 0; color: $danger; font-size: 12px; padding: 0;
  min-height: 0; text-align: left;
}
QFrame[role="popup"] QListView::item { padding: 4px; border-radius: 4px; }
QLabel[role="drop"] {
  background: $selected; color: $text; border: 2px dashed $accent; border-radius: 8px;
  font-size: 16px; font-weight: 600; padding: 24px;
}
QFrame[role="notice"] { background: $card; border-bottom: 1px solid $line; }
QLabel[role="entry-name"] { font-weight: 600; }
QLabel[role="entry-details"] { font-size: 12px; color: $muted; }
QLabel[role="entry-details"][invalid="true"] { color: $danger; }
QLabel[role="field"] { font-size: 12px; color: $muted; }
QLabel[role="field"][differs="true"] { color: $text; }
QToolButton[kind="reset"], QToolButton[kind="eye"], QToolButton[kind="fold"] {
  background: transparent; border: 1px solid transparent; color: $muted; padding: 2px;
}
QToolButton[kind="fold"] { font-size: 12px; padding: 2px 4px 2px 0; }
QToolButton[kind="reset"]:hover, QToolButton[kind="eye"]:hover,
QToolButton[kind="fold"]:hover { color: $text; background: $hover; }
QToolButton[kind="reset"]:focus, QToolButton[kind="eye"]:focus,
QToolButton[kind="fold"]:focus { border: 1px solid $accent; }
QToolButton[kind="fold"]:checked {
  background: transparent; color: $muted; border: 1px solid transparent;
}
QToolButton[kind="fold"]:checked:focus { border: 1px solid $accent; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: 13px; font-weight: 600; color: $text; }
QLabel[role="headline"] { font-size: 16px; font-weight: 600; color: $text; }
QLabel[role="subtitle"] { font-size: 12px; color: $muted; }
QLabel[role="muted"] { font-size: 12px; color: $muted; }
QLabel[role="formula"] {
  font-size: 12px; background: $ground; border: 1px solid $line; border-radius: 6px;
  padding: 6px 8px;
}
QLabel[role="section"] { font-size: 11px; font-weight: 600; color: $muted; }
QLabel[role="error"] { font-size: 12px; color: $danger; }
QLabel[role="warning"] { font-size: 12px; color: $warning; }
QLabel[role="success"] { font-size: 12px; color: $success; }
QLabel[role="mark"] {
  font-size: 11px; color: $muted; border: 1px solid $line; border-radius: 4px;
  padding: 0 5px;
}
QLabel:disabled { color: $muted; }

QPushButton, QToolButton {
  background: $card; border: 1px solid $line; border-radius: 6px;
  padding: 5px 12px; color: $text; min-height: 16px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $selected; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: transparent; }
QPushButton:checked, QToolButton:checked {
  background: $selected; color: $accent; border: 1px solid $accent;
}
QPushButton[kind="primary"] {
  background: $accent; color: $on_accent; border: 1px solid $accent;
  font-weight: 600; padding: 5px 16px;
}
QPushButton[kind="primary"]:hover { background: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_pressed; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 4px 15px; }
QPushButton[kind="primary"]:disabled {
  background: $line; border: 1px solid $line; color: $muted;
}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {
  background: transparent; border: 1px solid transparent; color: $muted;
  padding: 4px 8px;
}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {
  background: $hover; color: $text;
}
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus {
  border: 1px solid $accent;
}
QPushButton[kind="quiet"]:checked, QToolButton[kind="quiet"]:checked {
  background: $selected; color: $accent;
}
QPushButton[kind="quiet"]:disabled, QToolButton[kind="quiet"]:disabled {
  color: $muted; background: transparent;
}
QPushButton[kind="chip"] {
  background: transparent; border: 0; border-radius: 6px; color: $muted;
  padding: 3px 9px; font-size: 12px;
}
QPushButton[kind="chip"]:hover { background: $hover; color: $text; }
QPushButton[kind="chip"]:checked { background: $line; color: $text; }
QPushButton[kind="chip"]:focus { border: 1px solid $accent; padding: 2px 8px; }
QPushButton[kind="danger"] { color: $danger; }
QPushButton[kind="entry"] {
  background: transparent; border: 1px solid transparent; border-radius: 6px;
  padding: 6px 9px; text-align: left;
}
QPushButton[kind="entry"][tall="true"] { min-height: 36px; padding: 0; }
QPushButton[kind="entry"]:hover { background: $hover; }
QPushButton[kind="entry"]:focus { border-color: $accent; }
QFrame[role="side"] { background: $card; border: 0; border-right: 1px solid $line; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
  placeholder-text-color: $muted;
  background: $field; color: $text; border: 1px solid $line; border-radius: 6px;
  padding: 4px 8px; min-height: 18px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $faint; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus,
QTextEdit:focus { border: 1px solid $accent; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"],
QComboBox[invalid="true"] { border: 1px solid $danger; background: $danger_soft; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled,
QLineEdit[readOnly="true"] { color: $muted; background: $ground; }
QComboBox { padding-right: 4px; }
QComboBox::drop-down { border: 0; width: 22px; background: transparent; }
QComboBox::down-arrow { image: url($chevron_down); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
  background: $card; border: 1px solid $line; border-radius: 6px; padding: 4px;
  selection-background-color: $selected; selection-color: $text; outline: 0;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {
  border: 0; padding: 0; background: transparent; min-height: 0;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  subcontrol-origin: border; width: 18px; border: 0; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow { image: url($chevron_up); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url($chevron_down); width: 10px; height: 10px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 14px; height: 14px; border: 1px solid $faint; background: $field;
}
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked {
  background: $accent; border-color: $accent; image: url($check);
}
QRadioButton::indicator:checked { background: $accent; border: 4px solid $field; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
QCheckBox::indicator:disabled { background: $line; border-color: $line; }

QMenuBar { background: $card; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 4px 10px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $card; border: 1px solid $line; border-radius: 8px; padding: 5px; }
QMenu::item {
  padding: 5px 24px 5px 10px; border-radius: 4px; background: transparent;
}
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 5px 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::indicator:checked { image: url($tick); }
QMenu::right-arrow { image: url($chevron_right); width: 12px; height: 12px; }

QTableView, QTreeView, QListView {
  background: $card; border: 0; gridline-color: transparent;
  selection-background-color: $selected; selection-color: $text;
}
QTableView::item { padding: 0 8px; border: 0; }
QTableView::item:hover, QListView::item:hover { background: $hover; }
QTableView::item:selected, QListView::item:selected { background: $selected; }
QTreeView::item { padding: 4px 6px; border: 0; }
QTreeView::item:hover { background: $hover; }
QTreeView::item:selected { background: $selected; color: $text; }
QTreeView:focus, QListView:focus { border: 1px solid $accent; border-radius: 6px; }
QHeaderView { background: transparent; border: 0; }
QHeaderView::section {
  background: $card; color: $muted; border: 0; border-bottom: 1px solid $line;
  padding: 6px 11px; font-size: 12px; font-weight: 400;
}
QTableCornerButton::section { background: $card; border: 0; }

QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget#scroll-content { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 28px; margin: 2px; }
QScrollBar::handle:horizontal { min-width: 28px; margin: 2px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar {
  background: $line; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px;
  color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
  background: $card; border: 2px solid $accent; width: 10px; height: 10px;
  margin: -5px 0; border-radius: 7px;
}
QSlider::handle:horizontal:focus { background: $accent; }

QTabWidget::pane { border: 0; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
  background: transparent; color: $muted; padding: 6px 12px; border: 0;
  border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QSplitter::handle { background: transparent; }
QGroupBox { border: 0; margin-top: 18px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; color: $muted; font-size: 11px; }
"""


_TOKENS: Final = (
    "ground",
    "card",
    "field",
    "line",
    "text",
    "muted",
    "faint",
    "accent",
    "on_accent",
    "selected",
    "hover",
    "danger",
    "success",
    "warning",
)


def _mix(color: str, other: str, share: float) -> str:
    """Return ``color`` with ``share`` of ``other`` mixed in."""
    pairs = [(int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme."""
    folder = Path(str(resources.files("optlab").joinpath("resources/icons")))

    def picture(name: str) -> str:
        return (folder / f"{name}-{theme.name}.svg").as_posix()

    away = "#ffffff" if theme.dark else "#000000"
    tokens = {name: getattr(theme, name) for name in _TOKENS}
    return Template(_SHEET).substitute(
        tokens,
        accent_hover=_mix(theme.accent, away, 0.12),
        accent_pressed=_mix(theme.accent, away, 0.2),
        danger_soft=_mix(theme.field, theme.danger, 0.08),
        scroll=_mix(theme.card, theme.faint, 0.5),
        chevron_down=picture("chevron-down"),
        chevron_up=picture("chevron-up"),
        chevron_right=picture("chevron-right"),
        check=picture("check"),
        tick=picture("tick"),
    )
