"""The status bar, which tells the truth: device, speed, memory, fairness, file.

Each fact is a button: a click tells more. Where there is no room for all of them, the
least important ones leave first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStatusBar, QToolButton

from optlab.translate import available_languages, current_language, tr, tr_n
from optlab.ui.progress import duration, speed_words
from optlab.ui.theme import set_property

if TYPE_CHECKING:
    from optlab.analysis.certificate import Certificate

MEGABYTE: Final = 1_000_000
LEAVING: Final = ("saved", "left", "memory", "device", "speed", "paired")
"""The facts, from the one that leaves first to the one that stays longest."""
MARGIN: Final = 24
OWN_NAMES: Final = {"en": "English", "zh": "简体中文"}


class Fact(QToolButton):
    """One fact: a few words that tell more when they are clicked."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.title = title
        self.setObjectName(f"status.{name}")
        self.setProperty("kind", "fact")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def say(self, text: str, tip: str = "") -> None:
        """Show a fact; an empty one is not there."""
        self.setText(text)
        more = tr("click for more")
        self.setToolTip(f"{tip or self.title} · {more}")
        self.setAccessibleName(f"{self.title}: {text}")


class StatusBar(QStatusBar):
    """Facts about the run on the screen, in one line."""

    wanted = Signal(str)
    """A person wants to know more of the fact of this name."""
    language_wanted = Signal(str)
    """A person wants another language; carries its code."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self._facts = {
            name: self._add(name, title)
            for name, title in (
                ("device", tr("Device")),
                ("speed", tr("Speed")),
                ("left", tr("Time left")),
                ("memory", tr("Memory")),
                ("paired", tr("Fairness")),
                ("saved", tr("Run file")),
            )
        }
        self.messages_button = self._add_button("messages.open", "", tr("Messages"))
        self.messages_button.setToolButtonStyle(
            self.messages_button.toolButtonStyle().ToolButtonTextBesideIcon
        )
        self._others = [c for c in available_languages() if c != current_language()]
        other = self._others[0] if self._others else ""
        text, tip = OWN_NAMES.get(other, other), tr("Language")
        self.language_button = self._add_button("language", text, tip)
        self.language_button.setVisible(bool(other))
        self.language_button.clicked.connect(self._ask_language)
        self.theme_button = self._add_button("theme", "◐", tr("Light or dark"))

    def _add(self, name: str, title: str) -> Fact:
        fact = Fact(name, title)
        fact.clicked.connect(lambda: self.wanted.emit(name))
        self.addWidget(fact)
        return fact

    def _add_button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        self.addPermanentWidget(button)
        return button

    def fact(self, name: str) -> Fact:
        """Return the button of a fact."""
        return self._facts[name]

    def shown(self) -> dict[str, str]:
        """Return what can be read, by the names of the facts."""
        return {n: f.text() for n, f in self._facts.items() if not f.isHidden()}

    def show_device(self, device: str, threads: int) -> None:
        """Show where the run takes place; nothing where there is no run."""
        name = device.upper() if device == "cpu" else device
        text = tr_n(
            "{device} · {n} thread per trial",
            "{device} · {n} threads per trial",
            n=threads,
            device=name,
        )
        self._say("device", text if device else "")

    def show_speed(self, speed: float) -> None:
        """Show the steps of all trials per second, and the memory in use."""
        text = speed_words(speed) if speed else ""
        self._say("speed", text, tr("Steps of all trials together"))
        memory = memory_in_use()
        text = tr("{n} MB", n=f"{memory // MEGABYTE:,}") if memory else ""
        tip = tr("Memory of this program, data and torch included")
        self._say("memory", text, tip)

    def show_left(self, seconds: float | None) -> None:
        """Show how long the run will take; nothing where that is not known."""
        left = "" if seconds is None else duration(seconds)
        self._say("left", tr("{left} left", left=left) if left else "")

    def show_certificate(self, certificate: Certificate | None) -> None:
        """Show whether the comparison is fair, in a word with shape and colour."""
        fact = self._facts["paired"]
        if certificate is None:
            self._say("paired", "")
            set_property(fact, "level", "")
            return
        # Here and not above: without a run there is nothing to certify.
        from optlab.ui.certificate_words import certificate_text, certificate_tip

        text, tip = certificate_text(certificate), certificate_tip(certificate)
        self._say("paired", text, tip)
        # Reasons may be others behind the same word.
        fact.say(text, tip)
        set_property(fact, "level", certificate.level)

    def show_path(self, path: Path | None) -> None:
        """Show where the run is saved."""
        text = "" if path is None else tr("saved to {name}", name=short_path(path))
        self._say("saved", text, "" if path is None else str(path))

    def show_messages(self, unread: int) -> None:
        """Show how many messages were not looked at."""
        self.messages_button.setText(str(unread) if unread else "")
        tip = tr_n("{n} new message", "{n} new messages", n=unread)
        self.messages_button.setToolTip(tip if unread else tr("Messages"))
        self.messages_button.setAccessibleName(tip if unread else tr("Messages"))
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Ask for no width: what has no room is left out."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _say(self, name: str, text: str, tip: str = "") -> None:
        fact = self._facts[name]
        if fact.text() != text or not text:
            fact.say(text, tip)
            self._fit()

    def _fit(self) -> None:
        buttons = (self.messages_button, self.language_button, self.theme_button)
        taken = sum(b.sizeHint().width() for b in buttons if not b.isHidden())
        room = self.width() - taken - MARGIN
        shown = [name for name in self._facts if self._facts[name].text()]
        for name in LEAVING:
            if sum(self._facts[n].sizeHint().width() + 6 for n in shown) <= room:
                break
            if name in shown:
                shown.remove(name)
        for name, fact in self._facts.items():
            fact.setVisible(name in shown)

    def _ask_language(self) -> None:
        self.language_wanted.emit(self._others[0])


def short_path(path: Path) -> str:
    """Return the end of a path that tells files apart: folder and name."""
    return f"{path.parent.name}/{path.name}"


def memory_in_use() -> int:
    """Return the bytes of memory that this process holds; 0 where that is unknown."""
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
