"""Catalog data: what an optimizer, a problem, a dataset or a metric is, as plain data.

Extension has one shape: a frozen ``…Info`` is added to a `Registry` of the `Catalog`.
Duplicate and unknown names are errors. A factory is a dotted path (``module:name``)
that only the engine resolves, so nothing here needs torch or Qt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import Any, Final, Generic, TypeVar

from optlab.params import ParamSpec, ParamValue, Values, complete, unknown_name
from optlab.translate import tr

FAMILIES: Final = (
    "gradient descent",
    "momentum",
    "adaptive",
    "sign",
    "matrix and second-order",
    "sharpness and wrappers",
    "parameter-free",
    "TF/Keras-compatible",
)


@dataclass(frozen=True, kw_only=True)
class Info:
    """What everything in a catalog has.

    Attributes:
        name: The key in TOML and on the command line.
        label: The name that people read.
        description: One or two sentences.
        params: The parameters, in the order of a form.
        factory: Dotted path ``module:name``, resolved when it is needed.
        formula: The defining formula in plain text; empty where there is none.
        source: The paper, equation or program it comes from.
    """

    name: str
    label: str
    description: str
    params: tuple[ParamSpec, ...] = ()
    factory: str = ""
    formula: str = ""
    source: str = ""

    def param(self, name: str) -> ParamSpec:
        """Return the spec of one parameter."""
        return next(spec for spec in self.params if spec.name == name)

    def complete(self, values: Mapping[str, ParamValue]) -> Values:
        """Return ``values`` with the defaults of all other parameters."""
        return complete(self.params, values)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A condition between parameters that must hold before a run starts.

    Attributes:
        keys: The parameters that it speaks of; the first one is marked on a form.
        holds: Whether completed values obey it; may raise an `InputError` that says
            more than ``message`` can.
        message: What is allowed, as one sentence.
    """

    keys: tuple[str, ...]
    holds: Callable[[Values], bool]
    message: str


@dataclass(frozen=True, kw_only=True)
class Translation:
    """The same steps, or nearly, in the words of another optimizer.

    Attributes:
        to: Name of the other optimizer in the catalog.
        label: What it is called on a button.
        convert: Maps completed values to those to be given to the other one; raises
            an `InputError` that names the value where one has no counterpart.
        note: What is equal and what is not, as one sentence.
        exact: Whether the steps are equal (but for rounding).
    """

    to: str
    label: str
    convert: Callable[[Values], Values]
    note: str
    exact: bool = True


@dataclass(frozen=True, kw_only=True)
class OptimizerInfo(Info):
    """One optimizer and what it can and cannot do.

    Attributes:
        family: Group in the picker, one of `FAMILIES`.
        year: Year of publication.
        rules: Conditions between parameters.
        notes: What it cannot do, in plain sentences, shown when it is picked.
        typical_lr: Learning rates that people use; None for one that has none.
        state_floats: Floats of state per parameter at the defaults.
        home: Whose code it is: ``torch``, ``optlab``, ``pytorch_optimizer``, or
            ``own`` for a file of the user's.
        licence: Licence of that code.
        aliases: Other names that people know it by; none is a key.
        translations: The same in the words of other optimizers.
        group_params: Parameters that may differ between param groups; None for all,
            empty where there can be one group only.
        grad_evals: Gradient evaluations of a step at the defaults; one that varies
            has its largest. A Hessian-vector product counts two.
        needs_closure: Whether a step calls the loss function itself, as often as it
            needs.
        second_derivatives: Whether it differentiates the gradient once more.
        mode_switch: Whether it is evaluated at other weights than it is trained at;
            its ``eval()`` and ``train()`` go from one to the other.
        draws: Whether it draws random numbers of its own.
        named: Whether its factory takes pairs of names and parameters.
        sparse_gradients: Whether it takes gradients in a sparse layout.
        dense_gradients: Whether it takes gradients in a dense layout.
        matrices_only: Whether it accepts 2-D parameters only.
        full_batch_only: Whether it is meant for full batches (a warning otherwise).
        elementwise: Whether every element's update depends on that element alone.
    """

    family: str
    year: int
    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    typical_lr: tuple[float, float] | None
    state_floats: float = 0.0
    home: str = "torch"
    licence: str = "BSD-3-Clause"
    aliases: tuple[str, ...] = ()
    translations: tuple[Translation, ...] = ()
    group_params: tuple[str, ...] | None = None
    grad_evals: float = 1.0
    needs_closure: bool = False
    second_derivatives: bool = False
    mode_switch: bool = False
    draws: bool = False
    named: bool = False
    sparse_gradients: bool = False
    dense_gradients: bool = True
    matrices_only: bool = False
    full_batch_only: bool = False
    elementwise: bool = True

    def constraints(self) -> tuple[str, ...]:
        """Return what it asks of problem and training, in plain sentences."""
        sentences: list[str] = []
        if self.matrices_only:
            sentences.append(tr("Updates matrices only: weights of two dimensions."))
        if not self.dense_gradients:
            sentences.append(tr("Takes gradients in a sparse layout only."))
        elif self.sparse_gradients:
            sentences.append(tr("Takes gradients in a sparse layout, too."))
        if self.full_batch_only:
            sentences.append(tr("Meant for full batches: mini-batches mislead it."))
        if self.needs_closure:
            sentences.append(tr("Asks for the loss itself within a step (a closure)."))
        if self.second_derivatives:
            sentences.append(tr("Needs second derivatives of the loss."))
        if self.mode_switch:
            sentences.append(tr("Is evaluated at other weights than it trains at."))
        if self.draws:
            sentences.append(tr("Draws random numbers of its own, keyed by the seed."))
        return tuple(sentences)


@dataclass(frozen=True, kw_only=True)
class SchedulerInfo(Info):
    """One schedule of the learning rate.

    Every one has a parameter ``every`` besides its own: ``step`` or ``epoch``, the
    unit in which it counts.

    Attributes:
        rules: Conditions between parameters.
        notes: What one should know of it, in plain sentences.
        needs_metric: Whether it acts on the validation metric, at each evaluation.
        moves_momentum: Whether it changes momentum or betas, too.
        composite: Whether it is made of other schedules (``schedulers``).
    """

    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    needs_metric: bool = False
    moves_momentum: bool = False
    composite: bool = False


@dataclass(frozen=True, kw_only=True)
class MetricInfo(Info):
    """One recorded quantity.

    Attributes:
        unit: Unit of the values; empty for plain numbers.
        log: Whether a logarithmic axis suits it.
        dense: Whether it has a value at every step (otherwise at some).
        higher_is_better: True, False, or None where neither is better.
    """

    unit: str = ""
    log: bool = False
    dense: bool = True
    higher_is_better: bool | None = None


@dataclass(frozen=True, kw_only=True)
class DiagnosticInfo(MetricInfo):
    """A metric that costs time and is measured where it is asked for, in evaluations.

    Its factory is a function of the loss (called with gradients enabled, without
    arguments, the same value at each call) and the parameters; it returns a number.

    Attributes:
        cost: What one measurement costs, in words.
    """

    cost: str


@dataclass(frozen=True, kw_only=True)
class ProblemInfo(Info):
    """One problem.

    Attributes:
        kind: ``surface`` (one torch-free definition) or ``task`` (a model and data).
        rules: Conditions between parameters.
        metrics: Names of the problem's own metrics, in the order of the CSV;
            a surface has ``value`` and its coordinates besides.
        stochastic: Whether training draws batches.
        matrices: Whether there are 2-D parameters.
        sparse: Whether gradients can come in a sparse layout.
    """

    kind: str
    rules: tuple[Rule, ...] = ()
    metrics: tuple[str, ...] = ()
    stochastic: bool = False
    matrices: bool = False
    sparse: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelInfo(Info):
    """One network.

    Attributes:
        n_parameters: Parameter count for ten classes of 32×32×3; 0 if not known.
        l2: Weight of the squared-norm penalty that belongs to the model's training
            loss (on weights, not on biases).
        min_size: Smallest side of an image that it can take.
        size_step: What the side must be a multiple of.
    """

    n_parameters: int
    l2: float = 0.0
    min_size: int = 1
    size_step: int = 1


@dataclass(frozen=True, kw_only=True)
class DatasetInfo(Info):
    """One set of images.

    Attributes:
        classes: Number of classes; 0 if not known before it is loaded.
        train_size: Images of the training part.
        test_size: Images of the held-out part.
        download: Whether its files must be fetched first (``optlab data get``).
    """

    classes: int
    train_size: int
    test_size: int
    download: bool = False


T = TypeVar("T", bound=Info)


def _nothing(_name: str, _key: str) -> None:
    return None


class Registry(Generic[T]):
    """Infos by name, in the order in which they were added."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._infos: dict[str, T] = {}
        self._opener: Callable[[str, str], T | None] = _nothing

    def open_with(self, opener: Callable[[str, str], T | None]) -> None:
        """Look up names that are not in the catalog with ``opener``.

        It takes a name and the key where it was given, and returns None for a name
        that is none of its own (no path to a file of the user's, say); it is asked
        anew each time, so that a changed file counts.
        """
        self._opener = opener

    def add(self, *infos: T) -> None:
        """Add infos.

        Raises:
            ValueError: A name is there already.
        """
        for info in infos:
            if info.name in self._infos:
                raise ValueError(f"{self.kind} {info.name!r} is in the catalog already")
            self._infos[info.name] = info

    def copy(self) -> "Registry[T]":
        """Return a registry with the same infos, to which others can be added."""
        made = Registry[T](self.kind)
        made._infos = dict(self._infos)
        made._opener = self._opener
        return made

    def get(self, name: str, key: str = "") -> T:
        """Return the info of that name.

        Args:
            name: The name to look up.
            key: Where the name was given, for the message.

        Raises:
            InputError: There is none; the message names the nearest.
        """
        if isinstance(name, str):
            found = self._infos.get(name) or self._opener(name, key or self.kind)
            if found is not None:
                return found
        raise unknown_name(key or self.kind, str(name), self._infos, value=name)

    def __contains__(self, name: object) -> bool:
        """Return whether there is an info of that name."""
        return name in self._infos

    def __iter__(self) -> Iterator[T]:
        """Iterate over the infos."""
        return iter(self._infos.values())

    def __len__(self) -> int:
        """Return how many infos there are."""
        return len(self._infos)

    def names(self) -> tuple[str, ...]:
        """Return the names in order."""
        return tuple(self._infos)


@dataclass(frozen=True, kw_only=True)
class PresetInfo(Info):
    """One ready experiment; ``factory`` is empty and ``text`` its TOML."""

    text: str


@dataclass(frozen=True)
class Catalog:
    """Everything that an experiment can be made of."""

    problems: Registry[ProblemInfo] = field(default_factory=lambda: Registry("problem"))
    models: Registry[ModelInfo] = field(default_factory=lambda: Registry("model"))
    datasets: Registry[DatasetInfo] = field(default_factory=lambda: Registry("dataset"))
    optimizers: Registry[OptimizerInfo] = field(
        default_factory=lambda: Registry("optimizer")
    )
    schedulers: Registry[SchedulerInfo] = field(
        default_factory=lambda: Registry("scheduler")
    )
    diagnostics: Registry[DiagnosticInfo] = field(
        default_factory=lambda: Registry("diagnostic")
    )
    metrics: Registry[MetricInfo] = field(default_factory=lambda: Registry("metric"))
    presets: Registry[PresetInfo] = field(default_factory=lambda: Registry("preset"))

    def registries(self) -> tuple[Registry[Any], ...]:
        """Return all registries."""
        return tuple(getattr(self, each.name) for each in fields(self))

    def copy(self) -> "Catalog":
        """Return a catalog with the same infos, to which others can be added."""
        return Catalog(*(registry.copy() for registry in self.registries()))


def resolve(path: str) -> object:
    """Return the object that a dotted path ``module:name`` names."""
    module, _, name = path.partition(":")
    found: object = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def broken_rule(rules: Iterable[Rule], values: Values) -> Rule | None:
    """Return the first rule that completed ``values`` break."""
    return next((rule for rule in rules if not rule.holds(values)), None)
