"""The section of an entry that says how its learning rate moves.

A schedule has its own fields; one that is made of others shows these below itself,
each a form of the same kind. A small curve shows what comes of it.
"""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from optlab.params import InputError
from optlab.runner import schedule_preview
from optlab.spec import SchedulerSpec
from optlab.translate import tr
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import discard
from optlab.ui.nested import SCHEDULER
from optlab.ui.places import OPTIMIZERS
from optlab.ui.schedule_block import ScheduleBlock
from optlab.ui.schedule_preview import SchedulePreview
from optlab.ui.study import Study
from optlab.ui.view_state import ViewState

# Points of more steps than these take a while, and a person who types should not wait.
MOST_STEPS: Final = 10_000_000


class ScheduleSection(QWidget):
    """Chooses the schedule of one entry, edits it and shows its curve."""

    card_wanted = Signal(str)
    """A person asks for the explainer card of the schedule of this name."""

    def __init__(
        self, editor: SpecEditor, index: int, *, study: Study, state: ViewState
    ) -> None:
        super().__init__()
        self._editor = editor
        self._index = index
        self._study = study
        self._state = state
        self._shown: tuple[object, ...] = ()
        self._block: ScheduleBlock | None = None
        self._key = f"{OPTIMIZERS}.{index}.{SCHEDULER}"
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._preview = SchedulePreview(f"{self._key}.preview", state)
        self._layout.addWidget(self._preview)

    def refresh(self) -> None:
        """Show what the editor holds."""
        schedule = self._editor.spec.optimizers[self._index].scheduler
        shape = _shape(schedule)
        if self._block is None or shape != self._shown:
            self._shown = shape
            if self._block is not None:
                discard(self._block)
            self._block = ScheduleBlock(
                self._editor,
                self._index,
                (),
                schedule=schedule,
                study=self._study,
                state=self._state,
                chosen=self._lead_on,
            )
            self._block.card_wanted.connect(self.card_wanted)
            self._layout.insertWidget(0, self._block)
            self._block.show()
        self._block.refresh()
        self._preview.setVisible(schedule is not None)
        if schedule is not None:
            self._refresh_preview(schedule)

    def _lead_on(self, key: str) -> None:
        """Put the focus where something is missing in a schedule that was chosen."""
        missing = [e for e in self._editor.errors() if e.key.startswith(f"{key}.")]
        names = [error.key for error in missing] or [f"{key}.name"]
        field = self.findChild(QWidget, names[0])
        if isinstance(field, QWidget):
            field.setFocus()

    def _refresh_preview(self, schedule: SchedulerSpec) -> None:
        editor = self._editor
        for error in editor.errors():
            if error.key.startswith(f"{self._key}."):
                name = error.key.removeprefix(f"{self._key}.")
                self._preview.show_words(f"{name}: {error.allowed}")
                return
        steps = self._study.steps(self._index)
        info = editor.optimizer(self._index)
        lr = info.complete(editor.spec.optimizers[self._index].values).get("lr")
        if not steps or not isinstance(lr, int | float):
            self._preview.show_words(self._study.findings().reason or "…")
            return
        if steps > MOST_STEPS:
            self._preview.show_words(tr("too many steps for a preview"))
            return
        try:
            curve = schedule_preview(
                schedule,
                editor.catalog,
                lr=float(lr),
                steps=steps,
                steps_per_epoch=self._study.steps_per_epoch(self._index),
                key=self._key,
            )
        except InputError as error:
            self._preview.show_words(str(error).removeprefix(f"{self._key}."))
            return
        if curve is None:
            self._preview.show_words(tr("depends on how the run goes"))
        else:
            self._preview.show_curve(curve.steps, curve.lr)


def _shape(schedule: SchedulerSpec | None) -> tuple[object, ...]:
    """Return what decides which fields there are."""
    if schedule is None:
        return ()
    return (schedule.name, *(_shape(part) for part in schedule.parts))
