"""The whole state of a foreign optimizer as a tree, and back, bit for bit.

Optimizers of other packages keep state in attributes, in helper objects and under keys
that ``state_dict`` forgets, and ``load_state_dict`` casts some of it to other types.
So the object itself is walked: every attribute that can be written down is, shared
objects once, and all of it is put into a freshly built optimizer of the same setting.
What cannot be written down (functions, modules) is what the fresh one has.

The tree consists of dicts, lists, tensors, numbers, text and None. Nothing in it names
code that is run: helper objects are made only of the classes that are given.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import torch

Tree = dict[str, Any]

# What torch's base class keeps for hooks and profiling.
_MACHINERY: Final = ("_optimizer_", "_zero_grad_", "_warned_", "_patched", "_opt_")
_SEQUENCES: Final[Mapping[str, type]] = {
    "list": list,
    "tuple": tuple,
    "Size": torch.Size,
    "set": set,
    "deque": deque,
}
_DICTS: Final[Mapping[str, type]] = {
    "dict": dict,
    "OrderedDict": OrderedDict,
    "defaultdict": defaultdict,
}


def take(optimizer: torch.optim.Optimizer, parameters: Sequence[torch.Tensor]) -> Tree:
    """Return the state of ``optimizer`` as a tree.

    Args:
        optimizer: The foreign optimizer.
        parameters: What it trains; these are not copied but named by their places.
    """
    return _Writer(parameters).attributes(optimizer)


def put(
    optimizer: torch.optim.Optimizer,
    tree: Tree,
    parameters: Sequence[torch.Tensor],
    *,
    helpers: Iterable[type] = (),
) -> None:
    """Give a freshly built optimizer the state that `take` returned.

    Args:
        optimizer: One that was built with the same setting.
        tree: The state.
        parameters: What it trains, in the same order.
        helpers: Classes of objects that may be in its state.
    """
    _Reader(parameters, {c.__name__: c for c in helpers}).attributes(optimizer, tree)


def tensors(
    optimizer: torch.optim.Optimizer, parameters: Sequence[torch.Tensor]
) -> list[torch.Tensor]:
    """Return every tensor of the state of ``optimizer``, each once."""
    writer = _Writer(parameters)
    writer.attributes(optimizer)
    return writer.tensors


def _is_machinery(name: str) -> bool:
    return name.startswith(_MACHINERY) or name == "defaults"


def _is_constant(value: object) -> bool:
    """Return whether a fresh optimizer has the same, as it holds no state."""
    return callable(value) or type(value).__module__.startswith("optlab.")


class _Writer:
    """Writes objects down; those that were seen before as references."""

    def __init__(self, parameters: Sequence[torch.Tensor]) -> None:
        self._places = {id(p): i for i, p in enumerate(parameters)}
        self._seen: dict[int, int] = {}
        # Whatever got a number must live as long as the numbers are used.
        self._alive: list[object] = []
        self.tensors: list[torch.Tensor] = []

    def attributes(self, thing: object) -> Tree:
        """Return the attributes of an object, but for functions and modules."""
        return {
            name: self._node(value)
            for name, value in sorted(vars(thing).items())
            if not _is_machinery(name) and not _is_constant(value)
        }

    def _number(self, thing: object) -> int:
        number = len(self._alive)
        self._seen[id(thing)] = number
        self._alive.append(thing)
        return number

    def _node(self, value: object) -> Any:
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int):
            return self._integer(int(value))
        if isinstance(value, float):
            return float(value)
        if id(value) in self._places:
            return {"kind": "parameter", "place": self._places[id(value)]}
        if isinstance(value, torch.dtype):
            return {"kind": "dtype", "name": str(value).removeprefix("torch.")}
        if id(value) in self._seen:
            return {"kind": "same", "number": self._seen[id(value)]}
        return self._object(value)

    def _integer(self, value: int) -> Any:
        # Some keep state by the address of a parameter, which the next run has not.
        if value in self._places:
            return {"kind": "address", "place": self._places[value]}
        return value

    def _object(self, value: object) -> Tree:
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        name = type(value).__name__
        if name in _DICTS and isinstance(value, dict):
            number = self._number(value)
            pairs = [[self._node(k), self._node(v)] for k, v in value.items()]
            return {"kind": name, "number": number, "items": pairs}
        if name in _SEQUENCES and isinstance(value, list | tuple | set | deque):
            number = self._number(value)
            items = [self._node(item) for item in value]
            limit = value.maxlen if isinstance(value, deque) else None
            return {"kind": name, "number": number, "items": items, "limit": limit}
        if isinstance(value, torch.optim.Optimizer):
            number = self._number(value)
            return {
                "kind": "optimizer",
                "number": number,
                "attributes": self.attributes(value),
            }
        if hasattr(value, "state_dict") and hasattr(value, "load_state_dict"):
            number = self._number(value)
            state = self._node(value.state_dict())
            return {"kind": "stateful", "number": number, "state": state}
        if type(value).__module__.startswith("pytorch_optimizer."):
            number = self._number(value)
            return {
                "kind": "helper",
                "number": number,
                "name": name,
                "attributes": self.attributes(value),
            }
        raise TypeError(f"a state cannot hold {type(value).__name__}")

    def _tensor(self, value: torch.Tensor) -> Tree:
        number = self._number(value)
        self.tensors.append(value)
        plain = value.detach()
        node: Tree = {"kind": "tensor", "number": number, "value": plain}
        node["on_cpu"] = value.device.type == "cpu"
        order = sorted(range(plain.dim()), key=lambda d: -plain.stride()[d])
        # A transposed matrix stays one: kernels may round differently for another.
        if order != list(range(plain.dim())) and plain.permute(order).is_contiguous():
            node["value"], node["order"] = plain.permute(order), order
        return node


class _Reader:
    """Reads what a `_Writer` wrote into an object of the same kind."""

    def __init__(
        self, parameters: Sequence[torch.Tensor], helpers: Mapping[str, type]
    ) -> None:
        self._parameters, self._helpers = parameters, helpers
        self._read: dict[int, Any] = {}

    def attributes(self, thing: object, tree: Tree) -> None:
        """Set the attributes of ``thing``."""
        for name, node in tree.items():
            here = vars(thing).get(name)
            value = self._node(node, here)
            if value is not here:
                setattr(thing, name, value)

    def _node(self, node: Any, here: object = None) -> Any:
        if not isinstance(node, dict):
            return node
        kind = node["kind"]
        if kind == "parameter":
            return self._parameters[node["place"]]
        if kind == "address":
            return id(self._parameters[node["place"]])
        if kind == "dtype":
            return getattr(torch, node["name"])
        if kind == "same":
            return self._read[node["number"]]
        if kind == "tensor":
            return self._tensor(node)
        if kind in _DICTS:
            return self._dict(node)
        if kind in _SEQUENCES:
            return self._sequence(node)
        return self._object(node, here)

    def _dict(self, node: Tree) -> Any:
        factory = _DICTS[node["kind"]]
        made = defaultdict(dict) if factory is defaultdict else factory()
        self._read[node["number"]] = made
        for key, value in node["items"]:
            made[self._node(key)] = self._node(value)
        return made

    def _sequence(self, node: Tree) -> Any:
        items = (self._node(item) for item in node["items"])
        if node["kind"] == "list":
            made: Any = []
            self._read[node["number"]] = made
            made.extend(items)
            return made
        if node["kind"] == "deque":
            made = deque(items, maxlen=node["limit"])
        else:
            made = _SEQUENCES[node["kind"]](items)
        self._read[node["number"]] = made
        return made

    def _tensor(self, node: Tree) -> torch.Tensor:
        device = torch.device("cpu") if node["on_cpu"] else self._parameters[0].device
        value: torch.Tensor = node["value"].to(device, copy=True)
        if "order" in node:
            order = node["order"]
            value = value.permute([order.index(d) for d in range(len(order))])
        self._read[node["number"]] = value
        return value

    def _object(self, node: Tree, here: Any) -> Any:
        if node["kind"] == "helper":
            here = object.__new__(self._helpers[node["name"]])
        self._read[node["number"]] = here
        if node["kind"] == "stateful":
            here.load_state_dict(self._node(node["state"]))
        else:
            self.attributes(here, node["attributes"])
        return here
