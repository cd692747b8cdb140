"""The status bar, which tells the truth: device, speed, memory, fairness, file."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton

from optlab.records import TrialStart
from optlab.store.run_data import RunData
from optlab.translate import tr, tr_n
from optlab.ui.progress import speed_words
from optlab.ui.theme import set_property

MEGABYTE: Final = 1_000_000


class StatusBar(QStatusBar):
    """Facts about the run on the screen, in one line."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self._device = self._add("status.device", tr("Device"))
        self._speed = self._add("status.speed", tr("Speed"))
        self._memory = self._add("status.memory", tr("Memory"))
        self._paired = self._add("status.paired", tr("Fairness"))
        self._saved = self._add("status.saved", tr("Run file"))
        self.theme_button = self._add_button("theme", "◐", tr("Light or dark"))

    def _add(self, name: str, title: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setAccessibleName(title)
        self.addWidget(label)
        return label

    def _add_button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        self.addPermanentWidget(button)
        return button

    def show_device(self, device: str, threads: int) -> None:
        """Show where the run takes place; nothing where there is no run."""
        self._device.setVisible(bool(device))
        name = device.upper() if device == "cpu" else device
        self._device.setText(
            tr_n(
                "{device} · {n} thread per trial",
                "{device} · {n} threads per trial",
                n=threads,
                device=name,
            )
        )

    def show_speed(self, speed: float) -> None:
        """Show the steps of all trials per second, and the memory in use."""
        self._speed.setText(speed_words(speed) if speed else "")
        self._speed.setToolTip(tr("Steps of all trials together"))
        self._speed.setVisible(bool(speed))
        memory = memory_in_use()
        self._memory.setText(
            tr("{n} MB", n=f"{memory // MEGABYTE:,}") if memory else ""
        )
        self._memory.setToolTip(tr("Memory of this program, data and torch included"))

    def show_pairing(self, data: RunData | None) -> None:
        """Show whether the trials started equal and saw the same batches."""
        sound, text = (True, "") if data is None else pairing(data)
        self._paired.setText(text)
        self._paired.setVisible(bool(text))
        set_property(self._paired, "role", "muted" if sound else "warning")

    def show_path(self, path: Path | None) -> None:
        """Show where the run is saved."""
        self._saved.setText(
            "" if path is None else tr("saved to {name}", name=short_path(path))
        )
        self._saved.setVisible(path is not None)
        self._saved.setToolTip("" if path is None else str(path))


def pairing(data: RunData) -> tuple[bool, str]:
    """Return whether the comparison is paired, and how that is said."""
    trials = data.trials
    if len(trials) == len({trial.seed for trial in trials}):
        return True, ""  # Nobody is compared with anybody.
    if not _agree((t.seed, t.init_hash) for t in trials):
        return False, tr("not paired: initial weights differ")
    if not any(t.batch_size for t in trials):
        return True, tr("✓ paired: same start")
    known = [(t, data.status(t.trial)) for t in trials]
    hashes = [
        ((t.seed, t.batch_size, s.step), s.batch_hash) for t, s in known if s.batch_hash
    ]
    if not _agree(hashes):
        return False, tr("not paired: batches differ")
    if not _all_ended(data, trials):
        return True, tr("✓ paired: same weights")
    if len({t.batch_size for t in trials}) > 1:
        return True, tr("✓ paired: same weights, same order of samples")
    return True, tr("✓ paired: same weights, same batches")


def _agree(pairs: Iterable[tuple[object, str]]) -> bool:
    found: dict[object, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return all(len(values) == 1 for values in found.values())


def _all_ended(data: RunData, trials: Iterable[TrialStart]) -> bool:
    return all(data.status(t.trial).batch_hash for t in trials)


def short_path(path: Path) -> str:
    """Return the end of a path that tells files apart: folder and name."""
    return f"{path.parent.name}/{path.name}"


def memory_in_use() -> int:
    """Return the bytes of memory that this process holds; 0 where that is unknown."""
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
