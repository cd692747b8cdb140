"""One adapter for all optimizers of pytorch_optimizer: the engine's contract for them.

It builds a class as its recipe says, drives it by the engine's protocol (closures,
perturbed steps, switches), says truthfully what learning rate is used, and takes and
gives the whole state (`snapshot`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final, cast

import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.utils.galore import GaLoreProjector
from pytorch_optimizer.optimizer.utils import graft, preconditioner

from optlab.optimizers.muon_split import split
from optlab.optimizers.zoo import snapshot
from optlab.optimizers.zoo.recipes import Recipe, recipe
from optlab.params import ParamValue

Pairs = list[tuple[str, torch.nn.Parameter]]
Closure = Callable[[], Any]

_BASE_PARAMS: Final = ("base", "lr", "base_momentum", "base_betas", "base_weight_decay")
_HELPERS: Final = (
    GaLoreProjector,
    *(
        value
        for module in (graft, preconditioner)
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__.startswith("pytorch_optimizer.")
    ),
)


class ZooOptimizer(torch.optim.Optimizer):
    """A class of pytorch_optimizer as the engine expects an optimizer.

    Args:
        name: Name of the class.
        params: Parameters, pairs of names and parameters, or groups of them.
        values: Hyperparameters by name.
    """

    def __init__(
        self, name: str, params: Sequence[Any], values: Mapping[str, ParamValue]
    ) -> None:
        self._recipe = recipe(name)
        groups = _groups(params)
        self._parameters = [p for pairs, _ in groups for _, p in pairs]
        self.inner = _build(name, self._recipe, groups, dict(values))
        # Closures clear the gradient themselves; torch's way would drop the buffers.
        vars(self.inner)["zero_grad"] = _nothing
        if hasattr(self.inner, "base_optimizer"):
            vars(self.inner.base_optimizer)["zero_grad"] = _nothing
        self._show_lr()
        super().__init__(self.inner.param_groups, {})
        self.state = cast("Any", _State(self))
        if self._recipe.mode_switch:
            self.train()

    def _show_lr(self) -> None:
        """Give every group the ``lr`` that schedules change and records show."""
        key = self._recipe.lr_key
        for group in self.inner.param_groups:
            if key != "lr":
                group["lr"] = group[key] if key else float("nan")

    @property
    def group_names(self) -> tuple[str, ...]:
        """The name of each param group; the first has none."""
        if self._recipe.build in ("muon", "low rank"):
            return ("", "rest")[: len(self.param_groups)]
        return tuple(str(i or "") for i in range(len(self.param_groups)))

    def step(self, closure: Closure | None = None) -> Any:  # type: ignore[override]
        """Take one step.

        Args:
            closure: Evaluates loss and gradient and returns the loss; only for those
                that need it.
        """
        key = self._recipe.lr_key
        if key not in ("", "lr"):
            for group in self.inner.param_groups:
                group[key] = group["lr"]
        if self._recipe.step == "plain":
            return self.inner.step()
        assert closure is not None
        if self._recipe.step == "perturb":
            return self._perturbed_step(closure)
        if self._recipe.build == "scheduled base":
            return self.inner.step(lambda: (None, closure()))
        return self.inner.step(closure)

    def _perturbed_step(self, closure: Closure) -> Any:
        inner = cast("Any", self.inner)
        loss = closure()
        before = [p.detach().clone() for p in self._parameters[:1]]
        inner.first_step()
        perturbed = getattr(inner, "k", 1) == 1 or inner.get_step() % inner.k == 0
        del before
        if perturbed:
            closure()
        inner.second_step()
        return loss

    def eval(self) -> None:
        """Go to the weights that are evaluated."""
        self.inner.eval()  # type: ignore[attr-defined]

    def train(self) -> None:
        """Go back to the weights that are trained."""
        self.inner.train()  # type: ignore[attr-defined]

    def state_dict(self) -> dict[str, Any]:
        """Return the whole state."""
        return snapshot.take(self.inner, self._parameters)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        snapshot.put(self.inner, state_dict, self._parameters, helpers=_HELPERS)
        self.param_groups = list(self.inner.param_groups)


class _State(Mapping[str, Any]):
    """All tensors that an optimizer holds, wherever it holds them."""

    def __init__(self, optimizer: ZooOptimizer) -> None:
        self._optimizer = optimizer

    def __getitem__(self, key: str) -> list[torch.Tensor]:
        if key != "tensors":
            raise KeyError(key)
        own = self._optimizer
        return snapshot.tensors(own.inner, own._parameters)

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


def _nothing(set_to_none: bool = True) -> None:
    del set_to_none


def _groups(params: Sequence[Any]) -> list[tuple[Pairs, dict[str, Any]]]:
    """Return every group as pairs of names and parameters, and what it overrides."""
    if not isinstance(params[0], dict):
        return [(_pairs(params), {})]
    return [
        (_pairs(g["params"]), {k: v for k, v in g.items() if k != "params"})
        for g in params
    ]


def _pairs(members: Sequence[Any]) -> Pairs:
    if members and isinstance(members[0], tuple):
        return list(members)
    return [(str(i), p) for i, p in enumerate(members)]


def _build(
    name: str,
    how: Recipe,
    groups: list[tuple[Pairs, dict[str, Any]]],
    values: dict[str, Any],
) -> torch.optim.Optimizer:
    found = getattr(pytorch_optimizer, name)
    for key, words in how.numbers.items():
        values[key] = words.index(values[key])
    if how.lr_key not in ("", "lr"):
        values[how.lr_key] = values.pop("lr")
    values |= how.fixed
    plain = [{"params": [p for _, p in pairs], **own} for pairs, own in groups]
    if how.build == "named":
        return cast("Any", found(_model(groups), **values))
    if how.build in ("muon", "low rank"):
        return cast("Any", found(_split(how, groups, values), **values))
    if how.build == "plain":
        made = found(plain, **values)
        if name == "Kron":
            made.balance_prob = _Chance(values["balance_prob"])
        return cast("Any", made)
    base, keywords = _base(values)
    own = {k: v for k, v in values.items() if k not in _BASE_PARAMS}
    if how.build == "base class":
        return cast("Any", found(plain, base, **own, **keywords))
    if how.build == "model base":
        return cast("Any", found(_model(groups), plain, base, **own, **keywords))
    ready = base(plain, **keywords)
    if how.build == "scheduled base":
        rho = own.pop("rho")
        schedule = SimpleNamespace(step=lambda: rho)
        return cast("Any", found(plain, ready, _model(groups), schedule, **own))
    return cast("Any", found(ready, **own))


def _model(groups: list[tuple[Pairs, dict[str, Any]]]) -> torch.nn.Module:
    """Return a module that has the parameters under their names."""
    return _Names([pair for pairs, _ in groups for pair in pairs])


class _Names(torch.nn.Module):
    """Parameters with dotted names."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__()
        self._pairs = pairs

    def named_parameters(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        yield from self._pairs


def _split(
    how: Recipe, groups: list[tuple[Pairs, dict[str, Any]]], values: dict[str, Any]
) -> list[dict[str, Any]]:
    chosen = len(groups) > 1 or bool(groups[0][1])
    matrices, rest = split([pair for pairs, _ in groups for pair in pairs], chosen=chosen)
    if how.build == "muon":
        found = [{"params": matrices, "use_muon": True}]
        return found + ([{"params": rest, "use_muon": False}] if rest else [])
    own = {key: values.pop(key) for key in how.extra}
    found = [{"params": matrices, **own}]
    return found + ([{"params": rest}] if rest else [])


def _base(values: Mapping[str, Any]) -> tuple[type, dict[str, Any]]:
    """Return the class that is wrapped and what it is given."""
    word = values["base"]
    keywords = {"lr": values["lr"], "weight_decay": values["base_weight_decay"]}
    if word in ("Adam", "AdamW"):
        keywords["betas"] = values["base_betas"]
    if word == "SGD+momentum":
        keywords["momentum"] = values["base_momentum"]
    found = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}
    return found.get(word, torch.optim.SGD), keywords
