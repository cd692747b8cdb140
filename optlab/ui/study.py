"""What the experiment trains: its parameters and its data, found in the background."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from optlab.params import InputError
from optlab.registry import Catalog
from optlab.runner import Description, describe
from optlab.spec import (
    ExperimentSpec,
    OptimizerSpec,
    ProblemSpec,
    TrainingSpec,
    assign_groups,
)
from optlab.ui.editor import SpecEditor
from optlab.ui.inquiry import Inquiry
from optlab.ui.nested import GROUPS
from optlab.ui.places import OPTIMIZERS

BATCH: Final = "batch_size"
# Takes any model: what is described is the model, whatever trains it.
PLAIN: Final = "SGD"


@dataclass(frozen=True)
class Findings:
    """What is known of the experiment's model and data.

    Attributes:
        description: The description; None while it is looked for, or cannot be.
        reason: Why it cannot be; empty while it is looked for.
    """

    description: Description | None = None
    reason: str = ""


class Study(QObject):
    """Describes what the experiment in an editor trains; asks nothing twice.

    Attributes:
        inquiry: What asks in the background, here and for others.
    """

    changed = Signal()
    """Something more is known."""

    def __init__(self, editor: SpecEditor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.inquiry = Inquiry(self)
        self.inquiry.answered.connect(self.changed)

    def findings(self) -> Findings:
        """Return what is known now; what is not is looked for."""
        editor = self._editor
        if editor.problem.kind == "surface":
            return Findings()
        for error in editor.errors():
            if error.key.startswith("problem.") and error.key != f"problem.{BATCH}":
                return Findings(reason=str(error))
        spec = plain(editor.spec, editor.catalog)
        work = partial(describe, spec, editor.catalog)
        answer = self.inquiry.ask("model", spec, work)
        if answer is None:
            return Findings()
        found = answer.value if isinstance(answer.value, Description) else None
        return Findings(found, answer.reason)

    def group_error(self, index: int) -> InputError | None:
        """Return which param group of an entry does not fit the model; None if all do.

        None, too, while the model is not known: a run says it then.
        """
        entry = self._editor.spec.optimizers[index]
        if not entry.groups:
            return None
        found = self.findings().description
        if found is None:
            return None
        where = f"{OPTIMIZERS}.{index}.{GROUPS}"
        try:
            assign_groups(entry.groups, found.parameters, where)
        except InputError as error:
            return error
        return None

    def errors(self) -> tuple[InputError, ...]:
        """Return which param groups do not fit the model, of all entries."""
        entries = range(len(self._editor.spec.optimizers))
        found = (self.group_error(index) for index in entries)
        return tuple(error for error in found if error is not None)

    def train_size(self) -> int:
        """Return how many training samples there are; 0 while that is not known."""
        found = self.findings().description
        return 0 if found is None else found.train_size

    def batch_size(self, index: int | None = None) -> int:
        """Return the batch size of an entry, or that of the problem; 0 for none."""
        spec = self._editor.spec
        if index is not None and spec.optimizers[index].batch_size:
            return spec.optimizers[index].batch_size or 0
        size = self._editor.problem.complete(spec.problem.values).get(BATCH)
        return size if isinstance(size, int) else 0

    def steps_per_epoch(self, index: int | None = None) -> int:
        """Return the steps of a pass over the data; 0 while that is not known."""
        size, batch = self.train_size(), self.batch_size(index)
        return -(-size // batch) if size and batch else 0

    def steps(self, index: int | None = None) -> int:
        """Return how many steps an entry takes; 0 while that is not known."""
        training = self._editor.spec.training
        steps = training.steps or 0
        if training.epochs is not None:
            steps = round(training.epochs * self.steps_per_epoch())
        own, usual = self.batch_size(index), self.batch_size()
        return max(1, steps * usual // own) if steps and own and usual else steps

    def counts(self, index: int, every: str) -> int:
        """Return how often a schedule of an entry counts; 0 while that is not known.

        Args:
            index: The entry.
            every: Its unit, ``step`` or ``epoch``.
        """
        steps = self.steps(index)
        if every == "step":
            return steps
        epoch = self.steps_per_epoch(index)
        return max(1, round(steps / epoch)) if steps and epoch else 0

    @Slot()
    def begin(self) -> None:
        """Look for what is not known from now on; not before the first paint."""
        self.inquiry.begin()

    def shutdown(self) -> bool:
        """Look for nothing more; return whether what was under way has ended."""
        return self.inquiry.shutdown()


def plain(spec: ExperimentSpec, catalog: Catalog) -> ExperimentSpec:
    """Return an experiment with the same model and data, and nothing else of it."""
    params = {p.name for p in catalog.problems.get(spec.problem.name).params}
    values = spec.problem.values
    if BATCH in params:
        values = values.with_value(BATCH, 1)
    return ExperimentSpec(
        title="",
        problem=ProblemSpec(name=spec.problem.name, values=values),
        training=replace(TrainingSpec(steps=1), split=spec.training.split),
        optimizers=(OptimizerSpec(name=PLAIN),),
    )
