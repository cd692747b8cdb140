"""Write the zoo's data files from the installed pytorch_optimizer.

``signatures.json`` holds what constructors take and what was measured by running them:
ranges that they accept, parameters that may differ between groups, floats of state,
gradient evaluations, random draws. ``catalog.json`` puts it together with the texts.
With ``--texts`` only the latter is written, which needs no torch.
"""

import argparse
import inspect
import json
import math
import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from optlab.optimizers.form import guess
from optlab.optimizers.zoo.compose import compose, missing, read, read_texts
from optlab.optimizers.zoo.corrections import CORRECTIONS
from optlab.optimizers.zoo.recipes import BASES, recipe
from optlab.optimizers.zoo.rules import RULES
from optlab.params import Kind

FOLDER: Final = Path(__file__).parent.parent / "optlab" / "optimizers" / "zoo"
PACKAGE: Final = "pytorch_optimizer"
NOT_ON_A_FORM: Final = (
    "self",
    "params",
    "kwargs",
    "model",
    "optimizer",
    "base_optimizer",
    "rho_scheduler",
)
PROBES: Final = (-1e6, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 10.0, 1e6)
WHOLE_PROBES: Final = (-1000, -2, -1, 0, 1, 2, 10, 1000)
STEPS: Final = 30
NET: Final = {
    "fc0.weight": (6, 8),
    "fc0.bias": (6,),
    "fc1.weight": (8, 6),
    "fc1.bias": (8,),
    "fc2.weight": (4, 8),
}

Table = dict[str, Any]
Named = list[tuple[str, Any]]


def main() -> int:
    """Write the files and say what is missing; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the data files of the zoo.")
    parser.add_argument("--texts", action="store_true", help="catalog.json alone")
    if not parser.parse_args().texts:
        write("signatures.json", signatures())
    write("catalog.json", compose())
    texts = read_texts()
    names = read("signatures.json")["optimizers"]
    for name in names:
        if missing(texts.get(name, {})):
            print(f"{name} has no {', '.join(missing(texts.get(name, {})))}")
    print(
        f"{len(read('catalog.json')['optimizers'])} of {len(names)} are in the catalog"
    )
    return 0


def write(name: str, tree: Table) -> None:
    """Write a data file, one optimizer on a line."""
    head = {key: value for key, value in tree.items() if key != "optimizers"}
    lines = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in tree["optimizers"].items()
    ]
    start = json.dumps(head, ensure_ascii=False)[:-1]
    text = f'{start}, "optimizers": {{\n' + ",\n".join(lines) + "\n}}\n"
    (FOLDER / name).write_text(text, encoding="utf-8")


def signatures() -> Table:
    """Return what was read and measured of every optimizer that is not excluded."""
    names = sorted(public_names(), key=str.lower)
    return {
        "package": PACKAGE,
        "version": version(PACKAGE),
        "optimizers": {name: describe(name) for name in names},
    }


def public_names() -> Iterator[str]:
    """Yield the names of the package's optimizers, but for those that are excluded."""
    import pytorch_optimizer

    excluded = read("excluded.toml")
    renamed = {recipe(n).cls: n for n in CORRECTIONS if recipe(n).cls}
    for name in pytorch_optimizer.optimizer.__all__:
        if isinstance(getattr(pytorch_optimizer, name), type) and name not in excluded:
            yield renamed.get(name, name)


def describe(name: str) -> Table:
    """Return the signature of one optimizer, and what was measured of it."""
    print(name, end=" ", flush=True, file=sys.stderr)
    params = parameters_of(name)
    defaults = {table["name"]: table["default"] for table in params}
    for table in params:
        table.update(bounds_of(name, table, defaults))
    return {
        "class": recipe(name).cls or name,
        "params": [plain(table) for table in params],
        "group_params": group_params(name, params, defaults),
        **measured(name, defaults),
    }


def plain(table: Table) -> Table:
    """Return a table that JSON can hold as it is."""
    return {k: str(v) if isinstance(v, Kind) else v for k, v in table.items()}


def parameters_of(name: str) -> list[Table]:
    """Return name, kind and default of every parameter that goes on the form."""
    import pytorch_optimizer

    how = recipe(name)
    found = inspect.signature(getattr(pytorch_optimizer, how.cls or name).__init__)
    hidden = {*NOT_ON_A_FORM, *how.drop, *how.dtypes, *how.fixed}
    tables = base_parameters() if "base" in how.build else []
    for parameter in found.parameters.values():
        key = "lr" if parameter.name == how.lr_key else parameter.name
        if parameter.name not in hidden:
            tables.append(parameter_table(name, key, parameter))
    for key, default in how.extra.items():
        if not any(table["name"] == key for table in tables):
            tables.append(
                parameter_table(
                    name,
                    key,
                    inspect.Parameter(
                        key, inspect.Parameter.KEYWORD_ONLY, default=default
                    ),
                )
            )
    first = [t for t in tables if t["name"] in ("base", "lr")]
    last = [t for t in tables if t["name"] in ("maximize", "foreach")]
    return [*first, *(t for t in tables if t not in first and t not in last), *last]


def base_parameters() -> list[Table]:
    """Return the parameters of a wrapper that are its wrapped optimizer's."""
    return [
        {
            "name": "base",
            "kind": Kind.CHOICE,
            "default": "SGD+momentum",
            "choices": BASES,
        },
        {"name": "lr", "kind": Kind.FLOAT, "default": 1e-2},
        {"name": "base_momentum", "kind": Kind.FLOAT, "default": 0.9},
        {
            "name": "base_betas",
            "kind": Kind.FLOATS,
            "default": (0.9, 0.999),
            "length": 2,
        },
        {"name": "base_weight_decay", "kind": Kind.FLOAT, "default": 0.0},
    ]


def parameter_table(name: str, key: str, parameter: inspect.Parameter) -> Table:
    """Return one parameter, with the default that holds here."""
    how = recipe(name)
    default = parameter.default
    if key in how.numbers:
        words = how.numbers[key]
        return {
            "name": key,
            "kind": Kind.CHOICE,
            "default": words[int(default)],
            "choices": words,
        }
    correction = CORRECTIONS.get(name)
    if correction and key in correction.defaults:
        default = correction.defaults[key]
    if isinstance(default, IntEnum):
        raise TypeError(f"{name}.{key} is an enumeration: give it words in its recipe")
    annotation = inspect.formatannotation(parameter.annotation)
    table = guess(default, annotation)
    if table is None:
        raise TypeError(f"no form can hold {name}.{key}: drop it in its recipe")
    if default is not None and "None" in annotation and "float" in annotation:
        table["optional"] = "Tensor" not in annotation or key == "init_lr"
    if key in how.choices:
        table |= {"kind": Kind.CHOICE, "choices": how.choices[key]}
    if key in how.any_length:
        table.pop("length")
    if key == "growth_rate":
        table["allow_inf"] = True
    return {"name": key, **table}


def bounds_of(name: str, table: Table, defaults: Table) -> Table:
    """Return the range that the constructor accepts, found by trying."""
    key, kind = table["name"], table["kind"]
    coupled = {k for rule in RULES.get(name, ()) for k in rule.keys}
    if key in coupled:
        return {}
    if kind in (Kind.FLOAT, Kind.INT):
        probes = PROBES if kind is Kind.FLOAT else WHOLE_PROBES
        return bounds(probes, lambda v: accepts(name, {**defaults, key: v}))
    if kind is not Kind.FLOATS:
        return {}
    places = range(len(table["default"]))
    found = [bounds(PROBES, takes_element(name, table, defaults, i)) for i in places]
    if all(one == found[0] for one in found) or key in recipe(name).any_length:
        return found[0]
    return {"elements": [bounds_row(one) for one in found]}


def takes_element(
    name: str, table: Table, defaults: Table, place: int
) -> Callable[[float], bool]:
    """Return whether the constructor accepts a value as one element of a sequence."""
    whole = table["default"]

    def takes(value: float) -> bool:
        changed = (*whole[:place], value, *whole[place + 1 :])
        return accepts(name, {**defaults, table["name"]: changed})

    return takes


def bounds_row(found: Table) -> list[Any]:
    """Return a range as ``elements_rule`` takes it."""
    return [
        found.get("low"),
        found.get("low_open", False),
        found.get("high"),
        found.get("high_open", False),
    ]


def bounds(probes: tuple[float, ...], takes: Callable[[float], bool]) -> Table:
    """Return the range of accepted probes."""
    accepted = [probe for probe in probes if takes(probe)]
    found: Table = {}
    if accepted and accepted[0] != probes[0]:
        end = accepted[0]
        found["low"] = end if isinstance(end, int) else float(math.floor(end))
        if end != found["low"]:
            found["low_open"] = True
    if accepted and accepted[-1] != probes[-1]:
        end = accepted[-1]
        found["high"] = end if isinstance(end, int) else float(math.ceil(end))
        if end != found["high"]:
            found["high_open"] = True
    return found


def accepts(name: str, values: Table) -> bool:
    """Return whether an optimizer can be built with these values."""
    try:
        build(name, net(), values)
    except Exception:
        return False
    return True


def net(shapes: dict[str, tuple[int, ...]] = NET, seed: int = 0) -> Named:
    """Return float64 parameters of these shapes, the same ones every time."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    return [
        (
            key,
            torch.nn.Parameter(
                torch.randn(shape, dtype=torch.float64, generator=generator)
            ),
        )
        for key, shape in shapes.items()
    ]


def build(name: str, params: Any, values: Table) -> Any:
    """Return a built optimizer."""
    from optlab.optimizers.zoo.adapter import ZooOptimizer

    return ZooOptimizer(name, params, values)


class Loss:
    """∑ (x²/2 + 0.3·sin x) over all elements, each apart, with its gradient."""

    def __init__(self, name: str, named: Named) -> None:
        self._named, self._graph = named, recipe(name).second_derivatives
        self.calls = 0

    def __call__(self) -> Any:
        """Evaluate loss and gradient."""
        import torch

        self.calls += 1
        parameters = [p for _, p in self._named]
        with torch.enable_grad():
            loss = sum((p.square() / 2 + 0.3 * p.sin()).sum() for p in parameters)
        gradients = torch.autograd.grad(loss, parameters, create_graph=self._graph)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        return loss.detach()


def advance(name: str, optimizer: Any, named: Named, steps: int) -> tuple[int, bool]:
    """Take steps; return the most evaluations of one, and whether any drew.

    A product with the Hessian counts as two evaluations.
    """
    import torch

    most, drew, products = 0, False, 0
    differentiate = torch.autograd.grad

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal products
        products += 1
        return differentiate(*args, **kwargs)

    for step in range(steps):
        torch.manual_seed(step)
        before = torch.get_rng_state()
        loss, products = Loss(name, named), 0
        if recipe(name).step == "plain":
            loss()
        torch.autograd.grad, own = counted, 0
        try:
            optimizer.step(*() if recipe(name).step == "plain" else (loss,))
        finally:
            torch.autograd.grad = differentiate
        own = products - (0 if recipe(name).step == "plain" else loss.calls)
        most = max(most, loss.calls + 2 * own)
        drew |= not torch.equal(before, torch.get_rng_state())
    return most, drew


def measured(name: str, defaults: Table) -> Table:
    """Return what running it shows: state, evaluations, draws, independence."""
    square = net({"fc.weight": (100, 100)})
    optimizer = build(name, square, defaults)
    evals, drew = advance(name, optimizer, square, STEPS)
    floats = sum(t.numel() for t in optimizer.tensors() if t.ndim)
    return {
        "state_floats": float(f"{floats / 10_000:.4g}"),
        "grad_evals": float(evals),
        "draws": drew,
        "elementwise": not drew and elementwise(name, defaults),
    }


def elementwise(name: str, defaults: Table) -> bool:
    """Return whether one element changes nothing for all others."""
    import torch

    one, other = net(), net()
    with torch.no_grad():
        other[0][1][0, 0] += 0.5
    for named in (one, other):
        advance(name, build(name, named, defaults), named, STEPS)
    with torch.no_grad():
        other[0][1][0, 0] = one[0][1][0, 0]
    return all(torch.equal(a, b) for (_, a), (_, b) in zip(one, other, strict=True))


def group_params(name: str, params: list[Table], defaults: Table) -> list[str]:
    """Return the parameters that may differ between groups, found by trying."""
    how = recipe(name)
    if how.build in ("muon", "low rank", "matrices", "named") or not how.lr_key:
        return []
    return [
        table["name"]
        for table in params
        if table["name"] not in ("base", "foreach", "maximize", "adaptive")
        and moves_its_group_alone(name, table, defaults)
    ]


def moves_its_group_alone(name: str, table: Table, defaults: Table) -> bool:
    """Return whether another value in the second group moves that group elsewhere."""
    import torch

    key = recipe(name).lr_key if table["name"] == "lr" else table["name"]
    for value in other_values(table):
        ends = []
        for changed in (False, True):
            named = net()
            groups = [
                {"params": [p for _, p in named[:2]]},
                {
                    "params": [p for _, p in named[2:]],
                    **({key: value} if changed else {}),
                },
            ]
            try:
                # Enough for a warm-up, an average or a second climb to show.
                advance(name, build(name, groups, defaults), named, 12)
            except Exception:
                return False
            ends.append([p.detach() for _, p in named])
        if any(
            not torch.equal(a, b) for a, b in zip(ends[0][2:], ends[1][2:], strict=True)
        ):
            return True
    return False


def other_values(table: Table) -> Iterator[Any]:
    """Yield values that differ from the default."""
    default, kind = table["default"], table["kind"]
    if kind is Kind.BOOL:
        yield not default
    elif kind is Kind.CHOICE:
        yield from (word for word in table["choices"] if word != default)
    elif kind is Kind.FLOATS:
        yield tuple(v / 2 for v in default)
    elif kind is Kind.INT:
        yield (default or 1) * 2
    elif default is not None and math.isfinite(default):
        yield default / 2 if default else 0.1


if __name__ == "__main__":
    sys.exit(main())
