"""One adapter for all optimizers of pytorch_optimizer: the engine's contract for them.

It builds a class as its recipe says, drives it by the engine's protocol (closures,
perturbed steps, switches), says truthfully what learning rate is used, and takes and
gives the whole state (`snapshot`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.utils import graft, partition, preconditioner
from pytorch_optimizer.optimizer.utils.galore import GaLoreProjector

from optlab.optimizers.bases import BASE_KEYS, base_of, own_groups
from optlab.optimizers.muon_split import split
from optlab.optimizers.zoo import snapshot
from optlab.optimizers.zoo.recipes import Recipe, recipe
from optlab.params import ParamValue
from optlab.translate import tr

Pairs = list[tuple[str, torch.nn.Parameter]]
Groups = list[tuple[Pairs, dict[str, Any]]]
Closure = Callable[[], Any]

_HELPERS: Final = (
    GaLoreProjector,
    *(
        value
        for module in (graft, partition, preconditioner)
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__.startswith("pytorch_optimizer.")
    ),
)


class ZooOptimizer(torch.optim.Optimizer):
    """An optimizer of pytorch_optimizer as the engine expects one.

    Args:
        name: Its name in the catalog.
        params: Parameters, pairs of names and parameters, or groups of them.
        values: Hyperparameters by name.
    """

    def __init__(
        self, name: str, params: Sequence[Any], values: Mapping[str, ParamValue]
    ) -> None:
        self._recipe = recipe(name)
        wraps = "base" in self._recipe.build
        groups = _groups(own_groups(params) if wraps else params)
        self._parameters = [p for pairs, _ in groups for _, p in pairs]
        chosen = isinstance(params[0], dict)
        self.parts: tuple[Any, ...] = _build(name, groups, dict(values), chosen=chosen)
        self._inner: Any = self.parts[0]
        for one in (self._inner, getattr(self._inner, "base_optimizer", None)):
            if one is not None:
                # Closures clear the gradient themselves; torch would drop its buffer.
                vars(one)["zero_grad"] = _nothing
        key = self._recipe.lr_key
        for group in self._inner.param_groups:
            group["lr"] = group[key] if key else float("nan")
        super().__init__(self._shown_groups(), {})
        self.state = cast("Any", _State(self.tensors))
        if self._recipe.mode_switch:
            cast("Any", self._inner).train()

    def _shown_groups(self) -> list[dict[str, Any]]:
        """Return the groups whose learning rates are recorded and may be changed.

        One that has a group for every parameter shows one for all of them.
        """
        groups = [g for part in self.parts for g in part.param_groups]
        if self._recipe.build == "named":
            return [{"params": self._parameters, "lr": groups[0]["lr"]}]
        return groups

    @property
    def group_names(self) -> tuple[str, ...]:
        """The name of each param group; the first has none."""
        if self._recipe.build in ("muon", "low rank", "matrices"):
            return ("", "rest")[: len(self.param_groups)]
        return tuple(str(i or "") for i in range(len(self.param_groups)))

    def notes(self) -> tuple[str, ...]:
        """Return in plain words which parameters went where."""
        if self._recipe.build not in ("muon", "low rank", "matrices"):
            return ()
        matrices, *others = [group["params"] for group in self.param_groups]
        count, rest = len(matrices), sum(len(other) for other in others)
        return (
            tr(
                "{count} of {total} parameters are trained as matrices, the rest by "
                "Adam with weight decay",
                count=count,
                total=count + rest,
            ),
        )

    def step(self, closure: Closure | None = None) -> Any:
        """Take one step.

        Args:
            closure: Evaluates loss and gradient and returns the loss.
        """
        self._tell_lr()
        if self._recipe.step == "plain":
            loss = None if closure is None else closure()
            for part in self.parts:
                part.step()
            return loss
        assert closure is not None
        if self._recipe.step == "perturb":
            return self._perturbed_step(closure)
        if self._recipe.step == "number":
            return self._inner.step(lambda: float(closure()))
        if self._recipe.step == "pair":
            return self._inner.step(lambda: (None, closure()))
        return self._inner.step(closure)

    def _tell_lr(self) -> None:
        """Let a schedule's learning rate be the one that is used."""
        key = self._recipe.lr_key
        if self._recipe.build == "named":
            for group in self._inner.param_groups:
                group["lr"] = self.param_groups[0]["lr"]
        elif key not in ("", "lr"):
            for group in self._inner.param_groups:
                group[key] = group["lr"]

    def _perturbed_step(self, closure: Closure) -> Any:
        """Take the gradient, climb, take it again there, go back and step.

        LookSAM climbs in some steps only; in the others the gradient is there already.
        """
        loss = closure()
        every = getattr(self._inner, "k", 1)
        climbs = every == 1 or self._inner.get_step() % every == 0
        self._inner.first_step()
        if climbs:
            closure()
        self._inner.second_step()
        return loss

    def eval(self) -> None:
        """Go to the weights that are evaluated; before a step, these are the same."""
        if self._recipe.mode_switch and self._has_stepped():
            self._inner.eval()

    def train(self) -> None:
        """Go back to the weights that are trained."""
        if self._recipe.mode_switch and self._has_stepped():
            self._inner.train()

    def _has_stepped(self) -> bool:
        return any(self._inner.state.get(p) for p in self._parameters)

    def tensors(self) -> list[torch.Tensor]:
        """Return every tensor of state, wherever it is held."""
        return [
            tensor
            for part in self.parts
            for tensor in snapshot.tensors(part, self._parameters)
        ]

    def state_dict(self) -> dict[str, Any]:
        """Return the whole state."""
        return {"parts": [snapshot.take(part, self._parameters) for part in self.parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        for part, tree in zip(self.parts, state_dict["parts"], strict=True):
            snapshot.put(part, tree, self._parameters, helpers=_HELPERS)
        self.param_groups = self._shown_groups()


class _State(Mapping[str, Any]):
    """All tensors that an optimizer holds, read anew each time."""

    def __init__(self, tensors: Callable[[], list[torch.Tensor]]) -> None:
        self._tensors = tensors

    def __getitem__(self, key: str) -> list[torch.Tensor]:
        if key != "tensors":
            raise KeyError(key)
        return self._tensors()

    def __iter__(self) -> Iterator[str]:
        yield "tensors"

    def __len__(self) -> int:
        return 1


class _Chance:
    """A probability that is drawn against by torch's generator.

    pytorch_optimizer's Kron asks ``np.random.random() < probability``; NumPy's global
    generator is none of a trial's.
    """

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def __gt__(self, drawn_by_numpy: float) -> bool:
        return bool(torch.rand(()) < self._probability)


class _Constant:
    """A schedule that stays where it is."""

    def __init__(self, value: float) -> None:
        self._value = value

    def step(self) -> float:
        """Return the value."""
        return self._value


class _Named(torch.nn.Module):
    """Parameters under their dotted names, as a module for those that ask for one."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__()
        self._pairs = pairs

    def named_parameters(self, *_args: Any, **_kwargs: Any) -> Iterator[Any]:
        """Yield the pairs."""
        yield from self._pairs

    def parameters(self, *_args: Any, **_kwargs: Any) -> Iterator[Any]:
        """Yield the parameters."""
        yield from (p for _, p in self._pairs)


def _nothing(set_to_none: bool = True) -> None:
    del set_to_none


def _groups(params: Sequence[Any]) -> Groups:
    """Return every group as pairs of names and parameters, and what it overrides."""
    if not isinstance(params[0], dict):
        return [(_pairs(params), {})]
    groups: Groups = []
    for group in params:
        own = {key: value for key, value in group.items() if key != "params"}
        groups.append((_pairs(group["params"]), own))
    return groups


def _pairs(members: Sequence[Any]) -> Pairs:
    if members and isinstance(members[0], tuple):
        return list(members)
    return [(str(i), p) for i, p in enumerate(members)]


def _build(
    name: str, groups: Groups, values: dict[str, Any], *, chosen: bool
) -> tuple[torch.optim.Optimizer, ...]:
    """Return the optimizer, and one for the rest where it takes matrices alone.

    Args:
        name: Its name in the catalog.
        groups: Pairs of names and parameters, and what each group overrides.
        values: Hyperparameters.
        chosen: Whether a person has chosen the parameters of each group.
    """
    how = recipe(name)
    found = cast("Any", getattr(pytorch_optimizer, how.cls or name))
    values |= dict.fromkeys(how.dtypes, groups[0][0][0][1].dtype)
    for key, words in how.numbers.items():
        values[key] = words.index(values[key])
    if how.lr_key not in ("", "lr"):
        values[how.lr_key] = values.pop("lr")
    values |= how.fixed
    pairs = [pair for members, _ in groups for pair in members]
    if how.build in ("muon", "low rank", "matrices"):
        return _build_for_matrices(found, how, split(pairs, chosen=chosen), values)
    plain = [
        {"params": [p for _, p in members], **how.group, **own}
        for members, own in groups
    ]
    if how.build == "named":
        return (found(_Named(pairs), **values),)
    if "base" in how.build:
        return (_build_wrapper(found, how, _Named(pairs), plain, values),)
    made = found(plain, **values)
    if name == "Kron":
        made.balance_prob = _Chance(values["balance_prob"])
    return (made,)


def _build_for_matrices(
    found: Any,
    how: Recipe,
    parameters: tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]],
    values: dict[str, Any],
) -> tuple[torch.optim.Optimizer, ...]:
    matrices, rest = parameters
    if how.build == "matrices":
        rest_lr = values.pop("rest_lr")
        made = found(matrices, **values)
        return (made, torch.optim.AdamW(rest, lr=rest_lr)) if rest else (made,)
    if how.build == "muon":
        one, other = {"use_muon": True}, {"use_muon": False}
    else:
        one, other = {key: values.pop(key) for key in how.extra}, {}
    split_groups = [{"params": matrices, **one}]
    if rest:
        split_groups.append({"params": rest, **other})
    return (found(split_groups, **values),)


def _build_wrapper(
    found: Any,
    how: Recipe,
    model: torch.nn.Module,
    groups: list[dict[str, Any]],
    values: dict[str, Any],
) -> torch.optim.Optimizer:
    base, told = base_of(values.pop("base"), values)
    own = {key: value for key, value in values.items() if key not in BASE_KEYS}
    if how.build == "base class":
        return cast("torch.optim.Optimizer", found(groups, base, **own, **told))
    if how.build == "model base":
        return cast("torch.optim.Optimizer", found(model, groups, base, **own, **told))
    ready = base(groups, **told)
    if how.build == "scheduled base":
        schedule = _Constant(own.pop("rho"))
        return cast(
            "torch.optim.Optimizer", found(groups, ready, model, schedule, **own)
        )
    return cast("torch.optim.Optimizer", found(ready, **own))
