"""Puts the zoo's catalog together from what was measured and what was written.

Used by ``scripts/make_zoo.py`` and by the test that holds ``catalog.json`` against its
sources; the program reads ``catalog.json`` alone, which is several times faster than
reading TOML. Imports no torch.
"""

import json
import re
import tomllib
from importlib import resources
from typing import Any, Final

from optlab.optimizers.form import suggestion
from optlab.optimizers.zoo.corrections import CORRECTIONS
from optlab.optimizers.zoo.recipes import recipe
from optlab.params import Kind

REQUIRED: Final = ("label", "family", "year", "description", "formula", "source")
_BOUNDS: Final = ("low", "low_open", "high", "high_open")


def read(name: str) -> Any:
    """Return the content of a data file of the zoo."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return json.loads(text) if name.endswith(".json") else tomllib.loads(text)


def read_texts() -> dict[str, Any]:
    """Return what a person reads of each optimizer, from all files of texts."""
    names = [file.name for file in resources.files(__package__).iterdir()]
    files = sorted(name for name in names if re.fullmatch(r"texts.*\.toml", name))
    return {key: text for name in files for key, text in read(name).items()}


def compose() -> dict[str, Any]:
    """Return what ``catalog.json`` has to hold: every optimizer that has its texts."""
    signatures, meanings = read("signatures.json"), read("meanings.toml")
    texts = read_texts()
    return {
        "package": signatures["package"],
        "version": signatures["version"],
        "shared": meanings["shared"],
        "optimizers": {
            name: _entry(name, signature, texts[name], meanings)
            for name, signature in signatures["optimizers"].items()
            if missing(texts.get(name, {})) == ()
        },
    }


def missing(text: dict[str, Any]) -> tuple[str, ...]:
    """Return the keys that an entry of ``texts.toml`` lacks."""
    return tuple(key for key in REQUIRED if not text.get(key))


def _entry(
    name: str, signature: dict[str, Any], text: dict[str, Any], meanings: dict[str, Any]
) -> dict[str, Any]:
    own = {**meanings.get(name, {})}
    for key, meaning in text.get("meanings", {}).items():
        own[key] = {**meanings["shared"].get(key, {}), **own.get(key, {})}
        own[key]["meaning"] = meaning
    params, elements = [], {}
    for table in signature["params"]:
        key = table["name"]
        written = own.get(key) or meanings["shared"].get(key)
        if written is None:
            raise KeyError(f"meanings.toml says nothing of {name}.{key}")
        params.append(_param(table, written))
        if "elements" in table:
            elements[key] = table["elements"]
    correction = CORRECTIONS.get(name)
    notes = [*text.get("notes", ()), *([correction.why] if correction else [])]
    lr = next((p["default"] for p in params if p["name"] == "lr"), None)
    return {
        **{key: text[key] for key in REQUIRED},
        "formula": text["formula"].strip("\n"),
        "typical_lr": text.get("typical_lr", _typical(lr)),
        "aliases": text.get("aliases", []),
        "notes": [*notes, *_constant_notes(name)],
        "params": params,
        "elements": elements,
        "class": signature["class"],
        **{key: signature[key] for key in ("group_params", "state_floats")},
        "grad_evals": signature["grad_evals"],
        "draws": signature["draws"] or recipe(name).may_draw,
        # What looks at the loss or climbs looks at all elements.
        "elementwise": signature["elementwise"] and recipe(name).step == "plain",
    }


def _typical(lr: float | None) -> list[float] | None:
    return None if lr is None else [float(f"{lr / 10:g}"), float(f"{lr * 10:g}")]


def _constant_notes(name: str) -> list[str]:
    how = recipe(name)
    if how.build in ("muon", "low rank", "matrices"):
        return [
            "Hidden 2-D weights are trained as matrices; convolutions, biases, norms, "
            "embeddings and the output layer by Adam with weight decay. Where the "
            "output layer is the only matrix, it counts as a hidden one."
        ]
    if not how.lr_key:
        return ["It has no learning rate: none is recorded, and schedules do nothing."]
    return []


def _param(table: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a `ParamSpec`: the narrower of measured and sensible."""
    field = {k: v for k, v in table.items() if k != "elements"} | {
        k: v for k, v in written.items() if k not in (*_BOUNDS, "suggested", "log")
    }
    if Kind(field["kind"]) not in (Kind.FLOAT, Kind.INT, Kind.FLOATS, Kind.INTS):
        return field
    for side, tighter in (("low", max), ("high", min)):
        ends = [t[side] for t in (table, written) if t.get(side) is not None]
        field.pop(side, None)
        field.pop(f"{side}_open", None)
        if ends:
            end = tighter(ends)
            field[side] = end
            if any(
                t.get(side) == end and t.get(f"{side}_open") for t in (table, written)
            ):
                field[f"{side}_open"] = True
    if written.get("log") and _has_scale(field):
        field["log"] = True
    low, high = written.get("suggested") or suggestion(field) or (0.0, 1.0)
    if field.get("high_open") and high >= field["high"]:
        high = field["high"] * 0.99
    field["suggested"] = [low, high]
    return field


def _has_scale(field: dict[str, Any]) -> bool:
    return Kind(field["kind"]) in (Kind.FLOAT, Kind.INT, Kind.FLOATS)
