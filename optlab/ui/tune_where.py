"""Where the trials of a study run: processes of this machine, or a Ray cluster.

That is no part of the experiment, as it changes no result; it is kept in the settings.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSettings, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from optlab.params import InputError, Kind, ParamSpec
from optlab.translate import tr
from optlab.ui.fields import LineField, QuietCombo
from optlab.ui.forms import RESET_WIDTH
from optlab.ui.tune_fields import UsualField

LOCAL: Final = "local"
RAY: Final = "ray"
LABEL_WIDTH: Final = 70
MOST: Final = 256
EXAMPLE: Final = "ray://host:10001"


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where trials run.

    Attributes:
        processes: How many side by side on this machine; None for all cores.
        address: Of the Ray cluster; empty for this machine.
    """

    processes: int | None = None
    address: str = ""


PROCESSES: Final = ParamSpec(
    name="processes",
    label="processes",
    kind=Kind.INT,
    default=None,
    low=1,
    high=MOST,
    optional=True,
    meaning="Trials that run side by side, each in a process of its own; as many as "
    "there are processor cores if nothing is given.",
)
ADDRESS: Final = ParamSpec(
    name="address",
    label="address",
    kind=Kind.TEXT,
    default="",
    meaning="Address of a Ray cluster, such as ray://host:10001, or auto for the one "
    "of this machine.",
)


class WhereForm(QWidget):
    """Chooses the executor."""

    changed = Signal()
    """Something else is chosen or typed."""
    complained = Signal()
    """It is said that nobody answers."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self.setObjectName("tune.where.form")
        self._kind = QuietCombo()
        self._kind.setObjectName("tune.where")
        self._kind.setAccessibleName(tr("Where trials run"))
        self._kind.setToolTip(tr("Where trials run; no result depends on it"))
        self._kind.addItem(tr("This machine"), LOCAL)
        self._kind.addItem(tr("A Ray cluster"), RAY)
        self._processes = UsualField(PROCESSES, "tune.processes")
        self._processes.line.setPlaceholderText(tr("all cores"))
        self._address = LineField(ADDRESS, "tune.address")
        self._address.line.setPlaceholderText(EXAMPLE)
        self._words = QLabel()
        self._words.setObjectName("tune.where.error")
        self._words.setProperty("role", "error")
        self._words.setWordWrap(True)
        self._words.hide()
        self._labels = [QLabel(tr("Where")), QLabel(), QLabel()]
        self._build()
        self._recall()
        self._kind.activated.connect(self._on_changed)
        for field in (self._processes, self._address):
            field.edited.connect(self._on_changed)

    def _build(self) -> None:
        grid = QGridLayout(self)
        # As wide as the fields above, which have a button at their right.
        grid.setContentsMargins(0, 0, RESET_WIDTH + 6, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        for label, title in zip(
            self._labels[1:], (PROCESSES.title, ADDRESS.title), strict=True
        ):
            label.setText(title[:1].upper() + title[1:])
        fields = (self._kind, self._processes.body, self._address.body)
        for row, (label, field) in enumerate(zip(self._labels, fields, strict=True)):
            label.setProperty("role", "field")
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self._words, 3, 0, 1, 2)

    def _recall(self) -> None:
        kind = str(self._settings.value("tune/where", LOCAL))
        self._kind.setCurrentIndex(max(0, self._kind.findData(kind)))
        kept = self._settings.value("tune/processes", PROCESSES.none_word)
        self._processes.show_text(str(kept))
        self._address.show_text(str(self._settings.value("tune/address", "")))
        self._show()

    @property
    def on_ray(self) -> bool:
        """Whether a Ray cluster is chosen."""
        return str(self._kind.currentData()) == RAY

    def where(self) -> Where:
        """Return where trials are to run.

        Raises:
            InputError: What is typed cannot be used.
        """
        if self.on_ray:
            address = self._address.text().strip()
            if not address:
                text = tr("the address of a Ray cluster, or auto")
                raise InputError("tune.address", "", text)
            return Where(address=address)
        value = PROCESSES.parse(self._processes.text(), "tune.processes")
        return Where(processes=value if isinstance(value, int) else None)

    def error(self) -> str:
        """Return what cannot be used in what is typed; empty if all can."""
        try:
            self.where()
        except InputError as error:
            return error.allowed
        return ""

    def complain(self, text: str) -> None:
        """Say that nobody answers; until something else is typed."""
        self._words.setText(text)
        self._words.setVisible(bool(text))
        self._address.mark(text if self.on_ray else "")
        if text:
            self.complained.emit()

    @Slot()
    def _on_changed(self) -> None:
        self._settings.setValue("tune/where", self._kind.currentData())
        self._settings.setValue("tune/processes", self._processes.text())
        self._settings.setValue("tune/address", self._address.text().strip())
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        ray = self.on_ray
        for widget in (self._labels[1], self._processes.body):
            widget.setVisible(not ray)
        for widget in (self._labels[2], self._address.body):
            widget.setVisible(ray)
        error = self.error()
        self._processes.mark("" if ray else error)
        self._address.mark("")
        self._words.setText("" if ray else error)
        self._words.setVisible(bool(error) and not ray)
