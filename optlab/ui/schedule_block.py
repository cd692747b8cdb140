"""One schedule in a form: which one, its fields, and the parts that it is made of."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from optlab.registry import Catalog, SchedulerInfo
from optlab.spec import OptimizerSpec, SchedulerSpec
from optlab.translate import tr
from optlab.ui.details import Details, schedule_details
from optlab.ui.editor import SpecEditor
from optlab.ui.forms import ParamForm, rare_names
from optlab.ui.icons import icon
from optlab.ui.natural import with_natural, with_next_milestone
from optlab.ui.nested import (
    PARTS,
    Path,
    schedule_key,
    with_chosen,
    with_part_added,
    with_part_moved,
    with_part_removed,
    with_schedule,
)
from optlab.ui.picker_combo import PickerCombo
from optlab.ui.places import OPTIMIZERS
from optlab.ui.study import Study
from optlab.ui.tip_pictures import TipPictures
from optlab.ui.tips import about_schedule
from optlab.ui.view_state import ViewState


class ScheduleBlock(QFrame):
    """One schedule: which one, its fields, and the parts that it is made of.

    Args:
        editor: Where it is.
        index: The entry that it belongs to.
        path: Numbers of the parts that lead to it.
        schedule: What stands there; None for none.
        study: Knows how long the run is.
        state: Where the theme is.
        chosen: Is told the place of a schedule that a person has just chosen.
    """

    card_wanted = Signal(str)
    """A person asks for the explainer card of the schedule of this name."""

    def __init__(
        self,
        editor: SpecEditor,
        index: int,
        path: Path,
        *,
        schedule: SchedulerSpec | None,
        study: Study,
        state: ViewState,
        chosen: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._study = study
        self._chosen = chosen
        self._editor = editor
        self._index = index
        self._path = path
        self._state = state
        self._schedule = schedule
        self._key = f"{OPTIMIZERS}.{index}.{schedule_key(path)}"
        self._form: ParamForm | None = None
        self._parts: list[ScheduleBlock] = []
        self.setObjectName(f"{self._key}.block")
        if path:
            self.setProperty("role", "nested")
        self._layout = QVBoxLayout(self)
        inset = 8 if path else 0
        self._layout.setContentsMargins(inset, inset // 2, inset // 2, inset // 2)
        self._layout.setSpacing(4)
        self._build()

    def _build(self) -> None:
        self._combo = PickerCombo(
            f"{self._key}.name",
            self._state,
            kind="scheduler",
            entries=partial(schedule_entries, self._editor.catalog),
            words=(tr("Search schedules"), tr("Choose")),
            none="" if self._path else tr("None: constant"),
        )
        self._combo.setAccessibleName(tr("Learning-rate schedule"))
        self._combo.show_name(self._schedule.name if self._schedule else "")
        self._combo.activated.connect(self._choose)
        self._combo.card_wanted.connect(self.card_wanted)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._combo, 1)
        if self._schedule is not None:
            tip = tr("Explain this schedule")
            explain = self._button("explain", "", tip, self._ask_card)
            explain.setIcon(icon("info", self._state.theme))
            head.addWidget(explain)
        if self._path:
            head.addWidget(self._button("up", "↑", tr("Earlier"), self._up))
            head.addWidget(self._button("down", "↓", tr("Later"), self._down))
            tip = tr("Take this part out")
            head.addWidget(self._button("remove", "×", tip, self._remove))
        self._layout.addLayout(head)
        if self._schedule is not None:
            self._build_schedule(self._schedule)

    def _build_schedule(self, schedule: SchedulerSpec) -> None:
        info = self._editor.catalog.schedulers.get(schedule.name)
        words = QLabel(tr(info.description))
        words.setObjectName(f"{self._key}.words")
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        words.setToolTip(info.name)
        self._layout.addWidget(words)
        rare = rare_names(info.params)
        names = [spec.name for spec in info.params]
        self._form = ParamForm(
            self._editor,
            self._key,
            keys=[f"{self._key}.{name}" for name in names if name not in rare],
            rare=[f"{self._key}.{name}" for name in names if name in rare],
            about=about_schedule(info),
            pictures=TipPictures(self._study.inquiry, self._state),
        )
        self._layout.addWidget(self._form)
        for number, part in enumerate(schedule.parts):
            block = ScheduleBlock(
                self._editor,
                self._index,
                (*self._path, number),
                schedule=part,
                study=self._study,
                state=self._state,
                chosen=self._chosen,
            )
            block.card_wanted.connect(self.card_wanted)
            self._parts.append(block)
            self._layout.addWidget(block)
        if info.composite:
            tip = tr("Add a schedule that this one is made of")
            button = self._button(f"{PARTS}.add", tr("+ Add a part"), tip, self._add)
            self._layout.addWidget(button)

    def _button(
        self, part: str, text: str, tip: str, act: Callable[[], None]
    ) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{self._key}.{part}")
        button.setProperty("kind", "eye")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(act)
        return button

    def refresh(self) -> None:
        """Show what the editor holds."""
        if self._form is not None:
            self._form.refresh()
        for part in self._parts:
            part.refresh()

    def _entry(self) -> OptimizerSpec:
        return self._editor.spec.optimizers[self._index]

    def _choose(self, number: int) -> None:
        name = str(self._combo.itemData(number) or "")
        if name == (self._schedule.name if self._schedule else ""):
            return
        catalog = self._editor.catalog
        text = tr("take the schedule off")
        if name:
            label = tr(catalog.schedulers.get(name).label)
            text = tr("choose {schedule}", schedule=label)
        new = with_chosen(self._entry(), self._path, name, catalog)
        if name:
            new = with_schedule(new, self._path, self._completed)
        self._editor.change_entry(self._index, new, text)
        # By now another block has taken the place of this one.
        self._chosen(self._key)

    def _completed(self, schedule: SchedulerSpec) -> SchedulerSpec:
        """Return a schedule with what has to be given, as far as one can say."""
        info = self._editor.catalog.schedulers.get(schedule.name)
        counts = self._counts(schedule, info)
        return with_natural(schedule, info, counts=counts, lr=self._rate())

    def _counts(self, schedule: SchedulerSpec, info: SchedulerInfo) -> int:
        every = schedule.values.get("every", info.param("every").default)
        return self._study.counts(self._index, str(every))

    def _rate(self) -> float:
        """Return the learning rate of the entry; 0 if it has none."""
        info = self._editor.optimizer(self._index)
        lr = info.complete(self._entry().values).get("lr")
        return float(lr) if isinstance(lr, int | float) else 0.0

    def _ask_card(self) -> None:
        if self._schedule is not None:
            self.card_wanted.emit(self._schedule.name)

    def _add(self) -> None:
        first = next(i for i in self._editor.catalog.schedulers if not _special(i))
        part = self._completed(SchedulerSpec(name=first.name))
        new = with_schedule(
            self._entry(),
            self._path,
            lambda s: self._marked(with_part_added(s, part)),
        )
        self._editor.change_entry(self._index, new, tr("add a part to the schedule"))

    def _remove(self) -> None:
        *path, number = self._path
        new = with_schedule(
            self._entry(),
            tuple(path),
            lambda s: self._marked(with_part_removed(s, number)),
        )
        self._editor.change_entry(self._index, new, tr("take a part of the schedule"))

    def _marked(self, schedule: SchedulerSpec) -> SchedulerSpec:
        """Return a schedule with milestones for the parts that it has."""
        info = self._editor.catalog.schedulers.get(schedule.name)
        counts = self._counts(schedule, info)
        return with_next_milestone(schedule, info, counts=counts)

    def _up(self) -> None:
        self._move(-1)

    def _down(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        *path, number = self._path
        new = with_schedule(
            self._entry(),
            tuple(path),
            lambda s: with_part_moved(s, number, number + by),
        )
        self._editor.change_entry(self._index, new, tr("move a part of the schedule"))


def schedule_entries(catalog: Catalog) -> tuple[Details, ...]:
    """Return the schedules as a picker shows them, group by group."""
    titles = tr("Set beforehand"), tr("Made of others"), tr("By how the run goes")
    return tuple(
        schedule_details(info, group=title)
        for number, title in enumerate(titles)
        for info in catalog.schedulers
        if number == (1 if info.composite else 2 if info.needs_metric else 0)
    )


def _special(info: SchedulerInfo) -> bool:
    return info.composite or info.needs_metric
