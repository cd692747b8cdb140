"""The one editor of reversible changes to the experiment.

The `ExperimentSpec` is frozen; panels never change anything in place. They say what is
to be changed, the editor makes a new spec, and undo comes for free. What a person
typed and cannot be used is kept as a draft, so that nothing is lost and Start can say
why not. Must not import torch or the engine.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from optlab.params import InputError, ParamSpec, ParamValue
from optlab.registry import Catalog, OptimizerInfo, ProblemInfo
from optlab.spec import (
    ExperimentSpec,
    OptimizerSpec,
    dump_spec,
    incompatible,
    labels,
    read_spec,
    spec_errors,
    spec_from_text,
)
from optlab.translate import tr
from optlab.ui.arithmetic import understood
from optlab.ui.elsewhere import changed_place
from optlab.ui.files import write_text
from optlab.ui.history import Change, Draft, Origin, State
from optlab.ui.kept import KeptExperiment
from optlab.ui.nested import is_nested
from optlab.ui.places import (
    OPTIMIZERS,
    WITHOUT_DEFAULT,
    param_at,
    split,
    value_at,
    with_entry,
    with_problem,
    with_value,
)
from optlab.ui.remembered import remembering
from optlab.ui.tune_places import following_baseline

LONGEST: Final = 40
"""Letters of a value in the undo menu."""
_DraftKey: TypeAlias = tuple[str, int, str]


class SpecEditor(QObject):
    """Holds the experiment and makes every change to it, reversibly.

    Places are named as in TOML: ``problem.start``, ``training.steps``,
    ``optimizers.0.lr``.
    """

    changed = Signal()
    """The experiment, a draft or what it is saved as is another one."""
    went_to = Signal(str)
    """Undo or redo has changed this place; it is told after `changed`."""

    def __init__(
        self,
        catalog: Catalog,
        spec: ExperimentSpec,
        *,
        source: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.catalog = remembering(catalog)
        self._usable = catalog
        self._checked: tuple[ExperimentSpec, tuple[InputError, ...]] | None = None
        self.stack = QUndoStack(self)
        self._next_id = 0
        self._burst = 0
        self._run_ids: tuple[int, ...] = ()
        self._drafts: dict[_DraftKey, Draft] = {}
        self._state = self._numbered(spec, Origin(source))
        self._on_disk = {self._state.origin: spec}

    # -- what there is ---------------------------------------------------------

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment as it stands."""
        return self._state.spec

    @property
    def problem(self) -> ProblemInfo:
        """The problem of the experiment."""
        return self.catalog.problems.get(self.spec.problem.name)

    def optimizer(self, index: int) -> OptimizerInfo:
        """Return the optimizer of entry ``index``."""
        return self.catalog.optimizers.get(self.spec.optimizers[index].name)

    @property
    def labels(self) -> tuple[str, ...]:
        """One unique label for each optimizer."""
        return labels(self.spec, self.catalog)

    @property
    def edited(self) -> bool:
        """Whether there are changes that are not saved."""
        saved = self._on_disk.get(self._state.origin)
        return saved != self.spec or bool(self._drafts)

    @property
    def path(self) -> Path | None:
        """The file that the experiment is saved in; None if there is none."""
        return self._state.origin.path

    @property
    def source(self) -> str:
        """Name of the file, preset or run that the experiment came from."""
        return self._state.origin.source

    @property
    def ids(self) -> tuple[int, ...]:
        """One number for each optimizer that it keeps for ever."""
        return self._state.ids

    def slots(self) -> tuple[int, ...]:
        """Return the colour slot of each optimizer.

        An optimizer that takes part in the run on the screen keeps the slot it has
        there, whatever is removed or moved in the list; others come after them.
        """
        new = iter(range(len(self._run_ids), len(self._run_ids) + len(self.ids)))
        return tuple(
            self._run_ids.index(i) if i in self._run_ids else next(new)
            for i in self.ids
        )

    def bind_run(self, *, bound: bool = True) -> None:
        """Take the present optimizers as those of the run on the screen."""
        self._run_ids = self.ids if bound else ()
        self.changed.emit()

    def bind_strangers(self, count: int) -> None:
        """Leave the first ``count`` slots to optimizers that are none of these."""
        self._run_ids = tuple(range(-count, 0))
        self.changed.emit()

    def draft(self, key: str) -> Draft | None:
        """Return what was typed at ``key`` and could not be used."""
        return self._drafts.get(self._draft_key(key))

    def errors(self) -> tuple[InputError, ...]:
        """Return everything that keeps the experiment from being run."""
        found = []
        drafted = set()
        for draft_key, draft in self._drafts.items():
            key = self._place_of(draft_key)
            drafted.add(key)
            found.append(InputError(key, draft.text, draft.allowed))
        others = (error for error in self._spec_errors() if error.key not in drafted)
        return (*found, *others)

    def _spec_errors(self) -> tuple[InputError, ...]:
        """Return what is wrong with the experiment; looked for once for each."""
        if self._checked is None or self._checked[0] is not self.spec:
            self._checked = self.spec, tuple(spec_errors(self.spec, self._usable))
        return self._checked[1]

    def recheck(self) -> None:
        """Look again for what is wrong: files of one's own may have changed."""
        before = self._spec_errors()
        self._checked = None
        if [str(e) for e in self._spec_errors()] != [str(e) for e in before]:
            self.changed.emit()

    def param(self, key: str) -> ParamSpec:
        """Return the parameter at ``key``."""
        return param_at(key, self.spec, self.catalog)

    def value(self, key: str) -> ParamValue:
        """Return the value at ``key``, the default where none was given."""
        return value_at(key, self.spec, self.catalog)

    # -- changes ---------------------------------------------------------------

    def apply(
        self,
        text: str,
        spec: ExperimentSpec,
        *,
        ids: tuple[int, ...] | None = None,
        merge: str = "",
    ) -> None:
        """Make ``spec`` the experiment, as one step that can be undone.

        Args:
            text: What was done, for the undo menu.
            spec: The new experiment.
            ids: Lasting numbers of its optimizers, where they are others.
            merge: If not empty, consecutive changes with this word become one.
        """
        ids = self.ids if ids is None else ids
        spec = following_baseline(self.spec, spec, self.catalog, ids=(self.ids, ids))
        new = State(spec, ids, self._state.origin)
        self._push(text, new, key=f"{self._burst}:{merge}" if merge else "")

    def _push(self, text: str, new: State, *, key: str = "") -> None:
        if new == self._state:
            return
        # Listeners are told once the stack has merged the change with the last one.
        self.blockSignals(True)
        before = self._state
        self.stack.push(Change(text, self._set_state, old=before, new=new, key=key))
        self.blockSignals(False)
        self.changed.emit()

    def enter(self, key: str, text: str) -> bool:
        """Take what was typed at ``key``; return whether it could be used.

        What cannot be used is kept as a draft and changes nothing else.
        """
        draft_key = self._draft_key(key)
        try:
            value = understood(self.param(key), text, key)
        except InputError as error:
            self._drafts[draft_key] = Draft(text, error.allowed)
            self._take_half_back(key)
            self.changed.emit()
            return False
        had_draft = self._drafts.pop(draft_key, None) is not None
        before = self._state
        self.set_value(key, value)
        if had_draft and self._state == before:
            self.changed.emit()
        return True

    def _take_half_back(self, key: str) -> None:
        """Take back what the first half of a text has set that cannot be used."""
        place = self.stack.index() - 1
        last = self.stack.command(place) if place >= 0 else None
        if isinstance(last, Change) and last.key == f"{self._burst}:{key}":
            self._push(last.text(), last.old, key=last.key)

    def finish_edit(self) -> None:
        """Say that a field was left: later changes to it are a new step of undo."""
        self._burst += 1

    def set_value(self, key: str, value: ParamValue) -> None:
        """Set one parameter; its default takes the value off again."""
        shown = self.param(key).show(value) or tr("empty")
        shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
        text = tr("set {what} to {value}", what=self.told(key), value=shown)
        self.apply(text, with_value(key, value, self.spec, self.catalog), merge=key)

    def set_values(self, values: Mapping[str, ParamValue], text: str) -> None:
        """Set several parameters as one step of undo; what was typed there goes.

        Args:
            values: The values by their places.
            text: What is done, for the undo menu.
        """
        drafts = [self._drafts.pop(self._draft_key(key), None) for key in values]
        before, spec = self._state, self.spec
        for key, value in values.items():
            spec = with_value(key, value, spec, self.catalog)
        self._burst += 1
        self.apply(text, spec)
        if self._state == before and any(drafts):
            self.changed.emit()

    def differing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return the places at which there is something else than the default."""
        return tuple(key for key in keys if self._differs(key))

    def _differs(self, key: str) -> bool:
        spec = self.param(key)
        if spec.fixed or spec.required or key in WITHOUT_DEFAULT:
            return False
        return self.draft(key) is not None or self.value(key) != spec.default

    def told(self, key: str) -> str:
        """Return how the parameter at ``key`` is called in the undo menu."""
        place, index, _ = split(key)
        name = self.param(key).title
        if place != OPTIMIZERS:
            return name
        own = self.spec.optimizers[index].label
        optimizer = own or tr(self.optimizer(index).label)
        return tr("{name} of {optimizer}", name=name, optimizer=optimizer)

    def reset_value(self, key: str) -> None:
        """Give one parameter its default."""
        text = tr("reset {what}", what=self.told(key))
        self.set_values({key: self.param(key).default}, text)

    def set_title(self, title: str) -> None:
        """Set the title of the experiment."""
        spec = replace(self.spec, title=" ".join(title.split()))
        self.apply(tr("change the title"), spec, merge="title")

    def set_problem(self, name: str) -> None:
        """Choose another problem, with its defaults."""
        if name == self.spec.problem.name:
            return
        new = self.catalog.problems.get(name)
        spec = with_problem(new, self.spec, self.catalog)
        for key in [k for k in self._drafts if k[0] != OPTIMIZERS]:
            del self._drafts[key]
        self.apply(tr("choose {problem}", problem=new.label), spec)

    def add_optimizer(self, name: str) -> int:
        """Add an optimizer with its defaults; return its index."""
        info = self.catalog.optimizers.get(name)
        index = len(self.spec.optimizers)
        text = tr("add {name}", name=info.label)
        self.insert_optimizer(index, OptimizerSpec(name=name), text)
        return index

    def duplicate_optimizer(self, index: int) -> int:
        """Put a copy behind entry ``index``; return the copy's index."""
        entry = replace(self.spec.optimizers[index], label="")
        text = tr("duplicate {name}", name=self.labels[index])
        self.insert_optimizer(index + 1, entry, text)
        return index + 1

    def insert_optimizer(self, index: int, entry: OptimizerSpec, text: str) -> None:
        """Put a new entry in so that it becomes number ``index``.

        Args:
            index: Its place.
            entry: The entry.
            text: What was done, for the undo menu.
        """
        entries = list(self.spec.optimizers)
        ids = list(self.ids)
        entries.insert(index, entry)
        ids.insert(index, self._next_id)
        self._next_id += 1
        spec = replace(self.spec, optimizers=tuple(entries))
        self.apply(text, spec, ids=tuple(ids))

    def remove_optimizer(self, index: int) -> None:
        """Take entry ``index`` out."""
        text = tr("remove {name}", name=self.labels[index])
        entries = list(self.spec.optimizers)
        ids = list(self.ids)
        del entries[index]
        gone = ids.pop(index)
        for key in [k for k in self._drafts if k[:2] == (OPTIMIZERS, gone)]:
            del self._drafts[key]
        spec = replace(self.spec, optimizers=tuple(entries))
        self.apply(text, spec, ids=tuple(ids))

    def move_optimizer(self, index: int, to: int) -> None:
        """Move entry ``index`` so that it becomes number ``to``."""
        if not 0 <= to < len(self.ids) or to == index:
            return
        text = tr("move {name}", name=self.labels[index])
        entries = list(self.spec.optimizers)
        ids = list(self.ids)
        entries.insert(to, entries.pop(index))
        ids.insert(to, ids.pop(index))
        spec = replace(self.spec, optimizers=tuple(entries))
        self.apply(text, spec, ids=tuple(ids))

    def change_entry(self, index: int, entry: OptimizerSpec, text: str) -> None:
        """Put another entry in the place of entry ``index``, as one step of undo.

        Drafts of its schedule and its param groups go: their places may be others.

        Args:
            index: Which entry.
            entry: The new one.
            text: What was done, for the undo menu.
        """
        number = self.ids[index]
        for key in [k for k in self._drafts if k[:2] == (OPTIMIZERS, number)]:
            if is_nested(key[2]) or entry.name != self.spec.optimizers[index].name:
                del self._drafts[key]
        self._burst += 1
        self.apply(text, with_entry(self.spec, index, entry))

    def incompatible(self, index: int) -> str:
        """Return why entry ``index`` cannot work on the problem; empty if it can."""
        return incompatible(self.optimizer(index), self.problem)

    def undo(self) -> None:
        """Take back what was typed and cannot be used; if nothing, the last change."""
        if self._drafts:
            self._drafts.clear()
            self._burst += 1
            self.changed.emit()
        else:
            self._travel(self.stack.undo)

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to take back."""
        return self.stack.canUndo() or bool(self._drafts)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._travel(self.stack.redo)

    def _travel(self, go: Callable[[], None]) -> None:
        before = self._state
        self._drafts.clear()
        go()
        self._burst += 1
        self.changed.emit()
        place = changed_place(before, self._state)
        if place:
            self.went_to.emit(place)

    # -- files -----------------------------------------------------------------

    def load(self, path: Path) -> None:
        """Open an experiment from a TOML file.

        Raises:
            InputError: The file cannot be read or holds something wrong.
        """
        self._open(read_spec(path, self.catalog), Origin(path.name, path))

    def load_text(self, text: str, *, source: str) -> None:
        """Open an experiment from a TOML text (a preset, a run's own).

        Raises:
            InputError: It holds something wrong.
        """
        self.open(spec_from_text(text, self.catalog, name=source), source=source)

    def open(self, spec: ExperimentSpec, *, source: str) -> None:
        """Go to another experiment; the last one comes back by undo."""
        self._open(spec, Origin(source))

    def _open(self, spec: ExperimentSpec, origin: Origin) -> None:
        self._drafts.clear()
        # What one run of a study was is no part of an experiment that is edited.
        spec = self._on_disk[origin] = replace(spec, part=None)
        name = origin.source or spec.title
        self._push(tr("open {name}", name=name), self._numbered(spec, origin))

    def text(self) -> str:
        """Return the experiment as TOML."""
        return dump_spec(self.spec, self.catalog)

    def save(self, path: Path) -> None:
        """Write the experiment as TOML, in one piece or not at all.

        Raises:
            InputError: The file cannot be written.
        """
        write_text(path, self.text())
        origin = Origin(path.name, path)
        self._on_disk[origin] = self.spec
        text = tr("save as {name}", name=path.name)
        self._push(text, replace(self._state, origin=origin))
        self.changed.emit()

    def keep(self) -> KeptExperiment:
        """Return everything that `take_up` needs to go on where this is now."""
        saved = self._on_disk.get(self._state.origin)
        return KeptExperiment(
            text=self.text(),
            saved="" if saved is None else dump_spec(saved, self.catalog),
            source=self.source,
            path=self.path,
            drafts=tuple(
                (self._place_of(key), draft.text) for key, draft in self._drafts.items()
            ),
            slots=self.slots(),
            bound=len(self._run_ids),
        )

    def take_up(self, kept: KeptExperiment, *, undoable: bool = False) -> None:
        """Go on with what was kept.

        Args:
            kept: What `keep` returned.
            undoable: Whether undo leads back to what there is now.

        Raises:
            InputError: It holds something wrong; then everything stays as it is.
        """
        origin = Origin(kept.source, kept.path)
        spec = spec_from_text(kept.text, self.catalog, name=kept.source)
        if kept.saved:
            self._on_disk[origin] = spec_from_text(kept.saved, self.catalog)
        self._drafts.clear()
        new = self._numbered(spec, origin)
        if undoable:
            self._push(tr("open {name}", name=origin.source or spec.title), new)
        else:
            self._state = new
            self.stack.clear()
        own = dict(zip(kept.slots, self.ids, strict=False))
        # Optimizers of the run that were removed since have numbers of their own.
        self._run_ids = tuple(own.get(slot, -1 - slot) for slot in range(kept.bound))
        for key, text in kept.drafts:
            # A place may be gone in another version of OptLab.
            with suppress(InputError, LookupError, ValueError):
                self.enter(key, text)
        self.changed.emit()

    # -- inside ----------------------------------------------------------------

    def _set_state(self, state: State) -> None:
        self._state = state
        self.changed.emit()

    def _numbered(self, spec: ExperimentSpec, origin: Origin) -> State:
        first = self._next_id
        self._next_id += len(spec.optimizers)
        return State(spec, tuple(range(first, self._next_id)), origin)

    def _draft_key(self, key: str) -> _DraftKey:
        place, index, name = split(key)
        return (place, self.ids[index] if place == OPTIMIZERS else 0, name)

    def _place_of(self, draft_key: _DraftKey) -> str:
        place, number, name = draft_key
        if place != OPTIMIZERS:
            return f"{place}.{name}"
        return f"{place}.{self.ids.index(number)}.{name}"
