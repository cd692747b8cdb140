"""What a click on a fact of the status bar tells: the same truth in full."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from optlab import __version__
from optlab.translate import tr, tr_n
from optlab.ui.certificate_words import certificate_rows
from optlab.ui.status import MEGABYTE

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

WIDEST: Final = 480
HIGHEST: Final = 360
HASH: Final = 16

Rows = list[tuple[str, str]]


class FactDetails(QFrame):
    """A pop-up with rows of a caption and a value.

    Args:
        title: What it tells of.
        rows: Captions and values.
        parent: The widget that it belongs to.
        folder: What a button opens; None for no such button.
    """

    def __init__(
        self,
        title: str,
        rows: Rows,
        *,
        parent: QWidget,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._rows = rows
        self._folder = folder
        self.setObjectName("status.details")
        self.setProperty("role", "popup")
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        head = QLabel(title)
        head.setProperty("role", "title")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(head)
        layout.addWidget(self._make_rows())
        layout.addLayout(self._make_buttons())

    def _make_rows(self) -> QWidget:
        content = QWidget()
        content.setObjectName("scroll-content")
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        for number, (caption, value) in enumerate(self._rows):
            name, text = QLabel(caption), QLabel(value)
            name.setProperty("role", "muted")
            text.setTextInteractionFlags(selectable)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(len(value) > 60)
            text.setAccessibleName(f"{caption}: {value}")
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(name, number, 0, top)
            grid.addWidget(text, number, 1, top)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        content.ensurePolished()
        size = content.sizeHint()
        area.setMinimumWidth(min(WIDEST, size.width() + 12))
        area.setFixedHeight(
            min(HIGHEST, content.heightForWidth(WIDEST) + 4)
            if content.hasHeightForWidth()
            else min(HIGHEST, size.height() + 4)
        )
        return area

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        if self._folder is not None:
            opener = QPushButton(tr("Open folder"))
            opener.setObjectName("status.details.folder")
            opener.clicked.connect(self._open_folder)
            row.addWidget(opener)
        copy = QPushButton(tr("Copy"))
        copy.setObjectName("status.details.copy")
        copy.clicked.connect(self._copy)
        row.addWidget(copy)
        self.setFocusProxy(copy)
        return row

    def open_above(self, corner: QPoint) -> None:
        """Open with the lower left corner at a place on the screen."""
        self.adjustSize()
        self.move(corner - QPoint(0, self.height()))
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _copy(self) -> None:
        text = "\n".join(f"{caption}: {value}" for caption, value in self._rows)
        QGuiApplication.clipboard().setText(text)

    def _open_folder(self) -> None:
        if self._folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def details(window: MainWindow, fact: str) -> Rows:
    """Return what there is to tell about a fact of the run on the screen."""
    makers = {
        "device": _device,
        "speed": _speed,
        "left": _speed,
        "memory": _memory,
        "paired": _paired,
        "saved": _saved,
    }
    return makers[fact](window)


def _device(window: MainWindow) -> Rows:
    data = window.controller.data
    rows: Rows = []
    if data is not None:
        rows.append((tr("Device of the run"), data.device))
    devices = ", ".join(window.controller.devices) or tr("not known yet")
    rows += [(tr("Devices here"), devices), (tr("Processor"), platform.machine())]
    return [*rows, *versions()]


def versions() -> Rows:
    """Return the versions of what the window runs on."""
    return [
        ("OptLab", __version__),
        ("Python", platform.python_version()),
        ("PyTorch", installed("torch")),
        ("NumPy", installed("numpy")),
        ("Qt", qVersion()),
        (tr("System"), platform.platform(terse=True)),
    ]


def installed(package: str) -> str:
    """Return the version of a package, without importing it."""
    try:
        return version(package)
    except PackageNotFoundError:
        return tr("not installed")


def _speed(window: MainWindow) -> Rows:
    data = window.controller.data
    rows: Rows = []
    for trial in () if data is None else data.trials:
        status = None if data is None else data.status(trial.trial)
        if status is None or not status.step:
            told = tr("no step yet")
        else:
            each = 1000 * status.wall_time_s / status.step
            told = tr(
                "{ms} ms per step, step {step} of {steps}",
                ms=f"{each:.3g}",
                step=f"{status.step:,}",
                steps=f"{trial.steps:,}",
            )
        rows.append((_label(trial.label, trial.seed), told))
    return rows


def _memory(window: MainWindow) -> Rows:
    parts = memory_parts()
    rows = [
        (tr("The whole program"), _megabytes(parts.get("VmRSS", 0))),
        (tr("Data, torch and window"), _megabytes(parts.get("RssAnon", 0))),
        (tr("Libraries"), _megabytes(parts.get("RssFile", 0))),
        (tr("Most so far"), _megabytes(parts.get("VmHWM", 0))),
    ]
    data = window.controller.data
    if data is not None and data.trials:
        n = data.trials[0].n_parameters
        rows.append((tr("Parameters of a trial"), f"{n:,}"))
        rows.append((tr("Trials"), f"{len(data.trials):,}"))
    return rows


def memory_parts() -> dict[str, int]:
    """Return the parts of the memory in bytes, by the names that Linux gives them."""
    file = Path("/proc/self/status")
    if not file.is_file():
        return {}
    found = {}
    for line in file.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if value.strip().endswith("kB"):
            found[name] = 1024 * int(value.split()[0])
    return found


def _paired(window: MainWindow) -> Rows:
    data = window.controller.data
    certificate = window.reader.answers.certificate
    rows: Rows = [] if certificate is None else certificate_rows(certificate)
    for trial in () if data is None else data.trials:
        batches = "" if data is None else data.status(trial.trial).batch_hash
        told = tr("weights {hash}", hash=trial.init_hash[:HASH] or "–")
        if batches:
            told = f"{told} · {tr('batches {hash}', hash=batches[:HASH])}"
        rows.append((_label(trial.label, trial.seed), told))
    return rows


def _saved(window: MainWindow) -> Rows:
    path = window.controller.path
    if path is None:
        return []
    rows: Rows = [(tr("File"), path.name), (tr("Folder"), str(path.parent))]
    if path.is_file():
        rows.append((tr("Size"), _megabytes(path.stat().st_size)))
    data = window.controller.data
    if data is not None:
        n = len(data.trials)
        rows.append((tr("Holds"), tr_n("{n} trial", "{n} trials", n=n)))
    return rows


def _label(label: str, seed: int) -> str:
    return tr("{label}, seed {seed}", label=label, seed=seed)


def _megabytes(size: int) -> str:
    if not size:
        return tr("not known")
    return tr("{n} MB", n=f"{size / MEGABYTE:,.1f}")
